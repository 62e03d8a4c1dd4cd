//! Memory of a program that has become quiet: one that allocates so little that the next cycle is minutes away.
//!
//! Its heap may grow to the goal again, which is at least 4 MiB, and what a peak has left in it is found by the next cycle
//! only. So when it has been quiet for a while there is one cycle more, in which Ps also give back what they have cached, and
//! then less and less is kept of what is free ([`shift`]), until nothing is. It costs a cycle, and page faults when the
//! program goes on.
//!
//! Sysmon looks once a second. What a cycle costs decides how long it waits, so that a program which is quiet now and then
//! pays a small part of its idle time. A quiet program that has allocated little since is left alone, and sysmon asleep.

use super::{cycle, pacer, settings, sweep};
use crate::mem::arena;
use crate::sync::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering};

/// Who allocates less between two looks is quiet, or less than a [`PART`] of the goal.
const FEW: u64 = 64 << 10;
/// See [`FEW`].
const PART: u64 = 64;
/// A program is quiet for at least so many nanoseconds before a cycle, and for so many times the last one's time.
const WAIT: i64 = 2_000_000_000;
/// See [`WAIT`].
const TIMES: i64 = 10;
/// And has allocated so much since the last such cycle.
const NEW: u64 = 256 << 10;
/// With each look at a quiet program so many binary digits less of free memory are kept.
const STEP: u32 = 3;
/// Looks after which nothing is.
const STEPS: u32 = 16;

/// What the program had allocated at the last look, and at the last cycle of this kind.
static SEEN: AtomicU64 = AtomicU64::new(0);
static COLLECTED: AtomicU64 = AtomicU64::new(0);
/// When it was last seen not to be quiet.
static BUSY: AtomicI64 = AtomicI64::new(0);
/// Processor time of the last cycle.
static COST: AtomicI64 = AtomicI64::new(0);
/// Looks since the cycle was over.
static LOOKS: AtomicU32 = AtomicU32::new(0);
/// The next cycle is one of this kind.
static TRIM: AtomicBool = AtomicBool::new(false);
/// The schedule loop is to sweep.
static SWEEP: AtomicBool = AtomicBool::new(false);

/// A cycle has taken so much processor time, in nanoseconds.
pub fn took(ns: u64) {
    COST.store(ns as i64, Ordering::Relaxed);
}

/// Once a second or less often; whether a cycle is to begin.
pub fn look(now: i64) -> bool {
    let made = pacer::ever();
    let more = made.saturating_sub(SEEN.swap(made, Ordering::Relaxed));
    if more > FEW.max(pacer::goal() / PART) || settings::gogc().is_none() {
        BUSY.store(now, Ordering::Relaxed);
        LOOKS.store(0, Ordering::Relaxed);
        return false;
    }
    let wait = COST.load(Ordering::Relaxed).saturating_mul(TIMES).max(WAIT);
    if now - BUSY.load(Ordering::Relaxed) < wait {
        return false;
    }
    if has_new(made) {
        COLLECTED.store(made, Ordering::Relaxed);
        TRIM.store(true, Ordering::Relaxed);
        LOOKS.store(0, Ordering::Relaxed);
        return true;
    }
    if TRIM.load(Ordering::Relaxed) || cycle::is_marking() {
        return false;
    }
    if sweep::any() {
        // Where all Ps run, nobody does it in passing.
        sweep();
        cycle::attend();
        return false;
    }
    let looks = LOOKS.load(Ordering::Relaxed);
    LOOKS.store((looks + 1).min(STEPS), Ordering::Relaxed);
    false
}

fn has_new(made: u64) -> bool {
    made.saturating_sub(COLLECTED.load(Ordering::Relaxed)) > NEW
}

/// By how many binary digits less free memory is kept.
pub fn shift() -> u32 {
    STEP * LOOKS.load(Ordering::Relaxed)
}

/// Whether a look is due, and not only when the program does something.
pub fn is_worth() -> bool {
    if settings::gogc().is_none() {
        return false;
    }
    let ends = LOOKS.load(Ordering::Relaxed) < STEPS;
    has_new(pacer::ever()) || ends && arena::held() as u64 > FEW
}

/// The schedule loop is to sweep, some spans at once.
pub fn sweep() {
    SWEEP.store(true, Ordering::Relaxed);
}

/// Whether it is.
pub fn take_sweep() -> bool {
    SWEEP.load(Ordering::Relaxed) && SWEEP.swap(false, Ordering::Relaxed)
}

/// Whether Ps are to give back what they have cached. A cycle begins.
pub fn take_trim() -> bool {
    TRIM.load(Ordering::Relaxed) && TRIM.swap(false, Ordering::Relaxed)
}
