//! Models of a descriptor: the real functions, of a goroutine that waits, the poller, deadlines and who closes it. Parking is
//! waiting for a flag, which the one who wakes sets.

use super::*;
use crate::sync::{AtomicUsize, Ordering};
use loom::sync::{Arc, Notify};
use loom::thread;

/// A goroutine of the models: its address is what the descriptor holds.
struct Parked {
    notify: Notify,
    result: AtomicUsize,
    wakes: AtomicUsize,
}

struct World {
    desc: PollDesc,
    home: Timers,
    g: Parked,
}

// SAFETY: what the models check.
unsafe impl Sync for World {}
// SAFETY: as above.
unsafe impl Send for World {}

fn wake(w: Woken) {
    if w.g != 0 {
        // SAFETY: the goroutine of a world that is alive.
        let g = unsafe { &*(w.g as *const Parked) };
        g.result.store(w.result, Ordering::SeqCst);
        g.wakes.fetch_add(1, Ordering::SeqCst);
        g.notify.notify();
    }
}

impl Side {
    fn new() -> Side {
        Side {
            state: Cell::new(0),
            expired: Cell::new(false),
            seq: Cell::new(0),
            timer: Timer::new(fire, 0, false),
        }
    }
}

impl World {
    fn new() -> Arc<World> {
        let w = Arc::new(World {
            desc: PollDesc {
                lock: SpinLock::new(),
                closing: Cell::new(false),
                sides: [Side::new(), Side::new()],
                fd: Cell::new(0),
                tag: Cell::new(0),
                next: Cell::new(core::ptr::null_mut()),
            },
            home: Timers::new(),
            g: Parked {
                notify: Notify::new(),
                result: AtomicUsize::new(9),
                wakes: AtomicUsize::new(0),
            },
        });
        w.desc.open(3);
        w
    }

    fn wait(&self) -> usize {
        let g = core::ptr::from_ref(&self.g) as usize;
        let park = || {
            self.desc.unlock();
            // loom's notifications come without reason, too.
            while self.g.wakes.load(Ordering::SeqCst) == 0 {
                self.g.notify.wait();
            }
            self.g.result.load(Ordering::SeqCst)
        };
        self.desc.wait(0, g, park).expect("double wait")
    }

    fn event(&self, tag: usize) {
        self.desc
            .event(tag, [true, false])
            .into_iter()
            .for_each(wake);
    }

    fn deadline(&self, when: i64) {
        let set = self.desc.set_deadline([true, false], when, &self.home);
        for (woken, _) in set.into_iter().flatten() {
            wake(woken);
        }
    }

    /// The P looks for timers.
    fn expire(&self, now: i64) {
        let mut later = Vec::new();
        self.home.expire(now, 4, |f| later.push(f));
        for f in later {
            if let Fired::Later(f, a, b) = f {
                let g = f(a, b);
                wake(Woken { g, result: TIMEOUT });
            }
        }
    }

    fn unblock(&self) {
        self.desc.unblock().into_iter().for_each(|(w, _)| wake(w));
    }
}

/// One event: whoever comes first, the wait ends.
#[test]
fn loom_wait_against_event() {
    loom::model(|| {
        let w = World::new();
        let w1 = w.clone();
        let poller = thread::spawn(move || w1.event(0));
        assert_eq!(w.wait(), OK);
        poller.join().unwrap();
    });
}

/// A deadline passes while it is moved into the future: what is read after that does not time out.
#[test]
fn loom_deadline_moved_while_it_passes() {
    loom::model(|| {
        let w = World::new();
        w.deadline(10);
        let w1 = w.clone();
        let p = thread::spawn(move || w1.expire(15));
        w.deadline(1_000_000);
        assert_eq!(w.desc.reset(0), OK, "spurious time-out");
        p.join().unwrap();
        assert_eq!(w.desc.reset(0), OK, "spurious time-out");
        w.expire(1_000_000);
        assert_eq!(w.desc.reset(0), TIMEOUT);
    });
}

/// The deadline, the event and the end come at once: the goroutine is woken by one of them, with its result.
#[test]
fn loom_wait_against_all() {
    loom::model(|| {
        let w = World::new();
        w.deadline(10);
        let (w1, w2) = (w.clone(), w.clone());
        let poller = thread::spawn(move || w1.event(0));
        let p = thread::spawn(move || {
            w2.expire(15);
            w2.unblock();
        });
        let result = w.wait();
        poller.join().unwrap();
        p.join().unwrap();
        assert!([OK, CLOSING, TIMEOUT].contains(&result));
        assert!(w.g.wakes.load(Ordering::SeqCst) <= 1);
        assert_eq!(w.desc.reset(0), CLOSING);
        assert_eq!(w.home.len(), 0);
    });
}

/// A descriptor is closed and used again while an event and a deadline of its past are on their way.
#[test]
fn loom_reuse() {
    loom::model(|| {
        let w = World::new();
        w.deadline(10);
        let (w1, w2) = (w.clone(), w.clone());
        let p = thread::spawn(move || w1.expire(15));
        let poller = thread::spawn(move || w2.event(0));
        w.unblock();
        w.desc.close();
        let tag = w.desc.open(4);
        assert_ne!(tag, 0);
        p.join().unwrap();
        poller.join().unwrap();
        assert_eq!(
            w.desc.sides[0].state.get(),
            0,
            "event of another descriptor"
        );
        assert_eq!(w.desc.reset(0), OK, "time-out of another descriptor");
    });
}
