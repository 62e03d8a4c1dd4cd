//! The queue of what has been found and not been looked into: chunks of words, and who is at it.
//!
//! A worker fills and empties a chunk of its own ([`Local`]); full ones go to a common list ([`Work`]), where others take them. At the
//! end of a quantum a worker puts its chunk there, too, so that no work is hidden while it does something else, and then
//! leaves ([`Workers`]). So if the last one who leaves finds the list empty, there was nothing more to find.

use crate::gmp::list::{Linked, Stack};
use crate::lock::SpinLock;
use crate::rank;
use crate::sync::{AtomicU32, AtomicUsize, Cell, Ordering};
use core::cell::Cell as Link;
use core::ptr::null;

/// Bytes of a chunk.
pub const BYTES: usize = 8192;
#[cfg(not(loom))]
const ROOM: usize = BYTES / 8 - 3;
#[cfg(loom)]
const ROOM: usize = 2;

/// A chunk. Zeroed memory is an empty one.
#[repr(C)]
pub struct Chunk {
    link: Link<*const Chunk>,
    n: Cell<usize>,
    /// Its second page has gone back to the system since it was emptied.
    pub(super) released: Cell<bool>,
    words: [Cell<usize>; ROOM],
}
#[cfg(not(loom))]
const _: () = assert!(size_of::<Chunk>() == BYTES);

// SAFETY: the link is the list's that the chunk is on; chunks on lists stay mapped.
unsafe impl Linked for Chunk {
    fn link(&self) -> &Link<*const Chunk> {
        &self.link
    }
}

/// The common lists.
pub struct Work {
    lock: SpinLock<{ rank::GCWORK }>,
    full: Stack<Chunk>,
    empty: Stack<Chunk>,
    /// Chunks on the list that have something in them.
    nfull: AtomicUsize,
    /// Makes an empty chunk.
    make: fn() -> &'static Chunk,
}
// SAFETY: the lists are only touched with the lock held.
unsafe impl Sync for Work {}
#[cfg(loom)]
// SAFETY: as above.
unsafe impl Send for Work {}

macro_rules! new {
    ($($constant:ident)?) => {
        /// Without work; `make` makes an empty chunk when there is none.
        pub $($constant)? fn new(make: fn() -> &'static Chunk) -> Work {
            Work {
                lock: SpinLock::new(),
                full: Stack::new(),
                empty: Stack::new(),
                nfull: AtomicUsize::new(0),
                make,
            }
        }
    };
}

impl Work {
    #[cfg(not(loom))]
    new!(const);
    #[cfg(loom)]
    new!();

    /// Whether there is work.
    pub fn any(&self) -> bool {
        self.nfull.load(Ordering::SeqCst) != 0
    }

    /// Adds chunks without work.
    pub fn give_empty(&self, chunks: impl Iterator<Item = &'static Chunk>) {
        self.lock.with(|| chunks.for_each(|c| self.empty.push(c)));
    }

    /// Takes one for which `want` holds from those without work, if there are more than `keep`.
    pub fn take_empty(&self, keep: u32, want: impl Fn(&Chunk) -> bool) -> Option<&'static Chunk> {
        self.lock.with(|| {
            let many = self.empty.len() > keep;
            many.then(|| self.empty.take(want)).flatten()
        })
    }

    fn empty(&self) -> &'static Chunk {
        self.lock
            .with(|| self.empty.pop())
            .unwrap_or_else(self.make)
    }
}

/// A worker's own end of the queue. Zeroed memory is one without work.
pub struct Local {
    chunk: Cell<*const Chunk>,
}

macro_rules! new_local {
    ($($constant:ident)?) => {
        /// One without work.
        pub $($constant)? fn new() -> Local {
            Local {
                chunk: Cell::new(null()),
            }
        }
    };
}

impl Local {
    #[cfg(not(loom))]
    new_local!(const);
    #[cfg(loom)]
    new_local!();

    /// Adds a word.
    #[inline(always)]
    pub fn push(&self, work: &Work, word: usize) {
        // SAFETY: null or our chunk.
        if let Some(c) = unsafe { self.chunk.get().as_ref() }
            && c.n.get() < ROOM
        {
            c.words[c.n.get()].set(word);
            c.n.set(c.n.get() + 1);
            return;
        }
        self.push_slow(work, word);
    }

    #[cold]
    #[inline(never)]
    fn push_slow(&self, work: &Work, word: usize) {
        self.share(work);
        let c = work.empty();
        c.released.set(false);
        c.words[0].set(word);
        c.n.set(1);
        self.chunk.set(c);
    }

    /// The word that was added last, or one of another worker.
    #[inline(always)]
    pub fn pop(&self, work: &Work) -> Option<usize> {
        // SAFETY: null or our chunk.
        if let Some(c) = unsafe { self.chunk.get().as_ref() }
            && c.n.get() > 0
        {
            let n = c.n.get() - 1;
            c.n.set(n);
            return Some(c.words[n].get());
        }
        self.pop_slow(work)
    }

    #[cold]
    #[inline(never)]
    fn pop_slow(&self, work: &Work) -> Option<usize> {
        if !work.any() {
            return None;
        }
        let c = work.lock.with(|| {
            let c = work.full.pop()?;
            work.nfull.fetch_sub(1, Ordering::SeqCst);
            // SAFETY: null or our chunk, which is empty.
            if let Some(mine) = unsafe { self.chunk.replace(null()).as_ref() } {
                work.empty.push(mine);
            }
            Some(c)
        })?;
        self.chunk.set(c);
        self.pop(work)
    }

    /// Puts all words on the common list.
    pub fn share(&self, work: &Work) {
        // SAFETY: null or our chunk.
        let Some(c) = (unsafe { self.chunk.replace(null()).as_ref() }) else {
            return;
        };
        work.lock.with(|| {
            if c.n.get() == 0 {
                work.empty.push(c);
            } else {
                work.full.push(c);
                work.nfull.fetch_add(1, Ordering::SeqCst);
            }
        });
    }

    /// Whether its own chunk has no words.
    pub fn is_empty(&self) -> bool {
        // SAFETY: null or our chunk.
        unsafe { self.chunk.get().as_ref() }.is_none_or(|c| c.n.get() == 0)
    }
}

/// Who is at it. While there is somebody, what he has found may be known to nobody else.
pub struct Workers(AtomicU32);

macro_rules! new_workers {
    ($($constant:ident)?) => {
        /// Nobody.
        pub $($constant)? fn new() -> Workers {
            Workers(AtomicU32::new(0))
        }
    };
}

impl Workers {
    #[cfg(not(loom))]
    new_workers!(const);
    #[cfg(loom)]
    new_workers!();

    /// One more.
    pub fn enter(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    /// One less, who has made known what he has found; whether he was the last.
    pub fn leave(&self) -> bool {
        self.0.fetch_sub(1, Ordering::SeqCst) == 1
    }

    /// How many.
    pub fn count(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }
}

#[cfg(all(test, loom))]
#[path = "workqueue_model.rs"]
mod model;
