//! CRC-32 with the processor's instructions, for package hash/crc32.
//!
//! IEEE: folding with carry-less multiplication, 64 bytes a step (Gopal et al., "Fast CRC Computation for Generic
//! Polynomials Using PCLMULQDQ Instruction", Intel 2009; constants for the bit-reflected polynomial 0xEDB88320).
//! Castagnoli: the instruction that computes it, 8 bytes a step.
//!
//! Sums are passed inverted, as they are between the steps. Whoever calls has asked for the feature: PCLMULQDQ for IEEE; SSE 4.2 is the baseline.

use core::arch::x86_64::*;

/// `x^(4·128+32) mod P` and `x^(4·128-32) mod P`, reflected and shifted: four registers on.
const BY_64: (i64, i64) = (0x1_5444_2bd4, 0x1_c6e4_1596);
/// The same for one register.
const BY_16: (i64, i64) = (0x1_7519_97d0, 0x0_ccaa_009e);
/// `x^64 mod P`
const BY_4: i64 = 0x1_63cd_6124;
/// P and the quotient of `x^64` by it, for the reduction to 32 bits.
const BARRETT: (i64, i64) = (0x1_db71_0641, 0x1_f701_1641);

/// Sixteen bytes of a slice, which has as many.
#[inline(always)]
fn word(p: &[u8]) -> __m128i {
    debug_assert!(p.len() >= 16);
    // SAFETY: sixteen bytes, at any alignment.
    unsafe { _mm_loadu_si128(p.as_ptr().cast()) }
}

/// `a`, moved on by what `keys` stand for, added to `b`.
#[target_feature(enable = "pclmulqdq,sse4.1")]
#[inline]
fn fold(a: __m128i, b: __m128i, keys: __m128i) -> __m128i {
    let low = _mm_clmulepi64_si128(a, keys, 0x00);
    let high = _mm_clmulepi64_si128(a, keys, 0x11);
    _mm_xor_si128(b, _mm_xor_si128(low, high))
}

/// Of at least 64 bytes, a multiple of 16.
#[target_feature(enable = "pclmulqdq,sse4.1")]
fn ieee(crc: u32, data: &[u8]) -> u32 {
    let keys = |(low, high): (i64, i64)| _mm_set_epi64x(high, low);
    let (first, rest) = data.split_at(64);
    let mut x = [0, 16, 32, 48].map(|at| word(&first[at..]));
    x[0] = _mm_xor_si128(x[0], _mm_cvtsi32_si128(crc.cast_signed()));
    let mut steps = rest.chunks_exact(64);
    let by_64 = keys(BY_64);
    for step in &mut steps {
        for (i, x) in x.iter_mut().enumerate() {
            *x = fold(*x, word(&step[16 * i..]), by_64);
        }
    }
    let by_16 = keys(BY_16);
    let mut sum = x[0];
    for &x in &x[1..] {
        sum = fold(sum, x, by_16);
    }
    for step in steps.remainder().chunks_exact(16) {
        sum = fold(sum, word(step), by_16);
    }
    // From 128 bits to 64, and to 32.
    let low = _mm_set_epi32(0, 0, 0, !0);
    let folded = _mm_clmulepi64_si128(sum, by_16, 0x10);
    sum = _mm_xor_si128(folded, _mm_srli_si128(sum, 8));
    let folded = _mm_clmulepi64_si128(_mm_and_si128(sum, low), _mm_set_epi64x(0, BY_4), 0x00);
    sum = _mm_xor_si128(folded, _mm_srli_si128(sum, 4));
    let barrett = keys(BARRETT);
    let quotient = _mm_clmulepi64_si128(_mm_and_si128(sum, low), barrett, 0x10);
    let product = _mm_clmulepi64_si128(_mm_and_si128(quotient, low), barrett, 0x00);
    _mm_extract_epi32(_mm_xor_si128(product, sum), 1).cast_unsigned()
}

#[target_feature(enable = "sse4.2")]
fn castagnoli(crc: u32, data: &[u8]) -> u32 {
    let (words, rest) = data.as_chunks::<8>();
    let mut sum = u64::from(crc);
    for word in words {
        sum = _mm_crc32_u64(sum, u64::from_le_bytes(*word));
    }
    let mut sum = sum as u32;
    for &byte in rest {
        sum = _mm_crc32_u8(sum, byte);
    }
    sum
}

/// # Safety
/// `n` bytes at `p`, or `n` is 0.
unsafe fn bytes<'a>(p: *const u8, n: usize) -> &'a [u8] {
    if n == 0 {
        return &[];
    }
    // SAFETY: by contract.
    unsafe { core::slice::from_raw_parts(p, n) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_crc32ieee(crc: u32, p: *const u8, n: usize) -> u32 {
    // SAFETY: a Go slice; the package has asked for the feature and passes at least 64 bytes.
    unsafe { ieee(crc, bytes(p, n)) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_crc32castagnoli(crc: u32, p: *const u8, n: usize) -> u32 {
    // SAFETY: a Go slice; the package has asked for the feature.
    unsafe { castagnoli(crc, bytes(p, n)) }
}

#[cfg(all(test, not(loom), not(miri)))]
mod tests {
    use super::super::features;
    use super::*;

    /// Bit by bit.
    fn simple(poly: u32, crc: u32, data: &[u8]) -> u32 {
        data.iter().fold(crc, |crc, &b| {
            (0..8).fold(crc ^ u32::from(b), |c, _| {
                (c >> 1) ^ if c & 1 == 1 { poly } else { 0 }
            })
        })
    }

    #[test]
    fn like_bit_by_bit() {
        let data: [u8; 400] = core::array::from_fn(|i| (i * i + 7 * i) as u8);
        let features = features::ask();
        for n in 0..data.len() {
            let data = &data[data.len() - n..];
            for crc in [0, !0, 0x1234_5678] {
                if features & features::PCLMULQDQ != 0 && n >= 64 && n % 16 == 0 {
                    // SAFETY: the feature is there.
                    let sum = unsafe { ieee(crc, data) };
                    assert_eq!(sum, simple(0xedb8_8320, crc, data), "{n} bytes");
                }
                let sum = castagnoli(crc, data);
                assert_eq!(sum, simple(0x82f6_3b78, crc, data), "{n} bytes");
            }
        }
    }
}
