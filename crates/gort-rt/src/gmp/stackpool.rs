//! Memory of stack segments: powers of two from 4 KiB to 256 KiB, kept for reuse; larger ones go back to the system.
//!
//! A free block is *warm*, on a list that runs through the blocks, or *clean*: the system has its memory, or it has never
//! been touched. The addresses of clean blocks lie in other clean blocks, up to [`HELD`] in one (its first page is the price),
//! so that remembering them needs no memory of its own and no block is touched for it. Warm blocks that nobody has wanted
//! for a second are made clean by sysmon ([`release`]), as dead Gs are (`slab.rs`). Every critical section is a few words
//! long, or a batch, whatever the number of blocks.
//!
//! Tried: giving blocks back with munmap. A hole between two blocks in use costs the process a mapping, and the
//! kernel allows 65,530.

use crate::lock::SpinLock;
use crate::rank;
use crate::sync::{AtomicUsize, Ordering};
use core::cell::UnsafeCell;
use core::ptr::null_mut;

const MIN_SHIFT: u32 = 12;
const CLASSES: usize = 7;
const CHUNK: usize = 256 << 10;
/// Addresses in a holder.
const HELD: usize = 510;
/// Bytes of a class that stay warm.
const RESERVE: usize = 128 << 10;
/// Blocks that one critical section of [`Pool::release`] takes.
const BATCH: usize = 256;
/// Blocks of a class that one call of it makes clean: a bound for its time.
const MOST: usize = 4096;

/// What a free block has at its beginning: the link of the warm list, or the addresses of clean blocks.
#[repr(C)]
struct Block {
    next: *mut Block,
    count: usize,
    held: [usize; HELD],
}
const _: () = assert!(size_of::<Block>() == 1 << MIN_SHIFT);

/// The free blocks of a size.
struct Class {
    warm: *mut Block,
    nwarm: usize,
    /// The least `nwarm` since `release` last looked.
    least: usize,
    holders: *mut Block,
    /// Blocks that segments have.
    used: usize,
}

impl Class {
    const EMPTY: Class = Class {
        warm: null_mut(),
        nwarm: 0,
        least: 0,
        holders: null_mut(),
        used: 0,
    };

    /// # Safety
    /// A free block of this size that nobody else knows.
    unsafe fn put_warm(&mut self, lo: usize) {
        let b = lo as *mut Block;
        // SAFETY: by contract.
        unsafe { (*b).next = self.warm };
        self.warm = b;
        self.nwarm += 1;
    }

    fn take_warm(&mut self) -> Option<usize> {
        let b = self.warm;
        if b.is_null() {
            return None;
        }
        // SAFETY: a block of the list.
        self.warm = unsafe { (*b).next };
        self.nwarm -= 1;
        self.least = self.least.min(self.nwarm);
        Some(b as usize)
    }

    /// # Safety
    /// As `put_warm`.
    unsafe fn put_clean(&mut self, lo: usize) {
        // SAFETY: holders are free blocks of this list; by contract `lo` is one that may become a holder.
        unsafe {
            let h = self.holders;
            if !h.is_null() && (*h).count < HELD {
                (*h).held[(*h).count] = lo;
                (*h).count += 1;
            } else {
                let b = lo as *mut Block;
                (*b).next = h;
                (*b).count = 0;
                self.holders = b;
            }
        }
    }

    fn take_clean(&mut self) -> Option<usize> {
        let h = self.holders;
        if h.is_null() {
            return None;
        }
        // SAFETY: a block of the list.
        unsafe {
            if (*h).count == 0 {
                self.holders = (*h).next;
                return Some(h as usize);
            }
            (*h).count -= 1;
            Some((*h).held[(*h).count])
        }
    }
}

/// All free blocks.
struct Pool {
    lock: SpinLock<{ rank::STACK_POOL }>,
    classes: UnsafeCell<[Class; CLASSES]>,
    /// Bytes of larger segments.
    large: AtomicUsize,
}
// SAFETY: `classes` is only touched with the lock held.
unsafe impl Sync for Pool {}

static POOL: Pool = Pool::new();

fn class(size: usize) -> Option<usize> {
    let c = (size.trailing_zeros().max(MIN_SHIFT) - MIN_SHIFT) as usize;
    (size.is_power_of_two() && c < CLASSES).then_some(c)
}

/// Size of a block of class `c`, and how many stay warm.
fn shape(c: usize) -> (usize, usize) {
    let size = 1 << (MIN_SHIFT as usize + c);
    (size, RESERVE / size)
}

impl Pool {
    const fn new() -> Pool {
        Pool {
            lock: SpinLock::new(),
            classes: UnsafeCell::new([const { Class::EMPTY }; CLASSES]),
            large: AtomicUsize::new(0),
        }
    }

    fn with<R>(&self, c: usize, f: impl FnOnce(&mut Class) -> R) -> R {
        // SAFETY: lock held.
        self.lock
            .with(|| f(unsafe { &mut (*self.classes.get())[c] }))
    }

    fn take(&self, size: usize) -> usize {
        let Some(c) = class(size) else {
            let size = (size + 4095) & !4095;
            self.large.fetch_add(size, Ordering::Relaxed);
            return map(size);
        };
        self.with(c, |k| {
            k.used += 1;
            if let Some(lo) = k.take_warm() {
                return lo;
            }
            if k.holders.is_null() {
                let base = map(CHUNK);
                for at in (base..base + CHUNK).step_by(size).rev() {
                    // SAFETY: fresh memory.
                    unsafe { k.put_clean(at) };
                }
            }
            k.take_clean().unwrap_or_default()
        })
    }

    fn adopt(&self, size: usize) {
        match class(size) {
            Some(c) => self.with(c, |k| k.used += 1),
            None => {
                self.large.fetch_add(size, Ordering::Relaxed);
            }
        }
    }

    /// # Safety
    /// The memory was taken or adopted with this size, and nobody uses it any more.
    unsafe fn give(&self, lo: usize, size: usize) {
        let Some(c) = class(size) else {
            let size = (size + 4095) & !4095;
            self.large.fetch_sub(size, Ordering::Relaxed);
            return unmap(lo, size);
        };
        self.with(c, |k| {
            k.used -= 1;
            // SAFETY: by contract.
            unsafe { k.put_warm(lo) };
        });
    }

    /// Gives the memory of blocks back that have been free since the last call; whether there are more of them.
    fn release(&self) -> bool {
        let mut more = false;
        for c in 0..CLASSES {
            let (size, reserve) = shape(c);
            let mut want = self.with(c, |k| {
                let all = k.least.saturating_sub(reserve);
                let now = all.min(MOST);
                more |= now < all;
                k.least = if now < all { k.least - now } else { k.nwarm };
                now
            });
            while want > 0 {
                let mut batch = [0; BATCH];
                let mut n = 0;
                self.with(c, |k| {
                    while n < BATCH.min(want) {
                        let Some(lo) = k.take_warm() else { break };
                        batch[n] = lo;
                        n += 1;
                    }
                });
                // With the lock open: the kernel takes its time, and nobody else has these blocks. Those that lie side by side
                // go together.
                batch[..n].sort_unstable();
                let mut i = 0;
                while i < n {
                    let from = i;
                    i += 1;
                    while i < n && batch[i] == batch[i - 1] + size {
                        i += 1;
                    }
                    clean(batch[from], (i - from) * size);
                }
                self.with(c, |k| {
                    // SAFETY: ours, and free.
                    batch[..n].iter().for_each(|&lo| unsafe { k.put_clean(lo) });
                });
                want = if n == 0 { 0 } else { want - n };
            }
        }
        more
    }

    fn worth_release(&self) -> bool {
        (0..CLASSES).any(|c| self.with(c, |k| k.nwarm > shape(c).1))
    }

    fn bytes(&self) -> (usize, usize) {
        let large = self.large.load(Ordering::Relaxed);
        (0..CLASSES).fold((large, large), |(used, kept), c| {
            let (n, warm) = self.with(c, |k| (k.used, k.nwarm));
            let size = shape(c).0;
            (used + n * size, kept + (n + warm) * size)
        })
    }
}

/// Memory of `size` bytes, whole pages.
pub fn take(size: usize) -> usize {
    POOL.take(size)
}

/// Lets the pool have memory that it has not given, when the segment there ends.
pub fn adopt(size: usize) {
    POOL.adopt(size);
}

/// Takes memory back.
///
/// # Safety
/// It was taken or adopted with this size, and nobody uses it any more.
pub unsafe fn give(lo: usize, size: usize) {
    // SAFETY: by contract.
    unsafe { POOL.give(lo, size) }
}

/// Gives what has been free for a while back to the system; whether there is more of it. Called by sysmon, about once a
/// second, and again soon if there is.
pub fn release() -> bool {
    POOL.release()
}

/// Whether there is more free memory than [`release`] leaves.
pub fn worth_release() -> bool {
    POOL.worth_release()
}

/// Bytes of all segments but the first ones, and of those with the warm blocks.
pub fn bytes() -> (usize, usize) {
    POOL.bytes()
}

#[cfg(not(test))]
fn map(size: usize) -> usize {
    crate::os::sys_map(size).unwrap_or_else(|| crate::lang::throw::out_of_memory(size))
}

#[cfg(not(test))]
fn unmap(lo: usize, size: usize) {
    crate::os::sys_free(lo, size);
}

#[cfg(not(test))]
fn clean(lo: usize, size: usize) {
    crate::os::sys_unused(lo, size);
}

#[cfg(test)]
fn layout(size: usize) -> std::alloc::Layout {
    std::alloc::Layout::from_size_align(size, 4096).unwrap()
}

#[cfg(test)]
fn map(size: usize) -> usize {
    // SAFETY: the size is not 0.
    unsafe { std::alloc::alloc_zeroed(layout(size)) as usize }
}

#[cfg(test)]
fn unmap(lo: usize, size: usize) {
    // SAFETY: `map` has made it with the same size.
    unsafe { std::alloc::dealloc(lo as *mut u8, layout(size)) }
}

#[cfg(test)]
fn clean(lo: usize, size: usize) {
    // SAFETY: a free block.
    unsafe { core::ptr::write_bytes(lo as *mut u8, 0, size) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn blocks_are_handed_out_once_and_come_back() {
        let p = Pool::new();
        for round in 0..3 {
            for size in [4096, 8192, 256 << 10] {
                let n = if size == 4096 { 2000 } else { 40 };
                let all: Vec<usize> = (0..n).map(|_| p.take(size)).collect();
                let starts: HashSet<usize> = all.iter().copied().collect();
                assert_eq!(starts.len(), n, "round {round}");
                assert!(all.iter().all(|lo| lo % 4096 == 0));
                assert_eq!(p.bytes().0, n * size);
                for lo in all {
                    // SAFETY: just taken; every byte is ours.
                    unsafe {
                        core::ptr::write_bytes(lo as *mut u8, 0xa5, size);
                        p.give(lo, size);
                    }
                }
                assert_eq!(p.bytes().0, 0);
                if round > 0 {
                    p.release();
                }
            }
        }
    }

    #[test]
    fn what_is_free_for_a_round_goes_back() {
        let p = Pool::new();
        let all: Vec<usize> = (0..1000).map(|_| p.take(4096)).collect();
        for &lo in &all {
            // SAFETY: just taken.
            unsafe { p.give(lo, 4096) };
        }
        assert_eq!(p.bytes(), (0, 1000 * 4096));
        // They were in use a moment ago.
        p.release();
        assert_eq!(p.bytes(), (0, 1000 * 4096));
        // 100 are wanted in between.
        let some: Vec<usize> = (0..100).map(|_| p.take(4096)).collect();
        for &lo in &some {
            // SAFETY: just taken.
            unsafe { p.give(lo, 4096) };
        }
        p.release();
        assert_eq!(p.bytes().1, 100 * 4096 + RESERVE);
        assert!(p.worth_release());
        p.release();
        assert_eq!(p.bytes().1, RESERVE);
        assert!(!p.worth_release());
        let again: HashSet<usize> = (0..1000).map(|_| p.take(4096)).collect();
        assert!(all.iter().all(|lo| again.contains(lo)), "nothing is lost");
        assert_eq!(p.bytes(), (1000 * 4096, 1000 * 4096));
    }

    #[test]
    fn large_segments_go_back_at_once() {
        let p = Pool::new();
        let lo = p.take(3 * 4096 + 1);
        assert_eq!(p.bytes(), (4 * 4096, 4 * 4096));
        // SAFETY: just taken.
        unsafe { p.give(lo, 3 * 4096 + 1) };
        assert_eq!(p.bytes(), (0, 0));
    }
}
