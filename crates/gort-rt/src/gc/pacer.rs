//! When a cycle begins, and how fast it must go.
//!
//! The goal is that of official Go: what lived at the end of the last cycle, and GOGC percent of that and the stacks more
//! (package variables are left out); at least 4 MiB times GOGC / 100. A cycle that marks beside the program begins earlier, at
//! the trigger, so that it ends before the goal. GOMEMLIMIT lowers the goal by what everything but the heap takes.

use super::{cycle, finq, mark, settings, stats, sweep};
use crate::debug;
use crate::gmp::{offheap, slab, stackpool};
use crate::mem::arena;
use crate::os;
use crate::sched::collect;
use crate::sync::{AtomicI64, AtomicU64, AtomicUsize, Ordering};

/// The heap is at least this large before a cycle, at GOGC=100.
const LEAST: u64 = 4 << 20;

/// Bytes that lived at the end of the last cycle.
static LIVE: AtomicU64 = AtomicU64::new(0);
/// Bytes allocated since, as far as Ps have told.
static FRESH: AtomicU64 = AtomicU64::new(0);
/// Bytes allocated before.
static EARLIER: AtomicU64 = AtomicU64::new(0);
/// Bytes allocated while objects were marked in the last cycle.
static MADE: AtomicU64 = AtomicU64::new(0);
/// `FRESH` at which a cycle begins.
static TRIGGER: AtomicU64 = AtomicU64::new(LEAST);
/// Bytes of the heap when the last cycle began.
static BEFORE: AtomicU64 = AtomicU64::new(0);
/// The heap that the cycle is to stay below.
static GOAL: AtomicU64 = AtomicU64::new(LEAST);
/// Bytes that were looked through in this cycle.
pub static SCANNED: AtomicUsize = AtomicUsize::new(0);

/// A P has taken `bytes` for objects. The world is stopped, or [`allocated`] follows.
pub fn tell(bytes: usize) {
    FRESH.fetch_add(bytes as u64, Ordering::Relaxed);
}

/// A P has taken `bytes` for objects: the collector gets its share. In a native that allocates, on g0.
#[inline]
pub fn allocated(bytes: usize) {
    let fresh = FRESH.fetch_add(bytes as u64, Ordering::Relaxed) + bytes as u64;
    if cycle::is_marking() {
        collect::help(bytes);
    } else if fresh >= TRIGGER.load(Ordering::Relaxed) {
        collect::begin();
    } else if sweep::any() {
        // What is left of the last cycle is swept by the time that the next one is to begin.
        let left = TRIGGER.load(Ordering::Relaxed).saturating_sub(fresh).max(1) as usize;
        let n = sweep::left().saturating_mul(bytes) / left + 1;
        (0..n.min(MOST_SWEPT)).all(|_| sweep::one());
    }
    if finq::wanted() {
        finq::wake();
    }
}

/// Spans that an allocation sweeps at most.
const MOST_SWEPT: usize = 64;

/// One more allocation, for `gortgc=N`; whether that is on.
#[inline]
pub fn stress() -> bool {
    let n = debug::GCSTRESS.load(Ordering::Relaxed);
    if n > 0 {
        let count = ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        if count.is_multiple_of(n as usize) && !cycle::is_marking() {
            collect::begin();
        }
    }
    n > 0
}

/// Allocations, for `gortgc=N`.
static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

/// A cycle begins. The world is stopped.
pub fn start() {
    SCANNED.store(0, Ordering::Relaxed);
    mark::STACKS.store(0, Ordering::Relaxed);
    BEFORE.store(heap(), Ordering::Relaxed);
}

/// Bytes allocated since marking last ended.
pub fn fresh() -> u64 {
    FRESH.load(Ordering::Relaxed)
}

/// Bytes that have been allocated since the program began; a guess while marking ends.
pub fn ever() -> u64 {
    EARLIER.load(Ordering::Relaxed) + FRESH.load(Ordering::Relaxed)
}

/// [`fresh`] at which the next cycle begins.
pub fn trigger() -> u64 {
    TRIGGER.load(Ordering::Relaxed)
}

/// Bytes of the heap when the last cycle began.
pub fn before() -> u64 {
    BEFORE.load(Ordering::Relaxed)
}

/// Bytes of objects that marking has reached.
pub fn marked_bytes() -> u64 {
    mark::MARKED.load(Ordering::Relaxed) as u64
}

/// Bytes of stacks in use.
pub fn stacks() -> u64 {
    stackpool::bytes().0 as u64
}

/// Whether less has been marked than must have been by now for the cycle to end below its goal. What lived last time is
/// taken for what lives now.
pub fn is_late() -> bool {
    let (begin, now) = (before(), heap());
    let room = goal().saturating_sub(begin).max(1);
    let part = (now.saturating_sub(begin) as f64 / room as f64).min(1.0);
    (mark::MARKED.load(Ordering::Relaxed) as f64) < part * live() as f64
}

/// Whether the heap is larger than the cycle was to let it become.
pub fn is_over() -> bool {
    heap() > goal()
}

/// A cycle is due so many nanoseconds after the last one, however little has been allocated: official Go's two minutes.
const PERIOD: i64 = 120_000_000_000;
/// When marking last ended.
static ENDED: AtomicI64 = AtomicI64::new(0);

/// Whether the last cycle is so long ago that one is due.
pub fn is_long_ago(now: i64) -> bool {
    let last = ENDED.load(Ordering::Relaxed);
    let last = if last == 0 { stats::start_time() } else { last };
    settings::gogc().is_some() && now - last > PERIOD
}

/// Marking has ended: what is marked lives, and what was made meanwhile. The world is stopped.
pub fn marked() {
    let made = heap().saturating_sub(before());
    let live = mark::MARKED.load(Ordering::Relaxed) as u64 + made;
    LIVE.store(live, Ordering::Relaxed);
    MADE.store(made, Ordering::Relaxed);
    EARLIER.store(ever(), Ordering::Relaxed);
    FRESH.store(0, Ordering::Relaxed);
    ENDED.store(os::nanotime(), Ordering::Relaxed);
    set_goal();
}

/// Computes goal and trigger from what lives and the settings.
pub fn set_goal() {
    let live = LIVE.load(Ordering::Relaxed);
    let mut goal = u64::MAX;
    if let Some(percent) = settings::gogc() {
        let percent = u64::from(percent);
        let more = (live + stacks()).saturating_mul(percent) / 100;
        goal = live.saturating_add(more).max(LEAST * percent / 100);
    }
    let limit = settings::memory_limit();
    if limit < i64::MAX as u64 {
        let other = (offheap::bytes() + slab::bytes() + stackpool::bytes().1) as u64
            + arena::tables() as u64;
        // Some room for what is neither.
        let spare = (limit / 32).max(1 << 20);
        let heap = limit.saturating_sub(other + spare);
        goal = goal.min(heap.max(live + live / 16));
    }
    GOAL.store(goal, Ordering::Relaxed);
    // Marking beside the program begins when there is as much room as the program has needed last time until its end, and
    // half as much again.
    let room = goal.saturating_sub(live);
    let made = MADE.load(Ordering::Relaxed);
    let part = match cycle::is_concurrent() {
        true if made == 0 => room / 4,
        true => (made + made / 2).clamp(room / 20, room / 2),
        false => 0,
    };
    TRIGGER.store((room - part).max(64 << 10), Ordering::Relaxed);
}

/// Bytes of the heap: what lived, and what has been allocated since.
pub fn heap() -> u64 {
    LIVE.load(Ordering::Relaxed) + FRESH.load(Ordering::Relaxed)
}

/// The goal in force.
pub fn goal() -> u64 {
    GOAL.load(Ordering::Relaxed)
}

/// Bytes that lived at the end of the last cycle.
pub fn live() -> u64 {
    LIVE.load(Ordering::Relaxed)
}
