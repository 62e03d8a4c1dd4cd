//! Spans by class: where a P gets one with free objects.
//!
//! A span in use is either in the cache of a P, which alone hands out objects from it, or on one of the lists of its
//! class ([`SpanLists`]). When marking ends, all lists become unswept; the next cycle begins when no list is.

use super::records;
use super::sizeclass::{CLASS_PAGES, CLASS_SIZE, MIN_HEADER, NCLASS, PAGE};
use super::span::Span;
use super::spanlists::SpanLists;
use super::{arena, bits};
use crate::sync::{AtomicUsize, Ordering};

/// Classes with and without pointers: class * 2 + noscan. 0 and 1 are the large objects.
pub const SPCS: usize = NCLASS * 2;

static CENTRAL: [SpanLists; SPCS] = [const { SpanLists::new() }; SPCS];

/// Spans that are not swept yet.
pub static UNSWEPT: AtomicUsize = AtomicUsize::new(0);

/// The class of a span, for the lists.
pub fn spc(s: &Span) -> usize {
    usize::from(s.class.get()) * 2 + usize::from(s.noscan.get())
}

/// Objects of a span of class `spc`.
pub fn objects(spc: usize) -> u32 {
    let size = CLASS_SIZE[spc / 2] as usize;
    let bytes = CLASS_PAGES[spc / 2] as usize * PAGE;
    let bits = if spc & 1 == 0 && size <= MIN_HEADER {
        bits::BYTES
    } else {
        0
    };
    ((bytes - bits) / size) as u32
}

/// A swept span of class `spc` that may have free objects, if the lists have one.
pub fn partial(spc: usize) -> Option<&'static Span> {
    CENTRAL[spc].partial()
}

/// A span of class `spc` that the caller must sweep.
pub fn unswept(spc: usize) -> Option<&'static Span> {
    CENTRAL[spc].unswept()
}

/// A new span of class `spc`.
pub fn fresh(spc: usize) -> &'static Span {
    let n = objects(spc);
    let s = records::take(n as usize);
    let pages = arena::take(CLASS_PAGES[spc / 2] as usize, s, true);
    s.init_small(pages.base, (spc / 2) as u8, spc & 1 != 0, n);
    s.zero.set(pages.zero);
    s.swept
        .store(crate::gc::cycle::number() as u16, Ordering::Relaxed);
    s
}

/// Puts a swept span that is in nobody's cache on its list.
pub fn give(s: &'static Span) {
    CENTRAL[spc(s)].give(s);
}

/// All spans become unswept. The world is stopped, no P has a span in its cache, and all are swept.
pub fn all_unswept() {
    let n = CENTRAL.iter().map(SpanLists::all_unswept).sum();
    UNSWEPT.store(n, Ordering::Release);
}

/// Calls `f` with every span that is in no P's cache. The world is stopped.
pub fn each(mut f: impl FnMut(&'static Span)) {
    CENTRAL.iter().for_each(|l| l.each(&mut f));
}
