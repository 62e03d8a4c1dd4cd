//! The event ring: one a P, always compiled, switched on by a flag that is read once per event.

use crate::gmp::WaitReason;
use crate::sync::{AtomicBool, Ordering};
use core::cell::Cell;

/// Events kept per P.
pub const RING: usize = 512;

/// What happened.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub enum Event {
    /// A go statement: goid, parent.
    GoCreate,
    /// Starts running.
    GoStart,
    /// Parks: goid, object.
    GoBlock(WaitReason),
    /// Made runnable.
    GoUnblock,
    /// Yielded.
    GoYield,
    /// Preempted.
    GoPreempt,
    /// Entered a system call.
    GoSyscall,
    /// Ended.
    GoEnd,
}

/// One record.
#[repr(C)]
pub struct Record {
    time: Cell<u64>,
    what: Cell<Event>,
    goid: Cell<u64>,
    arg: Cell<u64>,
}

/// The ring of a P; written by its owner only.
#[repr(C)]
pub struct Ring {
    pos: Cell<usize>,
    records: Cell<*mut Record>,
}

/// Whether events are recorded.
pub static ENABLED: AtomicBool = AtomicBool::new(false);

/// Records an event on the current P.
#[inline(always)]
#[cfg(not(any(test, loom)))]
pub fn event(what: Event, goid: u64, arg: u64) {
    if ENABLED.load(Ordering::Relaxed) {
        record(what, goid, arg);
    }
}

#[cold]
#[inline(never)]
#[cfg(not(any(test, loom)))]
fn record(what: Event, goid: u64, arg: u64) {
    let m = crate::arch::getm();
    if m.p.get().is_null() {
        return;
    }
    let ring = &m.pp().events;
    if ring.records.get().is_null() {
        ring.records
            .set(crate::gmp::slab::persistent(RING * size_of::<Record>()).cast());
    }
    let i = ring.pos.get();
    ring.pos.set(i + 1);
    // SAFETY: the ring is ours and has RING records.
    let r = unsafe { &*ring.records.get().add(i % RING) };
    r.time.set(crate::arch::cputicks());
    r.what.set(what);
    r.goid.set(goid);
    r.arg.set(arg);
}
