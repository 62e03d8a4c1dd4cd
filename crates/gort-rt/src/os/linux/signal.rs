//! Signals: their names, actions, masks, the signal stack, the interrupted context. What is done about
//! a signal is in `sched/signal.rs`.

use super::{nr, syscall4};

/// The signal of asynchronous preemption.
pub const SIGURG: u32 = 23;
#[allow(missing_docs)]
pub const SIGBUS: usize = 7;
#[allow(missing_docs)]
pub const SIGFPE: usize = 8;
#[allow(missing_docs)]
pub const SIGSEGV: usize = 11;
#[allow(missing_docs)]
pub const SIGPIPE: usize = 13;
#[allow(missing_docs)]
pub const SIGABRT: usize = 6;

/// What the runtime does about a signal that nobody asked to be told of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// No handler: the kernel's default ends (HUP, INT, TERM), stops or continues the process, or does nothing.
    Default,
    /// A handler that does nothing.
    Ignore,
    /// Becomes a Go panic.
    Panic,
    /// Ends the process with a dump.
    Throw,
    /// Asynchronous preemption.
    Preempt,
}

/// The actions, as in Go's signal table.
pub fn action(sig: usize) -> Action {
    match sig {
        3..=6 | 16 | 31 => Action::Throw,
        SIGBUS | SIGFPE | SIGSEGV => Action::Panic,
        10 | 12..=14 | 24..=27 | 29 | 30 | 35..=64 => Action::Ignore,
        23 => Action::Preempt,
        _ => Action::Default,
    }
}

/// Whether a signal that is left to the kernel ends the process: HUP, INT, TERM.
pub fn ends(sig: usize) -> bool {
    matches!(sig, 1 | 2 | 15)
}

/// Name and description, as in Go's signal table.
pub fn name(sig: usize) -> &'static str {
    match sig {
        1 => "SIGHUP: terminal line hangup",
        2 => "SIGINT: interrupt",
        3 => "SIGQUIT: quit",
        4 => "SIGILL: illegal instruction",
        5 => "SIGTRAP: trace trap",
        SIGABRT => "SIGABRT: abort",
        SIGBUS => "SIGBUS: bus error",
        SIGFPE => "SIGFPE: floating-point exception",
        SIGSEGV => "SIGSEGV: segmentation violation",
        SIGPIPE => "SIGPIPE: write to broken pipe",
        15 => "SIGTERM: termination",
        16 => "SIGSTKFLT: stack fault",
        31 => "SIGSYS: bad system call",
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
    /// Registers by name, in the order of Go's dump.
    pub fn registers(&self) -> [(&'static str, usize); 21] {
        let g = &self.gregs;
        [
            ("rax    ", g[13]),
            ("rbx    ", g[11]),
            ("rcx    ", g[14]),
            ("rdx    ", g[12]),
            ("rdi    ", g[8]),
            ("rsi    ", g[9]),
            ("rbp    ", g[10]),
            ("rsp    ", g[15]),
            ("r8     ", g[0]),
            ("r9     ", g[1]),
            ("r10    ", g[2]),
            ("r11    ", g[3]),
            ("r12    ", g[4]),
            ("r13    ", g[5]),
            ("r14    ", g[6]),
            ("r15    ", g[7]),
            ("rip    ", g[16]),
            ("rflags ", g[17]),
            ("cs     ", g[18] & 0xffff),
            ("fs     ", g[18] >> 32 & 0xffff),
            ("gs     ", g[18] >> 16 & 0xffff),
        ]
    }
    /// Continues elsewhere.
    pub fn set_rip(&mut self, v: usize) {
        self.gregs[16] = v;
    }
    /// With another `g`.
    pub fn set_r15(&mut self, v: usize) {
        self.gregs[7] = v;
    }
    /// With another stack pointer.
    pub fn set_rsp(&mut self, v: usize) {
        self.gregs[15] = v;
    }
    /// With another frame.
    pub fn set_rbp(&mut self, v: usize) {
        self.gregs[10] = v;
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

/// Installs `handler`, which returns through `restorer`, for `sig`.
pub fn set_handler(sig: usize, handler: usize, restorer: usize) {
    // SA_SIGINFO | SA_ONSTACK | SA_RESTORER | SA_RESTART
    const FLAGS: usize = 4 | 0x0800_0000 | 0x0400_0000 | 0x1000_0000;
    let sa = Sigaction {
        handler,
        flags: FLAGS,
        restorer,
        mask: !0,
    };
    // SAFETY: a valid action.
    unsafe { syscall4(nr::SIGACTION, sig, (&raw const sa) as usize, 0, 8) };
}

/// Gives a signal back to the kernel: ignored, or its default action.
pub fn set_disposition(sig: usize, ignore: bool) {
    let sa = Sigaction {
        handler: usize::from(ignore),
        flags: 0,
        restorer: 0,
        mask: 0,
    };
    // SAFETY: SIG_IGN or SIG_DFL.
    unsafe { syscall4(nr::SIGACTION, sig, (&raw const sa) as usize, 0, 8) };
}

/// Whether the process was started with `sig` ignored.
pub fn is_ignored(sig: usize) -> bool {
    let mut sa = Sigaction {
        handler: 0,
        flags: 0,
        restorer: 0,
        mask: 0,
    };
    // SAFETY: the kernel fills the old action.
    unsafe { syscall4(nr::SIGACTION, sig, 0, (&raw mut sa) as usize, 8) };
    sa.handler == 1
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

/// Ends the process by a signal: its default action, for this thread.
pub fn raise_default(sig: usize) {
    let sa = Sigaction {
        handler: 0,
        flags: 0,
        restorer: 0,
        mask: 0,
    };
    // SAFETY: default action.
    unsafe { syscall4(nr::SIGACTION, sig, (&raw const sa) as usize, 0, 8) };
    restore_mask(0);
    super::tgkill(super::gettid(), sig as u32);
}
