//! The spin lock of tests and models. Under loom it is loom's mutex, so that a waiter blocks in the model instead
//! of multiplying it by its rounds; in unit tests it spins, since the runtime's own lock needs the runtime's `os`.

#[cfg(loom)]
use core::cell::UnsafeCell;
#[cfg(loom)]
use loom::sync::{Mutex, MutexGuard};

/// A lock with the interface of the runtime's.
#[cfg(loom)]
pub struct SpinLock<const RANK: u8> {
    mutex: Mutex<()>,
    held: UnsafeCell<Option<MutexGuard<'static, ()>>>,
}

// SAFETY: `held` is only touched by the holder of the mutex.
#[cfg(loom)]
unsafe impl<const RANK: u8> Sync for SpinLock<RANK> {}
// SAFETY: as above.
#[cfg(loom)]
unsafe impl<const RANK: u8> Send for SpinLock<RANK> {}

#[cfg(loom)]
impl<const RANK: u8> SpinLock<RANK> {
    /// An open lock.
    pub fn new() -> SpinLock<RANK> {
        SpinLock {
            mutex: Mutex::new(()),
            held: UnsafeCell::new(None),
        }
    }

    /// Takes the lock.
    pub fn lock(&self) {
        let guard = self.mutex.lock().unwrap();
        // SAFETY: the mutex is ours; the guard goes before the mutex does, in `unlock`.
        unsafe {
            *self.held.get() = Some(core::mem::transmute::<_, MutexGuard<'static, ()>>(guard))
        };
    }

    /// Opens the lock.
    pub fn unlock(&self) {
        // SAFETY: the caller holds the mutex.
        drop(unsafe { (*self.held.get()).take() });
    }
}

/// A lock with the interface of the runtime's.
#[cfg(not(loom))]
pub struct SpinLock<const RANK: u8>(core::sync::atomic::AtomicBool);

#[cfg(not(loom))]
impl<const RANK: u8> SpinLock<RANK> {
    /// An open lock.
    pub const fn new() -> SpinLock<RANK> {
        SpinLock(core::sync::atomic::AtomicBool::new(false))
    }

    /// Takes the lock.
    pub fn lock(&self) {
        while self.0.swap(true, core::sync::atomic::Ordering::Acquire) {
            std::thread::yield_now();
        }
    }

    /// Opens the lock.
    pub fn unlock(&self) {
        self.0.store(false, core::sync::atomic::Ordering::Release);
    }
}

impl<const RANK: u8> SpinLock<RANK> {
    /// Runs `f` with the lock held.
    pub fn with<R>(&self, f: impl FnOnce() -> R) -> R {
        self.lock();
        let r = f();
        self.unlock();
        r
    }
}
