//! Two profiles by stack: where goroutines wait (block), and who keeps others waiting for a mutex (mutex), as SetBlockProfileRate
//! and SetMutexProfileFraction document them.
//!
//! A wait for a channel, a select, a condition or a semaphore of package sync begins in `gopark`. Its end is `goready`, by the one who
//! wakes: the sleeper's stack stands still there, and is read. For semaphores that is not the end: who is woken without the
//! unit may sleep again, and all of it is one wait. So their times are summed up in the G, and the Go side calls [`rt_blockended`].
//!
//! The mutex profile counts at the release: what the sleeper that is woken has waited since the last release, and for each
//! behind it the mean of what the first and the last have; so the time is charged to whoever made them wait. All that is
//! official Go's rule.
//!
//! Off, they cost a look at a flag in `gopark` and `goready`.

use super::stacktable::{DEPTH, StackTable};
use crate::arch::getm;
use crate::gmp::{G, SemaKind, Waiting};
use crate::os;
use crate::sched::choose::random;
use crate::symtab::functab;
use crate::symtab::unwind::Frames;
use crate::sync::{AtomicBool, AtomicI64, AtomicU64, Ordering};

/// One or both are on.
static ON: AtomicBool = AtomicBool::new(false);
/// Of waits that take so many nanoseconds one is counted on average; all that take longer. 0 = none.
static BLOCK_RATE: AtomicI64 = AtomicI64::new(0);
/// One release in so many is counted; 0 = none.
static MUTEX_RATE: AtomicI64 = AtomicI64::new(0);

/// Counts of a stack; they change with nobody's help.
struct Counts {
    /// Events, in bits of a float: one that stands for several counts as as many.
    events: AtomicU64,
    /// Nanoseconds.
    time: AtomicI64,
}

static BLOCK: StackTable<Counts> = StackTable::new();
static MUTEX: StackTable<Counts> = StackTable::new();

/// Whether anything is profiled here.
#[inline(always)]
pub fn on() -> bool {
    ON.load(Ordering::Relaxed)
}

/// Whether mutexes are.
pub fn mutexes() -> bool {
    MUTEX_RATE.load(Ordering::Relaxed) > 0
}

/// `g` parks.
#[cold]
pub fn parks(g: &G, on: Waiting) {
    let now = os::nanotime();
    let (blocked, contended) = match on {
        Waiting::Sema(kind, _) => {
            let exclusive = matches!(kind, SemaKind::Mutex | SemaKind::RLock | SemaKind::RWLock);
            // Below 0: what it has waited for this unit before.
            (now + g.park.blocked.get().min(0), exclusive)
        }
        Waiting::Receive(_) | Waiting::Send(_) | Waiting::Select(_) => (now, false),
        Waiting::BubbleReceive(_) | Waiting::BubbleSend(_) | Waiting::BubbleSelect(_) => {
            (now, false)
        }
        Waiting::Cond(_) => (now, false),
        _ => (0, false),
    };
    g.park.blocked.set(blocked);
    let since = if contended && mutexes() { now } else { 0 };
    g.park.contended.set(since);
}

/// `g` is about to be woken, by this thread.
#[cold]
pub fn readied(g: &G) {
    let from = g.park.blocked.get();
    if from <= 0 {
        return;
    }
    let took = os::nanotime() - from;
    if matches!(g.park.on.get(), Waiting::Sema(..)) {
        return g.park.blocked.set((-took).min(-1));
    }
    g.park.blocked.set(0);
    blocked(g, took, 0);
}

/// A goroutine begins to wait for a semaphore, unless it gets a unit at once.
#[unsafe(no_mangle)]
extern "C" fn rt_blockbegins() {
    getm().g().park.blocked.set(0);
}

/// It has got it. Its stack begins `skip` calls above the one that is not the runtime's.
#[unsafe(no_mangle)]
extern "C" fn rt_blockended(skip: isize) {
    let g = getm().g();
    let took = -g.park.blocked.replace(0);
    if took > 0 {
        blocked(g, took, skip);
    }
}

/// A wait that somebody else says has been; with `skip` 1 its stack begins with the caller.
#[unsafe(no_mangle)]
extern "C" fn rt_blockevent(took: i64, skip: isize) {
    blocked(getm().g(), took, skip - 1);
}

fn blocked(g: &G, took: i64, skip: isize) {
    let (took, rate) = (took.max(1), BLOCK_RATE.load(Ordering::Relaxed));
    if rate <= 0 || rate > took && (random() % rate as u64) as i64 > took {
        return;
    }
    if took < rate {
        // It stands for others that were not counted.
        count(&BLOCK, g, skip, rate as f64 / took as f64, rate);
    } else {
        count(&BLOCK, g, skip, 1.0, took);
    }
}

/// A sleeper on a mutex, the first of `others + 1`, is taken out of the queue, whose lock the caller holds: the time that all of
/// them have waited since the last one was. `rest` are the next and the last.
pub fn contended(first: &G, rest: Option<(&G, &G)>, others: u16) -> i64 {
    let since = first.park.contended.replace(0);
    if since == 0 {
        return 0;
    }
    let now = os::nanotime();
    let mut took = now - since;
    if let Some((next, last)) = rest {
        let lasts = now - last.park.contended.get();
        took += (lasts + now - since) / 2 * i64::from(others);
        next.park.contended.set(now);
        last.park.contended.set(now);
    }
    took
}

/// The running goroutine releases a mutex that others have waited for.
pub fn released(took: i64, skip: isize) {
    let rate = MUTEX_RATE.load(Ordering::Relaxed);
    if rate > 0 && random().is_multiple_of(rate as u64) {
        count(&MUTEX, getm().g(), skip, rate as f64, took.max(1) * rate);
    }
}

/// Counts for the stack of `g`, which stands still: the frames of natives and of what leads to them are the runtime's own.
fn count(table: &StackTable<Counts>, g: &G, skip: isize, events: f64, time: i64) {
    let mut pcs = [0; DEPTH];
    let mut n = 0;
    let calls = Frames::from_native(g, None).flat_map(|f| functab::locations(f.lookup_pc()));
    let calls = calls
        .filter(|c| !c.wrapper)
        .skip_while(|c| is_own(c.name))
        .skip(skip.max(0) as usize);
    for (to, call) in pcs.iter_mut().zip(calls) {
        *to = call.pc + 1;
        n += 1;
    }
    let counts = &table.bucket(&pcs[..n], 0).counts;
    let add = |bits: u64| Some((f64::from_bits(bits) + events).to_bits());
    let _ = counts
        .events
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    counts.time.fetch_add(time, Ordering::Relaxed);
}

/// Functions of package runtime, also those that other packages have under a name of their own.
fn is_own(name: &[u8]) -> bool {
    name.starts_with(b"runtime.") || name.windows(9).any(|w| w == b".runtime_")
}

fn switch() {
    let any = [&BLOCK_RATE, &MUTEX_RATE].map(|r| r.load(Ordering::SeqCst) > 0);
    ON.store(any[0] || any[1], Ordering::SeqCst);
}

/// SetBlockProfileRate.
#[unsafe(no_mangle)]
extern "C" fn rt_blockrate(rate: i64) {
    BLOCK_RATE.store(rate.max(0), Ordering::SeqCst);
    switch();
}

/// SetMutexProfileFraction: the rate until now; below 0 it stays.
#[unsafe(no_mangle)]
extern "C" fn rt_mutexrate(rate: i64) -> i64 {
    let old = MUTEX_RATE.load(Ordering::SeqCst);
    if rate >= 0 {
        MUTEX_RATE.store(rate, Ordering::SeqCst);
        switch();
    }
    old
}

/// A profile: for each stack events, nanoseconds, number of return addresses, and those. The result is the number of words that this
/// needs; if that is more than `n`, the buffer has only the first of them.
///
/// # Safety
/// `buf` has `n` words.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_blockprofile(buf: *mut usize, n: usize, mutex: bool) -> usize {
    let table = if mutex { &MUTEX } else { &BLOCK };
    table.with(|all| {
        let mut need = 0;
        let mut put = |word: usize| {
            if need < n {
                // SAFETY: the caller's buffer.
                unsafe { *buf.add(need) = word };
            }
            need += 1;
        };
        for b in all {
            let events = f64::from_bits(b.counts.events.load(Ordering::Relaxed));
            put(events as usize);
            put(b.counts.time.load(Ordering::Relaxed) as usize);
            put(b.stack().len());
            b.stack().iter().for_each(|&pc| put(pc));
        }
        need
    })
}
