//! Façade over what threads share: `core`'s atomics and plain cells in the runtime;
//! loom's in model tests (`--cfg loom`), where a cell that two threads use without order between them is an error.

#[cfg(not(loom))]
pub use core::cell::Cell;
#[cfg(not(loom))]
pub use core::sync::atomic::{
    AtomicBool, AtomicI32, AtomicI64, AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicU64,
    AtomicUsize, Ordering, fence,
};
#[cfg(loom)]
pub use loom::cell::Cell;
#[cfg(loom)]
pub use loom::sync::atomic::{
    AtomicBool, AtomicI32, AtomicI64, AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicU64,
    AtomicUsize, Ordering, fence,
};

/// Tells the processor that this is a spin loop; under loom, lets another thread run.
#[inline(always)]
pub fn spin_hint() {
    #[cfg(not(loom))]
    core::hint::spin_loop();
    #[cfg(loom)]
    loom::thread::yield_now();
}

/// Between a write and a read that are both SeqCst. To the processor and the compiler these say by themselves that nobody may
/// read the old values on both sides; loom takes them for acquire and release, and knows only fences.
#[inline(always)]
pub fn seq_cst_in_models() {
    #[cfg(loom)]
    fence(Ordering::SeqCst);
}
