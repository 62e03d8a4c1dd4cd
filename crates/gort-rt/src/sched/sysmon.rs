//! Sysmon: a thread without a P that watches the others. It asks goroutines that run for 10 ms to yield,
//! takes Ps from long system calls, and wakes a thread when a P keeps goroutines waiting while others idle.
//!
//! It starts with the first go statement of the program, sleeps 20 µs between rounds while something
//! goes on, doubling up to 10 ms, and sleeps on a note while all Ps are idle.

use super::expire::next_when;
use super::idle::wakep;
use super::netpoll;
use super::threads::newm_system;
use crate::gc::{cycle, pacer, quiet};
use crate::gmp::sched::{allp, gomaxprocs};
use crate::gmp::{P, SCHED, pstatus, slab, stackpool, sudogs};
use crate::mem::scavenge;
use crate::os;
use crate::see::schedtrace;
use crate::sync::Ordering;

/// Memory that is free is looked for each second, and again sooner where there is more than goes back at once.
const REAP_NS: i64 = 1_000_000_000;
const REAP_MORE_NS: i64 = 20_000_000;
const FORCE_PREEMPT_NS: i64 = 10_000_000;
/// A P that schedules finds its timers itself; sysmon steps in when one is this late.
const LATE_NS: i64 = 20_000;

/// Microseconds between two rounds while a cycle of the collector is to begin or under way: where no P is idle, and
/// goroutines do not come by the schedule loop, it waits for them.
const HURRY_US: u64 = 200;
/// What a goroutine may run then without a look into that loop.
const HURRY_NS: i64 = 400_000;

/// Starts the thread once.
#[cold]
pub fn start() {
    if SCHED.sysmon_started.swap(true, Ordering::AcqRel) {
        return;
    }
    newm_system(sysmon);
}

/// The loop.
pub fn sysmon() -> ! {
    let (mut idle, mut delay) = (0u32, 20u64);
    let mut reaper = Reaper::new();
    loop {
        let hurry = cycle::hurries();
        let short = if hurry { delay.min(HURRY_US) } else { delay };
        os::usleep(until_timer(short));
        let tracing = schedtrace::wanted();
        if tracing {
            schedtrace::tick(os::nanotime());
        }
        if !tracing && (SCHED.look.idle() == gomaxprocs() || SCHED.gcwaiting.load(Ordering::SeqCst))
        {
            deep_sleep(reaper.more);
            let now = os::nanotime();
            // Also where goroutines only run for a moment now and then.
            reaper.look(now);
            super::maxprocs::look(now);
            (idle, delay) = (0, 20);
            continue;
        }
        let now = os::nanotime();
        super::park::set_clock(now);
        timers(now);
        if crate::gc::finq::wanted() {
            // Who has swept goes on with something else, and nobody looks for work.
            cycle::attend();
            if SCHED.look.idle() != 0 {
                wakep();
            }
        }
        netpoll::ask_late(now);
        super::maxprocs::look(now);
        reaper.look(now);
        if retake(now) {
            (idle, delay) = (0, 20);
        } else {
            idle += 1;
            if idle > 50 {
                delay = (delay * 2).min(10_000);
            }
        }
    }
}

/// What gives memory back that nobody has wanted since the last time.
struct Reaper {
    /// When it has looked at everything.
    last: i64,
    /// When it has looked at all.
    latest: i64,
    /// There was more than goes back at once.
    more: bool,
}

impl Reaper {
    fn new() -> Reaper {
        let now = os::nanotime();
        Reaper {
            last: now,
            latest: now,
            more: false,
        }
    }

    fn look(&mut self, now: i64) {
        let all = now - self.last >= REAP_NS;
        if !(all || self.more && now - self.latest >= REAP_MORE_NS) {
            return;
        }
        self.more = slab::release() | stackpool::release() | sudogs::release();
        if all {
            let asked = quiet::look(now);
            scavenge::background();
            if asked || pacer::is_long_ago(now) {
                cycle::ask();
                wakep();
            }
            self.last = now;
        }
        self.latest = os::nanotime();
    }
}

/// `delay` in microseconds, or less when a timer is due before.
fn until_timer(delay: u64) -> u64 {
    match next_when() {
        Some(when) if delay > 20 => {
            let left = (when - os::nanotime()).max(20_000) as u64;
            delay.min(left / 1000)
        }
        _ => delay,
    }
}

/// Timers that are due although their P does not look: preempt it, or let another P look.
fn timers(now: i64) {
    // Not `when + LATE_NS`: a timer may be set to the end of time.
    let late = now - LATE_NS;
    if next_when().is_none_or(|when| when > late) {
        return;
    }
    if SCHED.look.idle() != 0 {
        return wakep();
    }
    for i in 0..gomaxprocs() {
        let p = allp(i);
        let min = p.timers.min();
        if min == 0 || min > late {
            continue;
        }
        match p.status.get() {
            pstatus::RUNNING => super::preempt::preempt_p(p),
            pstatus::SYSCALL => super::syscall::retake_now(p),
            _ => {}
        }
    }
}

/// Sleeps until there is work, or until it is time to look after memory; soon, if there is `more`.
fn deep_sleep(more: bool) {
    SCHED.lock.lock();
    let all_idle = SCHED.look.idle() == gomaxprocs();
    if !all_idle && !SCHED.gcwaiting.load(Ordering::SeqCst) {
        SCHED.lock.unlock();
        return;
    }
    SCHED.sysmonnote.clear();
    SCHED.sysmonwait.store(true, Ordering::SeqCst);
    SCHED.lock.unlock();
    // With nothing to give back there is no reason to wake up.
    let worth = slab::worth_release()
        || stackpool::worth_release()
        || sudogs::worth_release()
        || scavenge::is_worth()
        || quiet::is_worth();
    SCHED.sysmonnote.sleep(match (more, worth) {
        (true, _) => REAP_MORE_NS,
        (false, true) => REAP_NS,
        (false, false) => 60_000_000_000,
    });
    SCHED.sysmonwait.store(false, Ordering::SeqCst);
}

/// Wakes sysmon from its deep sleep.
pub fn wake() {
    if SCHED.sysmonwait.load(Ordering::SeqCst) && SCHED.sysmonwait.swap(false, Ordering::SeqCst) {
        super::park::set_clock(os::nanotime());
        SCHED.sysmonnote.wakeup();
    }
}

/// Looks at every P; returns whether anything had to be done.
fn retake(now: i64) -> bool {
    let mut busy = false;
    for i in 0..gomaxprocs() {
        let p = allp(i);
        match p.status.get() {
            pstatus::RUNNING => busy |= running(p, now),
            pstatus::SYSCALL => {
                let long = held(p, now) >= FORCE_PREEMPT_NS;
                busy |= super::syscall::retake(p, now, long);
            }
            _ => {}
        }
    }
    busy
}

/// Since when one goroutine has had this P, as far as sysmon has seen, in nanoseconds.
fn held(p: &P, now: i64) -> i64 {
    let tick = p.schedtick.load(Ordering::Relaxed);
    if p.sysmon_tick.get() != tick {
        p.sysmon_tick.set(tick);
        p.sysmon_when.set(now);
    }
    now - p.sysmon_when.get()
}

fn running(p: &P, now: i64) -> bool {
    let switches = p.switches.load(Ordering::Relaxed) as u32;
    // A goroutine waits behind one that has not moved for a whole round, while a P is idle.
    let stuck = p.sysmon_switches.get() == switches;
    p.sysmon_switches.set(switches);
    if stuck && !p.runq.is_empty() && SCHED.look.idle() != 0 {
        wakep();
    }
    let (most, again) = if cycle::hurries() {
        (HURRY_NS, HURRY_NS / 2)
    } else {
        (FORCE_PREEMPT_NS, 1_000_000)
    };
    if held(p, now) < most {
        return false;
    }
    // The next signal a while later: this one may come at a bad moment, or the
    // goroutine may go on because nobody else wants the P.
    p.sysmon_when.set(now - most + again);
    super::preempt::preempt_p(p);
    stuck
}
