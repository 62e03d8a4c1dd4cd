//! What has been found and not been looked into: chunks of words.
//!
//! A worker fills and empties a chunk of its own; full ones go to a common list, where others take them. At the end of a
//! quantum a worker puts its chunk there, too, so that no work is hidden while it does something else.
//!
//! A word is an address in the heap, or a piece of a large object: its first byte with [`PIECE`] set.

use crate::gmp::list::{Linked, Stack};
use crate::gmp::offheap;
use crate::lock::SpinLock;
use crate::os;
use crate::rank;
use crate::sync::{AtomicUsize, Ordering};
use core::cell::{Cell, UnsafeCell};
use core::ptr::null;

/// Marks a word that stands for a piece of a large object.
pub const PIECE: usize = 1 << 63;

const BYTES: usize = 8192;
const ROOM: usize = BYTES / 8 - 3;
/// Chunks that are mapped at a time.
const BLOCK: usize = 16;

/// A chunk.
#[repr(C)]
pub struct Chunk {
    link: Cell<*const Chunk>,
    n: Cell<usize>,
    /// Its second page has gone back to the system since it was emptied.
    released: Cell<bool>,
    words: UnsafeCell<[usize; ROOM]>,
}
const _: () = assert!(size_of::<Chunk>() == BYTES);

// SAFETY: the link is the list's that the chunk is on; chunks on lists stay mapped.
unsafe impl Linked for Chunk {
    fn link(&self) -> &Cell<*const Chunk> {
        &self.link
    }
}

struct Work {
    lock: SpinLock<{ rank::GCWORK }>,
    full: Stack<Chunk>,
    empty: Stack<Chunk>,
}
// SAFETY: the lists are only touched with the lock held.
unsafe impl Sync for Work {}
static WORK: Work = Work {
    lock: SpinLock::new(),
    full: Stack::new(),
    empty: Stack::new(),
};

/// Chunks on the common list that have something in them.
static FULL: AtomicUsize = AtomicUsize::new(0);
/// Chunks that there are.
static CHUNKS: AtomicUsize = AtomicUsize::new(0);

/// Whether the common list has work.
pub fn any() -> bool {
    FULL.load(Ordering::SeqCst) != 0
}

/// Bytes of all chunks.
pub fn bytes() -> usize {
    CHUNKS.load(Ordering::Relaxed) * BYTES
}

fn empty() -> &'static Chunk {
    if let Some(c) = WORK.lock.with(|| WORK.empty.pop()) {
        return c;
    }
    let at = offheap::persistent(BLOCK * BYTES) as usize;
    CHUNKS.fetch_add(BLOCK, Ordering::Relaxed);
    // SAFETY: zeroed memory is an empty chunk.
    let chunk = |i: usize| unsafe { &*((at + i * BYTES) as *const Chunk) };
    WORK.lock
        .with(|| (1..BLOCK).for_each(|i| WORK.empty.push(chunk(i))));
    chunk(0)
}

/// After a cycle: memory of chunks that nobody needs goes back to the system.
pub fn release() {
    const KEEP: u32 = 64;
    loop {
        let Some(c) = WORK.lock.with(|| {
            let many = WORK.empty.len() > KEEP;
            many.then(|| WORK.empty.take(|c| !c.released.get()))
                .flatten()
        }) else {
            return;
        };
        // The link lies in the first page, which stays: the chunk goes back to the list, at its place for those
        // that have been emptied.
        let page = 4096;
        let from =
            (core::ptr::from_ref(c) as usize + size_of::<[usize; 3]>()).next_multiple_of(page);
        let to = (core::ptr::from_ref(c) as usize + BYTES) & !(page - 1);
        if to > from {
            os::sys_unused(from, to - from);
        }
        c.released.set(true);
        WORK.lock.with(|| WORK.empty.push(c));
    }
}

/// A worker's own end of the queue. Zeroed memory is one without work.
pub struct Local {
    chunk: Cell<*const Chunk>,
}

impl Local {
    /// One without work.
    pub const fn new() -> Local {
        Local {
            chunk: Cell::new(null()),
        }
    }

    /// Adds a word.
    #[inline(always)]
    pub fn push(&self, word: usize) {
        // SAFETY: null or our chunk.
        if let Some(c) = unsafe { self.chunk.get().as_ref() }
            && c.n.get() < ROOM
        {
            // SAFETY: our chunk has room for it.
            unsafe { (*c.words.get())[c.n.get()] = word };
            c.n.set(c.n.get() + 1);
            return;
        }
        self.push_slow(word);
    }

    #[cold]
    #[inline(never)]
    fn push_slow(&self, word: usize) {
        self.share();
        let c = empty();
        c.released.set(false);
        // SAFETY: an empty chunk of ours.
        unsafe { (*c.words.get())[0] = word };
        c.n.set(1);
        self.chunk.set(c);
    }

    /// The word that was added last, or one of another worker.
    #[inline(always)]
    pub fn pop(&self) -> Option<usize> {
        // SAFETY: null or our chunk.
        if let Some(c) = unsafe { self.chunk.get().as_ref() }
            && c.n.get() > 0
        {
            let n = c.n.get() - 1;
            c.n.set(n);
            // SAFETY: words below n have been written.
            return Some(unsafe { (*c.words.get())[n] });
        }
        self.pop_slow()
    }

    #[cold]
    #[inline(never)]
    fn pop_slow(&self) -> Option<usize> {
        if !any() {
            return None;
        }
        let c = WORK.lock.with(|| {
            let c = WORK.full.pop()?;
            FULL.fetch_sub(1, Ordering::SeqCst);
            // SAFETY: null or our chunk, which is empty.
            if let Some(mine) = unsafe { self.chunk.replace(null()).as_ref() } {
                WORK.empty.push(mine);
            }
            Some(c)
        })?;
        self.chunk.set(c);
        self.pop()
    }

    /// Puts all words on the common list.
    pub fn share(&self) {
        // SAFETY: null or our chunk.
        let Some(c) = (unsafe { self.chunk.replace(null()).as_ref() }) else {
            return;
        };
        WORK.lock.with(|| {
            if c.n.get() == 0 {
                WORK.empty.push(c);
            } else {
                WORK.full.push(c);
                FULL.fetch_add(1, Ordering::SeqCst);
            }
        });
    }

    /// Whether its own chunk has no words.
    pub fn is_empty(&self) -> bool {
        // SAFETY: null or our chunk.
        unsafe { self.chunk.get().as_ref() }.is_none_or(|c| c.n.get() == 0)
    }
}
