//! The collector: what it needs to know of the program.
//!
//! - [`globals`]: package variables that may point to the heap

#[cfg(not(any(test, loom)))]
pub mod globals;
