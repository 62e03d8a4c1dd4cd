//! Coroutines (`iter.Pull`): a goroutine that runs only while another one waits for it. A switch hands the M and
//! the P over directly, without a run queue.
//!
//! Invariant: a `Coro` holds exactly one G, which is parked with [`Waiting::Coroutine`] and on no queue; the
//! other side is running, or parked for a reason of its own. Programs may break that by using one handle in two threads at
//! once. So sides change places in one exchange, and a side is marked parked before anybody can find it: what such a program
//! gets is an error, or each side once, never a G that runs twice.

use super::exit;
use super::newproc::newproc1;
use super::park::{self, Object, Waiting};
use super::schedule::execute;
use crate::arch::getm;
use crate::gmp::{G, M};
use crate::lang::throw;
use crate::sync::{AtomicPtr, Ordering};
use core::cell::Cell;
use core::ptr::{from_ref, null, null_mut};

/// The overlay's `coro`: the parked side, and the thread it is bound to, if its maker was locked to one.
#[repr(C)]
pub struct Coro {
    parked: AtomicPtr<G>,
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
    new.park.on.set(Waiting::Coroutine(Object::of(c)));
    if let Some(b) = g.bubble() {
        b.join(new, false);
    }
    new.cast_created_parked();
    c.bound
        .set(if m.lockedg.get().is_null() { null() } else { m });
    c.parked.store(from_ref(new).cast_mut(), Ordering::Release);
}

/// How a goroutine was locked to its thread: depth and M.
type Lock = (u32, *const M);

/// The running goroutine may switch on `c`. A locked thread goes along: takes it off the goroutine.
fn unlock(c: &Coro) -> Option<Lock> {
    let m = getm();
    let locked = m.lockedg.get();
    if (!locked.is_null() || !c.bound.get().is_null()) && c.bound.get() != from_ref(m) {
        throw::throw("coro: OS thread locking must match locking at coroutine creation");
    }
    // SAFETY: null or the running G.
    let g = unsafe { locked.as_ref() }?;
    Some((g.lock_depth.replace(0), g.lockedm.replace(null())))
}

/// The other side of `c`, which becomes the running one. `me`, which is parked, or null takes its place.
fn take(c: &Coro, me: *const G, lock: Option<Lock>) -> &'static G {
    let next = c.parked.swap(me.cast_mut(), Ordering::AcqRel);
    if next.is_null() {
        throw::throw("coroswitch on exited coro");
    }
    if core::ptr::eq(next, me) {
        throw::throw("coroswitch of a goroutine to itself");
    }
    // SAFETY: the G in a coro is alive and ours to run.
    let next = unsafe { &*next };
    if let Some((depth, m)) = lock {
        next.lock_depth.set(depth);
        next.lockedm.set(m);
        getm().lockedg.set(next);
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
    park::note(g, Waiting::Coroutine(Object::of(c)));
    let lock = unlock(c);
    g.m.set(null());
    let bubble = g.bubble();
    if let Some(b) = bubble {
        b.parking(true);
    }
    g.cast_park();
    let next = take(c, g, lock);
    m.curg.set(null());
    if let Some(b) = bubble {
        park::wake(b.parked()); // not through `g`: it may run again already
    }
    execute(m, next, true)
}

/// The coroutine has ended: the other side goes on for good.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_coroexit(c: &Coro) -> ! {
    let m = getm();
    let lock = unlock(c);
    let next = take(c, null_mut(), lock);
    // The goroutine never runs again, so its frames may go.
    let g = m.g();
    g.stack.seg.set(g.stack.first.get());
    g.fault.sig.set(0);
    exit::bury();
    execute(m, next, true)
}
