//! Signals that package os/signal has asked for: the handler marks them, the goroutine in `signal_recv` takes them.
//!
//! The handler touches nothing but the masks ([`sigmask`](super::sigmask)) and `SEQ`, so that it may interrupt anything. The receiver sleeps on
//! `SEQ`, which every delivery changes.

use super::sigmask::SigMask;
use crate::arch::{sigreturn_trampoline, sigtramp};
use crate::os::futexwakeup;
use crate::os::signal::{self, Action};
use crate::sync::{AtomicU32, AtomicU64, Ordering};

static MASKS: SigMask = SigMask::new();
static IGNORED: AtomicU64 = AtomicU64::new(0);
/// Signals that were ignored when the process started: they are again when nobody asks for them any more.
static IGNORED_AT_START: AtomicU64 = AtomicU64::new(0);
static SEQ: AtomicU32 = AtomicU32::new(0);

fn bit(sig: usize) -> u64 {
    1 << (sig - 1)
}

fn valid(sig: usize) -> bool {
    (1..=64).contains(&sig)
}

/// Looks at what the parent process ignored (SIGHUP and SIGINT, as `nohup` does).
pub fn init() {
    for sig in [1, 2] {
        if signal::is_ignored(sig) {
            IGNORED.fetch_or(bit(sig), Ordering::Relaxed);
            IGNORED_AT_START.fetch_or(bit(sig), Ordering::Relaxed);
        }
    }
}

/// In the handler: whether the signal was queued for the program.
pub fn deliver(sig: usize) -> bool {
    valid(sig)
        && MASKS.deliver(sig, || {
            SEQ.fetch_add(1, Ordering::AcqRel);
            futexwakeup(&SEQ, 1);
        })
}

fn handle(sig: usize) {
    let handler = sigtramp as *const () as usize;
    let restorer = sigreturn_trampoline as *const () as usize;
    signal::set_handler(sig, handler, restorer);
}

#[unsafe(no_mangle)]
extern "C" fn rt_sigenable(sig: u32) {
    let sig = sig as usize;
    if valid(sig) {
        MASKS.want(sig);
        IGNORED.fetch_and(!bit(sig), Ordering::AcqRel);
        handle(sig);
    }
}

#[unsafe(no_mangle)]
extern "C" fn rt_sigdisable(sig: u32) {
    let sig = sig as usize;
    if valid(sig) {
        MASKS.unwant(sig);
        // What signal.Ignore has said stands: only signal.Notify ends it.
        if is_ignored(sig) {
            return;
        }
        match signal::action(sig) {
            Action::Default => {
                let ignored = IGNORED_AT_START.load(Ordering::Acquire) & bit(sig) != 0;
                signal::set_disposition(sig, ignored);
            }
            _ => handle(sig),
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn rt_sigignore(sig: u32) {
    let sig = sig as usize;
    if valid(sig) {
        MASKS.unwant(sig);
        IGNORED.fetch_or(bit(sig), Ordering::AcqRel);
        // Faults are never ignored: they become panics.
        if signal::action(sig) != Action::Panic {
            signal::set_disposition(sig, true);
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn rt_sigignored(sig: u32) -> bool {
    is_ignored(sig as usize)
}

/// Whether the program, or who started it, wants the signal to do nothing.
pub fn is_ignored(sig: usize) -> bool {
    valid(sig) && IGNORED.load(Ordering::Acquire) & bit(sig) != 0
}

/// The lowest pending signal, or 0.
#[unsafe(no_mangle)]
extern "C" fn rt_sigtake() -> u32 {
    MASKS.take().map_or(0, |sig| sig as u32)
}

/// Whether signals wait to be taken, or are about to.
#[unsafe(no_mangle)]
extern "C" fn rt_sigpending() -> bool {
    MASKS.any()
}

/// The address of the word that the receiver sleeps on.
#[unsafe(no_mangle)]
extern "C" fn rt_sigseq() -> usize {
    SEQ.as_ptr() as usize
}

/// Queues a signal as if it had arrived; false if nobody wants it.
#[unsafe(no_mangle)]
extern "C" fn rt_sigsend(sig: u32) -> bool {
    deliver(sig as usize)
}

/// Ends the process as the signal's default action does.
#[unsafe(no_mangle)]
extern "C" fn rt_sigdie(sig: u32) {
    signal::raise_default(sig as usize);
    crate::os::exit(2);
}
