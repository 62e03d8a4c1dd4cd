//! Package sync: when to spin.

use crate::arch::getm;
use crate::gmp::SCHED;
use crate::gmp::sched::gomaxprocs;
use crate::os::args::NCPU;
use crate::sync::Ordering;

/// Rounds that a goroutine spins at most.
const ROUNDS: usize = 4;

/// Whether spinning for a lock makes sense: somebody else runs and may open it, on a P that is neither idle nor
/// looking for work, and this P has nothing else to do.
#[unsafe(no_mangle)]
extern "C" fn rt_canspin(i: usize) -> bool {
    if i >= ROUNDS || NCPU.load(Ordering::Relaxed) <= 1 {
        return false;
    }
    let idle = SCHED.look.idle() as i32;
    let spinning = SCHED.look.spinning();
    gomaxprocs() as i32 > idle + spinning + 1 && getm().pp().runq.is_empty()
}
