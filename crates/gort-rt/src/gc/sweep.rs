//! Sweeping: what is not marked is free.
//!
//! A span is swept when somebody needs free objects of its class (`mem/mcache.rs`), by Ps that have nothing to do, and at the
//! latest before the next cycle. Spans without any living object give their pages back.

use super::{cycle, pacertrace, special};
use crate::debug;
use crate::mem::central::{self, SPCS, UNSWEPT};
use crate::mem::span::Span;
use crate::mem::{arena, heap};
use crate::sync::{AtomicU64, AtomicUsize, Ordering};

/// Objects freed, by class.
pub static FREES: [AtomicU64; SPCS] = [const { AtomicU64::new(0) }; SPCS];
/// Bytes of large objects freed.
pub static LARGE_FREED: AtomicU64 = AtomicU64::new(0);
/// Pages swept since marking last ended.
pub static PAGES: AtomicUsize = AtomicUsize::new(0);
/// The class that the next sweep of [`one`] begins with.
static AT: AtomicUsize = AtomicUsize::new(0);

/// Sweeps a span that the caller has taken from the unswept ones; whether anything in it lives.
pub fn sweep(s: &'static Span) -> bool {
    let spc = central::spc(s);
    special::sweep_span(
        s,
        |base| s.is_marked(s.index_of(base)),
        |base| {
            s.mark(s.index_of(base));
        },
    );
    if debug::CLOBBERFREE.load(Ordering::Relaxed) != 0 {
        clobber(s);
    }
    let (live, freed) = s.flip(cycle::number() as u16);
    FREES[spc].fetch_add(u64::from(freed), Ordering::Relaxed);
    if spc < 2 && freed != 0 {
        LARGE_FREED.fetch_add(s.elem.get() as u64, Ordering::Relaxed);
    }
    PAGES.fetch_add(s.npages.get() as usize, Ordering::Relaxed);
    if UNSWEPT.fetch_sub(1, Ordering::AcqRel) == 1 {
        pacertrace::swept();
    }
    live != 0
}

/// Fills what dies with a pattern, so that whoever uses it still is found out (`GODEBUG=clobberfree=1`).
fn clobber(s: &Span) {
    const PATTERN: usize = 0xdead_beef_dead_beef;
    for i in 0..s.nelems.get() {
        if s.is_allocated(i) && !s.is_marked(i) {
            let at = s.object(i) as *mut usize;
            for k in 0..s.elem.get() / 8 {
                // SAFETY: an object that nothing refers to.
                unsafe { *at.add(k) = PATTERN };
            }
        }
    }
}

/// Whether spans are left to sweep.
pub fn any() -> bool {
    UNSWEPT.load(Ordering::Acquire) != 0
}

/// How many.
pub fn left() -> usize {
    UNSWEPT.load(Ordering::Relaxed)
}

/// Sweeps one span, if there is one to sweep.
pub fn one() -> bool {
    if !any() {
        return false;
    }
    let from = AT.load(Ordering::Relaxed);
    for k in 0..SPCS {
        let spc = (from + k) % SPCS;
        if let Some(s) = central::unswept(spc) {
            AT.store(spc, Ordering::Relaxed);
            if sweep(s) {
                central::give(s);
            } else {
                arena::give(s);
            }
            return true;
        }
    }
    false
}

/// Sweeps all that is left, and waits for those that others are at.
pub fn all() {
    while one() {}
    while UNSWEPT.load(Ordering::Acquire) != 0 {
        core::hint::spin_loop();
    }
}

/// Whether the object at `addr`, of which there is a weak handle only, has not been reached in the last cycle.
pub fn is_dead(addr: usize) -> bool {
    let Some(s) = heap::span_of(addr) else {
        return false; // a variable
    };
    !cycle::is_marking() && s.is_unreached(s.index_of(addr), cycle::number() as u16)
}
