//! The go statement: a G from the free lists or fresh, its first frame, and into the run queue.

use super::gfree::gfget;
use super::idle::wakep;
use super::runq::runqput;
use crate::arch::{getm, gostart};
use crate::gc::barrier;
use crate::gmp::{G, P, SCHED};
use crate::lang::throw;
use crate::see::event::{Event, event};
use crate::sync::Ordering;

const GOID_BATCH: u64 = 16;

/// `go fn()`: called by compiled code.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_newproc(fnv: usize) {
    let m = getm();
    let g = m.g();
    if fnv == 0 {
        throw::fatal_all("go of nil func value");
    }
    // SAFETY: the stub saved its frame pointer; the word above is the return address.
    let site = unsafe { *((g.sched.bp.get() + 8) as *const usize) };
    let p = m.pp();
    let newg = newproc1(p, fnv, g.goid.get(), site);
    newg.fault.labels.set(g.fault.labels.get());
    newg.fips.set(g.fips.get() & !0xff);
    if let Some(b) = g.bubble() {
        b.join(newg, true);
    }
    runqput(p, newg, true);
    // One G beside the running one is left to runnext: often its creator blocks next. When more wait
    // (or the creator keeps running, see sysmon), another thread is worth its wake-up.
    if SCHED.main_started.load(Ordering::Relaxed) {
        if p.runq.ring_len() != 0 {
            wakep();
        }
        if !SCHED.sysmon_started.load(Ordering::Relaxed) {
            super::sysmon::start();
        }
    }
}

/// Starts a goroutine of the runtime itself. No thread is woken for it: many programs get one when package os begins, long
/// before it has anything to do.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_newsystem(fnv: usize) {
    let g = getm().g();
    // SAFETY: the stub saved its frame pointer; the word above is the return address.
    let site = unsafe { *((g.sched.bp.get() + 8) as *const usize) };
    newsystem(fnv, g.goid.get(), site);
}

/// The same for the runtime's own use. The goroutine is in no bubble, has no labels, and does not count.
pub fn newsystem(fnv: usize, parent: u64, site: usize) {
    let p = getm().pp();
    let newg = newproc1(p, fnv, parent, site);
    newg.uncounted.set(true);
    newg.system.set(true);
    p.gcount.set(p.gcount.get() - 1);
    runqput(p, newg, false);
}

/// Makes a runnable G for closure `fnv`; it is on no queue yet.
pub fn newproc1(p: &P, fnv: usize, parent: u64, site: usize) -> &'static G {
    let g = gfget(p);
    g.startfn.set(fnv);
    // SAFETY: the G is ours; its first segment is empty.
    let top = unsafe { (*g.stack.seg.get()).top };
    // SAFETY: as above.
    g.stackguard
        .store(unsafe { (*g.stack.seg.get()).guard }, Ordering::Relaxed);
    g.sched.sp.set(top);
    g.sched.bp.set(0);
    g.sched.pc.set(gostart as *const () as usize);
    g.origin.parent.set(parent);
    g.origin.site.set(site);
    let mut id = p.goidcache.get();
    if id == p.goidcacheend.get() {
        id = SCHED.goidgen.fetch_add(GOID_BATCH, Ordering::Relaxed) + 1;
        p.goidcacheend.set(id + GOID_BATCH);
    }
    p.goidcache.set(id + 1);
    g.goid.set(id);
    p.gcount.set(p.gcount.get() + 1);
    // The closure may come from a timer, a root that may not have been looked at yet.
    barrier::shade(fnv);
    g.cast_created();
    event(Event::GoCreate, id, parent);
    g
}
