//! Random delays at the points where threads meet: before a lock is taken, after it is opened, around a park and
//! at changes of phase. They widen windows of some ten nanoseconds to some ten microseconds, so that a race that
//! shows itself once a month on a quiet machine shows itself in a minute of tests.
//!
//! Compiled into builds with assertions only (profile `checked`), switched on by `GODEBUG=gortchaos=N`: one point in
//! N delays (16 is a good number). A point costs a load while it is off.
//!
//! Delays are of three kinds, since each finds other faults: a short spin (another processor overtakes), a yield
//! (another thread of the same processor runs), and a sleep (the thread has lost its processor for long).

/// A point at which this thread may be delayed.
#[inline(always)]
pub fn point() {
    #[cfg(all(debug_assertions, not(any(test, loom))))]
    on::point();
}

#[cfg(all(debug_assertions, not(any(test, loom))))]
mod on {
    use crate::debug::CHAOS;
    use crate::os;
    use crate::sync::{AtomicU64, Ordering};

    static STATE: AtomicU64 = AtomicU64::new(0x9e37_79b9_7f4a_7c15);

    #[inline(always)]
    pub fn point() {
        let one_in = CHAOS.load(Ordering::Relaxed);
        if one_in > 0 {
            maybe(one_in as u64);
        }
    }

    #[cold]
    #[inline(never)]
    fn maybe(one_in: u64) {
        // Threads may see the same state and do the same: that is chaos, too.
        let mut x = STATE.load(Ordering::Relaxed) ^ os::nanotime() as u64;
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        STATE.store(x, Ordering::Relaxed);
        if !(x >> 8).is_multiple_of(one_in) {
            return;
        }
        match x % 8 {
            0..=4 => {
                let until = os::nanotime() + (x >> 32) as i64 % 30_000;
                while os::nanotime() < until {
                    core::hint::spin_loop();
                }
            }
            5 | 6 => os::osyield(),
            _ => os::usleep((x >> 32) % 60),
        }
    }
}
