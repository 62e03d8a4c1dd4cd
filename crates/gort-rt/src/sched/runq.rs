//! The queues of runnable Gs: those of the Ps ([`crate::gmp::runq`]) seen as queues of Gs, and the global one.

use crate::gmp::sched::gomaxprocs;
use crate::gmp::{G, P, SCHED};
use crate::sync::Ordering;

/// Puts `g` on the local queue of `p`: as runnext, whose old holder goes to the tail, or at the tail.
#[inline(always)]
pub fn runqput(p: &P, g: &G, next: bool) {
    let mut item = core::ptr::from_ref(g) as usize;
    if next {
        item = p.runq.swap_next(item);
        if item == 0 {
            return;
        }
    }
    p.runq.put_tail(item, |batch| {
        SCHED.lock.with(|| {
            for &w in batch {
                // SAFETY: words on run queues are Gs.
                globrunqput(unsafe { &*(w as *const G) });
            }
        });
    });
}

/// Appends to the global queue; the scheduler lock is held.
pub fn globrunqput(g: &G) {
    SCHED.runq.push(g);
    SCHED.runq_size.store(SCHED.runq.len(), Ordering::Relaxed);
}

fn pop() -> Option<&'static G> {
    let g = SCHED.runq.pop()?;
    SCHED.runq_size.store(SCHED.runq.len(), Ordering::Relaxed);
    Some(g)
}

/// Ticks after which a P with work of its own looks at the global queue.
const TICKS: u32 = 61;
/// The same while more wait there than a ring holds: then rings overflow into it, and 61 turns for each of some
/// thousands are seconds.
const TICKS_MANY: u32 = 8;
const MANY: u32 = 256;

/// Whether a P at this tick takes from the global queue before its own.
#[inline(always)]
pub fn global_first(tick: u32) -> bool {
    let (due, due_if_many) = (tick.is_multiple_of(TICKS), tick.is_multiple_of(TICKS_MANY));
    if !due && !due_if_many {
        return false;
    }
    let n = SCHED.runq_size.load(Ordering::Relaxed);
    n > if due { 0 } else { MANY }
}

/// Takes a fair share (at most `max`) of the global queue: one to run, the others into `p`'s ring.
/// The scheduler lock is held.
pub fn globrunqget(p: &P, max: u32) -> Option<&'static G> {
    let size = SCHED.runq_size.load(Ordering::Relaxed);
    let n = size.min(size / gomaxprocs() + 1).min(max);
    let first = pop()?;
    for _ in 1..n {
        let Some(g) = pop() else { break };
        p.runq
            .put_tail(core::ptr::from_ref(g) as usize, |_| unreachable!());
    }
    Some(first)
}
