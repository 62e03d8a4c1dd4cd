//! The Go runtime of gort. It is built for linux/amd64 without std, libc or alloc, as one object that
//! the linker puts beside the compiled Go code. The life of a program, and where to read it:
//!
//! 1. The kernel enters `_rt0_amd64_linux` (`arch/x86_64/entry.rs`), which calls `rt0_go` in
//!    `boot/entry.rs`: m0 and its TLS, `check`, `args`, `osinit`, `schedinit`.
//! 2. `sched/newproc.rs` makes goroutine 1, which will run `runtime.main` (Go, `goroot/runtime/proc.go`).
//! 3. `sched/schedule.rs` picks it and `gogo` jumps to it. From here on Go code runs on goroutine
//!    stacks, Rust code on the system stack (g0) of each thread.
//! 4. Compiled code enters through the stubs of `arch/x86_64/stubs.rs`: allocation in `mem/malloc.rs`,
//!    channels in `wait/chan.rs`, `go` in `sched/newproc.rs`, panics in `lang/panic.rs`.
//! 5. A goroutine that waits goes through `sched/park.rs`; its waker puts it back by `sched/runq.rs`;
//!    `sched/findrunnable.rs` looks for work elsewhere, `sched/idle.rs` stops and wakes threads, and one of them
//!    waits for timers and descriptors in `sched/netpoll.rs`.
//! 6. `sched/preempt.rs` and `sched/sysmon.rs` see to it that nobody runs for ever.
//! 7. `sched/exit.rs` ends a goroutine, `boot/main.rs` the program, `lang/throw.rs` a failing one,
//!    with the text of `symtab/traceback.rs`.
//!
//! What happens when objects die (finalizers, cleanups, weak pointers) is in `gc/`.
//!
//! The nouns are in `gmp/`: G, M, P, sudog and the scheduler's global state.
#![cfg_attr(not(any(test, loom)), no_std)]
// Entry points for compiled code take raw pointers and are `unsafe extern "C"`; their contract is the machine
// contract. Constructors are const, for statics, where Default cannot be called.
#![allow(
    clippy::missing_safety_doc,
    clippy::not_unsafe_ptr_arg_deref,
    clippy::new_without_default
)]

#[cfg(not(any(test, loom)))]
pub mod api;
#[cfg(not(any(test, loom)))]
pub mod arch;
pub mod barrier;
#[cfg(not(any(test, loom)))]
pub mod boot;
pub mod chaos;
#[cfg(not(any(test, loom)))]
pub mod debug;
pub mod gc;
pub mod gmp;
#[cfg(not(any(test, loom)))]
pub mod lang;
#[cfg(not(any(test, loom)))]
pub mod lock;
#[cfg(any(test, loom))]
#[path = "lock_model.rs"]
pub mod lock;
pub mod mem;
#[cfg(not(any(test, loom)))]
pub mod os;
pub mod rank;
pub mod sched;
#[cfg(not(loom))]
pub mod see;
#[cfg(not(loom))]
pub mod simd;
#[cfg(not(any(test, loom)))]
pub mod symtab;
pub mod sync;
#[cfg(not(any(test, loom)))]
pub mod text;
pub mod wait;

/// A panic of the runtime's own Rust code is a fatal error.
#[cfg(not(any(test, loom)))]
#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    let mut e = text::err();
    e.s("runtime: internal error");
    if let Some(l) = info.location() {
        e.s(" at ").s(l.file()).s(":").u(u64::from(l.line()));
    }
    e.s("\n").flush();
    lang::throw::throw("panic in the runtime")
}
