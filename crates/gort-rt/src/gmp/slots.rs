//! Records of one size outside the heap, whose memory goes back to the system when a peak is over.
//!
//! They lie in blocks, aligned to their size, so that a record leads to its block. A block has a list of its free records, and takes
//! those behind `fresh` one after the other. [`Slots::idle`] gives blocks without a record in use, whose memory then may
//! go back: all but the first page, which has the block's head. The addresses stay, so whoever looks at a record that is no
//! longer one sees zeros.
//!
//! Tried: one list of all free records. After a peak it leads through all of their pages in the order in which they were freed,
//! so that no page is ever without a record that is in use again.

use super::list::{Linked, Stack};
use crate::sync::Cell;
use core::cell::Cell as Link;
use core::ptr::null;

/// Bytes of a block.
pub const BLOCK: usize = 64 << 10;
/// Of its head.
const HEAD: usize = 64;
/// What stays of a block whose memory goes back.
const KEPT: usize = 4096;

/// The head of a block. Zeroed memory is one without a record in use.
#[repr(C)]
pub struct Block {
    link: Link<*const Block>,
    /// The first of its free records, or 0.
    free: Cell<usize>,
    /// Records that have been handed out since its memory was new.
    fresh: Cell<u32>,
    /// Records in use.
    used: Cell<u32>,
}
const _: () = assert!(size_of::<Block>() <= HEAD || cfg!(loom));

// SAFETY: the link is the list's; blocks are never unmapped.
unsafe impl Linked for Block {
    fn link(&self) -> &Link<*const Block> {
        &self.link
    }
}

impl Block {
    fn at(&self) -> usize {
        core::ptr::from_ref(self) as usize
    }

    /// The part whose memory may go back while the block is on no list: first byte and bytes.
    pub fn memory(&self) -> (usize, usize) {
        (self.at() + KEPT, BLOCK - KEPT)
    }
}

/// Records of one size. The owner sees to it that one thread uses it at a time.
pub struct Slots {
    size: usize,
    /// Where in a free record its link is.
    link: usize,
    /// Records of a block.
    room: u32,
    /// Blocks with a free record.
    partial: Stack<Block>,
    blocks: Cell<usize>,
    used: Cell<usize>,
}

impl Slots {
    /// Without blocks, for records of `size` bytes; a free one is linked by its word at byte `link`.
    #[cfg(not(loom))]
    pub const fn new(size: usize, link: usize) -> Slots {
        Slots {
            size,
            link,
            room: ((BLOCK - HEAD) / size) as u32,
            partial: Stack::new(),
            blocks: Cell::new(0),
            used: Cell::new(0),
        }
    }

    /// Adds a block: zeroed memory, aligned to its size.
    ///
    /// # Safety
    /// The memory is nobody else's, for ever.
    pub unsafe fn add(&self, block: usize) {
        debug_assert!(block.is_multiple_of(BLOCK));
        self.blocks.set(self.blocks.get() + 1);
        // SAFETY: by contract.
        self.partial.push(unsafe { &*(block as *const Block) });
    }

    /// A record: what it was when it was given back, zeros, or parts of both. None if a block must be added first.
    pub fn take(&self) -> Option<usize> {
        let b = self.partial.first()?;
        let record = match b.free.get() {
            0 => {
                let i = b.fresh.get();
                b.fresh.set(i + 1);
                b.at() + HEAD + i as usize * self.size
            }
            record => {
                // SAFETY: a free record has its link there.
                b.free
                    .set(unsafe { *((record + self.link) as *const usize) });
                record
            }
        };
        b.used.set(b.used.get() + 1);
        if b.used.get() == self.room {
            self.partial.pop();
        }
        self.used.set(self.used.get() + 1);
        Some(record)
    }

    /// Gives a record back.
    ///
    /// # Safety
    /// It has been taken from here, and nobody uses it any more.
    pub unsafe fn give(&self, record: usize) {
        // SAFETY: the block of a record of ours.
        let b = unsafe { &*((record & !(BLOCK - 1)) as *const Block) };
        // SAFETY: by contract.
        unsafe { *((record + self.link) as *mut usize) = b.free.get() };
        b.free.set(record);
        if b.used.get() == self.room {
            self.partial.push(b);
        }
        b.used.set(b.used.get() - 1);
        self.used.set(self.used.get() - 1);
    }

    /// Takes a block off the list that has memory and no record in use, but leaves one such block. It must come back with
    /// [`restore`](Self::restore).
    pub fn idle(&self) -> Option<&'static Block> {
        let first = core::cell::Cell::new(null());
        self.partial.take(|b| {
            let idle = b.used.get() == 0 && b.fresh.get() != 0;
            idle && !first.replace(b).is_null()
        })
    }

    /// The memory of a block has gone back.
    pub fn restore(&self, b: &'static Block) {
        b.free.set(0);
        b.fresh.set(0);
        self.partial.push(b);
    }

    /// Bytes of all blocks, and of records in use.
    pub fn bytes(&self) -> (usize, usize) {
        (self.blocks.get() * BLOCK, self.used.get() * self.size)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::alloc::{Layout, alloc_zeroed};
    use std::collections::HashSet;

    const SIZE: usize = 96;
    const LINK: usize = 56;

    fn take(s: &Slots) -> usize {
        s.take().unwrap_or_else(|| {
            let layout = Layout::from_size_align(BLOCK, BLOCK).unwrap();
            // SAFETY: zeroed memory, never freed.
            unsafe { s.add(alloc_zeroed(layout) as usize) };
            s.take().unwrap()
        })
    }

    fn words(record: usize) -> &'static mut [usize] {
        // SAFETY: a record of the test's.
        unsafe { core::slice::from_raw_parts_mut(record as *mut usize, SIZE / 8) }
    }

    #[test]
    fn each_record_is_one_persons() {
        let s = Slots::new(SIZE, LINK);
        let mut have = Vec::new();
        let (mut seen, mut x) = (HashSet::new(), 1u64);
        for round in 0..50_000 {
            x = x.wrapping_mul(6364136223846793005).wrapping_add(1);
            let grows = round % 20_000 < 12_000;
            if have.is_empty() || (x >> 60 < 12) == grows {
                let r = take(&s);
                assert!(seen.insert(r), "taken twice");
                words(r).fill(r);
                have.push(r);
            } else {
                let r = have.swap_remove((x >> 33) as usize % have.len());
                assert!(words(r).iter().all(|&w| w == r), "written by another");
                seen.remove(&r);
                // SAFETY: taken above.
                unsafe { s.give(r) };
                assert!((0..SIZE / 8).all(|i| i == LINK / 8 || words(r)[i] == r));
            }
            assert_eq!(s.bytes().1, have.len() * SIZE);
        }
    }

    #[test]
    fn memory_goes_back_and_is_used_again() {
        let s = Slots::new(SIZE, LINK);
        let all: Vec<usize> = (0..4 * s.room).map(|_| take(&s)).collect();
        assert!(s.idle().is_none());
        for &r in &all {
            // SAFETY: taken above.
            unsafe { s.give(r) };
        }
        let mut n = 0;
        while let Some(b) = s.idle() {
            let (at, bytes) = b.memory();
            // SAFETY: memory of the test's.
            unsafe { (at as *mut u8).write_bytes(0, bytes) };
            s.restore(b);
            n += 1;
        }
        assert_eq!(n, 3);
        let again: HashSet<usize> = (0..4 * s.room).map(|_| s.take().unwrap()).collect();
        assert_eq!(again, all.into_iter().collect());
        assert!(s.take().is_none());
    }
}
