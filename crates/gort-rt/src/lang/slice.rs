//! append: Go's growth rule and size class rounding, both visible through cap.

use crate::arch::throw_go;
use crate::mem::malloc::{MAX_ALLOC, mallocgc};
use crate::mem::sizeclass::roundupsize;
use core::ptr::copy_nonoverlapping;
use gort_abi::np;
use gort_abi::types::Type;

/// Pointer and capacity in rax and rdx.
#[repr(C)]
pub struct PtrCap {
    ptr: *mut u8,
    cap: usize,
}

/// New capacity for `new_len` elements: double while small, then by a quarter and a bit.
pub fn nextslicecap(new_len: isize, old_cap: isize) -> isize {
    const THRESHOLD: isize = 256;
    let double = old_cap.wrapping_add(old_cap);
    if new_len > double {
        return new_len;
    }
    if old_cap < THRESHOLD {
        return double;
    }
    let mut cap = old_cap;
    while (cap as usize) < new_len as usize {
        cap = cap.wrapping_add(cap.wrapping_add(3 * THRESHOLD) >> 2);
    }
    if cap <= 0 { new_len } else { cap }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_makebytes(n: isize) -> PtrCap {
    // SAFETY: we are the native of the running goroutine.
    unsafe {
        let Some(n) = usize::try_from(n).ok().filter(|&n| n <= MAX_ALLOC) else {
            throw_go(np::MAKESLICE_LEN)
        };
        let cap = roundupsize(n, true);
        let ptr = mallocgc(cap, core::ptr::null(), true);
        PtrCap { ptr, cap }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_growslice(
    old: *const u8,
    new_len: isize,
    old_cap: isize,
    num: isize,
    et: *const Type,
) -> PtrCap {
    if new_len < 0 {
        // SAFETY: we are the native of the running goroutine.
        unsafe { throw_go(np::GROWSLICE) };
    }
    // SAFETY: compiled code passes a descriptor and a slice of old_len elements.
    unsafe {
        let size = (*et).size;
        if size == 0 {
            return PtrCap {
                ptr: mallocgc(0, et, false),
                cap: new_len as usize,
            };
        }
        let cap = nextslicecap(new_len, old_cap) as usize;
        let noscan = (*et).ptr_bytes == 0;
        let Some(bytes) = cap.checked_mul(size).map(|b| roundupsize(b, noscan)) else {
            throw_go(np::GROWSLICE)
        };
        if bytes > MAX_ALLOC {
            throw_go(np::GROWSLICE);
        }
        let cap = bytes / size;
        let p = mallocgc(bytes, et, false);
        let used = (new_len - num) as usize * size;
        copy_nonoverlapping(old, p, used);
        // Large memory without pointers is not zero: what the new elements will not overwrite must be.
        p.add(used).write_bytes(0, bytes - used);
        PtrCap { ptr: p, cap }
    }
}
