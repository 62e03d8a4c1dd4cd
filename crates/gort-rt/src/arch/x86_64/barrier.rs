//! The write barrier's stubs: `runtime.gcWriteBarrier` takes a word that is about to be overwritten, `gcBulkBarrier` address
//! and size of an area. Both come in the two words of the G at `G_BOUNDS`, and all registers stay as they are, those of the
//! vector unit too: to the caller's registers it is as if there were no call.
//!
//! The code lies with the runtime's, so the goroutine is not preempted in it and its P stays the same. It needs four words
//! of the goroutine's stack, which a leaf function without stack check has (`gort_abi::STACK_RED`).

use crate::gc::wbbuf::{Buffer, WORDS};
use crate::gmp::{G, M, P};
use core::arch::global_asm;
use core::mem::offset_of;
use gort_abi::G_BOUNDS;

global_asm!(
    r#"
    .macro gc_on_g0 function
    mov [r15 + {BP}], rbp
    mov rsp, fs:[{G0SP}]
    push rdx
    push rsi
    push rdi
    push r8
    push r9
    push r10
    push r11
    sub rsp, 264
    movups [rsp], xmm0
    movups [rsp + 16], xmm1
    movups [rsp + 32], xmm2
    movups [rsp + 48], xmm3
    movups [rsp + 64], xmm4
    movups [rsp + 80], xmm5
    movups [rsp + 96], xmm6
    movups [rsp + 112], xmm7
    movups [rsp + 128], xmm8
    movups [rsp + 144], xmm9
    movups [rsp + 160], xmm10
    movups [rsp + 176], xmm11
    movups [rsp + 192], xmm12
    movups [rsp + 208], xmm13
    movups [rsp + 224], xmm14
    movups [rsp + 240], xmm15
    mov rdi, [r15 + {OPERANDS}]
    mov rsi, [r15 + {OPERANDS} + 8]
    call \function
    movups xmm0, [rsp]
    movups xmm1, [rsp + 16]
    movups xmm2, [rsp + 32]
    movups xmm3, [rsp + 48]
    movups xmm4, [rsp + 64]
    movups xmm5, [rsp + 80]
    movups xmm6, [rsp + 96]
    movups xmm7, [rsp + 112]
    movups xmm8, [rsp + 128]
    movups xmm9, [rsp + 144]
    movups xmm10, [rsp + 160]
    movups xmm11, [rsp + 176]
    movups xmm12, [rsp + 192]
    movups xmm13, [rsp + 208]
    movups xmm14, [rsp + 224]
    movups xmm15, [rsp + 240]
    add rsp, 264
    pop r11
    pop r10
    pop r9
    pop r8
    pop rdi
    pop rsi
    pop rdx
    lea rsp, [rbp - 16]
    .endm

    .section .text.rt_stubs,"ax",@progbits
    .globl runtime.gcWriteBarrier
    .p2align 4
runtime.gcWriteBarrier:
    push rbp
    mov rbp, rsp
    push rax
    push rcx
    mov rax, [r15 + {OPERANDS}]
    test rax, rax
    jz 2f
    push rdx
    mov rcx, fs:[{CURP}]
    mov edx, [rcx + {LEN}]
    mov [rcx + rdx * 8 + {BUF}], rax
    inc edx
    mov [rcx + {LEN}], edx
    cmp edx, {WORDS}
    pop rdx
    jne 2f
    gc_on_g0 wbflush
2:  pop rcx
    pop rax
    pop rbp
    ret

    .globl runtime.gcBulkBarrier
    .p2align 4
runtime.gcBulkBarrier:
    push rbp
    mov rbp, rsp
    push rax
    push rcx
    gc_on_g0 bulkbarrier
    pop rcx
    pop rax
    pop rbp
    ret
"#,
    BP = const offset_of!(G, sched.bp),
    G0SP = const offset_of!(M, g0_sp),
    CURP = const offset_of!(M, p),
    LEN = const offset_of!(P, wbbuf) + offset_of!(Buffer, len),
    BUF = const offset_of!(P, wbbuf) + offset_of!(Buffer, words),
    WORDS = const WORDS,
    OPERANDS = const G_BOUNDS,
);
