//! The collector: what it needs to know of the program, and of what the program overwrites.
//!
//! - [`barrier`]: pointers that are overwritten while there is a marker
//! - [`globals`]: package variables that may point to the heap

#[cfg(not(any(test, loom)))]
pub mod barrier;
#[cfg(not(any(test, loom)))]
pub mod globals;
