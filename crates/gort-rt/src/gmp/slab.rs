//! Where Gs lie: chunks of 4 MiB, 2048 slots each. A slot holds a G at its high end and is the goroutine's first stack
//! segment below that.
//!
//! A slot is *in use* (a goroutine, or on the free list of a P), or *free*: then its bit in the chunk's `free` map is
//! set. The memory of a free slot is *clean* if it has never been touched or has been given back to the system: it
//! reads as zero, as Gidle. All maps are guarded by one lock, whose critical sections are a few words long whatever the
//! number of goroutines that ever were: a list of all dead Gs was tried, and finding the chunks that could go back
//! meant walking a million of them under the scheduler's lock.
//!
//! Free slots are handed out from the lowest chunk that has some, so that the others empty. The chunks double as
//! `allgs`: [`each`] walks what is in use.
//!
//! While a chunk fills for the first time after all of it was clean its pages are asked for [`AHEAD`] of their use, many at
//! once: a program with that many goroutines pays most for page faults.
//!
//! Tried for that: huge pages. Where the system has none at hand it stops to make some, twice the time for each of a hundred
//! thousand goroutines on a virtual machine; and the first G that was used again in a chunk brought 2 MiB.

use super::{G, offheap, stack};
use crate::lang::throw;
use crate::lock::SpinLock;
use crate::os;
use crate::rank;
use crate::sync::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use core::ptr::null_mut;
use gort_abi::FIRST_SEGMENT;

const CHUNK: usize = 4 << 20;
const CHUNK_SLOTS: usize = CHUNK / FIRST_SEGMENT;
const WORDS: usize = CHUNK_SLOTS / 64;
const MAX_CHUNKS: usize = 1 << 16;
const PAGE_SLOTS: usize = 4096 / FIRST_SEGMENT;
/// Slots whose pages are asked for at once.
const AHEAD: usize = 128;
/// Free slots that keep their memory: small change.
const RESERVE: usize = 64;

/// A chunk. Zeroed memory would be one without free slots.
struct Chunk {
    base: AtomicUsize,
    nfree: AtomicU32,
    /// Slots up to here have been asked for; all of them, unless the chunk fills for the first time.
    asked: AtomicU32,
    free: [AtomicU64; WORDS],
    /// Of the free slots those whose memory reads as zero.
    clean: [AtomicU64; WORDS],
}

impl Chunk {
    /// Whether no slot is in use or keeps memory. The lock is held.
    fn is_clean(&self) -> bool {
        let all = |w: &AtomicU64| w.load(Ordering::Relaxed) == u64::MAX;
        self.nfree.load(Ordering::Relaxed) as usize == CHUNK_SLOTS && self.clean.iter().all(all)
    }

    /// Asks for the pages of slot `i` and those behind it, unless that has been done. The lock is held.
    fn ask(&self, i: usize) {
        let asked = self.asked.load(Ordering::Relaxed) as usize;
        if asked <= i {
            let end = (i + AHEAD).min(CHUNK_SLOTS);
            let base = self.base.load(Ordering::Relaxed);
            let from = i & !(PAGE_SLOTS - 1);
            os::sys_populate(base + from * FIRST_SEGMENT, (end - from) * FIRST_SEGMENT);
            self.asked.store(end as u32, Ordering::Relaxed);
        }
    }

    /// The free slots of word `w` that keep memory. The lock is held.
    fn dirty(&self, w: usize) -> u64 {
        self.free[w].load(Ordering::Relaxed) & !self.clean[w].load(Ordering::Relaxed)
    }
}

static LOCK: SpinLock<{ rank::GFREE }> = SpinLock::new();
static CHUNKS: [AtomicPtr<Chunk>; MAX_CHUNKS] = [const { AtomicPtr::new(null_mut()) }; MAX_CHUNKS];
/// Chunks that exist.
static USED: AtomicUsize = AtomicUsize::new(0);
/// No chunk below has a free slot.
static LOWEST: AtomicUsize = AtomicUsize::new(0);
/// Free slots that are not clean, and the least number of them since sysmon last looked.
static DIRTY: AtomicUsize = AtomicUsize::new(0);
static LEAST_DIRTY: AtomicUsize = AtomicUsize::new(0);

fn chunk(c: usize) -> &'static Chunk {
    // SAFETY: chunks below USED exist and are never freed.
    unsafe { &*CHUNKS[c].load(Ordering::Acquire) }
}

/// Bytes of the slots that are in use or keep memory.
pub fn bytes() -> usize {
    let mut clean = 0;
    let n = USED.load(Ordering::Acquire);
    for c in 0..n {
        let words = &chunk(c).clean;
        clean += words
            .iter()
            .map(|w| w.load(Ordering::Relaxed).count_ones() as usize)
            .sum::<usize>();
    }
    (n * CHUNK_SLOTS - clean) * FIRST_SEGMENT
}

/// Bytes of free slots that keep their memory.
pub fn free_bytes() -> usize {
    DIRTY.load(Ordering::Relaxed) * FIRST_SEGMENT
}

/// Whether no G exists yet.
pub fn is_empty() -> bool {
    USED.load(Ordering::Acquire) == 0
}

fn slot(base: usize, i: usize) -> &'static G {
    // SAFETY: slots lie in mapped chunks; a zeroed slot is a valid G of status Gidle.
    unsafe { &*((base + (i + 1) * FIRST_SEGMENT - size_of::<G>()) as *const G) }
}

/// The G at place `i`, if that may be in use. It may still be dead or idle.
fn at(i: usize) -> Option<&'static G> {
    let (ch, i) = (chunk(i / CHUNK_SLOTS), i % CHUNK_SLOTS);
    // Not touched if it is free: reading would bring its page back.
    let free = ch.free[i / 64].load(Ordering::Relaxed) >> (i % 64) & 1 != 0;
    (!free).then(|| slot(ch.base.load(Ordering::Relaxed), i))
}

/// Calls `f` with every G that may be in use, until it says false. A snapshot: others come and go meanwhile.
pub fn each(mut f: impl FnMut(&'static G) -> bool) {
    for c in 0..chunks() {
        if !each_in(c, &mut f) {
            return;
        }
    }
}

/// Chunks that there are.
pub fn chunks() -> usize {
    USED.load(Ordering::Acquire)
}

/// [`each`] for one chunk; false if `f` has said so.
pub fn each_in(c: usize, mut f: impl FnMut(&'static G) -> bool) -> bool {
    if chunk(c).nfree.load(Ordering::Relaxed) as usize == CHUNK_SLOTS {
        return true;
    }
    for i in c * CHUNK_SLOTS..(c + 1) * CHUNK_SLOTS {
        if let Some(g) = at(i)
            && !f(g)
        {
            return false;
        }
    }
    true
}

/// Makes chunk `c`, all of whose slots are free and clean: the first alone, since most programs need no other and only few
/// slots of it; then in groups.
fn grow(c: usize) {
    const GROUP: usize = 16;
    let map = |n| os::sys_map(n).unwrap_or_else(|| throw::out_of_memory(n));
    let (base, n) = if c == 0 {
        (map(CHUNK), 1)
    } else {
        let n = GROUP.min(MAX_CHUNKS.saturating_sub(c));
        if n == 0 {
            throw::out_of_memory(CHUNK);
        }
        (map(n * CHUNK), n)
    };
    let asked = if c == 0 { CHUNK_SLOTS as u32 } else { 0 };
    for i in 0..n {
        let p = offheap::persistent(size_of::<Chunk>()).cast::<Chunk>();
        // SAFETY: zeroed memory is a valid chunk.
        let ch = unsafe { &*p };
        ch.base.store(base + i * CHUNK, Ordering::Relaxed);
        ch.asked.store(asked, Ordering::Relaxed);
        for w in ch.free.iter().chain(&ch.clean) {
            w.store(u64::MAX, Ordering::Relaxed);
        }
        ch.nfree.store(CHUNK_SLOTS as u32, Ordering::Relaxed);
        CHUNKS[c + i].store(p, Ordering::Release);
    }
    USED.store(c + n, Ordering::Release);
}

/// Hands out up to `n` dead Gs of one chunk to `each`, at least one.
pub fn take(n: u32, mut each: impl FnMut(&'static G)) {
    LOCK.lock();
    let mut c = LOWEST.load(Ordering::Relaxed);
    while c == USED.load(Ordering::Relaxed) || chunk(c).nfree.load(Ordering::Relaxed) == 0 {
        if c == USED.load(Ordering::Relaxed) {
            grow(c);
        } else {
            c += 1;
        }
    }
    LOWEST.store(c, Ordering::Relaxed);
    let ch = chunk(c);
    let base = ch.base.load(Ordering::Relaxed);
    if c != 0 && ch.is_clean() {
        ch.asked.store(0, Ordering::Relaxed);
    }
    let mut left = n;
    let mut dirty = 0;
    for w in 0..WORDS {
        let free = ch.free[w].load(Ordering::Relaxed);
        let mut rest = free;
        while rest != 0 && left > 0 {
            let (i, bit) = (
                w * 64 + rest.trailing_zeros() as usize,
                rest & rest.wrapping_neg(),
            );
            rest ^= bit;
            left -= 1;
            if ch.clean[w].load(Ordering::Relaxed) & bit != 0 {
                ch.ask(i);
                // The page is touched with the lock held: where it was not asked for, a fault of a microsecond, paid once a slot.
                let g = slot(base, i);
                let p = g as *const G as usize;
                // SAFETY: the slot is fresh and ours.
                unsafe { stack::init_first(p as *mut G, p + size_of::<G>() - FIRST_SEGMENT) };
                g.chunk.set(c as u32);
                g.cast_allocated();
            } else {
                dirty += 1;
            }
            each(slot(base, i));
        }
        let taken = !(free ^ rest);
        ch.free[w].store(rest, Ordering::Relaxed);
        ch.clean[w].store(
            ch.clean[w].load(Ordering::Relaxed) & taken,
            Ordering::Relaxed,
        );
        if left == 0 {
            break;
        }
    }
    ch.nfree.store(
        ch.nfree.load(Ordering::Relaxed) - (n - left),
        Ordering::Relaxed,
    );
    let now = DIRTY.load(Ordering::Relaxed) - dirty;
    DIRTY.store(now, Ordering::Relaxed);
    if now < LEAST_DIRTY.load(Ordering::Relaxed) {
        LEAST_DIRTY.store(now, Ordering::Relaxed);
    }
    LOCK.unlock();
}

/// Takes back dead Gs: `next` gives one after the other.
pub fn give(mut next: impl FnMut() -> Option<&'static G>) {
    LOCK.with(|| {
        let mut n = 0;
        while let Some(g) = next() {
            let c = g.chunk.get() as usize;
            // Its free records of deferred calls are no roots any more.
            g.deferpool.set(0);
            let ch = chunk(c);
            let low = core::ptr::from_ref(g) as usize - ch.base.load(Ordering::Relaxed);
            let i = low / FIRST_SEGMENT;
            set(&ch.free[i / 64], 1 << (i % 64));
            ch.nfree
                .store(ch.nfree.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
            if c < LOWEST.load(Ordering::Relaxed) {
                LOWEST.store(c, Ordering::Relaxed);
            }
            n += 1;
        }
        DIRTY.store(DIRTY.load(Ordering::Relaxed) + n, Ordering::Relaxed);
    });
}

fn set(word: &AtomicU64, bits: u64) {
    debug_assert!(word.load(Ordering::Relaxed) & bits == 0, "slot freed twice");
    word.store(word.load(Ordering::Relaxed) | bits, Ordering::Relaxed);
}

/// Whether there is more free memory than [`release`] leaves.
pub fn worth_release() -> bool {
    DIRTY.load(Ordering::Relaxed) > RESERVE
}

/// Gives memory of free slots back to the system, as much as has been free all the time since the last call, from
/// the highest chunk down; whether there is more of it. Whole pages only: two slots. Called by sysmon, about once a second,
/// and again soon if there is.
pub fn release() -> bool {
    // A bound for the time of one call.
    const MOST_RANGES: usize = 4096;
    let least = LEAST_DIRTY.swap(DIRTY.load(Ordering::Relaxed), Ordering::Relaxed);
    let mut want = least.saturating_sub(RESERVE);
    let mut ranges = 0;
    let mut c = USED.load(Ordering::Acquire);
    while c > 0 && want > 0 && ranges < MOST_RANGES {
        c -= 1;
        let (slots, n) = release_in(chunk(c));
        want = want.saturating_sub(slots);
        ranges += n;
    }
    let more = want > 0 && ranges >= MOST_RANGES;
    LOCK.with(|| {
        let mut least = LEAST_DIRTY.load(Ordering::Relaxed);
        least = least.min(DIRTY.load(Ordering::Relaxed));
        if more {
            // What is left has been free for long enough.
            least = least.min(want + RESERVE);
        }
        LEAST_DIRTY.store(least, Ordering::Relaxed);
    });
    more
}

/// Releases what it can of one chunk; how many slots and ranges that were.
fn release_in(ch: &Chunk) -> (usize, usize) {
    // Out of the map while the lock is open: the kernel must not clear what somebody has been given.
    let mut mine = [0u64; WORDS];
    let n = LOCK.with(|| {
        let mut n = 0;
        for (w, mine) in mine.iter_mut().enumerate() {
            *mine = whole_pages(ch.dirty(w));
            let free = ch.free[w].load(Ordering::Relaxed);
            ch.free[w].store(free & !*mine, Ordering::Relaxed);
            n += mine.count_ones();
        }
        if n != 0 {
            // Now and then a G may be used here again, and no more.
            ch.asked.store(CHUNK_SLOTS as u32, Ordering::Relaxed);
        }
        ch.nfree
            .store(ch.nfree.load(Ordering::Relaxed) - n, Ordering::Relaxed);
        DIRTY.store(
            DIRTY.load(Ordering::Relaxed) - n as usize,
            Ordering::Relaxed,
        );
        n
    });
    if n == 0 {
        return (0, 0);
    }
    let base = ch.base.load(Ordering::Relaxed);
    let has = |i: usize| mine[i / 64] >> (i % 64) & 1 != 0;
    let (mut i, mut ranges) = (0, 0);
    while i < CHUNK_SLOTS {
        let from = i;
        while i < CHUNK_SLOTS && has(i) {
            i += 1;
        }
        if i > from {
            os::sys_unused(base + from * FIRST_SEGMENT, (i - from) * FIRST_SEGMENT);
            ranges += 1;
        }
        i += 1;
    }
    LOCK.with(|| {
        for (w, &mine) in mine.iter().enumerate() {
            set(&ch.free[w], mine);
            set(&ch.clean[w], mine);
        }
        ch.nfree
            .store(ch.nfree.load(Ordering::Relaxed) + n, Ordering::Relaxed);
    });
    (n as usize, ranges)
}

/// Of the slots `bits` those that fill pages.
fn whole_pages(bits: u64) -> u64 {
    const { assert!(PAGE_SLOTS == 2) };
    let even = 0x5555_5555_5555_5555;
    let pairs = bits & bits >> 1 & even;
    pairs | pairs << 1
}
