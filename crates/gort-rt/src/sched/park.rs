//! Parking and waking: the only way for a goroutine to wait is [`gopark`], which is told what for: a [`Waiting`] names its object.
//!
//! The caller runs on g0 inside a may-park native, so the goroutine's registers are in memory already.
//! It has queued the G where a waker finds it, under a lock that it still holds. `gopark` marks the G,
//! then `unlock` opens that lock, then the scheduler goes on. Nothing comes back here: the waker stores the native's
//! result in `g.sched.ret`, and `gogo` returns it to Go code.

use super::idle::wakep;
use super::runq::runqput;
use super::schedule::schedule;
use crate::arch::getm;
use crate::chaos;
use crate::gmp::list::Queue;
use crate::gmp::{Bubble, G, SCHED};
pub use crate::gmp::{Object, Waiting};
use crate::see::blocking;
use crate::see::event::{Event, event};
use crate::sync::{AtomicI64, Ordering};

/// nanotime, as of sysmon's last round or the end of its deep sleep: what goroutines note when they begin to wait. Only
/// minutes are shown of it, so nobody reads the clock for it. 0 = no sysmon yet.
static CLOCK: AtomicI64 = AtomicI64::new(0);

/// Sets the clock of waits.
pub fn set_clock(now: i64) {
    CLOCK.store(now, Ordering::Relaxed);
}

/// A goroutine enters a system call.
#[inline(always)]
pub fn note_syscall(g: &G) {
    g.park.since.set(CLOCK.load(Ordering::Relaxed));
}

/// Parked goroutines that somebody has taken to wake them.
pub type GList = Queue<G>;

/// Notes why a goroutine parks, for tracebacks and the event ring.
#[inline(always)]
pub fn note(g: &G, on: Waiting) {
    g.park.on.set(on);
    g.park.leaked.set(false);
    g.park.since.set(CLOCK.load(Ordering::Relaxed));
    event(Event::GoBlock(on), g.goid.get(), on.object());
}

/// Parks the running goroutine.
#[inline(always)]
pub fn gopark(on: Waiting, unlock: impl FnOnce()) -> ! {
    let m = getm();
    let g = m.g();
    note(g, on);
    if blocking::on() {
        blocking::parks(g, on);
    }
    m.drop_g();
    let bubble = g.bubble();
    if let Some(b) = bubble {
        b.parking(on.is_durable());
    }
    chaos::point();
    g.cast_park();
    chaos::point();
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
    if blocking::on() {
        blocking::readied(g);
    }
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
    if g.park.on.get().is_durable() {
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
    super::expire::check(p);
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
    m.drop_g();
    event(Event::GoYield, g.goid.get(), 0);
    runqput(m.pp(), g, false);
    schedule()
}

/// `select {}` and operations on nil channels: for ever.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_block() -> ! {
    gopark(Waiting::Forever, || {})
}
