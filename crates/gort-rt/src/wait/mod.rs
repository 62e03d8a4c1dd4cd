//! What a goroutine can wait for: channels and select.
pub mod chan;
pub mod netpoll;
pub mod notify;
pub mod select;
pub mod sema;
pub mod timer;
