//! GODEBUG=schedtrace=N and scheddetail=1: the state of the scheduler, one line every N milliseconds.

use crate::debug::{SCHEDDETAIL, SCHEDTRACE};
use crate::gmp::sched::{ALLM, allp, gomaxprocs};
use crate::gmp::{G, M, SCHED, Status, slab};
use crate::os;
use crate::sync::{AtomicI64, Ordering};
use crate::text::{Text, err};

static START: AtomicI64 = AtomicI64::new(0);
static LAST: AtomicI64 = AtomicI64::new(0);

/// Whether lines are wanted.
pub fn wanted() -> bool {
    SCHEDTRACE.load(Ordering::Relaxed) > 0
}

/// Called by sysmon in every round: prints when it is time.
pub fn tick(now: i64) {
    let every = i64::from(SCHEDTRACE.load(Ordering::Relaxed)) * 1_000_000;
    if every <= 0 || now - LAST.load(Ordering::Relaxed) < every {
        return;
    }
    LAST.store(now, Ordering::Relaxed);
    if START.load(Ordering::Relaxed) == 0 {
        START.store(now, Ordering::Relaxed);
    }
    SCHED.lock.lock();
    print(SCHEDDETAIL.load(Ordering::Relaxed) > 0);
    SCHED.lock.unlock();
}

fn print(detail: bool) {
    let mut s = err();
    s.s("SCHED ");
    s.i((os::nanotime() - START.load(Ordering::Relaxed)) / 1_000_000);
    s.s("ms: gomaxprocs=").u(gomaxprocs().into());
    let load = |v: u32| u64::from(v);
    s.s(" idleprocs=").u(load(SCHED.look.idle()));
    s.s(" threads=").u(load(SCHED.mcount.get()));
    s.s(" spinningthreads=").i(SCHED.look.spinning().into());
    s.s(" needspinning=").u(SCHED.look.needed().into());
    s.s(" idlethreads=").u(load(SCHED.midle.len()));
    s.s(" runqueue=")
        .u(load(SCHED.runq_size.load(Ordering::Relaxed)));
    if detail {
        details(&mut s);
    } else {
        s.s(" [ ");
        for i in 0..gomaxprocs() {
            s.u(load(allp(i).runq.ring_len())).s(" ");
        }
        s.s("] schedticks=[ ");
        for i in 0..gomaxprocs() {
            s.u(load(allp(i).schedtick.load(Ordering::Relaxed))).s(" ");
        }
        s.s("]\n");
    }
    s.flush();
}

fn flag(s: &mut Text, name: &str, v: bool) {
    s.s(name).s(if v { "true" } else { "false" });
}

/// ` name=` and a number, or nil.
fn number(s: &mut Text, name: &str, v: Option<u64>) {
    s.s(name);
    match v {
        Some(n) => s.u(n),
        None => s.s("nil"),
    };
}

fn details(s: &mut Text) {
    // SAFETY: Ms are never freed; numbers may be a little stale.
    let mid = |m: *const M| unsafe { m.as_ref() }.map(|m| u64::from(m.id.get()));
    // SAFETY: Gs stay mapped.
    let gid = |g: *const G| unsafe { g.as_ref() }.map(|g| g.goid.get());
    flag(s, " gcwaiting=", SCHED.gcwaiting.load(Ordering::Relaxed));
    s.s(" nmidlelocked=").i(SCHED.nmidlelocked.get().into());
    s.s(" stopwait=").i(SCHED.stopwait.get().into());
    flag(s, " sysmonwait=", SCHED.sysmonwait.load(Ordering::Relaxed));
    s.s("\n");
    for i in 0..gomaxprocs() {
        let p = allp(i);
        s.s("  P").u(i.into());
        s.s(": status=").u(p.status.get().into());
        s.s(" schedtick=")
            .u(p.schedtick.load(Ordering::Relaxed).into());
        s.s(" syscalltick=")
            .u(p.syscalltick.load(Ordering::Relaxed).into());
        number(s, " m=", mid(p.m.get()));
        s.s(" runqsize=").u(p.runq.ring_len().into());
        s.s(" gfreecnt=").u(p.gfree.len().into());
        s.s(" timerslen=").u(p.timers.len() as u64).s("\n");
    }
    let mut at: *const M = ALLM.load(Ordering::Acquire);
    // SAFETY: a list of Ms, which are never freed.
    while let Some(m) = unsafe { at.as_ref() } {
        at = m.alllink.get();
        // SAFETY: Ps are never freed.
        let p = unsafe { m.p.get().as_ref() }.map(|p| u64::from(p.id.get()));
        s.s("  M").u(m.id.get().into());
        number(s, ": p=", p);
        number(s, " curg=", gid(m.curg.get()));
        s.s(" mallocing=0 throwing=0 preemptoff= locks=")
            .u(m.locks.get().into());
        flag(s, " dying=0 spinning=", m.spinning.get());
        flag(s, " blocked=", m.idle.load(Ordering::Relaxed));
        number(s, " lockedg=", gid(m.lockedg.get()));
        s.s("\n");
    }
    slab::each(|g| {
        if matches!(g.status(), Status::Idle | Status::Dead) {
            return true;
        }
        s.s("  G").u(g.goid.get()).s(": status=");
        s.u(g.status() as u64).s("(");
        let waiting = g.status() == Status::Waiting;
        s.s(if waiting { g.park.on.get().text() } else { "" });
        number(s, ") m=", mid(g.m.get()));
        number(s, " lockedm=", mid(g.lockedm.get()));
        s.s("\n");
        true
    });
}
