//! The records of [`super::speciallist`] on the spans of the heap, and what marking and sweeping do with them.
//!
//! The list of a span is guarded by the span's `speciallock`. What records refer to in the heap are roots, from the
//! record's first moment to the end of the call that takes it: whoever adds one gives objects that are reachable, which
//! the collector marks in the cycle under way, if there is one.
//!
//! Records are of one size and used again; after a peak their memory goes back to the system.

use super::speciallist::{Kind, List, Special};
use super::{finq, profile};
use crate::gmp::offheap;
use crate::gmp::slots::{BLOCK, Slots};
use crate::lock::SpinLock;
use crate::mem::heap::{self, Span};
use crate::os;
use crate::rank;
use crate::sync::{AtomicUsize, Ordering};
use core::mem::offset_of;

/// Records that nobody uses.
struct Pool {
    lock: SpinLock<{ rank::SPECIAL_POOL }>,
    slots: Slots,
}
// SAFETY: the slots are only touched with the lock held.
unsafe impl Sync for Pool {}
static POOL: Pool = Pool {
    lock: SpinLock::new(),
    slots: Slots::new(size_of::<Special>(), offset_of!(Special, next)),
};

fn take() -> &'static Special {
    loop {
        if let Some(at) = POOL.lock.with(|| POOL.slots.take()) {
            // SAFETY: a record, or zeros, which are one, too.
            return unsafe { &*(at as *const Special) };
        }
        let block = offheap::aligned(BLOCK);
        // SAFETY: fresh memory.
        POOL.lock.with(|| unsafe { POOL.slots.add(block) });
    }
}

/// After a cycle: memory of records that nobody uses goes back to the system.
pub fn release() {
    while let Some(b) = POOL.lock.with(|| POOL.slots.idle()) {
        let (at, bytes) = b.memory();
        os::sys_unused(at, bytes);
        POOL.lock.with(|| POOL.slots.restore(b));
    }
}

/// Spans that have records: whether marking need look for them at all.
static SPANS: AtomicUsize = AtomicUsize::new(0);

/// A record of what is known of `addr`, which lies in `span`. It is on no list yet.
pub fn new(span: &Span, addr: usize, kind: Kind, words: [usize; 3]) -> &'static Special {
    let addr = addr - span.base.get();
    let s = take();
    s.offset.set(addr);
    s.kind.set(kind);
    for (to, word) in s.words.iter().zip(words) {
        to.set(word);
    }
    s
}

/// Gives a record back that is on no list any more.
pub fn free(s: &'static Special) {
    // SAFETY: it is from there, and the caller's alone.
    POOL.lock.with(|| unsafe { POOL.slots.give(s.addr()) });
}

/// Runs `f` on the list of a span.
pub fn with<R>(span: &Span, f: impl FnOnce(List<'_>) -> R) -> R {
    span.speciallock.with(|| {
        let before = span.specials.get() != 0;
        let r = f(List(&span.specials));
        match (before, span.specials.get() != 0) {
            (false, true) => SPANS.fetch_add(1, Ordering::Relaxed),
            (true, false) => SPANS.fetch_sub(1, Ordering::Relaxed),
            _ => 0,
        };
        r
    })
}

/// Takes the record of this kind for which `want` holds from the object at `addr`, and gives it back. Whether there was
/// one.
pub fn remove(addr: usize, kind: Kind, want: impl Fn(&Special) -> bool) -> bool {
    let Some(span) = heap::span_of(addr) else {
        return false;
    };
    let offset = addr - span.base.get();
    let Some(s) = with(span, |l| l.remove(offset, kind, want)) else {
        return false;
    };
    free(s);
    true
}

/// How many spans have records.
pub fn spans() -> usize {
    SPANS.load(Ordering::Relaxed)
}

/// The roots that the records of a span are. `pointer` is told of pointers, `contents` of slots of the span whose
/// contents are reachable while the object itself is not for that: what a finalizer will find in it. Both run with the
/// span's `speciallock` held, so they may queue work, and not scan.
pub fn mark_span(span: &Span, pointer: &mut impl FnMut(usize), contents: &mut impl FnMut(usize)) {
    if span.specials.get() == 0 {
        return;
    }
    let size = span.slot_size();
    span.speciallock.with(|| {
        for s in List(&span.specials).iter() {
            if s.kind.get() == Kind::Finalizer && !span.noscan.get() {
                contents(span.base.get() + s.offset.get() / size * size);
            }
            roots_of(s, pointer);
        }
    });
}

/// What a record refers to.
pub fn roots_of(s: &Special, pointer: &mut impl FnMut(usize)) {
    let words = match s.kind.get() {
        Kind::Finalizer => 3,
        Kind::Weak | Kind::Cleanup => 1,
        Kind::Bubble | Kind::Profile => 0,
    };
    for w in &s.words[..words] {
        pointer(w.get());
    }
}

/// What is to happen before a span's dead objects are free: its marks are final, and nobody else sweeps it. Objects are
/// named by the first byte of their slots. Objects with finalizers are marked, for they live on.
///
/// What Go code has to run afterwards is queued; [`finq::wake`] must be called when the caller holds no lock any more.
pub fn sweep_span(span: &Span, is_marked: impl Fn(usize) -> bool, mut mark: impl FnMut(usize)) {
    if span.specials.get() == 0 {
        return;
    }
    let base = span.base.get();
    with(span, |l| {
        l.sweep(
            span.slot_size(),
            |o| is_marked(base + o),
            |o| mark(base + o),
            |s| dead(base, s),
        );
    });
}

/// The time of a record has come.
fn dead(base: usize, s: &'static Special) {
    match s.kind.get() {
        Kind::Finalizer => {
            s.offset.set(base + s.offset.get());
            finq::finalize(s);
        }
        Kind::Weak => {
            super::weak::clear(s.words[0].get());
            free(s);
        }
        Kind::Bubble => free(s),
        Kind::Profile => {
            profile::sample_freed(s.words[0].get());
            free(s);
        }
        Kind::Cleanup => finq::clean(s),
    }
}
