//! The run queue of a P: a ring with one producer (the P's owner) and many consumers, and `runnext`,
//! the G that goes before all others.
//!
//! The ring: `tail` is written by the owner only; `head` moves by compare-and-swap, by the owner taking
//! one or by a thief taking half. A slot is read before the swap of `head` that claims it; if the swap
//! fails, the reading is dropped. Items are opaque words here, so that loom can model the ring small.

use crate::sync::{AtomicU32, AtomicUsize, Ordering};

/// A ring of `N` words with a `next` slot in front. `N` is a power of two.
#[repr(C)]
pub struct Ring<const N: usize> {
    head: AtomicU32,
    tail: AtomicU32,
    next: AtomicUsize,
    slots: [AtomicUsize; N],
}

/// The run queue of a P.
pub type RunQueue = Ring<256>;

impl<const N: usize> Default for Ring<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Ring<N> {
    /// An empty ring.
    pub fn new() -> Self {
        Ring {
            head: AtomicU32::new(0),
            tail: AtomicU32::new(0),
            next: AtomicUsize::new(0),
            slots: core::array::from_fn(|_| AtomicUsize::new(0)),
        }
    }

    /// Whether ring and `next` are empty; a snapshot.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.ring_len() == 0 && self.next.load(Ordering::Relaxed) == 0
    }

    /// Length of the ring without `next`; a snapshot.
    #[inline(always)]
    pub fn ring_len(&self) -> u32 {
        let h = self.head.load(Ordering::Acquire);
        let t = self.tail.load(Ordering::Acquire);
        t.wrapping_sub(h)
    }

    /// Puts `item` into `next` and returns what was there (0 = nothing). Owner only.
    #[inline(always)]
    pub fn swap_next(&self, item: usize) -> usize {
        // While the slot is empty nobody else writes it: a plain store will do.
        let old = self.next.load(Ordering::Relaxed);
        if old == 0 {
            self.next.store(item, Ordering::Release);
            return 0;
        }
        self.next.swap(item, Ordering::AcqRel)
    }

    /// Appends `item`. When the ring is full, half of it and the item go to `overflow`, in order. Owner only.
    #[inline]
    pub fn put_tail(&self, item: usize, overflow: impl FnOnce(&[usize])) {
        loop {
            let h = self.head.load(Ordering::Acquire);
            let t = self.tail.load(Ordering::Relaxed);
            if (t.wrapping_sub(h) as usize) < N {
                self.slots[t as usize % N].store(item, Ordering::Relaxed);
                self.tail.store(t.wrapping_add(1), Ordering::Release);
                return;
            }
            let mut batch = [0usize; 129];
            let n = N / 2;
            for (i, slot) in batch.iter_mut().enumerate().take(n) {
                *slot = self.slots[(h as usize).wrapping_add(i) % N].load(Ordering::Relaxed);
            }
            let taken = self.head.compare_exchange(
                h,
                h.wrapping_add(n as u32),
                Ordering::Release,
                Ordering::Relaxed,
            );
            if taken.is_ok() {
                batch[n] = item;
                overflow(&batch[..=n]);
                return;
            }
        }
    }

    /// Takes `next`, else the head. The flag says that it was `next`. Owner only.
    #[inline(always)]
    pub fn get(&self) -> Option<(usize, bool)> {
        let n = self.next.load(Ordering::Relaxed);
        if n != 0
            && self
                .next
                .compare_exchange(n, 0, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
        {
            return Some((n, true));
        }
        loop {
            let h = self.head.load(Ordering::Acquire);
            let t = self.tail.load(Ordering::Relaxed);
            if t == h {
                return None;
            }
            let item = self.slots[h as usize % N].load(Ordering::Relaxed);
            let next = h.wrapping_add(1);
            if self
                .head
                .compare_exchange(h, next, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
            {
                return Some((item, false));
            }
        }
    }

    /// Takes half of the ring into `out` and returns how many. With an empty ring and `steal_next`
    /// set, takes `next`. Any thread.
    pub fn grab(&self, out: &mut [usize], steal_next: bool) -> usize {
        loop {
            let h = self.head.load(Ordering::Acquire);
            let t = self.tail.load(Ordering::Acquire);
            let len = t.wrapping_sub(h) as usize;
            let n = len - len / 2;
            if n == 0 {
                let next = self.next.load(Ordering::Acquire);
                if steal_next
                    && next != 0
                    && self
                        .next
                        .compare_exchange(next, 0, Ordering::AcqRel, Ordering::Relaxed)
                        .is_ok()
                {
                    out[0] = next;
                    return 1;
                }
                return 0;
            }
            if n > N / 2 {
                continue; // head and tail were read at different times
            }
            for (i, slot) in out.iter_mut().enumerate().take(n) {
                *slot = self.slots[(h as usize).wrapping_add(i) % N].load(Ordering::Relaxed);
            }
            let after = h.wrapping_add(n as u32);
            if self
                .head
                .compare_exchange(h, after, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
            {
                return n;
            }
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn order_and_next() {
        let r = Ring::<4>::new();
        assert_eq!(r.swap_next(7), 0);
        assert_eq!(r.swap_next(8), 7);
        r.put_tail(7, |_| panic!());
        r.put_tail(9, |_| panic!());
        assert_eq!(r.get(), Some((8, true)));
        assert_eq!(r.get(), Some((7, false)));
        assert_eq!(r.get(), Some((9, false)));
        assert_eq!(r.get(), None);
    }

    #[test]
    fn overflow_moves_half() {
        let r = Ring::<4>::new();
        (1..=4).for_each(|i| r.put_tail(i, |_| panic!()));
        let mut moved = Vec::new();
        r.put_tail(5, |b| moved.extend_from_slice(b));
        assert_eq!(moved, [1, 2, 5]);
        assert_eq!(r.ring_len(), 2);
        let mut out = [0; 128];
        assert_eq!(r.grab(&mut out, false), 1);
        assert_eq!(out[0], 3);
        r.swap_next(6);
        assert_eq!(r.grab(&mut out, true), 1);
        assert_eq!(out[0], 4);
        assert_eq!(r.grab(&mut out, false), 0);
        assert_eq!(r.grab(&mut out, true), 1);
        assert_eq!(out[0], 6);
    }
}

/// Exhaustive models: every interleaving of an owner and thieves on a ring of 4.
#[cfg(all(test, loom))]
mod loom_tests {
    use super::Ring;
    use loom::sync::Arc;

    /// Every item is taken exactly once, by the owner or by the thief.
    #[test]
    fn owner_and_thief() {
        loom::model(|| {
            let r = Arc::new(Ring::<4>::new());
            let r2 = r.clone();
            let thief = loom::thread::spawn(move || {
                let mut out = [0; 4];
                let n = r2.grab(&mut out, true);
                out[..n].iter().sum::<usize>()
            });
            let mut sum = 0;
            r.put_tail(1, |_| unreachable!());
            r.put_tail(2, |_| unreachable!());
            assert_eq!(r.swap_next(4), 0);
            while let Some((w, _)) = r.get() {
                sum += w;
            }
            sum += thief.join().unwrap();
            while let Some((w, _)) = r.get() {
                sum += w;
            }
            assert_eq!(sum, 7);
        });
    }

    /// A full ring: the overflow batch and the thief never take the same item.
    #[test]
    fn overflow_and_thief() {
        loom::model(|| {
            let r = Arc::new(Ring::<4>::new());
            (0..4).for_each(|i| r.put_tail(1 << i, |_| unreachable!()));
            let r2 = r.clone();
            let thief = loom::thread::spawn(move || {
                let mut out = [0; 4];
                let n = r2.grab(&mut out, false);
                out[..n].iter().sum::<usize>()
            });
            let mut sum = 0;
            r.put_tail(16, |b| sum += b.iter().sum::<usize>());
            while let Some((w, _)) = r.get() {
                sum += w;
            }
            assert_eq!(sum + thief.join().unwrap(), 31);
        });
    }

    /// The owner replaces runnext while a thief takes it: the old one comes out exactly once.
    #[test]
    fn next_and_thief() {
        loom::model(|| {
            let r = Arc::new(Ring::<4>::new());
            r.swap_next(1);
            let r2 = r.clone();
            let thief = loom::thread::spawn(move || {
                let mut out = [0; 4];
                let n = r2.grab(&mut out, true);
                out[..n].iter().sum::<usize>()
            });
            let mut sum = r.swap_next(2);
            while let Some((w, _)) = r.get() {
                sum += w;
            }
            assert_eq!(sum + thief.join().unwrap(), 3);
        });
    }
}
