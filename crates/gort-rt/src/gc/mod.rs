//! The collector: mark and sweep, which moves nothing.
//!
//! A [`cycle`] begins with a short stop of the world, which switches the write [`barrier`] on. Then the Ps mark beside the
//! program, a [`quantum`] at a time; who does so when is decided in `sched/collect.rs`. [`roots`] are package
//! variables ([`globals`]), what the runtime holds, and goroutines ([`stack`], whose frames are read in `frames`); [`mark`] follows the pointers in
//! the heap, with what is found in between waiting in [`work`]. A second short stop ends it, and [`sweep`]
//! turns marks into free objects whenever somebody needs some. The [`pacer`] says when to begin, and who must help;
//! [`quiet`] what becomes of a program that allocates next to nothing.
//!
//! What depends on whether an object can still be reached. Records about objects ([`special`], whose lists are in
//! [`speciallist`]) hang on the spans of the heap: finalizers and cleanups ([`finalizer`]), weak handles ([`weak`]), samples of the heap profile
//! ([`profile`]).
//! Sweeping finds those of dead objects; what Go code is to be run then waits in [`finq`] for goroutines of the
//! overlay. What Go code is to run before a cycle, [`helper`] has run.
//! [`checkmark`] looks whether marking has missed something, with a [`tracer`] of its own, which also finds goroutines that have leaked ([`leaks`]); both tracers walk through stacks
//! for a [`sink`]. [`dump`] writes the whole heap to a file. What is counted is in [`stats`], the line that `gctrace=1` prints in [`trace`], those of `gcpacertrace=1` and `scavtrace=1` in [`pacertrace`], of `inittrace=1` in `inittrace`, GOGC and its like in [`settings`].

#[cfg(not(any(test, loom)))]
pub mod barrier;
#[cfg(not(any(test, loom)))]
pub mod checkmark;
#[cfg(not(any(test, loom)))]
pub mod cycle;
#[cfg(not(any(test, loom)))]
pub mod dump;
#[cfg(not(any(test, loom)))]
pub mod finalizer;
#[cfg(not(any(test, loom)))]
pub mod finq;
#[cfg(not(any(test, loom)))]
mod frameobjects;
#[cfg(not(any(test, loom)))]
mod frames;
#[cfg(not(any(test, loom)))]
pub mod globals;
#[cfg(not(any(test, loom)))]
pub mod helper;
#[cfg(not(any(test, loom)))]
mod inittrace;
#[cfg(not(any(test, loom)))]
pub mod leaks;
#[cfg(not(any(test, loom)))]
pub mod mark;
#[cfg(not(any(test, loom)))]
pub mod pacer;
#[cfg(not(any(test, loom)))]
pub mod pacertrace;
#[cfg(not(loom))]
pub mod profile;
#[cfg(not(any(test, loom)))]
pub mod quantum;
#[cfg(not(any(test, loom)))]
pub mod quiet;
#[cfg(not(any(test, loom)))]
pub mod roots;
#[cfg(not(any(test, loom)))]
pub mod settings;
#[cfg(not(any(test, loom)))]
mod sink;
#[cfg(not(any(test, loom)))]
pub mod special;
#[cfg(not(loom))]
pub mod speciallist;
#[cfg(not(any(test, loom)))]
pub mod stack;
#[cfg(not(any(test, loom)))]
pub mod stats;
#[cfg(not(any(test, loom)))]
pub mod sweep;
#[cfg(not(loom))]
pub mod trace;
#[cfg(not(any(test, loom)))]
mod tracer;
pub mod wbbuf;
#[cfg(not(any(test, loom)))]
pub mod weak;
#[cfg(not(any(test, loom)))]
pub mod work;
pub mod workqueue;
