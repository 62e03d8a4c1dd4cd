//! The verbs of the scheduler, in the order of a goroutine's life: [`newproc`], [`runq`],
//! [`findrunnable`] (with [`choose`]), [`schedule`], [`park`], [`preempt`], [`exit`] (with [`gfree`]), and [`coro`]; and
//! what serves them: [`idle`], [`netpoll`], [`locked`], [`threads`], [`sysmon`], [`world`], [`deadlock`], [`collect`].

#[cfg(not(any(test, loom)))]
pub mod allthreads;
pub mod choose;
#[cfg(not(any(test, loom)))]
pub mod collect;
#[cfg(not(any(test, loom)))]
pub mod coro;
#[cfg(not(any(test, loom)))]
pub mod deadlock;
#[cfg(not(any(test, loom)))]
pub mod exit;
#[cfg(not(any(test, loom)))]
pub mod expire;
#[cfg(not(any(test, loom)))]
pub mod findrunnable;
#[cfg(not(any(test, loom)))]
pub mod gfree;
#[cfg(not(any(test, loom)))]
pub mod idle;
#[cfg(not(any(test, loom)))]
pub mod locked;
#[cfg(not(any(test, loom)))]
pub mod maxprocs;
#[cfg(all(test, loom))]
mod model;
#[cfg(not(any(test, loom)))]
pub mod netpoll;
#[cfg(not(any(test, loom)))]
pub mod newproc;
#[cfg(not(any(test, loom)))]
pub mod newstack;
#[cfg(not(any(test, loom)))]
pub mod park;
#[cfg(not(any(test, loom)))]
pub mod preempt;
#[cfg(not(any(test, loom)))]
pub mod runq;
#[cfg(not(any(test, loom)))]
pub mod schedule;
pub mod sigmask;
#[cfg(not(any(test, loom)))]
pub mod signal;
#[cfg(not(any(test, loom)))]
pub mod sigqueue;
#[cfg(not(any(test, loom)))]
pub mod syscall;
#[cfg(not(any(test, loom)))]
pub mod sysmon;
#[cfg(not(any(test, loom)))]
pub mod threads;
#[cfg(not(any(test, loom)))]
pub mod world;
