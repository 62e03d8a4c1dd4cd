//! Looking for bytes in bytes, for package internal/bytealg: `indexbyte`, `countbyte`, `indexshort`.
//!
//! They use no stack. Operands shorter than a register are read whole where that stays within the page, else so
//! that the register's end is the operand's; the bytes that are none of the operand's are taken out of the mask of
//! equal bytes. Longer ones go 16 bytes a step, or 32 and more where the processor has AVX2, the last step
//! overlapping the one before.

use core::arch::global_asm;

global_asm!(
    r#"
    .section .text.rt_search,"ax",@progbits
    .globl search_begin
search_begin:
    # indexbyte(p, n, c): the first index of c, or -1
    .globl runtime.indexbyte
    .p2align 5
runtime.indexbyte:
    movd xmm0, edx
    pxor xmm1, xmm1
    pshufb xmm0, xmm1
    cmp rsi, 16
    jb 5f
    mov r8, rdi
    cmp rsi, 64
    jae 7f
22: lea r9, [rdi + rsi - 16]
2:  movups xmm1, [rdi]
    pcmpeqb xmm1, xmm0
    pmovmskb eax, xmm1
    test eax, eax
    jnz 3f
    add rdi, 16
    cmp rdi, r9
    jb 2b
    mov rdi, r9
    movups xmm1, [rdi]
    pcmpeqb xmm1, xmm0
    pmovmskb eax, xmm1
    test eax, eax
    jz 9f
3:  bsf eax, eax
    add rax, rdi
    sub rax, r8
    ret
5:  test esi, esi
    jz 9f
    mov eax, edi
    and eax, 0xfff
    cmp eax, 0xff0
    ja 6f
    movups xmm1, [rdi]
    pcmpeqb xmm1, xmm0
    pmovmskb eax, xmm1
    bsf eax, eax
    jz 9f
    cmp eax, esi
    jae 9f
    ret
6:  movups xmm1, [rdi + rsi - 16]
    pcmpeqb xmm1, xmm0
    pmovmskb eax, xmm1
    mov ecx, 16
    sub ecx, esi
    shr eax, cl
    bsf eax, eax
    jz 9f
    ret
9:  mov rax, -1
    ret
7:  cmp byte ptr [rip + rt_avx2], 0
    je 22b
    vpbroadcastb ymm0, xmm0
    lea r10, [rdi + rsi]
    vpcmpeqb ymm1, ymm0, [rdi]
    vpmovmskb eax, ymm1
    test eax, eax
    jnz 78f
    # on at a multiple of 32, 128 a step
    add rdi, 32
    and rdi, -32
    lea r9, [r10 - 128]
    cmp rdi, r9
    ja 73f
72: vpcmpeqb ymm1, ymm0, [rdi]
    vpcmpeqb ymm2, ymm0, [rdi + 32]
    vpcmpeqb ymm3, ymm0, [rdi + 64]
    vpcmpeqb ymm4, ymm0, [rdi + 96]
    vpor ymm5, ymm1, ymm2
    vpor ymm6, ymm3, ymm4
    vpor ymm5, ymm5, ymm6
    vptest ymm5, ymm5
    jnz 77f
    sub rdi, -128
    cmp rdi, r9
    jbe 72b
    # less than 128 left
73: lea r9, [r10 - 32]
74: cmp rdi, r9
    jae 75f
    vpcmpeqb ymm1, ymm0, [rdi]
    vpmovmskb eax, ymm1
    test eax, eax
    jnz 78f
    add rdi, 32
    jmp 74b
75: mov rdi, r9
    vpcmpeqb ymm1, ymm0, [rdi]
    vpmovmskb eax, ymm1
    test eax, eax
    jnz 78f
    vzeroupper
    mov rax, -1
    ret
77: vpmovmskb eax, ymm1
    test eax, eax
    jnz 78f
    add rdi, 32
    vpmovmskb eax, ymm2
    test eax, eax
    jnz 78f
    add rdi, 32
    vpmovmskb eax, ymm3
    test eax, eax
    jnz 78f
    add rdi, 32
    vpmovmskb eax, ymm4
78: vzeroupper
    bsf eax, eax
    add rax, rdi
    sub rax, r8
    ret

    # countbyte(p, n, c): how many of the bytes are c
    .globl runtime.countbyte
    .p2align 5
runtime.countbyte:
    movd xmm0, edx
    pxor xmm1, xmm1
    pshufb xmm0, xmm1
    xor eax, eax
    cmp rsi, 16
    jb 5f
    cmp rsi, 64
    jae 7f
    # r9: the last 16 bytes
3:  lea r9, [rdi + rsi - 16]
2:  movups xmm1, [rdi]
    pcmpeqb xmm1, xmm0
    pmovmskb ecx, xmm1
    popcnt ecx, ecx
    add rax, rcx
    add rdi, 16
    cmp rdi, r9
    jbe 2b
    # of them the first rdi - r9 are counted already
    movups xmm1, [r9]
    pcmpeqb xmm1, xmm0
    pmovmskb edx, xmm1
    sub rdi, r9
    mov ecx, edi
    shr edx, cl
    popcnt edx, edx
    add rax, rdx
    ret
5:  test esi, esi
    jz 9f
    mov ecx, edi
    and ecx, 0xfff
    cmp ecx, 0xff0
    ja 6f
    movups xmm1, [rdi]
    pcmpeqb xmm1, xmm0
    pmovmskb edx, xmm1
    mov ecx, 16
    sub ecx, esi
    shl edx, cl
    movzx eax, dx
    popcnt eax, eax
9:  ret
6:  movups xmm1, [rdi + rsi - 16]
    pcmpeqb xmm1, xmm0
    pmovmskb eax, xmm1
    mov ecx, 16
    sub ecx, esi
    shr eax, cl
    popcnt eax, eax
    ret
7:  cmp byte ptr [rip + rt_avx2], 0
    je 3b
    vpbroadcastb ymm0, xmm0
    lea r9, [rdi + rsi - 64]
    mov r8, r9
72: vpcmpeqb ymm1, ymm0, [rdi]
    vpcmpeqb ymm2, ymm0, [rdi + 32]
    vpmovmskb ecx, ymm1
    vpmovmskb edx, ymm2
    shl rdx, 32
    or rcx, rdx
    popcnt rcx, rcx
    add rax, rcx
    add rdi, 64
    cmp rdi, r9
    jbe 72b
    vpcmpeqb ymm1, ymm0, [r9]
    vpcmpeqb ymm2, ymm0, [r9 + 32]
    vpmovmskb esi, ymm1
    vpmovmskb edx, ymm2
    shl rdx, 32
    or rdx, rsi
    vzeroupper
    # 64 counted already: a shift by 63 and one more
    sub rdi, r9
    lea ecx, [rdi - 1]
    shr rdx, cl
    shr rdx, 1
    popcnt rdx, rdx
    add rax, rdx
    ret

    # indexshort(p, n, q, m): the first index of the m bytes at q, at least two, in the n at p, or -1.
    # A place where the first and the last byte agree is a candidate: then it is compared.
    .globl runtime.indexshort
    .p2align 5
runtime.indexshort:
    movzx eax, byte ptr [rdx]
    movzx r8d, byte ptr [rdx + rcx - 1]
    movd xmm0, eax
    movd xmm1, r8d
    pxor xmm2, xmm2
    pshufb xmm0, xmm2
    pshufb xmm1, xmm2
    mov r10, rdi
    # r8: the number of places
    lea r8, [rsi + 1]
    sub r8, rcx
    jle 9f
    cmp r8, 16
    jb 5f
    cmp r8, 32
    jae 7f
    # r10: the chunk of places looked at, rsi: the last one
22: lea rsi, [rdi + r8 - 16]
2:  movups xmm2, [r10]
    movups xmm3, [r10 + rcx - 1]
    pcmpeqb xmm2, xmm0
    pcmpeqb xmm3, xmm1
    pand xmm2, xmm3
    pmovmskb eax, xmm2
    test eax, eax
    jnz 23f
24: cmp r10, rsi
    jae 9f
    add r10, 16
    cmp r10, rsi
    cmova r10, rsi
    jmp 2b
    # most that are not it fall at the byte in the middle
23: mov r11, rcx
    shr r11, 1
    movzx r9d, byte ptr [rdx + r11]
    movd xmm3, r9d
    pxor xmm4, xmm4
    pshufb xmm3, xmm4
    movups xmm4, [r10 + r11]
    pcmpeqb xmm3, xmm4
    pand xmm2, xmm3
    pmovmskb eax, xmm2
    test eax, eax
    jz 24b
    jmp 3f
9:  mov rax, -1
    ret

    # Less than 16 places. If there are 16 bytes, the first and the last 16 hold all of them.
5:  cmp rsi, 16
    jb 6f
    movups xmm2, [rdi]
    movups xmm3, [rdi + rsi - 16]
    pcmpeqb xmm2, xmm0
    pcmpeqb xmm3, xmm1
    pmovmskb eax, xmm2
    pmovmskb r9d, xmm3
    mov rsi, rdi
    mov r11d, ecx
    mov ecx, 16
    sub ecx, r8d
    shr r9d, cl
    mov ecx, r11d
    and eax, r9d
    jnz 3f
    jmp 9b
6:  mov r11d, ecx
    mov ecx, edi
    and ecx, 0xfff
    cmp ecx, 0xff0
    ja 62f
    movups xmm2, [rdi]
    xor ecx, ecx
    jmp 63f
62: movups xmm2, [rdi + rsi - 16]
    mov ecx, 16
    sub ecx, esi
63: movaps xmm3, xmm2
    pcmpeqb xmm2, xmm0
    pcmpeqb xmm3, xmm1
    pmovmskb eax, xmm2
    pmovmskb r9d, xmm3
    shr eax, cl
    shr r9d, cl
    lea ecx, [r11d - 1]
    shr r9d, cl
    and eax, r9d
    # only the places
    mov ecx, r8d
    mov r9d, 1
    shl r9d, cl
    dec r9d
    mov ecx, r11d
    mov rsi, rdi
    and eax, r9d
    jz 9b

    # eax: candidates among the places from r10 on
    .macro candidates next
    bsf r9d, eax
    add r9, r10
    cmp ecx, 8
    jae 34f
    cmp ecx, 4
    jae 33f
    movzx r8d, word ptr [r9]
    cmp r8w, [rdx]
    jne 35f
    movzx r8d, word ptr [r9 + rcx - 2]
    cmp r8w, [rdx + rcx - 2]
    je 36f
    jmp 35f
33: mov r8d, [r9]
    cmp r8d, [rdx]
    jne 35f
    mov r8d, [r9 + rcx - 4]
    cmp r8d, [rdx + rcx - 4]
    je 36f
    jmp 35f
34: xor r11d, r11d
37: mov r8, [r9 + r11]
    cmp r8, [rdx + r11]
    jne 35f
    add r11, 8
    lea r8, [rcx - 8]
    cmp r11, r8
    jb 37b
    mov r8, [r9 + rcx - 8]
    cmp r8, [rdx + rcx - 8]
    je 36f
35: lea r8d, [rax - 1]
    and eax, r8d
    jnz 3b
    jmp \next
36: mov rax, r9
    sub rax, rdi
    .endm
3:  candidates 24b
    ret

7:  cmp byte ptr [rip + rt_avx2], 0
    je 22b
    vpbroadcastb ymm0, xmm0
    vpbroadcastb ymm1, xmm1
    lea rsi, [rdi + r8 - 32]
72: vpcmpeqb ymm2, ymm0, [r10]
    vpcmpeqb ymm3, ymm1, [r10 + rcx - 1]
    vpand ymm2, ymm2, ymm3
    vpmovmskb eax, ymm2
    test eax, eax
    jnz 73f
74: cmp r10, rsi
    jae 79f
    add r10, 32
    cmp r10, rsi
    cmova r10, rsi
    jmp 72b
79: vzeroupper
    mov rax, -1
    ret
73: mov r11, rcx
    shr r11, 1
    vpbroadcastb ymm3, byte ptr [rdx + r11]
    vpcmpeqb ymm3, ymm3, [r10 + r11]
    vpand ymm2, ymm2, ymm3
    vpmovmskb eax, ymm2
    test eax, eax
    jz 74b
3:  candidates 74b
    vzeroupper
    ret
    .globl search_end
search_end:
"#
);

unsafe extern "C" {
    /// Address only: first of the routines above, which may fault on behalf of their Go caller.
    pub fn search_begin();
    /// Address only: end of them.
    pub fn search_end();
}
