//! `runtime.newobject` where nothing is scarce: an object of up to 512 bytes from the P's cache, made
//! on the goroutine's own stack. What this does is what `mallocgc` does; everything else goes there: sizes
//! of 0 and above, objects for the tiny allocator, used-up runs, descriptors that reflect has made (the masks of
//! compiled ones can be read by whole words).
//!
//! The code lies with the runtime's, so the goroutine is not preempted in it and its P stays the same.

use crate::gmp::{M, P};
use crate::mem::bits;
use crate::mem::mcache::{MCache, Run};
use crate::mem::sizeclass::{CLASS_SIZE, MIN_HEADER, PAGE, SMALL};
use core::arch::global_asm;
use core::mem::offset_of;
use gort_abi::types::Type;

const CACHE: usize = offset_of!(P, mcache);
const TINY: usize = 16;

const _: () = assert!(size_of::<Run>() == 32, "the shifts below");

global_asm!(
    r#"
    .section .text.rt_stubs,"ax",@progbits
    .globl runtime.newobject
    .p2align 4
runtime.newobject:
    mov rcx, [rdi + {SIZE}]
    lea rax, [rcx - 1]
    cmp rax, {MAX}
    jae 2f
    mov rdx, [rdi + {PTRS}]
    test rdx, rdx
    jz 1f
    // With pointers: the next object, and the mask into the bits of the page.
    mov r8, rdi
    shr r8, 32
    jnz 2f
    add ecx, 7
    shr ecx, 3
    movzx ecx, byte ptr [rcx + {SMALL}]
    movzx r8d, word ptr [rcx * 2 + {CLASSES}]
    shl ecx, 6
    mov rsi, fs:[{CURP}]
    lea rcx, [rsi + rcx + {RUNS}]
    mov rax, [rcx + {NEXT}]
    cmp rax, [rcx + {END}]
    je 2f
    add r8, rax
    mov [rcx + {NEXT}], r8
    mov rsi, [rdi + {MASK}]
    mov rsi, [rsi]
    mov ecx, eax
    shr ecx, 3
    mov rdx, rax
    and rdx, {PAGE_MASK}
    mov r8d, eax
    and r8d, {IN_PAGE}
    shr r8d, 9
    lea rdx, [rdx + r8 * 8 + {BITS}]
    xor r8d, r8d
    shld r8, rsi, cl
    shl rsi, cl
    or [rdx], rsi
    test r8, r8
    jnz 3f
    ret
3:
    or [rdx + 8], r8
    ret
1:
    cmp rcx, {TINY}
    jb 2f
    add ecx, 7
    shr ecx, 3
    movzx ecx, byte ptr [rcx + {SMALL}]
    movzx r8d, word ptr [rcx * 2 + {CLASSES}]
    shl ecx, 6
    mov rsi, fs:[{CURP}]
    lea rcx, [rsi + rcx + {RUNS} + 32]
    mov rax, [rcx + {NEXT}]
    cmp rax, [rcx + {END}]
    je 2f
    add r8, rax
    mov [rcx + {NEXT}], r8
    ret
2:
    jmp runtime.newobjectslow
"#,
    SIZE = const offset_of!(Type, size),
    PTRS = const offset_of!(Type, ptr_bytes),
    MASK = const offset_of!(Type, gc_data),
    MAX = const MIN_HEADER,
    TINY = const TINY,
    SMALL = sym SMALL,
    CLASSES = sym CLASS_SIZE,
    CURP = const offset_of!(M, p),
    RUNS = const CACHE + offset_of!(MCache, runs),
    NEXT = const offset_of!(Run, next),
    END = const offset_of!(Run, end),
    PAGE_MASK = const -(PAGE as isize),
    IN_PAGE = const PAGE - 1,
    BITS = const PAGE - bits::BYTES,
);
