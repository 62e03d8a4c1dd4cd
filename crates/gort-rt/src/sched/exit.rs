//! The end of a goroutine: back to the free list, and what the end of the last ones means.

use super::newproc::push_free;
use super::schedule::schedule;
use crate::arch::getm;
use crate::gmp::{G, P, SCHED, slab, stack};
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
    g.m.set(core::ptr::null());
    m.curg.set(core::ptr::null());
    // SAFETY: the goroutine has ended; only its cached segments remain.
    unsafe {
        if !(*g.stack.first.get()).next.is_null() {
            stack::reset(g);
        }
    }
    g.fault.panic_on_any.set(0);
    g.fault.labels.set(0);
    p.gcount.set(p.gcount.get() - 1);
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

#[inline]
fn gfput(p: &P, g: &G) {
    push_free(p, g);
    if p.gfree_n.get() >= 64 {
        spill(p);
    }
}

/// Moves all but 31 of the P's free Gs to the global list.
#[cold]
pub fn spill(p: &P) {
    SCHED.lock.with(|| {
        while p.gfree_n.get() >= 32 {
            // SAFETY: the P's free list is ours.
            let g = unsafe { &*p.gfree.get() };
            p.gfree.set(g.schedlink.get());
            p.gfree_n.set(p.gfree_n.get() - 1);
            g.schedlink.set(SCHED.gfree.get());
            SCHED.gfree.set(g);
            SCHED.ngfree.set(SCHED.ngfree.get() + 1);
        }
    });
}

/// Number of user goroutines.
pub fn gcount() -> i64 {
    let mut n = 0;
    for i in 0..crate::gmp::sched::MAX_PROCS as u32 {
        let p = crate::gmp::sched::allp_slot(i).load(crate::sync::Ordering::Acquire);
        if p.is_null() {
            break;
        }
        // SAFETY: Ps are never freed; the count of another P may be a little stale.
        n += unsafe { (*p).gcount.get() };
    }
    n
}

/// Sysmon's reaping, about once a second: when no goroutine has been made from the global free list since
/// the last look (`ngfree` is what it was), whole chunks of dead Gs go back to the system.
pub fn reap(last: u32) -> u32 {
    const WORTH: u32 = 2 * slab::CHUNK_SLOTS as u32;
    let n = SCHED.lock.with(|| SCHED.ngfree.get());
    if n < WORTH || n != last {
        return n;
    }
    SCHED.lock.with(|| {
        let (list, n) = slab::release_dead(SCHED.gfree.get());
        SCHED.gfree.set(list);
        SCHED.ngfree.set(n);
        n
    })
}
