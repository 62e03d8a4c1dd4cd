//! The page heap: arenas of 64 MiB of address space, and who owns each page.
//!
//! An arena is aligned to its size, so a table with a word for each possible one finds it from any address, and its own
//! table the span of a page. Objects that need more than an arena get several that lie side by side. Arenas that
//! become empty again go back to the system, except the last one.

use super::pagemap::{PAGES, PageMap};
use super::records;
use super::sizeclass::PAGE;
use super::span::Span;
use crate::lang::throw;
use crate::lock::SpinLock;
use crate::os;
use crate::rank;
use crate::sync::{AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use core::cell::{Cell, UnsafeCell};
use core::ptr::null_mut;

/// Bytes of an arena.
pub const ARENA: usize = PAGES * PAGE;
const SHIFT: u32 = ARENA.trailing_zeros();
/// Arenas that there could be in the 47 bits of a user's address.
const SLOTS: usize = 1 << (47 - SHIFT);
/// Larger heaps ask for huge pages.
const HUGE_FROM: u64 = 1 << 30;
/// Smaller heaps get their pages one by one, when they are touched.
const BACK_FROM: u64 = 4 << 20;
/// Arenas that can be in use at a time.
const MOST: usize = 1 << 16;

/// What is known of an arena, in a mapping of its own.
struct Arena {
    base: usize,
    /// The span of each page, or null.
    spans: [AtomicPtr<Span>; PAGES],
    map: UnsafeCell<PageMap>,
    /// Its place in the list of arenas.
    place: Cell<usize>,
}

// SAFETY: map and place are only touched with the lock of the heap held.
unsafe impl Sync for Arena {}

/// By address.
static TABLE: [AtomicPtr<Arena>; SLOTS] = [const { AtomicPtr::new(null_mut()) }; SLOTS];

struct Heap {
    lock: SpinLock<{ rank::HEAP }>,
    /// Arenas in use, in the order in which they came.
    list: [AtomicPtr<Arena>; MOST],
    n: Cell<usize>,
    /// No arena before has a free page.
    low: Cell<usize>,
}
// SAFETY: cells are only touched with the lock held.
unsafe impl Sync for Heap {}
static HEAP: Heap = Heap {
    lock: SpinLock::new(),
    list: [const { AtomicPtr::new(null_mut()) }; MOST],
    n: Cell::new(0),
    low: Cell::new(0),
};

/// Bytes of address space in arenas.
pub static MAPPED: AtomicU64 = AtomicU64::new(0);
/// Bytes of pages in spans.
pub static IN_USE: AtomicU64 = AtomicU64::new(0);
/// Bytes of free pages that have no memory behind them.
pub static RELEASED: AtomicU64 = AtomicU64::new(0);

/// Pages for a span.
pub struct Pages {
    /// First byte.
    pub base: usize,
    /// They read as zero.
    pub zero: bool,
}

/// See [`bounds`].
static LOW: AtomicUsize = AtomicUsize::new(usize::MAX);
static HIGH: AtomicUsize = AtomicUsize::new(0);

/// The lowest and the highest address that arenas have had.
pub fn bounds() -> (usize, usize) {
    let low = LOW.load(Ordering::Relaxed);
    (
        if low == usize::MAX { 0 } else { low },
        HIGH.load(Ordering::Relaxed),
    )
}

/// Arenas that there are. The number only falls while nobody marks.
pub fn count() -> usize {
    HEAP.lock.with(|| HEAP.n.get())
}

/// Calls `f` with each span that begins in arena number `i`.
pub fn each_span(i: usize, mut f: impl FnMut(&'static Span)) {
    let Some(a) = HEAP.lock.with(|| (i < HEAP.n.get()).then(|| listed(i))) else {
        return;
    };
    let mut page = 0;
    while page < PAGES {
        // SAFETY: records are never unmapped.
        let s = unsafe { a.spans[page].load(Ordering::Acquire).as_ref() };
        page += 1;
        if let Some(s) = s.filter(|s| s.is_used()) {
            if s.base.get() == a.base + (page - 1) * PAGE {
                f(s);
            }
            page += (s.npages.get() as usize).saturating_sub(1);
        }
    }
}

/// Whether `addr` lies between arenas: most words that are no pointers to the heap do not.
#[inline(always)]
pub fn may_hold(addr: usize) -> bool {
    addr >= LOW.load(Ordering::Relaxed) && addr < HIGH.load(Ordering::Relaxed)
}

/// The span that `addr` lies in, if that is in use.
#[inline(always)]
pub fn span_of(addr: usize) -> Option<&'static Span> {
    let arena = TABLE.get(addr >> SHIFT)?.load(Ordering::Acquire);
    // SAFETY: an arena in the table stays mapped while anybody may look at addresses in it: it goes only when it has
    // no span, so that nobody has such an address except a marker that looks at a number by chance, and none goes while
    // there is marking.
    let arena = unsafe { arena.as_ref() }?;
    let page = addr / PAGE % PAGES;
    // SAFETY: records are never unmapped.
    unsafe { arena.spans[page].load(Ordering::Acquire).as_ref() }
}

/// The number of the arena that `addr` lies in, below [`count`]. The world is stopped.
pub fn number_of(addr: usize) -> Option<usize> {
    let arena = TABLE.get(addr >> SHIFT)?.load(Ordering::Acquire);
    // SAFETY: none goes while the world is stopped.
    unsafe { arena.as_ref() }.map(|a| a.place.get())
}

/// Takes `n` pages for span `s`, whose pages the table says from now on. `touched` says that all of them will be
/// used soon.
pub fn take(n: usize, s: &'static Span, touched: bool) -> Pages {
    HEAP.lock.lock();
    let (base, run) = match first_fit(n) {
        Some(found) => found,
        None => grow(n),
    };
    let bytes = (n * PAGE) as u64;
    let inuse = IN_USE.fetch_add(bytes, Ordering::Relaxed);
    own(base, n, core::ptr::from_ref(s).cast_mut());
    let mut back = 0;
    if touched && run.released > 0 && inuse >= BACK_FROM {
        let ahead = (inuse as usize / 32).min(1 << 20) / PAGE;
        // SAFETY: the arena exists, and the lock is held.
        let map = unsafe { &mut *(*arena_at(base)).map.get() };
        let more = map.back(base / PAGE % PAGES + n, ahead);
        RELEASED.fetch_sub((more * PAGE) as u64, Ordering::Relaxed);
        back = n + more;
    }
    HEAP.lock.unlock();
    if back > 0 {
        // Much cheaper than a fault for each page, and without the lock.
        os::sys_populate(base, back * PAGE);
    }
    Pages {
        base,
        zero: run.zero,
    }
}

/// What [`take`] has found.
struct Found {
    zero: bool,
    released: usize,
}

fn arena_at(addr: usize) -> *mut Arena {
    TABLE[addr >> SHIFT].load(Ordering::Relaxed)
}

fn listed(i: usize) -> &'static Arena {
    // SAFETY: arenas in the list exist; the lock is held.
    unsafe { &*HEAP.list[i].load(Ordering::Relaxed) }
}

/// The first free run of `n` pages. The lock is held.
fn first_fit(n: usize) -> Option<(usize, Found)> {
    let mut all_full = true;
    for i in HEAP.low.get()..HEAP.n.get() {
        let a = listed(i);
        // SAFETY: the lock is held.
        let map = unsafe { &mut *a.map.get() };
        if let Some(r) = map.take(n) {
            RELEASED.fetch_sub((r.released * PAGE) as u64, Ordering::Relaxed);
            return Some((
                a.base + r.at * PAGE,
                Found {
                    zero: r.zero,
                    released: r.released,
                },
            ));
        }
        all_full &= map.nfree() == 0;
        if all_full {
            HEAP.low.set(i + 1);
        }
    }
    None
}

/// Writes into the table whom `n` pages belong to. The lock is held.
fn own(base: usize, n: usize, s: *mut Span) {
    for page in base / PAGE..base / PAGE + n {
        // SAFETY: the arena of a page that has been handed out exists.
        let arena = unsafe { &*arena_at(page * PAGE) };
        arena.spans[page % PAGES].store(s, Ordering::Release);
    }
}

/// New arenas, as many as `n` pages need; takes these pages. The lock is held.
fn grow(n: usize) -> (usize, Found) {
    let k = n.div_ceil(PAGES);
    let bytes = k * ARENA;
    let fail = || {
        HEAP.lock.unlock();
        throw::out_of_memory(n * PAGE)
    };
    let raw = os::sys_map(bytes + ARENA).unwrap_or_else(fail);
    let base = (raw + ARENA - 1) & !(ARENA - 1);
    if base > raw {
        os::sys_free(raw, base - raw);
    }
    os::sys_free(base + bytes, raw + ARENA - base);
    if HEAP.n.get() + k > MOST || base >> SHIFT >= SLOTS {
        fail();
    }
    // Huge pages help large heaps, but a kernel that must first make one does so slowly.
    if MAPPED.load(Ordering::Relaxed) >= HUGE_FROM || k > 1 {
        os::sys_huge(base, bytes);
    }
    let mut left = n;
    for i in 0..k {
        let a = os::sys_map(size_of::<Arena>()).unwrap_or_else(fail) as *mut Arena;
        // SAFETY: fresh memory; zeroed tables are valid.
        unsafe {
            (*a).base = base + i * ARENA;
            let map = &mut *(*a).map.get();
            map.fresh();
            let here = left.min(PAGES);
            if here > 0 {
                map.take_at(0, here);
            }
            left -= here;
            (*a).place.set(HEAP.n.get());
        }
        HEAP.list[HEAP.n.get()].store(a, Ordering::Relaxed);
        HEAP.n.set(HEAP.n.get() + 1);
        TABLE[(base >> SHIFT) + i].store(a, Ordering::Release);
    }
    LOW.fetch_min(base, Ordering::Relaxed);
    HIGH.fetch_max(base + bytes, Ordering::Relaxed);
    MAPPED.fetch_add(bytes as u64, Ordering::Relaxed);
    RELEASED.fetch_add((bytes - n * PAGE) as u64, Ordering::Relaxed);
    (
        base,
        Found {
            zero: true,
            released: n,
        },
    )
}

/// Gives the pages of a span back, and its record. Nothing refers to the span any more.
pub fn give(s: &'static Span) {
    let (base, n) = (s.base.get(), s.npages.get() as usize);
    s.end();
    HEAP.lock.with(|| {
        own(base, n, null_mut());
        let (mut at, end) = (base, base + n * PAGE);
        while at < end {
            // SAFETY: the arena of a page in use; the lock is held.
            let a = unsafe { &*arena_at(at) };
            let here = (end - at).min(a.base + ARENA - at);
            // SAFETY: as above.
            let map = unsafe { &mut *a.map.get() };
            map.give((at - a.base) / PAGE, here / PAGE);
            HEAP.low.set(HEAP.low.get().min(a.place.get()));
            // What a huge object leaves behind is of use for another one only as address space.
            if map.nfree() == PAGES && n > PAGES && HEAP.n.get() > 1 {
                drop_arena(a);
            }
            at += here;
        }
    });
    IN_USE.fetch_sub((n * PAGE) as u64, Ordering::Relaxed);
    records::give(s);
}

/// An empty arena goes back to the system. The lock is held.
fn drop_arena(a: &'static Arena) {
    TABLE[a.base >> SHIFT].store(null_mut(), Ordering::Release);
    let last = HEAP.n.get() - 1;
    let moved = listed(last);
    HEAP.list[a.place.get()].store(core::ptr::from_ref(moved).cast_mut(), Ordering::Relaxed);
    moved.place.set(a.place.get());
    HEAP.n.set(last);
    HEAP.low.set(HEAP.low.get().min(last));
    // SAFETY: the lock is held.
    let held = unsafe { (*a.map.get()).held() };
    RELEASED.fetch_sub((ARENA - held * PAGE) as u64, Ordering::Relaxed);
    MAPPED.fetch_sub(ARENA as u64, Ordering::Relaxed);
    os::sys_free(a.base, ARENA);
    os::sys_free(core::ptr::from_ref(a) as usize, size_of::<Arena>());
}

/// Gives memory of free pages back to the system, from above, about `want` bytes; how many it was. Stops early when
/// `go_on` says so.
pub fn release(want: usize, mut go_on: impl FnMut() -> bool) -> usize {
    /// Pages at a time: the lock is open while the kernel works, and the pages are nobody's then.
    const PIECE: usize = 256;
    let mut done = 0;
    let mut i = HEAP.lock.with(|| HEAP.n.get());
    while i > 0 && done < want {
        i -= 1;
        let mut below = PAGES;
        while done < want {
            if !go_on() {
                return done;
            }
            let found = HEAP.lock.with(|| {
                if i >= HEAP.n.get() {
                    return None;
                }
                let a = listed(i);
                // SAFETY: the lock is held.
                let map = unsafe { &mut *a.map.get() };
                let (at, n) = map.last_used(below, PIECE.min((want - done).div_ceil(PAGE)))?;
                map.take_at(at, n);
                Some((a, at, n))
            });
            let Some((a, at, n)) = found else { break };
            os::sys_unused(a.base + at * PAGE, n * PAGE);
            HEAP.lock.with(|| {
                // SAFETY: as above; an arena with pages that are taken stays.
                unsafe { (*a.map.get()).give_released(at, n) };
                HEAP.low.set(HEAP.low.get().min(a.place.get()));
            });
            RELEASED.fetch_add((n * PAGE) as u64, Ordering::Relaxed);
            done += n * PAGE;
            below = at;
        }
    }
    done
}

/// Bytes of free pages that have memory behind them.
pub fn held() -> usize {
    let free = MAPPED
        .load(Ordering::Relaxed)
        .saturating_sub(IN_USE.load(Ordering::Relaxed));
    free.saturating_sub(RELEASED.load(Ordering::Relaxed)) as usize
}

/// Bytes of the tables of arenas.
pub fn tables() -> usize {
    MAPPED.load(Ordering::Relaxed) as usize / ARENA * size_of::<Arena>()
}

/// The most pages that a span can have.
pub const MOST_PAGES: usize = u32::MAX as usize;
const _: () = assert!(MOST_PAGES < usize::MAX / PAGE);
