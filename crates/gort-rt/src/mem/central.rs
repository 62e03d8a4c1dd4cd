//! Spans by class: where a P gets one with free objects.
//!
//! A span in use is either in the cache of a P, which alone hands out objects from it, or on one of the lists of its
//! class: *partial* (swept, may have free objects), *full*, or *unswept* (of the last cycle; nobody knows yet
//! what is free). When marking ends, all lists become unswept; the next cycle begins when no list is.

use super::records;
use super::sizeclass::{CLASS_PAGES, CLASS_SIZE, MIN_HEADER, NCLASS, PAGE};
use super::span::Span;
use super::{arena, bits};
use crate::gmp::list::Queue;
use crate::lock::SpinLock;
use crate::rank;
use crate::sync::{AtomicUsize, Ordering};
use core::cell::UnsafeCell;

/// Classes with and without pointers: class * 2 + noscan. 0 and 1 are the large objects.
pub const SPCS: usize = NCLASS * 2;

struct Lists {
    partial: Queue<Span>,
    full: Queue<Span>,
    unswept: Queue<Span>,
}

struct Central {
    lock: SpinLock<{ rank::CENTRAL }>,
    lists: UnsafeCell<Lists>,
}
// SAFETY: the lists are only touched with the lock held.
unsafe impl Sync for Central {}

static CENTRAL: [Central; SPCS] = [const {
    Central {
        lock: SpinLock::new(),
        lists: UnsafeCell::new(Lists {
            partial: Queue::new(),
            full: Queue::new(),
            unswept: Queue::new(),
        }),
    }
}; SPCS];

/// Spans that are not swept yet.
pub static UNSWEPT: AtomicUsize = AtomicUsize::new(0);

fn with<R>(spc: usize, f: impl FnOnce(&mut Lists) -> R) -> R {
    let c = &CENTRAL[spc];
    // SAFETY: the lock is held.
    c.lock.with(|| f(unsafe { &mut *c.lists.get() }))
}

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
    with(spc, |l| l.partial.pop())
}

/// A span of class `spc` that the caller must sweep.
pub fn unswept(spc: usize) -> Option<&'static Span> {
    with(spc, |l| l.unswept.pop())
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
    let room = s.class.get() != 0 && s.has_room();
    with(spc(s), |l| {
        if room {
            l.partial.push(s)
        } else {
            l.full.push(s)
        }
    });
}

/// All spans become unswept. The world is stopped, no P has a span in its cache, and all are swept.
pub fn all_unswept() {
    let mut n = 0;
    for spc in 0..SPCS {
        with(spc, |l| {
            l.unswept.append(&l.partial);
            l.unswept.append(&l.full);
            n += l.unswept.len() as usize;
        });
    }
    UNSWEPT.store(n, Ordering::Release);
}

/// Calls `f` with every span that is in no P's cache. The world is stopped.
pub fn each(mut f: impl FnMut(&'static Span)) {
    for spc in 0..SPCS {
        with(spc, |l| {
            l.partial.each(&mut f);
            l.full.each(&mut f);
            l.unswept.each(&mut f);
        });
    }
}
