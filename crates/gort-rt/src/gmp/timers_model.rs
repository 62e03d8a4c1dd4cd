//! Models of a timer: the real stop, reset, watch and expiry, of threads that use one timer at once. Its channel is one of
//! the model: a lock and a value, which is the `when` of the setting that sent it.

use super::*;
use loom::sync::{Arc, Mutex};
use loom::thread;

/// A timer, two heaps for it, its channel.
struct World {
    timer: Timer,
    home: [Timers; 2],
    channel: Mutex<Option<i64>>,
    fired: AtomicUsize,
}

// SAFETY: what the models check.
unsafe impl Sync for World {}
// SAFETY: as above.
unsafe impl Send for World {}

/// Sends the time for which the timer was set.
fn send(t: &Timer, late: i64) -> Fired {
    // SAFETY: the world of the timer, which outlives it.
    let w = unsafe { &*(t.target.get() as *const World) };
    w.fired.fetch_add(1, Ordering::SeqCst);
    let mut value = w.channel.lock().unwrap();
    if value.is_none() {
        *value = Some(late);
    }
    Fired::Done
}

const HOUR: i64 = 1_000_000;

impl World {
    fn new(is_chan: bool) -> Arc<World> {
        let mut w = Arc::new(World {
            timer: Timer::new(send, 0, is_chan),
            home: [Timers::new(), Timers::new()],
            channel: Mutex::new(None),
            fired: AtomicUsize::new(0),
        });
        let at = core::ptr::from_ref::<World>(&w) as usize;
        Arc::get_mut(&mut w).unwrap().timer.target.set(at);
        w
    }

    fn recall(&self) -> bool {
        self.channel.lock().unwrap().take().is_some()
    }

    fn reset(&self, i: usize, when: i64, period: i64) -> bool {
        let setting = ((when, period), (0, 0));
        self.timer
            .reset(&self.home[i], setting.0, setting.1, || self.recall())
            .pending
    }

    fn stop(&self) -> bool {
        self.timer.stop(|| self.recall()).pending
    }

    /// Both Ps look for timers that are due by `now`; how many entries have left.
    fn expire(&self, now: i64) -> usize {
        self.home
            .iter()
            .map(|h| h.expire(now, 4, |_| {}).left)
            .sum()
    }

    fn value(&self) -> Option<i64> {
        *self.channel.lock().unwrap()
    }
}

/// After Stop nothing is received, and Stop has prevented exactly what it says.
#[test]
fn loom_stop_against_expiry() {
    for period in [0, 10] {
        loom::model(move || {
            let w = World::new(false);
            w.reset(0, 10, period);
            let w1 = w.clone();
            let p = thread::spawn(move || w1.expire(15));
            let pending = w.stop();
            assert_eq!(w.value(), None, "a value after Stop");
            p.join().unwrap();
            assert_eq!(w.value(), None, "a value after Stop");
            // Nobody had received it.
            assert!(pending);
            assert_eq!(w.expire(HOUR), 0);
        });
    }
}

/// After Reset nothing of the old setting is received.
#[test]
fn loom_reset_against_expiry() {
    loom::model(|| {
        let w = World::new(false);
        w.reset(0, 10, 0);
        let w1 = w.clone();
        let p = thread::spawn(move || w1.expire(15));
        assert!(w.reset(1, HOUR, 0));
        assert_eq!(w.value(), None, "a value of the old setting");
        p.join().unwrap();
        assert_eq!(w.value(), None, "a value of the old setting");
        assert_eq!((w.home[0].len(), w.home[1].len()), (0, 1));
        assert_eq!(w.expire(HOUR), 1);
        assert_eq!(w.value(), Some(0));
    });
}

/// Two threads set one timer, a third looks: it is in one heap, at the place it knows, and fires once for each setting at
/// most.
#[test]
fn loom_two_resets() {
    loom::model(|| {
        let w = World::new(false);
        w.reset(0, 10, 0);
        let (w1, w2) = (w.clone(), w.clone());
        let a = thread::spawn(move || w1.reset(1, HOUR, 0));
        let p = thread::spawn(move || w2.home[0].expire(15, 4, |_| {}).left);
        w.reset(0, HOUR, 0);
        a.join().unwrap();
        p.join().unwrap();
        assert_eq!(w.home[0].len() + w.home[1].len(), 1, "in two heaps");
        assert_eq!(w.expire(HOUR), 1);
        assert!(w.fired.load(Ordering::SeqCst) <= 2);
        assert!(w.stop(), "its value");
        assert!(!w.stop());
    });
}

/// A receiver comes while a timer without watchers is due: the value is not lost and comes once.
#[test]
fn loom_watch_against_poll() {
    loom::model(|| {
        let w = World::new(true);
        w.reset(0, 10, 0);
        assert_eq!(w.home[0].len(), 0);
        let w1 = w.clone();
        let looker = thread::spawn(move || {
            w1.timer.poll(|| 15);
        });
        let change = w.timer.watch(&w.home[0]);
        w.expire(15);
        let unwatched = w.timer.unwatch();
        looker.join().unwrap();
        assert_eq!(w.fired.load(Ordering::SeqCst), 1);
        assert!(change.moved == 0 || change.moved == 1);
        assert_eq!(unwatched.moved, 0);
        assert_eq!(w.value(), Some(5));
        assert_eq!(w.home[0].len(), 0);
    });
}

/// The last watcher goes while its timer fires.
#[test]
fn loom_unwatch_against_expiry() {
    loom::model(|| {
        let w = World::new(true);
        w.timer.watch(&w.home[0]);
        w.reset(0, 10, 0);
        let w1 = w.clone();
        let p = thread::spawn(move || w1.home[0].expire(15, 4, |_| {}).left);
        let moved = w.timer.unwatch().moved;
        let left = p.join().unwrap();
        assert_eq!(left as isize - moved, 1, "it leaves once");
        // Not sent yet: it waits outside and comes when somebody looks.
        w.timer.poll(|| 15);
        assert_eq!(w.value(), Some(5));
        assert_eq!(w.fired.load(Ordering::SeqCst), 1);
    });
}
