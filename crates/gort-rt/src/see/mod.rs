//! What the runtime tells about itself. Nothing here is read to decide anything.
pub mod event;
pub mod schedtrace;
