//! A bucket of semaphores: who sleeps on which, and the handshake that loses no wake-up.
//!
//! A sleeper counts itself in `nwait` before it looks at the counter for the last time, and a releaser raises the counter
//! before it reads `nwait`: one of the two sees the other. Both run to their end before a goroutine parks or is made
//! runnable, so the callers pass what does that.

use super::sematree::SemaTree;
use crate::gmp::Sudog;
use crate::lock::SpinLock;
use crate::rank;
use crate::sync::{AtomicU32, Ordering, seq_cst_in_models};

/// Semaphores whose addresses share a hash.
pub struct Bucket {
    lock: SpinLock<{ rank::SEMA }>,
    nwait: AtomicU32,
    sleepers: SemaTree,
}

// SAFETY: the tree is only touched with the lock held.
unsafe impl Sync for Bucket {}
// SAFETY: as above.
unsafe impl Send for Bucket {}

/// Takes a unit of a semaphore, if there is one.
fn try_take(sema: &AtomicU32) -> bool {
    let mut v = sema.load(Ordering::SeqCst);
    while v > 0 {
        match sema.compare_exchange(v, v - 1, Ordering::SeqCst, Ordering::SeqCst) {
            Ok(_) => return true,
            Err(now) => v = now,
        }
    }
    false
}

impl Bucket {
    /// Nobody sleeps.
    #[cfg(not(loom))]
    pub const fn new() -> Bucket {
        Bucket {
            lock: SpinLock::new(),
            nwait: AtomicU32::new(0),
            sleepers: SemaTree::new(),
        }
    }

    /// Nobody sleeps.
    #[cfg(loom)]
    pub fn new() -> Bucket {
        Bucket {
            lock: SpinLock::new(),
            nwait: AtomicU32::new(0),
            sleepers: SemaTree::new(),
        }
    }

    /// Takes a unit of `sema`, or queues `s`, of the running goroutine, and calls `park` with the lock held; it opens it by
    /// [`Bucket::unlock`] when the goroutine may be woken. Whether the unit is taken.
    pub fn acquire(
        &self,
        sema: &AtomicU32,
        s: &Sudog,
        (lifo, ticket): (bool, impl FnOnce() -> u32),
        park: impl FnOnce() -> bool,
    ) -> bool {
        if try_take(sema) {
            return true;
        }
        self.lock.lock();
        self.nwait.fetch_add(1, Ordering::SeqCst);
        seq_cst_in_models();
        if try_take(sema) {
            self.nwait.fetch_sub(1, Ordering::SeqCst);
            self.lock.unlock();
            return true;
        }
        s.elem.set(core::ptr::from_ref(sema) as usize);
        self.sleepers.queue(s, lifo, ticket());
        park()
    }

    /// Opens the lock under which `park` of [`Bucket::acquire`] runs.
    pub fn unlock(&self) {
        self.lock.unlock();
    }

    /// Releases a unit of `sema`. The sleeper to wake, if there is one, and whether the unit is already his: with `handoff`,
    /// unless somebody else was faster. `look` sees the sleepers before.
    pub fn release(
        &self,
        sema: &AtomicU32,
        handoff: bool,
        look: impl FnOnce(&SemaTree),
    ) -> Option<(&'static Sudog, bool)> {
        sema.fetch_add(1, Ordering::SeqCst);
        seq_cst_in_models();
        if self.nwait.load(Ordering::SeqCst) == 0 {
            return None;
        }
        let s = self.lock.with(|| {
            look(&self.sleepers);
            let s = self.sleepers.dequeue(core::ptr::from_ref(sema) as usize);
            if s.is_some() {
                self.nwait.fetch_sub(1, Ordering::SeqCst);
            }
            s
        })?;
        Some((s, handoff && try_take(sema)))
    }
}

#[cfg(all(test, loom))]
#[path = "sema_model.rs"]
mod model;
