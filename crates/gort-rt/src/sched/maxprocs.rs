//! GOMAXPROCS. If the program does not set it, it is the number of CPUs that the process may use, and follows it as in official Go
//! since 1.25: once a second sysmon looks at the affinity of its thread and at the quota of the cgroup. Who stops the world
//! needs a P, which sysmon has not: it leaves the number behind, and the next one in the schedule loop sees to it.
//!
//! Behind a call of GOMAXPROCS(n) nothing changes any more, and no system call asks: sysmon asks with [`ASKS`] held and looks before
//! whether the program has set the number, and GOMAXPROCS says so first and takes the lock then.

use super::idle::wakep;
use super::world::{self, procresize};
use crate::debug;
use crate::gc::cycle;
use crate::gmp::sched::{MAX_PROCS, gomaxprocs};
use crate::lock::SpinLock;
use crate::os::{args, cpu};
use crate::rank;
use crate::sync::{AtomicBool, AtomicI64, AtomicU32, Ordering};

/// Nanoseconds between two looks.
const EVERY: i64 = 1_000_000_000;

/// The program has set the number.
static CUSTOM: AtomicBool = AtomicBool::new(false);
/// The number that there is to be; 0 = as it is.
static DUE: AtomicU32 = AtomicU32::new(0);
/// When sysmon looked last.
static LOOKED: AtomicI64 = AtomicI64::new(0);
/// Held while the system is asked.
static ASKS: SpinLock<{ rank::MAXPROCS }> = SpinLock::new();

/// The number to begin with.
pub fn at_start() -> u32 {
    match args::getenv(b"GOMAXPROCS").and_then(cpu::parse_u64) {
        Some(n) if n > 0 => {
            CUSTOM.store(true, Ordering::Relaxed);
            (n as usize).min(MAX_PROCS) as u32
        }
        _ => by_default(args::NCPU.load(Ordering::Relaxed)),
    }
}

/// The build's settings are known: they may say that the quota does not count.
pub fn settle() {
    if debug::CONTAINERMAXPROCS.load(Ordering::Relaxed) == 0 && !CUSTOM.load(Ordering::Relaxed) {
        let n = by_default(args::NCPU.load(Ordering::Relaxed));
        if n != gomaxprocs() {
            world::while_stopped(|| procresize(n));
        }
    }
}

fn by_default(ncpu: u32) -> u32 {
    cpu::default_gomaxprocs(ncpu.min(MAX_PROCS as u32))
}

/// Sysmon's look, which has no P: whether the number of CPUs has changed.
pub fn look(now: i64) {
    if now - LOOKED.load(Ordering::Relaxed) < EVERY
        || CUSTOM.load(Ordering::Relaxed)
        || debug::UPDATEMAXPROCS.load(Ordering::Relaxed) == 0
    {
        return;
    }
    LOOKED.store(now, Ordering::Relaxed);
    let due = ASKS.with(|| {
        // Asked again under the lock: from then on GOMAXPROCS waits.
        if CUSTOM.load(Ordering::SeqCst) {
            return false;
        }
        let n = by_default(cpu::affinity_count());
        DUE.store(n, Ordering::SeqCst);
        n != gomaxprocs()
    });
    if due {
        cycle::attend();
        wakep();
    }
}

/// The schedule loop, with a P and without a goroutine: makes the number what sysmon has found. If somebody else stops the world
/// just now, sysmon calls again.
pub fn follow() {
    let differs = |n: u32| n != 0 && n != gomaxprocs();
    if !differs(DUE.load(Ordering::Relaxed)) {
        return;
    }
    world::while_stopped(|| {
        let n = DUE.swap(0, Ordering::SeqCst);
        if differs(n) && !CUSTOM.load(Ordering::SeqCst) {
            procresize(n);
        }
    });
}

/// GOMAXPROCS(n): the number until now; -1 if somebody else stops the world just now.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_setmaxprocs(n: isize) -> isize {
    let old = gomaxprocs();
    if n <= 0 {
        return old as isize;
    }
    CUSTOM.store(true, Ordering::SeqCst);
    ASKS.with(|| DUE.store(0, Ordering::SeqCst));
    let n = (n as usize).min(MAX_PROCS) as u32;
    if n == old || world::while_stopped(|| procresize(n)) {
        old as isize
    } else {
        -1
    }
}

/// SetDefaultGOMAXPROCS: as if the program had never set the number; false as above.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_setdefaultmaxprocs() -> bool {
    let n = by_default(cpu::affinity_count());
    if n == gomaxprocs() && !CUSTOM.load(Ordering::SeqCst) {
        return true;
    }
    world::while_stopped(|| {
        CUSTOM.store(false, Ordering::SeqCst);
        if n != gomaxprocs() {
            procresize(n);
        }
    })
}
