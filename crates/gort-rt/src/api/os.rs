//! Package os and syscall: arguments, raw system calls, leaving and taking back the P around them.

use crate::os::args;
use crate::sched::syscall;

/// Stores argc and the address of argv.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_goargs(out: *mut [usize; 2]) {
    let (argc, argv) = args::argv();
    // SAFETY: the overlay passes an array of two words.
    unsafe { *out = [argc, argv] }
}

#[unsafe(no_mangle)]
extern "C" fn rt_entersyscall() {
    syscall::entersyscall();
}

#[unsafe(no_mangle)]
extern "C" fn rt_exitsyscall() {
    syscall::exitsyscall();
}
