//! Package runtime/debug and runtime/pprof: limits, the level of tracebacks, stacks of goroutines.

use crate::arch::getm;
use crate::gmp::{SCHED, Status, slab, stack};
use crate::symtab::unwind::Frames;
use crate::sync::Ordering;

/// Sets the limit of all stack segments of a goroutine, in bytes; the old one.
#[unsafe(no_mangle)]
extern "C" fn rt_setmaxstack(n: usize) -> usize {
    stack::LIMIT.swap(n, Ordering::Relaxed)
}

/// Sets the limit of threads; the old one.
#[unsafe(no_mangle)]
extern "C" fn rt_setmaxthreads(n: usize) -> usize {
    SCHED
        .lock
        .with(|| SCHED.maxmcount.replace(n.min(i32::MAX as usize) as u32)) as usize
}

/// Raises the level that GOTRACEBACK has set.
///
/// # Safety
/// `text` and `len` are a string.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_settraceback(text: *const u8, len: usize) {
    let level = if len == 0 {
        &[][..]
    } else {
        // SAFETY: the caller's string.
        unsafe { core::slice::from_raw_parts(text, len) }
    };
    crate::debug::set_traceback(level);
}

/// Return addresses of the goroutine in slot `i`, innermost first: how many, -1 if there is none in it (or it
/// runs on another thread, whose registers are not known here), -2 beyond the last slot.
///
/// # Safety
/// `pcs` has room for `n` words, `labels` for one.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_goroutinepcs(
    i: usize,
    pcs: *mut usize,
    n: usize,
    labels: *mut usize,
) -> isize {
    if i >= slab::slots() {
        return -2;
    }
    let g = slab::slot(i);
    let me = getm().g();
    let still = matches!(
        g.status(),
        Status::Waiting | Status::Runnable | Status::Syscall
    );
    if !g.is_user() || !still && !core::ptr::eq(g, me) {
        return -1;
    }
    let mut k = 0;
    for f in Frames::from_native(g, None).take(n) {
        // SAFETY: the caller's buffers.
        unsafe { *pcs.add(k) = if f.exact { f.pc + 1 } else { f.pc } };
        k += 1;
    }
    // SAFETY: as above.
    unsafe { *labels = g.fault.labels.get() };
    k as isize
}
