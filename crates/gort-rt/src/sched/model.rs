//! A loom model of the protocol between `gopark` and `goready`: a receiver queues itself under the
//! channel's lock, is marked waiting, and only then is the lock opened; a sender dequeues it under the
//! lock and makes it runnable. The waker must always find it waiting, and no wake-up may be lost.

use loom::sync::Arc;
use loom::sync::Mutex;
use loom::sync::atomic::{AtomicU32, Ordering};

const RUNNING: u32 = 2;
const WAITING: u32 = 4;
const RUNNABLE: u32 = 1;

#[derive(Default)]
struct Chan {
    waiting: bool,
    value: Option<u32>,
}

#[test]
fn park_and_ready() {
    loom::model(|| {
        let c = Arc::new(Mutex::new(Chan::default()));
        let status = Arc::new(AtomicU32::new(RUNNING));
        let (c2, status2) = (c.clone(), status.clone());
        let sender = loom::thread::spawn(move || {
            let mut ch = c2.lock().unwrap();
            let wake = std::mem::take(&mut ch.waiting);
            if !wake {
                ch.value = Some(7);
            }
            drop(ch);
            if wake {
                assert_eq!(
                    status2.load(Ordering::Relaxed),
                    WAITING,
                    "bad g->status in ready"
                );
                status2.store(RUNNABLE, Ordering::Release);
            }
            wake
        });
        let mut ch = c.lock().unwrap();
        let got = ch.value.take();
        if got.is_none() {
            ch.waiting = true;
            status.store(WAITING, Ordering::Release); // before the lock is opened
        }
        drop(ch);
        let woken = sender.join().unwrap();
        assert!(got.is_some() != woken, "lost or doubled wake-up");
        if woken {
            assert_eq!(status.load(Ordering::Acquire), RUNNABLE);
        }
    });
}
