//! The schedule loop: choose a G, run it.

use super::expire;
use super::findrunnable::findrunnable;
use super::idle::wakep;
use super::locked::{startlockedm, stoplockedm};
use super::runq::{global_first, globrunqget};
use super::world::gcstopm;
use crate::arch::{getm, gogo};
use crate::gc::{cycle, stack};
use crate::gmp::{G, M, SCHED};
use crate::lock;
use crate::see::event::{Event, event};
use crate::sync::Ordering;

/// One round of the scheduler; runs on g0 and never returns.
#[inline(always)]
pub fn schedule() -> ! {
    lock::assert_none_held();
    let m = getm();
    // The common case in a few instructions: nothing special is going on and the P has work.
    if m.lockedg.get().is_null()
        && !SCHED.gcwaiting.load(Ordering::Relaxed)
        && !m.spinning.get()
        && !cycle::attention()
    {
        let p = m.pp();
        expire::check(p);
        if !global_first(p.schedtick.load(Ordering::Relaxed))
            && let Some((w, inherit)) = p.runq.get()
        {
            // SAFETY: words on run queues are Gs.
            let g = unsafe { &*(w as *const G) };
            if g.lockedm.get().is_null() {
                execute(m, g, inherit);
            }
            startlockedm(g);
        }
    }
    schedule_slow()
}

#[inline(never)]
fn schedule_slow() -> ! {
    let m = getm();
    loop {
        if !m.lockedg.get().is_null() {
            stoplockedm();
            // SAFETY: whoever woke us handed over a P with our G made runnable.
            execute(m, unsafe { &*m.lockedg.get() }, false);
        }
        if SCHED.gcwaiting.load(Ordering::Acquire) {
            gcstopm();
            continue;
        }
        if cycle::attention() {
            super::collect::at_schedule(m);
        }
        let p = m.pp();
        expire::check(p);
        let mut found = None;
        if global_first(p.schedtick.load(Ordering::Relaxed)) {
            found = SCHED.lock.with(|| globrunqget(p, 1)).map(|g| (g, false));
        }
        let Some((g, inherit)) = found.or_else(findrunnable) else {
            continue;
        };
        // It has found work, and since there may be more, another one looks.
        if m.unspin()
            && (m.pp().runq.ring_len() != 0 || SCHED.runq_size.load(Ordering::Relaxed) != 0)
        {
            wakep();
        }
        if !g.lockedm.get().is_null() {
            startlockedm(g);
            continue;
        }
        execute(m, g, inherit);
    }
}

/// Runs `g` on this M. A G that inherits the time slice does not count as a tick.
#[inline(always)]
pub fn execute(m: &M, g: &G, inherit: bool) -> ! {
    let p = m.pp();
    if cycle::is_marking() {
        stack::before_run(&p.worker, g);
    }
    m.curg.set(g);
    g.m.set(m);
    g.cast_execute();
    p.switches
        .store(p.switches.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    if !inherit {
        p.schedtick.store(
            p.schedtick.load(Ordering::Relaxed).wrapping_add(1),
            Ordering::Relaxed,
        );
    }
    if g.preempt.load(Ordering::Relaxed) {
        g.preempt.store(false, Ordering::Relaxed);
        // SAFETY: the top segment of a live G.
        g.stackguard
            .store(unsafe { (*g.stack.seg.get()).guard }, Ordering::Relaxed);
    }
    event(Event::GoStart, g.goid.get(), 0);
    if let Some(f) = g.park.on_wake.take() {
        // SAFETY: set by the code that parked g, for exactly this moment.
        unsafe { f(g) };
    }
    // SAFETY: g is ready to go on; we leave the g0 stack for good.
    unsafe { gogo(g) }
}
