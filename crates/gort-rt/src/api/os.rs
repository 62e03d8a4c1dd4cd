//! Package os and syscall: arguments, leaving and taking back the P around system calls, fork.

use crate::arch::getm;
use crate::os::{args, signal};
use crate::sched::syscall;

/// Stores argc and the address of argv.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_goargs(out: *mut [usize; 2]) {
    let (argc, argv) = args::argv();
    // SAFETY: the overlay passes an array of two words.
    unsafe { *out = [argc, argv] }
}

#[unsafe(no_mangle)]
extern "C" fn enters_syscall() {
    syscall::entersyscall();
}

#[unsafe(no_mangle)]
extern "C" fn rt_exitsyscall() {
    syscall::exitsyscall();
}

/// Before fork: no signals for this thread, and no preemption, until [`rt_forkend`].
#[unsafe(no_mangle)]
extern "C" fn rt_forkbegin() {
    let m = getm();
    m.locks.set(m.locks.get() + 1);
    m.fork_mask.set(signal::block_all());
}

/// After fork, in the parent.
#[unsafe(no_mangle)]
extern "C" fn rt_forkend() {
    let m = getm();
    signal::restore_mask(m.fork_mask.get());
    m.locks.set(m.locks.get() - 1);
}

/// In the child, which shares the parent's memory but not its table of handlers: the program that will
/// be run finds default actions and the mask of before.
#[unsafe(no_mangle)]
extern "C" fn rt_forkchild() {
    for sig in 1..=64 {
        if !signal::is_ignored(sig) {
            signal::set_disposition(sig, false);
        }
    }
    signal::restore_mask(getm().fork_mask.get());
}
