//! The deadlock check: runs, with the scheduler lock held, whenever an M goes idle.
//!
//! When no thread can run Go code any more and no timer is pending, every goroutine waits for another
//! one: Go's fatal error. Goroutines of the runtime itself do not count.

use super::expire::TIMERS;
use crate::gmp::sched::POLL_WAITERS;
use crate::gmp::{SCHED, Status, slab};
use crate::lang::throw;
use crate::sync::Ordering;

/// See the module's comment.
pub fn checkdead() {
    if SCHED.panicking.load(Ordering::Relaxed) > 0
        || !SCHED.main_started.load(Ordering::Relaxed) && boot_only()
    {
        return;
    }
    let idle = SCHED.nmidle.get() as i32 + SCHED.nmidlelocked.get();
    let run = SCHED.mcount.get() as i32 - idle - SCHED.nmsys.get() as i32;
    if run > 0 {
        return;
    }
    if SCHED.runq_size.load(Ordering::Relaxed) > 0 {
        return; // the poller's thread has just put something there and is about to wake an M
    }
    let mut waiting = 0;
    for i in 0..slab::slots() {
        let g = slab::slot(i);
        if !g.is_user() {
            continue;
        }
        match g.status() {
            Status::Waiting => waiting += 1,
            Status::Runnable | Status::Running | Status::Syscall => {
                SCHED.lock.unlock();
                throw::throw("checkdead: runnable g");
            }
            _ => {}
        }
    }
    if TIMERS.load(Ordering::SeqCst) > 0 || POLL_WAITERS.load(Ordering::SeqCst) > 0 {
        return;
    }
    SCHED.lock.unlock();
    if waiting == 0 {
        throw::fatal_nog("no goroutines (main called runtime.Goexit) - deadlock!");
    }
    throw::fatal_nog("all goroutines are asleep - deadlock!");
}

/// Before the first goroutine exists nothing can be deadlocked.
fn boot_only() -> bool {
    slab::slots() == 0
}
