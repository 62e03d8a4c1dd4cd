//! Timers of a P: a 4-ary heap ordered by time, under a lock of its own that its owner takes almost alone.
//!
//! A [`Timer`] lies inside the Go object that stands for it (`timeTimer` of the overlay), or is a slab
//! node for `time.Sleep`. While it is in a heap, `heap` names that heap and `index` its place, so that it
//! can be taken out without a search. `min` is what others may read without the lock.

use super::{G, offheap};
use crate::lock::{SpinLock, rank};
use crate::sync::{AtomicI64, AtomicPtr, Ordering};
use core::cell::Cell;
use core::ptr::null_mut;

/// One timer. The overlay's `timerNode` has the same layout.
#[repr(C)]
pub struct Timer {
    /// nanotime at which it is due.
    pub when: Cell<i64>,
    /// Distance of repetitions, 0 = once.
    pub period: Cell<i64>,
    /// The heap it is in, or null.
    pub heap: AtomicPtr<Timers>,
    /// Place in that heap.
    pub index: Cell<usize>,
    /// Link of the list of due timers and of free nodes.
    pub next: Cell<*mut Timer>,
    /// On the list of due timers.
    pub due: Cell<bool>,
    /// The sleeper to wake; null for timers that run a function.
    pub g: Cell<*const G>,
    /// How late it was, for the function.
    pub delta: Cell<i64>,
    /// Order of timers with the same time. Clocks that stand still between events (bubbles) choose it at random;
    /// otherwise 0.
    pub rank: Cell<u32>,
}

#[derive(Clone, Copy)]
struct Entry {
    when: i64,
    timer: *const Timer,
}

impl Entry {
    fn before(self, other: Entry) -> bool {
        // SAFETY: timers in a heap are alive.
        let rank = |e: Entry| unsafe { (*e.timer).rank.get() };
        self.when < other.when || self.when == other.when && rank(self) < rank(other)
    }
}

/// What [`Timers::take_due`] has found.
pub enum Due {
    /// A timer with a function to run.
    Function(&'static Timer),
    /// A goroutine to make runnable.
    Sleeper(*const G),
}

/// The heap of a P, or of a bubble. Zeroed memory is an empty one.
#[repr(C)]
pub struct Timers {
    lock: SpinLock<{ rank::TIMERS }>,
    entries: Cell<*mut Entry>,
    len: Cell<usize>,
    cap: Cell<usize>,
    min: AtomicI64,
    free: Cell<*mut Timer>,
}

impl Timers {
    /// When the first timer is due; 0 = there is none. A snapshot.
    #[inline(always)]
    pub fn min(&self) -> i64 {
        self.min.load(Ordering::SeqCst)
    }

    /// Number of timers; a snapshot.
    pub fn len(&self) -> usize {
        self.len.get()
    }

    /// Whether there are none; a snapshot.
    pub fn is_empty(&self) -> bool {
        self.len.get() == 0
    }

    /// A node for a sleeper, with stale fields.
    pub fn node(&self) -> *mut Timer {
        self.lock.with(|| {
            let t = self.free.get();
            if t.is_null() {
                return offheap::persistent(size_of::<Timer>()).cast();
            }
            // SAFETY: free nodes are ours.
            self.free.set(unsafe { (*t).next.get() });
            t
        })
    }

    fn give_node(&self, t: &Timer) {
        t.next.set(self.free.get());
        self.free.set(core::ptr::from_ref(t).cast_mut());
    }

    /// Adds a timer that is in no heap.
    pub fn add(&self, t: &Timer) {
        self.lock.with(|| self.insert(t));
    }

    fn insert(&self, t: &Timer) {
        if self.len.get() == self.cap.get() {
            self.grow();
        }
        t.heap
            .store(core::ptr::from_ref(self).cast_mut(), Ordering::Release);
        let i = self.len.get();
        self.len.set(i + 1);
        self.up(
            i,
            Entry {
                when: t.when.get(),
                timer: t,
            },
        );
        self.set_min();
    }

    #[cold]
    fn grow(&self) {
        let cap = (self.cap.get() * 2).max(16);
        let new = offheap::persistent(cap * size_of::<Entry>()).cast::<Entry>();
        // SAFETY: the new array is larger; the old one is left behind, half as large.
        unsafe { core::ptr::copy_nonoverlapping(self.entries.get(), new, self.len.get()) };
        self.entries.set(new);
        self.cap.set(cap);
    }

    /// Takes `t` out, from whatever heap it is in; whether it was in one.
    pub fn remove(t: &Timer) -> bool {
        loop {
            // SAFETY: heaps belong to Ps, which are never freed.
            let Some(h) = (unsafe { t.heap.load(Ordering::Acquire).as_ref() }) else {
                return false;
            };
            let gone = h.lock.with(|| {
                let still = core::ptr::eq(t.heap.load(Ordering::Relaxed), h);
                if still {
                    h.remove_at(t.index.get());
                }
                still
            });
            if gone {
                return true;
            }
        }
    }

    /// Calls `expired` with each timer that is due, outside all lists; those that repeat stay in the heap.
    /// `expired` runs under the lock and must not come back here.
    pub fn expire(&self, now: i64, mut expired: impl FnMut(&Timer)) {
        self.lock.with(|| {
            while let Some(t) = self.take_first(now) {
                let sleeper = !t.g.get().is_null();
                expired(t);
                if sleeper {
                    self.give_node(t);
                }
            }
        });
    }

    /// Takes out the first timer that is due; one that repeats is at once in the heap again.
    fn take_first(&self, now: i64) -> Option<&'static Timer> {
        if self.len.get() == 0 || self.get(0).when > now {
            return None;
        }
        // SAFETY: timers in a heap are alive.
        let t = unsafe { &*self.get(0).timer };
        let late = now - t.when.get();
        t.delta.set(late);
        self.remove_at(0);
        let period = t.period.get();
        if period > 0 {
            let steps = period.saturating_mul(1 + late / period);
            t.when.set(t.when.get().saturating_add(steps));
            self.insert(t);
        }
        Some(t)
    }

    /// The first timer that is due, for a caller that runs them one by one; of a sleeper, whose node is given
    /// back, the goroutine.
    pub fn take_due(&self, now: i64) -> Option<Due> {
        self.lock.with(|| {
            let t = self.take_first(now)?;
            let g = t.g.get();
            if g.is_null() {
                return Some(Due::Function(t));
            }
            self.give_node(t);
            Some(Due::Sleeper(g))
        })
    }

    /// Takes out all timers. There are no sleepers among them.
    pub fn clear(&self) {
        self.lock.with(|| {
            while self.len.get() > 0 {
                self.remove_at(self.len.get() - 1);
            }
        });
    }

    /// Moves all timers of a P that is no longer used; the world is stopped.
    pub fn take_all(&self, from: &Timers) {
        while from.len.get() > 0 {
            // SAFETY: timers in a heap are alive.
            let t = unsafe { &*from.get(0).timer };
            from.lock.with(|| from.remove_at(0));
            self.add(t);
        }
    }

    fn remove_at(&self, i: usize) {
        // SAFETY: timers in a heap are alive.
        unsafe {
            (*self.get(i).timer)
                .heap
                .store(null_mut(), Ordering::Release);
        }
        let n = self.len.get() - 1;
        self.len.set(n);
        if i < n {
            let last = self.get(n);
            if i > 0 && last.before(self.get((i - 1) / 4)) {
                self.up(i, last);
            } else {
                self.down(i, last);
            }
        }
        self.set_min();
    }

    fn get(&self, i: usize) -> Entry {
        // SAFETY: i is below len.
        unsafe { *self.entries.get().add(i) }
    }

    fn put(&self, i: usize, e: Entry) {
        // SAFETY: i is below len; timers in a heap are alive.
        unsafe {
            *self.entries.get().add(i) = e;
            (*e.timer).index.set(i);
        }
    }

    fn up(&self, mut i: usize, e: Entry) {
        while i > 0 {
            let parent = (i - 1) / 4;
            let p = self.get(parent);
            if !e.before(p) {
                break;
            }
            self.put(i, p);
            i = parent;
        }
        self.put(i, e);
    }

    fn down(&self, mut i: usize, e: Entry) {
        let n = self.len.get();
        loop {
            let first = i * 4 + 1;
            if first >= n {
                break;
            }
            let mut least = (first, self.get(first));
            for c in first + 1..n.min(first + 4) {
                let child = self.get(c);
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
        let min = if self.len.get() == 0 {
            0
        } else {
            self.get(0).when.max(1)
        };
        self.min.store(min, Ordering::SeqCst);
    }
}
