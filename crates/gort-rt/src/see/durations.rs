//! Histograms of durations, as runtime/metrics shows them: buckets of powers of two from 256 ns to 2^47 ns (39 hours), four
//! parts each; below 256 ns steps of 64 ns; one bucket for what is negative and one for what is longer.

use crate::sync::{AtomicU64, Ordering};

/// Buckets, those at both ends included. The overlay has the same number (`std_metrics.go`).
pub const BUCKETS: usize = 162;

/// A histogram.
pub struct Durations([AtomicU64; BUCKETS]);

/// World stops: until all others stood still; the second are those for the collector.
pub static STOPPING: [Durations; 2] = [const { Durations::new() }; 2];
/// The same, until they went on.
pub static STOPPED: [Durations; 2] = [const { Durations::new() }; 2];

impl Durations {
    const fn new() -> Durations {
        Durations([const { AtomicU64::new(0) }; BUCKETS])
    }

    /// Counts a duration in nanoseconds.
    pub fn add(&self, ns: i64) {
        self.0[bucket(ns)].fetch_add(1, Ordering::Relaxed);
    }

    /// The counts.
    pub fn read(&self, out: &mut [u64; BUCKETS]) {
        for (to, n) in out.iter_mut().zip(&self.0) {
            *to = n.load(Ordering::Relaxed);
        }
    }
}

fn bucket(ns: i64) -> usize {
    let Ok(ns) = u64::try_from(ns) else {
        return 0;
    };
    let bits = (64 - ns.leading_zeros()).max(8);
    // The two bits below the highest; below 256 the two highest of eight.
    let step = if bits == 8 { 6 } else { bits - 3 };
    let part = (ns >> step & 3) as usize;
    (1 + (bits as usize - 8) * 4 + part).min(BUCKETS - 1)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn buckets_follow_each_other() {
        assert_eq!(bucket(-1), 0);
        assert_eq!([0, 63, 64, 255].map(bucket), [1, 1, 2, 4]);
        assert_eq!([256, 319, 320, 511, 512].map(bucket), [5, 5, 6, 8, 9]);
        assert_eq!(
            [(1 << 47) - 1, 1 << 47, i64::MAX].map(bucket),
            [160, 161, 161]
        );
        let all: Vec<usize> = (0..1 << 13).map(bucket).collect();
        assert!(all.windows(2).all(|w| w[1] - w[0] <= 1));
    }
}
