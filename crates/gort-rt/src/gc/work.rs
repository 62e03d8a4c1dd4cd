//! The queue of the collector ([`super::workqueue`]): its memory, and what its words mean.
//!
//! A word is an address in the heap, or a piece of a large object: its first byte with [`PIECE`] set.

use super::workqueue::{BYTES, Chunk, Work};
use crate::gmp::offheap;
use crate::os;
use crate::sync::{AtomicUsize, Ordering};

/// Marks a word that stands for a piece of a large object.
pub const PIECE: usize = 1 << 63;

/// Chunks that are mapped at a time.
const BLOCK: usize = 16;

/// What has been found and not been looked into.
pub static WORK: Work = Work::new(more);

/// Chunks that there are.
static CHUNKS: AtomicUsize = AtomicUsize::new(0);

/// Whether the common list has work.
pub fn any() -> bool {
    WORK.any()
}

/// Bytes of all chunks.
pub fn bytes() -> usize {
    CHUNKS.load(Ordering::Relaxed) * BYTES
}

/// Maps some chunks; the first of them.
fn more() -> &'static Chunk {
    let at = offheap::persistent(BLOCK * BYTES) as usize;
    CHUNKS.fetch_add(BLOCK, Ordering::Relaxed);
    // SAFETY: zeroed memory is an empty chunk.
    let chunk = |i: usize| unsafe { &*((at + i * BYTES) as *const Chunk) };
    WORK.give_empty((1..BLOCK).map(chunk));
    chunk(0)
}

/// After a cycle: memory of chunks that nobody needs goes back to the system.
pub fn release() {
    const KEEP: u32 = 64;
    while let Some(c) = WORK.take_empty(KEEP, |c| !c.released.get()) {
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
        WORK.give_empty(core::iter::once(c));
    }
}
