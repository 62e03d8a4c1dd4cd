//! Package runtime/debug and runtime/pprof: limits, the level of tracebacks, stacks of goroutines.

use crate::arch::getm;
use crate::gc::leaks::is_leaked;
use crate::gmp::{G, SCHED, Status, slab, stack};
use crate::sched::world::while_stopped;
use crate::symtab::unwind::Frames;
use crate::symtab::{functab, traceback};
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

/// debug.SetCrashOutput: the descriptor that gets a copy of fatal errors, all ones for none; the old one.
#[unsafe(no_mangle)]
extern "C" fn rt_setcrashoutput(fd: usize) -> usize {
    crate::text::set_crash_output(fd)
}

/// runtime.Stack: the bytes written into `buf`; -1 if somebody else stops the world just now. All goroutines are
/// shown as they stand together: while their stacks are walked none of them runs.
///
/// # Safety
/// `buf` has `n` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_stackdump(buf: *mut u8, n: usize, all: bool) -> isize {
    let g = getm().g();
    // SAFETY: the caller's buffer.
    let mut s = unsafe { crate::text::into(buf, n) };
    if !all {
        traceback::dump(&mut s, g, false);
    } else if !while_stopped(|| traceback::dump(&mut s, g, true)) {
        return -1;
    }
    s.flush();
    s.written as isize
}

/// The stacks of all user goroutines, taken while the world is stopped: for each the number of its return addresses
/// (at most `most`), its labels, and the addresses, innermost first. The result is the number of words that this
/// needs; if that is more than `n`, the buffer has only the first goroutines. -1 if somebody else stops the world just
/// now.
///
/// # Safety
/// `buf` has `n` words.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_goroutineprofile(buf: *mut usize, n: usize, most: usize) -> isize {
    // SAFETY: the caller's.
    unsafe { profile(buf, n, most, |g| g.is_user()) }
}

/// The same of those that have leaked.
///
/// # Safety
/// As above.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_leakprofile(buf: *mut usize, n: usize, most: usize) -> isize {
    // SAFETY: the caller's.
    unsafe { profile(buf, n, most, is_leaked) }
}

/// # Safety
/// `buf` has `n` words.
unsafe fn profile(buf: *mut usize, n: usize, most: usize, wanted: fn(&G) -> bool) -> isize {
    let mut need = 0;
    let stopped = while_stopped(|| {
        slab::each(|g| {
            if wanted(g) && !matches!(g.status(), Status::Dead | Status::Idle) {
                // Calls that were inlined count as frames, as in rt_callers.
                let frames = || {
                    Frames::from_native(g, None)
                        .flat_map(|f| functab::locations(f.lookup_pc()))
                        .filter(|loc| !loc.wrapper)
                        .take(most)
                };
                if need + 2 + most <= n {
                    let mut k = 0;
                    // SAFETY: the buffer has room for the record.
                    unsafe {
                        let record = buf.add(need);
                        for loc in frames() {
                            *record.add(2 + k) = loc.pc + 1;
                            k += 1;
                        }
                        *record = k;
                        *record.add(1) = g.fault.labels.get();
                    }
                    need += 2 + k;
                } else {
                    need += 2 + frames().count().max(most);
                }
            }
            true
        });
    });
    if stopped { need as isize } else { -1 }
}
