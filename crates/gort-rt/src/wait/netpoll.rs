//! The network poller: goroutines that wait until a descriptor can be read or written.
//!
//! All descriptors are in one epoll set, edge-triggered. A system thread without P, started with the first
//! descriptor, sleeps in epoll_wait and makes goroutines runnable through the global queue. Each
//! descriptor has a [`PollDesc`] with a state for reading and one for writing: idle, ready (an event came
//! that nobody waited for), or the goroutine that waits. Deadlines are timers of the overlay, which end in
//! `polldeadline`.

use crate::arch::getm;
use crate::gmp::{G, offheap};
use crate::lang::throw;
use crate::lock::{SpinLock, rank};
use crate::os::epoll;
use crate::sched::netpoll;
use crate::sched::park::{GList, WaitReason, gopark};
use crate::sync::Ordering;
use core::cell::Cell;
use core::ptr::null_mut;

const READY: usize = 1;
const OK: usize = 0;
const CLOSING: usize = 1;
const TIMEOUT: usize = 2;

/// A polled descriptor. Kept for reuse for ever, since a late event may still name it; `seq` tells.
#[repr(C, align(64))]
pub struct PollDesc {
    lock: SpinLock<{ rank::POLL_DESC }>,
    closing: Cell<bool>,
    expired: [Cell<bool>; 2],
    /// 0, [`READY`] or a G, for reading and writing.
    state: [Cell<usize>; 2],
    fd: Cell<usize>,
    seq: Cell<usize>,
    next: Cell<*mut PollDesc>,
}

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

/// Makes the goroutines runnable.
fn ready(woken: [Option<&'static G>; 2]) {
    let mut list = GList::new();
    woken.into_iter().flatten().for_each(|g| list.push(g));
    netpoll::inject(list);
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
        for (i, mask) in [epoll::READ, epoll::WRITE].into_iter().enumerate() {
            if bits & mask != 0 {
                woken[i] = pd.take(i, OK);
                if woken[i].is_none() {
                    pd.state[i].set(READY);
                }
            }
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
    d.lock.with(|| {
        d.closing.set(false);
        d.fd.set(fd);
        for i in 0..2 {
            d.expired[i].set(false);
            d.state[i].set(0);
        }
    });
    let r = netpoll::watch_fd(fd, pd as usize | d.seq.get() & 63);
    if r < 0 {
        free(d);
        return r;
    }
    pd as isize
}

fn free(d: &PollDesc) {
    d.lock.with(|| d.seq.set(d.seq.get() + 1));
    CACHE.lock.with(|| {
        d.next.set(CACHE.free.get());
        CACHE.free.set(core::ptr::from_ref(d).cast_mut());
    });
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_pollclose(d: &PollDesc) {
    netpoll::forget_fd(d.fd.get());
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
    netpoll::WAITERS.fetch_add(1, Ordering::SeqCst);
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
    ready(woken);
}

/// The deadline of a mode has passed (`expired`), or has been moved into the future.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_polldeadline(d: &PollDesc, mode: usize, expired: bool) {
    let i = side(mode);
    let woken = d.lock.with(|| {
        d.expired[i].set(expired);
        if expired { d.take(i, TIMEOUT) } else { None }
    });
    ready([woken, None]);
}

#[unsafe(no_mangle)]
extern "C" fn rt_pollfd() -> usize {
    netpoll::fd()
}
