//! The native half of panics: which frame recovers, where it goes on, and the end of a program whose
//! panic nobody recovered. The loops that run deferred calls are Go code in the overlay.

use crate::arch::{getm, jump_to};
use crate::gmp::{Bubble, SCHED};
use crate::lang::throw;
use crate::sched::park::{Waiting, gopark};
use crate::symtab::{functab, traceback, unwind::Frames};
use crate::sync::{AtomicUsize, Ordering};

/// The return address of the call that gopanic makes of deferred functions, once it is known. To find out that a return address is
/// this one costs a look into gopanic's line table, which is half the time of a panic that is recovered.
static GOPANIC_CALL: AtomicUsize = AtomicUsize::new(0);

/// Whether the function with frame pointer `fp` was called by gopanic, directly or through wrappers.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_canrecover(fp: usize) -> bool {
    let g = getm().g();
    // SAFETY: `fp` is the frame pointer of a Go function that is running: its return address lies above it.
    let caller = unsafe { *((fp + 8) as *const usize) };
    if caller == GOPANIC_CALL.load(Ordering::Relaxed) {
        return true;
    }
    let mut inside = false;
    for f in Frames::from_native(g, None) {
        if inside {
            for loc in functab::locations(f.pc - 1) {
                if loc.name == b"runtime.gopanic" {
                    if f.pc == caller {
                        GOPANIC_CALL.store(caller, Ordering::Relaxed);
                    }
                    return true;
                }
                if !loc.wrapper {
                    return false;
                }
            }
        }
        inside |= f.fp == fp;
    }
    false
}

/// Whether a `recover` that was itself deferred counts: it must be run by the return of a function that
/// gopanic has called. Run by gopanic itself, no deferred function called it.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_candeferredrecover() -> bool {
    let g = getm().g();
    let mut frames = Frames::from_native(g, None)
        .flat_map(|f| functab::locations(f.pc - 1))
        .filter(|loc| !loc.wrapper)
        .map(|loc| loc.name)
        .skip(1); // deferredrecover itself
    frames.next() == Some(b"runtime.deferreturn")
        && frames.next().is_some()
        && frames.next() == Some(b"runtime.gopanic")
}

/// Goes on in the recovery block of the frame `fp`; does not return when the frame exists.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_recovery(fp: usize) {
    let g = getm().g();
    if let Some(f) = Frames::from_native(g, None).with_fp(fp)
        && let Some(info) = functab::find(f.pc - 1)
        && info.recover_off != 0
    {
        // SAFETY: the frame lives in segment `f.seg`; everything above it is dropped.
        unsafe {
            g.stack.seg.set(f.seg);
            g.stackguard.store((*f.seg).guard, Ordering::Relaxed);
            let pc = info.entry as usize + info.recover_off as usize;
            jump_to(pc, fp, fp - info.frame_size as usize);
        }
    }
    throw::throw("recovery failed");
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_panicdefers(delta: isize) {
    SCHED
        .running_panic_defers
        .fetch_add(delta as i32, Ordering::SeqCst);
}

static DYING: AtomicUsize = AtomicUsize::new(0);

/// The first goroutine to die prints; the others stop here for ever.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_startpanic() {
    let m = getm();
    let me = core::ptr::from_ref(m.g()) as usize;
    SCHED.running_panic_defers.fetch_sub(1, Ordering::SeqCst);
    SCHED.panicking.fetch_add(1, Ordering::SeqCst);
    crate::text::dying();
    if DYING
        .compare_exchange(0, me, Ordering::SeqCst, Ordering::SeqCst)
        .is_err()
    {
        gopark(Waiting::End, || {});
    }
    m.locks.set(m.locks.get() + 1);
    if crate::debug::trace_all() {
        crate::sched::world::freeze();
    }
}

/// After the panic values have been printed: signal line, trace, exit code 2. `bubble` is the one whose deadlock
/// is the panic, or null.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_dopanic(bubble: *const Bubble) -> ! {
    let g = getm().g();
    traceback::print_signal_line(g);
    // SAFETY: bubbles are never freed.
    traceback::print_dying_with(g, false, unsafe { bubble.as_ref() });
    throw::die()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_throw(p: *const u8, n: usize) -> ! {
    // SAFETY: a Go string.
    throw::throw_bytes(unsafe { core::slice::from_raw_parts(p, n) })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_fatal(p: *const u8, n: usize) -> ! {
    // SAFETY: a Go string.
    throw::fatal_bytes(unsafe { core::slice::from_raw_parts(p, n) })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_exit(code: isize) -> ! {
    crate::os::exit(code as i32)
}
