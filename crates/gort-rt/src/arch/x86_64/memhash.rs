//! Hashing with AES rounds, for maps and hash/maphash: `memhashaes`. It uses no stack.
//!
//! A lane of 16 bytes starts as the seed and the length, mixed with a key of the process; data is added to it and
//! three rounds mix it, each with the lane as its own round key. Up to 16 bytes take one lane, up to 32 two, up to
//! 64 four; longer ones go through four lanes 64 bytes a step, the last step overlapping the one before.
//! Less than eight bytes are read as eight, within the page. `keys` are 64 random bytes.

use core::arch::global_asm;

global_asm!(
    r#"
    .section .text.rt_memhash,"ax",@progbits
    .globl memhash_begin
memhash_begin:
    # memhashaes(p, seed, n, keys)
    .globl runtime.memhashaes
    .p2align 5
runtime.memhashaes:
    movq xmm0, rsi
    pinsrq xmm0, rdx, 1
    cmp rdx, 16
    ja 4f
    movups xmm1, [rcx]
    pxor xmm0, xmm1
    aesenc xmm0, xmm0
    cmp edx, 8
    jb 2f
    movq xmm1, qword ptr [rdi]
    movhps xmm1, qword ptr [rdi + rdx - 8]
3:  pxor xmm0, xmm1
    aesenc xmm0, xmm0
    aesenc xmm0, xmm0
    aesenc xmm0, xmm0
    movq rax, xmm0
    ret
    # less than eight: at the top of rax
2:  test edx, edx
    jz 23f
    lea ecx, [rdx * 8]
    neg ecx
    mov eax, edi
    and eax, 0xfff
    cmp eax, 0xff8
    ja 22f
    mov rax, [rdi]
    shl rax, cl
    movq xmm1, rax
    jmp 3b
    # the end of a page: the eight bytes up to the operand's end
22: mov rax, [rdi + rdx - 8]
    shr rax, cl
    shl rax, cl
    movq xmm1, rax
    jmp 3b
23: movq rax, xmm0
    ret

4:  movups xmm4, [rcx]
    movups xmm5, [rcx + 16]
    movaps xmm1, xmm0
    pxor xmm0, xmm4
    pxor xmm1, xmm5
    aesenc xmm0, xmm0
    aesenc xmm1, xmm1
    cmp rdx, 32
    ja 5f
    movups xmm4, [rdi]
    movups xmm5, [rdi + rdx - 16]
    pxor xmm0, xmm4
    pxor xmm1, xmm5
42: aesenc xmm0, xmm0
    aesenc xmm1, xmm1
    aesenc xmm0, xmm0
    aesenc xmm1, xmm1
    aesenc xmm0, xmm0
    aesenc xmm1, xmm1
    pxor xmm0, xmm1
    movq rax, xmm0
    ret

5:  movq xmm2, rsi
    pinsrq xmm2, rdx, 1
    movups xmm6, [rcx + 32]
    movups xmm7, [rcx + 48]
    movaps xmm3, xmm2
    pxor xmm2, xmm6
    pxor xmm3, xmm7
    aesenc xmm2, xmm2
    aesenc xmm3, xmm3
    cmp rdx, 64
    ja 6f
    movups xmm4, [rdi]
    movups xmm5, [rdi + 16]
    movups xmm6, [rdi + rdx - 32]
    movups xmm7, [rdi + rdx - 16]
52: pxor xmm0, xmm4
    pxor xmm1, xmm5
    pxor xmm2, xmm6
    pxor xmm3, xmm7
    .rept 3
    aesenc xmm0, xmm0
    aesenc xmm1, xmm1
    aesenc xmm2, xmm2
    aesenc xmm3, xmm3
    .endr
    pxor xmm0, xmm2
    pxor xmm1, xmm3
    pxor xmm0, xmm1
    movq rax, xmm0
    ret

    # r8: the last 64 bytes
6:  lea r8, [rdi + rdx - 64]
62: movups xmm4, [rdi]
    movups xmm5, [rdi + 16]
    movups xmm6, [rdi + 32]
    movups xmm7, [rdi + 48]
    aesenc xmm0, xmm0
    aesenc xmm1, xmm1
    aesenc xmm2, xmm2
    aesenc xmm3, xmm3
    aesenc xmm0, xmm4
    aesenc xmm1, xmm5
    aesenc xmm2, xmm6
    aesenc xmm3, xmm7
    add rdi, 64
    cmp rdi, r8
    jb 62b
    movups xmm4, [r8]
    movups xmm5, [r8 + 16]
    movups xmm6, [r8 + 32]
    movups xmm7, [r8 + 48]
    aesenc xmm0, xmm0
    aesenc xmm1, xmm1
    aesenc xmm2, xmm2
    aesenc xmm3, xmm3
    jmp 52b

    .globl memhash_end
memhash_end:
"#
);

unsafe extern "C" {
    /// Address only: first of the routines above, which may fault on behalf of their Go caller.
    pub fn memhash_begin();
    /// Address only: end of them.
    pub fn memhash_end();
}
