//! `time.Sleep` and the timers of package time. `gmp/timer.rs` says how a timer is set and stopped, `sched/expire.rs` when
//! it fires; here is what it does then.
//!
//! A timer with a channel sends the time that it was due. The time.Time is made here: the overlay says where package time
//! keeps its start and its Local. AfterFunc's starts a goroutine. What else the overlay may pass it has wrapped into a
//! closure, which runs in a goroutine, too: Rust does not call Go.

use super::chan::Hchan;
use crate::arch::getm;
use crate::gmp::G;
use crate::gmp::timer::{Fired, Timer};
use crate::os::{self, clock};
use crate::sched::choose::{Choice, choose};
use crate::sched::expire;
use crate::sched::park::{Waiting, gopark};
use crate::symtab::functab;
use crate::sync::{AtomicUsize, Ordering};
use gort_abi::FuncInfo;

/// time.Sleep.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_timesleep(ns: i64) {
    if ns <= 0 {
        return;
    }
    let m = getm();
    let (g, p) = (m.g(), m.pp());
    if let Some(b) = g.bubble() {
        super::synctest::sleep(g, b, ns);
    }
    let when = os::nanotime().saturating_add(ns);
    // In the heap only when it is marked waiting: from then on anybody may wake it.
    gopark(Waiting::Time(when), || expire::add_sleeper(p, g, when));
}

/// Where package time keeps startNano and Local.
static START_NANO: AtomicUsize = AtomicUsize::new(0);
static LOCAL: AtomicUsize = AtomicUsize::new(0);

/// `t`, which is new, is the timer of channel `c` from now on. `start` and `local` are where package time keeps startNano
/// and Local.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_timerchan(t: &Timer, c: &Hchan, start: usize, local: usize) {
    START_NANO.store(start, Ordering::Relaxed);
    LOCAL.store(local, Ordering::Relaxed);
    t.target.set(core::ptr::from_ref(c) as usize);
    t.is_chan.set(true);
    t.fire.set(Some(send_time));
    t.bubbled.set(getm().g().bubble().is_some());
    c.set_timer(t);
}

/// `t`, which is new, is to run closure `fnv` in a goroutine of its own.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_timerfunc(t: &Timer, fnv: usize) {
    t.target.set(fnv);
    t.fire
        .set(Some(|t: &Timer, _| Fired::Start(t.target.get())));
    t.bubbled.set(getm().g().bubble().is_some());
}

/// The address of time.goFunc, by which AfterFunc starts its goroutine; 0 = not yet known.
static GO_FUNC: AtomicUsize = AtomicUsize::new(0);

/// Whether the function at `entry` is time.goFunc.
#[unsafe(no_mangle)]
extern "C" fn rt_isgofunc(entry: usize) -> bool {
    const NAME: &[u8] = b"time.goFunc";
    if GO_FUNC.load(Ordering::Relaxed) == 0
        && functab::find(entry).is_some_and(|f| functab::name(f) == NAME)
    {
        let site = functab::named(NAME).find_map(body).unwrap_or(0);
        expire::START_SITE.store(site, Ordering::Relaxed);
        GO_FUNC.store(entry, Ordering::Relaxed);
    }
    GO_FUNC.load(Ordering::Relaxed) == entry
}

/// A return address in the body of `f`: in a line behind that of its head.
fn body(f: &FuncInfo) -> Option<usize> {
    let entry = f.entry as usize;
    (entry..entry + f.size as usize)
        .find(|&pc| functab::locate(f, pc, 0).is_some_and(|l| l.line > f.start_line))
        .map(|pc| pc + 1)
}

/// Stops a timer and sets it to `when`; whether it was pending.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_timerreset(t: &Timer, when: i64, period: i64) -> bool {
    let m = getm();
    let bubble = m.g().bubble().filter(|_| t.bubbled.get());
    let Some(b) = bubble else {
        let c = t.reset(&m.pp().timers, (when, period), (0, 0), || recall(t));
        return expire::account(c);
    };
    let rank = choose(Choice::TimerOrder, u32::MAX);
    let c = t.reset(&b.timers, (when, period), (0, rank), || recall(t));
    if when <= b.now.get() {
        // At once: the bubble looks for timers only when nothing in it runs.
        expire::check_bubble(b);
    }
    c.pending
}

/// Stops a timer; whether it was pending.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_timerstop(t: &Timer) -> bool {
    let c = t.stop(|| recall(t));
    if t.bubbled.get() {
        return c.pending;
    }
    expire::account(c)
}

/// Whether a timer runs by the clock of a bubble.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_timerbubbled(t: &Timer) -> bool {
    t.bubbled.get()
}

/// Takes back a value that nobody has received: it counts as not yet sent.
fn recall(t: &Timer) -> bool {
    t.is_chan.get() && channel(t).drain()
}

/// Sends the time at which `t` was due, if there is room.
fn send_time(t: &Timer, late: i64) -> Fired {
    // SAFETY: the running goroutine, if there is one. For a timer of a bubble it is its root, or who has set it.
    let bubble = unsafe { getm().curg.get().as_ref() }.and_then(G::bubble);
    let value = match bubble.filter(|_| t.bubbled.get()) {
        Some(b) => bubble_time(b.now.get() - late),
        None => time(late),
    };
    channel(t).send_if_room(value.as_ptr().cast())
}

fn channel(t: &Timer) -> &'static Hchan {
    // SAFETY: the channel that `rt_timerchan` has stored.
    unsafe { &*(t.target.get() as *const Hchan) }
}

/// Seconds from year 1 to 1970, and from 1885, where the seconds of a time.Time with a monotonic reading start.
const UNIX_TO_INTERNAL: i64 = 62_135_596_800;
const UNIX_TO_WALL: i64 = UNIX_TO_INTERNAL - 59_453_308_800;
const HAS_MONOTONIC: u64 = 1 << 63;

/// The time.Time of `late` nanoseconds ago, as time.Now would have given it.
fn time(late: i64) -> [u64; 3] {
    let [mut sec, mut nsec] = clock::walltime();
    sec -= late / 1_000_000_000;
    nsec -= late % 1_000_000_000;
    if nsec < 0 {
        (sec, nsec) = (sec - 1, nsec + 1_000_000_000);
    }
    // SAFETY: package time's startNano, which its initialization has set.
    let start = unsafe { *(START_NANO.load(Ordering::Relaxed) as *const i64) };
    let mono = os::nanotime() - late - start;
    let wall = (sec + UNIX_TO_WALL) as u64;
    if wall >> 33 != 0 {
        return [nsec as u64, (sec + UNIX_TO_INTERNAL) as u64, local()];
    }
    [
        HAS_MONOTONIC | wall << 30 | nsec as u64,
        mono as u64,
        local(),
    ]
}

/// The same by the clock of a bubble, which has no monotonic reading.
fn bubble_time(now: i64) -> [u64; 3] {
    let (sec, nsec) = (now / 1_000_000_000, now % 1_000_000_000);
    [nsec as u64, (sec + UNIX_TO_INTERNAL) as u64, local()]
}

/// time.Local.
fn local() -> u64 {
    // SAFETY: package time's Local; programs may assign to it.
    unsafe { (LOCAL.load(Ordering::Relaxed) as *const u64).read_volatile() }
}
