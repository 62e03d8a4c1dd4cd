//! Timers of a P, or of a bubble: a 4-ary heap ordered by time, under a lock of its own that its owner takes almost
//! alone. [`Timer`] has the rule of the locks.
//!
//! An entry is a [`Timer`] or a goroutine in `time.Sleep`. A sleeper needs nothing but its entry, since nobody takes it
//! out before its time; a timer knows its heap and its place there, so that it can be taken out without a search. `min`
//! is what others may read without the lock.

use super::pages::Pages;
use super::timer::{Fired, Timer};
use crate::lock::SpinLock;
use crate::rank;
use crate::sync::{AtomicI64, AtomicUsize, Ordering};
use core::ptr::null_mut;

/// Set in the word of a sleeper: the word less this is its G.
const SLEEPER: usize = 1;

#[derive(Clone, Copy)]
struct Entry {
    when: i64,
    word: usize,
    rank: u32,
}

impl Entry {
    fn before(self, other: Entry) -> bool {
        (self.when, self.rank) < (other.when, other.rank)
    }

    fn timer(self) -> Option<&'static Timer> {
        // SAFETY: timers in a heap are alive.
        (self.word & SLEEPER == 0).then(|| unsafe { &*(self.word as *const Timer) })
    }
}

/// The heap. Zeroed memory is an empty one.
#[repr(C)]
pub struct Timers {
    lock: SpinLock<{ rank::TIMERS }>,
    entries: Pages<Entry>,
    len: AtomicUsize,
    min: AtomicI64,
}

// SAFETY: the entries are only touched with the lock held.
unsafe impl Sync for Timers {}
// SAFETY: as above.
unsafe impl Send for Timers {}

/// What [`Timers::expire`] has done.
pub struct Expired {
    /// Entries that have left the heap.
    pub left: usize,
    /// Nothing more is due.
    pub all: bool,
}

impl Timers {
    /// An empty heap.
    #[cfg(any(test, loom))]
    pub fn new() -> Timers {
        Timers {
            lock: SpinLock::new(),
            entries: Pages::new(),
            len: AtomicUsize::new(0),
            min: AtomicI64::new(0),
        }
    }

    /// When the first timer is due; 0 = there is none. A snapshot.
    #[inline(always)]
    pub fn min(&self) -> i64 {
        self.min.load(Ordering::SeqCst)
    }

    /// Calls `f` with the address of each timer in it, which is a Go object.
    pub fn each(&self, mut f: impl FnMut(usize)) {
        self.lock.with(|| {
            for i in 0..self.entries.len() {
                let word = self.entries.get(i).word;
                if word & SLEEPER == 0 {
                    f(word);
                }
            }
        });
    }

    /// Number of timers; a snapshot.
    pub fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed)
    }

    /// Whether there are none; a snapshot.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a goroutine that sleeps until `when`; whether it is the first now. It may run again before this returns.
    pub fn add_sleeper(&self, g: usize, when: i64, rank: u32) -> bool {
        self.lock.with(|| {
            let word = g | SLEEPER;
            self.push(Entry { when, word, rank })
        })
    }

    /// Adds a timer that is armed, locked and in no heap; whether it is the first now.
    pub(super) fn insert(&self, t: &Timer) -> bool {
        self.lock.with(|| {
            t.heap
                .store(core::ptr::from_ref(self).cast_mut(), Ordering::Release);
            self.push(Entry {
                when: t.when.get(),
                word: core::ptr::from_ref(t) as usize,
                rank: t.rank.get(),
            })
        })
    }

    /// Takes out a timer that was here when the caller looked, and is locked; whether it still was.
    pub(super) fn take_out(&self, t: &Timer) -> bool {
        self.lock.with(|| {
            let here = core::ptr::eq(t.heap.load(Ordering::Relaxed), self);
            if here {
                self.remove_at(t.index.get());
                t.heap.store(null_mut(), Ordering::Release);
            }
            here
        })
    }

    /// Fires what is due by `now`, at most `max` entries. `fired` gets what remains to be done for each; it runs under
    /// the lock and only notes that down.
    pub fn expire(&self, now: i64, max: usize, mut fired: impl FnMut(Fired)) -> Expired {
        self.lock.with(|| {
            let before = self.entries.len();
            for _ in 0..max {
                if self.entries.is_empty() || self.entries.get(0).when > now {
                    return self.expired(before, true);
                }
                let first = self.entries.get(0);
                let Some(t) = first.timer() else {
                    self.remove_at(0);
                    fired(Fired::Ready(first.word - SLEEPER));
                    continue;
                };
                let late = now - first.when;
                t.step(late);
                if t.armed.get() {
                    let when = t.when.get();
                    self.down(0, Entry { when, ..first });
                    self.set_min();
                    fired(t.call(late));
                } else {
                    self.remove_at(0);
                    fired(t.call(late));
                    // Last: from here on its owner may set it again, or forget it.
                    t.heap.store(null_mut(), Ordering::Release);
                }
            }
            self.expired(before, false)
        })
    }

    fn expired(&self, before: usize, all: bool) -> Expired {
        let left = before - self.entries.len();
        Expired { left, all }
    }

    /// Takes out all timers; there are no sleepers among them. They are stopped.
    pub fn clear(&self) {
        self.lock.with(|| {
            while !self.entries.is_empty() {
                let last = self.entries.get(self.entries.len() - 1);
                self.remove_at(self.entries.len() - 1);
                if let Some(t) = last.timer() {
                    t.armed.set(false);
                    t.heap.store(null_mut(), Ordering::Release);
                }
            }
        });
    }

    /// Takes over all timers of a P that is no longer used. The world is stopped: nobody else holds the lock of a timer.
    pub fn take_all(&self, from: &Timers) {
        loop {
            // One lock after the other: heaps have no order among themselves, and nobody looks for the entry meanwhile.
            let last = from.lock.with(|| {
                let n = from.entries.len();
                (n > 0).then(|| {
                    let last = from.entries.get(n - 1);
                    from.remove_at(n - 1);
                    last
                })
            });
            let Some(last) = last else { return };
            self.lock.with(|| {
                if let Some(t) = last.timer() {
                    t.heap
                        .store(core::ptr::from_ref(self).cast_mut(), Ordering::Release);
                }
                self.push(last);
            });
        }
    }

    /// Adds an entry; whether it is the first now.
    fn push(&self, e: Entry) -> bool {
        let i = self.entries.push(e);
        let first = self.up(i, e) == 0;
        self.set_min();
        first
    }

    fn remove_at(&self, i: usize) {
        let n = self.entries.len() - 1;
        let last = self.entries.get(n);
        self.entries.pop();
        if i < n {
            if i > 0 && last.before(self.entries.get((i - 1) / 4)) {
                self.up(i, last);
            } else {
                self.down(i, last);
            }
        }
        self.set_min();
    }

    fn put(&self, i: usize, e: Entry) {
        self.entries.put(i, e);
        if let Some(t) = e.timer() {
            t.index.set(i);
        }
    }

    /// Moves `e` from place `i` towards the root; where it ends.
    fn up(&self, mut i: usize, e: Entry) -> usize {
        while i > 0 {
            let parent = (i - 1) / 4;
            let p = self.entries.get(parent);
            if !e.before(p) {
                break;
            }
            self.put(i, p);
            i = parent;
        }
        self.put(i, e);
        i
    }

    fn down(&self, mut i: usize, e: Entry) {
        let n = self.entries.len();
        loop {
            let first = i * 4 + 1;
            if first >= n {
                break;
            }
            let mut least = (first, self.entries.get(first));
            for c in first + 1..n.min(first + 4) {
                let child = self.entries.get(c);
                if child.before(least.1) {
                    least = (c, child);
                }
            }
            if !least.1.before(e) {
                break;
            }
            self.put(i, least.1);
            i = least.0;
        }
        self.put(i, e);
    }

    fn set_min(&self) {
        let n = self.entries.len();
        self.len.store(n, Ordering::Relaxed);
        let min = if n == 0 {
            0
        } else {
            self.entries.get(0).when.max(1)
        };
        self.min.store(min, Ordering::SeqCst);
    }
}

#[cfg(all(test, not(loom)))]
#[path = "timers_tests.rs"]
mod tests;

#[cfg(all(test, loom))]
#[path = "timers_model.rs"]
mod model;
