//! The natives of runtime.main, and questions about the process.

use crate::debug;
use crate::gmp::SCHED;
use crate::os;
use crate::os::args;
use crate::sched::maxprocs;
use crate::sched::park::{Waiting, gopark};
use crate::sync::Ordering;

/// The main goroutine begins, with the build's settings of GODEBUG: sysmon starts now if it is to print, else with the
/// first go statement.
///
/// # Safety
/// The string can be read.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_mainstart(godebug: *const u8, n: usize) {
    if n != 0 {
        // SAFETY: by contract.
        debug::set_defaults(unsafe { core::slice::from_raw_parts(godebug, n) });
        maxprocs::settle();
    }
    if crate::see::schedtrace::wanted() {
        crate::sched::sysmon::start();
    }
}

/// Whether goroutines run deferred calls of a panic: main gives them some time before it ends the process.
#[unsafe(no_mangle)]
extern "C" fn rt_panicsrunning() -> bool {
    SCHED.running_panic_defers.load(Ordering::SeqCst) != 0
}

/// main.main has returned. If another goroutine prints its panic, that ends the process instead.
#[unsafe(no_mangle)]
extern "C" fn rt_mainexit() -> ! {
    if SCHED.panicking.load(Ordering::SeqCst) > 0 {
        gopark(Waiting::End, || {});
    }
    os::exit(0)
}

#[unsafe(no_mangle)]
extern "C" fn rt_gcount() -> i64 {
    crate::sched::exit::gcount()
}

#[unsafe(no_mangle)]
extern "C" fn rt_ncpu() -> usize {
    args::NCPU.load(Ordering::Relaxed) as usize
}
