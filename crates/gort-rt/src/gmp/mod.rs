//! The nouns of the scheduler: G (goroutine), M (thread), P (right to run Go code), and what they own.
//! The verbs are in [`crate::sched`].

#[cfg(not(any(test, loom)))]
pub mod bubble;
#[cfg(not(any(test, loom)))]
pub mod g;
pub mod list;
pub mod lookers;
#[cfg(not(any(test, loom)))]
pub mod m;
#[cfg(not(any(test, loom)))]
pub mod offheap;
#[cfg(not(any(test, loom)))]
pub mod p;
pub mod pages;
pub mod pstatus;
pub mod runq;
pub mod scan;
#[cfg(not(any(test, loom)))]
pub mod sched;
#[cfg(not(any(test, loom)))]
pub mod slab;
#[cfg(not(loom))]
pub mod slots;
#[cfg(not(any(test, loom)))]
pub mod stack;
#[cfg(not(loom))]
pub mod stackpool;
#[cfg(not(any(test, loom)))]
pub mod status;
pub mod sudog;
#[cfg(not(any(test, loom)))]
pub mod sudogs;
pub mod timer;
pub mod timers;
pub mod waiting;
pub mod watch;

#[cfg(not(any(test, loom)))]
pub use bubble::Bubble;
#[cfg(not(any(test, loom)))]
pub use g::{G, Gobuf, Park};
#[cfg(not(any(test, loom)))]
pub use m::M;
#[cfg(not(any(test, loom)))]
pub use p::P;
#[cfg(not(any(test, loom)))]
pub use sched::SCHED;
#[cfg(not(any(test, loom)))]
pub use stack::{Seg, Stack};
#[cfg(not(any(test, loom)))]
pub use status::Status;
pub use sudog::Sudog;
#[cfg(not(any(test, loom)))]
pub use waiting::{Object, SemaKind, Waiting};

/// What tests and models take for a goroutine: an address.
#[cfg(any(test, loom))]
pub struct G(());
