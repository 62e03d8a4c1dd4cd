//! Timers that are due. Those look for them: the P that owns them, in front of its run queue and in `Gosched`; a P that has
//! nothing else to do, for all Ps; the watcher, which sleeps no longer than until the next one (`netpoll.rs`); and
//! sysmon, which preempts a P whose goroutine keeps it from looking.
//!
//! Whoever looks carries out what is due, in Rust: sends the time on a channel, wakes a sleeper, starts the goroutine of
//! AfterFunc, ends the wait for a descriptor. `fire` of the timer runs under the heap's lock (see `gmp/timer.rs`); what it
//! leaves is done from a short list when the lock is open again.

use super::idle::wakep;
use super::netpoll;
use super::newproc::newproc1;
use super::park::goready;
use super::runq::runqput;
use crate::arch::getm;
use crate::gmp::sched::{allp, gomaxprocs};
use crate::gmp::timer::{Change, Fired};
use crate::gmp::timers::Timers;
use crate::gmp::{Bubble, G, P, SCHED};
use crate::os;
use crate::sync::{AtomicUsize, Ordering};
use core::cell::Cell;

/// Number of timers in the heaps of Ps: they prevent the deadlock report.
pub static TIMERS: AtomicUsize = AtomicUsize::new(0);

/// A return address in the go statement of time.AfterFunc, where the goroutines that it starts come from; 0 = unknown.
pub static START_SITE: AtomicUsize = AtomicUsize::new(0);

/// Timers that fire in one stretch under the lock of their heap.
const BATCH: usize = 32;

/// When the next timer of any P is due, if there is one. Takes no lock. A timer that moves from one heap to another
/// while this looks may be missed; [`added`] tells of it afterwards.
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
    if p.timers.min() <= now {
        let left = expire(&p.timers, now, None);
        TIMERS.fetch_sub(left, Ordering::SeqCst);
    }
}

/// Runs what is due in `b` by its clock; the caller is its root.
pub fn check_bubble(b: &Bubble) {
    expire(&b.timers, b.now.get(), Some(b));
}

/// Fires what is due by `now`; how many timers have left the heap.
fn expire(timers: &Timers, now: i64, bubble: Option<&Bubble>) -> usize {
    let list = [const { Cell::new(Fired::Done) }; BATCH];
    let mut left = 0;
    loop {
        let mut n = 0;
        let e = timers.expire(now, BATCH, |f| {
            list[n].set(f);
            n += 1;
        });
        left += e.left;
        for f in &list[..n] {
            finish(f.get(), bubble);
        }
        if e.all {
            return left;
        }
    }
}

/// Does what a timer has left to do.
pub fn finish(f: Fired, bubble: Option<&Bubble>) {
    let g = match f {
        Fired::Done => 0,
        Fired::Ready(g) => g,
        Fired::Start(fnv) => {
            start(fnv, bubble);
            0
        }
        Fired::Later(f, a, b) => f(a, b),
    };
    // SAFETY: a parked goroutine that only we can wake: it has been taken out of where it waited.
    if let Some(g) = unsafe { (g as *const G).as_ref() } {
        goready(g);
    }
}

/// The go statement of AfterFunc.
fn start(fnv: usize, bubble: Option<&Bubble>) {
    let p = getm().pp();
    let g = newproc1(p, fnv, 0, START_SITE.load(Ordering::Relaxed));
    g.fault.labels.set(0);
    if let Some(b) = bubble {
        b.join(g, true);
    }
    runqput(p, g, true);
    if p.runq.ring_len() != 0 {
        wakep();
    }
}

/// Puts a sleeper into the heap of `p`.
pub fn add_sleeper(p: &P, g: &G, when: i64) {
    TIMERS.fetch_add(1, Ordering::SeqCst);
    if p.timers
        .add_sleeper(core::ptr::from_ref(g) as usize, when, 0)
    {
        added(when);
    }
}

/// Accounts for a change of a timer that runs by the clock of the process; whether it was pending.
pub fn account(change: Change) -> bool {
    match change.moved {
        1 => {
            TIMERS.fetch_add(1, Ordering::SeqCst);
        }
        -1 => {
            TIMERS.fetch_sub(1, Ordering::SeqCst);
        }
        _ => {}
    }
    if let Some(when) = change.first {
        added(when);
    }
    change.pending
}

/// A timer has become the first of its heap. If it is the first of all, who sleeps until the next one must know.
fn added(when: i64) {
    if !SCHED.sysmon_started.load(Ordering::Relaxed) {
        super::sysmon::start(); // it preempts us when the timer is due
    }
    if next_when().is_none_or(|next| when <= next) {
        netpoll::wake(when);
    }
}
