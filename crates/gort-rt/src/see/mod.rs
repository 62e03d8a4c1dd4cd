//! What the runtime tells about itself. Nothing here is read to decide anything.
#[cfg(not(any(test, loom)))]
pub mod blocking;
pub mod durations;
#[cfg(not(test))]
pub mod event;
#[cfg(not(test))]
pub mod schedtrace;
#[cfg(not(any(test, loom)))]
pub mod stacktable;
