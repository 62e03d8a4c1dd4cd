//! The monotonic clock, through the vDSO.
//!
//! The vDSO's symbol table is searched at the first call, so that a program that never asks for the
//! time does not pay for it.

use super::{nr, syscall4};
use crate::sync::{AtomicUsize, Ordering};

static EHDR: AtomicUsize = AtomicUsize::new(0);
/// 0 = not searched, 1 = none, else the function.
static GETTIME: AtomicUsize = AtomicUsize::new(0);

/// Remembers AT_SYSINFO_EHDR.
pub fn set_vdso(ehdr: usize) {
    EHDR.store(ehdr, Ordering::Relaxed);
}

/// Nanoseconds of the monotonic clock.
pub fn nanotime() -> i64 {
    let [sec, nsec] = gettime(1);
    sec * 1_000_000_000 + nsec
}

/// Seconds and nanoseconds since 1970.
pub fn walltime() -> [i64; 2] {
    gettime(0)
}

/// Processor time of the process in nanoseconds.
pub fn cputime() -> i64 {
    let [sec, nsec] = gettime(2);
    sec * 1_000_000_000 + nsec
}

fn gettime(clock: i32) -> [i64; 2] {
    let mut ts = [0i64; 2];
    let mut f = GETTIME.load(Ordering::Relaxed);
    if f == 0 {
        f = find().unwrap_or(1);
        GETTIME.store(f, Ordering::Relaxed);
    }
    // SAFETY: either the vDSO's clock_gettime or the system call; both fill the timespec.
    unsafe {
        if f == 1 {
            syscall4(
                nr::CLOCK_GETTIME,
                clock as usize,
                ts.as_mut_ptr() as usize,
                0,
                0,
            );
        } else {
            let f: unsafe extern "C" fn(i32, *mut i64) -> i32 = core::mem::transmute(f);
            f(clock, ts.as_mut_ptr());
        }
    }
    ts
}

fn find() -> Option<usize> {
    let base = EHDR.load(Ordering::Relaxed);
    if base == 0 {
        return None;
    }
    // SAFETY: the kernel maps a well-formed ELF image at `base`.
    unsafe {
        let u16_at = |o: usize| (base as *const u8).add(o).cast::<u16>().read_unaligned();
        let u64_at = |a: usize| (a as *const u64).read_unaligned() as usize;
        let (phoff, phnum) = (u64_at(base + 32), u16_at(56) as usize);
        let (mut load, mut dynamic) = (None, 0);
        for i in 0..phnum {
            let ph = base + phoff + i * 56;
            match (ph as *const u32).read() {
                1 if load.is_none() => load = Some(base + u64_at(ph + 8) - u64_at(ph + 16)),
                2 => dynamic = base + u64_at(ph + 8),
                _ => {}
            }
        }
        let load = load?;
        let (mut strtab, mut symtab, mut hash, mut gnu) = (0, 0, 0, 0);
        while dynamic != 0 && u64_at(dynamic) != 0 {
            let v = load + u64_at(dynamic + 8);
            match u64_at(dynamic) {
                5 => strtab = v,
                6 => symtab = v,
                4 => hash = v,
                0x6fff_fef5 => gnu = v,
                _ => {}
            }
            dynamic += 16;
        }
        if strtab == 0 || symtab == 0 {
            return None;
        }
        let count = if hash != 0 {
            *(hash as *const u32).add(1) as usize
        } else if gnu != 0 {
            gnu_count(gnu as *const u32)
        } else {
            return None;
        };
        for i in 0..count {
            let sym = symtab + i * 24;
            let name = core::ffi::CStr::from_ptr(
                (strtab + (sym as *const u32).read() as usize) as *const _,
            );
            if name == c"__vdso_clock_gettime" && u64_at(sym + 8) != 0 {
                return Some(load + u64_at(sym + 8));
            }
        }
    }
    None
}

/// Number of symbols of a GNU hash table: one past the last of the highest chain.
unsafe fn gnu_count(t: *const u32) -> usize {
    // SAFETY: the layout of DT_GNU_HASH: nbuckets, symoffset, bloom_size, shift, bloom, buckets, chains.
    unsafe {
        let (nb, off, bloom) = (*t as usize, *t.add(1) as usize, *t.add(2) as usize);
        let buckets = t.add(4 + bloom * 2);
        let chains = buckets.add(nb);
        let mut max = (0..nb).map(|i| *buckets.add(i) as usize).max().unwrap_or(0);
        if max < off {
            return off;
        }
        while *chains.add(max - off) & 1 == 0 {
            max += 1;
        }
        max + 1
    }
}
