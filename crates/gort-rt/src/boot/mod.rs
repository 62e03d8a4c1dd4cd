//! From the kernel's entry to the first goroutine: [`entry`] (rt0_go), [`args`], [`schedinit`], then
//! `runtime.main` in Go, with the natives of [`main`].
pub mod args;
pub mod entry;
pub mod main;
pub mod schedinit;
