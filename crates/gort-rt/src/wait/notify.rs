//! Notify lists: what sync.Cond sleeps on.
//!
//! Waiters draw tickets (`wait`), notifiers use them up in order (`notify`); a waiter whose ticket is used up
//! before it sleeps does not sleep.

use crate::arch::getm;
use crate::gmp::{G, Sudog};
use crate::lang::throw;
use crate::lock::SpinLock;
use crate::rank;
use crate::sched::park::{Object, Waiting, gopark, goready};
use crate::sync::{AtomicU32, Ordering};
use crate::text::err;
use core::cell::Cell;
use core::ptr::null;

/// The list, in the layout of sync.notifyList.
#[repr(C)]
pub struct NotifyList {
    wait: AtomicU32,
    notify: AtomicU32,
    lock: SpinLock<{ rank::NOTIFY }>,
    head: Cell<*const Sudog>,
    tail: Cell<*const Sudog>,
}

/// Its size, which package sync checks at its init.
#[unsafe(no_mangle)]
extern "C" fn rt_notifylistsize() -> usize {
    size_of::<NotifyList>()
}

/// Whether ticket `a` comes before `b`; they wrap.
fn less(a: u32, b: u32) -> bool {
    (a.wrapping_sub(b) as i32) < 0
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_notifylistwait(l: *const NotifyList, ticket: u32) {
    // SAFETY: the list of a sync.Cond of the program, as in the other functions here.
    let l = unsafe { &*l };
    l.lock.lock();
    if less(ticket, l.notify.load(Ordering::Relaxed)) {
        l.lock.unlock();
        return;
    }
    let g = getm().g();
    let s = &g.sudog;
    s.g.set(g);
    s.c.set(ticket as usize);
    s.is_select.set(false);
    s.next.set(null());
    // SAFETY: listed sudogs belong to parked goroutines; lock held.
    match unsafe { l.tail.get().as_ref() } {
        Some(t) => t.next.set(s),
        None => l.head.set(s),
    }
    l.tail.set(s);
    gopark(Waiting::Cond(Object::of(l)), || l.lock.unlock())
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_notifylistall(l: *const NotifyList) {
    // SAFETY: see `rt_notifylistwait`.
    let l = unsafe { &*l };
    if l.wait.load(Ordering::SeqCst) == l.notify.load(Ordering::SeqCst) {
        return;
    }
    let mut p = l.lock.with(|| {
        l.notify
            .store(l.wait.load(Ordering::SeqCst), Ordering::SeqCst);
        l.tail.set(null());
        l.head.replace(null())
    });
    // SAFETY: the sudogs are ours now; a woken goroutine may reuse its own, so the link is read before.
    while let Some(s) = unsafe { p.as_ref() } {
        p = s.next.get();
        // SAFETY: a parked goroutine that only we can wake now.
        ready(unsafe { &*s.g.get() });
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_notifylistone(l: *const NotifyList) {
    // SAFETY: see `rt_notifylistwait`.
    let l = unsafe { &*l };
    if l.wait.load(Ordering::SeqCst) == l.notify.load(Ordering::SeqCst) {
        return;
    }
    let found = l.lock.with(|| {
        let ticket = l.notify.load(Ordering::Relaxed);
        if ticket == l.wait.load(Ordering::SeqCst) {
            return null();
        }
        l.notify.store(ticket.wrapping_add(1), Ordering::SeqCst);
        let (mut prev, mut p) = (null::<Sudog>(), l.head.get());
        // SAFETY: listed sudogs belong to parked goroutines; lock held.
        unsafe {
            while let Some(s) = p.as_ref() {
                if s.c.get() as u32 == ticket {
                    match prev.as_ref() {
                        Some(q) => q.next.set(s.next.get()),
                        None => l.head.set(s.next.get()),
                    }
                    if s.next.get().is_null() {
                        l.tail.set(prev);
                    }
                    return p;
                }
                (prev, p) = (p, s.next.get());
            }
        }
        null()
    });
    // SAFETY: taken out of the list, parked until goready.
    if let Some(s) = unsafe { found.as_ref() } {
        // SAFETY: as above.
        ready(unsafe { &*s.g.get() });
    }
}

/// Wakes a waiter. One in a bubble counts on being woken from inside.
fn ready(g: &G) {
    let b = g.bubble.get();
    if !b.is_null() && b != getm().g().bubble.get() {
        err()
            .s("semaphore wake of synctest goroutine ")
            .u(g.goid.get())
            .s(" from outside bubble\n")
            .flush();
        throw::fatal("semaphore wake of synctest goroutine from outside bubble");
    }
    goready(g);
}
