//! What a goroutine can wait for: channels and select, semaphores and notify lists, timers, descriptors, and the
//! other goroutines of its bubble.
#[cfg(not(any(test, loom)))]
pub mod associate;
#[cfg(not(any(test, loom)))]
pub mod chan;
#[cfg(not(any(test, loom)))]
pub mod makechan;
#[cfg(not(any(test, loom)))]
pub mod netpoll;
#[cfg(not(any(test, loom)))]
pub mod notify;
pub mod polldesc;
#[cfg(not(any(test, loom)))]
pub mod select;
#[cfg(not(any(test, loom)))]
pub mod sema;
pub mod sematable;
pub mod sematree;
#[cfg(not(any(test, loom)))]
pub mod synctest;
#[cfg(not(any(test, loom)))]
pub mod timer;
#[cfg(not(any(test, loom)))]
pub mod timerchan;
