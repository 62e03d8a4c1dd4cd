//! Which words of an object are pointers, for small objects with pointers.
//!
//! Objects of at most 512 bytes lie in spans of one page, whose last 128 bytes have a bit a word of the page: 1.6 % of the
//! memory, in a line that is near when the object is marked, and the same for any type. A larger one begins with
//! a word more, the address of its type. Tried before: 32 bits of type beside each 16 bytes (a quarter of the memory, a
//! cache line each at allocation and marking). One layout for each span was considered: allocation needs a few
//! instructions less, but each type that a program has needs spans of its own in each P.

use super::ranges::for_words;
use super::sizeclass::{MIN_HEADER, PAGE};
use gort_abi::types::Type;

/// Bytes of the bits at the end of a span.
pub const BYTES: usize = PAGE / 8 / 8;

/// Bytes of the word in front of a larger object.
pub const HEADER: usize = 8;

#[inline(always)]
fn word(page: usize, i: usize) -> *mut u64 {
    (page + PAGE - BYTES + i * 8) as *mut u64
}

/// Says which words of the object at `addr` are pointers: those of a value of `typ`, repeated up to `size`.
///
/// # Safety
/// A free object of a span with bits, which are clear; `typ` has pointers and the mask is not made on demand.
pub unsafe fn set(addr: usize, size: usize, typ: &Type) {
    debug_assert!(size <= MIN_HEADER);
    let words = size / 8;
    let step = typ.size / 8;
    // SAFETY: by contract.
    let mut mask = unsafe { mask(typ) };
    let mut n = step;
    while n < words {
        mask |= mask << n;
        n *= 2;
    }
    if words < 64 {
        mask &= (1 << words) - 1;
    }
    let (page, at) = (addr & !(PAGE - 1), addr % PAGE / 8);
    let (i, shift) = (at / 64, at % 64);
    // SAFETY: the bits of the page; those of an object may go on in the next word, which is a word of bits, too,
    // since no object reaches into the bits themselves.
    unsafe {
        *word(page, i) |= mask << shift;
        if shift != 0 && mask >> (64 - shift) != 0 {
            *word(page, i + 1) |= mask >> (64 - shift);
        }
    }
}

/// The pointer words of a value of up to 64 words.
unsafe fn mask(typ: &Type) -> u64 {
    let bytes = typ.ptr_bytes.div_ceil(64).min(8);
    let mut m = 0;
    for i in 0..bytes {
        // SAFETY: the mask has a bit for each word up to the last pointer.
        m |= u64::from(unsafe { *typ.gc_data.add(i) }) << (8 * i);
    }
    m
}

/// The bits of the object at `addr`.
///
/// # Safety
/// An object of at most 512 bytes in a span with bits.
#[inline(always)]
pub unsafe fn get(addr: usize, size: usize) -> u64 {
    let (page, at) = (addr & !(PAGE - 1), addr % PAGE / 8);
    let (i, shift) = (at / 64, at % 64);
    let words = size / 8;
    // SAFETY: by contract; `set` says why the second word exists.
    unsafe {
        let mut m = *word(page, i) >> shift;
        if shift + words > 64 {
            m |= *word(page, i + 1) << (64 - shift);
        }
        if words < 64 {
            m & ((1 << words) - 1)
        } else {
            m
        }
    }
}

/// Clears the bits of the `size` bytes at `addr`, some objects side by side.
///
/// # Safety
/// Free objects of a span with bits.
pub unsafe fn clear(addr: usize, size: usize) {
    let page = addr & !(PAGE - 1);
    for_words(addr % PAGE / 8, size / 8, |w, bits| {
        // SAFETY: as above.
        unsafe { *word(page, w) &= !bits };
    });
}

/// Calls `f` with the address of each word of the `size` bytes at `base` that is a pointer, if they are values of `typ`
/// side by side, and lie in `from..to`.
///
/// # Safety
/// `typ` is a descriptor with pointers.
pub unsafe fn each_pointer(
    typ: &Type,
    base: usize,
    size: usize,
    from: usize,
    to: usize,
    f: &mut impl FnMut(usize),
) {
    use gort_abi::types::{TFLAG_GC_MASK_ON_DEMAND, kind};
    let step = typ.size;
    let mut at = if from > base {
        base + (from - base) / step * step
    } else {
        base
    };
    let end = to.min(base + size);
    if typ.tflag & TFLAG_GC_MASK_ON_DEMAND != 0 {
        // No mask is made: such types are large arrays, or structs that have one.
        // SAFETY: descriptors have the parts of their kinds.
        unsafe {
            let words = core::ptr::from_ref(typ).cast::<usize>();
            while at < end {
                match typ.kind {
                    kind::ARRAY => {
                        let elem = &*(*words.add(6) as *const Type);
                        each_pointer(elem, at, step, from, to, f);
                    }
                    kind::STRUCT => {
                        // Fields: name, type, offset.
                        let (fields, n) = (*words.add(7) as *const [usize; 3], *words.add(8));
                        for i in 0..n {
                            let [_, t, offset] = *fields.add(i);
                            let t = &*(t as *const Type);
                            if t.ptr_bytes != 0 {
                                each_pointer(t, at + offset, t.size, from, to, f);
                            }
                        }
                    }
                    _ => crate::lang::throw::throw("runtime: large type of an unknown kind"),
                }
                at += step;
            }
        }
        return;
    }
    let words = typ.ptr_bytes / 8;
    while at < end {
        for byte in 0..words.div_ceil(8) {
            let p = at + byte * 64;
            if p >= end || p + 64 <= from {
                continue;
            }
            // SAFETY: the mask has a bit for each word up to the last pointer.
            let mut m = unsafe { *typ.gc_data.add(byte) };
            while m != 0 {
                let p = p + m.trailing_zeros() as usize * 8;
                if p >= from && p < end {
                    f(p);
                }
                m &= m - 1;
            }
        }
        at += step;
    }
}
