//! The assembly of linux/amd64, by theme:
//!
//! - [`entry`]: `_rt0_amd64_linux`, new threads, goroutine start, `gogo`, signal return
//! - [`stack`]: `runtime.morestack`, `lessstack`
//! - [`stubs`]: the three kinds of native stubs, one line a native
//! - [`newobject`]: small objects without leaving the goroutine's stack
//! - [`barrier`]: the collector's write barrier
//! - [`pin`]: procpin and its like, for package sync
//! - [`abi0`]: calls of and by assembly
//! - [`reflectcall`]: calls by and of reflect
//! - [`memory`]: memmove, memset, memcmp and what Go and Rust call them
//! - [`bignum`]: the loops of math/big
//! - [`compare`], [`search`], [`memhash`]: equality, order, searching and hashing of bytes for Go
//!
//! Registers: r15 = g in Go code, FS base = M. Rust code runs on the M's g0 stack only.

pub mod abi0;
pub mod barrier;
pub mod bignum;
pub mod compare;
pub mod entry;
pub mod gocall;
pub mod memhash;
pub mod memory;
pub mod newobject;
pub mod pin;
pub mod reflectcall;
pub mod rune;
pub mod search;
pub mod stack;
pub mod stubs;
pub mod xor;

pub use entry::*;

use crate::gmp::M;

/// The M of this thread.
#[inline(always)]
pub fn getm() -> &'static M {
    let m: *const M;
    // SAFETY: FS base points at the M, whose first word is its own address; it never changes while a
    // Rust frame is live, since Rust frames stay on the g0 stack of one M.
    unsafe {
        core::arch::asm!("mov {}, fs:[0]", out(reg) m, options(pure, nomem, nostack, preserves_flags));
        &*m
    }
}

/// Whether this is an address in one of the direct natives that read or write memory for their Go caller. They
/// have no frame: the caller's return address is on top of the stack.
pub fn in_direct_native(pc: usize) -> bool {
    within(pc, memory::memory_begin, memory::memory_end)
        || in_long_native(pc)
        || within(pc, rune::rune_begin, rune::rune_end)
}

/// The same for those that may take long and that return with nothing but one word in rax.
pub fn in_long_native(pc: usize) -> bool {
    within(pc, memory::memory_begin, memory::memory_barriers)
        || within(pc, compare::compare_begin, compare::compare_end)
        || within(pc, search::search_begin, search::search_end)
        || within(pc, xor::xor_begin, xor::xor_end)
        || within(pc, memhash::memhash_begin, memhash::memhash_end)
}

fn within(pc: usize, begin: unsafe extern "C" fn(), end: unsafe extern "C" fn()) -> bool {
    (begin as usize..end as usize).contains(&pc)
}

/// Whether this is an address in Syscall6, which has no frame either.
pub fn in_syscall6(pc: usize) -> bool {
    let begin = gocall::syscall6_begin as *const () as usize;
    (begin..gocall::syscall6_end as *const () as usize).contains(&pc)
}

/// The registers that a function must give back as it got them, as they are now: they may hold what a caller needs.
#[inline(always)]
pub fn callee_saved() -> [usize; 6] {
    let mut r = [0usize; 6];
    // SAFETY: writes the six words of the array.
    unsafe {
        core::arch::asm!(
            "mov [{0}], rbx",
            "mov [{0} + 8], rbp",
            "mov [{0} + 16], r12",
            "mov [{0} + 24], r13",
            "mov [{0} + 32], r14",
            "mov [{0} + 40], r15",
            in(reg) r.as_mut_ptr(),
            options(nostack, preserves_flags)
        );
    }
    r
}

/// Cycle counter, a cheap source of disorder.
#[inline(always)]
pub fn cputicks() -> u64 {
    // SAFETY: rdtsc is always available on amd64.
    unsafe { core::arch::x86_64::_rdtsc() }
}

#[unsafe(no_mangle)]
extern "C" fn rt_cputicks() -> u64 {
    cputicks()
}

/// Number of bytes of the call instruction that returned to an address are unknown; one back is inside it.
pub const PC_QUANTUM: usize = 1;
