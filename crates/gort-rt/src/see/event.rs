//! The event ring: one a P, always compiled, switched on by a flag that is read once per event
//! (GODEBUG=gortevents=1). Fatal errors and SIGQUIT print it, oldest event first.

use crate::gmp::Waiting;
#[cfg(not(any(test, loom)))]
use crate::gmp::sched::{allp, gomaxprocs};
use crate::sync::{AtomicBool, Ordering};
#[cfg(not(any(test, loom)))]
use crate::text::err;
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
    GoBlock(Waiting),
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
    /// A choice of a seeded scheduler: kind, chosen number.
    Choice,
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
            .set(crate::gmp::offheap::persistent(RING * size_of::<Record>()).cast());
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

/// Prints the events of all Ps in order of time, to standard error.
#[cfg(not(any(test, loom)))]
pub fn dump() {
    if !ENABLED.swap(false, Ordering::Relaxed) {
        return;
    }
    let n = gomaxprocs().min(MAX_SHOWN as u32) as usize;
    let mut next = [0usize; MAX_SHOWN];
    for (i, at) in next.iter_mut().enumerate().take(n) {
        *at = allp(i as u32).events.pos.get().saturating_sub(RING);
    }
    let mut s = err();
    s.s("\nscheduler events:\n");
    loop {
        let mut first: Option<(usize, &Record)> = None;
        for (i, &at) in next.iter().enumerate().take(n) {
            let ring = &allp(i as u32).events;
            if at < ring.pos.get() {
                // SAFETY: records below pos have been written.
                let r = unsafe { &*ring.records.get().add(at % RING) };
                if first.is_none_or(|(_, f)| r.time.get() < f.time.get()) {
                    first = Some((i, r));
                }
            }
        }
        let Some((i, r)) = first else { break };
        next[i] += 1;
        s.s("  ").u(r.time.get()).s(" P").u(i as u64).s(" ");
        let (text, goid, arg) = (r.what.get().text(), r.goid.get(), r.arg.get());
        match r.what.get() {
            Event::Choice => s.s(text).s(" kind=").u(goid).s(" chosen=").u(arg),
            Event::GoCreate => s.s(text).s(" G").u(goid).s(" by G").u(arg),
            Event::GoBlock(why) => {
                s.s(text).s(" G").u(goid).s(" (").s(why.text());
                s.s(") on ").hex(arg as usize)
            }
            _ => s.s(text).s(" G").u(goid),
        };
        s.s("\n");
    }
    s.flush();
}

/// Rings of more Ps than these are not printed.
#[cfg(not(any(test, loom)))]
const MAX_SHOWN: usize = 64;

#[cfg(not(any(test, loom)))]
impl Event {
    fn text(self) -> &'static str {
        match self {
            Event::GoCreate => "create",
            Event::GoStart => "start",
            Event::GoBlock(_) => "block",
            Event::GoUnblock => "unblock",
            Event::GoYield => "yield",
            Event::GoPreempt => "preempt",
            Event::GoSyscall => "syscall",
            Event::GoEnd => "end",
            Event::Choice => "choice",
        }
    }
}
