//! G: a goroutine. A header that compiled code and assembly read, then owned parts.
//!
//! A G lies at the high end of its first stack segment (2048 bytes in all), so one cache-friendly
//! slot is all that a small goroutine needs. Offsets up to `sig` are shared with compiled code and
//! with the overlay's `type g struct`; they are constants of `gort_abi`, asserted below.

use super::bubble::Bubble;
use super::list::Linked;
use super::{M, Stack, Sudog, Waiting};
use crate::sync::{AtomicBool, AtomicU32, AtomicUsize};
use core::cell::Cell;
use core::mem::offset_of;

/// Where a goroutine goes on.
#[repr(C)]
pub struct Gobuf {
    /// Stack pointer.
    pub sp: Cell<usize>,
    /// Frame pointer of the native stub, where tracebacks start.
    pub bp: Cell<usize>,
    /// Address in the runtime's assembly that resumes it.
    pub pc: Cell<usize>,
    /// rax on resumption: the result of the native that parked.
    pub ret: Cell<usize>,
    /// rdx on resumption.
    pub ret2: Cell<usize>,
}

/// What a parked goroutine waits for.
#[repr(C)]
pub struct Park {
    /// Why, and on what.
    pub on: Cell<Waiting>,
    /// Runs on g0 of the resuming M before the goroutine goes on.
    pub on_wake: Cell<Option<unsafe fn(&G)>>,
    /// List of sudogs of a select.
    pub sudogs: Cell<*mut Sudog>,
    /// The sudog that woke a select, or null.
    pub woken_by: Cell<*mut Sudog>,
    /// 1 when some case of the running select has been chosen.
    pub select_done: AtomicU32,
    /// For the block profile: since when it waits; below 0, for how long it has waited for a semaphore so far.
    pub blocked: Cell<i64>,
    /// For the mutex profile: up to when its wait for a mutex has been charged to somebody.
    pub contended: Cell<i64>,
    /// The collector has found that nobody is left who could wake it (`gc/leaks.rs`).
    pub leaked: Cell<bool>,
    /// nanotime of parking or of the system call's begin, by sysmon's clock; 0 = not known.
    pub since: Cell<i64>,
}

/// Where a goroutine comes from.
#[repr(C)]
pub struct Origin {
    /// goid of the parent.
    pub parent: Cell<u64>,
    /// Return address of its go statement.
    pub site: Cell<usize>,
}

/// A fault on its way to becoming a Go panic.
#[repr(C)]
pub struct Fault {
    /// Signal number, 0 = none.
    pub sig: Cell<usize>,
    /// si_code.
    pub code: Cell<usize>,
    /// si_addr.
    pub addr: Cell<usize>,
    /// pc of the instruction.
    pub pc: Cell<usize>,
    /// Whether any address may become a panic (debug.SetPanicOnFault).
    pub panic_on_any: Cell<usize>,
    /// The profiler's labels, which new goroutines inherit. Only the overlay looks inside.
    pub labels: Cell<usize>,
}

/// Bytes of the register block of an asynchronous preemption: 23 words in the order of the kernel's gregs, after 512 bytes
/// of FXSAVE.
pub const SAVE_SIZE: usize = 512 + 23 * 8;

/// A goroutine.
#[repr(C)]
pub struct G {
    /// Compared at function entry; `STACK_PREEMPT` asks to yield.
    pub stackguard: AtomicUsize,
    /// Innermost panic; Go side.
    pub panic: Cell<usize>,
    /// Newest deferred call; Go side.
    pub defer: Cell<usize>,
    /// Free defer records; Go side.
    pub deferpool: Cell<usize>,
    /// Count of deferred calls; Go side.
    pub deferseq: Cell<u64>,
    /// Number of the goroutine.
    pub goid: Cell<u64>,
    /// Pending fault.
    pub fault: Fault,
    /// Operands of a failed bounds check; written by compiled code, read by the panic function.
    pub bounds: [Cell<usize>; 2],
    /// The bubble of package testing/synctest that it is in, or null.
    pub bubble: Cell<*const Bubble>,
    /// What package crypto notes: the service indicator in the lowest byte, and above it whether enforcement is off, which new
    /// goroutines inherit. Only the overlay looks inside.
    pub fips: Cell<u64>,
    /// Where it goes on.
    pub sched: Gobuf,
    /// Its stack.
    pub stack: Stack,
    /// Closure to call first; 0 once it is called.
    pub startfn: Cell<usize>,
    /// Register block of an asynchronous preemption, or null.
    pub async_save: Cell<*mut u8>,
    /// Where the direct native that it is in has been called, if it is to yield when that returns; else 0.
    pub direct_ret: Cell<usize>,
    /// Its callee-saved registers when it entered the system call that it is in: rbx, r12 to r14.
    pub syscall_regs: [Cell<usize>; 4],
    /// The cycle of the collector in which it was looked through last, times 2; odd while somebody is at it.
    pub scan: super::scan::Scan,
    /// Written by status.rs only.
    pub(in crate::gmp) status_word: AtomicU32,
    /// Preemption has been asked for.
    pub preempt: AtomicBool,
    /// Made by the runtime: it counts nowhere as a goroutine of the program.
    pub uncounted: Cell<bool>,
    /// Such a goroutine, unless it runs code of the program just now: hidden from tracebacks and profiles.
    pub system: Cell<bool>,
    /// Number of the chunk that it lies in (`slab.rs`).
    pub chunk: Cell<u32>,
    /// LockOSThread depth.
    pub lock_depth: Cell<u32>,
    /// The M it is locked to, or null.
    pub lockedm: Cell<*const M>,
    /// The M that runs it, or null.
    pub m: Cell<*const M>,
    /// Link of run queues and free lists.
    pub schedlink: Cell<*const G>,
    /// What it waits for.
    pub park: Park,
    /// Where it comes from.
    pub origin: Origin,
    /// The sudog of a channel operation outside select: no allocation for the common wait.
    pub sudog: Sudog,
}

const _: () = {
    assert!(offset_of!(G, stackguard) == gort_abi::G_STACKGUARD);
    assert!(offset_of!(G, panic) == gort_abi::G_PANIC);
    assert!(offset_of!(G, defer) == gort_abi::G_DEFER);
    assert!(offset_of!(G, deferpool) == gort_abi::G_DEFERPOOL);
    assert!(offset_of!(G, deferseq) == gort_abi::G_DEFERSEQ);
    assert!(offset_of!(G, goid) == gort_abi::G_GOID);
    assert!(offset_of!(G, bounds) == gort_abi::G_BOUNDS);
    assert!(offset_of!(G, bubble) == gort_abi::G_BUBBLE);
    assert!(offset_of!(G, fault) == gort_abi::G_SIG);
    assert!(size_of::<G>() <= 576);
};

gort_abi::twin!(
    G,
    gort_abi::layouts::G,
    stackguard = "stackguard",
    panic = "_panic",
    defer = "_defer",
    deferpool = "deferpool",
    deferseq = "deferseq",
    goid = "goid",
    fault.sig = "sig",
    fault.code = "sigcode",
    fault.addr = "sigaddr",
    fault.pc = "sigpc",
    fault.panic_on_any = "paniconfault",
    fault.labels = "labels",
    bounds = "boundsx",
    bubble = "bubble",
    fips = "fips"
);

// SAFETY: `schedlink` belongs to the list; Gs stay mapped while they are in use or on a list.
unsafe impl Linked for G {
    #[inline(always)]
    fn link(&self) -> &Cell<*const G> {
        &self.schedlink
    }
}

impl G {
    /// Where it was interrupted.
    ///
    /// # Safety
    /// It goes on in `resume_async`: its block holds the interrupted registers.
    pub unsafe fn interrupted_pc(&self) -> usize {
        // SAFETY: by contract; word 16 behind the 512 bytes of vector registers is rip.
        unsafe { *(self.async_save.get().add(512 + 16 * 8) as *const usize) }
    }

    /// Whether tracebacks at the ordinary level show it.
    pub fn is_user(&self) -> bool {
        !self.system.get()
    }
}
