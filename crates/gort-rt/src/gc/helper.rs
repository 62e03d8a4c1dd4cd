//! The goroutine that runs hooks of packages once a cycle. They are Go code (`sync.Pool` lets go of what it has kept for a
//! cycle), and the runtime's Rust code never calls Go. So whoever begins a cycle calls [`wake`], from g0, and goes on; the
//! goroutine (`gchelper` in `goroot/runtime/gc.go`) stops the world and runs the hooks. It also begins the cycle that
//! `runtime.GC` has called for while another one was under way. It is made when the first cycle begins.

use crate::arch::getm;
use crate::gmp::{G, Waiting};
use crate::lock::SpinLock;
use crate::rank;
use crate::sched::idle::wakep;
use crate::sched::newproc::newsystem;
use crate::sched::park::{gopark, goready};
use crate::sched::sysmon;
use core::cell::Cell;
use core::ptr::null;

struct Helper {
    lock: SpinLock<{ rank::FINQ }>,
    made: Cell<bool>,
    /// There is something to do.
    due: Cell<bool>,
    /// The goroutine, while it is parked.
    parked: Cell<*const G>,
}
// SAFETY: cells are only touched with the lock held.
unsafe impl Sync for Helper {}
static HELPER: Helper = Helper {
    lock: SpinLock::new(),
    made: Cell::new(false),
    due: Cell::new(false),
    parked: Cell::new(null()),
};

unsafe extern "C" {
    #[link_name = "runtime.gchelper"]
    fn runtime_gchelper();
}

/// A closure object without variables: word 0 is the code.
struct Closure {
    _code: unsafe extern "C" fn(),
}
// SAFETY: a code address.
unsafe impl Sync for Closure {}
static GCHELPER: Closure = Closure {
    _code: runtime_gchelper,
};

/// There is something to do. The caller runs on g0 with a P and holds no lock. Calls until the goroutine comes are one.
pub fn wake() {
    let (parked, made) = HELPER.lock.with(|| {
        HELPER.due.set(true);
        (HELPER.parked.replace(null()), HELPER.made.replace(true))
    });
    // SAFETY: null, or a parked G, which we alone make runnable.
    if let Some(g) = unsafe { parked.as_ref() } {
        goready(g);
    } else if !made {
        newsystem(&raw const GCHELPER as usize, 0, 0);
    }
    wakep();
    sysmon::start();
}

/// Parks the goroutine until it has something to do.
#[unsafe(no_mangle)]
extern "C" fn rt_gcwait() {
    HELPER.lock.lock();
    if HELPER.due.replace(false) {
        HELPER.lock.unlock();
        return;
    }
    HELPER.parked.set(getm().g());
    gopark(Waiting::Collection, || HELPER.lock.unlock())
}
