//! What has been allocated and freed. Ps count when they take runs; what they have not handed out yet is taken off
//! again here. Exact for the caller's own P, and for others while they stand still.

use super::malloc::LARGE_N;
use crate::gc::sweep;
use crate::gmp::sched::every_p;
use crate::sync::Ordering;

/// Small objects handed out, by class * 2 + noscan.
fn taken(spc: usize) -> u64 {
    every_p()
        .map(|p| {
            let r = &p.mcache.runs[spc];
            r.taken.get().saturating_sub(r.rest(spc))
        })
        .sum()
}

/// Objects of a size class that have been allocated; 0: large ones.
pub fn allocated_of(class: usize) -> u64 {
    if class == 0 {
        return LARGE_N.load(Ordering::Relaxed);
    }
    taken(class * 2) + taken(class * 2 + 1)
}

/// Objects of a size class that have been freed.
pub fn freed_of(class: usize) -> u64 {
    let n = |spc: usize| sweep::FREES[spc].load(Ordering::Relaxed);
    n(class * 2) + n(class * 2 + 1)
}

/// Objects that lie in blocks with others.
pub fn tiny() -> u64 {
    every_p().map(|p| p.mcache.tiny_allocs.get()).sum()
}
