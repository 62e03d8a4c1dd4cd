//! The memory cache of a P: for each size class, with and without pointers, a run of free objects side by side.
//!
//! The fast path moves a pointer to the run's end (`arch/x86_64/newobject.rs`, `malloc.rs`). A run's memory is made zero
//! as a whole when it is taken, at most [`RUN`] bytes at a time so that they are still in the nearest cache when
//! they are used. All counting is done then, too.

use super::bits;
use super::central::{self, SPCS};
use super::sizeclass::{CLASS_SIZE, MIN_HEADER};
use super::span::{FreeRun, Span};
use crate::gc::{cycle, pacer, profile, sweep};
use core::cell::Cell;
use core::ptr::null;

/// Most bytes of a run.
const RUN: usize = 2048;
/// Bytes after which a P tells the pacer what it has taken.
const TELL: usize = 16 << 10;
/// Spans that a refill sweeps before it takes a new one.
const SWEEPS: usize = 32;

/// A run of free objects.
#[repr(C)]
pub struct Run {
    /// Next object.
    pub next: Cell<usize>,
    /// End of the last object.
    pub end: Cell<usize>,
    /// Their span, or null.
    pub span: Cell<*const Span>,
    /// Objects that were handed out in runs.
    pub taken: Cell<u64>,
}

/// The cache.
#[repr(C)]
pub struct MCache {
    /// By class * 2 + noscan.
    pub runs: [Run; SPCS],
    /// Block of the tiny allocator: where it continues.
    pub tiny: Cell<usize>,
    /// End of the tiny block.
    pub tiny_end: Cell<usize>,
    /// Objects in tiny blocks.
    pub tiny_allocs: Cell<u64>,
    /// Bytes of runs until the next sample of the heap profile.
    to_sample: Cell<i64>,
    /// A distance has been chosen.
    begun: Cell<bool>,
    /// Bytes of runs that the pacer does not know of.
    untold: Cell<usize>,
}

impl Run {
    /// Objects that are left.
    pub fn rest(&self, spc: usize) -> u64 {
        let bytes = self.end.get().saturating_sub(self.next.get());
        (bytes / (CLASS_SIZE[spc / 2] as usize).max(1)) as u64
    }
}

impl MCache {
    /// Replaces the used-up run of class `spc` by another one. A cycle may begin or end in it, before that.
    #[cold]
    #[inline(never)]
    pub fn refill(&self, spc: usize) {
        // First of all: both flush the cache.
        let stress = pacer::stress();
        if self.untold.get() >= TELL {
            pacer::allocated(self.untold.replace(0));
        }
        let r = &self.runs[spc];
        let size = CLASS_SIZE[spc / 2] as usize;
        let mut most = (RUN / size).max(1) as u32;
        if stress || profile::is_every() {
            most = 1;
        }
        loop {
            // SAFETY: a span in the cache is ours.
            let s = match unsafe { r.span.get().as_ref() } {
                Some(s) => s,
                None => {
                    let s = acquire(spc);
                    r.span.set(s);
                    s
                }
            };
            let Some(run) = s.take_run(most, cycle::is_marking()) else {
                r.span.set(null());
                central::give(s);
                continue;
            };
            let (at, bytes) = (s.object(run.first), run.n as usize * size);
            if !s.zero.get() {
                // SAFETY: free objects of ours.
                unsafe { (at as *mut u8).write_bytes(0, bytes) };
            }
            if spc & 1 == 0 && size <= MIN_HEADER {
                // SAFETY: as above; such spans have bits.
                unsafe { bits::clear(at, bytes) };
            }
            r.next.set(at);
            r.end.set(at + bytes);
            r.taken.set(r.taken.get() + u64::from(run.n));
            self.count_for_profile(at, size, bytes);
            self.untold.set(self.untold.get() + bytes);
            return;
        }
    }

    /// A run of `bytes` begins with the object at `at`, which is about to be handed out.
    #[inline]
    pub fn count_for_profile(&self, at: usize, size: usize, bytes: usize) {
        let left = self.to_sample.get() - bytes as i64;
        self.to_sample.set(left);
        if left < 0 || profile::is_every() {
            self.sample(at, size);
        }
    }

    #[cold]
    fn sample(&self, at: usize, size: usize) {
        /// Without samples it is asked after so many bytes whether there are to be some.
        const ASK: i64 = 512 << 10;
        let next = profile::next_sample();
        // The first time there was no distance that has been passed.
        if next.is_some() && (self.begun.replace(true) || next == Some(0)) {
            profile::sample(at, size);
        }
        self.to_sample.set(next.map_or(ASK, |n| n as i64));
    }

    /// Gives back what has not been handed out. By the owner, or while the world is stopped.
    pub fn flush(&self) {
        for (spc, r) in self.runs.iter().enumerate() {
            // SAFETY: a span in the cache is its owner's.
            let Some(s) = (unsafe { r.span.replace(null()).as_ref() }) else {
                continue;
            };
            let n = r.rest(spc) as u32;
            if n > 0 {
                let first = s.index_of(r.next.get());
                s.give_run(FreeRun { first, n });
                // What is behind the cursor now may have been behind it before, too, but is not known to be zero.
                s.zero.set(false);
                r.taken.set(r.taken.get() - u64::from(n));
            }
            r.next.set(0);
            r.end.set(0);
            central::give(s);
        }
        self.tiny.set(0);
        self.tiny_end.set(0);
        pacer::tell(self.untold.replace(0));
    }
}

/// A span of the class with a free object: a partial one, one that becomes so when it is swept, or a new one.
fn acquire(spc: usize) -> &'static Span {
    if let Some(s) = central::partial(spc) {
        return s;
    }
    for _ in 0..SWEEPS {
        let Some(s) = central::unswept(spc) else {
            break;
        };
        sweep::sweep(s);
        if s.has_room() {
            return s;
        }
        central::give(s);
    }
    central::fresh(spc)
}
