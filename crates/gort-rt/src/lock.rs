//! Locks of the runtime: [`SpinLock`] for short critical sections, [`Note`] for one-shot sleeping.
//!
//! A critical section of the runtime is a few dozen instructions and never parks. So the lock is a
//! byte taken with one exchange and released with a plain store (no second locked instruction, which
//! is what a channel operation costs most). A waiter spins; when the owner seems to have lost its
//! CPU, it yields, then sleeps for 20 µs at a time.

use crate::os;
use crate::sync::{AtomicU8, AtomicU32, Ordering};

/// A lock that guards a few dozen instructions.
#[repr(transparent)]
pub struct SpinLock(AtomicU8);

impl SpinLock {
    /// An open lock.
    pub const fn new() -> SpinLock {
        SpinLock(AtomicU8::new(0))
    }

    /// Takes the lock.
    #[inline(always)]
    pub fn lock(&self) {
        if self.0.swap(1, Ordering::Acquire) != 0 {
            self.contended();
        }
    }

    /// Takes the lock if it is open.
    #[inline(always)]
    pub fn try_lock(&self) -> bool {
        self.0.swap(1, Ordering::Acquire) == 0
    }

    #[cold]
    #[inline(never)]
    fn contended(&self) {
        let mut round = 0u32;
        loop {
            while self.0.load(Ordering::Relaxed) != 0 {
                round += 1;
                match round {
                    0..=200 => core::hint::spin_loop(),
                    201..=220 => os::osyield(),
                    _ => os::usleep(20),
                }
            }
            if self.0.swap(1, Ordering::Acquire) == 0 {
                return;
            }
        }
    }

    /// Opens the lock.
    #[inline(always)]
    pub fn unlock(&self) {
        self.0.store(0, Ordering::Release);
    }

    /// Runs `f` with the lock held.
    #[inline(always)]
    pub fn with<R>(&self, f: impl FnOnce() -> R) -> R {
        self.lock();
        let r = f();
        self.unlock();
        r
    }
}

/// One sleeper, one waker, one time: `clear`, then `sleep` on one side and `wakeup` on the other.
#[repr(C)]
pub struct Note(AtomicU32);

impl Note {
    /// A cleared note.
    pub const fn new() -> Note {
        Note(AtomicU32::new(0))
    }

    /// Makes the note ready for another round.
    pub fn clear(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// Wakes the sleeper, or lets it through when it comes.
    pub fn wakeup(&self) {
        self.0.store(1, Ordering::Release);
        os::futexwakeup(&self.0, 1);
    }

    /// Sleeps until `wakeup`; `ns` < 0 waits for ever. Returns whether the note was woken.
    pub fn sleep(&self, ns: i64) -> bool {
        if ns < 0 {
            while self.0.load(Ordering::Acquire) == 0 {
                os::futexsleep(&self.0, 0, -1);
            }
            return true;
        }
        let deadline = os::nanotime() + ns;
        loop {
            if self.0.load(Ordering::Acquire) != 0 {
                return true;
            }
            let left = deadline - os::nanotime();
            if left <= 0 {
                return false;
            }
            os::futexsleep(&self.0, 0, left);
        }
    }

    /// Whether the note has been woken.
    pub fn woken(&self) -> bool {
        self.0.load(Ordering::Acquire) != 0
    }
}
