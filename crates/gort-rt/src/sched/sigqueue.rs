//! Signals that package os/signal has asked for: the handler marks them, the goroutine in `signal_recv` takes them.
//!
//! The masks have a bit a signal (1 to 64, bit 0 is signal 1). The handler touches nothing else, so that it may
//! interrupt anything. The receiver sleeps on `SEQ`, which every delivery changes.

use crate::arch::{sigreturn_trampoline, sigtramp};
use crate::os::futexwakeup;
use crate::os::signal::{self, Action};
use crate::sync::{AtomicU32, AtomicU64, Ordering};

static WANTED: AtomicU64 = AtomicU64::new(0);
static IGNORED: AtomicU64 = AtomicU64::new(0);
static PENDING: AtomicU64 = AtomicU64::new(0);
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
    if !valid(sig) || WANTED.load(Ordering::Acquire) & bit(sig) == 0 {
        return false;
    }
    PENDING.fetch_or(bit(sig), Ordering::AcqRel);
    SEQ.fetch_add(1, Ordering::AcqRel);
    futexwakeup(&SEQ, 1);
    true
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
        WANTED.fetch_or(bit(sig), Ordering::AcqRel);
        IGNORED.fetch_and(!bit(sig), Ordering::AcqRel);
        handle(sig);
    }
}

#[unsafe(no_mangle)]
extern "C" fn rt_sigdisable(sig: u32) {
    let sig = sig as usize;
    if valid(sig) {
        WANTED.fetch_and(!bit(sig), Ordering::AcqRel);
        // What signal.Ignore has said stands: only signal.Notify ends it.
        if IGNORED.load(Ordering::Acquire) & bit(sig) != 0 {
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
        WANTED.fetch_and(!bit(sig), Ordering::AcqRel);
        IGNORED.fetch_or(bit(sig), Ordering::AcqRel);
        // Faults are never ignored: they become panics.
        if signal::action(sig) != Action::Panic {
            signal::set_disposition(sig, true);
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn rt_sigignored(sig: u32) -> bool {
    let sig = sig as usize;
    valid(sig) && IGNORED.load(Ordering::Acquire) & bit(sig) != 0
}

/// The lowest pending signal, or 0.
#[unsafe(no_mangle)]
extern "C" fn rt_sigtake() -> u32 {
    let pending = PENDING.load(Ordering::Acquire);
    if pending == 0 {
        return 0;
    }
    let sig = pending.trailing_zeros() as usize + 1;
    // The receiver is the only one who clears bits.
    PENDING.fetch_and(!bit(sig), Ordering::AcqRel);
    sig as u32
}

/// Whether signals wait to be taken.
#[unsafe(no_mangle)]
extern "C" fn rt_sigpending() -> bool {
    PENDING.load(Ordering::Acquire) != 0
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
