//! The natives of runtime.main, and questions about the process.

use crate::gmp::SCHED;
use crate::os;
use crate::os::args;
use crate::sched::park::{WaitReason, gopark};
use crate::sync::Ordering;

/// All init tasks have run.
#[unsafe(no_mangle)]
extern "C" fn rt_initdone() {}

/// main.main has returned. If another goroutine prints its panic, that ends the process instead.
#[unsafe(no_mangle)]
extern "C" fn rt_mainexit() -> ! {
    if SCHED.panicking.load(Ordering::SeqCst) > 0 {
        gopark(WaitReason::PanicWait, 0, || {});
    }
    os::exit(0)
}

#[unsafe(no_mangle)]
extern "C" fn rt_gcount() -> i64 {
    crate::sched::exit::gcount()
}

#[unsafe(no_mangle)]
extern "C" fn rt_ncpu() -> u32 {
    args::NCPU.load(Ordering::Relaxed)
}
