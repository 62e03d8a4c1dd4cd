//! Sched: what is global in the scheduler, each list beside its lock.

use super::list::{Queue, Stack};
use super::lookers::Lookers;
use super::watch::Watch;
use super::{G, M, P};
use crate::lock::{Note, SpinLock};
use crate::rank;
use crate::sync::{AtomicBool, AtomicI32, AtomicPtr, AtomicU32, AtomicU64, Ordering};
use core::cell::Cell;

/// Most Ps that GOMAXPROCS may ask for.
pub const MAX_PROCS: usize = 1024;

/// Global state of the scheduler.
pub struct Sched {
    /// Guards everything in this struct that is not atomic.
    pub lock: SpinLock<{ rank::SCHED }>,
    /// Global run queue.
    pub runq: Queue<G>,
    /// Its length, for those who look without the lock.
    pub runq_size: AtomicU32,
    /// Idle Ps.
    pub pidle: Stack<P>,
    /// Idle Ms.
    pub midle: Stack<M>,
    /// Ms with a locked goroutine that wait for work.
    pub nmidlelocked: Cell<i32>,
    /// Ms that exist, m0 included.
    pub mcount: Cell<u32>,
    /// Ms that are not counted in the deadlock check: sysmon.
    pub nmsys: Cell<u32>,
    /// Next M number.
    pub mnext: Cell<u32>,
    /// Limit of Ms.
    pub maxmcount: Cell<u32>,
    /// Ms whose threads have ended, for reuse.
    pub freem: Stack<M>,
    /// How many Ps are idle, and how many Ms look for work.
    pub look: Lookers,
    /// Who waits for timers and descriptors.
    pub watch: Watch,
    /// The world is being stopped.
    pub gcwaiting: AtomicBool,
    /// Ps still to stop.
    pub stopwait: Cell<i32>,
    /// Wakes the stopper.
    pub stopnote: Note,
    /// Next goid batch.
    pub goidgen: AtomicU64,
    /// Sysmon thread started.
    pub sysmon_started: AtomicBool,
    /// Sysmon sleeps deeply.
    pub sysmonwait: AtomicBool,
    /// Wakes sysmon.
    pub sysmonnote: Note,
    /// main.main may run: init is done.
    pub main_started: AtomicBool,
    /// Goroutines that run deferred calls of a panic.
    pub running_panic_defers: AtomicI32,
    /// Ms that print a fatal error.
    pub panicking: AtomicU32,
}

// SAFETY: non-atomic fields are guarded by `lock`, or written in boot before other threads exist.
unsafe impl Sync for Sched {}

/// The scheduler.
pub static SCHED: Sched = Sched {
    lock: SpinLock::new(),
    runq: Queue::new(),
    runq_size: AtomicU32::new(0),
    pidle: Stack::new(),
    midle: Stack::new(),
    nmidlelocked: Cell::new(0),
    mcount: Cell::new(0),
    nmsys: Cell::new(0),
    mnext: Cell::new(0),
    maxmcount: Cell::new(10000),
    freem: Stack::new(),
    look: Lookers::new(),
    watch: Watch::new(),
    gcwaiting: AtomicBool::new(false),
    stopwait: Cell::new(0),
    stopnote: Note::new(),
    goidgen: AtomicU64::new(0),
    sysmon_started: AtomicBool::new(false),
    sysmonwait: AtomicBool::new(false),
    sysmonnote: Note::new(),
    main_started: AtomicBool::new(false),
    running_panic_defers: AtomicI32::new(0),
    panicking: AtomicU32::new(0),
};

static ALLP: [AtomicPtr<P>; MAX_PROCS] =
    [const { AtomicPtr::new(core::ptr::null_mut()) }; MAX_PROCS];
static GOMAXPROCS: AtomicU32 = AtomicU32::new(0);
/// All Ms, newest first.
pub static ALLM: AtomicPtr<M> = AtomicPtr::new(core::ptr::null_mut());

/// Number of Ps.
#[inline(always)]
pub fn gomaxprocs() -> u32 {
    GOMAXPROCS.load(Ordering::Relaxed)
}

/// Sets the number of Ps; the world is stopped.
pub fn set_gomaxprocs(n: u32) {
    GOMAXPROCS.store(n, Ordering::Release);
}

/// P number `i`, which must have been created.
#[inline(always)]
pub fn allp(i: u32) -> &'static P {
    // SAFETY: Ps are created before `GOMAXPROCS` covers them and are never freed.
    unsafe { &*ALLP[i as usize].load(Ordering::Acquire) }
}

/// All Ps that have ever been created.
pub fn every_p() -> impl Iterator<Item = &'static P> {
    // SAFETY: Ps are never freed.
    (0..MAX_PROCS as u32).map_while(|i| unsafe { allp_slot(i).load(Ordering::Acquire).as_ref() })
}

/// P number `i`, if it has ever been created.
pub fn allp_slot(i: u32) -> &'static AtomicPtr<P> {
    &ALLP[i as usize]
}
