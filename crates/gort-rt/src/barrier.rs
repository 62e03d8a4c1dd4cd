//! A one-sided memory barrier. Two sides each write one thing and then read the other's; one of them must see the other.
//! The side that comes often says [`light`], which costs nothing, the side that comes seldom says [`heavy`], which makes
//! the kernel put a full barrier into every other running thread of the process (membarrier(2), some microseconds).
//!
//! Where the kernel does not offer that, and in models, both are full fences.

use crate::sync::{Ordering, fence};

/// Between the write and the read of the frequent side.
#[inline(always)]
pub fn light() {
    #[cfg(not(any(test, loom)))]
    if rt::OFFERED.load(Ordering::Relaxed) {
        return core::sync::atomic::compiler_fence(Ordering::SeqCst);
    }
    fence(Ordering::SeqCst);
}

/// Between the write and the read of the rare side.
pub fn heavy() {
    fence(Ordering::SeqCst);
    #[cfg(not(any(test, loom)))]
    if rt::OFFERED.load(Ordering::Relaxed) {
        crate::os::membarrier();
    }
}

/// Asks the kernel for it. While there is one thread that costs a system call, later it may take milliseconds.
#[cfg(not(any(test, loom)))]
pub fn init() {
    if !rt::ASKED.swap(true, Ordering::Relaxed) {
        rt::OFFERED.store(crate::os::membarrier_register(), Ordering::SeqCst);
    }
}

#[cfg(not(any(test, loom)))]
mod rt {
    use crate::sync::AtomicBool;

    pub static ASKED: AtomicBool = AtomicBool::new(false);
    pub static OFFERED: AtomicBool = AtomicBool::new(false);
}
