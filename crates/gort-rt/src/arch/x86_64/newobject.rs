//! `runtime.newobject` where nothing is scarce: an object of up to [`SMALL_MAX`] bytes from the P's cache, made
//! on the goroutine's own stack. What this does is what `mallocgc` does; everything else goes there: sizes
//! of 0 and above, objects for the tiny allocator, used-up spans.
//!
//! The code lies with the runtime's, so the goroutine is not preempted in it and its P stays the same.

use crate::gmp::{M, P};
use crate::mem::mcache::{MCache, Rest};
use crate::mem::sizeclass::{CLASS_SIZE, SMALL, SMALL_MAX};
use core::arch::global_asm;
use core::mem::offset_of;
use gort_abi::types::Type;

const CACHE: usize = offset_of!(P, mcache);
const TINY: usize = 16;

const _: () = assert!(size_of::<Rest>() == 32, "the shift below");

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
    xor edx, edx
    cmp qword ptr [rdi + {PTRS}], 0
    jne 1f
    cmp rcx, {TINY}
    jb 2f
    inc edx
1:
    add ecx, 7
    shr ecx, 3
    movzx ecx, byte ptr [rcx + {SMALL}]
    movzx r8d, word ptr [rcx * 2 + {CLASSES}]
    lea ecx, [rdx + rcx * 2]
    shl ecx, 5
    mov rsi, fs:[{CURP}]
    lea rcx, [rsi + rcx + {REST}]
    mov rax, [rcx + {NEXT}]
    cmp rax, [rcx + {END}]
    je 2f
    lea r9, [rax + r8]
    mov [rcx + {NEXT}], r9
    inc qword ptr [rsi + {MALLOCS}]
    add [rsi + {BYTES}], r8
    test edx, edx
    jnz 3f
    mov rdx, rax
    sub rdx, [rcx + {BASE}]
    shr rdx, 2
    and rdx, -4 // two objects of 8 bytes, a pointer each, share a granule and its slot
    add rdx, [rcx + {TYPES}]
    mov [rdx], edi
3:
    ret
2:
    jmp runtime.newobjectslow
"#,
    SIZE = const offset_of!(Type, size),
    PTRS = const offset_of!(Type, ptr_bytes),
    MAX = const SMALL_MAX,
    TINY = const TINY,
    SMALL = sym SMALL,
    CLASSES = sym CLASS_SIZE,
    CURP = const offset_of!(M, p),
    REST = const CACHE + offset_of!(MCache, rest),
    NEXT = const offset_of!(Rest, next),
    END = const offset_of!(Rest, end),
    BASE = const offset_of!(Rest, base),
    TYPES = const offset_of!(Rest, types),
    MALLOCS = const CACHE + offset_of!(MCache, mallocs),
    BYTES = const CACHE + offset_of!(MCache, bytes),
);
