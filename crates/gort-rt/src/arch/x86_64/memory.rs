//! Moving and clearing memory, for Rust (memcpy, memset, ...) and for Go (`runtime.memmove`, ...), on whatever
//! stack the caller has. They use no stack at all.
//!
//! Copies up to 256 bytes use overlapping SSE moves, larger ones loops of 64 bytes, and from 2 KiB
//! on the string instructions, which are the fastest on current processors when the direction is up: a word at a time
//! where addresses and size allow it, since the collector reads pointers while they are copied.

use crate::gmp::{G, M};
use core::arch::global_asm;
use core::mem::offset_of;

global_asm!(
    r#"
    .section .text.rt_memory,"ax",@progbits
    .globl memory_begin
memory_begin:
    .globl memcpy
    .globl memmove
    .globl runtime.memmove
    .p2align 5
memcpy:
memmove:
runtime.memmove:
    mov rax, rdi
    cmp rdx, 16
    ja 3f
    cmp edx, 8
    jae 2f
    cmp edx, 4
    jae 21f
    test edx, edx
    jz 20f
    movzx ecx, byte ptr [rsi]
    movzx r8d, byte ptr [rsi + rdx - 1]
    cmp edx, 2
    jbe 4f
    movzx r9d, byte ptr [rsi + 1]
    mov [rdi + 1], r9b
4:  mov [rdi], cl
    mov [rdi + rdx - 1], r8b
20:  ret
21:  mov ecx, [rsi]
    mov r8d, [rsi + rdx - 4]
    mov [rdi], ecx
    mov [rdi + rdx - 4], r8d
    ret
2:  mov rcx, [rsi]
    mov r8, [rsi + rdx - 8]
    mov [rdi], rcx
    mov [rdi + rdx - 8], r8
    ret
3:  cmp rdx, 32
    ja 5f
    movups xmm0, [rsi]
    movups xmm1, [rsi + rdx - 16]
    movups [rdi], xmm0
    movups [rdi + rdx - 16], xmm1
    ret
5:  cmp rdx, 64
    ja 6f
    movups xmm0, [rsi]
    movups xmm1, [rsi + 16]
    movups xmm2, [rsi + rdx - 32]
    movups xmm3, [rsi + rdx - 16]
    movups [rdi], xmm0
    movups [rdi + 16], xmm1
    movups [rdi + rdx - 32], xmm2
    movups [rdi + rdx - 16], xmm3
    ret
6:  mov rcx, rdi
    sub rcx, rsi
    cmp rcx, rdx
    jb 8f
    # forward
    cmp rdx, 2048
    jae 9f
    # the last 64 bytes are read first, so that overlap is harmless
    movups xmm4, [rsi + rdx - 64]
    movups xmm5, [rsi + rdx - 48]
    movups xmm6, [rsi + rdx - 32]
    movups xmm7, [rsi + rdx - 16]
    lea r8, [rdi + rdx - 64]
7:  movups xmm0, [rsi]
    movups xmm1, [rsi + 16]
    movups xmm2, [rsi + 32]
    movups xmm3, [rsi + 48]
    movups [rdi], xmm0
    movups [rdi + 16], xmm1
    movups [rdi + 32], xmm2
    movups [rdi + 48], xmm3
    add rsi, 64
    add rdi, 64
    cmp rdi, r8
    jb 7b
    movups [r8], xmm4
    movups [r8 + 16], xmm5
    movups [r8 + 32], xmm6
    movups [r8 + 48], xmm7
    ret
8:  # backward, in steps of 64; the first 64 bytes are read first
    test rcx, rcx
    jz 20b
    movups xmm4, [rsi]
    movups xmm5, [rsi + 16]
    movups xmm6, [rsi + 32]
    movups xmm7, [rsi + 48]
    lea r8, [rsi + rdx]
    lea r9, [rdi + rdx]
    lea r10, [rdi + 64]
81: movups xmm0, [r8 - 16]
    movups xmm1, [r8 - 32]
    movups xmm2, [r8 - 48]
    movups xmm3, [r8 - 64]
    movups [r9 - 16], xmm0
    movups [r9 - 32], xmm1
    movups [r9 - 48], xmm2
    movups [r9 - 64], xmm3
    sub r8, 64
    sub r9, 64
    cmp r9, r10
    ja 81b
    movups [rdi], xmm4
    movups [rdi + 16], xmm5
    movups [rdi + 32], xmm6
    movups [rdi + 48], xmm7
    ret
9:  # whole words where they are aligned: a pointer must not be seen half written
    mov rcx, rdx
    mov eax, edi
    or eax, esi
    or eax, edx
    test al, 7
    mov rax, rdi
    jnz 91f
    shr rcx, 3
    rep movsq
    ret
91: rep movsb
    ret

    .globl runtime.memclrNoHeapPointers
    .p2align 4
runtime.memclrNoHeapPointers:
    mov rdx, rsi
    xor esi, esi
    .globl memset
memset:
    mov rax, rdi
    movzx esi, sil
    mov rcx, 0x0101010101010101
    imul rsi, rcx
    cmp rdx, 16
    ja 3f
    cmp edx, 8
    jae 2f
    cmp edx, 4
    jae 21f
    test edx, edx
    jz 20f
    mov [rdi], sil
    mov [rdi + rdx - 1], sil
    cmp edx, 2
    jbe 20f
    mov [rdi + 1], sil
20:  ret
21:  mov [rdi], esi
    mov [rdi + rdx - 4], esi
    ret
2:  mov [rdi], rsi
    mov [rdi + rdx - 8], rsi
    ret
3:  movq xmm0, rsi
    punpcklqdq xmm0, xmm0
    cmp rdx, 2048
    jae 5f
    movups [rdi + rdx - 16], xmm0
    lea rcx, [rdi + rdx - 16]
4:  movups [rdi], xmm0
    add rdi, 16
    cmp rdi, rcx
    jb 4b
    ret
5:  mov r8, rax
    mov rcx, rdx
    mov rax, rsi
    or edx, edi
    test dl, 7
    jnz 51f
    shr rcx, 3
    rep stosq
    mov rax, r8
    ret
51: rep stosb
    mov rax, r8
    ret

    .globl bcmp
    .globl memcmp
    .p2align 4
bcmp:
memcmp:
    xor ecx, ecx
21:  lea r8, [rcx + 16]
    cmp r8, rdx
    ja 2f
    movups xmm0, [rdi + rcx]
    movups xmm1, [rsi + rcx]
    pcmpeqb xmm0, xmm1
    pmovmskb eax, xmm0
    xor eax, 0xffff
    jnz 4f
    mov rcx, r8
    jmp 21b
2:  cmp rcx, rdx
    jae 3f
    movzx eax, byte ptr [rdi + rcx]
    movzx r8d, byte ptr [rsi + rcx]
    inc rcx
    sub eax, r8d
    jz 2b
    ret
3:  xor eax, eax
    ret
4:  bsf eax, eax
    add rcx, rax
    movzx eax, byte ptr [rdi + rcx]
    movzx r8d, byte ptr [rsi + rcx]
    sub eax, r8d
    ret

    .globl strlen
    .p2align 4
strlen:
    xor eax, eax
2:  cmp byte ptr [rdi + rax], 0
    je 3f
    inc rax
    jmp 2b
3:  ret

    .globl memory_barriers
memory_barriers:
    # memory that holds pointers: what is overwritten goes to the collector first. The first byte is touched
    # here, where a fault is the Go caller's.
    .globl runtime.memmoveHasPointers
    .p2align 4
runtime.memmoveHasPointers:
    cmp dword ptr [rip + "runtime.writeBarrier"], 0
    je runtime.memmove
    test rdx, rdx
    jz 2f
    movzx eax, byte ptr [rdi]
    push rbp
    mov rbp, rsp
    push rdi
    push rsi
    push rdx
    mov [r15 + {BP}], rbp
    mov rsp, fs:[{G0SP}]
    mov rsi, rdx
    call bulkbarrier
    lea rsp, [rbp - 24]
    pop rdx
    pop rsi
    pop rdi
    pop rbp
    jmp runtime.memmove
2:  ret
    .globl runtime.memclrHasPointers
    .p2align 4
runtime.memclrHasPointers:
    cmp dword ptr [rip + "runtime.writeBarrier"], 0
    je runtime.memclrNoHeapPointers
    test rsi, rsi
    jz 2f
    movzx eax, byte ptr [rdi]
    push rbp
    mov rbp, rsp
    push rdi
    push rsi
    mov [r15 + {BP}], rbp
    mov rsp, fs:[{G0SP}]
    call bulkbarrier
    lea rsp, [rbp - 16]
    pop rsi
    pop rdi
    pop rbp
    jmp runtime.memclrNoHeapPointers
2:  ret

    .globl memory_end
memory_end:
    .globl runtime.getg
    .p2align 4
runtime.getg:
    mov rax, r15
    ret
    .globl runtime.inittasks
    .p2align 4
runtime.inittasks:
    lea rax, [rip + "go:main.inittasks"]
    ret
    .globl runtime.breakpoint
    .p2align 4
runtime.breakpoint:
    int3
    ret
"#,
    BP = const offset_of!(G, sched.bp),
    G0SP = const offset_of!(M, g0_sp),
);

unsafe extern "C" {
    /// Address only: first of the routines above that may fault on behalf of their Go caller.
    pub fn memory_begin();
    /// Address only: from here on they use the stack.
    pub fn memory_barriers();
    /// Address only: end of them.
    pub fn memory_end();
}
