//! Spans: runs of pages for objects of one size, with and without pointers, or for one large object.
//!
//! A record lies outside the heap and never moves to another use: whoever has found one through the table of pages may
//! look at it at any time. Behind the header stand two maps of a bit an object. *alloc*: the object has been
//! handed out, or is in the run of free objects that a P hands out from. *marks*: it has been reached in this cycle.
//! When a span is swept, its marks become its alloc bits.

use super::ranges::for_words;
use super::sizeclass::{CLASS_PAGES, CLASS_SIZE, PAGE};
use crate::gmp::list::Linked;
use crate::lock::SpinLock;
use crate::rank;
use crate::sync::{AtomicU8, AtomicU16, AtomicU64, AtomicUsize, Cell, Ordering};
use core::cell::Cell as Link;

/// A run of pages. Zeroed memory is one that is not in use.
#[repr(C)]
pub struct Span {
    /// First byte.
    pub base: Cell<usize>,
    /// Bytes of an object; all of them for a large one.
    pub elem: Cell<usize>,
    /// `offset * recip >> 32` is the number of the object at a byte offset.
    recip: Cell<u32>,
    /// Objects.
    pub nelems: Cell<u32>,
    /// Pages.
    pub npages: Cell<u32>,
    /// Size class, 0 = one large object.
    pub class: Cell<u8>,
    /// Objects hold no pointers.
    pub noscan: Cell<bool>,
    /// Whether it is in use.
    in_use: AtomicU8,
    /// Room for how many objects the maps have, as a class of records.
    pub(super) record: Cell<u8>,
    /// Low bits of the number of the last cycle whose marks are swept.
    pub swept: AtomicU16,
    /// Objects behind the cursor read as zero.
    pub zero: Cell<bool>,
    /// Guards `specials`.
    pub speciallock: SpinLock<{ rank::SPECIAL }>,
    /// Where the next run of free objects is looked for.
    cursor: Cell<u32>,
    /// Type of a large object.
    pub typ: AtomicUsize,
    /// Records about its objects (`gc/speciallist.rs`), guarded by `speciallock`.
    pub specials: Cell<usize>,
    /// Link of the list that it is on.
    link: Link<*const Span>,
}

// SAFETY: cells are written by the one who owns the span, under the rules of `central.rs`; others read those that
// stay the same while it is in use.
unsafe impl Sync for Span {}

// SAFETY: `link` belongs to the list; records are never unmapped.
unsafe impl Linked for Span {
    fn link(&self) -> &Link<*const Span> {
        &self.link
    }
}

/// Bytes of the header.
pub const HEADER: usize = size_of::<Span>();
#[cfg(not(any(test, loom)))]
const _: () = assert!(HEADER == 64);

/// Where a free record has its link.
pub const LINK: usize = core::mem::offset_of!(Span, link);

/// A run of free objects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FreeRun {
    /// Number of the first object.
    pub first: u32,
    /// How many.
    pub n: u32,
}

impl Span {
    /// Becomes the span of a size class.
    pub fn init_small(&self, base: usize, class: u8, noscan: bool, nelems: u32) {
        let size = u32::from(CLASS_SIZE[class as usize]);
        self.base.set(base);
        self.elem.set(size as usize);
        self.recip.set(u32::MAX / size + 1);
        self.nelems.set(nelems);
        self.npages.set(u32::from(CLASS_PAGES[class as usize]));
        self.class.set(class);
        self.noscan.set(noscan);
        self.start();
    }

    /// Becomes the span of one large object of `npages` pages.
    pub fn init_large(&self, base: usize, npages: usize, noscan: bool, typ: usize) {
        self.base.set(base);
        self.elem.set(npages * PAGE);
        self.recip.set(0);
        self.nelems.set(1);
        self.npages.set(npages as u32);
        self.class.set(0);
        self.noscan.set(noscan);
        self.typ.store(typ, Ordering::Relaxed);
        self.start();
        self.alloc(0).store(1, Ordering::Relaxed);
    }

    fn start(&self) {
        for i in 0..self.words() {
            self.alloc(i).store(0, Ordering::Relaxed);
            self.marks(i).store(0, Ordering::Relaxed);
        }
        self.cursor.set(0);
        self.in_use.store(1, Ordering::Release);
    }

    /// Is no longer in use.
    pub fn end(&self) {
        self.in_use.store(0, Ordering::Relaxed);
    }

    /// Whether it is in use.
    pub fn is_used(&self) -> bool {
        self.in_use.load(Ordering::Acquire) != 0
    }

    /// Bytes from one object to the next.
    pub fn slot_size(&self) -> usize {
        self.elem.get()
    }

    /// Words of each map.
    #[inline(always)]
    fn words(&self) -> usize {
        (self.nelems.get() as usize).div_ceil(64)
    }

    #[inline(always)]
    fn map(&self, i: usize) -> &AtomicU64 {
        debug_assert!(i < 2 * self.words());
        // SAFETY: the record has room for the maps of its objects (`records.rs`).
        unsafe { &*core::ptr::from_ref(self).add(1).cast::<AtomicU64>().add(i) }
    }

    /// Word `i` of the marks.
    #[inline(always)]
    pub fn marks(&self, i: usize) -> &AtomicU64 {
        self.map(i)
    }

    /// Word `i` of the alloc bits.
    #[inline(always)]
    pub fn alloc(&self, i: usize) -> &AtomicU64 {
        self.map(self.words() + i)
    }

    /// The number of the object that `addr`, an address in the span, lies in; not less than `nelems` if that is
    /// behind the last one.
    #[inline(always)]
    pub fn index_of(&self, addr: usize) -> u32 {
        let offset = (addr - self.base.get()) as u64;
        if self.class.get() == 0 {
            return 0;
        }
        ((offset * u64::from(self.recip.get())) >> 32) as u32
    }

    /// First byte of object `i`.
    #[inline(always)]
    pub fn object(&self, i: u32) -> usize {
        self.base.get() + i as usize * self.elem.get()
    }

    /// The object that `addr`, an address in the span, lies in, if it may have been handed out.
    #[inline(always)]
    pub fn allocated_at(&self, addr: usize) -> Option<u32> {
        let i = self.index_of(addr);
        (i < self.nelems.get() && self.is_allocated(i)).then_some(i)
    }

    /// Whether object `i` may have been handed out.
    #[inline(always)]
    pub fn is_allocated(&self, i: u32) -> bool {
        self.alloc(i as usize / 64).load(Ordering::Relaxed) >> (i % 64) & 1 != 0
    }

    /// Whether object `i` is marked.
    #[inline(always)]
    pub fn is_marked(&self, i: u32) -> bool {
        self.marks(i as usize / 64).load(Ordering::Relaxed) >> (i % 64) & 1 != 0
    }

    /// Marks object `i`; whether it was not marked before.
    #[inline(always)]
    pub fn mark(&self, i: u32) -> bool {
        let (word, bit) = (self.marks(i as usize / 64), 1u64 << (i % 64));
        // Most pointers lead to what is marked already, and a locked instruction costs more than a look.
        word.load(Ordering::Relaxed) & bit == 0 && word.fetch_or(bit, Ordering::Relaxed) & bit == 0
    }

    /// Takes the next run of free objects, at most `most`; with `black`, its objects count as reached.
    pub fn take_run(&self, most: u32, black: bool) -> Option<FreeRun> {
        let (n, mut first) = (self.nelems.get(), self.cursor.get());
        loop {
            if first >= n {
                self.cursor.set(n);
                return None;
            }
            let free = !self.alloc(first as usize / 64).load(Ordering::Relaxed) >> (first % 64);
            if free != 0 {
                first += free.trailing_zeros();
                break;
            }
            first = (first / 64 + 1) * 64;
        }
        if first >= n {
            self.cursor.set(n);
            return None;
        }
        let mut end = first;
        let most_end = n.min(first.saturating_add(most));
        while end < most_end {
            let used = self.alloc(end as usize / 64).load(Ordering::Relaxed) >> (end % 64);
            if used & 1 != 0 {
                break;
            }
            end += used.trailing_zeros().min(64 - end % 64);
        }
        let end = end.min(most_end);
        let run = FreeRun {
            first,
            n: end - first,
        };
        self.set_alloc(run, true);
        if black {
            self.set_marks(run, true);
        }
        self.cursor.set(end);
        Some(run)
    }

    /// Takes back the rest of a run. The span's owner does.
    pub fn give_run(&self, run: FreeRun) {
        self.set_alloc(run, false);
        self.set_marks(run, false);
        self.cursor.set(self.cursor.get().min(run.first));
    }

    fn set_alloc(&self, run: FreeRun, on: bool) {
        for_words(run.first as usize, run.n as usize, |w, bits| {
            set(self.alloc(w), bits, on)
        });
    }

    fn set_marks(&self, run: FreeRun, on: bool) {
        for_words(run.first as usize, run.n as usize, |w, bits| {
            set(self.marks(w), bits, on)
        });
    }

    /// Whether there may be a free object behind the cursor.
    pub fn has_room(&self) -> bool {
        let (n, mut at) = (self.nelems.get(), self.cursor.get());
        while at < n {
            let free = !self.alloc(at as usize / 64).load(Ordering::Relaxed) >> (at % 64);
            if free != 0 {
                return at + free.trailing_zeros() < n;
            }
            at = (at / 64 + 1) * 64;
        }
        false
    }

    /// The span is swept for `cycle`: the marks become the alloc bits. Returns how many objects live, and how many have been
    /// freed by it.
    pub fn flip(&self, cycle: u16) -> (u32, u32) {
        // Before the marks go: whoever sees them gone sees this.
        self.swept.store(cycle, Ordering::Relaxed);
        let (mut live, mut before) = (0, 0);
        for i in 0..self.words() {
            let marks = self.marks(i).load(Ordering::Relaxed);
            live += marks.count_ones();
            before += self.alloc(i).load(Ordering::Relaxed).count_ones();
            self.alloc(i).store(marks, Ordering::Relaxed);
            self.marks(i).store(0, Ordering::Release);
        }
        self.cursor.set(0);
        self.zero.set(false);
        (live, before - live)
    }

    /// Whether object `i` has not been reached in `cycle`, whose marking is over. It is not, as far as anybody may tell, once
    /// the span is swept, which others may do meanwhile.
    pub fn is_unreached(&self, i: u32, cycle: u16) -> bool {
        let unswept = || self.swept.load(Ordering::Relaxed) != cycle;
        let (word, bit) = (self.marks(i as usize / 64), 1 << (i % 64));
        unswept() && word.load(Ordering::Acquire) & bit == 0 && unswept()
    }
}

/// Switches bits on or off, others of the word being switched by others at the same time.
fn set(word: &AtomicU64, bits: u64, on: bool) {
    if on {
        word.fetch_or(bits, Ordering::Relaxed);
    } else {
        word.fetch_and(!bits, Ordering::Relaxed);
    }
}

#[cfg(all(test, loom))]
#[path = "span_model.rs"]
mod model;

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn span(class: u8) -> &'static Span {
        let words = vec![0u64; HEADER / 8 + 2 * 16].leak();
        // SAFETY: zeroed, and large enough for the maps of 1024 objects.
        let s = unsafe { &*(words.as_ptr() as *const Span) };
        let size = usize::from(CLASS_SIZE[class as usize]);
        let n = CLASS_PAGES[class as usize] as usize * PAGE / size;
        s.init_small(0x10000, class, false, n as u32);
        s
    }

    #[test]
    fn every_byte_belongs_to_its_object() {
        for class in 1..crate::mem::sizeclass::NCLASS as u8 {
            let s = span(class);
            let size = s.elem.get();
            for at in 0..s.npages.get() as usize * PAGE {
                assert_eq!(
                    s.index_of(s.base.get() + at) as usize,
                    at / size,
                    "class {class}"
                );
            }
        }
    }

    #[test]
    fn runs_lie_between_what_lives() {
        let s = span(6); // 64 bytes, 128 objects
        assert_eq!(s.take_run(1000, false), Some(FreeRun { first: 0, n: 128 }));
        assert_eq!(s.take_run(1000, false), None);
        s.give_run(FreeRun { first: 100, n: 28 });
        assert!(s.has_room());
        assert_eq!(s.take_run(8, true), Some(FreeRun { first: 100, n: 8 }));
        for i in [0, 63, 64, 70] {
            assert!(s.mark(i));
            assert!(!s.mark(i));
        }
        // Those at 100 to 107 are black; the others were never handed out again.
        assert_eq!(s.flip(1), (12, 96));
        let runs: Vec<_> = core::iter::from_fn(|| s.take_run(40, false)).collect();
        let want = [(1, 40), (41, 22), (65, 5), (71, 29), (108, 20)];
        assert_eq!(runs, want.map(|(first, n)| FreeRun { first, n }));
        assert!((0..128).all(|i| s.is_allocated(i)));
    }
}
