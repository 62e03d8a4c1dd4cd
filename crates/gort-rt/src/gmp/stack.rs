//! Segmented goroutine stacks: the header of a segment, growth, release.
//!
//! The first segment is the slot of the G itself. Each further one is twice as large, comes from
//! the pool (`stackpool.rs`), stays cached in its predecessor's `next` and is freed when the goroutine ends.
//! `arch/x86_64/stack.rs` switches between them; this module provides them.

use super::{G, stackpool};
use crate::sync::{AtomicUsize, Ordering};
use core::cell::{Cell, UnsafeCell};
use gort_abi::{FIRST_SEGMENT, MAX_STACK, STACK_RED};

/// Bytes that all segments of a goroutine may have together: debug.SetMaxStack.
pub static LIMIT: AtomicUsize = AtomicUsize::new(MAX_STACK);

/// Header of a stack segment, at its high end. Offsets are used by assembly.
#[repr(C)]
pub struct Seg {
    /// The segment below (older), null for the first.
    pub prev: *mut Seg,
    /// Cached next segment, or null.
    pub next: *mut Seg,
    /// Value of `G.stackguard` while this segment is on top.
    pub guard: usize,
    /// Stack pointer of the empty segment, 16-aligned.
    pub top: usize,
    /// Return address that `lessstack` stands for.
    pub ret: usize,
    /// Stack pointer of the caller after its arguments are popped.
    pub caller_sp: usize,
    /// Lowest address.
    pub lo: usize,
    /// Bytes from `lo`, the header included; for the first segment the slot of the G.
    pub size: usize,
    /// Scratch of morestack.
    pub tmp: [usize; 3],
}

impl Seg {
    /// Whether `addr` lies in this segment.
    #[inline]
    pub fn contains(&self, addr: usize) -> bool {
        addr >= self.lo && addr < self.lo + self.size
    }
}

/// The stack of a G.
#[repr(C)]
pub struct Stack {
    /// The segment in use.
    pub seg: Cell<*mut Seg>,
    /// Header of the first segment.
    pub first: UnsafeCell<Seg>,
}

/// Sets up the first segment of the G at the high end of `slot`.
///
/// # Safety
/// `g` lies at the end of a slot of `FIRST_SEGMENT` bytes starting at `slot`.
pub unsafe fn init_first(g: *mut G, slot: usize) {
    // SAFETY: the caller gives us the slot.
    unsafe {
        let first = (*g).stack.first.get();
        (*first).prev = core::ptr::null_mut();
        (*first).next = core::ptr::null_mut();
        (*first).lo = slot;
        (*first).size = FIRST_SEGMENT;
        (*first).guard = slot + STACK_RED;
        (*first).top = (g as usize) & !15;
        (*g).stack.seg.set(first);
    }
}

/// Lets a goroutine begin on a second segment, the `size` bytes at `lo`, with the first one empty below it.
///
/// # Safety
/// `g` has not run yet; the memory is for it alone, and for other stacks when it ends: `size` is that of a class
/// of the pool.
pub unsafe fn begin_in(g: &G, lo: usize, size: usize) {
    stackpool::adopt(size);
    let first = g.stack.seg.get();
    // SAFETY: by contract.
    unsafe {
        let seg = segment_in(first, lo, size);
        (*first).next = seg;
        g.stack.seg.set(seg);
        g.stackguard.store((*seg).guard, Ordering::Relaxed);
        g.sched.sp.set((*seg).top);
    }
}

/// Makes sure that `seg.next` exists and has room for `need` bytes.
///
/// # Safety
/// `seg` is the top segment of the running G.
#[track_caller]
pub unsafe fn provide(g: &G, seg: *mut Seg, need: usize) {
    // SAFETY: `seg` is the top segment of the running G; nobody else changes its list.
    unsafe {
        let next = (*seg).next;
        let enough = need + STACK_RED + size_of::<Seg>() + 64;
        if !next.is_null() {
            if (*next).top - (*next).guard >= need + 32 {
                return;
            }
            free_chain(next);
            (*seg).next = core::ptr::null_mut();
        }
        let mut size = (*seg).size * 2;
        while size < enough {
            size *= 2;
        }
        let used = total(seg);
        let limit = LIMIT.load(Ordering::Relaxed);
        // The last step up to the limit: whole pages, if the frame fits into them.
        let rest = limit.saturating_sub(used) & !4095;
        if used + size > limit && rest >= enough {
            size = rest;
        }
        if used + size > limit {
            crate::lang::throw::stack_overflow(g);
        }
        (*seg).next = new_segment(seg, size);
    }
}

unsafe fn total(mut seg: *mut Seg) -> usize {
    let mut sum = 0;
    while !seg.is_null() {
        // SAFETY: segments of a G form a list that ends at the first.
        unsafe {
            sum += (*seg).size;
            seg = (*seg).prev;
        }
    }
    sum
}

unsafe fn new_segment(prev: *mut Seg, size: usize) -> *mut Seg {
    // SAFETY: fresh memory of `size` bytes.
    unsafe { segment_in(prev, stackpool::take(size), size) }
}

/// # Safety
/// `size` bytes at `lo` are for this segment alone.
unsafe fn segment_in(prev: *mut Seg, lo: usize, size: usize) -> *mut Seg {
    // SAFETY: by contract.
    unsafe {
        let s = (lo + size - size_of::<Seg>()) as *mut Seg;
        (*s).prev = prev;
        (*s).next = core::ptr::null_mut();
        (*s).lo = lo;
        (*s).size = size;
        (*s).guard = lo + STACK_RED;
        (*s).top = (s as usize) & !15;
        s
    }
}

/// Frees `seg` and the cached ones above it.
unsafe fn free_chain(mut seg: *mut Seg) {
    while !seg.is_null() {
        // SAFETY: the segments are unused and only linked here.
        unsafe {
            let next = (*seg).next;
            stackpool::give((*seg).lo, (*seg).size);
            seg = next;
        }
    }
}

/// Gives back all segments but the first and makes the stack empty.
///
/// # Safety
/// The goroutine has ended.
pub unsafe fn reset(g: &G) {
    let first = g.stack.first.get();
    // SAFETY: no frame of the goroutine is live.
    unsafe {
        if !(*first).next.is_null() {
            free_chain((*first).next);
            (*first).next = core::ptr::null_mut();
        }
    }
    g.stack.seg.set(first);
}

/// The segment of `g` that contains `addr`, searching from the top one down.
pub fn segment_of(g: &G, addr: usize) -> *mut Seg {
    let mut s = g.stack.seg.get();
    // SAFETY: a walk down the G's list of segments.
    unsafe {
        while !s.is_null() && !(*s).contains(addr) {
            s = (*s).prev;
        }
    }
    s
}
