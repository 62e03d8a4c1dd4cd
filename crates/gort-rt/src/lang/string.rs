//! Strings: concatenation and conversion.

use crate::arch::throw_go;
use crate::mem::malloc::{MAX_ALLOC, mallocgc};
use crate::mem::sizeclass::roundupsize;
use core::ptr::{copy_nonoverlapping, null, null_mut};
use gort_abi::np;

/// A Go string; returned in rax and rdx.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct GoStr {
    ptr: *const u8,
    len: usize,
}

/// Size of the buffers that compiled code gives for strings that do not outlive a function
/// (`passes/escape/known.rs`); that of `intstringbuf` has room for one rune only.
const BUFFER: usize = 32;

/// Room for `n` bytes: the buffer, if there is one and they fit, or new memory.
unsafe fn room(buf: *mut u8, n: usize) -> *mut u8 {
    if !buf.is_null() && n <= BUFFER {
        return buf;
    }
    // SAFETY: without pointers.
    unsafe { mallocgc(n, null(), false) }
}

/// The parts one after the other, in `buf` if that is not null and large enough.
unsafe fn concat(buf: *mut u8, parts: &[GoStr]) -> GoStr {
    let (mut len, mut full, mut last) = (0usize, 0, 0);
    for (i, p) in parts.iter().enumerate() {
        if p.len > 0 {
            len = len.saturating_add(p.len);
            full += 1;
            last = i;
        }
    }
    if full == 0 {
        return GoStr {
            ptr: null(),
            len: 0,
        };
    }
    if full == 1 {
        return parts[last];
    }
    // SAFETY: Go strings; the new one has room for all.
    unsafe {
        if len > MAX_ALLOC {
            throw_go(np::CONCAT_TOO_LONG);
        }
        let p = room(buf, len);
        let mut at = p;
        for s in parts {
            if s.len > 0 {
                copy_nonoverlapping(s.ptr, at, s.len);
                at = at.add(s.len);
            }
        }
        GoStr { ptr: p, len }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_concatstring2(a: *const u8, an: usize, b: *const u8, bn: usize) -> GoStr {
    // SAFETY: Go strings.
    unsafe {
        concat(
            null_mut(),
            &[GoStr { ptr: a, len: an }, GoStr { ptr: b, len: bn }],
        )
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_concatstring3(
    a: *const u8,
    an: usize,
    b: *const u8,
    bn: usize,
    c: *const u8,
    cn: usize,
) -> GoStr {
    let parts = [
        GoStr { ptr: a, len: an },
        GoStr { ptr: b, len: bn },
        GoStr { ptr: c, len: cn },
    ];
    // SAFETY: Go strings.
    unsafe { concat(null_mut(), &parts) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_concatstrings(a: *const GoStr, n: usize) -> GoStr {
    // SAFETY: an array of n Go strings.
    unsafe { concat(null_mut(), core::slice::from_raw_parts(a, n)) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_concatstringsbuf(buf: *mut u8, a: *const GoStr, n: usize) -> GoStr {
    // SAFETY: a buffer and an array of n Go strings.
    unsafe { concat(buf, core::slice::from_raw_parts(a, n)) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_slicebytetostring(p: *const u8, n: usize) -> GoStr {
    // SAFETY: n bytes at p.
    unsafe { rt_slicebytetostringbuf(null_mut(), p, n) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_slicebytetostringbuf(buf: *mut u8, p: *const u8, n: usize) -> GoStr {
    if n == 0 {
        return GoStr {
            ptr: null(),
            len: 0,
        };
    }
    // SAFETY: n bytes at p, and room for as many.
    unsafe {
        let s = room(buf, n);
        copy_nonoverlapping(p, s, n);
        GoStr { ptr: s, len: n }
    }
}

/// The array of a new slice and its capacity.
#[repr(C)]
struct Bytes {
    ptr: *mut u8,
    cap: usize,
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_stringtoslicebyte(p: *const u8, n: usize) -> Bytes {
    // SAFETY: a Go string.
    unsafe { rt_stringtoslicebytebuf(null_mut(), p, n) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_stringtoslicebytebuf(buf: *mut u8, p: *const u8, n: usize) -> Bytes {
    // SAFETY: a Go string; memory of the size class is all ours, and clear behind the bytes.
    unsafe {
        let cap = if !buf.is_null() && n <= BUFFER {
            BUFFER
        } else {
            roundupsize(n, true)
        };
        let ptr = room(buf, cap);
        if n > 0 {
            copy_nonoverlapping(p, ptr, n);
        }
        ptr.add(n).write_bytes(0, cap - n);
        Bytes { ptr, cap }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_intstring(v: i64) -> GoStr {
    // SAFETY: no buffer.
    unsafe { rt_intstringbuf(null_mut(), v) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_intstringbuf(buf: *mut u8, v: i64) -> GoStr {
    let c = u32::try_from(v)
        .ok()
        .and_then(char::from_u32)
        .unwrap_or('\u{fffd}');
    let mut bytes = [0; 4];
    let s = c.encode_utf8(&mut bytes);
    // SAFETY: at most four bytes.
    unsafe { rt_slicebytetostringbuf(buf, s.as_ptr(), s.len()) }
}
