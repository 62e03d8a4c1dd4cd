//! Allocation: the fast path takes the next object of the P's span of the class. Memory is zero because
//! spans are fresh from the system; nothing is freed yet.

use super::heap;
use super::sizeclass::{CLASS_SIZE, MAX_SMALL, PAGE, class_of};
use crate::arch::{getm, throw_go};
use crate::gc::barrier;
use crate::sync::Ordering;
use gort_abi::np;
use gort_abi::types::Type;

/// Largest allocation, as in gc: the 48-bit address space.
pub const MAX_ALLOC: usize = 1 << 48;

unsafe extern "C" {
    /// What pointers to objects of size zero point to, those of compiled code too. As in official Go it can be written.
    #[link_name = "runtime.zerobase"]
    static mut ZERO_BASE: u8;
}

/// Zeroed memory of `size` bytes; `typ` null or without pointers means noscan.
///
/// # Safety
/// `typ` is null or a type descriptor. The caller runs on g0 with a P.
#[inline(always)]
pub unsafe fn mallocgc(size: usize, typ: *const Type) -> *mut u8 {
    // SAFETY: the caller's.
    let noscan = typ.is_null() || unsafe { (*typ).ptr_bytes == 0 };
    if size == 0 {
        return &raw mut ZERO_BASE;
    }
    if size > MAX_SMALL {
        return large(size, typ, noscan);
    }
    let c = &getm().pp().mcache;
    if noscan && size < 16 {
        return tiny(c, size);
    }
    let i = class_of(size) * 2 + usize::from(noscan);
    let r = &c.rest[i];
    if r.next.get() == r.end.get() {
        c.refill(i);
    }
    let p = r.next.get();
    let csize = CLASS_SIZE[i / 2] as usize;
    r.next.set(p + csize);
    c.mallocs.set(c.mallocs.get() + 1);
    c.bytes.set(c.bytes.get() + csize as u64);
    if !noscan {
        // SAFETY: the type table of the arena covers the span.
        unsafe {
            *((r.types.get() + (p - r.base.get()) / 16 * 4) as *mut u32) = typ as usize as u32
        };
    }
    p as *mut u8
}

/// Packs small objects without pointers into blocks of 16 bytes.
#[inline]
fn tiny(c: &super::mcache::MCache, size: usize) -> *mut u8 {
    let align = if size & 7 == 0 {
        8
    } else if size & 3 == 0 {
        4
    } else if size & 1 == 0 {
        2
    } else {
        1
    };
    let at = (c.tiny.get() + align - 1) & !(align - 1);
    c.mallocs.set(c.mallocs.get() + 1);
    c.bytes.set(c.bytes.get() + size as u64);
    if c.tiny.get() != 0 && at + size <= c.tiny_end.get() {
        c.tiny.set(at + size);
        return at as *mut u8;
    }
    let i = class_of(16) * 2 + 1;
    let r = &c.rest[i];
    if r.next.get() == r.end.get() {
        c.refill(i);
    }
    let p = r.next.get();
    r.next.set(p + 16);
    c.tiny.set(p + size);
    c.tiny_end.set(p + 16);
    p as *mut u8
}

#[cold]
#[inline(never)]
fn large(size: usize, typ: *const Type, noscan: bool) -> *mut u8 {
    if size > MAX_ALLOC {
        crate::lang::throw::out_of_memory(size);
    }
    let npages = size.div_ceil(PAGE);
    heap::LARGE_N.fetch_add(1, Ordering::Relaxed);
    heap::LARGE_BYTES.fetch_add((npages * PAGE) as u64, Ordering::Relaxed);
    heap::alloc_span(npages, 0, noscan, typ as usize).base.get() as *mut u8
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_newobject(typ: *const Type) -> *mut u8 {
    // SAFETY: compiled code passes a descriptor.
    unsafe { mallocgc((*typ).size, typ) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_mallocgc(size: usize, typ: *const Type, _needzero: bool) -> *mut u8 {
    // SAFETY: compiled code passes a descriptor or nil.
    unsafe { mallocgc(size, typ) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_makeslice(et: *const Type, len: isize, cap: isize) -> *mut u8 {
    // SAFETY: compiled code passes a descriptor.
    unsafe {
        let size = (*et).size;
        let bytes = |n: isize| {
            usize::try_from(n)
                .ok()
                .and_then(|n| n.checked_mul(size))
                .filter(|&b| b <= MAX_ALLOC)
        };
        match bytes(cap) {
            Some(b) if len >= 0 && len <= cap => mallocgc(b, et),
            _ if bytes(len).is_none() => throw_go(np::MAKESLICE_LEN),
            _ => throw_go(np::MAKESLICE_CAP),
        }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_convT16(v: u16) -> *mut u8 {
    small_value(v as u64, 2)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_convT32(v: u32) -> *mut u8 {
    small_value(v as u64, 4)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_convT64(v: u64) -> *mut u8 {
    small_value(v, 8)
}

static SMALL_VALUES: [u64; 256] = {
    let mut t = [0; 256];
    let mut i = 0;
    while i < 256 {
        t[i] = i as u64;
        i += 1;
    }
    t
};

/// A boxed number: values below 256 share a table.
fn small_value(v: u64, size: usize) -> *mut u8 {
    if v < 256 {
        return (&raw const SMALL_VALUES[v as usize]) as *mut u8;
    }
    // SAFETY: noscan; the object has `size` bytes.
    unsafe {
        let p = mallocgc(size, core::ptr::null());
        core::ptr::copy_nonoverlapping((&raw const v).cast::<u8>(), p, size);
        p
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_typedmemmove(typ: *const Type, dst: *mut u8, src: *const u8) {
    // SAFETY: compiled code passes valid pointers.
    unsafe {
        barrier::value(typ, dst);
        core::ptr::copy(src, dst, (*typ).size)
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_typedmemclr(typ: *const Type, p: *mut u8) {
    // SAFETY: compiled code passes a valid pointer.
    unsafe {
        barrier::value(typ, p);
        core::ptr::write_bytes(p, 0, (*typ).size)
    }
}

/// First byte, bytes and type of the heap object that `addr` points into; false if it points into none.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_heapobject(addr: usize, out: &mut [usize; 3]) -> bool {
    let Some(o) = heap::object_of(addr) else {
        return false;
    };
    *out = [o.base, o.size, o.typ];
    true
}
