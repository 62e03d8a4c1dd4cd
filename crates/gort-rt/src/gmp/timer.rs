//! A timer: what it does when its time comes, and how it is set, stopped, set again.
//!
//! Its states:
//!
//! | `armed` | `heap` | |
//! | --- | --- | --- |
//! | no | null | stopped, or it has fired |
//! | yes | a heap | waits there for its time |
//! | yes | null | waits outside: its channel has no watchers |
//!
//! Only the timer of a channel waits outside. While no goroutine is blocked on the channel nobody can tell when the value
//! comes, so it comes when somebody looks ([`Timer::poll`]) and says when it was due. Programs that make a timer for each
//! of a million short waits have none of them in a heap, and a timer that nobody watches is no reason against a deadlock
//! report.
//!
//! # The lock rule
//!
//! 1. Who sets, stops or looks at a timer holds `Timer::lock`, from beginning to end.
//! 2. A timer enters a heap under both its lock and that of the heap ([`Timers`]). It leaves under the heap's lock.
//! 3. Expiry holds the heap's lock alone, and `fire` runs under it. `heap` becomes null when `fire` is over: who finds it
//!    null under the timer's lock knows that no value is on its way, and that none will be.
//! 4. `when`, `period` and `armed` belong to the heap's lock while the timer is in a heap, else to the timer's.
//! 5. Order: timer, heap, channel. What takes other locks (making goroutines runnable, starting one, a deadline) waits in
//!    a [`Fired`] until the heap's lock is open again. A `PollDesc` is locked before its timers.
//!
//! Tried: a list of due timers whose functions a goroutine runs. Between heap and list a timer was in neither, so that a
//! value came after Stop; the goroutine had one share of a P while timers came from all.

use super::timers::Timers;
use crate::lock::SpinLock;
use crate::rank;
use crate::sync::{AtomicPtr, Cell, Ordering};

/// What is left to do for a timer that has fired, without its heap's lock.
#[derive(Clone, Copy)]
pub enum Fired {
    /// Nothing.
    Done,
    /// Make this goroutine runnable.
    Ready(usize),
    /// Start a goroutine that calls this closure.
    Start(usize),
    /// Call the function with these two words; the result is a goroutine to make runnable, or 0.
    Later(fn(usize, usize) -> usize, usize, usize),
}

/// What a timer does, with how late it is in nanoseconds. Runs under the lock of its heap, or its own.
pub type Fire = fn(&Timer, i64) -> Fired;

/// One timer. The overlay's `timerNode` has the same layout; zeroed memory is a stopped one.
#[repr(C)]
pub struct Timer {
    /// nanotime, or time of the bubble, at which it is due.
    pub(super) when: Cell<i64>,
    /// Distance of repetitions, 0 = once.
    pub(super) period: Cell<i64>,
    /// The heap it is in, or null.
    pub(super) heap: AtomicPtr<Timers>,
    /// Place in that heap.
    pub(super) index: Cell<usize>,
    /// The channel, the closure or the descriptor it is for.
    pub target: Cell<usize>,
    /// Which setting of a deadline it stands for.
    pub seq: Cell<usize>,
    /// What it does; none for nothing.
    pub fire: Cell<Option<Fire>>,
    lock: SpinLock<{ rank::TIMER }>,
    pub(super) armed: Cell<bool>,
    /// `target` is a channel.
    pub is_chan: Cell<bool>,
    /// Runs by the clock of a bubble.
    pub bubbled: Cell<bool>,
    /// Order among timers of the same time. Clocks that stand still between events (bubbles) choose it at random;
    /// otherwise 0.
    pub rank: Cell<u32>,
    /// Goroutines blocked on the channel.
    watchers: Cell<u32>,
}

#[cfg(not(any(test, loom)))]
const _: () = assert!(size_of::<Timer>() == gort_abi::layouts::TIMER.size());
#[cfg(not(any(test, loom)))]
gort_abi::twin!(
    Timer,
    gort_abi::layouts::TIMER,
    when = "when",
    period = "period",
    heap = "heap",
    index = "index",
    target = "target",
    seq = "seq",
    fire = "fire",
    lock = "state"
);

/// What setting or stopping a timer has changed.
pub struct Change {
    /// It had not fired yet, or its value was called back.
    pub pending: bool,
    /// Timers in heaps, now less before.
    pub moved: isize,
    /// When it is due, if it is the first of the heap that it has entered.
    pub first: Option<i64>,
}

impl Timer {
    /// A stopped timer.
    #[cfg(any(test, loom))]
    pub fn new(fire: Fire, target: usize, is_chan: bool) -> Timer {
        Timer {
            when: Cell::new(0),
            period: Cell::new(0),
            heap: AtomicPtr::new(core::ptr::null_mut()),
            index: Cell::new(0),
            target: Cell::new(target),
            seq: Cell::new(0),
            fire: Cell::new(Some(fire)),
            lock: SpinLock::new(),
            armed: Cell::new(false),
            is_chan: Cell::new(is_chan),
            bubbled: Cell::new(false),
            rank: Cell::new(0),
            watchers: Cell::new(0),
        }
    }

    /// Stays outside the heaps while it has no watchers. Not in a bubble: its clock stands while its goroutines look.
    pub fn is_lazy(&self) -> bool {
        self.is_chan.get() && !self.bubbled.get()
    }

    /// Stops it. After it the timer does not fire; `recall` takes back a value that is in its channel.
    pub fn stop(&self, recall: impl FnOnce() -> bool) -> Change {
        self.lock.with(|| self.disarm(recall))
    }

    /// Stops it and sets it to `when`, in `home` if it must be in a heap; `seq` and `rank` go with the setting.
    pub fn reset(
        &self,
        home: &Timers,
        (when, period): (i64, i64),
        (seq, rank): (usize, u32),
        recall: impl FnOnce() -> bool,
    ) -> Change {
        self.lock.with(|| {
            let mut change = self.disarm(recall);
            self.when.set(when);
            self.period.set(period);
            self.seq.set(seq);
            self.rank.set(rank);
            self.armed.set(true);
            self.settle(home, &mut change);
            change
        })
    }

    /// A goroutine is about to block on the channel.
    pub fn watch(&self, home: &Timers) -> Change {
        let mut change = Change::none();
        self.lock.with(|| {
            self.watchers.set(self.watchers.get() + 1);
            if self.armed.get() && self.heap.load(Ordering::Acquire).is_null() {
                self.settle(home, &mut change);
            }
        });
        change
    }

    /// It is not any more.
    pub fn unwatch(&self) -> Change {
        let mut change = Change::none();
        self.lock.with(|| {
            self.watchers.set(self.watchers.get() - 1);
            if self.watchers.get() == 0 && self.is_lazy() && self.take_out() {
                change.moved = -1;
            }
        });
        change
    }

    /// Somebody looks at the channel: a timer outside the heaps that is due by `now()` fires.
    pub fn poll(&self, now: impl FnOnce() -> i64) -> Fired {
        self.lock.with(|| {
            // In this order: `armed` is ours only if it is in no heap.
            if !self.heap.load(Ordering::Acquire).is_null() || !self.armed.get() {
                return Fired::Done;
            }
            let now = now();
            if self.when.get() > now {
                return Fired::Done;
            }
            let late = now - self.when.get();
            self.step(late);
            self.call(late)
        })
    }

    /// Under the lock: out of the heap, if it is in one, and of `armed`.
    fn disarm(&self, recall: impl FnOnce() -> bool) -> Change {
        let out = self.take_out();
        let armed = self.armed.replace(false);
        let recalled = recall();
        Change {
            pending: armed || recalled,
            moved: -isize::from(out),
            first: None,
        }
    }

    /// Under the lock: a timer that is armed and in no heap enters one if it has to.
    fn settle(&self, home: &Timers, change: &mut Change) {
        if !self.is_lazy() || self.watchers.get() > 0 {
            change.first = home.insert(self).then_some(self.when.get());
            change.moved += 1;
        }
    }

    /// Under the lock: takes it out of the heap it is in, if any.
    fn take_out(&self) -> bool {
        loop {
            // SAFETY: heaps belong to Ps and bubbles, which are never freed.
            let Some(h) = (unsafe { self.heap.load(Ordering::Acquire).as_ref() }) else {
                return false;
            };
            if h.take_out(self) {
                return true;
            }
            // It has fired meanwhile, or its heap has been merged with another.
        }
    }

    /// One that repeats moves on by whole periods; another is armed no more.
    pub(super) fn step(&self, late: i64) {
        let period = self.period.get();
        if period > 0 {
            let steps = period.saturating_mul(1 + late / period);
            self.when.set(self.when.get().saturating_add(steps));
        } else {
            self.armed.set(false);
        }
    }

    pub(super) fn call(&self, late: i64) -> Fired {
        self.fire.get().map_or(Fired::Done, |f| f(self, late))
    }
}

impl Change {
    fn none() -> Change {
        Change {
            pending: false,
            moved: 0,
            first: None,
        }
    }
}
