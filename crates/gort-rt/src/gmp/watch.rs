//! The watcher's state: whether some M waits for timers and descriptors, and until when.
//!
//! The watcher says how long it will sleep and then looks at the timers once more; whoever adds a timer puts it into
//! its heap and then asks whether the watcher means to sleep longer. Between the two steps of each stands a full
//! barrier: one of them sees the other.

use crate::sync::{AtomicI64, Ordering, fence};

/// The place of the one M that waits in the poller.
pub struct Watch {
    /// 0 while it is taken, else about when the poller was last asked (nanotime).
    last: AtomicI64,
    /// Until when the watcher sleeps: nanotime, `i64::MAX` without limit, 0 = nobody sleeps.
    until: AtomicI64,
}

impl Watch {
    /// Vacant. The clock is not asked before somebody needs it.
    #[cfg(not(loom))]
    pub const fn new() -> Watch {
        Watch {
            last: AtomicI64::new(1),
            until: AtomicI64::new(0),
        }
    }

    /// The same, of loom's atomics.
    #[cfg(loom)]
    pub fn new() -> Watch {
        Watch {
            last: AtomicI64::new(1),
            until: AtomicI64::new(0),
        }
    }

    /// Whether nobody watches.
    #[inline(always)]
    pub fn is_vacant(&self) -> bool {
        self.last.load(Ordering::SeqCst) != 0
    }

    /// When the poller was last asked, if nobody watches.
    pub fn last(&self) -> Option<i64> {
        match self.last.load(Ordering::Relaxed) {
            0 => None,
            at => Some(at),
        }
    }

    /// Somebody asks the poller at `now` in the watcher's place; false if somebody else was faster.
    pub fn asks(&self, last: i64, now: i64) -> bool {
        self.last
            .compare_exchange(last, now, Ordering::SeqCst, Ordering::SeqCst)
            .is_ok()
    }

    /// Takes the place, if it is vacant: sleeping without limit until [`Watch::sleeps_until`] says otherwise. Behind
    /// this the caller looks at the timers.
    pub fn take(&self) -> bool {
        if self.last.swap(0, Ordering::SeqCst) == 0 {
            return false;
        }
        self.until.store(i64::MAX, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        true
    }

    /// How long the watcher sleeps.
    pub fn sleeps_until(&self, when: i64) {
        self.until.store(when, Ordering::SeqCst);
    }

    /// The watcher is awake at `now` and leaves.
    pub fn leave(&self, now: i64) {
        self.until.store(0, Ordering::SeqCst);
        self.last.store(now, Ordering::SeqCst);
    }

    /// A timer due at `when` is in its heap: whether there is a watcher that means to sleep longer.
    pub fn oversleeps(&self, when: i64) -> bool {
        fence(Ordering::SeqCst);
        if self.is_vacant() {
            return false;
        }
        let until = self.until.load(Ordering::SeqCst);
        until == 0 || until > when
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::Watch;
    use crate::sync::{AtomicBool, AtomicI64, AtomicU32, Ordering};
    use loom::sync::{Arc, Mutex};

    /// A timer is added while the watcher goes to sleep: it sleeps no longer than the timer, or is interrupted.
    #[test]
    fn timer_and_watcher() {
        loom::model(|| {
            let state = Arc::new((Watch::new(), AtomicI64::new(0), AtomicBool::new(false)));
            let s = state.clone();
            let adder = loom::thread::spawn(move || {
                s.1.store(5, Ordering::Release);
                if s.0.oversleeps(5) {
                    s.2.store(true, Ordering::Relaxed);
                }
            });
            let (watch, first, interrupted) = &*state;
            assert!(watch.take());
            let until = match first.load(Ordering::Acquire) {
                0 => i64::MAX,
                when => when,
            };
            watch.sleeps_until(until);
            adder.join().unwrap();
            assert!(
                until <= 5 || interrupted.load(Ordering::Relaxed),
                "overslept"
            );
        });
    }

    /// A P is handed off (`handoffp`) while the watcher wakes up, takes the other, idle P and loses it at once in the
    /// same way, and a timer exists: in the end one of the two has started an M that will watch.
    #[test]
    fn last_ps_become_idle() {
        const PROCS: u32 = 2;
        type State = (Watch, Mutex<u32>, AtomicU32);
        fn handoff(s: &State) {
            let mut idle = s.1.lock().unwrap();
            if *idle == PROCS - 1 && s.0.is_vacant() {
                s.2.fetch_add(1, Ordering::Relaxed);
            } else {
                *idle += 1;
            }
        }
        loom::model(|| {
            let state = Arc::new((Watch::new(), Mutex::new(1u32), AtomicU32::new(0)));
            assert!(state.0.take());
            let s = state.clone();
            let other = loom::thread::spawn(move || handoff(&s));
            state.0.leave(7);
            let taken = {
                let mut idle = state.1.lock().unwrap();
                let some = *idle > 0;
                *idle -= u32::from(some);
                some
            };
            if taken {
                handoff(&state);
            }
            other.join().unwrap();
            let idle = *state.1.lock().unwrap();
            let started = state.2.load(Ordering::Relaxed);
            assert!(started > 0 || idle < PROCS, "nobody watches");
        });
    }
}
