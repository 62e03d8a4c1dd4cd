//! What a goroutine can wait for: channels and select.
pub mod chan;
pub mod select;
pub mod notify;
pub mod sema;
