//! Native stubs: how Go code enters Rust. The natives and their kinds are the table of `gort_abi::natives`; here is
//! what each kind means on this processor. Every stub leaves its frame pointer in `g.sched.bp`, so that tracebacks, panics raised
//! by natives and the collector find the goroutine's stack. A goroutine that spends its time in natives would rarely be
//! caught in Go code: on the way out of a leaf native it looks whether it is to yield. Each lies in a section of its own, so that a program has only the
//! natives that its code can reach, and what of the runtime they need.

use crate::gmp::{G, M};
use core::arch::global_asm;
use core::mem::offset_of;

/// Puts a stub for each line of the table.
macro_rules! stubs {
    ($($kind:ident $name:ident ($($p:ident),*) -> ($($r:ident),*) = $rust:ident, $keeps:ident;)*) => {
        global_asm!(
            r#"
    # On to g0 with all registers of the goroutine on its own stack, where resume_park finds them.
    .macro ready_to_park
    push rbp
    mov rbp, rsp
    push rbx
    push r12
    push r13
    push r14
    mov [r15 + {SP}], rsp
    mov [r15 + {BP}], rbp
    lea rax, [rip + resume_park]
    mov [r15 + {PC}], rax
    mov rsp, fs:[{G0SP}]
    .endm

    # Where a direct native returns to when its goroutine is to yield (`sched/preempt.rs`): it has been called at the address in
    # the G.
    .section .text.rt_stubs,"ax",@progbits
    .globl runtime.directyield
    .p2align 4
runtime.directyield:
    push [r15 + {DIRECT}]
    mov qword ptr [r15 + {DIRECT}], 0
    jmp runtime.leafyield

    # The way out of a leaf native for a goroutine that is to yield, at its caller's return address: as if a native had parked.
    .section .text.rt_stubs,"ax",@progbits
    .p2align 4
runtime.leafyield:
    mov [r15 + {RET}], rax
    mov [r15 + {RET2}], rdx
    ready_to_park
    call leafyielded
    xor ecx, ecx
    mov rax, [r15 + {RET}]
    mov rdx, [r15 + {RET2}]
    mov [r15 + {RET}], rcx
    mov [r15 + {RET2}], rcx
    mov rsp, rbp
    pop rbp
    ret

    .macro direct name, rust, result
    .endm

    .macro leaf name, rust, result
    .section .text.rt_stubs.\name,"ax",@progbits
    .globl runtime.\name
    .p2align 4
runtime.\name:
    push rbp
    mov rbp, rsp
    mov [r15 + {BP}], rbp
    mov rsp, fs:[{G0SP}]
    call \rust
    mov rsp, rbp
    pop rbp
    .ifnc \result, _f64
    cmp qword ptr [r15], {PREEMPT}
    je runtime.leafyield
    .endif
    ret
    .endm

    .macro park name, rust, result
    .section .text.rt_stubs.\name,"ax",@progbits
    .globl runtime.\name
    .p2align 4
runtime.\name:
    ready_to_park
    call \rust
    mov rsp, rbp
    pop rbp
    ret
    .endm

"#,
            $(concat!(stringify!($kind), " ", stringify!($name), ", ", stringify!($rust), ", ", $("_", stringify!($r),)*),)*
            SP = const offset_of!(G, sched.sp),
            BP = const offset_of!(G, sched.bp),
            PC = const offset_of!(G, sched.pc),
            RET = const offset_of!(G, sched.ret),
            RET2 = const offset_of!(G, sched.ret2),
            DIRECT = const offset_of!(G, direct_ret),
            PREEMPT = const gort_abi::STACK_PREEMPT as isize,
            G0SP = const offset_of!(M, g0_sp),
        );
    };
}
gort_abi::natives!(stubs);

unsafe extern "C" {
    /// Address only: where a direct native returns to whose goroutine is to yield.
    #[link_name = "runtime.directyield"]
    pub fn directyield();
}
