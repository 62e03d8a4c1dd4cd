//! Codes with which native code asks for a panic in the goroutine that called it: the overlay's `nativepanic`.
#![allow(missing_docs)]

pub const SEND_CLOSED: usize = 0;
pub const CLOSE_NIL: usize = 1;
pub const CLOSE_CLOSED: usize = 2;
pub const MAKECHAN_SIZE: usize = 3;
pub const MAKESLICE_LEN: usize = 4;
pub const MAKESLICE_CAP: usize = 5;
pub const GROWSLICE: usize = 6;
pub const CONCAT_TOO_LONG: usize = 7;
