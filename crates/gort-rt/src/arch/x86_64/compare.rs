//! Equality and order of bytes: `runtime.memequal` and `runtime.cmpstring`, behind `==` and `<` of strings,
//! `bytes.Equal` and `bytes.Compare`.
//!
//! They use no stack. Up to 16 bytes they compare overlapping words, so that no byte outside the operands is read
//! and no loop is needed; above, 16 bytes a step, and from 64 on 64 where the processor has AVX2. The last step
//! overlaps the one before.

use core::arch::global_asm;

global_asm!(
    r#"
    .section .text.rt_compare,"ax",@progbits
    .globl compare_begin
compare_begin:
    # memequal(p, q, n): 0 or 1
    .globl runtime.memequal
    .p2align 5
runtime.memequal:
    cmp rdi, rsi
    je 9f
    cmp rdx, 16
    jae 4f
    cmp edx, 8
    jae 3f
    cmp edx, 4
    jae 2f
    test edx, edx
    jz 9f
    # one to three bytes: the first, the one in the middle, the last
    mov ecx, edx
    shr ecx, 1
    movzx eax, byte ptr [rdi]
    movzx r8d, byte ptr [rdi + rcx]
    movzx r9d, byte ptr [rdi + rdx - 1]
    xor al, [rsi]
    xor r8b, [rsi + rcx]
    xor r9b, [rsi + rdx - 1]
    or eax, r8d
    or eax, r9d
    sete al
    ret
2:  mov eax, [rdi]
    mov ecx, [rdi + rdx - 4]
    xor eax, [rsi]
    xor ecx, [rsi + rdx - 4]
    or eax, ecx
    sete al
    ret
3:  mov rax, [rdi]
    mov rcx, [rdi + rdx - 8]
    xor rax, [rsi]
    xor rcx, [rsi + rdx - 8]
    or rax, rcx
    sete al
    ret
9:  mov eax, 1
    ret
4:  cmp rdx, 64
    jae 6f
    # rdx becomes the offset of the last 16 bytes
    sub rdx, 16
    xor ecx, ecx
5:  movups xmm0, [rdi + rcx]
    movups xmm1, [rsi + rcx]
    pxor xmm0, xmm1
    ptest xmm0, xmm0
    jnz 8f
    add rcx, 16
    cmp rcx, rdx
    jb 5b
    movups xmm0, [rdi + rdx]
    movups xmm1, [rsi + rdx]
    pxor xmm0, xmm1
    ptest xmm0, xmm0
    sete al
    ret
8:  xor eax, eax
    ret
6:  sub rdx, 64
    xor ecx, ecx
    cmp byte ptr [rip + rt_avx2], 0
    je 7f
62: vmovdqu ymm0, [rdi + rcx]
    vmovdqu ymm1, [rdi + rcx + 32]
    vpxor ymm0, ymm0, [rsi + rcx]
    vpxor ymm1, ymm1, [rsi + rcx + 32]
    vpor ymm0, ymm0, ymm1
    vptest ymm0, ymm0
    jnz 68f
    add rcx, 64
    cmp rcx, rdx
    jb 62b
    vmovdqu ymm0, [rdi + rdx]
    vmovdqu ymm1, [rdi + rdx + 32]
    vpxor ymm0, ymm0, [rsi + rdx]
    vpxor ymm1, ymm1, [rsi + rdx + 32]
    vpor ymm0, ymm0, ymm1
    vptest ymm0, ymm0
68: sete al
    vzeroupper
    ret
7:  .macro differ64 at
    movups xmm0, [rdi + \at]
    movups xmm1, [rsi + \at]
    movups xmm2, [rdi + \at + 16]
    movups xmm3, [rsi + \at + 16]
    movups xmm4, [rdi + \at + 32]
    movups xmm5, [rsi + \at + 32]
    movups xmm6, [rdi + \at + 48]
    movups xmm7, [rsi + \at + 48]
    pxor xmm0, xmm1
    pxor xmm2, xmm3
    pxor xmm4, xmm5
    pxor xmm6, xmm7
    por xmm0, xmm2
    por xmm4, xmm6
    por xmm0, xmm4
    ptest xmm0, xmm0
    .endm
72: differ64 rcx
    jnz 8b
    add rcx, 64
    cmp rcx, rdx
    jb 72b
    differ64 rdx
    sete al
    ret

    # cmpstring(ap, an, bp, bn): -1, 0 or 1
    .globl runtime.cmpstring
    .p2align 5
runtime.cmpstring:
    mov r8, rsi
    sub r8, rcx
    cmp rsi, rcx
    cmova rsi, rcx
    # r8: what the lengths say; rsi: the smaller of them
    cmp rdi, rdx
    je 9f
    cmp rsi, 16
    jae 4f
    cmp esi, 8
    jae 3f
    cmp esi, 4
    jae 2f
    test esi, esi
    jz 9f
    movzx eax, byte ptr [rdi]
    movzx ecx, byte ptr [rdx]
    cmp eax, ecx
    jne 8f
    mov r9d, esi
    shr r9d, 1
    movzx eax, byte ptr [rdi + r9]
    movzx ecx, byte ptr [rdx + r9]
    cmp eax, ecx
    jne 8f
    movzx eax, byte ptr [rdi + rsi - 1]
    movzx ecx, byte ptr [rdx + rsi - 1]
    cmp eax, ecx
    jne 8f
    # equal as far as both go
9:  xor eax, eax
    test r8, r8
    setg al
    sar r8, 63
    or rax, r8
    ret
2:  mov eax, [rdi]
    mov ecx, [rdx]
    cmp eax, ecx
    jne 22f
    mov eax, [rdi + rsi - 4]
    mov ecx, [rdx + rsi - 4]
    cmp eax, ecx
    je 9b
22: bswap eax
    bswap ecx
    cmp eax, ecx
8:  sbb rax, rax
    or rax, 1
    ret
3:  mov rax, [rdi]
    mov rcx, [rdx]
    cmp rax, rcx
    jne 32f
    mov rax, [rdi + rsi - 8]
    mov rcx, [rdx + rsi - 8]
    cmp rax, rcx
    je 9b
32: bswap rax
    bswap rcx
    cmp rax, rcx
    sbb rax, rax
    or rax, 1
    ret
4:  xor ecx, ecx
    cmp rsi, 64
    jae 6f
    # r9: offset of the last 16 bytes
42: lea r9, [rsi - 16]
    cmp rcx, r9
    cmova rcx, r9
5:  movups xmm0, [rdi + rcx]
    movups xmm1, [rdx + rcx]
    pcmpeqb xmm0, xmm1
    pmovmskb eax, xmm0
    xor eax, 0xffff
    jnz 7f
    add rcx, 16
    cmp rcx, r9
    jb 5b
    mov rcx, r9
    movups xmm0, [rdi + rcx]
    movups xmm1, [rdx + rcx]
    pcmpeqb xmm0, xmm1
    pmovmskb eax, xmm0
    xor eax, 0xffff
    jz 9b
7:  bsf eax, eax
    add rcx, rax
    movzx eax, byte ptr [rdi + rcx]
    movzx ecx, byte ptr [rdx + rcx]
    cmp eax, ecx
    jmp 8b
    # 64 at a time while they are equal; what is left, or differs, goes on above
6:  cmp byte ptr [rip + rt_avx2], 0
    je 42b
    lea r9, [rsi - 64]
62: vmovdqu ymm0, [rdi + rcx]
    vmovdqu ymm1, [rdi + rcx + 32]
    vpxor ymm0, ymm0, [rdx + rcx]
    vpxor ymm1, ymm1, [rdx + rcx + 32]
    vpor ymm0, ymm0, ymm1
    vptest ymm0, ymm0
    jnz 68f
    add rcx, 64
    cmp rcx, r9
    jbe 62b
    vzeroupper
    cmp rcx, rsi
    je 9b
    jmp 42b
68: vzeroupper
    jmp 42b
    .globl compare_end
compare_end:
"#
);

unsafe extern "C" {
    /// Address only: first of the routines above, which may fault on behalf of their Go caller.
    pub fn compare_begin();
    /// Address only: end of them.
    pub fn compare_end();
}
