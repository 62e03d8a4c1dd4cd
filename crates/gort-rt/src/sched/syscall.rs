//! System calls that may block: the goroutine leaves its P behind, and sysmon may take it.
//!
//! `entersyscall` marks G and P and goes on; the fast `exitsyscall` takes the same P back with one
//! compare-and-swap. If sysmon has taken it, the goroutine tries an idle P, else it queues globally.

use super::deadlock::while_in_flight;
use super::idle::{acquirep, handoffp, pidleget, startm, stopm};
use super::runq::globrunqput;
use super::schedule::schedule;
use crate::arch::getm;
use crate::gc::{cycle, stack};
use crate::gmp::{G, P, SCHED};
use crate::see::event::{Event, event};
use crate::sync::Ordering;

/// The running goroutine is about to block in the kernel; on g0.
pub fn entersyscall() {
    let m = getm();
    let (g, p) = (m.g(), m.pp());
    event(Event::GoSyscall, g.goid.get(), 0);
    super::park::note_syscall(g);
    g.cast_enter_syscall();
    m.oldp.set(p);
    m.p.set(core::ptr::null());
    p.status.enter_syscall();
    super::sysmon::wake();
    if SCHED.gcwaiting.load(Ordering::SeqCst) && p.status.stop_in_syscall() {
        SCHED.lock.with(super::world::one_stopped);
    }
}

/// The system call is over. Returns with a P, or parks the goroutine: then `g.sched` must be complete
/// with `ret` and `ret2` set, since the native does not return.
pub fn exitsyscall() {
    let m = getm();
    let g = m.g();
    // SAFETY: set by entersyscall; Ps are never freed.
    let old = unsafe { &*m.oldp.get() };
    if old.status.exit_syscall() {
        m.p.set(old);
        old.m.set(m);
        old.syscalltick.fetch_add(1, Ordering::Relaxed);
        g.cast_exit_syscall();
        return look_through(g);
    }
    SCHED.lock.lock();
    if !SCHED.gcwaiting.load(Ordering::Relaxed)
        && let Some(p) = pidleget()
    {
        SCHED.lock.unlock();
        acquirep(m, p);
        g.cast_exit_syscall();
        return look_through(g);
    }
    g.cast_syscall_runnable();
    m.drop_g();
    globrunqput(g);
    SCHED.lock.unlock();
    // The M of a locked goroutine waits for that one (in schedule), the others for any work.
    if m.lockedg.get().is_null() {
        stopm();
    }
    schedule()
}

/// A goroutine that goes on without having been chosen by the scheduler: the collector must know its stack.
#[inline(always)]
fn look_through(g: &G) {
    if cycle::is_marking() {
        stack::before_run(&getm().pp().worker, g);
    }
}

/// Takes a P out of a system call because it has timers to run.
pub fn retake_now(p: &P) {
    while_in_flight(|| {
        if taken(p) {
            startm(p, false);
        }
    });
}

/// Takes the P out of the system call of its M, if that has not just come back.
fn taken(p: &P) -> bool {
    let taken = p.status.retake();
    if taken {
        p.syscalltick.fetch_add(1, Ordering::Relaxed);
        p.m.set(core::ptr::null());
        crate::chaos::point();
    }
    taken
}

/// Sysmon's look at a P in a system call: it takes the P if this is the call of its last look, or if its goroutine
/// has had the P for `long`. (That goroutine may be in one short call after the other: while sysmon sleeps for
/// longer than a call takes, each look would find another one, and those who wait for the P would go on waiting.)
pub fn retake(p: &P, now: i64, long: bool) -> bool {
    let tick = p.syscalltick.load(Ordering::Relaxed);
    if !long && p.sysmon_sctick.get() != tick {
        p.sysmon_sctick.set(tick);
        p.sysmon_scwhen.set(now);
        return false;
    }
    let nothing = p.runq.is_empty() && SCHED.look.spinning() + SCHED.look.idle() as i32 > 0;
    if nothing && now - p.sysmon_scwhen.get() < 10_000_000 {
        return false;
    }
    while_in_flight(|| {
        let taken = taken(p);
        if taken {
            handoffp(p);
        }
        taken
    })
}
