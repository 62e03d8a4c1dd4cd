//! Idle Ps and Ms, and who wakes whom.
//!
//! The rule that nothing runnable is forgotten: whoever makes something runnable calls [`wakep`], which starts an M
//! that looks for work (it *spins*) unless one does already; a spinning M that gives up looks at all queues once more
//! after it has stopped to count as spinning. A P that becomes idle by another way than that
//! ([`handoffp`]) takes the spinning M's place when nobody spins. The counts are [`crate::gmp::lookers`], where the
//! models of this are, too.
//!
//! The rule that no timer and no descriptor is forgotten: when the last P becomes idle while somebody waits for
//! either, some M waits for them in [`super::netpoll`].

use super::deadlock::checkdead;
use super::netpoll;
use super::threads::{end_idle, newm};
use crate::arch::getm;
use crate::gmp::sched::gomaxprocs;
use crate::gmp::{M, P, SCHED};
use crate::sync::Ordering;

const IDLE_EXIT_NS: i64 = 10_000_000_000;

/// Puts a P on the idle list; the scheduler lock is held, the P is unbound.
pub fn pidleput(p: &P) {
    SCHED.pidle.push(p);
    SCHED.look.count_idle(1);
}

/// Takes an idle P; the scheduler lock is held.
pub fn pidleget() -> Option<&'static P> {
    let p = SCHED.pidle.pop()?;
    SCHED.look.count_idle(-1);
    Some(p)
}

/// Binds P and M.
#[inline(always)]
pub fn acquirep(m: &M, p: &P) {
    m.p.set(p);
    p.m.set(m);
    p.status.bind();
}

/// Takes the P off its M.
pub fn releasep(m: &M) -> &'static P {
    let p = m.pp();
    m.p.set(core::ptr::null());
    p.m.set(core::ptr::null());
    p.status.unbind();
    p
}

impl M {
    /// This M looks for work from now on.
    pub fn spin(&self) {
        self.spinning.set(true);
        SCHED.look.begin();
    }

    /// It no longer looks; whether it did.
    pub fn unspin(&self) -> bool {
        let spun = self.spinning.replace(false);
        if spun {
            SCHED.look.end();
        }
        spun
    }
}

/// There is work for another thread: wakes one, if a P is idle and nobody looks for work already.
#[inline(always)]
pub fn wakep() {
    if SCHED.look.claim() {
        start_claimed();
    }
}

#[cold]
#[inline(never)]
fn start_claimed() {
    let p = SCHED.lock.with(|| {
        let p = pidleget();
        SCHED.look.settle(p.is_some());
        p
    });
    if let Some(p) = p {
        startm(p, true);
    }
}

/// Starts Ms for up to `n` idle Ps: there is that much on the global queue.
pub fn start_idle(n: u32) {
    for _ in 0..n {
        let Some(p) = SCHED.lock.with(pidleget) else {
            return;
        };
        startm(p, false);
    }
}

/// Runs `p` on an idle or new M. `spinning`: the caller has counted that M as spinning.
pub fn startm(p: &P, spinning: bool) {
    let m = SCHED.lock.with(|| {
        let m = SCHED.midle.pop()?;
        m.idle.store(false, Ordering::Relaxed);
        Some(m)
    });
    let Some(m) = m else {
        return newm(p, spinning);
    };
    m.nextp.set(p);
    m.spinning.set(spinning);
    m.note.wakeup();
}

/// Hands off a P (unbound) whose M blocks: to another M if there is work for it, or if otherwise nobody would look
/// for work, timers or descriptors; else the P becomes idle.
pub fn handoffp(p: &P) {
    let queued = !p.runq.is_empty() || SCHED.runq_size.load(Ordering::Relaxed) != 0;
    if queued || crate::gc::cycle::attention() {
        return startm(p, false);
    }
    // All others are busy and nobody looks for work: what becomes runnable from now on would find no idle P.
    if gomaxprocs() > 1 && SCHED.look.idle() == 0 && SCHED.look.claim_first() {
        return startm(p, true);
    }
    SCHED.lock.lock();
    if SCHED.gcwaiting.load(Ordering::Relaxed) {
        p.status.stop_idle();
        super::world::one_stopped();
        return SCHED.lock.unlock();
    }
    // Looked at again under the lock: from here on whoever queues globally finds the P on the idle list.
    let queued = SCHED.runq_size.load(Ordering::Relaxed) != 0;
    let last = SCHED.look.idle() == gomaxprocs() - 1;
    if queued || last && netpoll::unwatched() {
        SCHED.lock.unlock();
        return startm(p, false);
    }
    if SCHED.look.needed() {
        SCHED.look.begin();
        SCHED.lock.unlock();
        return startm(p, true);
    }
    pidleput(p);
    SCHED.lock.unlock();
    // Its timers are now those of whoever waits in the poller.
    let when = p.timers.min();
    if when != 0 {
        netpoll::wake(when);
    }
}

/// Stops this M, which has no P, until it is given one; returns with that P bound. An M that nobody has wanted for
/// ten seconds ends its thread.
pub fn stopm() {
    let m = getm();
    SCHED.lock.lock();
    SCHED.midle.push(m);
    m.idle.store(true, Ordering::Relaxed);
    checkdead();
    SCHED.lock.unlock();
    // m0 stays: its stack is the process's.
    let limit = if m.id.get() == 0 { -1 } else { IDLE_EXIT_NS };
    while !m.note.sleep(limit) {
        end_idle(m);
    }
    wake_with_p(m);
}

/// The waker of this M has left a P for it.
pub fn wake_with_p(m: &M) {
    // Clear for the next sleep, here or as the M of a locked goroutine: nobody else wakes us until then.
    m.note.clear();
    // SAFETY: the waker gave us a P.
    acquirep(m, unsafe { &*m.nextp.replace(core::ptr::null()) });
    super::sysmon::wake();
}

/// Takes `m` off the idle list; false when a waker has taken it already. The scheduler lock is held.
pub fn leave_idle(m: &M) -> bool {
    let mine = m.idle.swap(false, Ordering::Relaxed);
    if mine {
        SCHED.midle.take(|on| core::ptr::eq(on, m));
    }
    mine
}
