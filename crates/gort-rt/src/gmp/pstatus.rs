//! The status of a P, and the only code that writes it: one function per arrow, as [`super::status`] has them for Gs.
//!
//! ```text
//! idle -bind-> running -unbind-> idle                      an M takes and leaves it
//! running -enter_syscall-> syscall -exit_syscall-> running the M comes back in time
//!                          syscall -retake-> idle          sysmon, or whoever wants its timers, takes it
//! running, idle, syscall -stop-> gcstop -start-> idle, running      the world
//! gcstop -retire-> dead -revive-> idle                     GOMAXPROCS
//! ```
//!
//! A P has one owner at a time, which may store; only out of `syscall` several may want to move it, so these
//! arrows are compare-and-swaps. What the others start from is checked in builds with assertions.

use super::P;
use crate::sync::Ordering;

/// On the idle list, or in flight between two Ms. The numbers are what `scheddetail` prints.
pub const IDLE: u32 = 0;
/// An M has it.
pub const RUNNING: u32 = 1;
/// Its M is in a system call; others may take it.
pub const SYSCALL: u32 = 2;
/// The world stops.
pub const GCSTOP: u32 = 3;
/// Beyond GOMAXPROCS.
pub const DEAD: u32 = 4;

impl P {
    /// The current status; a snapshot.
    #[inline(always)]
    pub fn status(&self) -> u32 {
        self.status_word.load(Ordering::Acquire)
    }

    #[inline(always)]
    fn go(&self, from: u32, to: u32) {
        debug_assert!(self.status() == from, "bad p->status");
        self.status_word.store(to, Ordering::Release);
    }

    /// Moves it out of a system call, if it still is in one.
    #[inline(always)]
    fn from_syscall(&self, to: u32) -> bool {
        self.status_word
            .compare_exchange(SYSCALL, to, Ordering::SeqCst, Ordering::SeqCst)
            .is_ok()
    }

    /// An M takes the idle P.
    #[inline(always)]
    pub fn bind(&self) {
        self.go(IDLE, RUNNING);
    }

    /// Its M leaves it.
    #[inline(always)]
    pub fn unbind(&self) {
        self.go(RUNNING, IDLE);
    }

    /// Its M is about to block in the kernel. Sequentially consistent: a stopper of the world that does not see this
    /// is seen by the M.
    #[inline(always)]
    pub fn enter_syscall(&self) {
        debug_assert!(self.status() == RUNNING, "bad p->status");
        self.status_word.store(SYSCALL, Ordering::SeqCst);
    }

    /// The M is back; whether it has the P again.
    #[inline(always)]
    pub fn exit_syscall(&self) -> bool {
        self.from_syscall(RUNNING)
    }

    /// Takes it from an M in a system call; whether that was in time.
    #[inline(always)]
    pub fn retake(&self) -> bool {
        self.from_syscall(IDLE)
    }

    /// The same, for a world that stops.
    #[inline(always)]
    pub fn stop_in_syscall(&self) -> bool {
        self.from_syscall(GCSTOP)
    }

    /// The world stops: an idle P, or one in flight between two Ms. The scheduler lock is held.
    pub fn stop_idle(&self) {
        self.go(IDLE, GCSTOP);
    }

    /// The world stops: the P of the stopper, which keeps it.
    pub fn stop_running(&self) {
        self.go(RUNNING, GCSTOP);
    }

    /// The world starts: the P, stopped or new, waits for an M.
    pub fn start_idle(&self) {
        debug_assert!(matches!(self.status(), GCSTOP | IDLE), "bad p->status");
        self.status_word.store(IDLE, Ordering::Release);
    }

    /// The world starts: the P of the stopper runs on.
    pub fn start_running(&self) {
        self.go(GCSTOP, RUNNING);
    }

    /// GOMAXPROCS no longer covers it; the world is stopped.
    pub fn retire(&self) {
        self.go(GCSTOP, DEAD);
    }

    /// GOMAXPROCS covers it again; the world is stopped.
    pub fn revive(&self) {
        self.go(DEAD, IDLE);
    }
}
