//! Models of a span between those who sweep it, hand out its objects, and ask whether one of them is dead.

use super::*;
use crate::mem::spanlists::SpanLists;
use loom::sync::Arc;

/// A span with its maps behind it, as `records.rs` makes them.
#[repr(C)]
struct Record {
    span: Span,
    maps: [AtomicU64; 2],
}

const CLASS: u8 = 6;
const OLD: u16 = 6;
const CYCLE: u16 = 7;

/// A span of two objects that have been handed out. The first has been reached.
fn span() -> &'static Span {
    let r: &'static Record = Box::leak(Box::new(Record {
        span: Span {
            base: Cell::new(0),
            elem: Cell::new(0),
            recip: Cell::new(0),
            nelems: Cell::new(0),
            npages: Cell::new(0),
            class: Cell::new(0),
            noscan: Cell::new(false),
            in_use: AtomicU8::new(0),
            record: Cell::new(0),
            swept: AtomicU16::new(OLD),
            zero: Cell::new(false),
            speciallock: SpinLock::new(),
            cursor: Cell::new(0),
            typ: AtomicUsize::new(0),
            specials: Cell::new(0),
            link: Link::new(core::ptr::null()),
        },
        maps: [AtomicU64::new(0), AtomicU64::new(0)],
    }));
    r.span.init_small(0x10000, CLASS, false, 2);
    r.span.take_run(2, false);
    r.span.mark(0);
    &r.span
}

/// What a P does that needs an object (`mcache.rs`): a swept span, or one that it sweeps.
fn acquire(lists: &SpanLists) -> Option<FreeRun> {
    let s = lists.partial().or_else(|| {
        let s = lists.unswept()?;
        s.flip(CYCLE);
        Some(s)
    })?;
    let run = s.take_run(1, false);
    lists.give(s);
    run
}

/// What an idle P does (`gc/sweep.rs`).
fn sweep_one(lists: &SpanLists) {
    if let Some(s) = lists.unswept() {
        s.flip(CYCLE);
        lists.give(s);
    }
}

/// Two Ps that allocate and one that sweeps: nobody gets the object that lives, and nobody one that another has.
#[test]
fn loom_sweeper_and_allocators() {
    loom::model(|| {
        let lists = Arc::new(SpanLists::new());
        let s = span();
        lists.give(s);
        lists.all_unswept();
        let (l1, l2) = (lists.clone(), lists.clone());
        let a = loom::thread::spawn(move || acquire(&l1));
        let b = loom::thread::spawn(move || sweep_one(&l2));
        let mine = acquire(&lists);
        let (theirs, ()) = (a.join().unwrap(), b.join().unwrap());
        let free = Some(FreeRun { first: 1, n: 1 });
        assert!(
            mine.is_none() || mine == free,
            "the living one is handed out"
        );
        assert!(
            theirs.is_none() || theirs == free,
            "the living one is handed out"
        );
        assert!(mine.is_none() || theirs.is_none(), "one object for two");
        assert!(s.is_allocated(0));
    });
}

/// A weak pointer is made strong while the span is swept: an object that has been reached is not taken for dead. The other one may be,
/// until the span is swept.
#[test]
fn loom_weak_pointer_and_sweeper() {
    loom::model(|| {
        let s = span();
        let sweeper = loom::thread::spawn(move || {
            s.flip(CYCLE);
        });
        assert!(
            !s.is_unreached(0, CYCLE),
            "a living object is taken for dead"
        );
        sweeper.join().unwrap();
        assert!(!s.is_unreached(1, CYCLE), "dead, in a span that is swept");
    });
}
