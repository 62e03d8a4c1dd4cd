//! Models of a bucket: the real functions, with a semaphore, sleepers and releasers of the model. Parking is waiting for a
//! flag, which whoever has the sleeper from `release` sets.

use super::*;
use loom::sync::Arc;
use loom::sync::Notify;
use loom::thread;

/// Not woken yet; else whether the unit was handed over.
const ASLEEP: u32 = 2;

/// The semaphore, its bucket, and what sleepers wait for.
struct World {
    bucket: Bucket,
    sema: AtomicU32,
    sudogs: [Sudog; 2],
    woken: [Notify; 2],
    given: [AtomicU32; 2],
}

// SAFETY: sudogs are handed over under the bucket's lock.
unsafe impl Sync for World {}
// SAFETY: as above.
unsafe impl Send for World {}

impl World {
    fn new(units: u32) -> Arc<World> {
        Arc::new(World {
            bucket: Bucket::new(),
            sema: AtomicU32::new(units),
            sudogs: [Sudog::new(), Sudog::new()],
            woken: [Notify::new(), Notify::new()],
            given: [AtomicU32::new(ASLEEP), AtomicU32::new(ASLEEP)],
        })
    }

    /// What the overlay's semacquire1 does; how often it slept.
    fn acquire(&self, i: usize) -> u32 {
        let mut sleeps = 0;
        let park = || {
            self.bucket.unlock();
            // loom's notifications come without reason, too.
            while self.given[i].load(Ordering::SeqCst) == ASLEEP {
                self.woken[i].wait();
            }
            self.given[i].swap(ASLEEP, Ordering::SeqCst) == 1
        };
        while !self
            .bucket
            .acquire(&self.sema, &self.sudogs[i], (sleeps > 0, || i as u32), park)
        {
            sleeps += 1;
        }
        sleeps
    }

    /// What `rt_semrelease` does; whether it handed its unit over.
    fn release(&self, handoff: bool) -> bool {
        let Some((s, given)) = self.bucket.release(&self.sema, handoff, |_| {}) else {
            return false;
        };
        let i = usize::from(core::ptr::eq(s, &self.sudogs[1]));
        self.given[i].store(u32::from(given), Ordering::SeqCst);
        self.woken[i].notify();
        given
    }
}

/// Every interleaving in which threads lose their processor in at most `n` unfortunate places; all of them would take hours.
fn check(n: usize, f: impl Fn() + Sync + Send + 'static) {
    let mut b = loom::model::Builder::new();
    b.preemption_bound = Some(n);
    b.check(f);
}

/// No wake-up is lost: two sleepers and two units end with nobody asleep and no unit left.
#[test]
fn loom_acquire_and_release() {
    check(3, || {
        let w = World::new(0);
        let (w1, w2) = (w.clone(), w.clone());
        let a = thread::spawn(move || w1.acquire(0));
        let b = thread::spawn(move || w2.acquire(1));
        w.release(false);
        w.release(false);
        a.join().unwrap();
        b.join().unwrap();
        assert_eq!(w.sema.load(Ordering::SeqCst), 0);
        assert_eq!(w.bucket.nwait.load(Ordering::SeqCst), 0);
        assert!(
            w.bucket
                .sleepers
                .dequeue(core::ptr::from_ref(&w.sema) as usize)
                .is_none()
        );
    });
}

/// The same with one of each: every interleaving.
#[test]
fn loom_one_sleeper() {
    loom::model(|| {
        let w = World::new(0);
        let w1 = w.clone();
        let a = thread::spawn(move || w1.acquire(0));
        let given = w.release(true);
        let sleeps = a.join().unwrap();
        assert!(
            !given || sleeps == 0,
            "a sleeper that was given its unit asks no more"
        );
        assert_eq!(w.sema.load(Ordering::SeqCst), 0);
        assert_eq!(w.bucket.nwait.load(Ordering::SeqCst), 0);
    });
}

/// A unit that has been handed over is the sleeper's alone, whoever comes in between.
#[test]
fn loom_handoff_against_a_third() {
    check(3, || {
        let w = World::new(1);
        // The holder of the only unit.
        assert!(try_take(&w.sema));
        let (w1, w2) = (w.clone(), w.clone());
        let inside = Arc::new(AtomicU32::new(0));
        let (i1, i2) = (inside.clone(), inside.clone());
        let a = thread::spawn(move || {
            w1.acquire(0);
            assert_eq!(i1.fetch_add(1, Ordering::SeqCst), 0, "two hold the unit");
            i1.fetch_sub(1, Ordering::SeqCst);
            w1.release(false);
        });
        let third = thread::spawn(move || {
            if try_take(&w2.sema) {
                assert_eq!(i2.fetch_add(1, Ordering::SeqCst), 0, "two hold the unit");
                i2.fetch_sub(1, Ordering::SeqCst);
                w2.release(false);
            }
        });
        w.release(true);
        a.join().unwrap();
        third.join().unwrap();
        assert_eq!(w.sema.load(Ordering::SeqCst), 1);
    });
}
