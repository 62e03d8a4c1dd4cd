//! What packages of the standard library take from the runtime: thin natives, a file a package.
//! The Go side is in the overlay (`goroot/runtime/std_*.go`).

pub mod debug;
pub mod metrics;
pub mod os;
pub mod reflect;
pub mod sync;
pub mod time;
