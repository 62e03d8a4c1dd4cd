//! What package sync asks of the runtime in its fast paths, on the goroutine's own stack: `poolpin`, `procpin`, `procunpin`,
//! `procyield`. The code lies with the runtime's, so the goroutine is not preempted in it.

use crate::gmp::{M, P};
use core::arch::global_asm;
use core::mem::offset_of;

global_asm!(
    r#"
    .section .text.rt_stubs,"ax",@progbits
    # poolpin(): procpin for a pool, which wants its hook to be run
    .globl runtime.poolpin
    .p2align 4
runtime.poolpin:
    mov rax, fs:[{CURP}]
    mov byte ptr [rax + {POOLS}], 1
    # procpin(): no preemption until procunpin; the number of the P
    .globl runtime.procpin
runtime.procpin:
    inc dword ptr fs:[{LOCKS}]
    mov rax, fs:[{CURP}]
    mov eax, [rax + {ID}]
    ret
    .globl runtime.procunpin
    .p2align 4
runtime.procunpin:
    dec dword ptr fs:[{LOCKS}]
    ret
    # procyield(n): waits for a moment, n times
    .globl runtime.procyield
    .p2align 4
runtime.procyield:
    pause
    dec edi
    jnz runtime.procyield
    ret
"#,
    POOLS = const offset_of!(P, pools),
    LOCKS = const offset_of!(M, locks),
    CURP = const offset_of!(M, p),
    ID = const offset_of!(P, id),
);
