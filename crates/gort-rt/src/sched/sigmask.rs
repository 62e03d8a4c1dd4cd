//! Which signals the program has asked for, and which wait for its receiver, as masks with a bit a signal (1 to 64, bit 0
//! is signal 1).
//!
//! The handler looks whether somebody wants a signal and then marks it. Between the two, somebody else may stop wanting it, and
//! wait until what has arrived is with the receiver; so the handler counts itself before it looks. Without that count a signal
//! was lost between the last `signal.Stop` and the channel that it stops, as seldom as the two met.

use crate::sync::{AtomicU32, AtomicU64, Ordering, seq_cst_in_models};

/// The masks. All that is done with them may interrupt anything else.
pub struct SigMask {
    wanted: AtomicU64,
    pending: AtomicU64,
    /// Handlers between their look at `wanted` and the mark in `pending`.
    delivering: AtomicU32,
}

fn bit(sig: usize) -> u64 {
    1 << (sig - 1)
}

impl SigMask {
    /// Nothing wanted, nothing there.
    #[cfg(not(loom))]
    pub const fn new() -> SigMask {
        SigMask {
            wanted: AtomicU64::new(0),
            pending: AtomicU64::new(0),
            delivering: AtomicU32::new(0),
        }
    }

    /// The same, of loom's atomics.
    #[cfg(loom)]
    pub fn new() -> SigMask {
        SigMask {
            wanted: AtomicU64::new(0),
            pending: AtomicU64::new(0),
            delivering: AtomicU32::new(0),
        }
    }

    /// Somebody wants the signal.
    pub fn want(&self, sig: usize) {
        self.wanted.fetch_or(bit(sig), Ordering::SeqCst);
    }

    /// Nobody does any more.
    pub fn unwant(&self, sig: usize) {
        self.wanted.fetch_and(!bit(sig), Ordering::SeqCst);
    }

    /// In the handler: marks the signal if somebody wants it, and wakes the receiver; whether it did.
    pub fn deliver(&self, sig: usize, wake: impl FnOnce()) -> bool {
        self.delivering.fetch_add(1, Ordering::SeqCst);
        seq_cst_in_models();
        let wanted = self.wanted.load(Ordering::SeqCst) & bit(sig) != 0;
        if wanted {
            self.pending.fetch_or(bit(sig), Ordering::AcqRel);
            wake();
        }
        self.delivering.fetch_sub(1, Ordering::Release);
        wanted
    }

    /// The lowest signal that waits. Only the receiver takes any.
    pub fn take(&self) -> Option<usize> {
        let pending = self.pending.load(Ordering::Acquire);
        if pending == 0 {
            return None;
        }
        let sig = pending.trailing_zeros() as usize + 1;
        self.pending.fetch_and(!bit(sig), Ordering::AcqRel);
        Some(sig)
    }

    /// Whether signals wait to be taken, or are about to.
    pub fn any(&self) -> bool {
        seq_cst_in_models();
        self.delivering.load(Ordering::SeqCst) != 0 || self.pending.load(Ordering::Acquire) != 0
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::SigMask;
    use loom::sync::Arc;

    /// What the handler has kept from the default action is seen by who stops wanting it and waits.
    #[test]
    fn arrival_and_stop() {
        loom::model(|| {
            let masks = Arc::new(SigMask::new());
            masks.want(2);
            let handler = masks.clone();
            let handler = loom::thread::spawn(move || handler.deliver(2, || {}));
            masks.unwant(2);
            let stopped = !masks.any();
            let kept = handler.join().unwrap();
            assert!(!(stopped && kept), "a signal is lost");
            assert_eq!(masks.take(), kept.then_some(2));
            assert!(!masks.any());
        });
    }
}
