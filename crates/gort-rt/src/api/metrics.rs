//! Package runtime/metrics: what the scheduler counts; memory is in `gc/stats.rs`. Numbers that belong together are read one after the
//! other while the program goes on; no one of them is torn.

use crate::gmp::sched::every_p;
use crate::gmp::{SCHED, Status, slab};
use crate::see::durations::{BUCKETS, STOPPED, STOPPING};
use crate::sync::Ordering;

/// Goroutines: how many were ever created, and how many run, can run, wait, and are in system calls; the number of
/// threads.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_readschedstats(out: &mut [u64; 6]) {
    *out = [0; 6];
    // Numbers are given out in batches to Ps.
    let unused: u64 = every_p()
        .map(|p| p.goidcacheend.get().saturating_sub(p.goidcache.get()))
        .sum();
    out[0] = SCHED.goidgen.load(Ordering::Relaxed).saturating_sub(unused);
    slab::each(|g| {
        let at = match g.status() {
            Status::Running => 1,
            Status::Runnable => 2,
            Status::Waiting => 3,
            Status::Syscall => 4,
            Status::Idle | Status::Dead => return true,
        };
        // NumGoroutine does not count them either.
        out[at] += u64::from(g.is_user());
        true
    });
    out[5] = SCHED.lock.with(|| SCHED.mcount.get()).into();
}

/// Histograms of world stops: how long until all stood still (0), until they went on (1); and the same of those for the
/// collector.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_readpauses(which: usize, out: &mut [u64; BUCKETS]) {
    [&STOPPING, &STOPPED][which % 2][which / 2].read(out);
}
