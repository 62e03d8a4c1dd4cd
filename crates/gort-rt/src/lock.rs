//! Locks of the runtime: [`SpinLock`] for short critical sections, [`Note`] for one-shot sleeping.
//!
//! A critical section of the runtime is a few dozen instructions and never parks. So the lock is a
//! byte taken with one exchange and released with a plain store (no second locked instruction, which
//! is what a channel operation costs most). A waiter spins; when the owner seems to have lost its
//! CPU, it yields, then sleeps for 20 µs at a time.
//!
//! Every lock has a [rank](crate::rank). Builds with assertions check that a thread takes locks in the order of their
//! ranks, and that it holds none when it enters the schedule loop ([`assert_none_held`]). The rank is part of
//! the type, so that a lock stays a byte.

use crate::chaos;
use crate::os;
use crate::sync::{AtomicU8, AtomicU32, Ordering};

/// A lock that guards a few dozen instructions.
#[repr(transparent)]
pub struct SpinLock<const RANK: u8>(AtomicU8);

impl<const RANK: u8> SpinLock<RANK> {
    /// An open lock.
    pub const fn new() -> SpinLock<RANK> {
        SpinLock(AtomicU8::new(0))
    }

    /// Takes the lock.
    #[inline(always)]
    pub fn lock(&self) {
        chaos::point();
        held::takes(RANK, self.addr());
        if self.0.swap(1, Ordering::Acquire) != 0 {
            self.contended();
        }
    }

    /// Takes the lock if it is open.
    #[inline(always)]
    pub fn try_lock(&self) -> bool {
        let open = self.0.swap(1, Ordering::Acquire) == 0;
        if open {
            held::has(RANK, self.addr());
        }
        open
    }

    #[cold]
    #[inline(never)]
    fn contended(&self) {
        let mut round = 0u32;
        loop {
            while self.0.load(Ordering::Relaxed) != 0 {
                round += 1;
                match round {
                    0..=200 => core::hint::spin_loop(),
                    201..=220 => os::osyield(),
                    _ => os::usleep(20),
                }
            }
            if self.0.swap(1, Ordering::Acquire) == 0 {
                return;
            }
        }
    }

    /// Opens the lock.
    #[inline(always)]
    pub fn unlock(&self) {
        held::opens(self.addr());
        self.0.store(0, Ordering::Release);
        chaos::point();
    }

    /// Runs `f` with the lock held.
    #[inline(always)]
    pub fn with<R>(&self, f: impl FnOnce() -> R) -> R {
        self.lock();
        let r = f();
        self.unlock();
        r
    }

    #[inline(always)]
    fn addr(&self) -> usize {
        core::ptr::from_ref(self) as usize
    }
}

pub use held::{Held, assert_none_held};

/// What a thread holds, in builds with assertions.
#[cfg(debug_assertions)]
mod held {
    use crate::arch::getm;
    use crate::lang::throw;
    use crate::rank;
    use core::cell::Cell;

    const MAX: usize = 80;

    /// The locks that a thread holds, in the order in which it took them. A select may hold many.
    pub struct Held {
        n: Cell<usize>,
        locks: [Cell<(u8, usize)>; MAX],
    }

    impl Held {
        /// None.
        pub const fn new() -> Held {
            Held {
                n: Cell::new(0),
                locks: [const { Cell::new((0, 0)) }; MAX],
            }
        }
    }

    pub fn takes(rank: u8, addr: usize) {
        let h = &getm().held;
        let n = h.n.get();
        if n > 0 && n <= MAX {
            let (top, at) = h.locks[n - 1].get();
            if rank < top || rank == top && (rank != rank::HCHAN || addr <= at) {
                // The report itself takes locks.
                h.n.set(0);
                bad(rank, top);
            }
        }
        has(rank, addr);
    }

    pub fn has(rank: u8, addr: usize) {
        let h = &getm().held;
        let n = h.n.get();
        if n < MAX {
            h.locks[n].set((rank, addr));
        }
        h.n.set(n + 1);
    }

    pub fn opens(addr: usize) {
        let h = &getm().held;
        let n = h.n.get();
        if n > MAX {
            return h.n.set(n - 1);
        }
        let Some(i) = (0..n).rev().find(|&i| h.locks[i].get().1 == addr) else {
            return; // taken before a fatal error began
        };
        for k in i..n - 1 {
            h.locks[k].set(h.locks[k + 1].get());
        }
        h.n.set(n - 1);
    }

    /// The thread is about to leave all frames of the runtime behind: it must hold nothing.
    pub fn assert_none_held() {
        let h = &getm().held;
        if h.n.replace(0) != 0 {
            crate::text::err()
                .s("runtime: a lock of rank ")
                .u(u64::from(h.locks[0].get().0))
                .s(" is held in the schedule loop\n")
                .flush();
            throw::throw("lock held in schedule");
        }
    }

    #[cold]
    fn bad(rank: u8, held: u8) -> ! {
        crate::text::err()
            .s("runtime: a lock of rank ")
            .u(u64::from(rank))
            .s(" is taken while one of rank ")
            .u(u64::from(held))
            .s(" is held\n")
            .flush();
        throw::throw("lock ordering problem")
    }
}

/// Nothing is kept, and nothing is checked.
#[cfg(not(debug_assertions))]
mod held {
    /// Of no size.
    pub struct Held;

    impl Held {
        /// Nothing.
        pub const fn new() -> Held {
            Held
        }
    }

    #[inline(always)]
    pub fn takes(_: u8, _: usize) {}
    #[inline(always)]
    pub fn has(_: u8, _: usize) {}
    #[inline(always)]
    pub fn opens(_: usize) {}
    /// Checks nothing in this build.
    #[inline(always)]
    pub fn assert_none_held() {}
}

/// One sleeper, one waker, one time: `clear`, then `sleep` on one side and `wakeup` on the other.
#[repr(C)]
pub struct Note(AtomicU32);

impl Note {
    /// A cleared note.
    pub const fn new() -> Note {
        Note(AtomicU32::new(0))
    }

    /// Makes the note ready for another round.
    pub fn clear(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// Wakes the sleeper, or lets it through when it comes.
    pub fn wakeup(&self) {
        chaos::point();
        self.0.store(1, Ordering::Release);
        os::futexwakeup(&self.0, 1);
    }

    /// Sleeps until `wakeup`; `ns` < 0 waits for ever. Returns whether the note was woken.
    pub fn sleep(&self, ns: i64) -> bool {
        chaos::point();
        if ns < 0 {
            while self.0.load(Ordering::Acquire) == 0 {
                os::futexsleep(&self.0, 0, -1);
            }
            return true;
        }
        let deadline = os::nanotime() + ns;
        loop {
            if self.0.load(Ordering::Acquire) != 0 {
                return true;
            }
            let left = deadline - os::nanotime();
            if left <= 0 {
                return false;
            }
            os::futexsleep(&self.0, 0, left);
        }
    }

    /// Whether the note has been woken.
    pub fn woken(&self) -> bool {
        self.0.load(Ordering::Acquire) != 0
    }
}
