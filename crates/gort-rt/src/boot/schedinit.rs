//! schedinit: everything that must stand before the first goroutine, in gc's order: the limit of
//! threads, random numbers (before everything that hashes), memory, m0, tracebacks, GOMAXPROCS, Ps.

use crate::arch::getm;
use crate::debug;
use crate::gc::settings;
use crate::gmp::SCHED;
use crate::os::args;
use crate::sched::choose::set_seed;
use crate::sched::maxprocs;
use crate::sched::world::procresize;
use crate::see::event;
use crate::simd::features;
use crate::sync::Ordering;

/// See the module's comment.
pub fn schedinit() {
    #[cfg(not(any(test, loom)))]
    crate::boot::buildinfo::keep();
    SCHED.maxmcount.set(10000);
    debug::parse_godebug();
    features::init(args::getenv(b"GODEBUG").unwrap_or(b""));
    randinit();
    debug::parse_traceback();
    settings::init();
    if debug::BARRIER.load(Ordering::Relaxed) != 0 {
        crate::gc::barrier::set(true);
    }
    event::ENABLED.store(
        debug::EVENTS.load(Ordering::Relaxed) != 0,
        Ordering::Relaxed,
    );
    let procs = maxprocs::at_start();
    procresize(procs);
    for i in (1..procs).rev() {
        crate::sched::idle::pidleput(crate::gmp::sched::allp(i));
    }
}

fn randinit() {
    if let Some(seed) = debug::seed() {
        set_seed(seed);
    }
    getm().rand.set(args::seed() | 1);
}
