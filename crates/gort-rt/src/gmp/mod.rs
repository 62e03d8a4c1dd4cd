//! The nouns of the scheduler: G (goroutine), M (thread), P (right to run Go code), and what they own.
//! The verbs are in [`crate::sched`].

pub mod g;
pub mod m;
pub mod p;
pub mod sched;
pub mod slab;
pub mod stack;
pub mod status;
pub mod sudog;

pub use g::{G, Gobuf, Park};
pub use m::M;
pub use p::P;
pub use sched::SCHED;
pub use stack::{Seg, Stack};
pub use status::Status;
pub use sudog::Sudog;
