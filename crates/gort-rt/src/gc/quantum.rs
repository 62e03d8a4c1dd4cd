//! A piece of marking on a P, and who is at it.

use super::mark::Worker;
use super::workqueue::Workers;
use super::{cycle, roots, work};
use crate::os;

/// Workers that mark just now.
static WORKERS: Workers = Workers::new();
/// Looks at `stop` between two looks at the clock.
const PER_CLOCK: u32 = 8;

/// Workers that mark just now.
pub fn active() -> u32 {
    WORKERS.count()
}

/// Whether there is nothing that a worker could begin with.
pub fn nothing_left() -> bool {
    cycle::is_marking() && !roots::any() && !work::any()
}

/// Marks until `until`, until `stop` says so, or until nothing is left; whether there was anything, and whether no other
/// worker was at it at the end.
pub fn mark(w: &Worker, until: i64, stop: impl Fn() -> bool) -> (bool, bool) {
    WORKERS.enter();
    let mut looks = 0;
    let mut stop = || {
        looks += 1;
        stop() || looks % PER_CLOCK == 0 && os::nanotime() > until
    };
    let mut did = false;
    loop {
        did |= w.has_some() || work::any();
        if !w.drain(&mut stop) || stop() {
            break;
        }
        if !roots::one(w) && !work::any() {
            break;
        }
        did = true;
    }
    w.share();
    let last = WORKERS.leave();
    (did, last)
}
