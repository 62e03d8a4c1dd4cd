//! The memory cache of a P: for each size class, with and without pointers, the rest of a span.

use super::heap;
use super::sizeclass::NCLASS;
use core::cell::Cell;

/// The unused rest of a span.
#[repr(C)]
pub struct Rest {
    /// Next object.
    pub next: Cell<usize>,
    /// End of the last object.
    pub end: Cell<usize>,
    /// Address of the span's first type slot, and the span's base, to record types.
    pub types: Cell<usize>,
    /// Base of the span.
    pub base: Cell<usize>,
}

/// The cache.
#[repr(C)]
pub struct MCache {
    /// By class * 2 + noscan.
    pub rest: [Rest; NCLASS * 2],
    /// Block of the tiny allocator: where it continues.
    pub tiny: Cell<usize>,
    /// End of the tiny block.
    pub tiny_end: Cell<usize>,
    /// Small objects allocated.
    pub mallocs: Cell<u64>,
    /// Their bytes.
    pub bytes: Cell<u64>,
}

impl MCache {
    /// Replaces the used-up rest `i` by a fresh span.
    #[cold]
    #[inline(never)]
    pub fn refill(&self, i: usize) {
        let (base, end, types) = heap::small_span(i / 2, i & 1 != 0);
        let r = &self.rest[i];
        r.next.set(base);
        r.end.set(end);
        r.types.set(types);
        r.base.set(base);
    }
}
