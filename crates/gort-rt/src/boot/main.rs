//! The natives of runtime.main, and questions about the process.

use crate::gmp::SCHED;
use crate::os;
use crate::os::args;
use crate::sched::park::{Waiting, gopark};
use crate::sync::Ordering;

/// The main goroutine begins: sysmon starts now if it is to print, else with the first go statement.
#[unsafe(no_mangle)]
extern "C" fn rt_mainstart() {
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
