//! What is to run because objects died: finalizers, which one goroutine calls one after the other, and cleanups, for
//! which there may be several. The goroutines are the overlay's (`goroot/runtime/finalizer.go`, `cleanup.go`): they take
//! work here, and park here when there is none.
//!
//! The records of [`super::special`] are the entries of the queues, so that sweeping allocates nothing. Entries are
//! roots. Finalizers run batch by batch, within a batch the last queued first, as in official Go.
//!
//! Sweeping may hold locks and only sets a flag; [`wake`] makes the goroutines runnable. Who calls it: the scheduler when it looks
//! for work, natives that have swept, and the schedule loop when sysmon finds that nobody has.

use super::barrier;
use super::special;
use super::speciallist::{List, Special};
use super::sweep;
use crate::arch::getm;
use crate::gmp::list::Stack;
use crate::gmp::sched::gomaxprocs;
use crate::gmp::{G, Waiting};
use crate::lock::SpinLock;
use crate::rank;
use crate::sched::idle::wakep;
use crate::sched::park::{gopark, goready};
use crate::sync::{AtomicBool, Ordering};
use core::cell::Cell;

/// The queues.
struct Queues {
    lock: SpinLock<{ rank::FINQ }>,
    /// Finalizers queued since the last batch was taken, newest first.
    queued: Cell<usize>,
    /// The batch under way.
    batch: Cell<usize>,
    /// The goroutine of finalizers, while it is parked.
    fing: Cell<*const G>,
    finalizers: Counts,
    /// Cleanups, oldest first, and the last one.
    first: Cell<usize>,
    last: Cell<usize>,
    /// The goroutines of cleanups that are parked; how many there are in all.
    idle: Stack<G>,
    cleaners: Cell<u32>,
    cleanups: Counts,
}

/// How many were queued, taken, and have run.
struct Counts {
    queued: Cell<u64>,
    taken: Cell<u64>,
    executed: Cell<u64>,
}

impl Counts {
    const fn new() -> Counts {
        Counts {
            queued: Cell::new(0),
            taken: Cell::new(0),
            executed: Cell::new(0),
        }
    }

    fn waiting(&self) -> u64 {
        self.queued.get() - self.taken.get()
    }
}

fn count(c: &Cell<u64>) {
    c.set(c.get() + 1);
}

// SAFETY: cells are only touched with the lock held.
unsafe impl Sync for Queues {}
static Q: Queues = Queues {
    lock: SpinLock::new(),
    queued: Cell::new(0),
    batch: Cell::new(0),
    fing: Cell::new(core::ptr::null()),
    finalizers: Counts::new(),
    first: Cell::new(0),
    last: Cell::new(0),
    idle: Stack::new(),
    cleaners: Cell::new(0),
    cleanups: Counts::new(),
};

/// Something has been queued since [`wake`] last looked.
static WANTED: AtomicBool = AtomicBool::new(false);

/// Queues a finalizer whose record is on no list any more; its offset is the object's address.
pub fn finalize(s: &'static Special) {
    Q.lock.with(|| {
        s.next.set(Q.queued.get());
        Q.queued.set(s.addr());
        count(&Q.finalizers.queued);
    });
    WANTED.store(true, Ordering::Release);
}

/// Queues a cleanup whose record is on no list any more.
pub fn clean(s: &'static Special) {
    Q.lock.with(|| {
        s.next.set(0);
        // SAFETY: the queue's last entry, which nobody takes while the lock is held.
        match unsafe { Special::at(Q.last.get()) } {
            Some(last) => last.next.set(s.addr()),
            None => Q.first.set(s.addr()),
        }
        Q.last.set(s.addr());
        count(&Q.cleanups.queued);
    });
    WANTED.store(true, Ordering::Release);
}

/// Whether [`wake`] has something to do.
#[inline(always)]
pub fn wanted() -> bool {
    WANTED.load(Ordering::Relaxed)
}

/// Makes goroutines runnable for what has been queued. The caller runs on g0 with a P and holds no lock.
pub fn wake() {
    if !WANTED.swap(false, Ordering::AcqRel) {
        return;
    }
    let (fing, mut left) = Q.lock.with(|| {
        let fing = match Q.queued.get() {
            0 => core::ptr::null(),
            _ => Q.fing.replace(core::ptr::null()),
        };
        (fing, Q.cleanups.waiting())
    });
    // SAFETY: null, or a parked G, which we alone make runnable.
    if let Some(g) = unsafe { fing.as_ref() } {
        goready(g);
    }
    // One goroutine a cleanup, as far as there are any.
    while left > 0
        && let Some(g) = Q.lock.with(|| Q.idle.pop())
    {
        goready(g);
        left -= 1;
    }
    // One that has never run yet waits in a queue.
    wakep();
}

/// What the queues hold are roots.
pub fn mark(pointer: &mut impl FnMut(usize)) {
    Q.lock.with(|| {
        for list in [&Q.queued, &Q.batch] {
            for s in List(list).iter() {
                pointer(s.offset.get());
                special::roots_of(s, pointer);
            }
        }
        for s in List(&Q.first).iter() {
            special::roots_of(s, pointer);
        }
    });
}

/// Calls `f` with each finalizer that is due.
pub fn each(mut f: impl FnMut(&Special)) {
    Q.lock.with(|| {
        for list in [&Q.queued, &Q.batch] {
            List(list).iter().for_each(&mut f);
        }
    });
}

/// Finalizers queued and executed, cleanups queued and executed, ever.
pub fn counts() -> [u64; 4] {
    Q.lock.with(|| {
        [&Q.finalizers, &Q.cleanups]
            .map(|c| [c.queued.get(), c.executed.get()])
            .as_flattened()
            .try_into()
            .unwrap_or_default()
    })
}

/// A goroutine of ours begins to run the program's code, and is shown in tracebacks, or has ended it.
fn runs(user: bool) -> bool {
    !getm().g().system.replace(!user)
}

/// A finalizer that is due, as the overlay sees it.
#[repr(C)]
struct FinalizerCall {
    obj: usize,
    /// A func value.
    f: usize,
    /// Its type.
    ft: usize,
    /// The type of `obj`, a pointer.
    pointer: usize,
}

gort_abi::twin!(
    FinalizerCall,
    gort_abi::layouts::FINALIZER_CALL,
    obj = "obj",
    f = "fn",
    ft = "ft",
    pointer = "pointer"
);

/// The next finalizer; false if there is none. The one taken before has ended.
#[unsafe(no_mangle)]
extern "C" fn rt_fintake(out: &mut FinalizerCall) -> bool {
    let ended = runs(false);
    let s = Q.lock.with(|| {
        if ended {
            count(&Q.finalizers.executed);
        }
        if Q.batch.get() == 0 {
            Q.batch.set(Q.queued.replace(0));
        }
        // SAFETY: the first entry of the batch, or 0.
        let s = unsafe { Special::at(Q.batch.get()) }?;
        Q.batch.set(s.next.get());
        count(&Q.finalizers.taken);
        let [f, ft, pointer] = [0, 1, 2].map(|i| s.words[i].get());
        *out = FinalizerCall {
            obj: s.offset.get(),
            f,
            ft,
            pointer,
        };
        Some(s)
    });
    let Some(s) = s else {
        return false;
    };
    // They leave a root that may not have been looked at yet, for a goroutine that has been.
    for word in [out.obj, out.f, out.ft, out.pointer] {
        barrier::shade(word);
    }
    special::free(s);
    runs(true);
    true
}

/// Parks the goroutine of finalizers until one is queued.
#[unsafe(no_mangle)]
extern "C" fn rt_finwait() {
    Q.lock.lock();
    if Q.queued.get() != 0 {
        Q.lock.unlock();
        return;
    }
    Q.fing.set(getm().g());
    gopark(Waiting::Finalizers, || Q.lock.unlock())
}

/// Whether all finalizers that were queued have run, and the goroutine for them waits.
#[unsafe(no_mangle)]
extern "C" fn rt_finidle() -> bool {
    !sweep::any()
        && Q.lock
            .with(|| Q.queued.get() == 0 && !Q.fing.get().is_null())
}

/// The next cleanup, a `func()`; 0 if there is none. The one taken before has ended.
#[unsafe(no_mangle)]
extern "C" fn rt_cleanuptake() -> usize {
    let ended = runs(false);
    let s = Q.lock.with(|| {
        if ended {
            count(&Q.cleanups.executed);
        }
        // SAFETY: the first entry of the queue, or 0.
        let s = unsafe { Special::at(Q.first.get()) }?;
        Q.first.set(s.next.get());
        if s.next.get() == 0 {
            Q.last.set(0);
        }
        count(&Q.cleanups.taken);
        Some(s)
    });
    let Some(s) = s else {
        return 0;
    };
    let f = s.words[0].get();
    barrier::shade(f);
    special::free(s);
    runs(true);
    f
}

/// Parks a goroutine of cleanups until there is one.
#[unsafe(no_mangle)]
extern "C" fn rt_cleanupwait() {
    Q.lock.lock();
    if Q.first.get() != 0 {
        Q.lock.unlock();
        return;
    }
    Q.idle.push(getm().g());
    gopark(Waiting::Cleanups, || Q.lock.unlock())
}

/// Whether all cleanups that were queued have run, and the goroutines for them wait.
#[unsafe(no_mangle)]
extern "C" fn rt_cleanupidle() -> bool {
    !sweep::any()
        && Q.lock
            .with(|| Q.first.get() == 0 && Q.idle.len() == Q.cleaners.get())
}

/// Cleanups that wait, for each goroutine that runs some, before it is worth another one.
const WORTH: u64 = 16;

/// Whether another goroutine for cleanups is wanted: the first, or one more of a few if they do not keep up. The caller
/// must start it.
#[unsafe(no_mangle)]
extern "C" fn rt_cleanupwanted() -> bool {
    Q.lock.with(|| {
        let have = Q.cleaners.get();
        let waiting = Q.cleanups.waiting();
        let want = have == 0
            || have < gomaxprocs() / 4 && Q.idle.is_empty() && waiting > WORTH * u64::from(have);
        if want {
            Q.cleaners.set(have + 1);
        }
        want
    })
}
