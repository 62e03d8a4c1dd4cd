//! Arenas, pages and spans.
//!
//! The heap grows by arenas of 64 MiB of address space, touched page by page. Pages are handed out in
//! order; a span is a run of pages for one size class or one large object. Beside each arena lie two
//! tables, also touched on demand: the span of each page, and for each 16-byte granule the type (32 bits:
//! descriptors link below 2 GiB) of the object that begins there.

use super::sizeclass::{CLASS_PAGES, CLASS_SIZE, NCLASS, PAGE};
use crate::gmp::offheap;
use crate::gmp::sched::every_p;
use crate::lang::throw;
use crate::lock::SpinLock;
use crate::os;
use crate::rank;
use crate::sync::{AtomicU64, AtomicUsize, Ordering};
use core::cell::Cell;

/// Bytes of an arena.
pub const ARENA: usize = 64 << 20;
const ARENA_PAGES: usize = ARENA / PAGE;
const MAX_ARENAS: usize = 1 << 14;
/// Larger heaps ask for huge pages.
const HUGE_FROM: usize = 1 << 30;

/// A run of pages.
pub struct Span {
    /// First byte.
    pub base: Cell<usize>,
    /// Pages.
    pub npages: Cell<usize>,
    /// Size class, 0 = one large object.
    pub class: Cell<u8>,
    /// Objects hold no pointers.
    pub noscan: Cell<bool>,
    /// Type of a large object.
    pub typ: Cell<usize>,
    /// Records about its objects (`gc/speciallist.rs`), guarded by `speciallock`.
    pub specials: Cell<usize>,
    /// See above.
    pub speciallock: SpinLock<{ rank::SPECIAL }>,
    /// The next one with a mapping of its own.
    next_huge: Cell<*const Span>,
}

impl Span {
    /// Bytes from one object to the next.
    pub fn slot_size(&self) -> usize {
        match self.class.get() {
            0 => self.npages.get() * PAGE,
            class => CLASS_SIZE[class as usize] as usize,
        }
    }
}

/// Whether the objects of a span may be blocks of several tiny ones.
pub fn is_tiny(span: &Span) -> bool {
    span.noscan.get() && span.slot_size() == 16
}

/// One arena.
struct Arena {
    base: AtomicUsize,
    spans: AtomicUsize,
    types: AtomicUsize,
}

/// An object of the heap.
pub struct Object {
    /// First byte.
    pub base: usize,
    /// Bytes it may use.
    pub size: usize,
    /// Its type descriptor, repeated if the object is larger; 0 = it holds no pointers.
    pub typ: usize,
}

static ARENAS: [Arena; MAX_ARENAS] = [const {
    Arena {
        base: AtomicUsize::new(0),
        spans: AtomicUsize::new(0),
        types: AtomicUsize::new(0),
    }
}; MAX_ARENAS];

struct Heap {
    lock: SpinLock<{ rank::HEAP }>,
    next: Cell<usize>,
    end: Cell<usize>,
    /// Up to here the kernel has been asked to back the pages.
    backed: Cell<usize>,
    arenas: Cell<usize>,
    /// Spans with mappings of their own; the newest first.
    huge: Cell<*const Span>,
}
// SAFETY: cells are only touched with the lock held.
unsafe impl Sync for Heap {}
static HEAP: Heap = Heap {
    lock: SpinLock::new(),
    next: Cell::new(0),
    end: Cell::new(0),
    backed: Cell::new(0),
    arenas: Cell::new(0),
    huge: Cell::new(core::ptr::null()),
};

/// Bytes in spans.
pub static INUSE: AtomicU64 = AtomicU64::new(0);
/// Objects and bytes of large allocations.
pub static LARGE_N: AtomicU64 = AtomicU64::new(0);
/// Bytes of large allocations.
pub static LARGE_BYTES: AtomicU64 = AtomicU64::new(0);

/// Objects of the spans of each class.
static OBJECTS: [AtomicU64; NCLASS] = [const { AtomicU64::new(0) }; NCLASS];

/// How many objects the spans of a class have that there are.
pub fn objects_in_spans(class: usize) -> u64 {
    OBJECTS[class].load(Ordering::Relaxed)
}

/// Bytes of objects that have a mapping of their own.
static HUGE_BYTES: AtomicU64 = AtomicU64::new(0);

/// Bytes of address space taken for arenas and huge objects.
pub fn reserved() -> u64 {
    (HEAP.arenas.get() * ARENA) as u64 + HUGE_BYTES.load(Ordering::Relaxed)
}

/// Takes `npages` pages for a span. They are zero.
pub fn alloc_span(npages: usize, class: u8, noscan: bool, typ: usize) -> &'static Span {
    // SAFETY: zeroed memory is a valid Span.
    let s = unsafe { &*(offheap::persistent(size_of::<Span>()) as *const Span) };
    let bytes = npages * PAGE;
    let inuse = INUSE.fetch_add(bytes as u64, Ordering::Relaxed) as usize;
    s.npages.set(npages);
    s.class.set(class);
    s.noscan.set(noscan);
    s.typ.set(typ);
    HEAP.lock.lock();
    if HEAP.next.get() + bytes > HEAP.end.get() {
        if bytes > ARENA / 4 {
            HEAP.lock.unlock();
            return huge(s, bytes);
        }
        grow();
    }
    let base = HEAP.next.get();
    HEAP.next.set(base + bytes);
    let arena = &ARENAS[HEAP.arenas.get() - 1];
    let at = (base - arena.base.load(Ordering::Relaxed)) / PAGE;
    let spans = arena.spans.load(Ordering::Relaxed) as *mut usize;
    for i in at..at + npages {
        // SAFETY: the table has a word per page of the arena.
        unsafe { *spans.add(i) = core::ptr::from_ref(s) as usize };
    }
    let back = to_back(base, base + bytes, class, inuse);
    let tables = arena.types.load(Ordering::Relaxed);
    let tables = tables.wrapping_sub(arena.base.load(Ordering::Relaxed) / 4);
    HEAP.lock.unlock();
    if let Some((from, to)) = back {
        os::sys_populate(from, to - from);
        if !noscan {
            let from = tables.wrapping_add(from / 4) & !(SYS_PAGE - 1);
            let to = tables.wrapping_add(to / 4).next_multiple_of(SYS_PAGE);
            os::sys_populate(from, to - from);
        }
    }
    s.base.set(base);
    s
}

/// A page of the kernel.
const SYS_PAGE: usize = 4096;
/// Smaller heaps get their pages one by one, when they are touched.
const BACK_FROM: usize = 4 << 20;

/// What the kernel is to back now that a span has been taken: the span and what comes after it, in proportion
/// to the heap. Large objects may never be touched as a whole. The lock is held.
fn to_back(base: usize, end: usize, class: u8, inuse: usize) -> Option<(usize, usize)> {
    if end <= HEAP.backed.get() {
        return None;
    }
    let from = HEAP.backed.get().max(base);
    if class == 0 || inuse < BACK_FROM {
        HEAP.backed.set(end);
        return None;
    }
    let to = HEAP
        .end
        .get()
        .min(end + (inuse / 32).min(1 << 20) / PAGE * PAGE);
    HEAP.backed.set(to);
    Some((from, to))
}

/// An object too large for the rest of an arena gets its own mapping.
fn huge(s: &'static Span, bytes: usize) -> &'static Span {
    let base = os::sys_map(bytes).unwrap_or_else(|| throw::out_of_memory(bytes));
    os::sys_huge(base, bytes);
    HUGE_BYTES.fetch_add(bytes as u64, Ordering::Relaxed);
    s.base.set(base);
    HEAP.lock.with(|| {
        s.next_huge.set(HEAP.huge.get());
        HEAP.huge.set(s);
    });
    s
}

/// A new arena, aligned to its size so that the arena of an address is easy to find.
fn grow() {
    let n = HEAP.arenas.get();
    let map = |size| os::sys_map(size).unwrap_or_else(|| throw::out_of_memory(size));
    let raw = map(ARENA * 2);
    let base = (raw + ARENA - 1) & !(ARENA - 1);
    if base > raw {
        os::sys_free(raw, base - raw);
    }
    os::sys_free(base + ARENA, raw + ARENA - base);
    let tables = map(ARENA_PAGES * 8 + ARENA / 16 * 4);
    let a = &ARENAS[n];
    a.spans.store(tables, Ordering::Relaxed);
    a.types.store(tables + ARENA_PAGES * 8, Ordering::Relaxed);
    a.base.store(base, Ordering::Release);
    // Huge pages help large heaps, but a kernel that must first make one does so slowly.
    if n >= HUGE_FROM / ARENA {
        os::sys_huge(base, ARENA);
    }
    HEAP.next.set(base);
    HEAP.backed.set(base);
    HEAP.end.set(base + ARENA);
    HEAP.arenas.set(n + 1);
}

/// A fresh span of a size class: first byte, end of the last whole object, and the address of the
/// type slot of the first granule.
pub fn small_span(class: usize, noscan: bool) -> (usize, usize, usize) {
    let size = CLASS_SIZE[class] as usize;
    let s = alloc_span(CLASS_PAGES[class] as usize, class as u8, noscan, 0);
    let base = s.base.get();
    let n = CLASS_PAGES[class] as usize * PAGE / size;
    OBJECTS[class].fetch_add(n as u64, Ordering::Relaxed);
    let a = &ARENAS[(0..HEAP.arenas.get())
        .rev()
        .find(|&i| arena_has(i, base))
        .unwrap_or(0)];
    let types = a.types.load(Ordering::Relaxed) + (base - a.base.load(Ordering::Relaxed)) / 16 * 4;
    (base, base + n * size, types)
}

fn arena_has(i: usize, addr: usize) -> bool {
    let base = ARENAS[i].base.load(Ordering::Relaxed);
    addr >= base && addr < base + ARENA
}

/// The span that `addr` points into.
pub fn span_of(addr: usize) -> Option<&'static Span> {
    let Some(i) = (0..HEAP.arenas.get()).find(|&i| arena_has(i, addr)) else {
        return huge_of(addr);
    };
    let a = &ARENAS[i];
    let at = addr - a.base.load(Ordering::Relaxed);
    // SAFETY: the table has a word per page: null, or a span that is never freed.
    unsafe {
        let spans = a.spans.load(Ordering::Relaxed) as *const *const Span;
        (*spans.add(at / PAGE)).as_ref()
    }
}

/// The span with a mapping of its own that `addr` points into.
fn huge_of(addr: usize) -> Option<&'static Span> {
    HEAP.lock.with(|| {
        let mut at = HEAP.huge.get();
        // SAFETY: spans are never freed.
        while let Some(s) = unsafe { at.as_ref() } {
            if addr >= s.base.get() && addr - s.base.get() < s.slot_size() {
                return Some(s);
            }
            at = s.next_huge.get();
        }
        None
    })
}

/// The object that `addr` points into.
pub fn object_of(addr: usize) -> Option<Object> {
    let s = span_of(addr)?;
    let start = s.base.get();
    let size = s.slot_size();
    let base = start + (addr - start) / size * size;
    let typ = match s.class.get() {
        _ if s.noscan.get() => 0,
        0 => s.typ.get(),
        _ => {
            let a = &ARENAS[(0..HEAP.arenas.get()).find(|&i| arena_has(i, addr))?];
            let slot = (base - a.base.load(Ordering::Relaxed)) / 16;
            // SAFETY: the table has a slot per granule.
            unsafe { *(a.types.load(Ordering::Relaxed) as *const u32).add(slot) as usize }
        }
    };
    Some(Object { base, size, typ })
}

/// The lowest and the highest address of arenas.
pub fn bounds() -> (usize, usize) {
    let bases = || (0..HEAP.arenas.get()).map(|i| ARENAS[i].base.load(Ordering::Relaxed));
    let (low, high) = (bases().min(), bases().max());
    (low.unwrap_or(0), high.map_or(0, |base| base + ARENA))
}

/// Calls `f` with each span. The world is stopped.
pub fn each_span(mut f: impl FnMut(&'static Span)) {
    for a in &ARENAS[..HEAP.arenas.get()] {
        let spans = a.spans.load(Ordering::Relaxed) as *const *const Span;
        let mut page = 0;
        while page < ARENA_PAGES {
            // SAFETY: the table has a word per page: null, or a span that is never freed.
            let Some(s) = (unsafe { (*spans.add(page)).as_ref() }) else {
                break;
            };
            f(s);
            page += s.npages.get();
        }
    }
    let mut at = HEAP.huge.get();
    // SAFETY: as above.
    while let Some(s) = unsafe { at.as_ref() } {
        f(s);
        at = s.next_huge.get();
    }
}

/// Calls `f` with each object that has been allocated. The world is stopped.
pub fn each_object(mut f: impl FnMut(&Object)) {
    each_span(|s| {
        let (base, size) = (s.base.get(), s.slot_size());
        let mut end = base + s.npages.get() * PAGE / size * size;
        // What a cache has not handed out yet.
        for r in every_p().flat_map(|p| &p.mcache.rest) {
            if r.base.get() == base {
                end = r.next.get();
            }
        }
        for at in (base..end).step_by(size) {
            if let Some(o) = object_of(at) {
                f(&o);
            }
        }
    });
}
