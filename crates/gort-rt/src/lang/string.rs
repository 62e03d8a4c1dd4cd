//! Strings: concatenation and conversion.

use crate::arch::throw_go;
use crate::mem::malloc::{MAX_ALLOC, mallocgc};
use core::ptr::{copy_nonoverlapping, null};
use gort_abi::np;

/// A Go string; returned in rax and rdx.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct GoStr {
    ptr: *const u8,
    len: usize,
}

unsafe fn concat(parts: &[GoStr]) -> GoStr {
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
        let p = mallocgc(len, null());
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
    unsafe { concat(&[GoStr { ptr: a, len: an }, GoStr { ptr: b, len: bn }]) }
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
    unsafe { concat(&parts) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_concatstrings(a: *const GoStr, n: usize) -> GoStr {
    // SAFETY: an array of n Go strings.
    unsafe { concat(core::slice::from_raw_parts(a, n)) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_slicebytetostring(p: *const u8, n: usize) -> GoStr {
    if n == 0 {
        return GoStr {
            ptr: null(),
            len: 0,
        };
    }
    // SAFETY: n bytes at p.
    unsafe {
        let s = mallocgc(n, null());
        copy_nonoverlapping(p, s, n);
        GoStr { ptr: s, len: n }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_intstring(v: i64) -> GoStr {
    let c = u32::try_from(v)
        .ok()
        .and_then(char::from_u32)
        .unwrap_or('\u{fffd}');
    let mut buf = [0; 4];
    let s = c.encode_utf8(&mut buf);
    // SAFETY: a short buffer.
    unsafe { rt_slicebytetostring(s.as_ptr(), s.len()) }
}
