//! What this processor can do beyond the baseline (x86-64-v2), asked once while the process boots.
//!
//! Go code has the same answers in the variable X86 of package internal/cpu. GODEBUG=cpu.NAME=off takes one
//! away, cpu.all=off all of them.

use crate::sync::{AtomicU32, Ordering};
use core::arch::x86_64::__cpuid_count;

pub const AES: u32 = 1 << 0;
pub const PCLMULQDQ: u32 = 1 << 1;
pub const AVX: u32 = 1 << 2;
pub const AVX2: u32 = 1 << 3;
pub const SHA: u32 = 1 << 4;
pub const BMI2: u32 = 1 << 5;
pub const ADX: u32 = 1 << 6;
pub const FMA: u32 = 1 << 7;
/// 512-bit registers with all that natives do with them there. They ask for [`WIDE_SUMS`] and [`WIDE_AES`].
const AVX512F: u32 = 1 << 8;
const AVX512BW: u32 = 1 << 9;
const AVX512VL: u32 = 1 << 11;
const VAES: u32 = 1 << 15;
const VPCLMULQDQ: u32 = 1 << 16;
// No native of the runtime has these: they are for the assembly of packages.
const AVX512DQ: u32 = 1 << 10;
const GFNI: u32 = 1 << 12;
const AVX512BITALG: u32 = 1 << 13;
const AVX512VBMI: u32 = 1 << 14;
/// What there is only with AVX512F.
const AVX512: u32 =
    AVX512F | AVX512BW | AVX512DQ | AVX512VL | GFNI | AVX512BITALG | AVX512VBMI | VAES | VPCLMULQDQ;

/// Carry-less multiplication in 512-bit registers.
const WIDE_SUMS: u32 = AVX512F | AVX512BW | AVX512VL | VPCLMULQDQ;
/// The same, and rounds of AES.
const WIDE_AES: u32 = WIDE_SUMS | VAES;

/// Names in GODEBUG.
const NAMES: [(&[u8], u32); 13] = [
    (b"aes", AES),
    (b"pclmulqdq", PCLMULQDQ),
    (b"avx", AVX | AVX2 | AVX512),
    (b"avx2", AVX2 | AVX512),
    (b"vpclmulqdq", VPCLMULQDQ),
    (b"sha", SHA),
    (b"bmi2", BMI2),
    (b"adx", ADX),
    (b"fma", FMA),
    (b"avx512f", AVX512),
    (b"avx512bw", AVX512BW),
    (b"avx512dq", AVX512DQ),
    (b"avx512vl", AVX512VL),
];

static FEATURES: AtomicU32 = AtomicU32::new(0);

/// [`AVX2`], for assembly: 1 or 0.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "a name for the assembly")]
static rt_avx2: core::sync::atomic::AtomicU8 = core::sync::atomic::AtomicU8::new(0);

/// [`ADX`] and [`BMI2`], for assembly: 1 or 0.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "a name for the assembly")]
static rt_adx: core::sync::atomic::AtomicU8 = core::sync::atomic::AtomicU8::new(0);

/// Fills in what [`features`] says; `godebug` is the environment's GODEBUG.
pub fn init(godebug: &[u8]) {
    let mut found = ask();
    for field in godebug.split(|&c| c == b',') {
        let name = field.strip_prefix(b"cpu.");
        let Some(name) = name.and_then(|f| f.strip_suffix(b"=off")) else {
            continue;
        };
        if name == b"all" {
            found = 0;
        }
        if let Some((_, bits)) = NAMES.iter().find(|(n, _)| *n == name) {
            found &= !bits;
        }
    }
    FEATURES.store(found, Ordering::Relaxed);
    let adx = ADX | BMI2;
    rt_adx.store(u8::from(found & adx == adx), Ordering::Relaxed);
    rt_avx2.store(u8::from(found & AVX2 != 0), Ordering::Relaxed);
}

/// The bits above.
pub fn features() -> u32 {
    FEATURES.load(Ordering::Relaxed)
}

/// Whether `found` has all for [`super::crc32`] in 512-bit registers.
pub fn wide_sums(found: u32) -> bool {
    found & WIDE_SUMS == WIDE_SUMS
}

/// Whether `found` has all for AES, and the sums of GCM, in 512-bit registers.
pub fn wide_aes(found: u32) -> bool {
    found & WIDE_AES == WIDE_AES
}

/// What the processor says and the system supports.
pub fn ask() -> u32 {
    let bit = |word: u32, at: u32, feature| {
        if word >> at & 1 != 0 { feature } else { 0 }
    };
    let max = __cpuid_count(0, 0).eax;
    let one = __cpuid_count(1, 0).ecx;
    let (seven, seven_c) = match max {
        0..7 => (0, 0),
        _ => (__cpuid_count(7, 0).ebx, __cpuid_count(7, 0).ecx),
    };
    let mut found = bit(one, 25, AES)
        | bit(one, 1, PCLMULQDQ)
        | bit(seven, 29, SHA)
        | bit(seven, 8, BMI2)
        | bit(seven, 19, ADX);
    // OSXSAVE, and then whether the system keeps the upper halves.
    if one >> 27 & 1 != 0 && xcr0() & 6 == 6 {
        let avx = bit(one, 28, AVX);
        found |= avx;
        if avx != 0 {
            found |= bit(seven, 5, AVX2) | bit(one, 12, FMA);
        }
        // The masks, and the upper halves of the lower 16 registers and the upper 16.
        if avx != 0 && xcr0() & 0xe0 == 0xe0 && seven >> 16 & 1 != 0 {
            found |= AVX512F
                | bit(seven, 30, AVX512BW)
                | bit(seven, 17, AVX512DQ)
                | bit(seven, 31, AVX512VL)
                | bit(seven_c, 8, GFNI)
                | bit(seven_c, 9, VAES)
                | bit(seven_c, 10, VPCLMULQDQ)
                | bit(seven_c, 12, AVX512BITALG)
                | bit(seven_c, 1, AVX512VBMI);
        }
    }
    found
}

/// The register that says which state the system keeps. Only with OSXSAVE.
fn xcr0() -> u32 {
    let low: u32;
    // SAFETY: the caller has seen OSXSAVE.
    unsafe {
        core::arch::asm!("xgetbv", in("ecx") 0, out("eax") low, out("edx") _, options(nomem, nostack));
    }
    low
}

#[unsafe(no_mangle)]
extern "C" fn rt_cpufeatures() -> usize {
    features() as usize
}
