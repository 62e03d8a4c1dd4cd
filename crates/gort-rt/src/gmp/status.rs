//! The status of a G, and the only code that writes it: one function per arrow of a goroutine's life.
//!
//! ```text
//! Gdead -created-> Grunnable -execute-> Grunning -park-> Gwaiting -ready-> Grunnable
//!                                       Grunning -yielded, preempted-> Grunnable
//!                                       Grunning -enter_syscall-> Gsyscall -exit_syscall-> Grunning
//!                                       Gsyscall -syscall_runnable-> Grunnable
//!                                       Grunning -died-> Gdead
//! ```
//!
//! The owner of a G (the M that runs it, or whoever took it off a queue) is the only writer, so plain
//! atomic stores do; readers (tracebacks, dumps) may look at any time.

use super::G;
use crate::sync::Ordering;

/// Status numbers, as Go prints them in `scheddetail`.
#[repr(u32)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// Just allocated.
    Idle = 0,
    /// On a run queue.
    Runnable = 1,
    /// Runs on an M with a P.
    Running = 2,
    /// In a system call.
    Syscall = 3,
    /// Parked.
    Waiting = 4,
    /// Unused: on a free list.
    Dead = 6,
}

impl G {
    /// The current status.
    #[inline(always)]
    pub fn status(&self) -> Status {
        match self.status_word.load(Ordering::Relaxed) {
            1 => Status::Runnable,
            2 => Status::Running,
            3 => Status::Syscall,
            4 => Status::Waiting,
            6 => Status::Dead,
            _ => Status::Idle,
        }
    }

    /// The one place that writes a status. A transition from a state that it cannot start from is a bug of the
    /// runtime whose traces are gone a moment later, so every build checks it, as official Go does: the word has
    /// just been in the cache.
    #[inline(always)]
    fn go(&self, from: Status, to: Status) {
        if self.status_word.load(Ordering::Relaxed) != from as u32 {
            bad_transition(from, to);
        }
        self.status_word.store(to as u32, Ordering::Release);
    }

    /// A slab slot became a G.
    pub fn cast_allocated(&self) {
        self.go(Status::Idle, Status::Dead);
    }

    /// `go` statement.
    #[inline(always)]
    pub fn cast_created(&self) {
        self.go(Status::Dead, Status::Runnable);
    }

    /// A coroutine's goroutine, which waits for its first switch.
    pub fn cast_created_parked(&self) {
        self.go(Status::Runnable, Status::Waiting);
    }

    /// Picked by the scheduler.
    #[inline(always)]
    pub fn cast_execute(&self) {
        self.go(Status::Runnable, Status::Running);
    }

    /// Parked.
    #[inline(always)]
    pub fn cast_park(&self) {
        self.go(Status::Running, Status::Waiting);
    }

    /// Made runnable by a waker. Exactly one waker owns a parked G; a second one is a fatal bug.
    #[inline(always)]
    pub fn cast_ready(&self) {
        self.go(Status::Waiting, Status::Runnable);
    }

    /// Gave up the P: Gosched or preemption.
    pub fn cast_yielded(&self) {
        self.go(Status::Running, Status::Runnable);
    }

    /// Entered a system call.
    pub fn cast_enter_syscall(&self) {
        self.go(Status::Running, Status::Syscall);
    }

    /// Left a system call with a P.
    pub fn cast_exit_syscall(&self) {
        self.go(Status::Syscall, Status::Running);
    }

    /// Left a system call without a P.
    pub fn cast_syscall_runnable(&self) {
        self.go(Status::Syscall, Status::Runnable);
    }

    /// Ended.
    #[inline(always)]
    pub fn cast_died(&self) {
        self.go(Status::Running, Status::Dead);
    }
}

#[cold]
#[inline(never)]
fn bad_transition(from: Status, to: Status) -> ! {
    crate::lang::throw::throw(match (from, to) {
        (Status::Waiting, _) => "bad g->status in ready",
        (Status::Runnable, _) => "bad g->status in execute",
        (Status::Syscall, _) => "bad g->status in exitsyscall",
        (Status::Running, _) => "bad g->status: not running",
        (Status::Idle | Status::Dead, _) => "bad g->status: not dead",
    })
}
