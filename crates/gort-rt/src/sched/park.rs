//! Parking and waking: the only way for a goroutine to wait is [`gopark`], with a reason and an object.
//!
//! The caller runs on g0 inside a may-park native, so the goroutine's registers are in memory already.
//! It has queued the G where a waker finds it, under a lock that it still holds. `gopark` marks the G,
//! then `unlock` opens that lock, then the scheduler goes on. Nothing comes back here: the waker stores the native's
//! result in `g.sched.ret`, and `gogo` returns it to Go code.

use super::runq::runqput;
use super::schedule::schedule;
use super::threads::wakep;
use crate::arch::getm;
pub use crate::gmp::WaitReason;
use crate::gmp::{Bubble, G, SCHED};
use crate::see::event::{Event, event};
use crate::sync::Ordering;

/// Notes why a goroutine parks, for tracebacks and the event ring.
#[inline(always)]
pub fn note(g: &G, reason: WaitReason, object: usize) {
    g.park.reason.set(reason);
    g.park.object.set(object);
    g.park.since.set(0);
    event(Event::GoBlock(reason), g.goid.get(), object as u64);
}

/// Parks the running goroutine.
#[inline(always)]
pub fn gopark(reason: WaitReason, object: usize, unlock: impl FnOnce()) -> ! {
    let m = getm();
    let g = m.g();
    note(g, reason, object);
    g.m.set(core::ptr::null());
    m.curg.set(core::ptr::null());
    let bubble = g.bubble();
    if let Some(b) = bubble {
        b.parking(reason.is_durable());
    }
    g.cast_park();
    unlock();
    if let Some(b) = bubble {
        wake(b.parked()); // not through `g`: it may run again already
    }
    schedule()
}

/// Makes a parked goroutine runnable, next on this P.
#[inline(always)]
pub fn goready(g: &G) {
    let p = getm().pp();
    event(Event::GoUnblock, g.goid.get(), 0);
    if let Some(b) = g.bubble() {
        leaves_park(b, g);
    }
    g.cast_ready();
    runqput(p, g, true);
    if p.runq.ring_len() != 0 {
        wakep();
    }
}

/// Tells the bubble of a parked goroutine that it will run.
#[cold]
pub fn leaves_park(b: &Bubble, g: &G) {
    if g.park.reason.get().is_durable() {
        b.readied();
    }
}

/// Makes the goroutine runnable that a bubble has named, if it has.
pub fn wake(g: Option<&G>) {
    if let Some(g) = g {
        goready(g);
    }
}

/// Gosched: to the tail of the P's own ring, so that all others there go first; the global queue gets
/// its share by the 61st tick.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_gosched() {
    let m = getm();
    let p = m.pp();
    let others =
        SCHED.runq_size.load(Ordering::Relaxed) != 0 || SCHED.gcwaiting.load(Ordering::Relaxed);
    if p.runq.is_empty() && !others {
        return;
    }
    yield_now(m.g())
}

/// Puts the running goroutine at the tail and schedules.
pub fn yield_now(g: &G) -> ! {
    let m = getm();
    g.cast_yielded();
    g.m.set(core::ptr::null());
    m.curg.set(core::ptr::null());
    event(Event::GoYield, g.goid.get(), 0);
    runqput(m.pp(), g, false);
    schedule()
}

/// `select {}` and operations on nil channels: for ever.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_block() -> ! {
    gopark(WaitReason::SelectNoCases, 0, || {})
}
