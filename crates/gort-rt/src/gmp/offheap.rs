//! Memory of the runtime itself, outside the Go heap: pieces that live as long as the process.

use crate::lang::throw;
use crate::lock::SpinLock;
use crate::os;
use crate::rank;
use crate::sync::{AtomicUsize, Ordering};

struct Bump {
    next: AtomicUsize,
    end: AtomicUsize,
}
static LOCK: SpinLock<{ rank::OFFHEAP }> = SpinLock::new();
static BUMP: Bump = Bump {
    next: AtomicUsize::new(0),
    end: AtomicUsize::new(0),
};

static BYTES: AtomicUsize = AtomicUsize::new(0);

/// Bytes that have been mapped for it.
pub fn bytes() -> usize {
    BYTES.load(Ordering::Relaxed)
}

/// Zeroed memory of `size` bytes, a power of two not below a page, aligned to it. Its addresses are never given back.
pub fn aligned(size: usize) -> usize {
    let raw = os::sys_map(2 * size).unwrap_or_else(|| throw::out_of_memory(size));
    let at = raw.next_multiple_of(size);
    if at > raw {
        os::sys_free(raw, at - raw);
    }
    os::sys_free(at + size, raw + size - at);
    BYTES.fetch_add(size, Ordering::Relaxed);
    at
}

/// Zeroed memory that is never given back, 16-aligned.
pub fn persistent(size: usize) -> *mut u8 {
    let size = (size + 15) & !15;
    LOCK.with(|| {
        let mut at = BUMP.next.load(Ordering::Relaxed);
        if at == 0 || at + size > BUMP.end.load(Ordering::Relaxed) {
            let chunk = (256 << 10).max((size + 4095) & !4095);
            at = os::sys_map(chunk).unwrap_or_else(|| throw::out_of_memory(chunk));
            BYTES.fetch_add(chunk, Ordering::Relaxed);
            BUMP.end.store(at + chunk, Ordering::Relaxed);
        }
        BUMP.next.store(at + size, Ordering::Relaxed);
        at as *mut u8
    })
}
