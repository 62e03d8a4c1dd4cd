//! Natives of package internal/synctest: a bubble from its first goroutine to its end. The counting is in
//! [`crate::gmp::bubble`], the loop that turns the clock in the overlay.

use super::associate;
use crate::arch::getm;
use crate::gmp::bubble::{Next, Rest};
use crate::gmp::{Bubble, G};
use crate::sched::choose::{Choice, choose};
use crate::sched::expire;
use crate::sched::park::{self, Object, Waiting, gopark};
use crate::sched::schedule::schedule;

/// The running goroutine becomes the root of a new bubble.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_bubblenew() -> *const Bubble {
    let g = getm().g();
    let b = Bubble::new(g);
    g.bubble.set(b);
    b
}

/// The root leaves its bubble; whether no goroutine remains in it.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_bubbleend(b: &Bubble) -> bool {
    b.end(getm().g())
}

/// The root sleeps until the other goroutines of the bubble are durably blocked. Not by `gopark`: whether it
/// may sleep and that it does must be one step.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_bubbleidle(b: &Bubble) {
    let m = getm();
    let g = m.g();
    let next = match b.root_sleeps() {
        Rest::Awake => return,
        Rest::Sleep => None,
        Rest::SleepAndWake(g) => Some(g),
    };
    park::note(g, Waiting::BubbleRun(Object::of(b)));
    m.drop_g();
    g.cast_park();
    b.unlock();
    park::wake(next);
    schedule()
}

/// Turns the clock to the next timer. 0: there are timers to run; 1: all goroutines are blocked for ever;
/// 2: the main goroutine has ended.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_bubbleadvance(b: &Bubble) -> usize {
    match b.advance() {
        Next::Timers => 0,
        Next::Blocked => 1,
        Next::Done => 2,
    }
}

/// Runs the timers that are due.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_bubbletimers(b: &Bubble) {
    expire::check_bubble(b);
}

/// time.Sleep in a bubble.
pub fn sleep(g: &G, b: &Bubble, ns: i64) -> ! {
    let when = b.now.get().saturating_add(ns);
    // Those of the same time wake in any order.
    let rank = choose(Choice::TimerOrder, u32::MAX);
    // The clock stands still until this goroutine is parked.
    b.timers
        .add_sleeper(core::ptr::from_ref(g) as usize, when, rank);
    gopark(Waiting::Time(when), || {})
}

/// Claims the bubble's one place for a waiter; false if it is taken.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_bubblewaitbegin(b: &Bubble) -> bool {
    b.wait_begins()
}

/// Sleeps until the other goroutines of the bubble are durably blocked.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_bubblewait(b: &Bubble) {
    let g = getm().g();
    gopark(Waiting::BubbleWait(Object::of(b)), || b.waits(g))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_bubblewaitend(b: &Bubble) {
    b.wait_ends();
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_bubbleacquire(b: &Bubble) {
    b.acquire();
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_bubblerelease(b: &Bubble) {
    park::wake(b.release());
}

/// The bubble that the object at `p` belongs to against that of the running goroutine: 0 none, 1 the same,
/// 2 another; with `add` an object without a bubble joins the goroutine's.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_bubbleassoc(p: usize, add: u8) -> usize {
    let Some(b) = getm().g().bubble() else {
        return 0;
    };
    associate::of(p, b.mark(), add != 0) as usize
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_bubbledisassoc(p: usize) {
    associate::forget(p);
}
