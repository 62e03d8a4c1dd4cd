//! Stopping and starting the world, and the number of Ps.

use super::preempt::preempt_all;
use super::threads::{acquirep, pidleget, pidleput, releasep, startm, stopm};
use crate::arch::getm;
use crate::gmp::p::pstatus;
use crate::gmp::sched::{MAX_PROCS, allp, allp_slot, gomaxprocs, set_gomaxprocs};
use crate::gmp::{P, SCHED, slab};
use crate::sync::Ordering;

/// One P has stopped; the scheduler lock is held.
pub fn one_stopped() {
    SCHED.stopwait.set(SCHED.stopwait.get() - 1);
    if SCHED.stopwait.get() == 0 {
        SCHED.stopnote.wakeup();
    }
}

/// Stops this M because the world stops; returns when it has a P again.
pub fn gcstopm() {
    let m = getm();
    if m.spinning.get() {
        m.spinning.set(false);
        SCHED.nmspinning.fetch_sub(1, Ordering::SeqCst);
    }
    let p = releasep(m);
    SCHED.lock.lock();
    p.status.store(pstatus::GCSTOP, Ordering::Relaxed);
    one_stopped();
    SCHED.lock.unlock();
    stopm();
}

/// Stops all other Ps. The caller runs on g0 with a P and keeps it.
fn stop_the_world() {
    let m = getm();
    let me = m.pp();
    SCHED.lock.lock();
    SCHED.stopnote.clear();
    SCHED.stopwait.set(gomaxprocs() as i32);
    SCHED.gcwaiting.store(true, Ordering::SeqCst);
    me.status.store(pstatus::GCSTOP, Ordering::Relaxed);
    SCHED.stopwait.set(SCHED.stopwait.get() - 1);
    for i in 0..gomaxprocs() {
        let p = allp(i);
        let s = &p.status;
        if s.compare_exchange(
            pstatus::SYSCALL,
            pstatus::GCSTOP,
            Ordering::SeqCst,
            Ordering::SeqCst,
        )
        .is_ok()
        {
            p.syscalltick.fetch_add(1, Ordering::Relaxed);
            SCHED.stopwait.set(SCHED.stopwait.get() - 1);
        }
    }
    while let Some(p) = pidleget() {
        p.status.store(pstatus::GCSTOP, Ordering::Relaxed);
        SCHED.stopwait.set(SCHED.stopwait.get() - 1);
    }
    let wait = SCHED.stopwait.get() > 0;
    SCHED.lock.unlock();
    if wait {
        loop {
            preempt_others(me);
            if SCHED.stopnote.sleep(100_000) {
                break;
            }
        }
    }
}

fn preempt_others(me: &P) {
    let _ = me;
    preempt_all();
    // Our own goroutine is on g0: it need not yield for this.
    let g = getm().g();
    g.preempt.store(false, Ordering::Relaxed);
    // SAFETY: the top segment of the running G.
    g.stackguard
        .store(unsafe { (*g.stack.seg.get()).guard }, Ordering::Relaxed);
}

/// Starts all Ps with work; the others become idle.
fn start_the_world() {
    let m = getm();
    SCHED.lock.lock();
    SCHED.gcwaiting.store(false, Ordering::SeqCst);
    let me = m.p.get();
    let mut run = [core::ptr::null::<P>(); MAX_PROCS];
    let mut n = 0;
    for i in (0..gomaxprocs()).rev() {
        let p = allp(i);
        if core::ptr::eq(p, me) {
            p.status.store(pstatus::RUNNING, Ordering::Relaxed);
        } else if p.runq.is_empty() {
            pidleput(p);
        } else {
            p.status.store(pstatus::IDLE, Ordering::Relaxed);
            run[n] = p;
            n += 1;
        }
    }
    SCHED.lock.unlock();
    super::sysmon::wake();
    for &p in &run[..n] {
        // SAFETY: Ps are never freed.
        startm(unsafe { &*p }, false);
    }
    super::threads::wakep();
}

/// Creates Ps up to `n` and moves the work of those above `n`; the world is stopped, or boot.
pub fn procresize(n: u32) {
    let old = gomaxprocs();
    for i in 0..n {
        if allp_slot(i).load(Ordering::Relaxed).is_null() {
            let size = size_of::<P>() + 64;
            let p = (slab::persistent(size) as usize + 63) & !63;
            let p = p as *mut P;
            // SAFETY: zeroed memory is a valid P.
            unsafe { (*p).id.set(i) };
            allp_slot(i).store(p, Ordering::Release);
        }
    }
    for i in n..old {
        let p = allp(i);
        let target = allp(0);
        while let Some((w, _)) = p.runq.get() {
            // SAFETY: words on run queues are Gs; we hold no lock here.
            super::runq::runqput(target, unsafe { &*(w as *const crate::gmp::G) }, false);
        }
        target.timers.take_all(&p.timers);
        p.status.store(pstatus::DEAD, Ordering::Relaxed);
    }
    set_gomaxprocs(n);
    let m = getm();
    if m.p.get().is_null() || m.pp().id.get() >= n {
        if !m.p.get().is_null() {
            m.pp().m.set(core::ptr::null());
        }
        acquirep(m, allp(0));
    }
}

/// GOMAXPROCS(n).
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_setmaxprocs(n: isize) -> isize {
    let old = gomaxprocs();
    if n <= 0 || n as u32 == old {
        return old as isize;
    }
    let n = (n as usize).min(MAX_PROCS) as u32;
    if while_stopped(|| procresize(n)) {
        old as isize
    } else {
        -1
    }
}

/// Runs `f` while no other P runs. False if somebody else stops the world just now: then the Go side yields and
/// tries again.
pub fn while_stopped(f: impl FnOnce()) -> bool {
    if !STW.try_lock() {
        return false;
    }
    stop_the_world();
    f();
    start_the_world();
    STW.unlock();
    true
}

/// One stopper at a time. Nobody waits for it with a P in hand, since that would hold up the stopper.
static STW: crate::lock::SpinLock = crate::lock::SpinLock::new();
