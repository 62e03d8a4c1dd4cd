//! What compiled code calls, by language feature.
pub mod iface;
pub mod panic;
pub mod print;
pub mod slice;
pub mod string;
pub mod throw;
