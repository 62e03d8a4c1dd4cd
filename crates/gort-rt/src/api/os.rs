//! Package os and syscall: arguments, raw system calls, leaving and taking back the P around them.

use crate::os::{args, syscall6};
use crate::sched::syscall;

/// Stores argc and the address of argv.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_goargs(out: *mut [usize; 2]) {
    let (argc, argv) = args::argv();
    // SAFETY: the overlay passes an array of two words.
    unsafe { *out = [argc, argv] }
}

/// A system call as the Go code gives it: number and six arguments. The kernel's result, negative for errors.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_rawsyscall(a: *const [usize; 7]) -> isize {
    // SAFETY: the overlay passes an array of seven words; the call itself is the program's business.
    unsafe {
        let [n, a, b, c, d, e, f] = *a;
        syscall6(n, a, b, c, d, e, f)
    }
}

#[unsafe(no_mangle)]
extern "C" fn rt_entersyscall() {
    syscall::entersyscall();
}

#[unsafe(no_mangle)]
extern "C" fn rt_exitsyscall() {
    syscall::exitsyscall();
}
