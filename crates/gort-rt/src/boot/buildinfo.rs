//! What `go version -m` and the like find in an executable: a section of this name with a mark, and where the strings lie
//! that a program gets from runtime.Version and debug.ReadBuildInfo. The format is that of package debug/buildinfo, in the
//! form with pointers: the strings are in the program in any case.

use core::arch::global_asm;

// The mark, the size of pointers, their order; the strings. The function at the end is one that the compiler takes into every
// program, and keeps them.
global_asm!(
    r#"
    .section .go.buildinfo,"a",@progbits
    .p2align 4
    .globl rt_buildinfo
rt_buildinfo:
    .ascii "\377 Go buildinf:"
    .byte 8, 0
    .quad runtime.buildVersion
    .quad runtime.modinfo
    .quad runtime.buildinfo
    .text
"#
);

unsafe extern "C" {
    static rt_buildinfo: u8;
}

/// What keeps it in the program.
pub fn keep() {
    // SAFETY: the assembler has written it; nothing writes to it.
    unsafe { (&raw const rt_buildinfo).read_volatile() };
}
