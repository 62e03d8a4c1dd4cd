//! Arithmetic on vectors of 64-bit words, least significant first, for package math/big: `addvv`, `subvv`, `lshvu`,
//! `rshvu`, `muladdvww`, `addmulvvww`.
//!
//! They use no stack. Words are read and written in the order of a plain loop, so that the result may lie over an
//! operand where a plain loop allows it. Within a loop the carry stays in the flag: counters go by `dec` and `lea`.

use core::arch::global_asm;

global_asm!(
    r#"
    .section .text.rt_bignum,"ax",@progbits

    # z = x op y; the carry out
    .macro vectors op
    mov r9, rcx
    shr rcx, 2
    xor eax, eax
    and r9d, 3
    # both keep the carry, which is 0
    inc rcx
    dec rcx
    jz 3f
2:  mov r8, [rsi]
    \op r8, [rdx]
    mov [rdi], r8
    mov r8, [rsi + 8]
    \op r8, [rdx + 8]
    mov [rdi + 8], r8
    mov r8, [rsi + 16]
    \op r8, [rdx + 16]
    mov [rdi + 16], r8
    mov r8, [rsi + 24]
    \op r8, [rdx + 24]
    mov [rdi + 24], r8
    lea rsi, [rsi + 32]
    lea rdx, [rdx + 32]
    lea rdi, [rdi + 32]
    dec rcx
    jnz 2b
3:  inc r9d
    dec r9d
    jz 5f
4:  mov r8, [rsi]
    \op r8, [rdx]
    mov [rdi], r8
    lea rsi, [rsi + 8]
    lea rdx, [rdx + 8]
    lea rdi, [rdi + 8]
    dec r9d
    jnz 4b
5:  setc al
    ret
    .endm

    # addvv(z, x, y, n), subvv(z, x, y, n)
    .globl runtime.addvv
    .p2align 5
runtime.addvv:
    vectors adc
    .globl runtime.subvv
    .p2align 5
runtime.subvv:
    vectors sbb

    # lshvu(z, x, n, s): z = x << s, 0 < s < 64, n > 0, from the top down; the bits shifted out
    .globl runtime.lshvu
    .p2align 5
runtime.lshvu:
    mov r8d, 64
    sub r8d, ecx
    movd xmm4, ecx
    movd xmm5, r8d
    movq xmm0, qword ptr [rsi + rdx * 8 - 8]
    psrlq xmm0, xmm5
    movq rax, xmm0
    sub rdx, 2
    jle 3f
2:  movups xmm0, [rsi + rdx * 8]
    movups xmm1, [rsi + rdx * 8 - 8]
    psllq xmm0, xmm4
    psrlq xmm1, xmm5
    por xmm0, xmm1
    movups [rdi + rdx * 8], xmm0
    sub rdx, 2
    jg 2b
3:  # the lowest two words, or the lowest one
    jl 4f
    movq xmm0, qword ptr [rsi + 8]
    movq xmm1, qword ptr [rsi]
    psllq xmm0, xmm4
    psrlq xmm1, xmm5
    por xmm0, xmm1
    movq qword ptr [rdi + 8], xmm0
4:  movq xmm0, qword ptr [rsi]
    psllq xmm0, xmm4
    movq qword ptr [rdi], xmm0
    ret

    # rshvu(z, x, n, s): z = x >> s, 0 < s < 64, n > 0, from the bottom up; the bits shifted out, at the top
    .globl runtime.rshvu
    .p2align 5
runtime.rshvu:
    mov r8d, 64
    sub r8d, ecx
    movd xmm4, ecx
    movd xmm5, r8d
    movq xmm0, qword ptr [rsi]
    psllq xmm0, xmm5
    movq rax, xmm0
    sub rdx, 2
    jle 3f
2:  movups xmm0, [rsi]
    movups xmm1, [rsi + 8]
    psrlq xmm0, xmm4
    psllq xmm1, xmm5
    por xmm0, xmm1
    movups [rdi], xmm0
    add rsi, 16
    add rdi, 16
    sub rdx, 2
    jg 2b
3:  jl 4f
    movq xmm0, qword ptr [rsi]
    movq xmm1, qword ptr [rsi + 8]
    psrlq xmm0, xmm4
    psllq xmm1, xmm5
    por xmm0, xmm1
    movq qword ptr [rdi], xmm0
    add rsi, 8
    add rdi, 8
4:  movq xmm0, qword ptr [rsi]
    psrlq xmm0, xmm4
    movq qword ptr [rdi], xmm0
    ret

    # muladdvww(z, x, n, m, a): z = x*m + a; the carry out
    .globl runtime.muladdvww
    .p2align 5
runtime.muladdvww:
    mov r9, rdx
    and edx, 3
    jz 3f
    mov r10d, edx
2:  mov rax, [rsi]
    mul rcx
    add rax, r8
    adc rdx, 0
    mov [rdi], rax
    mov r8, rdx
    add rsi, 8
    add rdi, 8
    dec r10d
    jnz 2b
3:  shr r9, 2
    jz 5f
    .macro muladd at
    mov rax, [rsi + \at]
    mul rcx
    add rax, r8
    adc rdx, 0
    mov [rdi + \at], rax
    mov r8, rdx
    .endm
4:  muladd 0
    muladd 8
    muladd 16
    muladd 24
    add rsi, 32
    add rdi, 32
    dec r9
    jnz 4b
5:  mov rax, r8
    ret

    # addmulvvww(z, x, y, n, m, a): z = x + y*m + a; the carry out
    .globl runtime.addmulvvww
    .p2align 5
runtime.addmulvvww:
    mov r11, rdx
    mov r10, rcx
    and r10d, 7
    cmp byte ptr [rip + rt_adx], 0
    je 6f
    mov rdx, r8
    test r10d, r10d
    jz 3f
    # the odd words
2:  mulx r8, rax, [r11]
    add rax, r9
    adc r8, 0
    add rax, [rsi]
    adc r8, 0
    mov [rdi], rax
    mov r9, r8
    add r11, 8
    add rsi, 8
    add rdi, 8
    dec r10d
    jnz 2b
3:  shr rcx, 3
    jz 5f
    # one chain of carries adds the product's halves, the other adds x
    .macro addmul at, from, to
    mulx \to, rax, [r11 + \at]
    adcx rax, \from
    adox rax, [rsi + \at]
    mov [rdi + \at], rax
    .endm
4:  xor eax, eax
    addmul 0, r9, r8
    addmul 8, r8, r9
    addmul 16, r9, r8
    addmul 24, r8, r9
    addmul 32, r9, r8
    addmul 40, r8, r9
    addmul 48, r9, r8
    addmul 56, r8, r9
    mov eax, 0
    adcx r9, rax
    adox r9, rax
    add r11, 64
    add rsi, 64
    add rdi, 64
    dec rcx
    jnz 4b
5:  mov rax, r9
    ret
6:  test rcx, rcx
    jz 5b
7:  mov rax, [r11]
    mul r8
    add rax, r9
    adc rdx, 0
    add rax, [rsi]
    adc rdx, 0
    mov [rdi], rax
    mov r9, rdx
    add r11, 8
    add rsi, 8
    add rdi, 8
    dec rcx
    jnz 7b
    mov rax, r9
    ret
"#
);
