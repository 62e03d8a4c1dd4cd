//! The state of a cycle, and what changes when it begins and ends; who drives it: `sched/collect.rs`.

use super::mark::MARKED;
use super::{barrier, pacer, roots, sweep};
use crate::arch::getm;
use crate::debug;
use crate::gmp::sched::every_p;
use crate::mem::central;
use crate::sync::{AtomicBool, AtomicU32, Ordering};

/// Number of the cycle that is or was the last one.
static NUMBER: AtomicU32 = AtomicU32::new(0);
/// Between the two stops of a cycle.
static MARKING: AtomicBool = AtomicBool::new(false);
/// A cycle is to begin.
static WANTED: AtomicBool = AtomicBool::new(false);
/// Somebody without a P has found that a cycle is due.
static ASKED: AtomicBool = AtomicBool::new(false);
/// The schedule loop has something to do for the collector.
static ATTENTION: AtomicBool = AtomicBool::new(false);

/// Number of the cycle that is or was the last one.
#[inline(always)]
pub fn number() -> u32 {
    NUMBER.load(Ordering::Relaxed)
}

/// Whether objects are being marked: new ones count as marked.
#[inline(always)]
pub fn is_marking() -> bool {
    MARKING.load(Ordering::Relaxed)
}

/// Whether a cycle is to begin.
pub fn is_wanted() -> bool {
    WANTED.load(Ordering::SeqCst)
}

/// Whether the schedule loop has something to do for the collector.
#[inline(always)]
pub fn attention() -> bool {
    ATTENTION.load(Ordering::Relaxed)
}

/// Whether a cycle is to begin, or objects are being marked.
pub fn hurries() -> bool {
    WANTED.load(Ordering::Relaxed) || is_marking()
}

/// Whether the program runs while objects are marked.
pub fn is_concurrent() -> bool {
    debug::GCSTOPTHEWORLD.load(Ordering::Relaxed) == 0
}

/// A cycle is due, says somebody without a P: the next one in the schedule loop begins it.
pub fn ask() {
    ASKED.store(true, Ordering::SeqCst);
    ATTENTION.store(true, Ordering::SeqCst);
}

/// The schedule loop has done what it was called for, while no objects are marked; `ended` if more has come meanwhile.
pub fn settle(ended: bool) {
    ATTENTION.store(false, Ordering::SeqCst);
    if ended || ASKED.load(Ordering::SeqCst) || is_marking() {
        ATTENTION.store(true, Ordering::SeqCst);
    }
}

/// The next one in the schedule loop is to see what there is to do.
pub fn attend() {
    ATTENTION.store(true, Ordering::SeqCst);
}

/// Whether somebody has asked since the last call.
pub fn take_asked() -> bool {
    let asked = ASKED.load(Ordering::SeqCst) && ASKED.swap(false, Ordering::SeqCst);
    if asked {
        ATTENTION.store(is_marking(), Ordering::SeqCst);
    }
    asked
}

/// Another cycle is to follow the one that is under way.
pub fn again() {
    WANTED.store(true, Ordering::SeqCst);
}

/// Calls the schedule loop's attention.
pub fn call() {
    attend();
    poison();
}

/// The running goroutine yields at its next function entry.
fn poison() {
    // SAFETY: Gs stay mapped.
    if let Some(g) = unsafe { getm().curg.get().as_ref() } {
        g.preempt.store(true, Ordering::Relaxed);
        g.stackguard
            .store(gort_abi::STACK_PREEMPT, Ordering::Release);
    }
}

/// Everything that the start of a cycle changes. The world is stopped, all spans are swept.
pub fn start() {
    every_p().for_each(|p| p.mcache.flush());
    NUMBER.store(number().wrapping_add(1), Ordering::Relaxed);
    MARKED.store(0, Ordering::Relaxed);
    pacer::start();
    roots::prepare();
    WANTED.store(false, Ordering::SeqCst);
    MARKING.store(true, Ordering::SeqCst);
    ATTENTION.store(true, Ordering::SeqCst);
    barrier::set(is_concurrent());
}

/// What the Ps have found and not told yet goes to the common list. The world is stopped.
pub fn collect_found() {
    every_p().for_each(|p| {
        barrier::flush(p);
        p.worker.share();
    });
}

/// Everything that the end of marking changes. The world is stopped, nothing is left to mark.
pub fn finish() {
    barrier::set(false);
    every_p().for_each(|p| p.mcache.flush());
    sweep::PAGES.store(0, Ordering::Relaxed);
    central::all_unswept();
    pacer::marked();
    MARKING.store(false, Ordering::SeqCst);
    ATTENTION.store(false, Ordering::SeqCst);
}
