//! Memory of free pages that goes back to the system.
//!
//! Sysmon looks once a second. What the process keeps beyond the heap in use is what it will need before the next cycle
//! ends: the goal, and a tenth of it; less for a quiet program ([`quiet`]). With GOMEMLIMIT, or when `debug.FreeOSMemory` is called, everything goes. There is no
//! goroutine for it, as official Go has one: the work is system calls, which would only take a P away.

use super::{arena, records};
use crate::gc::{pacer, pacertrace, quiet, settings, special};
use crate::gmp::{offheap, slab, stackpool};
use crate::sync::Ordering;

/// Bytes that go at once in the background: sysmon has other things to see to.
const MOST: usize = 256 << 20;
/// Less is not worth a system call; if the program is quiet, so much less.
const LEAST: usize = 1 << 20;
const LEAST_QUIET: usize = 64 << 10;

/// Free bytes with memory behind them that are more than is to be kept.
fn excess() -> usize {
    let held = arena::held();
    let in_use = arena::IN_USE.load(Ordering::Relaxed) as usize;
    let goal = usize::try_from(pacer::goal()).unwrap_or(usize::MAX);
    let mut keep = goal.saturating_add(goal / 10).saturating_sub(in_use);
    keep = keep.checked_shr(quiet::shift()).unwrap_or(0);
    let limit = settings::memory_limit();
    if limit < i64::MAX as u64 {
        let others = offheap::bytes() + slab::bytes() + stackpool::bytes().1 + arena::tables();
        let all = (in_use + others) as u64;
        keep = keep.min(limit.saturating_sub(all + limit / 20) as usize);
    }
    held.saturating_sub(keep)
}

/// Whether [`background`] would do something.
pub fn is_worth() -> bool {
    excess() >= least()
}

fn least() -> usize {
    if quiet::shift() == 0 {
        LEAST
    } else {
        LEAST_QUIET
    }
}

/// Gives back what is too much.
pub fn background() {
    let n = excess();
    if n >= least() {
        pacertrace::in_background(arena::release(n.min(MOST), || true));
    }
}

/// Gives back a piece of all that is free; whether there was any. For `debug.FreeOSMemory`.
#[unsafe(no_mangle)]
extern "C" fn rt_releasesome() -> bool {
    let n = arena::release(32 << 20, || true);
    if n == 0 {
        records::release();
        special::release();
    }
    pacertrace::forced(n);
    n > 0
}
