//! CRC-32 with the processor's instructions, for package hash/crc32.
//!
//! IEEE: folding with carry-less multiplication, 64 bytes a step (Gopal et al., "Fast CRC Computation for Generic
//! Polynomials Using PCLMULQDQ Instruction", Intel 2009; constants for the bit-reflected polynomial 0xEDB88320), or 256
//! in 512-bit registers: at the end these leave one, which is the four that 64 bytes a step work on.
//! Castagnoli: the instruction that computes it, 8 bytes a step, in three places at once.
//!
//! Sums are passed inverted, as they are between the steps. Whoever calls has asked for the feature: PCLMULQDQ for IEEE; SSE 4.2 is the baseline.

use super::features;
use core::arch::x86_64::*;

/// `x^(4·128+32) mod P` and `x^(4·128-32) mod P`, reflected and shifted: four registers on.
const BY_64: (i64, i64) = (0x1_5444_2bd4, 0x1_c6e4_1596);
/// The same for sixteen registers.
const BY_256: (i64, i64) = (shifted(256 * 8 + 32), shifted(256 * 8 - 32));
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

/// The first 256 bytes and all steps of as many after them, as the four registers that [`ieee`] has after the first 64,
/// and what is left.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,vpclmulqdq")]
fn wide(crc: u32, data: &[u8]) -> ([__m128i; 4], &[u8]) {
    let keys = |(low, high): (i64, i64)| _mm512_broadcast_i32x4(_mm_set_epi64x(high, low));
    let word = |p: &[u8]| {
        debug_assert!(p.len() >= 64);
        // SAFETY: 64 bytes, at any alignment.
        unsafe { _mm512_loadu_si512(p.as_ptr().cast()) }
    };
    let fold = |a, b, keys| {
        let low = _mm512_clmulepi64_epi128(a, keys, 0x00);
        let high = _mm512_clmulepi64_epi128(a, keys, 0x11);
        _mm512_ternarylogic_epi64(low, high, b, 0x96)
    };
    let (first, rest) = data.split_at(256);
    let mut x = [0, 64, 128, 192].map(|at| word(&first[at..]));
    let crc = _mm512_zextsi128_si512(_mm_cvtsi32_si128(crc.cast_signed()));
    x[0] = _mm512_xor_si512(x[0], crc);
    let mut steps = rest.chunks_exact(256);
    let by_256 = keys(BY_256);
    for step in &mut steps {
        for (i, x) in x.iter_mut().enumerate() {
            *x = fold(*x, word(&step[64 * i..]), by_256);
        }
    }
    let by_64 = keys(BY_64);
    let sum = x[1..].iter().fold(x[0], |sum, &x| fold(sum, x, by_64));
    let mut out = [_mm_setzero_si128(); 4];
    // SAFETY: 64 bytes, at any alignment.
    unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), sum) };
    (out, steps.remainder())
}

/// The sum over `left` bytes more, 1 to 15; `last` is the last sixteen bytes of all.
///
/// As many bytes at the front of the sum are moved on by sixteen, and the others stand in front of what is left.
#[target_feature(enable = "pclmulqdq,sse4.1")]
fn tail(sum: __m128i, last: __m128i, left: usize, by_16: __m128i) -> __m128i {
    /// Orders for shuffling. From `left` on: the first `left` bytes at the end, zeros before them. From `16 + left` on:
    /// the other bytes at the front, and the highest bit for those that come from `last`.
    static PLACES: [u8; 48] = {
        let mut places = [0x80; 48];
        let mut i = 0;
        while i < 16 {
            places[16 + i] = i as u8;
            i += 1;
        }
        places
    };
    debug_assert!(left < 16);
    let places = |at: usize| {
        // SAFETY: at most 32, and sixteen from there on.
        unsafe { _mm_loadu_si128(PLACES.as_ptr().add(at).cast()) }
    };
    let before = _mm_shuffle_epi8(sum, places(left));
    let down = places(16 + left);
    let end = _mm_blendv_epi8(_mm_shuffle_epi8(sum, down), last, down);
    fold(before, end, by_16)
}

/// Of at least 16 bytes.
///
/// # Safety
/// The processor has 512-bit carry-less multiplication if `is_wide`.
#[target_feature(enable = "pclmulqdq,sse4.1")]
unsafe fn ieee(crc: u32, data: &[u8], is_wide: bool) -> u32 {
    let keys = |(low, high): (i64, i64)| _mm_set_epi64x(high, low);
    let by_16 = keys(BY_16);
    let start = |word| _mm_xor_si128(word, _mm_cvtsi32_si128(crc.cast_signed()));
    let (mut sum, rest) = if data.len() < 64 {
        (start(word(data)), &data[16..])
    } else {
        let (mut x, rest) = if is_wide && data.len() >= 256 {
            // SAFETY: by contract.
            unsafe { wide(crc, data) }
        } else {
            let (first, rest) = data.split_at(64);
            let [x, xs @ ..] = [0, 16, 32, 48].map(|at| word(&first[at..]));
            ([start(x), xs[0], xs[1], xs[2]], rest)
        };
        let mut steps = rest.chunks_exact(64);
        let by_64 = keys(BY_64);
        for step in &mut steps {
            for (i, x) in x.iter_mut().enumerate() {
                *x = fold(*x, word(&step[16 * i..]), by_64);
            }
        }
        let sum = x[1..].iter().fold(x[0], |sum, &x| fold(sum, x, by_16));
        (sum, steps.remainder())
    };
    let mut steps = rest.chunks_exact(16);
    for step in &mut steps {
        sum = fold(sum, word(step), by_16);
    }
    let left = steps.remainder().len();
    if left > 0 {
        sum = tail(sum, word(&data[data.len() - 16..]), left, by_16);
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

/// `x^n mod P` of a polynomial, both reflected.
const fn power_of(polynomial: u32, n: usize) -> i64 {
    let (mut v, mut i) = (1u32 << 31, 0);
    while i < n {
        v = v >> 1 ^ if v & 1 == 1 { polynomial } else { 0 };
        i += 1;
    }
    v as i64
}

/// `x^n mod P` of the IEEE polynomial, reflected and shifted.
const fn shifted(n: usize) -> i64 {
    power_of(0xedb8_8320, n) << 1
}

/// `x^n mod P` of Castagnoli's polynomial, reflected.
const fn power(n: usize) -> i64 {
    power_of(0x82f6_3b78, n)
}

/// The sum as it is `key` stands for further on. The product of reflected sums has one x too many, and the
/// instruction, which takes it back to 32 bits, multiplies by x^32: the key for n bits is x^(n-33).
#[target_feature(enable = "pclmulqdq,sse4.2")]
#[inline]
fn moved(sum: u64, key: i64) -> u64 {
    let (sum, key) = (_mm_set_epi64x(0, sum.cast_signed()), _mm_set_epi64x(0, key));
    let product = _mm_cvtsi128_si64(_mm_clmulepi64_si128(sum, key, 0x00));
    _mm_crc32_u64(0, product.cast_unsigned())
}

/// Over as much of the data as are three times `PART` bytes: three parts at once, as the instruction takes three
/// cycles, but can start anew in each. Gives what is left, too.
#[target_feature(enable = "pclmulqdq,sse4.2")]
fn three<const PART: usize>(mut sum: u64, data: &[u8]) -> (u64, &[u8]) {
    let (by_one, by_two) = const { (power(8 * PART - 33), power(16 * PART - 33)) };
    let mut steps = data.chunks_exact(3 * PART);
    for step in &mut steps {
        let (a, rest) = step.split_at(PART);
        let (b, c) = rest.split_at(PART);
        let words = |p: &'_ [u8]| unsafe {
            // SAFETY: a multiple of eight bytes.
            core::slice::from_raw_parts(p.as_ptr().cast::<[u8; 8]>(), PART / 8)
        };
        let (mut sum_b, mut sum_c) = (0, 0);
        for ((a, b), c) in words(a).iter().zip(words(b)).zip(words(c)) {
            sum = _mm_crc32_u64(sum, u64::from_le_bytes(*a));
            sum_b = _mm_crc32_u64(sum_b, u64::from_le_bytes(*b));
            sum_c = _mm_crc32_u64(sum_c, u64::from_le_bytes(*c));
        }
        sum = moved(sum, by_two) ^ moved(sum_b, by_one) ^ sum_c;
    }
    (sum, steps.remainder())
}

#[target_feature(enable = "sse4.2")]
fn castagnoli(crc: u32, data: &[u8], carryless: bool) -> u32 {
    let (mut sum, mut data) = (u64::from(crc), data);
    if carryless {
        // SAFETY: the feature is there.
        (sum, data) = unsafe { three::<1024>(sum, data) };
        // SAFETY: the same.
        (sum, data) = unsafe { three::<128>(sum, data) };
    }
    let (words, rest) = data.as_chunks::<8>();
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
    let is_wide = features::wide_sums(features::features());
    // SAFETY: a Go slice; the package has asked for the feature and passes at least 16 bytes.
    unsafe { ieee(crc, bytes(p, n), is_wide) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_crc32castagnoli(crc: u32, p: *const u8, n: usize) -> u32 {
    let carryless = features::features() & features::PCLMULQDQ != 0;
    // SAFETY: a Go slice; SSE 4.2 is the baseline.
    unsafe { castagnoli(crc, bytes(p, n), carryless) }
}

#[cfg(all(test, not(loom), not(miri)))]
mod tests {
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
        let data: [u8; 4000] = core::array::from_fn(|i| (i * i + 7 * i) as u8);
        let features = features::ask();
        for n in (0..1000).chain(3060..3090).chain(3900..data.len()) {
            let data = &data[data.len() - n..];
            for crc in [0, !0, 0x1234_5678] {
                if features & features::PCLMULQDQ != 0 && n >= 16 {
                    for is_wide in [false, features::wide_sums(features)] {
                        // SAFETY: the features are there.
                        let sum = unsafe { ieee(crc, data, is_wide) };
                        assert_eq!(sum, simple(0xedb8_8320, crc, data), "{n} bytes");
                    }
                }
                // SAFETY: SSE 4.2 is the baseline, the other is asked for.
                let sum = unsafe { castagnoli(crc, data, features & features::PCLMULQDQ != 0) };
                assert_eq!(sum, simple(0x82f6_3b78, crc, data), "{n} bytes");
            }
        }
    }
}
