//! Which pages of an arena are free: three maps of a bit a page.
//!
//! *free* pages belong to nobody. Pages that are *zero* read as zero, those that are *released* have no memory behind
//! them; both say something about free pages only, and every released page is zero. Pages are handed out first fit by
//! address, so that the upper ones empty. A bound for the longest free run, which a failed search makes exact, lets
//! a search pass an arena by; summaries of smaller parts were left out, since an arena has only 128 words.

use super::ranges::for_words;

/// Pages of an arena.
pub const PAGES: usize = 8192;
const WORDS: usize = PAGES / 64;

/// The maps. They are only touched with the lock of the page heap held.
pub struct PageMap {
    free: [u64; WORDS],
    zero: [u64; WORDS],
    released: [u64; WORDS],
    /// Free pages.
    nfree: usize,
    /// No free run is longer.
    longest: usize,
    /// No word below has a free page.
    low: usize,
}

/// What has been handed out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Run {
    /// First page.
    pub at: usize,
    /// All of them read as zero.
    pub zero: bool,
    /// How many of them had no memory.
    pub released: usize,
}

impl PageMap {
    /// All pages are free and have never been touched.
    pub fn fresh(&mut self) {
        self.free = [u64::MAX; WORDS];
        self.zero = [u64::MAX; WORDS];
        self.released = [u64::MAX; WORDS];
        (self.nfree, self.longest, self.low) = (PAGES, PAGES, 0);
    }

    /// Free pages.
    pub fn nfree(&self) -> usize {
        self.nfree
    }

    /// Takes the first free run of `n` pages.
    pub fn take(&mut self, n: usize) -> Option<Run> {
        if n > self.longest {
            return None;
        }
        let at = if n == 1 { self.first() } else { self.find(n) }?;
        Some(self.take_at(at, n))
    }

    /// Takes the `n` pages at `at`, which are free.
    pub fn take_at(&mut self, at: usize, n: usize) -> Run {
        let (mut zero, mut released) = (true, 0);
        for_words(at, n, |w, bits| {
            debug_assert!(self.free[w] & bits == bits, "a page is taken twice");
            self.free[w] &= !bits;
            zero &= self.zero[w] & bits == bits;
            released += (self.released[w] & bits).count_ones() as usize;
            self.zero[w] &= !bits;
            self.released[w] &= !bits;
        });
        self.nfree -= n;
        Run { at, zero, released }
    }

    /// Gives back `n` pages at `at`, which have been used.
    pub fn give(&mut self, at: usize, n: usize) {
        for_words(at, n, |w, bits| {
            debug_assert!(self.free[w] & bits == 0, "a page is freed twice");
            self.free[w] |= bits;
        });
        self.nfree += n;
        self.longest = PAGES;
        self.low = self.low.min(at / 64);
    }

    fn first(&mut self) -> Option<usize> {
        for w in self.low..WORDS {
            if self.free[w] != 0 {
                self.low = w;
                return Some(w * 64 + self.free[w].trailing_zeros() as usize);
            }
        }
        self.longest = 0;
        None
    }

    fn find(&mut self, n: usize) -> Option<usize> {
        let (mut longest, mut run) = (0, 0);
        for w in self.low..WORDS {
            let mut bits = self.free[w];
            if bits == u64::MAX {
                run += 64;
            } else {
                // Run after run of the word; `at` is where the word's rest begins.
                let mut at = 0;
                while at < 64 {
                    let ones = (!bits).trailing_zeros().min(64 - at) as usize;
                    run += ones;
                    if run >= n {
                        return Some(w * 64 + at as usize + ones - run);
                    }
                    at += ones as u32;
                    if at == 64 {
                        break;
                    }
                    longest = longest.max(run);
                    run = 0;
                    bits = self.free[w] >> at;
                    let zeros = bits.trailing_zeros().min(64 - at);
                    at += zeros;
                    bits = if at < 64 { self.free[w] >> at } else { 0 };
                }
            }
            if run >= n {
                return Some(w * 64 + 64 - run);
            }
        }
        self.longest = longest.max(run);
        None
    }

    /// Pages behind `from` that are free and released, at most `most`: those that may get memory ahead of time. They
    /// count as not released from now on.
    pub fn back(&mut self, from: usize, most: usize) -> usize {
        let mut n = 0;
        while n < most && from + n < PAGES {
            let (w, bit) = ((from + n) / 64, 1 << ((from + n) % 64));
            if self.free[w] & self.released[w] & bit == 0 {
                break;
            }
            self.released[w] &= !bit;
            n += 1;
        }
        n
    }

    /// The last run of free pages below `below` that are not released, at most `most` pages of it: where it begins and
    /// how long it is. They count as released and zero from now on, so the caller sees to that, with the pages
    /// taken out of the map meanwhile if it must open the lock.
    pub fn last_used(&self, below: usize, most: usize) -> Option<(usize, usize)> {
        let mut at = below;
        let held = |i: usize| (self.free[i / 64] & !self.released[i / 64]) >> (i % 64) & 1 != 0;
        while at > 0 && !held(at - 1) {
            // Words without such pages are passed over at once.
            if at.is_multiple_of(64) && self.free[at / 64 - 1] & !self.released[at / 64 - 1] == 0 {
                at -= 64;
            } else {
                at -= 1;
            }
        }
        let end = at;
        while at > 0 && end - at < most && held(at - 1) {
            at -= 1;
        }
        (end > at).then_some((at, end - at))
    }

    /// Gives back pages whose memory the system has taken.
    pub fn give_released(&mut self, at: usize, n: usize) {
        self.give(at, n);
        for_words(at, n, |w, bits| {
            self.zero[w] |= bits;
            self.released[w] |= bits;
        });
    }

    /// Free pages that have memory behind them.
    pub fn held(&self) -> usize {
        let words = self.free.iter().zip(&self.released);
        words.map(|(f, r)| (f & !r).count_ones() as usize).sum()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn map() -> Box<PageMap> {
        // SAFETY: zeroed words are maps without free pages.
        let mut m: Box<PageMap> = unsafe { Box::new(core::mem::zeroed()) };
        m.fresh();
        m
    }

    #[test]
    fn first_fit() {
        let mut m = map();
        let a = m.take(3).expect("pages");
        assert_eq!(
            a,
            Run {
                at: 0,
                zero: true,
                released: 3
            }
        );
        assert_eq!(m.take(70).map(|r| r.at), Some(3));
        assert_eq!(m.take(1).map(|r| r.at), Some(73));
        m.give(3, 70);
        assert_eq!(
            m.take(1),
            Some(Run {
                at: 3,
                zero: false,
                released: 0
            })
        );
        assert_eq!(m.take(69).map(|r| r.at), Some(4));
        assert_eq!(m.take(2).map(|r| (r.at, r.zero)), Some((74, true)));
        assert_eq!(m.nfree(), PAGES - 76);
    }

    #[test]
    fn the_longest_run_is_known_after_a_failure() {
        let mut m = map();
        m.take(PAGES).expect("all pages");
        assert_eq!(m.take(1), None);
        m.give(100, 5);
        m.give(200, 64);
        m.give(300, 129);
        assert_eq!(m.take(130), None);
        assert_eq!(m.longest, 129);
        assert_eq!(m.take(129).map(|r| r.at), Some(300));
        assert_eq!(m.take(6).map(|r| r.at), Some(200));
        assert_eq!(m.take(58).map(|r| r.at), Some(206));
        assert_eq!(m.take(5).map(|r| r.at), Some(100));
        assert_eq!(m.nfree(), 0);
    }

    #[test]
    fn pages_are_released_from_above() {
        let mut m = map();
        m.take(PAGES).expect("all pages");
        m.give(10, 4);
        m.give(500, 100);
        assert_eq!(m.held(), 104);
        let (at, n) = m.last_used(PAGES, 64).expect("pages");
        assert_eq!((at, n), (536, 64));
        m.take_at(at, n);
        m.give_released(at, n);
        assert_eq!(m.last_used(PAGES, 64), Some((500, 36)));
        assert_eq!(m.last_used(500, 64), Some((10, 4)));
        assert_eq!(m.last_used(10, 64), None);
        assert_eq!(
            m.take(64),
            Some(Run {
                at: 500,
                zero: false,
                released: 28
            })
        );
        assert_eq!(m.back(564, 100), 36);
        assert_eq!(
            m.take(36),
            Some(Run {
                at: 564,
                zero: true,
                released: 0
            })
        );
    }

    #[test]
    fn as_a_plain_list_of_pages() {
        let mut m = map();
        let mut used = [false; PAGES];
        let mut runs = Vec::new();
        let mut x = 1u64;
        for _ in 0..20_000 {
            x = x.wrapping_mul(6364136223846793005).wrapping_add(1);
            let r = (x >> 33) as usize;
            if r % 5 < 3 {
                let n = 1 + r / 5 % 100;
                let first = (0..=PAGES - n).find(|&i| used[i..i + n].iter().all(|u| !u));
                let got = m.take(n).map(|r| r.at);
                assert_eq!(got, first, "{n} pages");
                if let Some(at) = got {
                    used[at..at + n].fill(true);
                    runs.push((at, n));
                }
            } else if !runs.is_empty() {
                let (at, n) = runs.swap_remove(r / 5 % runs.len());
                used[at..at + n].fill(false);
                m.give(at, n);
            }
        }
    }
}
