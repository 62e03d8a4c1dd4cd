//! Functions in Go's own calling convention (Cranelift's Tail): integer arguments in rdi rsi rdx rcx r8 r9, then on
//! the stack in an area of a multiple of 16 bytes that the callee pops; results in rax rcx rdx.

use crate::gmp::{G, M, Seg};
use core::arch::global_asm;
use core::mem::offset_of;

global_asm!(
    r#"
    .section .text.rt_gocall,"ax",@progbits

    .globl syscall6_begin
syscall6_begin:
    # Syscall6(num, a1, a2, a3, a4, a5, a6) (r1, r2, errno): on the goroutine's stack, with or without a P.
    .globl "internal/runtime/syscall/linux.Syscall6"
    .p2align 4
"internal/runtime/syscall/linux.Syscall6":
    mov rax, rdi
    mov rdi, rsi
    mov rsi, rdx
    mov rdx, rcx
    mov r10, r8
    mov r8, r9
    mov r9, [rsp + 8]
    syscall
    cmp rax, -4095
    jae 1f
    mov rcx, rdx
    xor edx, edx
    ret 16
1:  neg rax
    mov rdx, rax
    mov rax, -1
    xor ecx, ecx
    ret 16
    .globl syscall6_end
syscall6_end:

    # entersyscall(): a leaf native that leaves the callee-saved registers in the G. While the goroutine is in the kernel
    # they are nowhere else, and may hold what only its callers refer to.
    .globl runtime.entersyscall
    .p2align 4
runtime.entersyscall:
    push rbp
    mov rbp, rsp
    mov [r15 + {BP}], rbp
    mov [r15 + {SP}], rbp
    mov [r15 + {REGS}], rbx
    mov [r15 + {REGS} + 8], r12
    mov [r15 + {REGS} + 16], r13
    mov [r15 + {REGS} + 24], r14
    mov rsp, fs:[{G0SP}]
    call enters_syscall
    mov rsp, rbp
    pop rbp
    ret

    # rawVforkSyscall(trap, a1, a2, a3) (r1, errno): the child runs on this stack and returns from here
    # first, so the return address waits in a register. The child never comes back from exec: what it did
    # to the G's stack segment is undone here. Both wait in registers that the kernel keeps and Go code does not
    # (r12 belongs to the caller); r8 is clone's fifth argument, which is read only with CLONE_SETTLS.
    .globl "syscall.rawVforkSyscall"
    .p2align 4
"syscall.rawVforkSyscall":
    mov rax, rdi
    mov rdi, rsi
    mov rsi, rdx
    mov rdx, rcx
    xor r10d, r10d
    pop r9
    mov r8, [r15 + {SEG}]
    syscall
    push r9
    test rax, rax
    jz 1f
    mov [r15 + {SEG}], r8
    mov r8, [r8 + {GUARD}]
    mov [r15], r8
1:  cmp rax, -4095
    jae 2f
    xor ecx, ecx
    ret
2:  neg rax
    mov rcx, rax
    mov rax, -1
    ret
"#,
    SEG = const offset_of!(G, stack.seg),
    GUARD = const offset_of!(Seg, guard),
    BP = const offset_of!(G, sched.bp),
    SP = const offset_of!(G, sched.sp),
    REGS = const offset_of!(G, syscall_regs),
    G0SP = const offset_of!(M, g0_sp),
);

unsafe extern "C" {
    /// Address only: the first instruction of Syscall6.
    pub fn syscall6_begin();
    /// Address only: the end of it.
    pub fn syscall6_end();
}
