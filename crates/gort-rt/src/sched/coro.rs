//! Coroutines (`iter.Pull`): a goroutine that runs only while another one waits for it. A switch hands the M and
//! the P over directly, without a run queue.
//!
//! Invariant: a `Coro` holds exactly one G, which is parked with [`WaitReason::Coroutine`] and on no queue; the
//! other side is running, or parked for a reason of its own.

use super::exit;
use super::newproc::newproc1;
use super::park::{self, WaitReason};
use super::schedule::execute;
use crate::arch::getm;
use crate::gmp::{G, M};
use crate::lang::throw;
use core::cell::Cell;

/// The overlay's `coro`: the parked side, and the thread it is bound to, if its maker was locked to one.
#[repr(C)]
pub struct Coro {
    parked: Cell<*const G>,
    bound: Cell<*const M>,
}

gort_abi::twin!(
    Coro,
    gort_abi::layouts::CORO,
    parked = "parked",
    bound = "bound"
);

/// Makes the goroutine of a coroutine; it will run `fnv` at the first switch.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_coronew(c: &Coro, fnv: usize) {
    let m = getm();
    let g = m.g();
    // SAFETY: the stub saved its frame pointer; the word above is the return address.
    let site = unsafe { *((g.sched.bp.get() + 8) as *const usize) };
    let new = newproc1(m.pp(), fnv, g.goid.get(), site);
    new.park.reason.set(WaitReason::Coroutine);
    new.park.object.set(core::ptr::from_ref(c) as usize);
    if let Some(b) = g.bubble() {
        b.join(new, false);
    }
    new.cast_created_parked();
    c.parked.set(new);
    c.bound.set(if m.lockedg.get().is_null() {
        core::ptr::null()
    } else {
        m
    });
}

/// The other side of `c`, which becomes the running one; the caller's place in `c` is `me`.
fn take(c: &Coro, me: *const G) -> &'static G {
    let m = getm();
    let locked = m.lockedg.get();
    if (!locked.is_null() || !c.bound.get().is_null()) && c.bound.get() != core::ptr::from_ref(m) {
        throw::throw("coro: OS thread locking must match locking at coroutine creation");
    }
    let next = c.parked.replace(me);
    if next.is_null() {
        throw::throw("coroswitch on exited coro");
    }
    // SAFETY: the G in a coro is alive and ours to run.
    let next = unsafe { &*next };
    // A locked thread goes along.
    if !locked.is_null() {
        // SAFETY: the running G.
        let old = unsafe { &*locked };
        next.lock_depth.set(old.lock_depth.replace(0));
        next.lockedm.set(old.lockedm.replace(core::ptr::null()));
        m.lockedg.set(next);
    }
    if let Some(b) = next.bubble() {
        park::leaves_park(b, next);
    }
    next.cast_ready();
    next
}

/// Runs the other side until it switches back.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_coroswitch(c: &Coro) -> ! {
    let m = getm();
    let g = m.g();
    park::note(g, WaitReason::Coroutine, core::ptr::from_ref(c) as usize);
    let next = take(c, g);
    g.m.set(core::ptr::null());
    m.curg.set(core::ptr::null());
    let bubble = g.bubble();
    if let Some(b) = bubble {
        b.parking(true);
    }
    g.cast_park();
    if let Some(b) = bubble {
        park::wake(b.parked());
    }
    execute(m, next, true)
}

/// The coroutine has ended: the other side goes on for good.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_coroexit(c: &Coro) -> ! {
    let m = getm();
    let next = take(c, core::ptr::null());
    // The goroutine never runs again, so its frames may go.
    let g = m.g();
    g.stack.seg.set(g.stack.first.get());
    g.fault.sig.set(0);
    exit::bury();
    execute(m, next, true)
}
