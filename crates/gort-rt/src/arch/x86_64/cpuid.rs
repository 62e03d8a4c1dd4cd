//! Questions to the processor for Go code outside of the library (`goroot/runtime/open.go`).

use super::cputicks;
use core::arch::x86_64::__cpuid_count;

#[unsafe(no_mangle)]
extern "C" fn rt_cputicks() -> u64 {
    cputicks()
}

/// Stores eax, ebx, ecx and edx of `cpuid`.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_cpuid(leaf: u32, sub: u32, out: *mut [u32; 4]) {
    let r = __cpuid_count(leaf, sub);
    // SAFETY: the overlay passes an array of four words.
    unsafe { *out = [r.eax, r.ebx, r.ecx, r.edx] }
}

/// Stores the halves of the register that says which state the system keeps.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_xgetbv(out: *mut [u32; 2]) {
    let (low, high): (u32, u32);
    // SAFETY: who asks has seen OSXSAVE, as golang.org/x/sys/cpu does; the overlay passes an array of two words.
    unsafe {
        core::arch::asm!("xgetbv", in("ecx") 0, out("eax") low, out("edx") high, options(nomem, nostack));
        *out = [low, high];
    }
}
