//! The heap profile: which calls allocate, and how much of that is still alive. Of every `runtime.MemProfileRate` bytes on
//! average one object is taken as a sample; a record on its span says when it dies.
//!
//! The allocator calls [`sample`] for the object at which its count of bytes has passed what [`next_sample`] said. A
//! sample is counted in the bucket of its stack and size. Stacks are return addresses; calls that were inlined are told
//! apart when the profile is read.
//!
//! Objects that died are only known once a cycle has swept. So that a profile does not show as alive what a sweep is about to
//! free, counts become visible together, as of the end of one cycle's marking: allocations wait for two ends, frees for one.
//! The rule, and three places for counts that wait, are official Go's.
//!
//! A program that mentions neither `MemProfile` nor `MemProfileRate` has no such variable, and no samples.

#[cfg(not(test))]
pub use table::{flush, is_every, next_cycle, next_sample, sample, sample_freed, swept};

use crate::sync::{AtomicU64, Ordering};

/// Allocations and frees.
#[derive(Default)]
struct Pair {
    allocs: AtomicU64,
    frees: AtomicU64,
}

/// The counts of a bucket: those that are visible, and those that wait.
#[derive(Default)]
struct Counts {
    active: Pair,
    future: [Pair; 3],
}

impl Counts {
    /// Something was allocated in cycle number `cycle`.
    fn allocated(&self, cycle: u32) {
        let to = &self.future[(cycle.wrapping_add(2) % 3) as usize];
        to.allocs.fetch_add(1, Ordering::Relaxed);
    }

    /// A sweep of cycle number `cycle` has freed one.
    fn freed(&self, cycle: u32) {
        let to = &self.future[(cycle.wrapping_add(1) % 3) as usize];
        to.frees.fetch_add(1, Ordering::Relaxed);
    }

    /// Makes visible what waits at a place.
    fn publish(&self, place: u32) {
        let from = &self.future[(place % 3) as usize];
        for (from, to) in [
            (&from.allocs, &self.active.allocs),
            (&from.frees, &self.active.frees),
        ] {
            to.fetch_add(from.swap(0, Ordering::Relaxed), Ordering::Relaxed);
        }
    }

    /// Visible allocations and frees.
    fn visible(&self) -> [u64; 2] {
        [&self.active.allocs, &self.active.frees].map(|n| n.load(Ordering::Relaxed))
    }
}

/// The distance to the next sample if one of `rate` bytes is to be taken: exponentially distributed, so that the chance of a
/// byte does not depend on those before it. `random` is any number.
fn distance(rate: u64, random: u64) -> u64 {
    const BITS: u32 = 26;
    // As far as the largest distance stays below 2^31.
    let rate = rate.min(0x700_0000) as f64;
    let q = (random & ((1 << BITS) - 1)) + 1;
    // -ln(q / 2^26): the power of two, and the series of the rest around 1.
    let power = q.ilog2();
    let m = q as f64 / (1u64 << power) as f64;
    let t = (m - 1.0) / (m + 1.0);
    let t2 = t * t;
    let ln_m = 2.0 * t * (1.0 + t2 * (1.0 / 3.0 + t2 * (0.2 + t2 * (1.0 / 7.0 + t2 / 9.0))));
    let x = f64::from(BITS - power) * core::f64::consts::LN_2 - ln_m;
    (x.max(0.0) * rate) as u64 + 1
}

/// The buckets.
#[cfg(not(test))]
mod table {
    use super::{Counts, distance};
    use crate::arch::getm;
    use crate::gc::special;
    use crate::gc::speciallist::Kind;
    use crate::mem::heap;
    use crate::sched::choose::random;
    use crate::see::stacktable::{Bucket, DEPTH, StackTable};
    use crate::symtab::functab;
    use crate::symtab::unwind::Frames;
    use crate::sync::{AtomicU32, Ordering};
    use core::arch::global_asm;

    // 0 where the program has no such variable.
    global_asm!(
        r#"
    .section .rodata.rt_memprofilerate,"a",@progbits
    .p2align 3
    .weak runtime.MemProfileRate
    .globl rt_memprofilerate
rt_memprofilerate:
    .quad runtime.MemProfileRate
    .text
"#
    );
    unsafe extern "C" {
        static rt_memprofilerate: usize;
    }

    /// Samples of one stack and size.
    static TABLE: StackTable<Counts> = StackTable::new();

    /// The number of cycles whose marking has ended.
    static CYCLE: AtomicU32 = AtomicU32::new(0);
    /// Whether each object is to be a sample. Programs may change that at any time.
    pub fn is_every() -> bool {
        // SAFETY: as in `next_sample`.
        unsafe {
            let at = rt_memprofilerate;
            at != 0 && (at as *const isize).read_volatile() == 1
        }
    }

    /// After how many bytes of objects the next sample is to be taken; 0 means each object, none means never.
    pub fn next_sample() -> Option<u64> {
        // SAFETY: written by the assembler.
        let at = unsafe { rt_memprofilerate };
        if at == 0 {
            return None;
        }
        // SAFETY: the address of the program's variable, an int, which is read in one piece.
        match unsafe { (at as *const isize).read_volatile() } {
            1 => Some(0),
            rate if rate > 1 => Some(distance(rate as u64, random())),
            _ => None,
        }
    }

    /// Takes the object at `addr`, of `size` bytes with what its size class adds, as a sample. It has just been allocated by
    /// the running goroutine, whose native this is; the caller holds no lock.
    pub fn sample(addr: usize, size: usize) {
        let Some(span) = heap::span_of(addr) else {
            return;
        };
        let mut pcs = [0; DEPTH];
        let mut n = 0;
        for (to, f) in pcs.iter_mut().zip(Frames::from_native(getm().g(), None)) {
            *to = f.lookup_pc() + 1;
            n += 1;
        }
        let bucket = TABLE.bucket(&pcs[..n], size);
        bucket.counts.allocated(CYCLE.load(Ordering::Relaxed));
        let word = core::ptr::from_ref(bucket) as usize;
        let s = special::new(span, addr, Kind::Profile, [word, 0, 0]);
        if !special::with(span, |l| l.add(s, false)) {
            // Another object of a block of tiny ones.
            special::free(s);
        }
    }

    /// The object of a sample was swept; `bucket` is the word of its record.
    pub fn sample_freed(bucket: usize) {
        // SAFETY: records of samples hold buckets.
        if let Some(b) = unsafe { Bucket::<Counts>::at(bucket) } {
            b.counts.freed(CYCLE.load(Ordering::Relaxed));
        }
    }

    fn publish(place: u32) {
        TABLE.with(|all| all.for_each(|b| b.counts.publish(place)));
    }

    /// Marking has ended; the world is stopped.
    pub fn next_cycle() {
        CYCLE.fetch_add(1, Ordering::Relaxed);
    }

    /// Soon after [`next_cycle`], with the world running, and before the next cycle.
    pub fn flush() {
        publish(CYCLE.load(Ordering::Relaxed));
    }

    /// Everything of this cycle has been swept.
    pub fn swept() {
        publish(CYCLE.load(Ordering::Relaxed) + 1);
    }

    /// The profile: for each bucket with samples alive (or any, if `all`) its size, allocations, frees, number of return
    /// addresses, and those. The result is the number of words that this needs; if that is more than `n`, the buffer has only
    /// the first of them.
    ///
    /// # Safety
    /// `buf` has `n` words.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn rt_memprofile(buf: *mut usize, n: usize, all: bool) -> usize {
        flush();
        TABLE.with(|buckets| {
            if buckets.clone().all(|b| b.counts.visible() == [0, 0]) {
                // No cycle yet: what is known so far.
                let each = buckets.clone();
                each.for_each(|b| (0..3).for_each(|place| b.counts.publish(place)));
            }
            let mut need = 0;
            for b in buckets {
                let [allocs, frees] = b.counts.visible();
                if !all && allocs == frees {
                    continue;
                }
                // SAFETY: the caller's buffer, as far as it goes.
                let put = |at: usize, word: usize| unsafe {
                    if at < n {
                        *buf.add(at) = word;
                    }
                };
                let mut count = 0;
                for &pc in b.stack() {
                    for loc in functab::locations(pc - 1).filter(|loc| !loc.wrapper) {
                        put(need + 4 + count, loc.pc + 1);
                        count += 1;
                    }
                }
                for (i, word) in [b.key, allocs as usize, frees as usize, count]
                    .into_iter()
                    .enumerate()
                {
                    put(need + i, word);
                }
                need += 4 + count;
            }
            need
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_sweep_will_free_is_never_shown_alive() {
        let (c, mut cycle) = (Counts::default(), 0);
        // What is allocated in cycle 0 and dies there is swept after the end of its marking.
        c.allocated(cycle);
        cycle += 1;
        c.publish(cycle); // flush
        assert_eq!(c.visible(), [0, 0]);
        c.freed(cycle);
        c.publish(cycle + 1); // swept
        assert_eq!(c.visible(), [1, 1]);
        // What lives is seen when the sweep of the next cycle shows that it does.
        c.allocated(cycle);
        cycle += 1;
        c.publish(cycle);
        assert_eq!(c.visible(), [1, 1]);
        c.publish(cycle + 1);
        assert_eq!(c.visible(), [2, 1]);
    }

    #[test]
    fn distances_have_the_mean_that_was_asked_for() {
        let rate = 512 * 1024;
        let (mut x, mut sum, mut short) = (1u64, 0u64, 0u64);
        const N: u64 = 100_000;
        for _ in 0..N {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let d = distance(rate, x >> 30);
            assert!(d >= 1 && d < 20 * rate);
            sum += d;
            short += u64::from(d < rate);
        }
        let mean = sum / N;
        assert!(mean.abs_diff(rate) < rate / 50, "{mean}");
        // 1 - 1/e of them are shorter than the mean.
        assert!((short * 1000 / N).abs_diff(632) < 10, "{short}");
        assert_eq!(distance(1, (1 << 26) - 1), 1);
        assert!(distance(u64::MAX, 0) < 1 << 31);
    }
}
