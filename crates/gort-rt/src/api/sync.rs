//! Package sync: holding on to the P.

use crate::arch::getm;

/// No preemption until [`rt_procunpin`]; the number of the P.
#[unsafe(no_mangle)]
extern "C" fn rt_procpin() -> usize {
    let m = getm();
    m.locks.set(m.locks.get() + 1);
    m.pp().id.get() as usize
}

#[unsafe(no_mangle)]
extern "C" fn rt_procunpin() {
    let m = getm();
    m.locks.set(m.locks.get() - 1);
}

/// Whether spinning for a lock makes sense: another P may run, and this one has nothing else to do.
#[unsafe(no_mangle)]
extern "C" fn rt_canspin(i: usize) -> bool {
    let p = getm().pp();
    i < 4 && crate::os::args::NCPU.load(crate::sync::Ordering::Relaxed) > 1 && p.runq.is_empty()
}
