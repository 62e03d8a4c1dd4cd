//! What the scheduler does for the collector: it begins a cycle, marks in quanta, and ends the cycle.
//!
//! There are no goroutines and no Ps for marking. A P with work gives a quarter of its time to it, at most [`QUANTUM`] at
//! once, and less if a stop of the world is asked for. A P without work marks until it gets some. Tried: quanta that end when
//! goroutines wait; where some always do, marking never got on. Who leaves the mark phase last and sees nothing more to do stops the world and looks
//! again.
//!
//! A cycle begins and ends where its time has come: in the schedule loop, and in natives that allocate, since a goroutine may
//! allocate for long without coming by the loop. The hooks of packages are Go code; a goroutine runs them
//! soon after ([`helper`]), or before the cycle if it is called for. Tried: cycles that begin in that goroutine; where all Ps
//! ran loops without calls, heaps of ten times the goal were seen before it had a P.

use super::park::{Waiting, gopark, goready};
use super::{expire, gfree, world};
use crate::arch::getm;
use crate::debug;
use crate::gc::mark::Worker;
use crate::gc::stack::Own;
use crate::gc::trace::Cycle;
use crate::gc::{
    checkmark, cycle, finq, helper, leaks, pacer, pacertrace, profile, quantum, quiet, roots,
    special, stack, stats, sweep, trace, work,
};
use crate::gmp::list::Queue;
use crate::gmp::sched::{every_p, gomaxprocs};
use crate::gmp::{G, M, P, SCHED};
use crate::lock::{self, SpinLock};
use crate::mem::records;
use crate::os;
use crate::rank;
use crate::sync::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering};

/// A P with goroutines to run marks so many nanoseconds at most.
const QUANTUM: i64 = 100_000;
/// After that it runs them for so many times as long.
const SHARE: i64 = 3;
/// Its part of the time.
const PART: f64 = 1.0 / (1 + SHARE) as f64;
/// A P without work looks for some after so many nanoseconds.
const IDLE: i64 = 500_000;
/// The end of marking may take so long while the world is stopped; then it goes on beside the program.
const LAST: i64 = 200_000;
/// Who allocates, with the heap above the goal and nothing to mark, sleeps for so many microseconds at once.
const NAP: u64 = 20;
/// And in all for so many nanoseconds for each byte, up to [`MOST_NAPS`].
const PER_BYTE: i64 = 10;
/// See [`PER_BYTE`].
const MOST_NAPS: i64 = 10_000_000;
/// Spans that are swept at once where a goroutine waits for it.
const SWEEP: usize = 128;

/// Somebody ends a cycle.
static DRIVER: AtomicBool = AtomicBool::new(false);
/// A cycle has ended while the world was stopped; the rest is to be done.
static ENDED: AtomicBool = AtomicBool::new(false);
/// Number of the last cycle whose marking has ended.
static DONE: AtomicU32 = AtomicU32::new(0);
/// The cycle was called for.
static FORCED: AtomicBool = AtomicBool::new(false);
/// Cycles in which hooks are to be run, if pools are not used again.
static HOOKS: AtomicU32 = AtomicU32::new(0);
/// When the stop of the world began in which the cycle did, and when that was over.
static BEGAN: [AtomicI64; 2] = [const { AtomicI64::new(0) }; 2];
/// Nanoseconds of marking in this cycle: in quanta, by idle Ps, in allocations.
static SPENT: [AtomicU64; 3] = [const { AtomicU64::new(0) }; 3];

/// Goroutines in `runtime.GC`. The number of the cycle that each waits for is in its `sched.ret2`.
struct Waiters {
    lock: SpinLock<{ rank::GCWAIT }>,
    list: Queue<G>,
}
// SAFETY: the list is only touched with the lock held.
unsafe impl Sync for Waiters {}
static WAITERS: Waiters = Waiters {
    lock: SpinLock::new(),
    list: Queue::new(),
};

/// The schedule loop, with a P and without a goroutine, while [`cycle::attention`].
#[cold]
#[inline(never)]
pub fn at_schedule(m: &M) {
    super::maxprocs::follow();
    let p = m.pp();
    if ENDED.load(Ordering::SeqCst) && ENDED.swap(false, Ordering::SeqCst) {
        after();
    }
    if cycle::take_asked() && !cycle::is_marking() {
        begin();
    }
    if finq::wanted() {
        finq::wake();
    }
    if cycle::is_marking() {
        let now = os::nanotime();
        if now >= p.mark_due.get() {
            quantum(p, 0, now);
        }
    } else {
        let more = quiet::take_sweep() && (0..SWEEP).all(|_| sweep::one());
        if more {
            quiet::sweep();
        }
        cycle::settle(more || ENDED.load(Ordering::SeqCst));
    }
}

/// An allocation of so many bytes while objects are marked, on g0 in a native. The P gives its share as in the schedule loop,
/// and more if marking is late.
///
/// Where the heap is above the goal and others have all that is left to mark, it waits for them, the longer the more it
/// takes: the thread that marks may have lost its processor. One nap for each allocation was tried first: a loop that
/// makes a megabyte at a time took 35 of them, at a goal of 6, while the only one who marked had lost its processor for 5 ms.
#[cold]
#[inline(never)]
pub fn help(bytes: usize) {
    let m = getm();
    let (p, now) = (m.pp(), os::nanotime());
    let share_done = now < p.mark_due.get() && !pacer::is_late() && !pacer::is_over();
    if m.locks.get() > 0 || share_done {
        return;
    }
    let until = now + (bytes as i64).saturating_mul(PER_BYTE).min(MOST_NAPS);
    let mut at = now;
    while cycle::is_marking() && !quantum(p, 2, at) && pacer::is_over() {
        os::usleep(NAP);
        at = os::nanotime();
        if at >= until || SCHED.gcwaiting.load(Ordering::Relaxed) {
            break;
        }
    }
}

/// A P with goroutines to run marks from `now` on, and then runs them for a while; whether there was anything to mark.
fn quantum(p: &P, what: usize, now: i64) -> bool {
    let did = mark(p, what, now, now + QUANTUM, || false);
    let end = os::nanotime();
    // A thread that has lost its processor meanwhile has not marked all the time.
    p.mark_due.set(end + SHARE * (end - now).min(2 * QUANTUM));
    did
}

/// Begins a cycle, on g0 with a P and without a lock, in a native or in the schedule loop. Nothing happens if the goroutine is
/// pinned, which pools count on, or if somebody else stops the world; then the next allocation tries again.
#[cold]
#[inline(never)]
pub fn begin() {
    let m = getm();
    lock::assert_none_held();
    if m.locks.get() > 0 {
        return;
    }
    while !SCHED.gcwaiting.load(Ordering::Relaxed) {
        if !sweep::one() {
            break;
        }
    }
    if world::stop(true) {
        if !cycle::is_marking() {
            start(m, false, Own::Called);
        }
        let hooks = hooks_due();
        world::start(true);
        if hooks {
            helper::wake();
        }
    }
}

/// A P without work; whether it has done something, so that it is to look for work again.
pub fn when_idle(p: &P) -> bool {
    if cycle::is_marking() {
        let now = os::nanotime();
        if mark(p, 1, now, now + IDLE, || has_work(p)) {
            return true;
        }
        // The last one who leaves ends the cycle, which may have made goroutines runnable; if it could not, somebody must
        // try again.
        return has_work(p) || cycle::is_marking() && quantum::active() == 0;
    }
    for _ in 0..8 {
        if has_work(p) || !sweep::one() {
            break;
        }
    }
    has_work(p) || sweep::any() || finq::wanted()
}

fn has_work(p: &P) -> bool {
    !p.runq.is_empty() || SCHED.runq_size.load(Ordering::Relaxed) != 0 || expire::due(p)
}

/// Marks from `now` until `until`, or until `stop`; whether there was anything to mark.
fn mark(p: &P, what: usize, now: i64, until: i64, stop: impl Fn() -> bool) -> bool {
    let stop = || SCHED.gcwaiting.load(Ordering::Relaxed) || stop();
    let (done, last) = quantum::mark(&p.worker, until, stop);
    if done {
        SPENT[what].fetch_add((os::nanotime() - now) as u64, Ordering::Relaxed);
    }
    if last && quantum::nothing_left() && !DRIVER.swap(true, Ordering::SeqCst) {
        end(p);
        DRIVER.store(false, Ordering::SeqCst);
    }
    done
}

/// Sweeps some of what is left of the last cycle; false if all is swept.
#[unsafe(no_mangle)]
extern "C" fn rt_gcsweepsome() -> bool {
    let more = (0..SWEEP).all(|_| sweep::one()) || sweep::any();
    if !more {
        profile::swept();
    }
    if finq::wanted() {
        finq::wake();
    }
    more
}

/// The hooks have been run, and the world is stopped. If a cycle is called for, it begins, or follows the one that is under
/// way; returns its number.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_gcbegin(forced: bool) -> u32 {
    if cycle::is_marking() {
        if forced {
            cycle::again();
        }
        return cycle::number().wrapping_add(1);
    }
    if forced || cycle::is_wanted() {
        // The native holds nothing, and its stub is one that parks.
        start(getm(), true, Own::Parked);
    }
    cycle::number()
}

/// Whether the hooks have something to do in this cycle. What a pool has got it gives up in two steps. The world is stopped.
fn hooks_due() -> bool {
    if every_p().filter(|p| p.pools.replace(0) != 0).count() > 0 {
        HOOKS.store(2, Ordering::Relaxed);
    }
    let n = HOOKS.load(Ordering::Relaxed);
    HOOKS.store(n.saturating_sub(1), Ordering::Relaxed);
    n > 0
}

/// Begins a cycle. The world is stopped; `own` says how the goroutine stands that runs.
fn start(m: &M, forced: bool, own: Own) {
    sweep::all();
    profile::swept();
    if quiet::take_trim() {
        every_p().for_each(|p| {
            gfree::spill(p, 0);
            p.sudogs.give_back();
        });
    }
    cycle::start();
    leaks::begin();
    FORCED.store(forced, Ordering::Relaxed);
    SPENT.iter().for_each(|s| s.store(0, Ordering::Relaxed));
    let w = &m.pp().worker;
    stack::scan_own(w, m, own);
    pacertrace::began(PART);
    BEGAN[0].store(world::stopped_since(), Ordering::Relaxed);
    BEGAN[1].store(os::nanotime(), Ordering::Relaxed);
    if !cycle::is_concurrent() {
        while !rest(w, i64::MAX) {
            while roots::one(w) {}
        }
        let now = os::nanotime();
        finish(now, own);
        ENDED.store(true, Ordering::SeqCst);
        cycle::call();
    }
}

/// Ends the cycle, if nothing is left to mark.
fn end(p: &P) {
    let mut ended = false;
    world::while_stopped(|| {
        let now = os::nanotime();
        if !cycle::is_marking() {
            return;
        }
        cycle::collect_found();
        if rest(&p.worker, now + LAST) {
            finish(now, Own::Called);
            ended = true;
        }
    });
    if ended {
        after();
    }
}

/// Marks what barriers and looks at stacks have left, while the world is stopped; whether that is all.
fn rest(w: &Worker, until: i64) -> bool {
    let empty = w.drain(|| os::nanotime() > until) && !roots::any();
    w.share();
    empty
}

/// Nothing is left to mark. The world has been stopped for the end since `since`.
fn finish(since: i64, own: Own) {
    if debug::GCCHECKMARK.load(Ordering::Relaxed) > 0 {
        checkmark::check(own);
    }
    let leaks = leaks::look(own);
    let before = pacer::heap();
    let goal = pacer::goal();
    cycle::finish();
    profile::next_cycle();
    let get = |t: &AtomicI64| t.load(Ordering::Relaxed);
    let spent = |i: usize| SPENT[i].load(Ordering::Relaxed);
    quiet::took((0..3).map(spent).sum());
    let (began, marking) = (get(&BEGAN[0]), get(&BEGAN[1]));
    let now = os::nanotime();
    let c = Cycle {
        number: cycle::number().into(),
        begin: (began - stats::start_time()) as u64,
        phases: [marking - began, since - marking, now - since].map(|t| t.max(0) as u64),
        stopped_procs: gomaxprocs(),
        assist: spent(2),
        dedicated: spent(0),
        idle: spent(1),
        heap: [pacer::before(), before, pacer::marked_bytes()],
        goal,
        stacks: pacer::stacks(),
        globals: crate::gc::globals::bytes(),
        procs: gomaxprocs(),
        forced: FORCED.load(Ordering::Relaxed),
        leaks,
    };
    stats::cycle_ended(&c, pacer::live());
    DONE.store(cycle::number(), Ordering::SeqCst);
    trace::print(&c);
    pacertrace::ended(&c, PART);
}

/// A cycle has ended, and the world runs.
fn after() {
    profile::flush();
    work::release();
    records::release();
    special::release();
    let done = DONE.load(Ordering::SeqCst);
    let ready = Queue::<G>::new();
    WAITERS.lock.with(|| {
        let later = Queue::<G>::new();
        while let Some(g) = WAITERS.list.pop() {
            if is_done(done, g.sched.ret2.get() as u32) {
                ready.push(g);
            } else {
                later.push(g);
            }
        }
        WAITERS.list.append(&later);
    });
    while let Some(g) = ready.pop() {
        goready(g);
    }
    if cycle::is_wanted() {
        helper::wake();
    }
}

/// Whether `cycle` is not later than `done`.
fn is_done(done: u32, cycle: u32) -> bool {
    done.wrapping_sub(cycle) as i32 >= 0
}

/// runtime.GC: waits for the end of a cycle.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_gcforce(cycle: u32) {
    let g = getm().g();
    WAITERS.lock.lock();
    if is_done(DONE.load(Ordering::SeqCst), cycle) {
        return WAITERS.lock.unlock();
    }
    g.sched.ret2.set(cycle as usize);
    WAITERS.list.push(g);
    gopark(Waiting::Collector, || WAITERS.lock.unlock())
}
