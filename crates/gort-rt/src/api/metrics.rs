//! Package runtime/metrics and MemStats: what the runtime counts. Numbers that belong together are read one after the
//! other while the program goes on; no one of them is torn.

use crate::gmp::sched::every_p;
use crate::gmp::{SCHED, Status, offheap, slab, stackpool};
use crate::mem::heap;
use crate::mem::sizeclass::{CLASS_SIZE, NCLASS};
use crate::see::durations::{BUCKETS, STOPPED, STOPPING};
use crate::sync::Ordering;

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_readmemstats(out: &mut [u64; 8]) {
    let (mut n, mut bytes) = (
        heap::LARGE_N.load(Ordering::Relaxed),
        heap::LARGE_BYTES.load(Ordering::Relaxed),
    );
    // Those beyond GOMAXPROCS have allocated, too.
    for p in every_p() {
        let c = &p.mcache;
        n += c.mallocs.get();
        bytes += c.bytes.get();
    }
    let (segments, kept) = stackpool::bytes();
    let slots = slab::bytes();
    let stacks = (segments + slots.saturating_sub(slab::free_bytes())) as u64;
    let stacks_sys = (kept + slots) as u64;
    let (sys, other) = (heap::reserved(), offheap::bytes() as u64);
    *out = [
        bytes,
        n,
        sys,
        heap::INUSE.load(Ordering::Relaxed),
        stacks,
        stacks_sys,
        sys + stacks_sys + other,
        other,
    ];
}

/// For each size class the bytes of an object and how many were allocated; class 0 are the large ones.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_readallocs(out: &mut [[u64; 2]; NCLASS]) {
    for (class, out) in out.iter_mut().enumerate() {
        *out = [CLASS_SIZE[class].into(), heap::objects_in_spans(class)];
    }
    out[0][1] = heap::LARGE_N.load(Ordering::Relaxed);
    // What the caches have not handed out yet.
    for p in every_p() {
        for (i, r) in p.mcache.rest.iter().enumerate().skip(2) {
            let rest = r.end.get().saturating_sub(r.next.get()) as u64;
            let n = &mut out[i / 2][1];
            *n = n.saturating_sub(rest / u64::from(CLASS_SIZE[i / 2]));
        }
    }
}

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

/// Histograms of world stops: how long until all stood still (0), until they went on (1).
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_readpauses(which: usize, out: &mut [u64; BUCKETS]) {
    [&STOPPING, &STOPPED][which].read(out);
}
