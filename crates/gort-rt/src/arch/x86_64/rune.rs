//! `runtime.decodemultibyte`: the rune of more than one byte at offset rdx of the rsi bytes at rdi. The first of the two words
//! of the G that bounds checks have gets the rune in its lower half and the bytes that it takes in its upper; U+FFFD and one byte
//! where there is no well-formed one (Unicode 15, table 3-7).
//!
//! It leaves all registers as they are, so that a loop over a string has nothing to save for the sake of a rune that is not
//! ASCII. What it needs itself lies below rsp, where nobody writes while a goroutine is not stopped: signals have a stack of their
//! own.

use core::arch::global_asm;
use gort_abi::G_BOUNDS;

global_asm!(
    r#"
    .section .text.rt_rune,"ax",@progbits
    .globl rune_begin
rune_begin:
    .globl runtime.decodemultibyte
    .p2align 5
runtime.decodemultibyte:
    mov [rsp - 8], rax
    mov [rsp - 16], rcx
    mov [rsp - 24], rdx
    # rdi at the rune, rsi what is left; both as they were at the end
    add rdi, rdx
    sub rsi, rdx
    movzx eax, byte ptr [rdi]
    cmp eax, 0xe0
    jae 3f
    # two bytes; 0xc0 and 0xc1 would be ASCII
    cmp eax, 0xc2
    jb 9f
    cmp rsi, 2
    jb 9f
    movzx ecx, byte ptr [rdi + 1]
    xor ecx, 0x80
    cmp ecx, 0x40
    jae 9f
    and eax, 0x1f
    shl eax, 6
    or eax, ecx
    mov edx, 2
    jmp 8f
3:  cmp eax, 0xf5
    jae 9f
    # the first three bytes, of four as well: their lead has no bit 3
    cmp rsi, 3
    jb 9f
    movzx ecx, byte ptr [rdi + 1]
    movzx edx, byte ptr [rdi + 2]
    xor ecx, 0x80
    xor edx, 0x80
    cmp ecx, 0x40
    jae 9f
    cmp edx, 0x40
    jae 9f
    and eax, 0xf
    shl eax, 6
    or eax, ecx
    shl eax, 6
    or eax, edx
    cmp byte ptr [rdi], 0xf0
    jae 4f
    cmp eax, 0x800
    jb 9f
    # surrogates
    mov ecx, eax
    and ecx, 0xf800
    cmp ecx, 0xd800
    je 9f
    mov edx, 3
    jmp 8f
4:  cmp rsi, 4
    jb 9f
    movzx ecx, byte ptr [rdi + 3]
    xor ecx, 0x80
    cmp ecx, 0x40
    jae 9f
    shl eax, 6
    or eax, ecx
    lea ecx, [rax - 0x10000]
    cmp ecx, 0x100000
    jae 9f
    mov edx, 4
8:  shl rdx, 32
    or rax, rdx
    mov [r15 + {result}], rax
    mov rax, [rsp - 8]
    mov rcx, [rsp - 16]
    mov rdx, [rsp - 24]
    sub rdi, rdx
    add rsi, rdx
    ret
9:  mov eax, 0xfffd
    mov edx, 1
    jmp 8b
    .globl rune_end
rune_end:
"#,
    result = const G_BOUNDS,
);

unsafe extern "C" {
    /// Address only: first of the routine above, which may fault on behalf of its Go caller.
    pub fn rune_begin();
    /// Address only: end of it.
    pub fn rune_end();
}
