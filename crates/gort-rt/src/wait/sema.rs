//! Semaphores: what sync.Mutex, RWMutex and WaitGroup sleep on.
//!
//! A semaphore is a counter in the program's memory. Sleepers queue in one of 251 buckets chosen by its
//! address (`sematable.rs`), there in a tree by address (`sematree.rs`). A release may hand its unit to the sleeper
//! directly (`handoff`): then the sleeper goes next on this P and the releaser behind it.
//!
//! The native returns whether the unit is taken; if not, the Go side asks again, since nothing of this
//! frame survives a park.

use super::sematable::Bucket;
use super::sematree::SemaTree;
use crate::arch::getm;
use crate::gmp::{SemaKind, Sudog};
use crate::sched::choose::{Choice, choose};
use crate::sched::park::{Object, Waiting, gopark, goready, yield_now};
use crate::see::blocking;
use crate::sync::AtomicU32;

const BUCKETS: usize = 251;

static TABLE: [Bucket; BUCKETS] = [const { Bucket::new() }; BUCKETS];

fn bucket(addr: usize) -> &'static Bucket {
    &TABLE[(addr >> 3) % BUCKETS]
}

/// How long the sleepers on `addr` have waited, for the mutex profile; their bucket is locked.
#[cold]
fn contended(sleepers: &SemaTree, addr: usize) -> i64 {
    // SAFETY: sleepers are parked goroutines.
    let g = |s: &Sudog| unsafe { &*s.g.get() };
    let of = sleepers.sleepers(addr);
    of.map_or(0, |(first, second, last, others)| {
        blocking::contended(g(first), second.map(|s| (g(s), g(last))), others)
    })
}

/// Takes a unit, or sleeps until one is released; whether the unit is taken.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_semacquire(addr: *const AtomicU32, lifo: u8, kind: usize) -> bool {
    // SAFETY: the address of a uint32 of the program.
    let sema = unsafe { &*addr };
    let b = bucket(addr as usize);
    let g = getm().g();
    let s = &g.sudog;
    s.g.set(g);
    s.is_select.set(false);
    let ticket = || choose(Choice::SemaTicket, u32::MAX);
    b.acquire(sema, s, (lifo != 0, ticket), || {
        let on = Waiting::Sema(SemaKind::of(kind), Object::of(sema));
        gopark(on, || b.unlock())
    })
}

/// Releases a unit and wakes a sleeper; with `handoff` the unit is that sleeper's. What of the stack is not the runtime's begins
/// `skip` calls above the release.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_semrelease(addr: *const AtomicU32, handoff: u8, skip: isize) {
    // SAFETY: the address of a uint32 of the program.
    let sema = unsafe { &*addr };
    let mut waited = 0;
    let look = |sleepers: &SemaTree| {
        if blocking::mutexes() {
            waited = contended(sleepers, addr as usize);
        }
    };
    let Some((s, given)) = bucket(addr as usize).release(sema, handoff != 0, look) else {
        return;
    };
    if waited > 0 {
        blocking::released(waited, skip);
    }
    // SAFETY: the sleeper is parked and now ours to wake.
    let g = unsafe { &*s.g.get() };
    g.sched.ret.set(usize::from(given));
    goready(g);
    let m = getm();
    if given && m.locks.get() == 0 {
        yield_now(m.g());
    }
}
