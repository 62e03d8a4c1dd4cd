//! The order in which one thread may take locks: a lock only while all that it holds have lower ranks. Locks of rank
//! [`HCHAN`] may be taken in the order of their addresses, as select does. Checked in builds with assertions
//! (`lock.rs`).
#![allow(missing_docs)]

pub const STW: u8 = 1;
pub const NEW_THREADS: u8 = 2;
pub const MAXPROCS: u8 = 3;
pub const PRINT: u8 = 4;
pub const ITAB: u8 = 6;
pub const SEMA: u8 = 10;
pub const NOTIFY: u8 = 12;
/// A descriptor is locked before its deadlines.
pub const POLL_DESC: u8 = 14;
pub const POLL_CACHE: u8 = 16;
/// A timer, then the heap that it is in, then the channel that it sends on.
pub const TIMER: u8 = 18;
pub const TIMERS: u8 = 20;
pub const HCHAN: u8 = 22;
pub const BUBBLE: u8 = 24;
pub const BUBBLE_CACHE: u8 = 26;
pub const GCWAIT: u8 = 28;
pub const SCHED: u8 = 30;
pub const PROFILE: u8 = 31;
pub const GFREE: u8 = 32;
pub const PREEMPT_SAVE: u8 = 33;
pub const SUDOG: u8 = 34;
/// The records on a span; then the queue that they go to, then the free ones.
pub const SPECIAL: u8 = 35;
pub const STACK_POOL: u8 = 36;
pub const FINQ: u8 = 37;
pub const CENTRAL: u8 = 38;
pub const RECORDS: u8 = 39;
pub const HEAP: u8 = 40;
pub const SPECIAL_POOL: u8 = 41;
pub const OFFHEAP: u8 = 42;
/// Whoever finds something to mark may hold any of the others.
pub const GCWORK: u8 = 43;
