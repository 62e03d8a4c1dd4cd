//! `time.Sleep` and the natives behind the timers of package time; see `sched/expire.rs` for when they run.

use crate::arch::getm;
use crate::gmp::timers::Timer;
use crate::os;
use crate::sched::expire;
use crate::sched::park::{self, WaitReason, gopark};
use crate::sync::Ordering;

/// time.Sleep.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_timesleep(ns: i64) {
    if ns <= 0 {
        return;
    }
    let m = getm();
    let (g, p) = (m.g(), m.pp());
    if let Some(b) = g.bubble() {
        super::synctest::sleep(g, b, ns);
    }
    // SAFETY: a node of the P.
    let t = unsafe { &*p.timers.node() };
    t.when.set(os::nanotime().saturating_add(ns));
    t.period.set(0);
    t.g.set(g);
    // In the heap only when it is marked waiting: from then on anybody may wake it.
    gopark(WaitReason::Sleep, 0, || expire::add(p, t));
}

/// Puts a timer into the heap of this P, to run its function at `t.when`.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_timeradd(t: &Timer) {
    expire::add(getm().pp(), t);
    if !crate::gmp::SCHED.sysmon_started.load(Ordering::Relaxed) {
        crate::sched::sysmon::start(); // it preempts us when the timer is due
    }
}

/// Takes a timer out; whether it was still to run.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_timerdel(t: &Timer) -> bool {
    expire::remove(t)
}

/// Whether the function of a timer runs just now.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_timerrunning(t: &Timer) -> bool {
    expire::is_running(t)
}

/// The next due timer, for the timer goroutine. A result of nil means: ask again.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_timerdue() -> *mut Timer {
    let g = getm().g();
    if let Some(t) = expire::take_due(g) {
        return t;
    }
    g.sched.ret.set(0);
    gopark(WaitReason::TimerIdle, 0, expire::unlock_due);
}

/// The running goroutine becomes one of the runtime: not counted, not shown, no reason for a deadlock, in no
/// bubble.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_systemgoroutine() {
    let m = getm();
    let g = m.g();
    g.system.set(true);
    if let Some(b) = g.bubble() {
        park::wake(b.leave(g));
    }
    let p = m.pp();
    p.gcount.set(p.gcount.get() - 1);
}
