//! LockOSThread: a goroutine and a thread that belong to each other. Another M that picks such a goroutine gives
//! its P to the goroutine's own M; that M stops whenever its goroutine does.

use super::deadlock::checkdead;
use super::idle::{handoffp, releasep, stopm, wake_with_p};
use crate::arch::getm;
use crate::gmp::{G, SCHED};

/// `g` is locked to another M: hand it our P and stop.
pub fn startlockedm(g: &G) {
    let m = getm();
    // SAFETY: lockedm is set while the G is locked.
    let mp = unsafe { &*g.lockedm.get() };
    if core::ptr::eq(mp, m) {
        return;
    }
    m.unspin();
    let p = releasep(m);
    SCHED
        .lock
        .with(|| SCHED.nmidlelocked.set(SCHED.nmidlelocked.get() - 1));
    mp.nextp.set(p);
    mp.note.wakeup();
    stopm();
}

/// This M's locked goroutine is not runnable: give the P away and wait until somebody brings both.
pub fn stoplockedm() {
    let m = getm();
    // The note is clear: it is cleared after every sleep, and only wakers of this G use it now.
    if !m.p.get().is_null() {
        handoffp(releasep(m));
    }
    SCHED.lock.lock();
    SCHED.nmidlelocked.set(SCHED.nmidlelocked.get() + 1);
    checkdead();
    SCHED.lock.unlock();
    m.note.sleep(-1);
    wake_with_p(m);
}

/// LockOSThread (+1) and UnlockOSThread (-1).
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_lockthread(delta: isize) {
    let m = getm();
    let g = m.g();
    let depth = (g.lock_depth.get() as isize + delta).max(0) as u32;
    g.lock_depth.set(depth);
    if depth > 0 {
        g.lockedm.set(m);
        m.lockedg.set(g);
    } else {
        g.lockedm.set(core::ptr::null());
        m.lockedg.set(core::ptr::null());
    }
}
