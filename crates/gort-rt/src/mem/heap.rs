//! Objects of the heap by address, and all of them.

use super::arena;
use super::bits::{self, HEADER};
use super::central;
use super::sizeclass::MIN_HEADER;
pub use super::span::Span;
use crate::sync::Ordering;

pub use super::arena::bounds;

/// An object of the heap.
pub struct Object {
    /// First byte, behind the word with its type.
    pub base: usize,
    /// Bytes it may use.
    pub size: usize,
    /// Type descriptor, or 0.
    pub typ: usize,
    /// A bit for each word that is a pointer, if it has no type.
    pub bits: usize,
}

/// The span that `addr` points into.
#[inline(always)]
pub fn span_of(addr: usize) -> Option<&'static Span> {
    arena::span_of(addr).filter(|s| s.is_used())
}

/// Whether the objects of a span may be blocks of several tiny ones.
pub fn is_tiny(span: &Span) -> bool {
    span.noscan.get() && span.elem.get() == 16
}

/// The object that `addr` points into.
pub fn object_of(addr: usize) -> Option<Object> {
    let s = span_of(addr)?;
    s.allocated_at(addr).map(|i| object(s, i))
}

/// Object `i` of a span, which has been handed out.
fn object(s: &Span, i: u32) -> Object {
    let (base, size) = (s.object(i), s.elem.get());
    let plain = |typ, bits| Object {
        base,
        size,
        typ,
        bits,
    };
    if s.noscan.get() {
        return plain(0, 0);
    }
    if s.class.get() == 0 {
        return plain(s.typ.load(Ordering::Relaxed), 0);
    }
    if size <= MIN_HEADER {
        // SAFETY: an object of a span with bits.
        return plain(0, unsafe { bits::get(base, size) as usize });
    }
    Object {
        base: base + HEADER,
        size: size - HEADER,
        // SAFETY: objects of this size with pointers begin with their type.
        typ: unsafe { *(base as *const usize) },
        bits: 0,
    }
}

impl Object {
    /// Calls `f` with the address of each word that may be a pointer.
    ///
    /// # Safety
    /// The object is in use.
    pub unsafe fn pointers(&self, mut f: impl FnMut(usize)) {
        let mut bits = self.bits;
        while bits != 0 {
            f(self.base + bits.trailing_zeros() as usize * 8);
            bits &= bits - 1;
        }
        // SAFETY: the type of an object is 0 or a descriptor's address.
        unsafe {
            if let Some(typ) = (self.typ as *const gort_abi::types::Type).as_ref()
                && typ.ptr_bytes != 0
            {
                bits::each_pointer(typ, self.base, self.size, 0, usize::MAX, &mut f);
            }
        }
    }
}

/// Calls `f` with each span that no P has in its cache. The world is stopped.
pub fn each_span(f: impl FnMut(&'static Span)) {
    central::each(f);
}

/// Calls `f` with each object that has been allocated. The world is stopped.
pub fn each_object(mut f: impl FnMut(&Object)) {
    crate::gmp::sched::every_p().for_each(|p| p.mcache.flush());
    each_span(|s| {
        for i in (0..s.nelems.get()).filter(|&i| s.is_allocated(i)) {
            f(&object(s, i));
        }
    });
}

/// First byte, bytes, type and pointer bits of the heap object that `addr` points into; false if it points into none. A
/// small object has no type, but bits; one without pointers has neither.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_heapobject(addr: usize, out: &mut [usize; 4]) -> bool {
    let Some(o) = object_of(addr) else {
        return false;
    };
    *out = [o.base, o.size, o.typ, o.bits];
    true
}
