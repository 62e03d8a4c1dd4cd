//! Stopping and starting the world, and the number of Ps.

use super::gfree;
use super::idle::{acquirep, pidleget, pidleput, releasep, startm, stopm, wakep};
use super::preempt::preempt_all;
use crate::arch::getm;
use crate::gc::stats;
use crate::gmp::sched::{MAX_PROCS, allp, allp_slot, every_p, gomaxprocs, set_gomaxprocs};
use crate::gmp::{P, SCHED, offheap, pstatus};
use crate::lock::SpinLock;
use crate::os;
use crate::rank;
use crate::see::durations::{STOPPED, STOPPING};
use crate::sync::Ordering;
use core::cell::Cell;

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
    m.unspin();
    let p = releasep(m);
    SCHED.lock.lock();
    p.status.stop_idle();
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
    me.status.stop_running();
    SCHED.stopwait.set(SCHED.stopwait.get() - 1);
    for i in 0..gomaxprocs() {
        let p = allp(i);
        if p.status.stop_in_syscall() {
            p.syscalltick.fetch_add(1, Ordering::Relaxed);
            SCHED.stopwait.set(SCHED.stopwait.get() - 1);
        }
    }
    while let Some(p) = pidleget() {
        p.status.stop_idle();
        SCHED.stopwait.set(SCHED.stopwait.get() - 1);
    }
    let wait = SCHED.stopwait.get() > 0;
    SCHED.lock.unlock();
    if wait {
        loop {
            preempt_others();
            if SCHED.stopnote.sleep(100_000) {
                break;
            }
        }
    }
}

/// Asks all goroutines that run to yield, but our own.
fn preempt_others() {
    preempt_all();
    // Our own goroutine is on g0: it need not yield for this.
    // SAFETY: null or the running G.
    let Some(g) = (unsafe { getm().curg.get().as_ref() }) else {
        return;
    };
    g.preempt.store(false, Ordering::Relaxed);
    // SAFETY: the top segment of the running G.
    g.stackguard
        .store(unsafe { (*g.stack.seg.get()).guard }, Ordering::Relaxed);
}

/// Starts all Ps with work; the others become idle. Others may stop the world again from the moment on in which it runs, before
/// anybody is woken: who wakes up may get this thread's processor. (An allocation that is to begin a cycle gives up
/// where it finds the lock taken; programs allocated ten times their goal until this thread had a processor again.)
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
            p.status.start_running();
        } else if p.runq.is_empty() {
            p.status.start_idle();
            pidleput(p);
        } else {
            p.status.start_idle();
            run[n] = p;
            n += 1;
        }
    }
    STW.lock.unlock();
    SCHED.lock.unlock();
    super::sysmon::wake();
    for &p in &run[..n] {
        // SAFETY: Ps are never freed.
        startm(unsafe { &*p }, false);
    }
    wakep();
}

/// Creates Ps up to `n` and moves the work of those above `n`; the world is stopped, or boot.
pub fn procresize(n: u32) {
    let old = gomaxprocs();
    stats::sum_procs(old);
    for i in 0..n {
        if i < created() {
            if i >= old {
                allp(i).status.revive();
            }
        } else {
            let size = size_of::<P>() + 64;
            let p = (offheap::persistent(size) as usize + 63) & !63;
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
        gfree::spill(p, 0);
        p.sudogs.give_back();
        p.status.retire();
    }
    set_gomaxprocs(n);
    let m = getm();
    if m.p.get().is_null() || m.pp().id.get() >= n {
        let stopped = !m.p.get().is_null();
        if stopped {
            m.pp().m.set(core::ptr::null());
            allp(0).status.start_idle();
        }
        acquirep(m, allp(0));
        if stopped {
            allp(0).status.stop_running();
        }
    }
}

/// How many Ps exist, those beyond GOMAXPROCS included.
fn created() -> u32 {
    every_p().count() as u32
}

/// Stops the others as well as it can, for a fatal error that looks at their stacks: they are asked for a few
/// milliseconds, and never start again. Takes no lock, since whoever dies may hold it.
pub fn freeze() {
    SCHED.stopwait.set(i32::MAX);
    SCHED.gcwaiting.store(true, Ordering::SeqCst);
    let me = getm().p.get();
    for _ in 0..5 {
        let mut running = false;
        for i in 0..gomaxprocs() {
            let p = allp(i);
            p.status.stop_in_syscall();
            running |= !core::ptr::eq(p, me) && p.status.get() == pstatus::RUNNING;
        }
        if !running {
            return;
        }
        preempt_all();
        crate::os::usleep(1000);
    }
}

/// Runs `f` while no other P runs. False if somebody else stops the world just now: then the Go side yields and
/// tries again.
pub fn while_stopped(f: impl FnOnce()) -> bool {
    if !stop(false) {
        return false;
    }
    f();
    start(false);
    true
}

/// Stops the world until [`start`], for the collector or something else; false as above.
pub fn stop(collector: bool) -> bool {
    if !STW.lock.try_lock() {
        return false;
    }
    STW.began.set(os::nanotime());
    stop_the_world();
    STOPPING[usize::from(collector)].add(os::nanotime() - STW.began.get());
    true
}

/// The world goes on.
pub fn start(collector: bool) {
    let began = STW.began.get();
    start_the_world();
    STOPPED[usize::from(collector)].add(os::nanotime() - began);
}

/// When the stop of the world that is in force began.
pub fn stopped_since() -> i64 {
    STW.began.get()
}

/// The world stops for the collector and the Go code that follows, up to `startworld`. The goroutine is pinned, so that it keeps its P. False
/// as above.
#[unsafe(no_mangle)]
extern "C" fn rt_stopworld() -> bool {
    debug_assert!(getm().locks.get() > 0);
    stop(true)
}

/// The world goes on.
#[unsafe(no_mangle)]
extern "C" fn rt_startworld() {
    start(true);
}

/// One stopper at a time. Nobody waits for it with a P in hand, since that would hold up the stopper.
struct Stopper {
    lock: SpinLock<{ rank::STW }>,
    /// When it began to stop the world.
    began: Cell<i64>,
}
// SAFETY: the cell is only touched with the lock held.
unsafe impl Sync for Stopper {}
static STW: Stopper = Stopper {
    lock: SpinLock::new(),
    began: Cell::new(0),
};
