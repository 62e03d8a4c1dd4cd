//! Tests of the heap: order, repetition, taking out, sleepers.

use super::*;
use std::cell::RefCell;

thread_local! {
    static FIRED: RefCell<Vec<(usize, i64)>> = const { RefCell::new(Vec::new()) };
}

fn note(t: &Timer, late: i64) -> Fired {
    FIRED.with(|f| f.borrow_mut().push((t.target.get(), late)));
    Fired::Done
}

fn fired() -> Vec<(usize, i64)> {
    FIRED.with(RefCell::take)
}

fn set(t: &Timer, h: &Timers, when: i64, period: i64) -> bool {
    t.reset(h, (when, period), (0, 0), || false).first.is_some()
}

#[test]
fn order_and_removal() {
    let h = Timers::new();
    let timers: Vec<Timer> = (0..100).map(|i| Timer::new(note, i, false)).collect();
    for (i, t) in timers.iter().enumerate() {
        set(t, &h, 1 + (i as i64 * 37) % 100, 0);
    }
    assert_eq!((h.len(), h.min()), (100, 1));
    for t in timers.iter().step_by(3) {
        let c = t.stop(|| false);
        assert!(c.pending && c.moved == -1);
        assert!(!t.stop(|| false).pending);
    }
    let e = h.expire(60, usize::MAX, |_| {});
    let at = |i: usize| 1 + (i as i64 * 37) % 100;
    let mut want: Vec<_> = (0..100).filter(|i| i % 3 != 0 && at(*i) <= 60).collect();
    want.sort_by_key(|&i| at(i));
    let want_late: Vec<_> = want.iter().map(|&i| (i, 60 - at(i))).collect();
    assert_eq!(fired(), want_late);
    assert!(e.all && e.left == want.len());
    assert_eq!(h.len(), 66 - want.len());
}

#[test]
fn repetition_and_batches() {
    let h = Timers::new();
    let t = Timer::new(note, 7, false);
    set(&t, &h, 10, 10);
    h.add_sleeper(64, 15, 0);
    h.add_sleeper(128, 12, 0);
    let mut ready = Vec::new();
    let mut each = |f| {
        if let Fired::Ready(g) = f {
            ready.push(g);
        }
    };
    assert!(!h.expire(35, 1, &mut each).all);
    assert_eq!(fired(), [(7, 25)]);
    assert_eq!(h.expire(35, 9, &mut each).left, 2);
    assert_eq!(ready, [128, 64]);
    assert_eq!(h.min(), 40);
    assert!(t.stop(|| false).pending);
    assert_eq!((h.len(), h.min()), (0, 0));
}

#[test]
fn unwatched_stays_outside() {
    let h = Timers::new();
    let t = Timer::new(note, 1, true);
    set(&t, &h, 10, 0);
    assert!(h.is_empty());
    assert_eq!(t.watch(&h).moved, 1);
    assert_eq!((h.len(), h.min()), (1, 10));
    assert_eq!(t.unwatch().moved, -1);
    assert!(h.is_empty());
    t.poll(|| 9);
    assert_eq!(fired(), []);
    t.poll(|| 12);
    t.poll(|| 13);
    assert_eq!(fired(), [(1, 2)]);
    assert!(!t.stop(|| false).pending);
    // Set again while it is watched.
    t.watch(&h);
    set(&t, &h, 20, 0);
    h.expire(20, 9, |_| {});
    assert_eq!(fired(), [(1, 0)]);
    assert_eq!(t.unwatch().moved, 0);
}

#[test]
fn moves_to_another_heap() {
    let (a, b) = (Timers::new(), Timers::new());
    let t = Timer::new(note, 3, false);
    set(&t, &a, 10, 0);
    a.add_sleeper(64, 5, 0);
    b.take_all(&a);
    assert_eq!((a.len(), b.len(), b.min()), (0, 2, 5));
    assert!(t.stop(|| false).pending);
    assert_eq!(b.len(), 1);
}
