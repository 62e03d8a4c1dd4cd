//! One system call on every thread (`syscall.AllThreadsSyscall`): what setuid and its like need, since to the
//! kernel credentials belong to a thread.
//!
//! The caller's thread goes first; if the call fails there, nothing else happens. Then, with the world stopped and
//! no thread being made, each other thread is sent a signal, whose handler makes the call wherever it finds the
//! thread. New threads inherit the state of the one that makes them.

use super::world;
use crate::arch::{getm, sigreturn_trampoline, sigtramp};
use crate::gmp::M;
use crate::gmp::sched::ALLM;
use crate::lang::throw;
use crate::lock::SpinLock;
use crate::os;
use crate::os::signal;
use crate::rank;
use crate::sync::{AtomicU32, AtomicUsize, Ordering};
use crate::text::err;

/// The signal: the second of the real-time ones, which the C library of a cgo program would use for the same.
pub const SIGNAL: usize = 33;

/// Held while a thread is made, and while the call goes round.
pub static NEW_THREADS: SpinLock<{ rank::NEW_THREADS }> = SpinLock::new();

/// Number of the call that goes round; odd while it does.
static ROUND: AtomicU32 = AtomicU32::new(0);
/// Number and arguments.
static CALL: [AtomicUsize; 7] = [const { AtomicUsize::new(0) }; 7];
/// The results on the caller's thread, which all others must have too.
static RESULT: AtomicUsize = AtomicUsize::new(0);

fn make_call() -> usize {
    let [n, a, b, c, d, e, f] = [0, 1, 2, 3, 4, 5, 6].map(|i| CALL[i].load(Ordering::Relaxed));
    // SAFETY: the program's own system call.
    unsafe { os::syscall6(n, a, b, c, d, e, f) as usize }
}

/// The handler of [`SIGNAL`]; whether a call was to be made.
pub fn on_signal(m: &M) -> bool {
    let round = ROUND.load(Ordering::Acquire);
    if round.is_multiple_of(2) || m.all_threads.load(Ordering::Relaxed) == round {
        return false;
    }
    let (got, want) = (make_call(), RESULT.load(Ordering::Relaxed));
    if got != want {
        err()
            .s("trap:")
            .u(CALL[0].load(Ordering::Relaxed) as u64)
            .s(", result of the caller's thread ")
            .hex(want)
            .s(", of this one ")
            .hex(got)
            .s("\n")
            .flush();
        throw::throw("AllThreadsSyscall results differ between threads; runtime corrupted");
    }
    m.all_threads.store(round, Ordering::Release);
    true
}

/// Makes the call `call` (number, six arguments) on every thread; `result` is what the kernel returned, which is
/// an error number below 0 in the kernel's way. False: somebody else stops the world, try again.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_allthreadssyscall(call: &[usize; 7], result: &mut usize) -> bool {
    world::while_stopped(|| NEW_THREADS.with(|| *result = round(call)))
}

fn round(call: &[usize; 7]) -> usize {
    for (to, v) in CALL.iter().zip(call) {
        to.store(*v, Ordering::Relaxed);
    }
    let result = make_call();
    if (result as isize) < 0 && (result as isize) > -4096 {
        return result;
    }
    RESULT.store(result, Ordering::Relaxed);
    let (handler, restorer) = (
        sigtramp as *const () as usize,
        sigreturn_trampoline as *const () as usize,
    );
    signal::set_handler(SIGNAL, handler, restorer);
    let me = getm();
    let number = ROUND.fetch_add(1, Ordering::AcqRel).wrapping_add(1);
    each(me, |m| {
        let tid = m.tid.load(Ordering::Acquire);
        if tid != 0 {
            os::tgkill(tid, SIGNAL as u32);
        }
    });
    each(me, |m| {
        // A thread that ends meanwhile needs no call.
        while m.tid.load(Ordering::Acquire) != 0 && m.all_threads.load(Ordering::Acquire) != number
        {
            os::usleep(20);
        }
    });
    ROUND.fetch_add(1, Ordering::AcqRel);
    result
}

/// All threads but `me`.
fn each(me: &M, f: impl Fn(&M)) {
    let mut p = ALLM.load(Ordering::Acquire);
    // SAFETY: Ms are never freed.
    while let Some(m) = unsafe { p.as_ref() } {
        if !core::ptr::eq(m, me) {
            f(m);
        }
        p = m.alllink.get().cast_mut();
    }
}
