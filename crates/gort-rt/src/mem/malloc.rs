//! Allocation: the fast path takes the next object of the P's run of the class, which is zero already.

use super::bits::{self, HEADER};
use super::mcache::MCache;
use super::sizeclass::{CLASS_SIZE, MAX_SMALL, MIN_HEADER, PAGE, class_of};
use super::{arena, central, records};
use crate::arch::{getm, throw_go};
use crate::gc::{barrier, cycle, pacer};
use crate::sync::{AtomicU64, Ordering};
use gort_abi::np;
use gort_abi::types::Type;

/// Largest allocation, as in gc: the 48-bit address space.
pub const MAX_ALLOC: usize = 1 << 48;

/// Large objects made, and their bytes.
pub static LARGE_N: AtomicU64 = AtomicU64::new(0);
/// Their bytes.
pub static LARGE_BYTES: AtomicU64 = AtomicU64::new(0);

unsafe extern "C" {
    /// What pointers to objects of size zero point to, those of compiled code too. As in official Go it can be written.
    #[link_name = "runtime.zerobase"]
    static mut ZERO_BASE: u8;
}

/// Memory for `size` bytes, zero if `zero` or if there are pointers in it: values of `typ` side by side, which is null or
/// without pointers for memory without pointers.
///
/// # Safety
/// `typ` is null or a type descriptor. The caller runs on g0 with a P.
#[inline(always)]
pub unsafe fn mallocgc(size: usize, typ: *const Type, zero: bool) -> *mut u8 {
    // SAFETY: the caller's.
    let noscan = typ.is_null() || unsafe { (*typ).ptr_bytes == 0 };
    if size == 0 {
        return &raw mut ZERO_BASE;
    }
    if size > MAX_SMALL - HEADER {
        return large(size, typ, noscan, zero);
    }
    let c = &getm().pp().mcache;
    if noscan {
        if size < 16 {
            return tiny(c, size);
        }
        return next(c, class_of(size) * 2 + 1) as *mut u8;
    }
    // SAFETY: a descriptor, since there are pointers.
    let typ = unsafe { &*typ };
    if size <= MIN_HEADER {
        let class = class_of(size);
        let p = next(c, class * 2);
        // SAFETY: a fresh object of a span with bits. A type that is no larger than this has a mask.
        unsafe { bits::set(p, size, typ) };
        return p as *mut u8;
    }
    let p = next(c, class_of(size + HEADER) * 2);
    // SAFETY: a fresh object; the word in front is for its type.
    unsafe { *(p as *mut *const Type) = typ };
    (p + HEADER) as *mut u8
}

/// The next free object of class `spc`.
#[inline(always)]
fn next(c: &MCache, spc: usize) -> usize {
    let r = &c.runs[spc];
    if r.next.get() == r.end.get() {
        c.refill(spc);
    }
    let p = r.next.get();
    r.next.set(p + CLASS_SIZE[spc / 2] as usize);
    p
}

/// Packs small objects without pointers into blocks of 16 bytes.
#[inline]
fn tiny(c: &MCache, size: usize) -> *mut u8 {
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
    if c.tiny.get() != 0 && at + size <= c.tiny_end.get() {
        c.tiny.set(at + size);
        c.tiny_allocs.set(c.tiny_allocs.get() + 1);
        return at as *mut u8;
    }
    let p = next(c, class_of(16) * 2 + 1);
    c.tiny.set(p + size);
    c.tiny_end.set(p + 16);
    p as *mut u8
}

#[cold]
#[inline(never)]
fn large(size: usize, typ: *const Type, noscan: bool, zero: bool) -> *mut u8 {
    let npages = size.div_ceil(PAGE);
    if size > MAX_ALLOC || npages > arena::MOST_PAGES {
        crate::lang::throw::out_of_memory(size);
    }
    let bytes = npages * PAGE;
    LARGE_N.fetch_add(1, Ordering::Relaxed);
    LARGE_BYTES.fetch_add(bytes as u64, Ordering::Relaxed);
    let s = records::take(1);
    let pages = arena::take(npages, s, false);
    let p = pages.base as *mut u8;
    if !pages.zero {
        // SAFETY: pages of ours. Of pointers the rest is cleared, too: the collector reads whole objects.
        unsafe {
            match (noscan, zero) {
                (true, true) => p.write_bytes(0, size),
                (true, false) => {}
                (false, _) => p.write_bytes(0, bytes),
            }
        }
    }
    s.init_large(
        pages.base,
        npages,
        noscan,
        if noscan { 0 } else { typ as usize },
    );
    s.swept.store(cycle::number() as u16, Ordering::Relaxed);
    if cycle::is_marking() {
        s.mark(0);
    }
    central::give(s);
    getm()
        .pp()
        .mcache
        .count_for_profile(pages.base, bytes, bytes);
    pacer::allocated(bytes);
    pacer::stress();
    p
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_newobject(typ: *const Type) -> *mut u8 {
    // SAFETY: compiled code passes a descriptor.
    unsafe { mallocgc((*typ).size, typ, true) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_mallocgc(size: usize, typ: *const Type, zero: bool) -> *mut u8 {
    // SAFETY: compiled code passes a descriptor or nil.
    unsafe { mallocgc(size, typ, zero) }
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
            Some(b) if len >= 0 && len <= cap => mallocgc(b, et, true),
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
        let p = mallocgc(size, core::ptr::null(), false);
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
