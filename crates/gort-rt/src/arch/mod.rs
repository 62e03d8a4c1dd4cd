//! Everything that knows the processor. One folder a target; `x86_64` is the only one so far.

#[cfg(all(target_arch = "x86_64", not(test), not(loom)))]
pub mod x86_64;
#[cfg(all(target_arch = "x86_64", not(test), not(loom)))]
pub use x86_64::*;
