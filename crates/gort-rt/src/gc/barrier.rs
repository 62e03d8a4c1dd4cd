//! The write barrier, of the deletion kind (Yuasa): while there is a marker, a pointer in the heap or in a package variable
//! is handed to it before it is overwritten. Everything that was reachable when marking began is then found, whatever the
//! program does meanwhile; new objects are marked at birth, and the stack of a goroutine is scanned before it runs.
//!
//! The flag [`WRITE_BARRIER`] changes only while the world is stopped, and nobody is stopped between looking at it and
//! writing: compiled code has ranges for that (`unsafe_ranges` of the func table), and code of the runtime is not
//! preempted. So a write belongs to one phase, with all that comes before it.
//!
//! Compiled code puts the old value into the buffer of its P ([`wbbuf`](super::wbbuf), by the stub in `arch/x86_64/barrier.rs`), which is
//! emptied when it is full, and by the marker. What overwrites whole areas shades all words of the area ([`value`], and natives for `copy` and its like):
//! without a type, as the marker asks of every word whether it points to an object anyhow.
//!
//! A hybrid barrier as official Go's shades the new value too, so that stacks need not be scanned before they run; it puts
//! twice as many words into the buffers, and initialising stores, most of them over nil, would need it.

use super::cycle;
use crate::arch::getm;
use crate::gmp::P;
use crate::sync::{AtomicU32, Ordering};
use gort_abi::types::Type;

/// Not 0 while overwritten pointers must be shaded. Compiled code reads it before each write of a pointer.
#[unsafe(export_name = "runtime.writeBarrier")]
pub static WRITE_BARRIER: AtomicU32 = AtomicU32::new(0);

/// Whether overwritten pointers must be shaded.
#[inline(always)]
pub fn on() -> bool {
    WRITE_BARRIER.load(Ordering::Relaxed) != 0
}

/// Switch it on or off. The world is stopped.
pub fn set(on: bool) {
    WRITE_BARRIER.store(u32::from(on), Ordering::Relaxed);
}

/// Before a value of a type is overwritten, which may lie in the heap: the old pointers in it are shaded.
///
/// The caller runs on g0 and writes before it gives up its P.
///
/// # Safety
/// `dst` points at a value of the type that `typ` describes.
#[inline(always)]
pub unsafe fn value(typ: *const Type, dst: *const u8) {
    if on() {
        // SAFETY: the caller's.
        unsafe {
            if (*typ).ptr_bytes != 0 {
                shade_all(dst as usize, (*typ).ptr_bytes);
            }
        }
    }
}

#[cold]
#[inline(never)]
unsafe fn shade_all(dst: usize, bytes: usize) {
    let (mut at, end) = (dst.next_multiple_of(8), (dst + bytes) & !7);
    while at < end {
        // SAFETY: the caller's; other threads may write the word meanwhile, each of them shades what it overwrites.
        let word =
            unsafe { (*(at as *const core::sync::atomic::AtomicUsize)).load(Ordering::Relaxed) };
        if word != 0 {
            shade(word);
        }
        at += 8;
    }
}

/// Hand the buffer of a P to the marker. The caller owns the P, or the world is stopped.
pub fn flush(p: &P) {
    p.wbbuf.drain(shade);
}

/// The marker gets the object that `addr` points to, if there is one: any number may come. The caller runs on g0 with a
/// P.
pub fn shade(addr: usize) {
    if cycle::is_marking() {
        getm().pp().worker.maybe(addr);
    }
}

/// The stub has filled the buffer of its P.
#[unsafe(no_mangle)]
extern "C" fn wbflush() {
    flush(getm().pp());
}

/// From compiled code and from direct natives, which have looked at the flag.
#[unsafe(no_mangle)]
unsafe extern "C" fn bulkbarrier(dst: usize, bytes: usize) {
    // SAFETY: the caller is about to write there.
    unsafe { shade_all(dst, bytes) };
}
