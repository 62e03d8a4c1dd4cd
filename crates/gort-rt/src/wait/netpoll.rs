//! The network poller: goroutines that wait until a descriptor can be read or written.
//!
//! All descriptors are in one epoll set, edge-triggered. A system thread without P, started with the first
//! descriptor, sleeps in epoll_wait and makes goroutines runnable through the global queue. Each
//! descriptor has a [`PollDesc`] with a state for reading and one for writing: idle, ready (an event came
//! that nobody waited for), or the goroutine that waits. Deadlines are timers of the overlay, which end in
//! `polldeadline`.

use crate::arch::getm;
use crate::gmp::sched::POLL_WAITERS;
use crate::gmp::{G, SCHED, slab};
use crate::lang::throw;
use crate::lock::SpinLock;
use crate::os::epoll;
use crate::sched::park::{WaitReason, gopark};
use crate::sched::runq::globrunqput;
use crate::sched::threads::{newm_system, wakep};
use crate::sync::{AtomicUsize, Ordering};
use core::cell::Cell;
use core::ptr::null_mut;

const READY: usize = 1;
const OK: usize = 0;
const CLOSING: usize = 1;
const TIMEOUT: usize = 2;

/// A polled descriptor. Kept for reuse for ever, since a late event may still name it; `seq` tells.
#[repr(C, align(64))]
pub struct PollDesc {
    lock: SpinLock,
    closing: Cell<bool>,
    expired: [Cell<bool>; 2],
    /// 0, [`READY`] or a G, for reading and writing.
    state: [Cell<usize>; 2],
    fd: Cell<usize>,
    seq: Cell<usize>,
    next: Cell<*mut PollDesc>,
}

struct Poller {
    lock: SpinLock,
    ep: AtomicUsize,
    free: Cell<*mut PollDesc>,
}
// SAFETY: the list is only touched with the lock held.
unsafe impl Sync for Poller {}
static POLLER: Poller = Poller {
    lock: SpinLock::new(),
    ep: AtomicUsize::new(0),
    free: Cell::new(null_mut()),
};

/// Index of a mode: 'r' or 'w'.
fn side(mode: usize) -> usize {
    usize::from(mode == usize::from(b'w'))
}

impl PollDesc {
    fn error(&self, i: usize) -> usize {
        if self.closing.get() {
            CLOSING
        } else if self.expired[i].get() {
            TIMEOUT
        } else {
            OK
        }
    }

    /// Takes the goroutine that waits on side `i`, whose native returns `result`; the lock is held.
    fn take(&self, i: usize, result: usize) -> Option<&'static G> {
        let s = self.state[i].get();
        if s <= READY {
            return None;
        }
        self.state[i].set(0);
        // SAFETY: a parked goroutine that only the one who takes it wakes.
        let g = unsafe { &*(s as *const G) };
        g.sched.ret.set(result);
        Some(g)
    }
}

/// Makes goroutines runnable from any thread, with or without P.
fn inject(list: [Option<&'static G>; 2]) {
    let mut any = false;
    SCHED.lock.with(|| {
        for g in list.into_iter().flatten() {
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

/// The epoll set; the first call makes it and starts the thread.
fn start() -> usize {
    POLLER.lock.lock();
    let mut ep = POLLER.ep.load(Ordering::Acquire);
    let first = ep == 0;
    if first {
        let r = epoll::create();
        if r < 0 {
            throw::throw("runtime: netpollinit failed");
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
            let woken = pd.lock.with(|| {
                let mut woken = [None, None];
                if pd.seq.get() & 63 != data & 63 {
                    return woken; // closed and used again meanwhile
                }
                for (i, mask) in [epoll::READ, epoll::WRITE].into_iter().enumerate() {
                    if bits & mask != 0 {
                        woken[i] = pd.take(i, OK);
                        if woken[i].is_none() {
                            pd.state[i].set(READY);
                        }
                    }
                }
                woken
            });
            inject(woken);
        }
    }
}

/// Adds a descriptor: its PollDesc, or the negative error number.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_pollopen(fd: usize) -> isize {
    let ep = start();
    let pd = POLLER.lock.with(|| {
        let mut pd = POLLER.free.get();
        if pd.is_null() {
            let size = size_of::<PollDesc>();
            pd = ((slab::persistent(size + 64) as usize + 63) & !63) as *mut PollDesc;
        } else {
            // SAFETY: free descriptors are ours.
            POLLER.free.set(unsafe { (*pd).next.get() });
        }
        pd
    });
    // SAFETY: ours alone now.
    let d = unsafe { &*pd };
    d.lock.with(|| {
        d.closing.set(false);
        d.fd.set(fd);
        for i in 0..2 {
            d.expired[i].set(false);
            d.state[i].set(0);
        }
    });
    let r = epoll::add(ep, fd, pd as usize | d.seq.get() & 63);
    if r < 0 {
        free(d);
        return r;
    }
    pd as isize
}

fn free(d: &PollDesc) {
    d.lock.with(|| d.seq.set(d.seq.get() + 1));
    POLLER.lock.with(|| {
        d.next.set(POLLER.free.get());
        POLLER.free.set(core::ptr::from_ref(d).cast_mut());
    });
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_pollclose(d: &PollDesc) {
    epoll::del(POLLER.ep.load(Ordering::Acquire), d.fd.get());
    free(d);
}

/// Before an operation: forgets old readiness. 0, 1 = closing, 2 = deadline passed.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_pollreset(d: &PollDesc, mode: usize) -> usize {
    d.lock.with(|| {
        let e = d.error(side(mode));
        if e == OK {
            d.state[side(mode)].set(0);
        }
        e
    })
}

/// Waits until the descriptor is ready, closed or the deadline has passed; results as `pollreset`.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_pollwait(d: &PollDesc, mode: usize) -> usize {
    let i = side(mode);
    d.lock.lock();
    let e = d.error(i);
    if e != OK || d.state[i].get() == READY {
        d.state[i].set(0);
        d.lock.unlock();
        return e;
    }
    if d.state[i].get() > READY {
        throw::throw("runtime: double wait");
    }
    let g = getm().g();
    d.state[i].set(core::ptr::from_ref(g) as usize);
    POLL_WAITERS.fetch_add(1, Ordering::SeqCst);
    gopark(WaitReason::IOWait, core::ptr::from_ref(d) as usize, || {
        d.lock.unlock()
    });
}

/// The descriptor is being closed: all who wait go on.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_pollunblock(d: &PollDesc) {
    let woken = d.lock.with(|| {
        d.closing.set(true);
        [d.take(0, CLOSING), d.take(1, CLOSING)]
    });
    inject(woken);
}

/// The deadline of a mode has passed (`expired`), or has been moved into the future.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_polldeadline(d: &PollDesc, mode: usize, expired: bool) {
    let i = side(mode);
    let woken = d.lock.with(|| {
        d.expired[i].set(expired);
        if expired { d.take(i, TIMEOUT) } else { None }
    });
    inject([woken, None]);
}

#[unsafe(no_mangle)]
extern "C" fn rt_pollfd() -> usize {
    POLLER.ep.load(Ordering::Acquire)
}
