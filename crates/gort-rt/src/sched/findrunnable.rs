//! Where work comes from, in order: the P's own queue (tried in the fast path, and first again), the global queue,
//! timers that are due, descriptors that are ready, the queues of other Ps. Then the P is given up; what a waker may
//! have missed us for is looked at once more; and the M becomes the watcher of timers and descriptors
//! ([`super::netpoll`]), or stops.

use super::choose::{Choice, choose, gcd};
use super::collect;
use super::expire;
use super::idle::{acquirep, pidleget, pidleput, releasep, stopm};
use super::netpoll;
use super::runq::globrunqget;
use crate::arch::getm;
use crate::chaos;
use crate::gc::finq;
use crate::gmp::sched::{allp, gomaxprocs};
use crate::gmp::{G, M, P, SCHED};
use crate::os;
use crate::sync::Ordering;

/// A goroutine, and whether it inherits the time slice.
type Found = Option<(&'static G, bool)>;

/// Finds a G to run. None: this M has become busy with something else, or has stopped until somebody handed it a
/// P; it has one, and the caller tries again.
pub fn findrunnable() -> Found {
    let m = getm();
    let p = m.pp();
    if finq::wanted() {
        finq::wake();
    }
    if let Some(found) = own(p) {
        return Some(found);
    }
    if SCHED.runq_size.load(Ordering::Relaxed) != 0
        && let Some(g) = SCHED.lock.with(|| globrunqget(p, 128))
    {
        return Some((g, false));
    }
    expire::check_all();
    if let Some(found) = own(p) {
        return Some(found);
    }
    if netpoll::worth_asking()
        && let Some(g) = netpoll::take_first(netpoll::ask())
    {
        return Some((g, false));
    }
    // At most half of the busy Ps look for work elsewhere.
    let busy = gomaxprocs() - SCHED.look.idle();
    if m.spinning.get() || 2 * SCHED.look.spinning() < busy as i32 {
        if !m.spinning.get() {
            m.spin();
        }
        if let Some(g) = steal_work(p) {
            return Some((g, false));
        }
    }
    if collect::when_idle(p) {
        return None;
    }
    give_up(m, p)
}

fn own(p: &P) -> Found {
    let (w, inherit) = p.runq.get()?;
    // SAFETY: words on run queues are Gs.
    Some((unsafe { &*(w as *const G) }, inherit))
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

/// Gives up the P, looks again at everything that a waker may have missed us for, and waits.
fn give_up(m: &M, p: &P) -> Found {
    SCHED.lock.lock();
    if SCHED.gcwaiting.load(Ordering::Relaxed) {
        SCHED.lock.unlock();
        return None;
    }
    if let Some(g) = globrunqget(p, 128) {
        SCHED.lock.unlock();
        return Some((g, false));
    }
    if !m.spinning.get() && SCHED.look.needed() {
        m.spin();
        SCHED.lock.unlock();
        return None;
    }
    pidleput(releasep(m));
    SCHED.lock.unlock();
    chaos::point();
    // A G that became runnable before the count dropped found a spinning M and woke nobody.
    let spun = m.unspin();
    if spun && missed() && take_p(m, true) {
        return None;
    }
    if let Some(list) = netpoll::watch() {
        if take_p(m, spun && list.is_empty()) {
            return netpoll::take_first(list).map(|g| (g, false));
        }
        netpoll::inject(list);
    }
    stopm();
    None
}

/// Whether something is queued anywhere.
fn missed() -> bool {
    (0..gomaxprocs()).any(|i| allp(i).runq.ring_len() != 0)
        || SCHED.runq_size.load(Ordering::SeqCst) != 0
}

/// Takes an idle P for this M, which then looks for work if `spin` says so.
fn take_p(m: &M, spin: bool) -> bool {
    let Some(p) = SCHED.lock.with(pidleget) else {
        return false;
    };
    acquirep(m, p);
    if spin {
        m.spin();
    }
    super::sysmon::wake();
    true
}
