//! The xor of bytes, for package crypto/internal/fips140/subtle: `xorbytes`.
//!
//! It uses no stack. The result's place may be that of an operand: what the last step covers, which overlaps the one
//! before, is read before anything is written.

use core::arch::global_asm;

global_asm!(
    r#"
    .section .text.rt_xor,"ax",@progbits
    .globl xor_begin
xor_begin:
    # xorbytes(dst, x, y, n), n at least 1
    .globl runtime.xorbytes
    .p2align 5
runtime.xorbytes:
    cmp rcx, 32
    ja 5f
    cmp ecx, 16
    jae 4f
    cmp ecx, 8
    jae 3f
    cmp ecx, 4
    jae 2f
    # up to three: the first, the middle and the last
    mov r8d, ecx
    shr r8d, 1
    movzx eax, byte ptr [rsi]
    movzx r9d, byte ptr [rsi + r8]
    movzx r10d, byte ptr [rsi + rcx - 1]
    xor al, [rdx]
    xor r9b, [rdx + r8]
    xor r10b, [rdx + rcx - 1]
    mov [rdi], al
    mov [rdi + r8], r9b
    mov [rdi + rcx - 1], r10b
    ret
2:  mov eax, [rsi]
    mov r8d, [rsi + rcx - 4]
    xor eax, [rdx]
    xor r8d, [rdx + rcx - 4]
    mov [rdi], eax
    mov [rdi + rcx - 4], r8d
    ret
3:  mov rax, [rsi]
    mov r8, [rsi + rcx - 8]
    xor rax, [rdx]
    xor r8, [rdx + rcx - 8]
    mov [rdi], rax
    mov [rdi + rcx - 8], r8
    ret
4:  movups xmm0, [rsi]
    movups xmm1, [rsi + rcx - 16]
    movups xmm2, [rdx]
    movups xmm3, [rdx + rcx - 16]
    xorps xmm0, xmm2
    xorps xmm1, xmm3
    movups [rdi], xmm0
    movups [rdi + rcx - 16], xmm1
    ret
    # 32 a step
5:  xor eax, eax
    cmp rcx, 128
    jae 7f
70: sub rcx, 32
    movups xmm4, [rsi + rcx]
    movups xmm5, [rsi + rcx + 16]
    movups xmm2, [rdx + rcx]
    movups xmm3, [rdx + rcx + 16]
    xorps xmm4, xmm2
    xorps xmm5, xmm3
6:  movups xmm0, [rsi + rax]
    movups xmm1, [rsi + rax + 16]
    movups xmm2, [rdx + rax]
    movups xmm3, [rdx + rax + 16]
    xorps xmm0, xmm2
    xorps xmm1, xmm3
    movups [rdi + rax], xmm0
    movups [rdi + rax + 16], xmm1
    add rax, 32
    cmp rax, rcx
    jb 6b
    movups [rdi + rcx], xmm4
    movups [rdi + rcx + 16], xmm5
    ret
    # 128 a step
7:  cmp byte ptr [rip + rt_avx2], 0
    je 70b
    sub rcx, 128
    vmovdqu ymm4, [rsi + rcx]
    vmovdqu ymm5, [rsi + rcx + 32]
    vmovdqu ymm6, [rsi + rcx + 64]
    vmovdqu ymm7, [rsi + rcx + 96]
    vpxor ymm4, ymm4, [rdx + rcx]
    vpxor ymm5, ymm5, [rdx + rcx + 32]
    vpxor ymm6, ymm6, [rdx + rcx + 64]
    vpxor ymm7, ymm7, [rdx + rcx + 96]
    test rcx, rcx
    jz 9f
    .p2align 4
8:  vmovdqu ymm0, [rsi + rax]
    vmovdqu ymm1, [rsi + rax + 32]
    vmovdqu ymm2, [rsi + rax + 64]
    vmovdqu ymm3, [rsi + rax + 96]
    vpxor ymm0, ymm0, [rdx + rax]
    vpxor ymm1, ymm1, [rdx + rax + 32]
    vpxor ymm2, ymm2, [rdx + rax + 64]
    vpxor ymm3, ymm3, [rdx + rax + 96]
    vmovdqu [rdi + rax], ymm0
    vmovdqu [rdi + rax + 32], ymm1
    vmovdqu [rdi + rax + 64], ymm2
    vmovdqu [rdi + rax + 96], ymm3
    sub rax, -128
    cmp rax, rcx
    jb 8b
9:  vmovdqu [rdi + rcx], ymm4
    vmovdqu [rdi + rcx + 32], ymm5
    vmovdqu [rdi + rcx + 64], ymm6
    vmovdqu [rdi + rcx + 96], ymm7
    vzeroupper
    ret
    .globl xor_end
xor_end:
    "#
);

unsafe extern "C" {
    /// Address only: where the code above begins.
    pub fn xor_begin();
    /// Address only: where it ends.
    pub fn xor_end();
}
