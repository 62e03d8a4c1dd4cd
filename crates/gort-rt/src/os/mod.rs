//! The operating system. `linux` is the only one so far.
pub mod linux;
pub use linux::*;
