//! The network poller: goroutines that wait until a descriptor can be read or written.
//!
//! All descriptors are in one epoll set, edge-triggered. A system thread without P, started with the first
//! descriptor, sleeps in epoll_wait and makes goroutines runnable through the global queue. What a descriptor knows is in
//! `polldesc.rs`.

use super::polldesc::{PollDesc, Woken, deliver};
use crate::arch::getm;
use crate::gmp::{G, offheap};
use crate::lang::throw;
use crate::lock::SpinLock;
use crate::os::{self, epoll};
use crate::sched::expire;
use crate::sched::park::{WaitReason, gopark, wake};
use crate::sched::runq::globrunqput;
use crate::sched::threads::{newm_system, wakep};
use crate::sync::{AtomicUsize, Ordering};
use core::cell::Cell;
use core::ptr::null_mut;

struct Poller {
    lock: SpinLock,
    ep: AtomicUsize,
    free: Cell<*mut PollDesc>,
}
// SAFETY: the list is only touched with the lock held.
unsafe impl Sync for Cache {}
static CACHE: Cache = Cache {
    lock: SpinLock::new(),
    free: Cell::new(null_mut()),
};

/// Makes goroutines runnable from any thread, with or without P.
fn inject(list: [Woken; 2]) {
    let mut any = false;
    SCHED.lock.with(|| {
        for w in list {
            // SAFETY: a parked goroutine that only the one who has taken it wakes.
            let Some(g) = (unsafe { (w.g as *const G).as_ref() }) else {
                continue;
            };
            g.sched.ret.set(w.result);
            g.cast_ready();
            globrunqput(g);
            // Only now: until it is on a queue, the deadlock check must count it as waiting for I/O.
            POLL_WAITERS.fetch_sub(1, Ordering::SeqCst);
            any = true;
        }
    });
    if any {
        wakep();
    }
}

/// An event of the descriptor and number in `word`: whom it wakes.
fn on_event(word: usize, bits: u32) -> [Option<&'static G>; 2] {
    // SAFETY: descriptors are never freed; the low bits are its sequence number.
    let pd = unsafe { &*((word & !63) as *const PollDesc) };
    pd.lock.with(|| {
        let mut woken = [None, None];
        if pd.seq.get() & 63 != word & 63 {
            return woken; // closed and used again meanwhile
        }
        ep = r as usize;
        POLLER.ep.store(ep, Ordering::Release);
    }
    POLLER.lock.unlock();
    if first {
        newm_system(poll_loop);
    }
    ep
}

fn poll_loop() -> ! {
    let ep = POLLER.ep.load(Ordering::Acquire);
    let mut events = [epoll::Event { events: 0, data: 0 }; 128];
    loop {
        let n = epoll::wait(ep, &mut events);
        for ev in &events[..n] {
            let (bits, data) = (ev.events, ev.data);
            // SAFETY: descriptors are never freed; the low bits are its sequence number.
            let pd = unsafe { &*((data & !63) as *const PollDesc) };
            let ready = [epoll::READ, epoll::WRITE].map(|mask| bits & mask != 0);
            let woken = pd.event(data & 63, ready);
            inject(woken);
        }
        woken
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
    let r = epoll::add(ep, fd, pd as usize | tag);
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
    POLLER.lock.with(|| {
        d.next.set(POLLER.free.get());
        POLLER.free.set(core::ptr::from_ref(d).cast_mut());
    });
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_pollclose(d: &PollDesc) {
    epoll::del(POLLER.ep.load(Ordering::Acquire), d.fd());
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
        POLL_WAITERS.fetch_add(1, Ordering::SeqCst);
        gopark(WaitReason::IOWait, core::ptr::from_ref(d) as usize, || {
            d.unlock()
        })
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
