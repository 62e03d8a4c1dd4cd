//! Signals: handlers, the signal stack, the interrupted context.

use super::{nr, syscall4};
use crate::arch::{direct_begin, direct_end, getm, sigreturn_trampoline, sigtramp};
use crate::gmp::{G, M, stack};
use crate::lang::print::err;
use crate::lang::throw;
use crate::sched::preempt;
use crate::symtab::{functab, traceback};

/// The signal of asynchronous preemption.
pub const SIGURG: u32 = 23;
const SIGQUIT: usize = 3;
const SIGILL: usize = 4;
const SIGTRAP: usize = 5;
const SIGABRT: usize = 6;
const SIGBUS: usize = 7;
const SIGFPE: usize = 8;
const SIGSEGV: usize = 11;
const SIGSYS: usize = 31;
const HANDLED: [usize; 13] = [
    SIGQUIT,
    SIGILL,
    SIGTRAP,
    SIGABRT,
    SIGBUS,
    SIGFPE,
    SIGSEGV,
    SIGSYS,
    SIGURG as usize,
    10,
    12,
    14,
    29,
];

/// Name and description, as in Go's signal table.
pub fn name(sig: usize) -> &'static str {
    match sig {
        SIGQUIT => "SIGQUIT: quit",
        SIGILL => "SIGILL: illegal instruction",
        SIGTRAP => "SIGTRAP: trace trap",
        SIGABRT => "SIGABRT: abort",
        SIGBUS => "SIGBUS: bus error",
        SIGFPE => "SIGFPE: floating-point exception",
        SIGSEGV => "SIGSEGV: segmentation violation",
        SIGSYS => "SIGSYS: bad system call",
        _ => "signal",
    }
}

/// The kernel's ucontext, as far as it is used.
#[repr(C)]
pub struct Context {
    flags: u64,
    link: u64,
    stack: [u64; 3],
    /// r8-r15 rdi rsi rbp rbx rdx rax rcx rsp rip eflags csgsfs err trapno oldmask cr2.
    gregs: [usize; 23],
    fpstate: *const u8,
}

impl Context {
    /// Instruction pointer.
    pub fn rip(&self) -> usize {
        self.gregs[16]
    }
    /// Stack pointer.
    pub fn rsp(&self) -> usize {
        self.gregs[15]
    }
    /// Frame pointer.
    pub fn rbp(&self) -> usize {
        self.gregs[10]
    }
    /// The goroutine register.
    pub fn r15(&self) -> usize {
        self.gregs[7]
    }
    /// Continues elsewhere.
    pub fn set_rip(&mut self, v: usize) {
        self.gregs[16] = v;
    }
    /// With another stack pointer.
    pub fn set_rsp(&mut self, v: usize) {
        self.gregs[15] = v;
    }

    /// Copies the registers into a block for `resume_async`.
    ///
    /// # Safety
    /// `to` has room for 512 bytes and 23 words, 16-aligned.
    pub unsafe fn save(&self, to: *mut u8) {
        // rax rbx rcx rdx rsi rdi rbp rsp r8-r15 rip rflags cs ss
        const ORDER: [usize; 18] = [13, 11, 14, 12, 9, 8, 10, 15, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17];
        // SAFETY: the caller's block; fpstate is the kernel's FXSAVE image.
        unsafe {
            core::ptr::copy_nonoverlapping(self.fpstate, to, 512);
            let w = to.add(512).cast::<usize>();
            for (i, &r) in ORDER.iter().enumerate() {
                *w.add(i) = self.gregs[r];
            }
            *w.add(18) = 0x33;
            *w.add(19) = 0x2b;
        }
    }
}

#[repr(C)]
struct Sigaction {
    handler: usize,
    flags: usize,
    restorer: usize,
    mask: u64,
}

/// Installs the handlers.
pub fn initsig() {
    // SA_SIGINFO | SA_ONSTACK | SA_RESTORER | SA_RESTART
    const FLAGS: usize = 4 | 0x0800_0000 | 0x0400_0000 | 0x1000_0000;
    let sa = Sigaction {
        handler: sigtramp as *const () as usize,
        flags: FLAGS,
        restorer: sigreturn_trampoline as *const () as usize,
        mask: !0,
    };
    for sig in HANDLED {
        // SAFETY: a valid action with our handler.
        unsafe { syscall4(nr::SIGACTION, sig, (&raw const sa) as usize, 0, 8) };
    }
}

/// Sets the signal stack of this thread.
pub fn minit(lo: usize, size: usize) {
    let ss = [lo, 0, size];
    // SAFETY: the thread's own memory.
    unsafe { syscall4(nr::SIGALTSTACK, ss.as_ptr() as usize, 0, 0, 0) };
}

/// Blocks all signals of this thread and returns the old mask.
pub fn block_all() -> u64 {
    let (all, mut old) = (!0u64, 0u64);
    // SAFETY: valid masks; SIG_SETMASK.
    unsafe {
        syscall4(
            nr::SIGPROCMASK,
            2,
            (&raw const all) as usize,
            (&raw mut old) as usize,
            8,
        )
    };
    old
}

/// Sets the mask of this thread.
pub fn restore_mask(mask: u64) {
    // SAFETY: a valid mask; SIG_SETMASK.
    unsafe { syscall4(nr::SIGPROCMASK, 2, (&raw const mask) as usize, 0, 8) };
}

/// Ends the process by a signal.
pub fn raise_default(sig: usize) {
    let sa = Sigaction {
        handler: 0,
        flags: 0x0400_0000,
        restorer: sigreturn_trampoline as *const () as usize,
        mask: 0,
    };
    restore_mask(0);
    // SAFETY: default action.
    unsafe { syscall4(nr::SIGACTION, sig, (&raw const sa) as usize, 0, 8) };
    super::tgkill(super::gettid(), sig as u32);
}

unsafe extern "C" {
    #[link_name = "runtime.sigpanic"]
    fn go_sigpanic();
}

/// All signals, on the signal stack of the thread.
#[unsafe(no_mangle)]
unsafe extern "C" fn sighandler(sig: usize, info: *const i32, ctx: &mut Context) {
    match sig {
        s if s == SIGURG as usize => {
            // SAFETY: the interrupted context.
            unsafe { preempt::signal(ctx) }
        }
        SIGSEGV | SIGBUS | SIGFPE => {
            // SAFETY: siginfo: signo, errno, code, then the address.
            let (code, addr) = unsafe { (*info.add(2), *(info.add(4) as *const usize)) };
            let m = getm();
            // SAFETY: curg is alive.
            match unsafe { m.curg.get().as_ref() } {
                Some(g) if code > 0 && raise_in(g, ctx) => {
                    g.fault.sig.set(sig);
                    g.fault.code.set(code as usize);
                    g.fault.addr.set(addr);
                }
                _ => fatal_signal(m, sig, code, addr, ctx),
            }
        }
        SIGQUIT | SIGILL | SIGTRAP | SIGABRT | SIGSYS => {
            // SAFETY: siginfo.
            let code = unsafe { *info.add(2) };
            let m = getm();
            let mut b = err();
            b.s(name(sig))
                .s("\nPC=")
                .hex(ctx.rip())
                .s(" m=")
                .u(u64::from(m.id.get()));
            b.s(" sigcode=")
                .u(code.unsigned_abs().into())
                .s("\n")
                .flush();
            traceback::print_others(None);
            throw::die();
        }
        _ => {}
    }
}

/// Makes the interrupted Go code continue in `sigpanic`, as if the faulting instruction had called it.
fn raise_in(g: &G, ctx: &mut Context) -> bool {
    if ctx.r15() != core::ptr::from_ref(g) as usize || stack::segment_of(g, ctx.rsp()).is_null() {
        return false;
    }
    let pc = ctx.rip();
    let direct = direct_begin as *const () as usize..direct_end as *const () as usize;
    g.fault.pc.set(pc);
    if functab::find(pc).is_some() {
        let sp = ctx.rsp() - 8;
        // SAFETY: below the goroutine's stack pointer there is always room (STACK_RED).
        unsafe { *(sp as *mut usize) = pc };
        ctx.set_rsp(sp);
    } else if !direct.contains(&pc) {
        // Direct natives have no frame: the return address of their Go caller is on top already.
        return false;
    }
    ctx.set_rip(go_sigpanic as *const () as usize);
    true
}

/// A fault in the runtime itself, or a fault signal sent from outside.
fn fatal_signal(m: &M, sig: usize, code: i32, addr: usize, ctx: &Context) -> ! {
    m.faults.set(m.faults.get() + 1);
    if m.faults.get() > 2 {
        crate::os::exit(5);
    }
    let mut b = err();
    b.s("fatal error: unexpected signal during runtime execution\n[signal ")
        .s(name(sig));
    b.s(" code=")
        .hex(code as u32 as usize)
        .s(" addr=")
        .hex(addr)
        .s(" pc=")
        .hex(ctx.rip())
        .s("]\n")
        .flush();
    // SAFETY: curg is alive.
    if let Some(g) = unsafe { m.curg.get().as_ref() } {
        traceback::print_dying(g, true);
    }
    throw::die()
}
