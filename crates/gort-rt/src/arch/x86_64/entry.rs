//! Entry of the process and of threads, start and switch of goroutines, signal return.

use crate::gmp::{G, M};
use core::arch::global_asm;
use core::mem::offset_of;

global_asm!(
    r#"
    .section .text.rt_entry,"ax",@progbits
    .globl _rt0_amd64_linux
    .p2align 4
_rt0_amd64_linux:
    xor ebp, ebp
    mov rdi, rsp
    and rsp, -16
    call rt0_go
    ud2

    # gogo(g): leave the scheduler and go on where the goroutine stopped.
    .globl gogo
    .p2align 4
gogo:
    mov r15, rdi
    mov rsp, [r15 + {SP}]
    mov rax, [r15 + {RET}]
    mov rdx, [r15 + {RET2}]
    # What they hold may be pointers, which must not keep anything longer.
    mov qword ptr [r15 + {RET}], 0
    mov qword ptr [r15 + {RET2}], 0
    jmp [r15 + {PC}]

    # A goroutine that parked in a may-park stub goes on here.
    .globl resume_park
    .p2align 4
resume_park:
    pop r14
    pop r13
    pop r12
    pop rbx
    pop rbp
    ret

    # First instructions of a goroutine: call its closure, then end it.
    .globl gostart
    .globl gostart_ret
    .p2align 4
gostart:
    mov rdi, [r15 + {FN}]
    xor ebp, ebp
    # From here on the function itself keeps of the closure what it needs.
    mov [r15 + {FN}], rbp
    call [rdi]
gostart_ret:
    mov rsp, fs:[{G0SP}]
    call goexit0
    ud2

    # A parked goroutine is to panic: rax = code, rsp = rbp of the stub's frame.
    .globl resume_nativepanic
    .p2align 4
resume_nativepanic:
    mov rdi, rax
    pop rbp
    jmp runtime.nativepanic

    # throw_go(code): the native of the running goroutine panics instead of returning.
    .globl throw_go
    .p2align 4
throw_go:
    mov r15, fs:[{CURG}] # Rust may have used r15
    mov rsp, [r15 + {BP}]
    pop rbp
    jmp runtime.nativepanic

    # jump_to(pc, rbp, rsp): continue in a recovery block.
    .globl jump_to
    .p2align 4
jump_to:
    mov r15, fs:[{CURG}] # Rust may have used r15
    mov rbp, rsi
    mov rsp, rdx
    jmp rdi

    # on_g0(f): restart the g0 stack of this M in f, which never returns.
    .globl on_g0
    .p2align 4
on_g0:
    mov rsp, fs:[{G0SP}]
    call rdi
    ud2

    # newosproc_asm(flags, stack, ptid, ctid, tls): clone; the child starts in mstart with an empty stack.
    .globl newosproc_asm
    .p2align 4
newosproc_asm:
    mov r10, rcx
    mov eax, 56
    syscall
    test rax, rax
    jnz 1f
    xor ebp, ebp
    mov rsp, fs:[{G0SP}]
    call mstart
    ud2
1:  ret

    .globl sigreturn_trampoline
    .p2align 4
sigreturn_trampoline:
    mov eax, 15
    syscall
    ud2

    # Entry of all signals: a frame pointer and the alignment of a C function, then Rust.
    .globl sigtramp
    .p2align 4
sigtramp:
    push rbp
    mov rbp, rsp
    and rsp, -16
    cld
    call sighandler
    mov rsp, rbp
    pop rbp
    ret

    # After an asynchronous preemption: the scheduler sends the goroutine back through here.
    # The saved registers are in the block of [r15 + ASYNC], see sched/preempt.rs.
    .globl resume_async
    .p2align 4
resume_async:
    # From now on it is like any other that runs: walks of its stack begin at the native that it calls.
    mov qword ptr [r15 + {PC}], 0
    mov rax, [r15 + {ASYNC}]
    fxrstor64 [rax]
    mov rbx, [rax + 512 + 8]
    mov rcx, [rax + 512 + 16]
    mov rdx, [rax + 512 + 24]
    mov rsi, [rax + 512 + 32]
    mov rdi, [rax + 512 + 40]
    mov rbp, [rax + 512 + 48]
    mov r8,  [rax + 512 + 64]
    mov r9,  [rax + 512 + 72]
    mov r10, [rax + 512 + 80]
    mov r11, [rax + 512 + 88]
    mov r12, [rax + 512 + 96]
    mov r13, [rax + 512 + 104]
    mov r14, [rax + 512 + 112]
    # an iretq frame on the g0 stack: rip cs rflags rsp ss
    mov rsp, fs:[{G0SP}]
    push qword ptr [rax + 512 + 152]
    push qword ptr [rax + 512 + 56]
    push qword ptr [rax + 512 + 136]
    push qword ptr [rax + 512 + 144]
    push qword ptr [rax + 512 + 128]
    mov rax, [rax + 512]
    iretq

    # The signal handler sends a preempted goroutine here, on the g0 stack.
    .globl async_entry
    .p2align 4
async_entry:
    mov rsp, fs:[{G0SP}]
    call async_preempted
    ud2

    # exit_thread(tid_addr): ends the thread; the kernel clears and wakes the tid word.
    .globl exit_thread
exit_thread:
    xor edi, edi
    mov eax, 60
    syscall
    ud2
"#,
    SP = const offset_of!(G, sched.sp),
    BP = const offset_of!(G, sched.bp),
    PC = const offset_of!(G, sched.pc),
    RET = const offset_of!(G, sched.ret),
    RET2 = const offset_of!(G, sched.ret2),
    FN = const offset_of!(G, startfn),
    ASYNC = const offset_of!(G, async_save),
    G0SP = const offset_of!(M, g0_sp),
    CURG = const offset_of!(M, curg),
);

// The G is passed through: no foreign code looks into it.
#[allow(improper_ctypes)]
unsafe extern "C" {
    /// Leaves the scheduler and continues goroutine `g`.
    pub fn gogo(g: *const G) -> !;
    /// The native of the running goroutine panics instead of returning; see `nativepanic` in the overlay.
    pub fn throw_go(code: usize) -> !;
    /// Continues in a recovery block of the running goroutine.
    pub fn jump_to(pc: usize, bp: usize, sp: usize) -> !;
    /// Drops all frames of the g0 stack and calls `f`.
    pub fn on_g0(f: unsafe extern "C" fn() -> !) -> !;
    /// clone(2) with a child that calls `mstart` on the g0 stack of its M.
    pub fn newosproc_asm(flags: usize, stack: usize, ptid: usize, ctid: usize, tls: usize)
    -> isize;
    /// Ends the calling thread.
    pub fn exit_thread() -> !;
    /// Address only: where parked goroutines resume.
    pub fn resume_park();
    /// Address only: where new goroutines start.
    pub fn gostart();
    /// Address only: return address of a goroutine's outermost function.
    pub fn gostart_ret();
    /// Address only: where parked goroutines that must panic resume.
    pub fn resume_nativepanic();
    /// Address only: where asynchronously preempted goroutines resume.
    pub fn resume_async();
    /// Address only: where the signal handler sends a preempted goroutine.
    pub fn async_entry();
    /// Address only: signal return.
    pub fn sigreturn_trampoline();
    /// Address only: entry of all signals.
    pub fn sigtramp();
}
