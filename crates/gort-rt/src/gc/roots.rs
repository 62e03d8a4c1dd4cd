//! Where marking begins, in jobs that workers take one by one.
//!
//! | what | where |
//! | --- | --- |
//! | package variables with pointers | [`globals`] |
//! | what hangs on objects: finalizers, cleanups, weak handles | spans |
//! | timers in heaps: they are Go objects | `gmp/timers.rs` |
//! | goroutines | the chunks of `gmp/slab.rs`, [`stack`] |
//!
//! Not roots, since they hold no pointer to the Go heap: Ms, Ps (their tiny blocks are given up at the start), sudogs
//! outside of goroutines, poll descriptors, itabs (the types that reflect makes stay alive through reflect's own tables).

use super::mark::Worker;
use super::stack;
use super::{finq, globals, special};
use crate::gmp::sched::every_p;
use crate::gmp::slab;
use crate::mem::arena;
use crate::mem::span::Span;
use crate::sync::{AtomicUsize, Ordering};

/// Records of package variables in a job.
const GLOBALS: usize = 256;

/// The next job.
static NEXT: AtomicUsize = AtomicUsize::new(0);
/// Jobs with package variables, and all jobs.
static NGLOBALS: AtomicUsize = AtomicUsize::new(0);
static JOBS: AtomicUsize = AtomicUsize::new(0);
/// Arenas whose spans may have records.
static ARENAS: AtomicUsize = AtomicUsize::new(0);

/// What hangs on the objects of a span.
fn records(w: &Worker, s: &Span) {
    special::mark_span(s, &mut |p| w.maybe(p), &mut |slot| {
        w.contents(s, s.index_of(slot));
    });
}

/// Lays out the jobs. The world is stopped.
pub fn prepare() {
    let n = globals::table().len().div_ceil(GLOBALS);
    NGLOBALS.store(n, Ordering::Relaxed);
    let arenas = if special::spans() > 0 {
        arena::count()
    } else {
        0
    };
    ARENAS.store(arenas, Ordering::Relaxed);
    JOBS.store(n + 1 + arenas + slab::chunks(), Ordering::Relaxed);
    NEXT.store(0, Ordering::Release);
}

/// Whether there are jobs that nobody has taken.
pub fn any() -> bool {
    NEXT.load(Ordering::Acquire) < JOBS.load(Ordering::Relaxed)
}

/// Does one job, if there is one.
pub fn one(w: &Worker) -> bool {
    if !any() {
        return false;
    }
    let job = NEXT.fetch_add(1, Ordering::AcqRel);
    let n = NGLOBALS.load(Ordering::Relaxed);
    if job >= JOBS.load(Ordering::Relaxed) {
        return false;
    }
    if job < n {
        globals::some(w, job * GLOBALS, GLOBALS);
    } else if job == n {
        every_p().for_each(|p| p.timers.each(|t| w.maybe(t)));
        finq::mark(&mut |p| w.maybe(p));
    } else if job - n - 1 < ARENAS.load(Ordering::Relaxed) {
        arena::each_span(job - n - 1, |s| records(w, s));
    } else {
        slab::each_in(job - n - 1 - ARENAS.load(Ordering::Relaxed), |g| {
            stack::scan_if_due(w, g);
            true
        });
    }
    true
}
