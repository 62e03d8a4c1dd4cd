//! P: the right to run Go code, with everything that is local to it.

use super::list::{Linked, Stack};
use super::pstatus::PStatus;
use super::runq::RunQueue;
use super::{G, M};
use crate::gc::mark::Worker;
use crate::gmp::sudogs::SudogCache;
use crate::gmp::timers::Timers;
use crate::mem::mcache::MCache;
use crate::see::event::Ring;
use crate::sync::{AtomicU32, AtomicU64};
use core::cell::Cell;

/// A processor.
#[repr(C, align(64))]
pub struct P {
    /// Run queue: ring of 256 and runnext.
    pub runq: RunQueue,
    /// Number.
    pub id: Cell<u32>,
    /// What it does.
    pub status: PStatus,
    /// Incremented on every execute; every 61st looks at the global queue first.
    pub schedtick: AtomicU32,
    /// Incremented on every system call.
    pub syscalltick: AtomicU32,
    /// Its M, or null.
    pub m: Cell<*const M>,
    /// Link of the idle list.
    pub link: Cell<*const P>,
    /// Next goid and the end of the batch.
    pub goidcache: Cell<u64>,
    /// End of the batch.
    pub goidcacheend: Cell<u64>,
    /// Free Gs.
    pub gfree: Stack<G>,
    /// Goroutines created minus goroutines ended on this P; the sum over Ps is the count.
    pub gcount: Cell<i64>,
    /// Memory cache.
    pub mcache: MCache,
    /// What it marks.
    pub worker: Worker,
    /// Not 0: goroutines have used pools on it since the last cycle began.
    pub pools: Cell<u8>,
    /// When it marks again.
    pub mark_due: Cell<i64>,
    /// Pointers that compiled code has overwritten, for the collector.
    pub wbbuf: crate::gc::wbbuf::Buffer,
    /// Sudog cache.
    pub sudogs: SudogCache,
    /// What sysmon saw last: schedtick and when it saw it first.
    pub sysmon_tick: Cell<u32>,
    /// When.
    pub sysmon_when: Cell<i64>,
    /// What sysmon saw last of `switches`.
    pub sysmon_switches: Cell<u32>,
    /// What sysmon saw last of syscalltick.
    pub sysmon_sctick: Cell<u32>,
    /// When.
    pub sysmon_scwhen: Cell<i64>,
    /// Event ring.
    pub events: Ring,
    /// Its timers.
    pub timers: Timers,
    /// Count of switches, for statistics.
    pub switches: AtomicU64,
}

// SAFETY: a P belongs to one M at a time; shared parts are atomics or guarded by the scheduler lock.
unsafe impl Sync for P {}

// SAFETY: `link` belongs to the list of idle Ps; Ps are never freed.
unsafe impl Linked for P {
    fn link(&self) -> &Cell<*const P> {
        &self.link
    }
}
