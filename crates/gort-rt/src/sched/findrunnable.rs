//! Where work comes from, as an ordered list. The P's own queue has been tried in the fast path and
//! comes first again; then the sources of the table; then the P is given up and the M stops.

use super::choose::{Choice, choose, gcd};
use super::expire;
use super::runq::globrunqget;
use super::threads::{pidleget, pidleput, stopm};
use crate::arch::getm;
use crate::gmp::sched::{allp, gomaxprocs};
use crate::gmp::{G, P, SCHED};
use crate::os;
use crate::sync::{AtomicUsize, Ordering};

type Found = Option<(&'static G, bool)>;
/// A source of runnable Gs that is not built in: timers, the network poller, idle collector work.
pub type Source = fn(&P) -> Option<&'static G>;

const MAX_SOURCES: usize = 4;
static EXTRA: [AtomicUsize; MAX_SOURCES] = [const { AtomicUsize::new(0) }; MAX_SOURCES];

/// Registers a source, in order of preference; boot only.
pub fn register(i: usize, f: Source) {
    EXTRA[i].store(f as usize, Ordering::Release);
}

/// Finds a G to run, or stops this M until somebody hands it a P; then the caller tries again.
pub fn findrunnable() -> Found {
    let m = getm();
    let p = m.pp();
    if let Some((w, inherit)) = p.runq.get() {
        // SAFETY: words on run queues are Gs.
        return Some((unsafe { &*(w as *const G) }, inherit));
    }
    if SCHED.runq_size.load(Ordering::Relaxed) != 0
        && let Some(g) = SCHED.lock.with(|| globrunqget(p, 128))
    {
        return Some((g, false));
    }
    expire::check_all();
    if let Some((w, inherit)) = p.runq.get() {
        // SAFETY: words on run queues are Gs.
        return Some((unsafe { &*(w as *const G) }, inherit));
    }
    for s in &EXTRA {
        let f = s.load(Ordering::Acquire);
        if f == 0 {
            break;
        }
        // SAFETY: only `register` stores here.
        let f: Source = unsafe { core::mem::transmute(f) };
        if let Some(g) = f(p) {
            return Some((g, false));
        }
    }
    // At most half of the busy Ps look for work elsewhere.
    let busy = gomaxprocs() - SCHED.npidle.load(Ordering::Relaxed);
    if m.spinning.get() || 2 * SCHED.nmspinning.load(Ordering::Relaxed) < busy as i32 {
        if !m.spinning.get() {
            m.spinning.set(true);
            SCHED.nmspinning.fetch_add(1, Ordering::SeqCst);
        }
        if let Some(g) = steal_work(p) {
            return Some((g, false));
        }
    }
    give_up(p)
}

/// Four rounds over all Ps in a random order; runnext only in the last one.
fn steal_work(p: &P) -> Option<&'static G> {
    let n = gomaxprocs();
    if n == 1 {
        return None;
    }
    let start = choose(Choice::Victim, n);
    let mut step = choose(Choice::VictimStep, n).max(1);
    while gcd(step, n) != 1 {
        step = step % n + 1;
    }
    for round in 0..4 {
        let mut i = start;
        for _ in 0..n {
            if SCHED.gcwaiting.load(Ordering::Relaxed) {
                return None;
            }
            let victim = allp(i);
            if !core::ptr::eq(victim, p)
                && !victim.runq.is_empty()
                && let Some(g) = runqsteal(p, victim, round == 3)
            {
                return Some(g);
            }
            i = (i + step) % n;
        }
        if round < 3 {
            (0..8).for_each(|_| core::hint::spin_loop());
        }
    }
    None
}

fn runqsteal(p: &P, victim: &P, next: bool) -> Option<&'static G> {
    if next && victim.runq.ring_len() == 0 {
        // Its owner most likely runs it next: give it that chance first.
        let before = victim.switches.load(Ordering::Relaxed);
        os::usleep(3);
        if victim.switches.load(Ordering::Relaxed) != before {
            return None;
        }
    }
    let mut batch = [0usize; 128];
    let n = victim.runq.grab(&mut batch, next);
    if n == 0 {
        return None;
    }
    for &w in &batch[..n - 1] {
        p.runq.put_tail(w, |_| unreachable!());
    }
    // SAFETY: words on run queues are Gs.
    Some(unsafe { &*(batch[n - 1] as *const G) })
}

/// Gives up the P, rechecks everything that a waker may have missed us for, and stops.
fn give_up(p: &P) -> Found {
    let m = getm();
    SCHED.lock.lock();
    if SCHED.gcwaiting.load(Ordering::Relaxed) {
        SCHED.lock.unlock();
        return None;
    }
    if let Some(g) = globrunqget(p, 128) {
        SCHED.lock.unlock();
        return Some((g, false));
    }
    m.p.set(core::ptr::null());
    p.m.set(core::ptr::null());
    pidleput(p);
    SCHED.lock.unlock();

    if m.spinning.get() {
        m.spinning.set(false);
        SCHED.nmspinning.fetch_sub(1, Ordering::SeqCst);
        // A G that became runnable before the count dropped found a spinning M and woke nobody.
        for i in 0..gomaxprocs() {
            if allp(i).runq.ring_len() != 0 || SCHED.runq_size.load(Ordering::SeqCst) != 0 {
                let again = SCHED.lock.with(pidleget);
                if let Some(p) = again {
                    super::threads::acquirep(m, p);
                    m.spinning.set(true);
                    SCHED.nmspinning.fetch_add(1, Ordering::SeqCst);
                    return None;
                }
                break;
            }
        }
    }
    stopm();
    None
}
