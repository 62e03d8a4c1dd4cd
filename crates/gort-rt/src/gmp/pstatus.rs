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

use crate::sync::{AtomicU32, Ordering};

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

/// The status word of a P. Zeroed memory is an idle one.
#[repr(transparent)]
pub struct PStatus(AtomicU32);

impl PStatus {
    /// The current status; a snapshot.
    #[inline(always)]
    pub fn get(&self) -> u32 {
        self.0.load(Ordering::Acquire)
    }

    #[inline(always)]
    fn go(&self, from: u32, to: u32) {
        debug_assert!(self.get() == from, "bad p->status");
        self.0.store(to, Ordering::Release);
    }

    /// Moves it out of a system call, if it still is in one.
    #[inline(always)]
    fn leave_syscall(&self, to: u32) -> bool {
        self.0
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
        debug_assert!(self.get() == RUNNING, "bad p->status");
        self.0.store(SYSCALL, Ordering::SeqCst);
    }

    /// The M is back; whether it has the P again.
    #[inline(always)]
    pub fn exit_syscall(&self) -> bool {
        self.leave_syscall(RUNNING)
    }

    /// Takes it from an M in a system call; whether that was in time.
    #[inline(always)]
    pub fn retake(&self) -> bool {
        self.leave_syscall(IDLE)
    }

    /// The same, for a world that stops.
    #[inline(always)]
    pub fn stop_in_syscall(&self) -> bool {
        self.leave_syscall(GCSTOP)
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
        debug_assert!(matches!(self.get(), GCSTOP | IDLE), "bad p->status");
        self.0.store(IDLE, Ordering::Release);
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

#[cfg(all(test, loom))]
mod loom_tests {
    use super::{PStatus, RUNNING};
    use crate::sync::{AtomicBool, AtomicU32, Ordering};
    use loom::sync::Arc;

    /// An M enters and leaves a system call while somebody stops the world: the P is counted as stopped exactly once,
    /// by one of the two, and the M does not run on with it.
    #[test]
    fn syscall_and_stop() {
        loom::model(|| {
            let p = PStatus(AtomicU32::new(RUNNING));
            let state = Arc::new((p, AtomicBool::new(false), AtomicU32::new(0)));
            let s = state.clone();
            let m = loom::thread::spawn(move || {
                s.0.enter_syscall();
                if s.1.load(Ordering::SeqCst) && s.0.stop_in_syscall() {
                    s.2.fetch_add(1, Ordering::Relaxed);
                }
                s.0.exit_syscall()
            });
            state.1.store(true, Ordering::SeqCst);
            loom::sync::atomic::fence(Ordering::SeqCst);
            if state.0.stop_in_syscall() {
                state.2.fetch_add(1, Ordering::Relaxed);
            }
            let runs = m.join().unwrap();
            let stopped = state.2.load(Ordering::Relaxed);
            // An M that came back before it could see the request has its P, and is asked to stop as any that runs.
            assert_eq!(stopped, u32::from(!runs));
        });
    }
}
