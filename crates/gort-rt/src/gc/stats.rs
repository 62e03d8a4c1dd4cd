//! What the memory system counts: the one source of MemStats, of runtime/metrics' classes of memory and of the
//! collector, and of `debug.ReadGCStats`. The overlay's twin of [`Stats`] is `memCounts` in `goroot/runtime/mstats.go`.
//!
//! Numbers of the heap are read where they are counted. What a cycle has cost and found, whoever ends it says with
//! [`cycle_ended`], while the world is stopped.

use super::trace::Cycle;
use super::{finq, pacer, settings, sweep, work};
use crate::gmp::sched::every_p;
use crate::gmp::{offheap, slab, stackpool};
use crate::mem::mcache::MCache;
use crate::mem::sizeclass::{CLASS_SIZE, NCLASS};
use crate::mem::{self, arena, malloc, records};
use crate::os;
use crate::see::stacktable;
use crate::sync::{AtomicU64, Ordering};

/// Pauses that are remembered.
pub const PAUSES: usize = 256;

/// The numbers. Bytes, nanoseconds, and counts.
#[repr(C)]
pub struct Stats {
    /// Bytes of spans in use.
    pub heap_inuse: u64,
    /// Bytes that are free, and backed by the system.
    pub heap_free: u64,
    /// Bytes that are free, and are not.
    pub heap_released: u64,
    /// Stack segments and Gs in use.
    pub stacks_inuse: u64,
    /// With those that are kept for later.
    pub stacks_sys: u64,
    /// Records of spans.
    pub mspan_inuse: u64,
    /// See above.
    pub mspan_sys: u64,
    /// Caches of Ps.
    pub mcache_inuse: u64,
    /// See above.
    pub mcache_sys: u64,
    /// The tables of profiles.
    pub profile_sys: u64,
    /// What the collector needs: its work, its bitmaps, the records on spans.
    pub gc_sys: u64,
    /// The rest of the runtime's own memory.
    pub other_sys: u64,
    /// Bytes of large objects allocated; small ones follow from [`Stats::allocs`].
    pub large_alloc: u64,
    /// Bytes of large objects freed.
    pub large_free: u64,
    /// Tiny objects that were put in a block beside another one.
    pub tiny_allocs: u64,
    /// The heap's size at which the next cycle ends.
    pub heap_goal: u64,
    /// Bytes that the last cycle has found alive.
    pub heap_live: u64,
    /// Bytes of the heap, of stacks and of variables that marking looks at.
    pub heap_scan: u64,
    /// See above.
    pub stack_scan: u64,
    /// See above.
    pub globals_scan: u64,
    /// The last cycle in which the limiter held the collector back.
    pub limiter_cycle: u64,
    /// Cycles, and those that the program has called for.
    pub num_gc: u64,
    /// See above.
    pub num_forced: u64,
    /// When the last one ended: nanoseconds since 1970.
    pub last_gc: u64,
    /// All pauses together.
    pub pause_total: u64,
    /// Processor time by what it went to.
    pub cpu_assist: u64,
    /// See above: marking on time that is due to it.
    pub cpu_dedicated: u64,
    /// Marking by Ps that had nothing else to do.
    pub cpu_mark_idle: u64,
    /// Stops of the world, times the Ps that they stopped.
    pub cpu_pause: u64,
    /// Giving memory back, by who wants some.
    pub cpu_scavenge_assist: u64,
    /// The same in the background.
    pub cpu_scavenge: u64,
    /// Nothing.
    pub cpu_idle: u64,
    /// Everything: elapsed time, times Ps.
    pub cpu_total: u64,
    /// Finalizers queued, and executed; cleanups queued, and executed.
    pub finalizers: [u64; 2],
    /// See above.
    pub cleanups: [u64; 2],
    /// GOGC, as an i64; -1 for off.
    pub gogc: u64,
    /// GOMEMLIMIT.
    pub memory_limit: u64,
    /// Objects allocated by size class; class 0 are the large ones.
    pub allocs: [u64; NCLASS],
    /// Objects freed.
    pub frees: [u64; NCLASS],
    /// Pauses of cycles in nanoseconds: number n at (n + 255) % 256, as MemStats has them.
    pub pause_ns: [u64; PAUSES],
    /// Their ends, since 1970.
    pub pause_end: [u64; PAUSES],
}

gort_abi::twin!(
    Stats,
    gort_abi::layouts::MEM_COUNTS,
    heap_inuse = "heapInuse",
    mcache_sys = "mcacheSys",
    other_sys = "otherSys",
    tiny_allocs = "tinyAllocs",
    heap_goal = "heapGoal",
    globals_scan = "globalsScan",
    num_gc = "numGC",
    pause_total = "pauseTotal",
    cpu_assist = "cpuAssist",
    cpu_total = "cpuTotal",
    cleanups = "cleanups",
    memory_limit = "memoryLimit",
    allocs = "allocs",
    frees = "frees",
    pause_ns = "pauseNs",
    pause_end = "pauseEnd",
);

/// What cycles have left behind, written by those who end them.
struct Cycles {
    num: AtomicU64,
    forced: AtomicU64,
    last: AtomicU64,
    pause_total: AtomicU64,
    live: AtomicU64,
    stacks: AtomicU64,
    globals: AtomicU64,
    assist: AtomicU64,
    dedicated: AtomicU64,
    mark_idle: AtomicU64,
    pause: AtomicU64,
    idle: AtomicU64,
    total: AtomicU64,
    pause_ns: [AtomicU64; PAUSES],
    pause_end: [AtomicU64; PAUSES],
}

const fn zero() -> AtomicU64 {
    AtomicU64::new(0)
}

static CYCLES: Cycles = Cycles {
    num: zero(),
    forced: zero(),
    last: zero(),
    pause_total: zero(),
    live: zero(),
    stacks: zero(),
    globals: zero(),
    assist: zero(),
    dedicated: zero(),
    mark_idle: zero(),
    pause: zero(),
    idle: zero(),
    total: zero(),
    pause_ns: [const { zero() }; PAUSES],
    pause_end: [const { zero() }; PAUSES],
};

/// The integral of GOMAXPROCS over time: up to when it has been summed, and the sum.
static SUMMED_TO: AtomicU64 = zero();
static SUM: AtomicU64 = zero();

/// GOMAXPROCS has been `procs` until now. Called with the world stopped, and at boot.
pub fn sum_procs(procs: u32) {
    let now = os::nanotime() as u64;
    let before = SUMMED_TO.swap(now, Ordering::Relaxed);
    if before != 0 {
        SUM.fetch_add((now - before) * u64::from(procs), Ordering::Relaxed);
    } else {
        START.store(now, Ordering::Relaxed);
    }
}

/// When the runtime began, by nanotime.
static START: AtomicU64 = zero();

/// When the runtime began, by nanotime.
pub fn start_time() -> i64 {
    START.load(Ordering::Relaxed) as i64
}

/// The share of processor time that collecting has taken since the program began, beyond what was idle, as of the last
/// cycle's end.
pub fn cpu_fraction() -> f64 {
    let of = |c: &AtomicU64| c.load(Ordering::Relaxed) as f64;
    let total = of(&CYCLES.total);
    if total == 0.0 {
        return 0.0;
    }
    (of(&CYCLES.assist) + of(&CYCLES.dedicated) + of(&CYCLES.pause)) / total
}

/// A cycle has ended, with the world still stopped: counts it. `live` are the bytes found alive.
pub fn cycle_ended(c: &Cycle, live: u64) {
    let add = |to: &AtomicU64, n: u64| {
        to.store(to.load(Ordering::Relaxed) + n, Ordering::Relaxed);
    };
    let n = CYCLES.num.load(Ordering::Relaxed) as usize;
    let [sec, nsec] = os::clock::walltime();
    let now = (sec * 1_000_000_000 + nsec) as u64;
    let pause = c.pause();
    CYCLES.pause_ns[n % PAUSES].store(pause, Ordering::Relaxed);
    CYCLES.pause_end[n % PAUSES].store(now, Ordering::Relaxed);
    CYCLES.last.store(now, Ordering::Relaxed);
    add(&CYCLES.pause_total, pause);
    add(&CYCLES.forced, u64::from(c.forced));
    CYCLES.live.store(live, Ordering::Relaxed);
    CYCLES.stacks.store(c.stacks, Ordering::Relaxed);
    CYCLES.globals.store(c.globals, Ordering::Relaxed);
    add(&CYCLES.assist, c.assist);
    add(&CYCLES.dedicated, c.dedicated);
    add(&CYCLES.mark_idle, c.idle);
    add(&CYCLES.pause, pause * u64::from(c.stopped_procs));
    sum_procs(c.procs);
    let total = SUM.load(Ordering::Relaxed);
    CYCLES.total.store(total, Ordering::Relaxed);
    // No clock is read when a P becomes idle: what the process has not used was idle.
    let idle = total.saturating_sub(os::cputime() as u64);
    CYCLES.idle.store(idle, Ordering::Relaxed);
    CYCLES.num.store(n as u64 + 1, Ordering::Release);
}

/// Reads everything. Numbers that belong together are read one after the other while the program goes on; no one of them
/// is torn.
#[unsafe(no_mangle)]
extern "C" fn rt_readmemcounts(out: &mut Stats) {
    heap_counts(out);
    let (segments, kept) = stackpool::bytes();
    let slots = slab::bytes();
    out.stacks_inuse = (segments + slots.saturating_sub(slab::free_bytes())) as u64;
    out.stacks_sys = (kept + slots) as u64;
    let (records, used) = records::bytes();
    out.mspan_inuse = used as u64;
    out.mspan_sys = records as u64;
    let caches = every_p().count() * size_of::<MCache>();
    out.mcache_inuse = caches as u64;
    out.mcache_sys = caches as u64;
    out.profile_sys = stacktable::bytes() as u64;
    let work = work::bytes();
    out.gc_sys = (work + arena::tables()) as u64;
    let known = stacktable::bytes() + records + caches + work;
    out.other_sys = offheap::bytes().saturating_sub(known) as u64;
    let get = |c: &AtomicU64| c.load(Ordering::Relaxed);
    out.num_gc = CYCLES.num.load(Ordering::Acquire);
    out.num_forced = get(&CYCLES.forced);
    out.last_gc = get(&CYCLES.last);
    out.pause_total = get(&CYCLES.pause_total);
    out.heap_live = get(&CYCLES.live);
    out.heap_goal = pacer::goal();
    out.heap_scan = pacer::SCANNED.load(Ordering::Relaxed) as u64;
    out.stack_scan = get(&CYCLES.stacks);
    out.globals_scan = get(&CYCLES.globals);
    out.limiter_cycle = 0;
    out.cpu_assist = get(&CYCLES.assist);
    out.cpu_dedicated = get(&CYCLES.dedicated);
    out.cpu_mark_idle = get(&CYCLES.mark_idle);
    out.cpu_pause = get(&CYCLES.pause);
    out.cpu_scavenge_assist = 0;
    out.cpu_scavenge = 0;
    out.cpu_idle = get(&CYCLES.idle);
    out.cpu_total = get(&CYCLES.total);
    let [queued, executed, cleanups, cleaned] = finq::counts();
    out.finalizers = [queued, executed];
    out.cleanups = [cleanups, cleaned];
    out.gogc = settings::gogc().map_or(-1, i64::from) as u64;
    out.memory_limit = settings::memory_limit();
    for (to, from) in [
        (&mut out.pause_ns, &CYCLES.pause_ns),
        (&mut out.pause_end, &CYCLES.pause_end),
    ] {
        for (to, from) in to.iter_mut().zip(from) {
            *to = get(from);
        }
    }
}

/// The part that the allocator counts.
fn heap_counts(out: &mut Stats) {
    let get = |c: &AtomicU64| c.load(Ordering::Relaxed);
    out.heap_inuse = get(&arena::IN_USE);
    out.heap_free = arena::held() as u64;
    out.heap_released = get(&arena::RELEASED);
    out.large_alloc = get(&malloc::LARGE_BYTES);
    out.large_free = get(&sweep::LARGE_FREED);
    out.tiny_allocs = mem::stats::tiny();
    for class in 0..NCLASS {
        out.allocs[class] = mem::stats::allocated_of(class);
        out.frees[class] = mem::stats::freed_of(class);
    }
}

/// Bytes of an object of each class; 0 for the large ones.
#[unsafe(no_mangle)]
extern "C" fn rt_readclasses(out: &mut [u64; NCLASS]) {
    for (to, &size) in out.iter_mut().zip(&CLASS_SIZE) {
        *to = size.into();
    }
}
