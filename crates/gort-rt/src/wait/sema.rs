//! Semaphores: what sync.Mutex, RWMutex and WaitGroup sleep on.
//!
//! A semaphore is a counter in the program's memory. Sleepers queue in one of 251 buckets chosen by its
//! address, each with its lock and a count of waiters that a releaser reads without the lock. A sleeper
//! counts itself before it looks at the counter for the last time, and a releaser raises the counter before
//! it reads the count, so that no wake-up is lost. A release may hand its unit to the sleeper directly
//! (`handoff`): then the sleeper goes next on this P and the releaser behind it.
//!
//! The native returns whether the unit is taken; if not, the Go side asks again, since nothing of this
//! frame survives a park. Buckets are plain lists: finding a sleeper is linear in the sleepers of a bucket.

use crate::arch::getm;
use crate::gmp::sudog::Sudog;
use crate::lock::{SpinLock, rank};
use crate::sched::park::{WaitReason, gopark, goready, yield_now};
use crate::sync::{AtomicU32, Ordering};
use core::cell::Cell;
use core::ptr::null;

const BUCKETS: usize = 251;

struct Bucket {
    lock: SpinLock<{ rank::SEMA }>,
    nwait: AtomicU32,
    head: Cell<*const Sudog>,
    tail: Cell<*const Sudog>,
}

// SAFETY: the list is only touched with the lock held.
unsafe impl Sync for Bucket {}

static TABLE: [Bucket; BUCKETS] = [const {
    Bucket {
        lock: SpinLock::new(),
        nwait: AtomicU32::new(0),
        head: Cell::new(null()),
        tail: Cell::new(null()),
    }
}; BUCKETS];

fn bucket(addr: usize) -> &'static Bucket {
    &TABLE[(addr >> 3) % BUCKETS]
}

fn try_take(sema: &AtomicU32) -> bool {
    let mut v = sema.load(Ordering::SeqCst);
    while v > 0 {
        match sema.compare_exchange_weak(v, v - 1, Ordering::SeqCst, Ordering::SeqCst) {
            Ok(_) => return true,
            Err(now) => v = now,
        }
    }
    false
}

impl Bucket {
    fn push(&self, s: &Sudog, lifo: bool) {
        // SAFETY: listed sudogs belong to parked goroutines and stay until they are taken out; lock held.
        unsafe {
            if lifo {
                s.prev.set(null());
                s.next.set(self.head.get());
                match self.head.get().as_ref() {
                    Some(h) => h.prev.set(s),
                    None => self.tail.set(s),
                }
                self.head.set(s);
            } else {
                s.next.set(null());
                s.prev.set(self.tail.get());
                match self.tail.get().as_ref() {
                    Some(t) => t.next.set(s),
                    None => self.head.set(s),
                }
                self.tail.set(s);
            }
        }
    }

    /// Takes out the first sleeper on `addr`.
    fn pop(&self, addr: usize) -> Option<&'static Sudog> {
        let mut p = self.head.get();
        // SAFETY: as in `push`.
        unsafe {
            while let Some(s) = p.as_ref() {
                if s.elem.get() == addr {
                    match s.prev.get().as_ref() {
                        Some(prev) => prev.next.set(s.next.get()),
                        None => self.head.set(s.next.get()),
                    }
                    match s.next.get().as_ref() {
                        Some(next) => next.prev.set(s.prev.get()),
                        None => self.tail.set(s.prev.get()),
                    }
                    return Some(s);
                }
                p = s.next.get();
            }
        }
        None
    }
}

/// Why a goroutine sleeps here, by the number that the overlay passes.
fn reason(kind: usize) -> WaitReason {
    match kind {
        1 => WaitReason::SyncMutexLock,
        2 => WaitReason::SyncRWMutexRLock,
        3 => WaitReason::SyncRWMutexLock,
        4 => WaitReason::SyncWaitGroupWait,
        5 => WaitReason::SynctestWaitGroupWait,
        _ => WaitReason::Semacquire,
    }
}

/// Takes a unit, or sleeps until one is released; whether the unit is taken.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_semacquire(addr: *const AtomicU32, lifo: u8, kind: usize) -> bool {
    // SAFETY: the address of a uint32 of the program.
    let sema = unsafe { &*addr };
    if try_take(sema) {
        return true;
    }
    let b = bucket(addr as usize);
    b.lock.lock();
    b.nwait.fetch_add(1, Ordering::SeqCst);
    if try_take(sema) {
        b.nwait.fetch_sub(1, Ordering::SeqCst);
        b.lock.unlock();
        return true;
    }
    let g = getm().g();
    let s = &g.sudog;
    s.g.set(g);
    s.elem.set(addr as usize);
    s.is_select.set(false);
    b.push(s, lifo != 0);
    gopark(reason(kind), addr as usize, || b.lock.unlock())
}

/// Releases a unit and wakes a sleeper; with `handoff` the unit is that sleeper's.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_semrelease(addr: *const AtomicU32, handoff: u8) {
    // SAFETY: the address of a uint32 of the program.
    let sema = unsafe { &*addr };
    sema.fetch_add(1, Ordering::SeqCst);
    let b = bucket(addr as usize);
    if b.nwait.load(Ordering::SeqCst) == 0 {
        return;
    }
    let Some(s) = b.lock.with(|| {
        let s = b.pop(addr as usize);
        if s.is_some() {
            b.nwait.fetch_sub(1, Ordering::SeqCst);
        }
        s
    }) else {
        return;
    };
    let given = handoff != 0 && try_take(sema);
    // SAFETY: the sleeper is parked and now ours to wake.
    let g = unsafe { &*s.g.get() };
    g.sched.ret.set(usize::from(given));
    goready(g);
    let m = getm();
    if given && m.locks.get() == 0 {
        yield_now(m.g());
    }
}
