//! A piece of marking on a P, and who is at it.

use super::mark::Worker;
use super::{cycle, roots, work};
use crate::os;
use crate::sync::{AtomicU32, Ordering};

/// Workers that mark just now. While there is one, what it has found may be known to nobody else.
static ACTIVE: AtomicU32 = AtomicU32::new(0);
/// Looks at `stop` between two looks at the clock.
const PER_CLOCK: u32 = 8;

/// Workers that mark just now.
pub fn active() -> u32 {
    ACTIVE.load(Ordering::SeqCst)
}

/// Whether there is nothing that a worker could begin with.
pub fn nothing_left() -> bool {
    cycle::is_marking() && !roots::any() && !work::any()
}

/// Marks until `until`, until `stop` says so, or until nothing is left; whether there was anything, and whether no other
/// worker was at it at the end.
pub fn mark(w: &Worker, until: i64, stop: impl Fn() -> bool) -> (bool, bool) {
    ACTIVE.fetch_add(1, Ordering::SeqCst);
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
    let last = ACTIVE.fetch_sub(1, Ordering::SeqCst) == 1;
    (did, last)
}
