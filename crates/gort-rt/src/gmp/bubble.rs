//! Bubble: the goroutines of one `testing/synctest` test, with a clock and timers of their own.
//!
//! A bubble counts its goroutines that are not durably blocked (`running`) and what else keeps it active
//! (`active`: a goroutine that is about to park, a reference taken by `internal/synctest.Acquire`, a wake-up
//! under way). When both are 0, only the bubble itself can wake one of its goroutines: [`Bubble::idle`] says
//! whom. The clock moves only then, so goroutines may read it without the lock.
//!
//! Bubbles are never given back to the system, so that a timer may outlive the one it was made in; a bubble
//! that has ended well serves again, with another number.

use super::timers::Timers;
use super::{G, offheap};
use crate::lock::SpinLock;
use crate::rank;
use crate::sync::{AtomicPtr, AtomicU32, Ordering};
use core::cell::Cell;
use core::ptr::{null, null_mut};

/// Midnight UTC of 2000-01-01, in nanoseconds since 1970: where the clock of a bubble starts.
const EPOCH: i64 = 946_684_800_000_000_000;

/// A bubble. The overlay's `synctestBubble` knows the first two fields.
#[repr(C)]
pub struct Bubble {
    /// Its number, from 1.
    pub id: Cell<u64>,
    /// Its clock: nanoseconds since 1970.
    pub now: Cell<i64>,
    lock: SpinLock<{ rank::BUBBLE }>,
    /// A goroutine is in `synctest.Wait`.
    waiting: Cell<bool>,
    /// The main goroutine has ended.
    done: Cell<bool>,
    total: Cell<i32>,
    running: Cell<i32>,
    active: Cell<i32>,
    /// The caller of `Run`: sleeps while others run, turns the clock.
    root: Cell<*const G>,
    /// The first goroutine, or null.
    main: Cell<*const G>,
    /// Sleeps in `synctest.Wait`, or null.
    waiter: Cell<*const G>,
    /// Its timers, sleepers among them.
    pub timers: Timers,
    link: Cell<*mut Bubble>,
}

gort_abi::twin!(Bubble, gort_abi::layouts::BUBBLE, id = "id", now = "now");

static FREE_LOCK: SpinLock<{ rank::BUBBLE_CACHE }> = SpinLock::new();
static FREE: AtomicPtr<Bubble> = AtomicPtr::new(null_mut());
static LAST_ID: AtomicU32 = AtomicU32::new(0);

/// Whether the root may sleep.
pub enum Rest {
    /// No: nothing runs, and nobody is in `synctest.Wait`.
    Awake,
    /// Yes.
    Sleep,
    /// Yes, and this goroutine in `synctest.Wait` is to run.
    SleepAndWake(&'static G),
}

/// What the root does when it has run the timers that are due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// The clock stands at the next timer: run it.
    Timers,
    /// All goroutines are durably blocked, and no timer will wake one.
    Blocked,
    /// The main goroutine has ended; the clock stands still for good.
    Done,
}

impl Bubble {
    /// A bubble with `root` as its only goroutine, which runs.
    pub fn new(root: &G) -> &'static Bubble {
        let b = FREE_LOCK.with(|| {
            let b = FREE.load(Ordering::Relaxed);
            if b.is_null() {
                return offheap::persistent(size_of::<Bubble>()).cast::<Bubble>();
            }
            // SAFETY: free bubbles are ours; the lock is held.
            FREE.store(unsafe { (*b).link.get() }, Ordering::Relaxed);
            b
        });
        // SAFETY: zeroed memory is a valid bubble, and they are never freed.
        let b = unsafe { &*b };
        let mut id = 0;
        while id == 0 {
            id = LAST_ID.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        }
        b.id.set(u64::from(id));
        b.now.set(EPOCH);
        b.waiting.set(false);
        b.done.set(false);
        b.total.set(1);
        b.running.set(1);
        b.active.set(1); // the root's, until it parks
        b.root.set(root);
        b.main.set(null());
        b.waiter.set(null());
        b
    }

    /// What channels keep of their bubble. Numbers wrap after 2³² bubbles.
    #[inline(always)]
    pub fn mark(&self) -> u32 {
        self.id.get() as u32
    }

    /// `g` becomes one of its goroutines; `running` unless it is made parked.
    pub fn join(&self, g: &G, running: bool) {
        g.bubble.set(self);
        self.lock.with(|| {
            self.total.set(self.total.get() + 1);
            self.running.set(self.running.get() + i32::from(running));
            if self.main.get().is_null() {
                self.main.set(g);
            }
        });
    }

    /// A running goroutine ends, or leaves. Returns whom to wake.
    pub fn leave(&self, g: &G) -> Option<&'static G> {
        g.bubble.set(null());
        self.lock.with(|| {
            self.total.set(self.total.get() - 1);
            self.running.set(self.running.get() - 1);
            if core::ptr::eq(self.main.get(), g) {
                self.done.set(true);
            }
            self.idle()
        })
    }

    /// A goroutine of the bubble is about to park. The bubble stays active until [`Bubble::parked`], since
    /// others may wake the goroutine as soon as it is marked.
    pub fn parking(&self, durably: bool) {
        self.lock.with(|| {
            self.active.set(self.active.get() + 1);
            self.running.set(self.running.get() - i32::from(durably));
        });
    }

    /// The goroutine of [`Bubble::parking`] has parked. Returns whom to wake.
    pub fn parked(&self) -> Option<&'static G> {
        self.release()
    }

    /// A goroutine that was durably blocked is about to be made runnable.
    pub fn readied(&self) {
        self.lock.with(|| self.running.set(self.running.get() + 1));
    }

    /// Keeps the bubble active until [`Bubble::release`].
    pub fn acquire(&self) {
        self.lock.with(|| self.active.set(self.active.get() + 1));
    }

    /// Ends an [`Bubble::acquire`]. Returns whom to wake.
    pub fn release(&self) -> Option<&'static G> {
        self.lock.with(|| {
            self.active.set(self.active.get() - 1);
            self.idle()
        })
    }

    /// With the lock held: who is to be woken if all goroutines are durably blocked. The wake-up counts as
    /// activity, which the one that is woken ends.
    fn idle(&self) -> Option<&'static G> {
        if self.running.get() > 0 || self.active.get() > 0 {
            return None;
        }
        self.active.set(self.active.get() + 1);
        let next = self.timers.min();
        let due = next != 0 && next <= self.now.get();
        let g = match self.waiter.get() {
            w if !due && !w.is_null() => w,
            _ => self.root.get(),
        };
        // SAFETY: root and waiter are parked goroutines of a bubble that has not ended.
        Some(unsafe { &*g })
    }

    /// The root wants to sleep.
    /// Unless it must stay awake, the lock is held; the caller marks the root as parked and calls
    /// [`Bubble::unlock`].
    pub fn root_sleeps(&self) -> Rest {
        self.lock.lock();
        self.running.set(self.running.get() - 1);
        self.active.set(self.active.get() - 1);
        let next = self.idle();
        if next.is_some_and(|g| core::ptr::eq(g, self.root.get())) {
            self.running.set(self.running.get() + 1);
            self.lock.unlock();
            return Rest::Awake;
        }
        next.map_or(Rest::Sleep, Rest::SleepAndWake)
    }

    /// Opens the lock that [`Bubble::root_sleeps`] has left closed.
    pub fn unlock(&self) {
        self.lock.unlock();
    }

    /// The root is awake, nothing else runs, and no timer is due: turns the clock.
    pub fn advance(&self) -> Next {
        self.lock.with(|| match self.timers.min() {
            _ if self.done.get() => Next::Done,
            0 => Next::Blocked,
            next => {
                self.now.set(next);
                Next::Timers
            }
        })
    }

    /// Claims the place of the one goroutine in `synctest.Wait`; false if it is taken.
    pub fn wait_begins(&self) -> bool {
        self.lock.with(|| !self.waiting.replace(true))
    }

    /// `g`, which has begun to wait, is parked.
    pub fn waits(&self, g: &G) {
        self.lock.with(|| self.waiter.set(g));
    }

    /// `synctest.Wait` returns.
    pub fn wait_ends(&self) {
        self.lock.with(|| {
            self.active.set(self.active.get() - 1);
            self.waiter.set(null());
            self.waiting.set(false);
        });
    }

    /// The root leaves. The bubble is free for another test if no goroutine remains, which is the result.
    pub fn end(&self, root: &G) -> bool {
        root.bubble.set(null());
        let (total, clear) = self.lock.with(|| (self.total.get(), self.done.get()));
        if total != 1 || !clear {
            return total == 1;
        }
        self.timers.clear();
        FREE_LOCK.with(|| {
            self.link.set(FREE.load(Ordering::Relaxed));
            FREE.store(core::ptr::from_ref(self).cast_mut(), Ordering::Relaxed);
        });
        true
    }
}

impl G {
    /// The bubble it is in.
    #[inline(always)]
    pub fn bubble(&self) -> Option<&'static Bubble> {
        // SAFETY: null or a bubble; these are never freed.
        unsafe { self.bubble.get().as_ref() }
    }
}
