//! The go statement: a G from the free lists or fresh, its first frame, and into the run queue.

use super::exit::spill;
use super::runq::runqput;
use super::threads::wakep;
use crate::arch::{getm, gostart};
use crate::gmp::{G, P, SCHED, slab};
use crate::lang::throw;
use crate::see::event::{Event, event};
use crate::sync::Ordering;

const GOID_BATCH: u64 = 16;
const FREE_BATCH: u32 = 32;

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
    g.cast_created();
    event(Event::GoCreate, id, parent);
    g
}

/// A dead G: from the P's list, the global list, or the slab.
#[inline]
fn gfget(p: &P) -> &'static G {
    let g = p.gfree.get();
    if g.is_null() {
        refill(p);
        return gfget(p);
    }
    // SAFETY: Gs on the free list are dead and ours.
    let g = unsafe { &*g };
    p.gfree.set(g.schedlink.get());
    p.gfree_n.set(p.gfree_n.get() - 1);
    g
}

#[cold]
fn refill(p: &P) {
    if !SCHED.gfree.get().is_null() {
        SCHED.lock.with(|| {
            while p.gfree_n.get() < FREE_BATCH && !SCHED.gfree.get().is_null() {
                // SAFETY: Gs on the global free list are dead; the lock is held.
                let g = unsafe { &*SCHED.gfree.get() };
                SCHED.gfree.set(g.schedlink.get());
                SCHED.ngfree.set(SCHED.ngfree.get() - 1);
                push_free(p, g);
            }
        });
        if p.gfree_n.get() > 0 {
            return;
        }
    }
    slab::new_gs(FREE_BATCH as usize, |g| push_free(p, g));
    reverse(p);
    if p.gfree_n.get() > 2 * FREE_BATCH {
        spill(p); // a whole chunk that had been given back
    }
}

/// Slots are pushed in order of address: turn the list so that it starts with the lowest.
fn reverse(p: &P) {
    let mut from = p.gfree.replace(core::ptr::null());
    while !from.is_null() {
        // SAFETY: the list is ours.
        unsafe {
            let next = (*from).schedlink.get();
            (*from).schedlink.set(p.gfree.get());
            p.gfree.set(from);
            from = next;
        }
    }
}

/// Puts a dead G on the P's list.
#[inline]
pub fn push_free(p: &P, g: &G) {
    g.schedlink.set(p.gfree.get());
    p.gfree.set(g);
    p.gfree_n.set(p.gfree_n.get() + 1);
}
