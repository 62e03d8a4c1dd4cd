//! Segmented stacks: `runtime.morestack` and the way back, `lessstack`.
//!
//! A function whose frame does not fit comes here from its cold stub, with r11 = address of the two
//! words (frame, argbytes), the return address on top of the stack and the stack arguments above it.
//! The fast path takes the cached next segment without leaving assembly. The slow path (no fitting
//! segment, or a poisoned guard) saves the argument registers and calls `newstack` on g0.

use crate::gmp::{G, M, Seg};
use core::arch::global_asm;
use core::mem::offset_of;
use gort_abi::MORESTACK_BODY;

global_asm!(
    r#"
    .section .text.rt_stack,"ax",@progbits
    .globl runtime.morestack
    .p2align 4
runtime.morestack:
    cmp qword ptr [r15], -1
    je 9f
    mov r10, [r15 + {SEG}]
    mov r10, [r10 + {NEXT}]
    test r10, r10
    jz 9f
    mov eax, [r11]
    add eax, [r11 + 4]
    add rax, 32
    add rax, [r10 + {GUARD}]
    cmp rax, [r10 + {TOP}]
    ja 9f
8:  # take segment r10
    pop rax
    mov [r10 + {SRET}], rax
    mov [r15 + {SEG}], r10
    mov eax, [r11 + 4]
    add rax, rsp
    mov [r10 + {CSP}], rax
    mov rax, [r10 + {GUARD}]
    mov [r15], rax
    mov eax, [r11 + 4]
    add r11, {BODY}
    test eax, eax
    jnz 7f
    mov rsp, [r10 + {TOP}]
6:  call r11
    .globl runtime.lessstack
runtime.lessstack:
    # results may be in rax rcx rdx rsi rdi r8 r9 r10 xmm0-7; only r11 is free
    mov r11, [r15 + {SEG}]
    mov rsp, [r11 + {CSP}]
    push qword ptr [r11 + {SRET}]
    push qword ptr [r11 + {PREV}]
    pop qword ptr [r15 + {SEG}]
    mov r11, [r11 + {PREV}]
    mov r11, [r11 + {GUARD}]
    mov [r15], r11
    ret
7:  # copy eax bytes of stack arguments, a few words: a loop, as rep movsq takes longer to start
    mov [r10 + {TMP}], rsi
    mov [r10 + {TMP} + 8], rdi
    mov rdi, [r10 + {TOP}]
    sub rdi, rax
    and rdi, -16
71: mov rsi, [rsp + rax - 8]
    mov [rdi + rax - 8], rsi
    sub rax, 8
    jnz 71b
    mov rsp, rdi
    mov rsi, [r10 + {TMP}]
    mov rdi, [r10 + {TMP} + 8]
    jmp 6b

9:  # slow path
    push rbp
    mov rbp, rsp
    push rbx
    push r12
    push r13
    push r14
    push rdi
    push rsi
    push rdx
    push rcx
    push r8
    push r9
    push r11
    sub rsp, 128
    movups [rsp], xmm0
    movups [rsp + 16], xmm1
    movups [rsp + 32], xmm2
    movups [rsp + 48], xmm3
    movups [rsp + 64], xmm4
    movups [rsp + 80], xmm5
    movups [rsp + 96], xmm6
    movups [rsp + 112], xmm7
    mov [r15 + {SP}], rsp
    mov [r15 + {BP}], rbp
    lea rax, [rip + resume_morestack]
    mov [r15 + {PC}], rax
    mov rdi, r15
    mov rsi, r11
    mov rsp, fs:[{G0SP}]
    call newstack
    mov rsp, [r15 + {SP}]
    .globl resume_morestack
resume_morestack:
    # rax: 0 = the frame fits where we are, 1 = take the next segment
    movups xmm0, [rsp]
    movups xmm1, [rsp + 16]
    movups xmm2, [rsp + 32]
    movups xmm3, [rsp + 48]
    movups xmm4, [rsp + 64]
    movups xmm5, [rsp + 80]
    movups xmm6, [rsp + 96]
    movups xmm7, [rsp + 112]
    add rsp, 128
    pop r11
    pop r9
    pop r8
    pop rcx
    pop rdx
    pop rsi
    pop rdi
    pop r14
    pop r13
    pop r12
    pop rbx
    pop rbp
    test eax, eax
    jz 5f
    mov r10, [r15 + {SEG}]
    mov r10, [r10 + {NEXT}]
    jmp 8b
5:  add r11, {BODY}
    jmp r11
"#,
    SEG = const offset_of!(G, stack.seg),
    NEXT = const offset_of!(Seg, next),
    PREV = const offset_of!(Seg, prev),
    GUARD = const offset_of!(Seg, guard),
    TOP = const offset_of!(Seg, top),
    SRET = const offset_of!(Seg, ret),
    CSP = const offset_of!(Seg, caller_sp),
    TMP = const offset_of!(Seg, tmp),
    SP = const offset_of!(G, sched.sp),
    BP = const offset_of!(G, sched.bp),
    PC = const offset_of!(G, sched.pc),
    G0SP = const offset_of!(M, g0_sp),
    BODY = const MORESTACK_BODY,
);

unsafe extern "C" {
    /// Address only: the return address that stands for the one saved in the segment's header.
    #[link_name = "runtime.lessstack"]
    pub fn lessstack();
    /// Address only: where a goroutine goes on that has yielded in morestack.
    pub fn resume_morestack();
}
