//! Sudogs of selects: a cache in each P, behind it what all have in common, whose memory goes back to the system when no
//! record of a block of them is in use.

use super::slots::{BLOCK, Slots};
use super::{Sudog, offheap};
use crate::lock::SpinLock;
use crate::os;
use crate::rank;
use crate::sync::{AtomicBool, Ordering};
use core::cell::Cell;
use core::mem::offset_of;

/// Sudogs a P keeps at most.
pub const CACHE_MAX: usize = 128;

/// The sudog cache of a P.
#[repr(C)]
pub struct SudogCache {
    head: Cell<*mut Sudog>,
    n: Cell<usize>,
}

/// Bytes of a sudog among others: a cache line.
const SIZE: usize = 64;
const _: () = assert!(size_of::<Sudog>() <= SIZE);
/// Blocks are mapped side by side: each of them alone would be a mapping of the process, of which there may be 65,530.
const GROUP: usize = 16 * BLOCK;
/// Blocks whose memory goes back at once, a bound for the time.
const MOST: usize = 64;

struct Central {
    lock: SpinLock<{ rank::SUDOG }>,
    slots: Slots,
    /// Some have come back since [`release`] last found nothing to do.
    given: AtomicBool,
}
// SAFETY: `slots` are only touched with the lock held.
unsafe impl Sync for Central {}
static CENTRAL: Central = Central {
    lock: SpinLock::new(),
    slots: Slots::new(SIZE, offset_of!(Sudog, waitlink)),
    given: AtomicBool::new(false),
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
        loop {
            CENTRAL.lock.with(|| {
                while self.n.get() < CACHE_MAX / 2
                    && let Some(s) = CENTRAL.slots.take()
                {
                    self.put(s as *mut Sudog);
                }
            });
            if !self.head.get().is_null() {
                return self.acquire();
            }
            let group = offheap::aligned(GROUP);
            for block in (group..group + GROUP).step_by(BLOCK).rev() {
                // SAFETY: fresh memory.
                CENTRAL.lock.with(|| unsafe { CENTRAL.slots.add(block) });
            }
        }
    }

    #[inline(always)]
    fn put(&self, s: *mut Sudog) {
        // SAFETY: a free sudog, of this P alone.
        unsafe { (*s).waitlink.set(self.head.get()) };
        self.head.set(s);
        self.n.set(self.n.get() + 1);
    }

    /// Gives a sudog back; half of a full cache goes to the others.
    #[inline]
    pub fn release(&self, s: *mut Sudog) {
        self.put(s);
        if self.n.get() >= CACHE_MAX {
            self.spill();
        }
    }

    #[cold]
    fn spill(&self) {
        self.keep(CACHE_MAX / 2);
    }

    /// Gives all back: the P is no longer used, or the program is quiet.
    pub fn give_back(&self) {
        self.keep(0);
    }

    fn keep(&self, most: usize) {
        CENTRAL.lock.with(|| {
            while self.n.get() > most {
                let s = self.head.get();
                // SAFETY: lock held; the sudog moves from our list to where it is from.
                unsafe {
                    self.head.set((*s).waitlink.get());
                    CENTRAL.slots.give(s as usize);
                }
                self.n.set(self.n.get() - 1);
            }
        });
        CENTRAL.given.store(true, Ordering::Relaxed);
    }
}

/// Gives memory without a sudog in use back to the system; whether there is more of it. Called by sysmon, about once a second, and
/// again soon if there is.
pub fn release() -> bool {
    if !CENTRAL.given.swap(false, Ordering::Relaxed) {
        return false;
    }
    for _ in 0..MOST {
        let Some(b) = CENTRAL.lock.with(|| CENTRAL.slots.idle()) else {
            return false;
        };
        let (at, bytes) = b.memory();
        os::sys_unused(at, bytes);
        CENTRAL.lock.with(|| CENTRAL.slots.restore(b));
    }
    CENTRAL.given.store(true, Ordering::Relaxed);
    true
}

/// Whether [`release`] may find something to do.
pub fn worth_release() -> bool {
    CENTRAL.given.load(Ordering::Relaxed)
}
