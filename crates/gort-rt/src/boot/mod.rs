//! From the kernel's entry to the first goroutine: [`entry`] (rt0_go), [`crate::os::args`], [`schedinit`], then
//! `runtime.main` in Go, with the natives of [`main`].
#[cfg(not(any(test, loom)))]
pub mod buildinfo;
pub mod entry;
pub mod main;
pub mod schedinit;
