//! Who looks for work: the counts behind the rule that nothing runnable is forgotten (`sched/idle.rs`), with the order
//! of memory that the rule needs.
//!
//! A waker queues first and then counts ([`Lookers::claim`]); an M that gives up stops to count first and then looks at
//! the queues once more ([`Lookers::end`]). Between the two steps of each stands a full barrier, so that one of them
//! sees the other. Wakers come a million times as often as Ms give up, so the barrier is one-sided ([`crate::barrier`]): a
//! fence in `claim` cost a third of the speed of 64 pairs of goroutines that hand each other a value. `need` is left behind by a waker that found nobody to start, for the P that is just about to
//! become idle; it is written and read with the lock of the idle list held.

use crate::barrier;
use crate::sync::{AtomicBool, AtomicI32, AtomicU32, Ordering};

/// Counts of idle Ps and of Ms that look for work.
pub struct Lookers {
    idle: AtomicU32,
    spinning: AtomicI32,
    need: AtomicBool,
}

impl Lookers {
    /// Nobody idle, nobody looking.
    #[cfg(not(loom))]
    pub const fn new() -> Lookers {
        Lookers {
            idle: AtomicU32::new(0),
            spinning: AtomicI32::new(0),
            need: AtomicBool::new(false),
        }
    }

    /// The same, of loom's atomics.
    #[cfg(loom)]
    pub fn new() -> Lookers {
        Lookers {
            idle: AtomicU32::new(0),
            spinning: AtomicI32::new(0),
            need: AtomicBool::new(false),
        }
    }

    /// Number of idle Ps; a snapshot unless the lock of the idle list is held.
    #[inline(always)]
    pub fn idle(&self) -> u32 {
        self.idle.load(Ordering::Relaxed)
    }

    /// A P has come on the idle list (+1) or left it (-1); its lock is held.
    pub fn count_idle(&self, d: i32) {
        self.idle
            .store(self.idle().wrapping_add_signed(d), Ordering::Release);
    }

    /// Number of Ms that look; a snapshot.
    #[inline(always)]
    pub fn spinning(&self) -> i32 {
        self.spinning.load(Ordering::Relaxed)
    }

    /// Whether a waker has missed an idle P; the lock of the idle list is held, or this is a snapshot.
    pub fn needed(&self) -> bool {
        self.need.load(Ordering::Relaxed)
    }

    /// One more M looks.
    pub fn begin(&self) {
        self.spinning.fetch_add(1, Ordering::SeqCst);
        self.need.store(false, Ordering::Relaxed);
    }

    /// One M less looks. Behind this the caller looks at all queues once more.
    pub fn end(&self) {
        self.spinning.fetch_sub(1, Ordering::SeqCst);
        barrier::heavy();
    }

    /// For one who has just queued something: whether it shall start an M, which is counted as looking already.
    #[inline(always)]
    pub fn claim(&self) -> bool {
        barrier::light();
        self.idle() != 0 && self.spinning() == 0 && self.claim_first()
    }

    /// Becomes the first to look, counted; false if somebody does.
    pub fn claim_first(&self) -> bool {
        self.spinning
            .compare_exchange(0, 1, Ordering::SeqCst, Ordering::SeqCst)
            .is_ok()
    }

    /// What became of a claim, with the lock of the idle list held: an M is started (`found` an idle P), or there was
    /// none, and the next P that would become idle looks instead.
    pub fn settle(&self, found: bool) {
        self.need.store(!found, Ordering::Relaxed);
        if !found {
            self.spinning.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::Lookers;
    use crate::sync::{AtomicUsize, Ordering};
    use loom::sync::{Arc, Mutex};

    struct World {
        look: Lookers,
        /// The idle Ps, and the lock of their list.
        idle: Mutex<u32>,
        /// The run queue of a P that is busy.
        queue: AtomicUsize,
        started: AtomicUsize,
    }

    fn world(idle: u32) -> Arc<World> {
        let w = World {
            look: Lookers::new(),
            idle: Mutex::new(idle),
            queue: AtomicUsize::new(0),
            started: AtomicUsize::new(0),
        };
        w.look.count_idle(idle as i32);
        Arc::new(w)
    }

    /// Somebody with a P of its own makes a goroutine runnable.
    fn waker(w: &World) {
        w.queue.store(1, Ordering::Release);
        if w.look.claim() {
            let mut idle = w.idle.lock().unwrap();
            let found = *idle > 0;
            w.look.settle(found);
            if found {
                *idle -= 1;
                w.look.count_idle(-1);
                w.started.store(1, Ordering::Relaxed);
            }
        }
    }

    /// A spinning M that has found nothing gives up its P; whether it goes on looking.
    fn give_up(w: &World) -> bool {
        let mut idle = w.idle.lock().unwrap();
        *idle += 1;
        w.look.count_idle(1);
        drop(idle);
        w.look.end();
        w.queue.load(Ordering::Acquire) != 0
    }

    /// A waker against the last spinning M: the goroutine is seen, or somebody is started for it.
    #[test]
    fn waker_and_last_spinner() {
        loom::model(|| {
            let w = world(0);
            w.look.begin();
            let w2 = w.clone();
            let spinner = loom::thread::spawn(move || give_up(&w2));
            waker(&w);
            let looks = spinner.join().unwrap();
            assert!(looks || w.started.load(Ordering::Relaxed) == 1, "forgotten");
        });
    }

    /// A waker claims because a P is idle, and somebody else takes that P first, while a third P is handed off (its M
    /// blocks): the handed-off P looks in the waker's place, or the waker starts an M.
    #[test]
    fn waker_and_handoff() {
        loom::model(|| {
            let w = world(1);
            let w2 = w.clone();
            let handoff = loom::thread::spawn(move || {
                if w2.look.idle() == 0 && w2.look.claim_first() {
                    return true;
                }
                let mut idle = w2.idle.lock().unwrap();
                if w2.look.needed() {
                    return true;
                }
                *idle += 1;
                w2.look.count_idle(1);
                false
            });
            let w3 = w.clone();
            let taker = loom::thread::spawn(move || {
                let mut idle = w3.idle.lock().unwrap();
                if *idle > 0 {
                    *idle -= 1;
                    w3.look.count_idle(-1);
                }
            });
            waker(&w);
            let looks = handoff.join().unwrap();
            taker.join().unwrap();
            // The P that was taken and the waker's own are busy for long. A P that is idle beside the goroutine that
            // waits is the fault, unless the waker saw none when it looked: then all were busy.
            let started = w.started.load(Ordering::Relaxed) == 1;
            let idle = *w.idle.lock().unwrap();
            assert!(
                looks || started || idle == 0 || w.look.idle() == 0,
                "forgotten"
            );
        });
    }
}
