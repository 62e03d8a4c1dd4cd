//! The network poller as the scheduler sees it: one epoll set, asked without waiting by every M that runs out of
//! work, and waited in by at most one M, the *watcher*, which has given up its P and sleeps until a descriptor is
//! ready, the next timer is due, or [`wake`] interrupts it.
//!
//! Who watches, and until when, is [`crate::gmp::watch`].
//!
//! The set is made when it is first needed, since a program that never waits need not pay for it. A thread of its own
//! for the poller was tried first and cost a futex wake-up and two switches for each event.

use super::expire;
use super::idle::{start_idle, wakep};
use super::park::GList;
use super::runq::{globrunqput, runqput};
use crate::arch::getm;
use crate::gmp::{G, SCHED};
use crate::lang::throw;
use crate::os::epoll;
use crate::see::event::{Event, event};
use crate::sync::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

/// Goroutines that wait for a descriptor.
pub static WAITERS: AtomicU32 = AtomicU32::new(0);

static SET: AtomicUsize = AtomicUsize::new(0);
static BREAK: AtomicUsize = AtomicUsize::new(0);
static BREAK_SENT: AtomicBool = AtomicBool::new(false);
/// Somebody asks the set without waiting: once at a time is enough.
static ASKING: AtomicBool = AtomicBool::new(false);
/// What turns an event into goroutines; the descriptors' states lie above this module.
static READY: AtomicUsize = AtomicUsize::new(0);

/// The word that comes with events of the watcher's eventfd; those of descriptors are addresses.
const BREAK_WORD: usize = 1;

/// Given the word that [`watch_fd`] was given and the bits of an event, whom it wakes: parked goroutines that are
/// the caller's.
pub type Ready = fn(word: usize, events: u32) -> [Option<&'static G>; 2];

/// Says what to do with events; before the first [`watch_fd`].
pub fn on_event(f: Ready) {
    READY.store(f as usize, Ordering::Release);
}

/// The epoll descriptor, 0 before there is one.
pub fn fd() -> usize {
    SET.load(Ordering::Acquire)
}

/// Adds a descriptor to the set, edge-triggered, with a word that events bring back; 0 or a negative error number.
pub fn watch_fd(fd: usize, word: usize) -> isize {
    epoll::add(init(), fd, word)
}

/// Takes a descriptor out of the set.
pub fn forget_fd(fd: usize) {
    epoll::del(SET.load(Ordering::Acquire), fd);
}

/// The set, which the first call makes.
fn init() -> usize {
    let set = SET.load(Ordering::Acquire);
    if set != 0 {
        return set;
    }
    SCHED.lock.lock();
    let mut set = SET.load(Ordering::Relaxed);
    if set == 0 {
        let (ep, ev) = (epoll::create(), epoll::eventfd());
        if ep < 0 || ev < 0 || epoll::add_level(ep as usize, ev as usize, BREAK_WORD) < 0 {
            SCHED.lock.unlock();
            throw::throw("runtime: netpollinit failed");
        }
        set = ep as usize;
        BREAK.store(ev as usize, Ordering::Relaxed);
        SET.store(set, Ordering::Release);
    }
    SCHED.lock.unlock();
    set
}

/// Whether anybody waits for a descriptor or a timer.
fn wanted() -> bool {
    WAITERS.load(Ordering::SeqCst) != 0 || expire::TIMERS.load(Ordering::SeqCst) != 0
}

/// Whether somebody should wait in the set and nobody does.
pub fn unwatched() -> bool {
    SCHED.watch.is_vacant() && wanted()
}

/// Whether a look without waiting may find something.
pub fn worth_asking() -> bool {
    WAITERS.load(Ordering::Relaxed) != 0 && SCHED.watch.is_vacant()
}

/// Asks the set without waiting, unless somebody else does.
pub fn ask() -> GList {
    if fd() == 0 || ASKING.swap(true, Ordering::Acquire) {
        return GList::new();
    }
    let list = poll(0);
    ASKING.store(false, Ordering::Release);
    list
}

/// Becomes the watcher, for a caller without P: sleeps until something happens. None if there is a watcher already
/// (who now knows how early the next timer is), or if there is nothing to wait for.
pub fn watch() -> Option<GList> {
    if !wanted() {
        return None;
    }
    // Who adds a timer as soon as there is a watcher must find something to interrupt it with.
    init();
    if !SCHED.watch.take() {
        if let Some(when) = expire::next_when() {
            wake(when);
        }
        return None;
    }
    // Only now: a timer that is added later finds us, and interrupts.
    let until = expire::next_when();
    let mut delay = -1;
    if let Some(when) = until {
        SCHED.watch.sleeps_until(when);
        delay = (when - crate::os::nanotime()).max(0);
    }
    crate::chaos::point();
    let list = poll(delay);
    SCHED.watch.leave(crate::os::nanotime());
    Some(list)
}

/// A timer due at `when` has been added, or has lost the P that looked after it: if there is a watcher that means to
/// sleep longer, it looks again. Without one all Ps that are not idle look after the timers themselves.
pub fn wake(when: i64) {
    if SCHED.watch.oversleeps(when) {
        interrupt();
    }
}

fn interrupt() {
    if !BREAK_SENT.swap(true, Ordering::SeqCst) {
        epoll::signal(BREAK.load(Ordering::Relaxed));
    }
}

/// Sysmon's look: nobody has asked for 10 ms.
pub fn ask_late(now: i64) {
    const LATE_NS: i64 = 10_000_000;
    let Some(last) = SCHED.watch.last().filter(|at| at + LATE_NS <= now) else {
        return;
    };
    if fd() != 0 && WAITERS.load(Ordering::Relaxed) != 0 && SCHED.watch.asks(last, now) {
        inject(poll(0));
    }
}

/// The goroutines that are ready now, or within `delay` nanoseconds (below 0: without limit).
fn poll(delay: i64) -> GList {
    let set = init();
    let list = GList::new();
    let mut events = [epoll::Event { events: 0, data: 0 }; 128];
    let n = epoll::wait(set, &mut events, delay);
    // SAFETY: only `on_event` stores here, before there are descriptors.
    let ready: Option<Ready> = unsafe { core::mem::transmute(READY.load(Ordering::Acquire)) };
    for ev in &events[..n] {
        let (bits, word) = (ev.events, ev.data);
        if word == BREAK_WORD {
            // Meant for the watcher; who only asks leaves it there.
            if delay != 0 {
                epoll::drain(BREAK.load(Ordering::Relaxed));
                BREAK_SENT.store(false, Ordering::SeqCst);
            }
            continue;
        }
        if let Some(f) = ready {
            f(word, bits)
                .into_iter()
                .flatten()
                .for_each(|g| list.push(g));
        }
    }
    list
}

/// The first of the list, marked runnable, for the caller to run; the others are queued.
pub fn take_first(list: GList) -> Option<&'static G> {
    let g = list.pop()?;
    inject(list);
    readied(g);
    WAITERS.fetch_sub(1, Ordering::SeqCst);
    Some(g)
}

fn readied(g: &G) {
    event(Event::GoUnblock, g.goid.get(), 0);
    g.cast_ready();
}

/// Makes the goroutines of the list, which waited for descriptors, runnable; from any thread, with or without P.
/// As many as there are idle Ps go to the global queue, each with an M, the others to the own ring.
pub fn inject(list: GList) {
    let n = list.len();
    if n == 0 {
        return;
    }
    // SAFETY: Ps are never freed.
    let p = unsafe { getm().p.get().as_ref() };
    let idle = match p {
        Some(_) => SCHED.look.idle().min(n),
        None => n,
    };
    if idle > 0 {
        SCHED.lock.with(|| {
            for _ in 0..idle {
                let Some(g) = list.pop() else { break };
                readied(g);
                globrunqput(g);
            }
        });
    }
    if let Some(p) = p {
        while let Some(g) = list.pop() {
            readied(g);
            runqput(p, g, false);
        }
    }
    // Only now: until all are on a queue, the deadlock check must count them as waiting.
    WAITERS.fetch_sub(n, Ordering::SeqCst);
    start_idle(idle);
    if p.is_some() {
        wakep();
    }
}
