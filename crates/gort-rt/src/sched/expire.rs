//! Timers that are due. Four look for them: the P that owns them, in front of its run queue; a P that has
//! nothing else to do, for all Ps; the last idle M, which sleeps no longer than until the next one
//! (`threads.rs`); and sysmon, which preempts a P whose goroutine keeps it from looking.
//!
//! A sleeper is made runnable at once. A timer with a function goes on the list of due timers, from which
//! the timer goroutine of the overlay takes it: Rust does not call Go.

use super::park::goready;
use crate::gmp::sched::{allp, gomaxprocs};
use crate::gmp::timers::{Timer, Timers};
use crate::gmp::{G, P, Status};
use crate::lock::{SpinLock, rank};
use crate::os;
use crate::sync::{AtomicPtr, AtomicUsize, Ordering};
use core::ptr::null_mut;

/// Number of timers in heaps and on the list of due ones: they prevent the deadlock report.
pub static TIMERS: AtomicUsize = AtomicUsize::new(0);

static DUE_LOCK: SpinLock<{ rank::DUE }> = SpinLock::new();
static DUE: AtomicPtr<Timer> = AtomicPtr::new(null_mut());
static DUE_LAST: AtomicPtr<Timer> = AtomicPtr::new(null_mut());
/// The timer whose function runs now.
static RUNNING: AtomicPtr<Timer> = AtomicPtr::new(null_mut());
/// The timer goroutine while it is parked.
static PARKED: AtomicPtr<G> = AtomicPtr::new(null_mut());

/// When the next timer of any P is due, if there is one.
pub fn next_when() -> Option<i64> {
    if TIMERS.load(Ordering::SeqCst) == 0 {
        return None;
    }
    (0..gomaxprocs())
        .map(|i| allp(i).timers.min())
        .filter(|&w| w != 0)
        .min()
}

/// Whether `p` has a timer that is due.
pub fn due(p: &P) -> bool {
    let min = p.timers.min();
    min != 0 && min <= os::nanotime()
}

/// Runs what is due on `p`. The caller has a P, on whose queue the woken goroutines go.
#[inline(always)]
pub fn check(p: &P) {
    if p.timers.min() != 0 {
        check_slow(p);
    }
}

/// The same for all Ps.
pub fn check_all() {
    if TIMERS.load(Ordering::SeqCst) != 0 {
        (0..gomaxprocs()).for_each(|i| check(allp(i)));
    }
}

#[cold]
#[inline(never)]
fn check_slow(p: &P) {
    let now = os::nanotime();
    if p.timers.min() > now {
        return;
    }
    // Sleepers are linked through `schedlink`, earliest first: the node is free as soon as it is passed.
    let (mut first, mut last): (*const G, *const G) = (core::ptr::null(), core::ptr::null());
    let mut functions = false;
    p.timers.expire(now, |t| {
        // SAFETY: a sleeper is parked until we make it runnable.
        if let Some(g) = unsafe { t.g.get().as_ref() } {
            TIMERS.fetch_sub(1, Ordering::SeqCst);
            g.schedlink.set(core::ptr::null());
            if last.is_null() {
                first = g;
            } else {
                // SAFETY: as above.
                unsafe { (*last).schedlink.set(g) };
            }
            last = g;
        } else {
            push_due(t);
            functions = true;
        }
    });
    // SAFETY: parked Gs that only we can wake.
    while let Some(g) = unsafe { first.as_ref() } {
        first = g.schedlink.get();
        goready(g);
    }
    if functions {
        wake_runner();
    }
}

fn push_due(t: &Timer) {
    DUE_LOCK.with(|| {
        if t.due.replace(true) {
            return; // a ticker whose last tick has not been taken yet
        }
        if t.period.get() > 0 {
            TIMERS.fetch_add(1, Ordering::SeqCst);
        }
        t.next.set(null_mut());
        let p = core::ptr::from_ref(t).cast_mut();
        // SAFETY: listed timers are alive.
        match unsafe { DUE_LAST.swap(p, Ordering::Relaxed).as_ref() } {
            Some(l) => l.next.set(p),
            None => DUE.store(p, Ordering::Relaxed),
        }
    });
}

fn wake_runner() {
    // SAFETY: a parked G.
    if let Some(g) = unsafe { PARKED.swap(null_mut(), Ordering::SeqCst).as_ref() } {
        goready(g);
    }
}

/// The next due timer, for the timer goroutine; None after `g` has been registered to be woken: then the
/// caller parks with `unlock` = [`unlock_due`].
pub fn take_due(g: &G) -> Option<*mut Timer> {
    DUE_LOCK.lock();
    let t = DUE.load(Ordering::Relaxed);
    RUNNING.store(t, Ordering::SeqCst);
    // SAFETY: listed timers are alive.
    let Some(head) = (unsafe { t.as_ref() }) else {
        PARKED.store(core::ptr::from_ref(g).cast_mut(), Ordering::SeqCst);
        return None;
    };
    debug_assert!(g.status() == Status::Running);
    unlink_first(head);
    DUE_LOCK.unlock();
    Some(t)
}

/// Opens the lock that [`take_due`] has left closed.
pub fn unlock_due() {
    DUE_LOCK.unlock();
}

fn unlink_first(t: &Timer) {
    DUE.store(t.next.get(), Ordering::Relaxed);
    if t.next.get().is_null() {
        DUE_LAST.store(null_mut(), Ordering::Relaxed);
    }
    t.due.set(false);
    TIMERS.fetch_sub(1, Ordering::SeqCst);
}

/// Puts a timer into the heap of `p`.
pub fn add(p: &P, t: &Timer) {
    TIMERS.fetch_add(1, Ordering::SeqCst);
    p.timers.add(t);
}

/// Takes a timer out of heap and list; whether it was in one of them.
pub fn remove(t: &Timer) -> bool {
    let mut had = Timers::remove(t);
    if had {
        TIMERS.fetch_sub(1, Ordering::SeqCst);
    }
    DUE_LOCK.with(|| {
        if !t.due.get() {
            return;
        }
        had = true;
        let me = core::ptr::from_ref(t).cast_mut();
        // SAFETY: listed timers are alive; the list contains t.
        unsafe {
            let first = DUE.load(Ordering::Relaxed);
            if first == me {
                return unlink_first(t);
            }
            let mut at = first;
            while (*at).next.get() != me {
                at = (*at).next.get();
            }
            (*at).next.set(t.next.get());
            if t.next.get().is_null() {
                DUE_LAST.store(at, Ordering::Relaxed);
            }
            t.due.set(false);
            TIMERS.fetch_sub(1, Ordering::SeqCst);
        }
    });
    had
}

/// Whether the function of `t` runs just now.
pub fn is_running(t: &Timer) -> bool {
    core::ptr::eq(RUNNING.load(Ordering::SeqCst), t)
}
