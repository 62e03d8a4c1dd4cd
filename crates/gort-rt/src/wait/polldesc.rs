//! The state of a polled descriptor: for reading and for writing one of idle, ready (an event came that nobody waited for),
//! or the goroutine that waits; beside it a deadline.
//!
//! Everything happens under the descriptor's lock. Each function returns whom to wake, with the result of its wait; the
//! caller wakes when the lock is open. A descriptor is kept for reuse for ever, since what was on its way when it was closed
//! may still name it. Two numbers tell such latecomers off:
//!
//! - `tag` changes when the descriptor is freed; events of epoll carry its low bits.
//! - `Side::seq` changes with each setting of a deadline, and when the descriptor is closed; the timer carries it. A timer
//!   fires without this lock, so that a newer setting may come in between ([`PollDesc::passed`]).

use crate::gmp::timer::{Change, Fired, Timer};
use crate::gmp::timers::Timers;
use crate::lock::SpinLock;
use crate::rank;
use crate::sync::Cell;

/// No goroutine waits, and an event has come.
const READY: usize = 1;

/// How a wait ends: results of `pollwait` and `pollreset`.
pub const OK: usize = 0;
/// The descriptor is being closed.
pub const CLOSING: usize = 1;
/// The deadline has passed.
pub const TIMEOUT: usize = 2;

/// One direction.
#[repr(C)]
struct Side {
    /// 0, [`READY`] or the goroutine that waits.
    state: Cell<usize>,
    expired: Cell<bool>,
    seq: Cell<usize>,
    timer: Timer,
}

/// A polled descriptor; zeroed memory is a free one.
#[repr(C, align(64))]
pub struct PollDesc {
    lock: SpinLock<{ rank::POLL_DESC }>,
    closing: Cell<bool>,
    sides: [Side; 2],
    fd: Cell<usize>,
    tag: Cell<usize>,
    /// Link of the free list, whose lock guards it.
    pub next: Cell<*mut PollDesc>,
}

/// A goroutine to wake, 0 for none, and the result of its wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Woken {
    /// The goroutine.
    pub g: usize,
    /// What `pollwait` returns to it.
    pub result: usize,
}

/// What setting a deadline has done: whom to wake, and what has become of the timer.
pub type Set = (Woken, Change);

impl PollDesc {
    /// Takes a free descriptor into use for `fd`; what events of it will carry.
    pub fn open(&self, fd: usize) -> usize {
        self.lock.with(|| {
            self.closing.set(false);
            self.fd.set(fd);
            for (i, s) in self.sides.iter().enumerate() {
                s.expired.set(false);
                s.state.set(0);
                s.timer.target.set(core::ptr::from_ref(self) as usize | i);
                s.timer.fire.set(Some(fire));
            }
            self.tag.get() & 63
        })
    }

    /// Its file descriptor.
    pub fn fd(&self) -> usize {
        self.fd.get()
    }

    /// It is free: events and deadlines that are on their way are none of its next user.
    pub fn close(&self) -> [Change; 2] {
        self.lock.with(|| {
            self.tag.set(self.tag.get() + 1);
            [0, 1].map(|i| self.sides[i].forget())
        })
    }

    /// An event: the descriptor can be read, or written.
    pub fn event(&self, tag: usize, ready: [bool; 2]) -> [Woken; 2] {
        self.lock.with(|| {
            let mine = self.tag.get() & 63 == tag;
            [0, 1].map(|i| {
                if !mine || !ready[i] {
                    return Woken::default(); // or closed, and perhaps used again, meanwhile
                }
                let woken = self.sides[i].take(OK);
                if woken.g == 0 {
                    self.sides[i].state.set(READY);
                }
                woken
            })
        })
    }

    /// Before an operation: forgets old readiness.
    pub fn reset(&self, i: usize) -> usize {
        self.lock.with(|| {
            let e = self.error(i);
            if e == OK {
                self.sides[i].state.set(0);
            }
            e
        })
    }

    /// Goroutine `g` waits for side `i`. If it must, `park` is called with the lock held, which opens it by
    /// [`PollDesc::unlock`] when the goroutine may be woken. None: somebody waits already.
    pub fn wait(&self, i: usize, g: usize, park: impl FnOnce() -> usize) -> Option<usize> {
        self.lock.lock();
        let state = &self.sides[i].state;
        let e = self.error(i);
        if e != OK || state.get() == READY {
            if state.get() == READY {
                state.set(0);
            }
            self.lock.unlock();
            return Some(e);
        }
        if state.get() > READY {
            self.lock.unlock();
            return None;
        }
        state.set(g);
        Some(park())
    }

    /// Opens the lock under which `park` of [`PollDesc::wait`] runs.
    pub fn unlock(&self) {
        self.lock.unlock();
    }

    /// The descriptor is about to be closed: all who wait go on, and deadlines are of no interest.
    pub fn unblock(&self) -> [Set; 2] {
        self.lock.with(|| {
            self.closing.set(true);
            [0, 1].map(|i| {
                let s = &self.sides[i];
                (s.take(CLOSING), s.forget())
            })
        })
    }

    /// Sets the deadline of the sides in `which` to `when`, 0 = none, negative = it has passed. Timers go to `home`.
    pub fn set_deadline(&self, which: [bool; 2], when: i64, home: &Timers) -> [Option<Set>; 2] {
        self.lock.with(|| {
            [0, 1].map(|i| {
                let s = &self.sides[i];
                (which[i] && !self.closing.get()).then(|| s.deadline(when, home))
            })
        })
    }

    /// The timer of setting `seq` of a deadline has fired.
    pub fn passed(&self, i: usize, seq: usize) -> Woken {
        self.lock.with(|| {
            let s = &self.sides[i];
            if s.seq.get() != seq {
                return Woken::default();
            }
            s.expired.set(true);
            s.take(TIMEOUT)
        })
    }

    fn error(&self, i: usize) -> usize {
        if self.closing.get() {
            CLOSING
        } else if self.sides[i].expired.get() {
            TIMEOUT
        } else {
            OK
        }
    }
}

impl Side {
    /// The goroutine that waits, which stops to.
    fn take(&self, result: usize) -> Woken {
        let g = self.state.get();
        if g <= READY {
            return Woken::default();
        }
        self.state.set(0);
        Woken { g, result }
    }

    fn deadline(&self, when: i64, home: &Timers) -> Set {
        self.seq.set(self.seq.get().wrapping_add(1));
        self.expired.set(when < 0);
        if when > 0 {
            let change = self
                .timer
                .reset(home, (when, 0), (self.seq.get(), 0), || false);
            return (Woken::default(), change);
        }
        let change = self.timer.stop(|| false);
        let woken = if when < 0 {
            self.take(TIMEOUT)
        } else {
            Woken::default()
        };
        (woken, change)
    }

    /// No deadline of the past counts any more.
    fn forget(&self) -> Change {
        self.seq.set(self.seq.get().wrapping_add(1));
        self.timer.stop(|| false)
    }
}

/// The descriptor is locked when the heap of the timer is not.
fn fire(t: &Timer, _late: i64) -> Fired {
    Fired::Later(passed, t.target.get(), t.seq.get())
}

/// Descriptor and side in one word.
fn passed(target: usize, seq: usize) -> usize {
    // SAFETY: descriptors are never freed.
    let d = unsafe { &*((target & !63) as *const PollDesc) };
    deliver(d.passed(target & 63, seq))
}

/// The goroutine to make runnable, which gets its result.
#[cfg(not(any(test, loom)))]
pub fn deliver(w: Woken) -> usize {
    use crate::gmp::G;
    use crate::sched::netpoll::WAITERS;
    use crate::sync::Ordering;
    // SAFETY: a parked goroutine that only the one who has taken it wakes.
    if let Some(g) = unsafe { (w.g as *const G).as_ref() } {
        g.sched.ret.set(w.result);
        WAITERS.fetch_sub(1, Ordering::SeqCst);
    }
    w.g
}

/// The same in tests and models, whose goroutines are words.
#[cfg(any(test, loom))]
pub fn deliver(w: Woken) -> usize {
    w.g
}

#[cfg(all(test, loom))]
#[path = "polldesc_model.rs"]
mod model;
