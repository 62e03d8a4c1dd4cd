//! schedinit: everything that must stand before the first goroutine, in gc's order: the limit of
//! threads, random numbers (before everything that hashes), memory, m0, tracebacks, GOMAXPROCS, Ps.

use crate::arch::getm;
use crate::debug;
use crate::gc::settings;
use crate::gmp::SCHED;
use crate::gmp::sched::MAX_PROCS;
use crate::os::args;
use crate::os::cpu;
use crate::sched::choose::set_seed;
use crate::sched::world::procresize;
use crate::see::event;
use crate::simd::features;
use crate::sync::Ordering;

/// See the module's comment.
pub fn schedinit() {
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
    let ncpu = args::NCPU.load(Ordering::Relaxed);
    let procs = match args::getenv(b"GOMAXPROCS").and_then(cpu::parse_u64) {
        Some(n) if n > 0 => (n as usize).min(MAX_PROCS) as u32,
        _ => cpu::default_gomaxprocs(ncpu),
    };
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
