//! Memory outside the Go heap for G, M, P and sudog.
//!
//! Gs come from chunks of 4 MiB that are reserved at once but touched slot by slot; the table of
//! chunks doubles as `allgs`: every slot below `used` that is not Gidle is a G, in order of creation.
//! Dead Gs are reused through the free lists of `sched/exit.rs`, which gives the pages of wholly dead
//! chunks back through [`release_chunk`].

use super::{G, stack};
use crate::lang::throw;
use crate::lock::SpinLock;
use crate::os;
use crate::sync::{AtomicUsize, Ordering};
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

/// Hands out up to `n` fresh Gs (status Gdead) to `each`; at least one.
pub fn new_gs(n: usize, mut each: impl FnMut(&'static G)) {
    let (from, to) = LOCK.with(|| {
        let from = USED.load(Ordering::Relaxed);
        let c = from / CHUNK_SLOTS;
        if from.is_multiple_of(CHUNK_SLOTS) && CHUNKS[c].load(Ordering::Relaxed) == 0 {
            let base = os::sys_map(CHUNK).unwrap_or_else(|| throw::out_of_memory(CHUNK));
            if c > 0 {
                os::sys_huge(base, CHUNK);
            }
            CHUNKS[c].store(base, Ordering::Release);
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

/// Gives the memory of one chunk of dead Gs back; its slots read as Gidle afterwards and may be
/// handed out again by the caller.
pub fn release_chunk(i: usize) {
    let base = CHUNKS[i].load(Ordering::Acquire);
    os::sys_unused(base, CHUNK);
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
