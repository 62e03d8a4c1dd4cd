//! How reflect calls compiled code and is called by it. The Go halves, and the layout of `callRegs`, are in the
//! overlay's `reflect/call.go` and `callplan.go`.
//!
//! - `reflect.callSmall` and `reflect.callLarge` take a `*callRegs`: they copy its stack arguments, load the
//!   argument registers, call its code, and store the result registers. Their entries are those of compiled
//!   functions (words, stub, check), with a frame that has room for the stack arguments.
//! - `reflect.makeFuncStub` and `reflect.methodValueCall` are the code of func values that reflect makes. They
//!   spill the argument registers, enter Go, load the result registers from the `*callRegs` that Go returns, and
//!   pop the stack arguments, whose size it gives too. What they push fits the red zone below the guard, so
//!   they need no check of their own.

use core::arch::global_asm;

global_asm!(
    r#"
    .section .text.rt_reflectcall,"ax",@progbits

    .macro reflectcall name, frame
    .long \frame
    .long 0
1:  lea r11, [rip - 15]
    .byte 0xe9
    .long runtime.morestack - . - 4
    .globl \name
\name:
    lea r11, [rsp - \frame]
    cmp r11, [r15]
    jbe 1b
    push rbp
    mov rbp, rsp
    push rdi
    push rdi
    mov rcx, [rdi + 144]
    sub rsp, rcx
    mov rsi, [rdi + 136]
    mov r10, rdi
    mov rdi, rsp
    shr rcx, 3
    rep movsq
    movsd xmm0, [r10 + 64]
    movsd xmm1, [r10 + 72]
    movsd xmm2, [r10 + 80]
    movsd xmm3, [r10 + 88]
    movsd xmm4, [r10 + 96]
    movsd xmm5, [r10 + 104]
    movsd xmm6, [r10 + 112]
    movsd xmm7, [r10 + 120]
    mov rax, [r10 + 128]
    mov rdi, [r10]
    mov rsi, [r10 + 8]
    mov rdx, [r10 + 16]
    mov rcx, [r10 + 24]
    mov r8, [r10 + 32]
    mov r9, [r10 + 40]
    call rax
    mov r11, [rbp - 8]
    mov [r11], rax
    mov [r11 + 8], rcx
    mov [r11 + 16], rdx
    mov [r11 + 24], rsi
    mov [r11 + 32], rdi
    mov [r11 + 40], r8
    mov [r11 + 48], r9
    mov [r11 + 56], r10
    movsd [r11 + 64], xmm0
    movsd [r11 + 72], xmm1
    movsd [r11 + 80], xmm2
    movsd [r11 + 88], xmm3
    movsd [r11 + 96], xmm4
    movsd [r11 + 104], xmm5
    movsd [r11 + 112], xmm6
    movsd [r11 + 120], xmm7
    leave
    ret
    .endm

    # The stack arguments' room (callSmall: smallStack) and what the call itself pushes.
    reflectcall reflect.callSmall, 512
    reflectcall reflect.callLarge, 66048

    .macro reflectstub name, enters
    .globl \name
    .p2align 4
\name:
    push rbp
    mov rbp, rsp
    sub rsp, 112
    mov [rsp], rdi
    mov [rsp + 8], rsi
    mov [rsp + 16], rdx
    mov [rsp + 24], rcx
    mov [rsp + 32], r8
    mov [rsp + 40], r9
    movsd [rsp + 48], xmm0
    movsd [rsp + 56], xmm1
    movsd [rsp + 64], xmm2
    movsd [rsp + 72], xmm3
    movsd [rsp + 80], xmm4
    movsd [rsp + 88], xmm5
    movsd [rsp + 96], xmm6
    movsd [rsp + 104], xmm7
    mov rsi, rsp
    lea rdx, [rbp + 16]
    call \enters
    leave
    pop r11
    add rsp, [rax + 144]
    push r11
    movsd xmm0, [rax + 64]
    movsd xmm1, [rax + 72]
    movsd xmm2, [rax + 80]
    movsd xmm3, [rax + 88]
    movsd xmm4, [rax + 96]
    movsd xmm5, [rax + 104]
    movsd xmm6, [rax + 112]
    movsd xmm7, [rax + 120]
    mov rcx, [rax + 8]
    mov rdx, [rax + 16]
    mov rsi, [rax + 24]
    mov rdi, [rax + 32]
    mov r8, [rax + 40]
    mov r9, [rax + 48]
    mov r10, [rax + 56]
    mov rax, [rax]
    ret
    .endm
"#
);

// Sections of their own: each is linked only where the Go function that it enters is.
global_asm!(
    r#"
    .section .text.rt_makefunc,"ax",@progbits
    reflectstub reflect.makeFuncStub, reflect.makeFuncCall
    .section .text.rt_methodvalue,"ax",@progbits
    reflectstub reflect.methodValueCall, reflect.methodCall
"#
);
