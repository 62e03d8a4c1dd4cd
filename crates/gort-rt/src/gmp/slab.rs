//! Memory outside the Go heap for G, M, P and sudog.
//!
//! Gs come from chunks of 4 MiB that are reserved at once but touched slot by slot; the table of
//! chunks doubles as `allgs`: every slot below `used` that is not Gidle is a G, in order of creation.
//! Dead Gs are reused through the free lists of `sched/exit.rs`; when they have not been wanted for a
//! while, sysmon gives the memory of wholly dead chunks back through [`release_dead`].

use super::{G, stack};
use crate::lang::throw;
use crate::lock::SpinLock;
use crate::os;
use crate::sync::{AtomicU32, AtomicUsize, Ordering};
use gort_abi::FIRST_SEGMENT;

const CHUNK: usize = 4 << 20;
/// Slots of a chunk.
pub const CHUNK_SLOTS: usize = CHUNK / FIRST_SEGMENT;
const MAX_CHUNKS: usize = 1 << 16;

static LOCK: SpinLock = SpinLock::new();
static CHUNKS: [AtomicUsize; MAX_CHUNKS] = [const { AtomicUsize::new(0) }; MAX_CHUNKS];
static USED: AtomicUsize = AtomicUsize::new(0);

/// Number of slots ever handed out.
pub fn slots() -> usize {
    USED.load(Ordering::Acquire)
}

/// Bytes reserved for the slots in use.
pub fn bytes() -> usize {
    slots() * FIRST_SEGMENT
}

/// The G in slot `i` (below [`slots`]).
pub fn slot(i: usize) -> &'static G {
    let base = CHUNKS[i / CHUNK_SLOTS].load(Ordering::Acquire);
    let end = base + (i % CHUNK_SLOTS + 1) * FIRST_SEGMENT;
    // SAFETY: slots below USED lie in mapped chunks; a zeroed slot is a valid G of status Gidle.
    unsafe { &*((end - size_of::<G>()) as *const G) }
}

/// Maps chunk `c`: the first alone, since most programs need no other; then in groups, aligned for huge
/// pages, since a program with that many goroutines pays most for page faults.
fn map_chunk(c: usize) {
    const GROUP: usize = 16;
    const HUGE: usize = 2 << 20;
    let map = |n| os::sys_map(n).unwrap_or_else(|| throw::out_of_memory(n));
    if c == 0 {
        CHUNKS[0].store(map(CHUNK), Ordering::Release);
        return;
    }
    let base = (map(GROUP * CHUNK + HUGE) + HUGE - 1) & !(HUGE - 1);
    os::sys_huge(base, GROUP * CHUNK);
    for i in 0..GROUP.min(MAX_CHUNKS - c) {
        CHUNKS[c + i].store(base + i * CHUNK, Ordering::Release);
    }
}

/// Hands out up to `n` fresh Gs (status Gdead) to `each`; at least one.
pub fn new_gs(n: usize, mut each: impl FnMut(&'static G)) {
    let (from, to) = LOCK.with(|| {
        if let Some(c) = take_released() {
            // All of it at once: a chunk is either released or in use.
            return (c * CHUNK_SLOTS, (c + 1) * CHUNK_SLOTS);
        }
        let from = USED.load(Ordering::Relaxed);
        let c = from / CHUNK_SLOTS;
        if from.is_multiple_of(CHUNK_SLOTS) && CHUNKS[c].load(Ordering::Relaxed) == 0 {
            map_chunk(c);
        }
        let to = (from + n).min((c + 1) * CHUNK_SLOTS);
        USED.store(to, Ordering::Release);
        (from, to)
    });
    for i in from..to {
        let g = slot(i);
        let p = g as *const G as usize;
        // SAFETY: the slot is fresh and ours.
        unsafe { stack::init_first(p as *mut G, p + size_of::<G>() - FIRST_SEGMENT) };
        g.cast_allocated();
        each(g);
    }
}

/// Chunks whose memory has been given back: links and their head, 0 = none, else chunk + 1. Guarded by LOCK.
static RELEASED: AtomicUsize = AtomicUsize::new(0);
static RELEASED_NEXT: [AtomicU32; MAX_CHUNKS] = [const { AtomicU32::new(0) }; MAX_CHUNKS];
/// How many dead Gs of each chunk the current [`release_dead`] has seen.
static DEAD: [AtomicU32; MAX_CHUNKS] = [const { AtomicU32::new(0) }; MAX_CHUNKS];

fn chunk_of(g: *const G) -> usize {
    let at = g as usize;
    (0..slots().div_ceil(CHUNK_SLOTS))
        .find(|&c| at.wrapping_sub(CHUNKS[c].load(Ordering::Relaxed)) < CHUNK)
        .unwrap_or(0)
}

/// Takes the Gs of wholly dead chunks off `list` (linked by `schedlink`) and gives their memory back to
/// the system. Their slots read as Gidle until [`new_gs`] hands them out again. Returns the rest of the
/// list and its length.
pub fn release_dead(list: *const G) -> (*const G, u32) {
    let chunks = slots().div_ceil(CHUNK_SLOTS);
    DEAD[..chunks]
        .iter()
        .for_each(|d| d.store(0, Ordering::Relaxed));
    let (mut at, mut last) = (list, 0);
    // SAFETY: a list of dead Gs that is ours.
    while let Some(g) = unsafe { at.as_ref() } {
        if (at as usize).wrapping_sub(CHUNKS[last].load(Ordering::Relaxed)) >= CHUNK {
            last = chunk_of(at);
        }
        DEAD[last].fetch_add(1, Ordering::Relaxed);
        at = g.schedlink.get();
    }
    // The first chunk stays: it is small change, and holds the first goroutines anyway.
    let whole = |c: usize| c > 0 && DEAD[c].load(Ordering::Relaxed) as usize == CHUNK_SLOTS;
    let (mut kept, mut n): (*const G, u32) = (core::ptr::null(), 0);
    at = list;
    // SAFETY: as above.
    while let Some(g) = unsafe { at.as_ref() } {
        if (at as usize).wrapping_sub(CHUNKS[last].load(Ordering::Relaxed)) >= CHUNK {
            last = chunk_of(at);
        }
        at = g.schedlink.get();
        if !whole(last) {
            g.schedlink.set(kept);
            kept = g;
            n += 1;
        }
    }
    LOCK.with(|| {
        for c in (1..chunks).filter(|&c| whole(c)) {
            os::sys_unused(CHUNKS[c].load(Ordering::Relaxed), CHUNK);
            let old = RELEASED.swap(c + 1, Ordering::Relaxed);
            RELEASED_NEXT[c].store(old as u32, Ordering::Relaxed);
        }
    });
    (kept, n)
}

/// A released chunk to hand out again, with the lock held.
fn take_released() -> Option<usize> {
    let c = RELEASED.load(Ordering::Relaxed).checked_sub(1)?;
    let next = RELEASED_NEXT[c].load(Ordering::Relaxed);
    RELEASED.store(next as usize, Ordering::Relaxed);
    Some(c)
}

struct Bump {
    next: AtomicUsize,
    end: AtomicUsize,
}
static PERSISTENT_LOCK: SpinLock = SpinLock::new();
static BUMP: Bump = Bump {
    next: AtomicUsize::new(0),
    end: AtomicUsize::new(0),
};

/// Zeroed memory that is never given back, 16-aligned.
pub fn persistent(size: usize) -> *mut u8 {
    let size = (size + 15) & !15;
    PERSISTENT_LOCK.with(|| {
        let mut at = BUMP.next.load(Ordering::Relaxed);
        if at == 0 || at + size > BUMP.end.load(Ordering::Relaxed) {
            let chunk = (256 << 10).max((size + 4095) & !4095);
            at = os::sys_map(chunk).unwrap_or_else(|| throw::out_of_memory(chunk));
            BUMP.end.store(at + chunk, Ordering::Relaxed);
        }
        BUMP.next.store(at + size, Ordering::Relaxed);
        at as *mut u8
    })
}
