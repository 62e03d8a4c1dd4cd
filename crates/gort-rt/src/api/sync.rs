//! Package sync: when to spin.

use crate::arch::getm;

/// Whether spinning for a lock makes sense: another P may run, and this one has nothing else to do.
#[unsafe(no_mangle)]
extern "C" fn rt_canspin(i: usize) -> bool {
    let p = getm().pp();
    i < 4 && crate::os::args::NCPU.load(crate::sync::Ordering::Relaxed) > 1 && p.runq.is_empty()
}
