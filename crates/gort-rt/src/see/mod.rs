//! What the runtime tells about itself. Nothing here is read to decide anything.
pub mod durations;
#[cfg(not(test))]
pub mod event;
#[cfg(not(test))]
pub mod schedtrace;
