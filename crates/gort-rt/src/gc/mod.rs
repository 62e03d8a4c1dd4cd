//! What depends on whether an object can still be reached. Records about objects ([`special`], whose lists are in
//! [`speciallist`]) hang on the spans of the heap: finalizers and cleanups ([`finalizer`]), weak handles ([`weak`]), samples of the heap profile
//! ([`profile`]).
//! Sweeping finds those of dead objects; what Go code is to be run then waits in [`finq`] for goroutines of the
//! overlay. What Go code is to run before a cycle, [`helper`] has run.
//! [`dump`] writes the whole heap to a file. What is counted is in [`stats`], the line that `gctrace=1` prints in [`trace`], GOGC and its like in [`settings`].
//! What all this asks of the collector itself is in [`hooks`].

#[cfg(not(any(test, loom)))]
pub mod dump;
#[cfg(not(any(test, loom)))]
pub mod finalizer;
#[cfg(not(any(test, loom)))]
pub mod finq;
#[cfg(not(any(test, loom)))]
pub mod helper;
#[cfg(not(any(test, loom)))]
pub mod hooks;
#[cfg(not(loom))]
pub mod profile;
#[cfg(not(any(test, loom)))]
pub mod settings;
#[cfg(not(any(test, loom)))]
pub mod special;
#[cfg(not(loom))]
pub mod speciallist;
#[cfg(not(any(test, loom)))]
pub mod stats;
#[cfg(not(loom))]
pub mod trace;
#[cfg(not(any(test, loom)))]
pub mod weak;
