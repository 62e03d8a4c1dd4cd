//! Sudogs of selects: a cache in each P, behind it a central list, which refills from a slab.

use super::{Sudog, offheap};
use crate::lock::SpinLock;
use crate::rank;
use core::cell::{Cell, UnsafeCell};

/// Sudogs a P keeps at most.
pub const CACHE_MAX: usize = 128;

/// The sudog cache of a P.
#[repr(C)]
pub struct SudogCache {
    head: Cell<*mut Sudog>,
    n: Cell<usize>,
}

struct Central {
    lock: SpinLock<{ rank::SUDOG }>,
    free: UnsafeCell<*mut Sudog>,
}
// SAFETY: `free` is only touched with the lock held.
unsafe impl Sync for Central {}
static CENTRAL: Central = Central {
    lock: SpinLock::new(),
    free: UnsafeCell::new(core::ptr::null_mut()),
};

impl SudogCache {
    /// Takes a sudog; its fields are stale.
    #[inline]
    pub fn acquire(&self) -> *mut Sudog {
        let s = self.head.get();
        if s.is_null() {
            return self.refill();
        }
        // SAFETY: cached sudogs are ours.
        self.head.set(unsafe { (*s).waitlink.get() });
        self.n.set(self.n.get() - 1);
        s
    }

    #[cold]
    fn refill(&self) -> *mut Sudog {
        CENTRAL.lock.with(|| {
            // SAFETY: lock held; the list is of free sudogs.
            unsafe {
                let free = CENTRAL.free.get();
                while self.n.get() < CACHE_MAX / 2 && !(*free).is_null() {
                    let s = *free;
                    *free = (*s).waitlink.get();
                    (*s).waitlink.set(self.head.get());
                    self.head.set(s);
                    self.n.set(self.n.get() + 1);
                }
            }
        });
        if self.head.get().is_null() {
            return offheap::persistent(size_of::<Sudog>()) as *mut Sudog;
        }
        self.acquire()
    }

    /// Gives a sudog back; half of a full cache goes to the central list.
    #[inline]
    pub fn release(&self, s: *mut Sudog) {
        // SAFETY: the caller owns the sudog.
        unsafe { (*s).waitlink.set(self.head.get()) };
        self.head.set(s);
        self.n.set(self.n.get() + 1);
        if self.n.get() >= CACHE_MAX {
            self.spill();
        }
    }

    #[cold]
    fn spill(&self) {
        self.keep(CACHE_MAX / 2);
    }

    /// Gives all back to the central list: the P is no longer used.
    pub fn give_back(&self) {
        self.keep(0);
    }

    fn keep(&self, most: usize) {
        CENTRAL.lock.with(|| {
            while self.n.get() > most {
                let s = self.head.get();
                // SAFETY: lock held; the sudog moves from our list to the central one.
                unsafe {
                    self.head.set((*s).waitlink.get());
                    (*s).waitlink.set(*CENTRAL.free.get());
                    *CENTRAL.free.get() = s;
                }
                self.n.set(self.n.get() - 1);
            }
        });
    }
}
