//! A growable array in pages of its own, which shrinks again: what heaps of timers lie in. An array that has grown
//! or shrunk gives its old pages back to the system; an empty one keeps a page.
//!
//! Tried: the runtime's persistent memory, which is never given back. A program that once had a million sleepers
//! kept their arrays, half as much again in outgrown ones, for ever.

use crate::sync::Cell;
use core::marker::PhantomData;

const PAGE: usize = 4096;

/// An array of plain values. Zeroed memory is an empty one. The owner sees to it that one thread uses it at a time.
#[repr(C)]
pub struct Pages<T: Copy> {
    at: Cell<usize>,
    len: Cell<usize>,
    bytes: Cell<usize>,
    of: PhantomData<T>,
}

impl<T: Copy> Pages<T> {
    /// An empty array.
    #[cfg(any(test, loom))]
    pub fn new() -> Self {
        Pages {
            at: Cell::new(0),
            len: Cell::new(0),
            bytes: Cell::new(0),
            of: PhantomData,
        }
    }

    /// Number of elements.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len.get()
    }

    /// Whether there are none.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Element `i`.
    #[inline(always)]
    pub fn get(&self, i: usize) -> T {
        debug_assert!(i < self.len());
        // SAFETY: i is below len, and what is below len has been written.
        unsafe { *(self.at.get() as *const T).add(i) }
    }

    /// Writes element `i`.
    #[inline(always)]
    pub fn put(&self, i: usize, value: T) {
        debug_assert!(i < self.len());
        // SAFETY: i is below len.
        unsafe { *(self.at.get() as *mut T).add(i) = value };
    }

    /// Appends an element; its index.
    #[inline]
    pub fn push(&self, value: T) -> usize {
        let n = self.len.get();
        if (n + 1) * size_of::<T>() > self.bytes.get() {
            self.resize((self.bytes.get() * 2).max(PAGE));
        }
        self.len.set(n + 1);
        self.put(n, value);
        n
    }

    /// Drops the last element. An array that is a quarter full loses half of its pages.
    #[inline]
    pub fn pop(&self) {
        let n = self.len.get() - 1;
        self.len.set(n);
        if self.bytes.get() > PAGE && n * size_of::<T>() < self.bytes.get() / 4 {
            self.resize(self.bytes.get() / 2);
        }
    }

    #[cold]
    #[inline(never)]
    fn resize(&self, bytes: usize) {
        let old = self.at.get();
        let new = map(bytes);
        // SAFETY: both hold `len` elements.
        unsafe {
            core::ptr::copy_nonoverlapping(old as *const T, new as *mut T, self.len.get());
        }
        if old != 0 {
            unmap(old, self.bytes.get());
        }
        self.at.set(new);
        self.bytes.set(bytes);
    }

    /// Size of the pages.
    #[cfg(any(test, loom))]
    pub fn bytes(&self) -> usize {
        self.bytes.get()
    }
}

#[cfg(any(test, loom))]
impl<T: Copy> Drop for Pages<T> {
    fn drop(&mut self) {
        if self.at.get() != 0 {
            unmap(self.at.get(), self.bytes.get());
        }
    }
}

#[cfg(not(any(test, loom)))]
fn map(bytes: usize) -> usize {
    crate::os::sys_map(bytes).unwrap_or_else(|| crate::lang::throw::out_of_memory(bytes))
}

#[cfg(not(any(test, loom)))]
fn unmap(at: usize, bytes: usize) {
    crate::os::sys_free(at, bytes);
}

#[cfg(any(test, loom))]
fn map(bytes: usize) -> usize {
    // SAFETY: the size is not 0.
    unsafe { std::alloc::alloc_zeroed(layout(bytes)) as usize }
}

#[cfg(any(test, loom))]
fn unmap(at: usize, bytes: usize) {
    // SAFETY: `map` has made it with the same layout.
    unsafe { std::alloc::dealloc(at as *mut u8, layout(bytes)) }
}

#[cfg(any(test, loom))]
fn layout(bytes: usize) -> std::alloc::Layout {
    std::alloc::Layout::from_size_align(bytes, PAGE).unwrap()
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn grows_and_shrinks() {
        let a = Pages::<[u64; 2]>::new();
        for i in 0..10_000 {
            assert_eq!(a.push([i, !i]), i as usize);
        }
        assert!((0..10_000).all(|i| a.get(i as usize) == [i, !i]));
        assert_eq!(a.bytes(), 262_144);
        while a.len() > 100 {
            a.pop();
        }
        assert_eq!(a.bytes(), PAGE);
        assert!((0..100).all(|i| a.get(i as usize) == [i, !i]));
        (0..100).for_each(|_| a.pop());
        assert_eq!((a.len(), a.bytes()), (0, PAGE));
    }
}
