//! Following pointers.
//!
//! A pointer that is found goes to the worker's chunk. On the way out it passes a ring of [`RING`] others, while the
//! processor fetches what it leads to: the memory of a large heap is far away, and without the ring a worker
//! waits for most objects in turn. What comes out is marked and, if it was not marked before, looked into.
//!
//! Measured before it was built (`docs/internals/memory.md`): a stack without a ring, 77 to 162 ns an object; this, 15 to
//! 21; spans as the unit of the queue, as official Go's collector has it since 1.26, 29 to 195.

use super::frameobjects::Lists;
use super::work::{PIECE, WORK};
use super::workqueue::Local;
use crate::gmp::offheap;
use crate::mem::arena;
use crate::mem::sizeclass::MIN_HEADER;
use crate::mem::span::Span;
use crate::mem::{bits, heap};
use crate::sync::{AtomicUsize, Ordering};
use core::cell::Cell;
use gort_abi::types::Type;

/// Pointers on their way.
const RING: usize = 16;
/// Larger objects are looked into in pieces of so many bytes.
const PIECE_BYTES: usize = 128 << 10;
/// Objects between two looks at whether to stop.
const STRIDE: usize = 32;

/// Marks for one P. Zeroed memory is one without work.
pub struct Worker {
    local: Local,
    /// Bytes of the objects that it has marked, and that nobody has been told of.
    marked: Cell<usize>,
    /// Bytes that it has looked through.
    scanned: Cell<usize>,
    /// Those of them that lie in stacks.
    pub stacks: Cell<usize>,
    /// For its walks through stacks; null until the first.
    lists: Cell<*mut Lists>,
}

/// Bytes of objects marked in this cycle.
pub static MARKED: AtomicUsize = AtomicUsize::new(0);
/// Bytes of stacks that have been looked through in this cycle.
pub static STACKS: AtomicUsize = AtomicUsize::new(0);

impl Worker {
    /// One without work.
    pub const fn new() -> Worker {
        Worker {
            local: Local::new(),
            marked: Cell::new(0),
            scanned: Cell::new(0),
            stacks: Cell::new(0),
            lists: Cell::new(core::ptr::null_mut()),
        }
    }

    /// Where its walks write to.
    pub fn lists_of_walks(&self) -> *mut Lists {
        if self.lists.get().is_null() {
            let at = offheap::persistent(size_of::<Lists>());
            self.lists.set(at.cast());
        }
        self.lists.get()
    }

    /// A pointer has been found, in a word that the compiler says is one.
    #[inline(always)]
    pub fn found(&self, p: usize) {
        if arena::may_hold(p) {
            self.local.push(&WORK, p);
        }
    }

    /// A word has been found that may be a pointer. It counts as one only if it leads into an object.
    #[inline(always)]
    pub fn maybe(&self, p: usize) {
        if arena::may_hold(p)
            && let Some(s) = heap::span_of(p)
            && let Some(i) = s.allocated_at(p)
            && !s.is_marked(i)
        {
            self.local.push(&WORK, p);
        }
    }

    /// The words of a value of `typ` at `base` that are pointers.
    ///
    /// # Safety
    /// A value of that type.
    pub unsafe fn value(&self, base: usize, typ: &Type) {
        self.scanned.set(self.scanned.get() + typ.ptr_bytes);
        // SAFETY: by contract.
        unsafe { bits::each_pointer(typ, base, typ.size, 0, usize::MAX, &mut |at| self.word(at)) };
    }

    #[inline(always)]
    unsafe fn word_at(at: usize) -> usize {
        // SAFETY: a word of an object. The program may write it at the same time.
        unsafe { (*(at as *const AtomicUsize)).load(Ordering::Relaxed) }
    }

    #[inline(always)]
    fn word(&self, at: usize) {
        // SAFETY: called for words of objects.
        self.found(unsafe { Self::word_at(at) });
    }

    /// Marks until nothing is left (true), or `stop` says so; it is asked after every few objects.
    pub fn drain(&self, mut stop: impl FnMut() -> bool) -> bool {
        let mut ring = [(0usize, core::ptr::null::<Span>()); RING];
        let (mut at, mut n) = (0, 0);
        loop {
            while let Some(p) = self.local.pop(&WORK) {
                let entry = if p & PIECE != 0 {
                    (p, core::ptr::null())
                } else {
                    let Some(s) = arena::span_of(p) else { continue };
                    let s = core::ptr::from_ref(s);
                    fetch(s as usize);
                    fetch(s as usize + 64);
                    fetch(p);
                    (p, s)
                };
                let (p, s) = core::mem::replace(&mut ring[at % RING], entry);
                at += 1;
                self.visit(p, s);
                n += 1;
                if n % STRIDE == 0 && stop() {
                    // Nobody has visited those in the ring.
                    let rest = ring.iter().filter(|e| e.0 != 0);
                    rest.for_each(|e| self.local.push(&WORK, e.0));
                    return false;
                }
            }
            // The last ones in the ring, the oldest first. Visiting them may find more.
            for i in 0..RING {
                let (p, s) = core::mem::replace(&mut ring[(at + i) % RING], (0, core::ptr::null()));
                self.visit(p, s);
            }
            if self.local.is_empty() && !super::work::any() {
                return true;
            }
        }
    }

    /// Marks what `p` leads to, and looks into it if it was not marked before.
    #[inline(always)]
    fn visit(&self, p: usize, s: *const Span) {
        if p == 0 {
            return;
        }
        if p & PIECE != 0 {
            return self.piece(p & !PIECE);
        }
        // SAFETY: records are never unmapped.
        let s = unsafe { &*s };
        let i = s.index_of(p);
        if i >= s.nelems.get() || !s.mark(i) {
            return;
        }
        debug_assert!(s.is_allocated(i), "a free object is reached");
        let size = s.elem.get();
        self.marked.set(self.marked.get() + size);
        if !s.noscan.get() {
            self.contents(s, i);
        }
    }

    /// The pointers in object `i` of a span with pointers.
    #[inline(always)]
    pub fn contents(&self, s: &Span, i: u32) {
        let (base, size) = (s.object(i), s.elem.get());
        self.scanned.set(self.scanned.get() + size.min(PIECE_BYTES));
        if s.class.get() == 0 {
            return self.large(s);
        }
        if size <= MIN_HEADER {
            // SAFETY: an object of a span with bits.
            let mut mask = unsafe { bits::get(base, size) };
            while mask != 0 {
                self.word(base + mask.trailing_zeros() as usize * 8);
                mask &= mask - 1;
            }
            return;
        }
        // SAFETY: objects of this size begin with their type.
        unsafe {
            // Not written yet: it has been handed out this moment, and is black.
            if let Some(typ) = (*(base as *const *const Type)).as_ref() {
                self.found(core::ptr::from_ref(typ) as usize); // one that reflect has made
                let (from, size) = (base + bits::HEADER, size - bits::HEADER);
                bits::each_pointer(typ, from, size, 0, usize::MAX, &mut |at| self.word(at));
            }
        }
    }

    #[cold]
    fn large(&self, s: &Span) {
        let (base, size) = (s.base.get(), s.elem.get());
        let mut at = base + PIECE_BYTES;
        while at < base + size {
            self.local.push(&WORK, at | PIECE);
            at += PIECE_BYTES;
        }
        self.part(s, base);
    }

    #[cold]
    fn piece(&self, from: usize) {
        if let Some(s) = arena::span_of(from) {
            self.part(s, from);
        }
    }

    /// One piece of a large object.
    fn part(&self, s: &Span, from: usize) {
        let (base, size) = (s.base.get(), s.elem.get());
        let to = (from + PIECE_BYTES).min(base + size);
        // SAFETY: a large object with pointers has a type; an object lives while pieces of it are queued.
        unsafe {
            if let Some(typ) = (s.typ.load(Ordering::Relaxed) as *const Type).as_ref() {
                self.found(core::ptr::from_ref(typ) as usize);
                bits::each_pointer(typ, base, size, from, to, &mut |at| self.word(at));
            }
        }
    }

    /// Whether it has work of its own.
    pub fn has_some(&self) -> bool {
        !self.local.is_empty()
    }

    /// Makes all that it has found known to others.
    pub fn share(&self) {
        self.local.share(&WORK);
        MARKED.fetch_add(self.marked.replace(0), Ordering::Relaxed);
        let stacks = self.stacks.replace(0);
        STACKS.fetch_add(stacks, Ordering::Relaxed);
        super::pacer::SCANNED.fetch_add(self.scanned.replace(0) + stacks, Ordering::Relaxed);
    }
}

#[inline(always)]
fn fetch(addr: usize) {
    // SAFETY: a hint, which may name any address.
    unsafe {
        core::arch::x86_64::_mm_prefetch::<{ core::arch::x86_64::_MM_HINT_T0 }>(addr as *const i8)
    };
}
