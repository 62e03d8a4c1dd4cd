//! The end of a goroutine: back to the free list, and what the end of the last ones means.

use super::gfree::gfput;
use super::schedule::schedule;
use crate::arch::getm;
use crate::gmp::sched::every_p;
use crate::gmp::stack;
use crate::see::event::{Event, event};

/// A goroutine's function has returned; on g0.
#[unsafe(no_mangle)]
unsafe extern "C" fn goexit0() -> ! {
    if bury() {
        // The goroutine may have changed the state of its thread: nobody else gets it.
        super::threads::mexit();
    }
    schedule()
}

/// Puts the running goroutine, which has ended, on the free list; whether it was locked to this thread.
pub fn bury() -> bool {
    let m = getm();
    let g = m.g();
    event(Event::GoEnd, g.goid.get(), 0);
    let p = m.pp();
    let bubble = g.bubble();
    g.cast_died();
    m.drop_g();
    // SAFETY: the goroutine has ended; only its cached segments remain.
    unsafe {
        if !(*g.stack.first.get()).next.is_null() {
            stack::reset(g);
        }
    }
    g.fault.panic_on_any.set(0);
    g.fault.labels.set(0);
    g.fips.set(0);
    g.system.set(false);
    if !g.uncounted.replace(false) {
        p.gcount.set(p.gcount.get() - 1);
    }
    let locked = g.lock_depth.replace(0) > 0;
    if locked {
        g.lockedm.set(core::ptr::null());
        m.lockedg.set(core::ptr::null());
    }
    // The bubble's count goes down last: whom it wakes may expect that nothing is left of the goroutine.
    if let Some(b) = bubble {
        super::park::wake(b.leave(g));
    }
    gfput(p, g);
    locked
}

/// `runtime.Goexit` after all deferred calls.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_goexit1() -> ! {
    // SAFETY: the goroutine never runs again, so its frames may go.
    unsafe {
        let g = getm().g();
        g.stack.seg.set(g.stack.first.get());
        g.fault.sig.set(0);
        goexit0()
    }
}

/// Number of user goroutines.
pub fn gcount() -> i64 {
    // The count of another P may be a little stale.
    every_p().map(|p| p.gcount.get()).sum()
}
