//! The deadlock check: runs, with the scheduler lock held, whenever an M goes idle.
//!
//! When no thread can run Go code any more and nothing but a goroutine could make one run, every goroutine waits for
//! another one: Go's fatal error. An M that waits for timers or descriptors counts as one that runs. Goroutines of the
//! runtime itself do not count.
//!
//! The check is a few loads. It once walked all goroutines to find those that wait: with 200,000 parked, each idle
//! moment of the process cost milliseconds under the scheduler's lock.

use super::exit::gcount;
use super::expire::TIMERS;
use super::netpoll::WAITERS;
use crate::gmp::SCHED;
use crate::gmp::slab;
use crate::lang::throw;
use crate::sync::Ordering;

/// See the module's comment.
pub fn checkdead() {
    if SCHED.panicking.load(Ordering::Relaxed) > 0
        || !SCHED.main_started.load(Ordering::Relaxed) && boot_only()
    {
        return;
    }
    let idle = SCHED.midle.len() as i32 + SCHED.nmidlelocked.get();
    let run = SCHED.mcount.get() as i32 - idle - SCHED.nmsys.get() as i32;
    if run > 0 {
        return;
    }
    if SCHED.runq_size.load(Ordering::Relaxed) > 0 {
        return; // sysmon has just put something there and is about to wake an M
    }
    if TIMERS.load(Ordering::SeqCst) > 0 || WAITERS.load(Ordering::SeqCst) > 0 {
        // They are watched as soon as the last P becomes idle. Only a world that stops may come in between.
        debug_assert!(
            SCHED.gcwaiting.load(Ordering::Relaxed),
            "nobody watches timers and descriptors"
        );
        return;
    }
    SCHED.lock.unlock();
    if gcount() == 0 {
        throw::fatal_nog("no goroutines (main called runtime.Goexit) - deadlock!");
    }
    throw::fatal_nog("all goroutines are asleep - deadlock!");
}

/// Sysmon takes a P out of a system call: until that P is on the idle list or has an M, one M more counts as
/// running, since that of the call may come back without P, go idle and find nobody else.
pub fn while_in_flight<R>(f: impl FnOnce() -> R) -> R {
    let count = |d: i32| {
        SCHED
            .lock
            .with(|| SCHED.nmidlelocked.set(SCHED.nmidlelocked.get() + d))
    };
    count(-1);
    let r = f();
    count(1);
    r
}

/// Before the first goroutine exists nothing can be deadlocked.
fn boot_only() -> bool {
    slab::is_empty()
}
