//! Calls of Go assembly (ABI0) by compiled code, and the way back. The compiled halves are made by `gort-lower`, in
//! `abi0.rs`; the sizes are `gort_abi::ABI0_CALLS`.
//!
//! - `runtime.abi0callN(code, area, size, results)`: copies the arguments, which are the first `results` bytes of `area`, to
//!   the bottom of its frame, calls `code`, and copies back what follows them, up to `size`. Its entry is that of
//!   compiled functions (words, stub, check), with a frame that is enough for all that the assembly takes. Assembly
//!   keeps no register, so all that compiled code expects to be kept waits on the stack, `g` among it.
//! - `runtime.abi0noescapeN`: the same under a name that tells escape analysis that the arguments do not escape.
//! - `runtime.abi0enter`: from a stub with the address of the arguments in rdi and compiled code in rax. Assembly may have
//!   used r15, so `g` comes from the M. ABI0 keeps no register, but official Go's memmove and its like leave some alone, and
//!   modules' assembly counts on that (pierrec/lz4: on rdx). So all but rax and rdi come back as they were.
//! - `runtime.morestack_noctxt`: where assembly's own check of the stack goes if it finds no room, which it never does.

use crate::gmp::M;
use core::arch::global_asm;
use core::mem::offset_of;
use gort_abi::ABI0_CALLS;

global_asm!(
    r#"
    .macro abi0body args
    push rbp
    mov rbp, rsp
    push rbx
    push r12
    push r13
    push r14
    push r15
    push rsi
    push rdx
    push rcx
    sub rsp, \args
    test rcx, rcx
    jz 3f
2:  mov rax, [rsi + rcx - 8]
    mov [rsp + rcx - 8], rax
    sub rcx, 8
    jnz 2b
3:  call rdi
    mov rcx, [rsp + \args]
    mov rdx, [rsp + \args + 8]
    mov rsi, [rsp + \args + 16]
    mov r15, [rsp + \args + 24]
    cmp rcx, rdx
    jae 5f
4:  mov rax, [rsp + rcx]
    mov [rsi + rcx], rax
    add rcx, 8
    cmp rcx, rdx
    jb 4b
5:  add rsp, \args + 32
    pop r14
    pop r13
    pop r12
    pop rbx
    pop rbp
    ret
    .endm

    .macro abi0call n, args, frame
    .section .text.rt_abi0call\n,"ax",@progbits
    .long \frame
    .long 0
1:  lea r11, [rip - 15]
    .byte 0xe9
    .long runtime.morestack - . - 4
    .globl runtime.abi0call\n
    .globl runtime.abi0noescape\n
runtime.abi0call\n:
runtime.abi0noescape\n:
    lea r11, [rsp - \frame]
    cmp r11, [r15]
    jbe 1b
    abi0body \args
    .endm

    # The check of a large frame.
    .macro abi0large n, args, frame
    .section .text.rt_abi0call\n,"ax",@progbits
1:  lea r11, [rip + 5]
    .byte 0xe9
    .long runtime.morestack - . - 4
    .long \frame
    .long 0
    .long 0, 0
    .globl runtime.abi0call\n
    .globl runtime.abi0noescape\n
runtime.abi0call\n:
runtime.abi0noescape\n:
    mov r11, rsp
    sub r11, \frame
    jb 1b
    cmp r11, [r15]
    jbe 1b
    abi0body \args
    .endm

    abi0call 0, {A0}, {F0}
    abi0call 1, {A1}, {F1}
    abi0call 2, {A2}, {F2}
    abi0call 3, {A3}, {F3}
    abi0large 4, {A4}, {F4}

    .section .text.rt_abi0enter,"ax",@progbits
    .globl runtime.abi0enter
    .p2align 4
runtime.abi0enter:
    push rbp
    mov rbp, rsp
    push rcx
    push rdx
    push rsi
    push r8
    push r9
    push r10
    push r11
    push r15
    mov r15, fs:[0]
    mov r15, [r15 + {CURG}]
    call rax
    pop r15
    pop r11
    pop r10
    pop r9
    pop r8
    pop rsi
    pop rdx
    pop rcx
    pop rbp
    ret
    .globl runtime.morestack_noctxt
runtime.morestack_noctxt:
    ud2
"#,
    A0 = const ABI0_CALLS[0].0,
    F0 = const ABI0_CALLS[0].1,
    A1 = const ABI0_CALLS[1].0,
    F1 = const ABI0_CALLS[1].1,
    A2 = const ABI0_CALLS[2].0,
    F2 = const ABI0_CALLS[2].1,
    A3 = const ABI0_CALLS[3].0,
    F3 = const ABI0_CALLS[3].1,
    A4 = const ABI0_CALLS[4].0,
    F4 = const ABI0_CALLS[4].1,
    CURG = const offset_of!(M, curg),
);
