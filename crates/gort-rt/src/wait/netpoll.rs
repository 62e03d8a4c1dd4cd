//! Descriptors: goroutines that wait until one can be read or written, or until its deadline. What a descriptor knows is
//! in `polldesc.rs`; who waits for the kernel's events is `sched/netpoll.rs`.

use super::polldesc::{PollDesc, Woken, deliver};
use crate::arch::getm;
use crate::gmp::{G, offheap};
use crate::lang::throw;
use crate::lock::SpinLock;
use crate::os::{self, epoll};
use crate::rank;
use crate::sched::park::{Object, Waiting, gopark, wake};
use crate::sched::{expire, netpoll};
use crate::sync::Ordering;
use core::cell::Cell;
use core::ptr::null_mut;

/// Descriptors without a file.
struct Cache {
    lock: SpinLock<{ rank::POLL_CACHE }>,
    free: Cell<*mut PollDesc>,
}
// SAFETY: the list is only touched with the lock held.
unsafe impl Sync for Cache {}
static CACHE: Cache = Cache {
    lock: SpinLock::new(),
    free: Cell::new(null_mut()),
};

/// An event of the descriptor and number in `word`: whom it wakes.
fn on_event(word: usize, bits: u32) -> [Option<&'static G>; 2] {
    // SAFETY: descriptors are never freed; the low bits are its sequence number.
    let pd = unsafe { &*((word & !63) as *const PollDesc) };
    let ready = [epoll::READ, epoll::WRITE].map(|mask| bits & mask != 0);
    pd.event(word & 63, ready).map(|w| {
        // SAFETY: a parked goroutine that only the one who has taken it wakes.
        let g = unsafe { (w.g as *const G).as_ref() }?;
        g.sched.ret.set(w.result);
        Some(g)
    })
}

/// Adds a descriptor: its PollDesc, or the negative error number.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_pollopen(fd: usize) -> isize {
    netpoll::on_event(on_event);
    let pd = CACHE.lock.with(|| {
        let mut pd = CACHE.free.get();
        if pd.is_null() {
            let size = size_of::<PollDesc>();
            pd = ((offheap::persistent(size + 64) as usize + 63) & !63) as *mut PollDesc;
        } else {
            // SAFETY: free descriptors are ours.
            CACHE.free.set(unsafe { (*pd).next.get() });
        }
        pd
    });
    // SAFETY: ours alone now.
    let d = unsafe { &*pd };
    let tag = d.open(fd);
    let r = netpoll::watch_fd(fd, pd as usize | tag);
    if r < 0 {
        free(d);
        return r;
    }
    pd as isize
}

fn free(d: &PollDesc) {
    for change in d.close() {
        expire::account(change);
    }
    CACHE.lock.with(|| {
        d.next.set(CACHE.free.get());
        CACHE.free.set(core::ptr::from_ref(d).cast_mut());
    });
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_pollclose(d: &PollDesc) {
    netpoll::forget_fd(d.fd());
    free(d);
}

/// Index of a mode: 'r' or 'w'.
fn side(mode: usize) -> usize {
    usize::from(mode == usize::from(b'w'))
}

/// Before an operation: forgets old readiness. 0, 1 = closing, 2 = deadline passed.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_pollreset(d: &PollDesc, mode: usize) -> usize {
    d.reset(side(mode))
}

/// Waits until the descriptor is ready, closed or the deadline has passed; results as `pollreset`.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_pollwait(d: &PollDesc, mode: usize) -> usize {
    let g = getm().g();
    let park = || {
        netpoll::WAITERS.fetch_add(1, Ordering::SeqCst);
        gopark(Waiting::Io(Object::of(d)), || d.unlock())
    };
    d.wait(side(mode), core::ptr::from_ref(g) as usize, park)
        .unwrap_or_else(|| throw::throw("runtime: double wait"))
}

/// The descriptor is being closed: all who wait go on.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_pollunblock(d: &PollDesc) {
    for (woken, change) in d.unblock() {
        expire::account(change);
        ready(woken);
    }
}

/// Sets the deadline of a mode, 'r', 'w' or their sum, to `d` nanoseconds from now; 0 = none, negative = it has passed.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_polldeadline(d: &PollDesc, mode: usize, ns: i64) {
    let when = if ns > 0 {
        os::nanotime().saturating_add(ns)
    } else {
        ns
    };
    let both = usize::from(b'r') + usize::from(b'w');
    let which = [b'r', b'w'].map(|m| mode == usize::from(m) || mode == both);
    let set = d.set_deadline(which, when, &getm().pp().timers);
    for (woken, change) in set.into_iter().flatten() {
        expire::account(change);
        ready(woken);
    }
}

/// Makes a goroutine runnable; the caller has a P.
fn ready(w: Woken) {
    // SAFETY: a parked goroutine that only the one who has taken it wakes.
    wake(unsafe { (deliver(w) as *const G).as_ref() });
}

#[unsafe(no_mangle)]
extern "C" fn rt_pollfd() -> usize {
    netpoll::fd()
}
