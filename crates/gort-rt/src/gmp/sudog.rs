//! Sudog: a G in the wait queue of a channel, of a semaphore or of a notify list. A plain operation uses the one inside the G;
//! a select takes one per case from the P's cache (`sudogs.rs`).

use super::G;
use crate::sync::Cell;

/// A waiting G on one channel.
#[repr(C)]
pub struct Sudog {
    /// Who waits.
    pub g: Cell<*const G>,
    /// Next in the channel's queue.
    pub next: Cell<*const Sudog>,
    /// Previous in the channel's queue.
    pub prev: Cell<*const Sudog>,
    /// Where the element is or goes; may be 0.
    pub elem: Cell<usize>,
    /// The channel.
    pub c: Cell<usize>,
    /// Next sudog of the same select, and link of free lists.
    pub waitlink: Cell<*mut Sudog>,
    /// Index of the case.
    pub case: Cell<u16>,
    /// Part of a select: others may race to wake its G.
    pub is_select: Cell<bool>,
    /// Woken by an element, not by close.
    pub success: Cell<bool>,
    /// Height in a tree of semaphores.
    pub ticket: Cell<u32>,
}

#[cfg(any(test, loom))]
impl Sudog {
    /// One that is in no queue.
    pub fn new() -> Sudog {
        use core::ptr::{null, null_mut};
        Sudog {
            g: Cell::new(null()),
            next: Cell::new(null()),
            prev: Cell::new(null()),
            elem: Cell::new(0),
            c: Cell::new(0),
            waitlink: Cell::new(null_mut()),
            case: Cell::new(0),
            is_select: Cell::new(false),
            success: Cell::new(false),
            ticket: Cell::new(0),
        }
    }
}
