//! GHASH, the sum over GF(2^128) of GCM, with carry-less multiplication, for crypto/internal/fips140/aes/gcm.
//!
//! With the bytes of a block reversed, GHASH is POLYVAL with the key times x (RFC 8452, appendix A): there a
//! product needs no shift before it is reduced. Products of eight blocks with eight powers of the key, or of sixteen in 512-bit
//! registers, are added before they are reduced together; so are those of fewer at the end.

use super::aesctr::masks;
use core::arch::x86_64::*;

/// How many powers of the key there are.
const POWERS: usize = 16;

/// Powers of the key for POLYVAL, the highest first, the key last: `n` blocks meet the last `n`.
pub type Powers = [[u8; 16]; POWERS];

/// Blocks that are reduced together without 512-bit registers.
const LANES: usize = 8;

/// Parts of a product that is not reduced: low, middle, high.
type Product = [__m128i; 3];

#[target_feature(enable = "pclmulqdq,ssse3")]
#[inline]
fn multiply(a: __m128i, b: __m128i, to: Product) -> Product {
    let low = _mm_clmulepi64_si128(a, b, 0x00);
    let high = _mm_clmulepi64_si128(a, b, 0x11);
    let middle = _mm_xor_si128(
        _mm_clmulepi64_si128(a, b, 0x01),
        _mm_clmulepi64_si128(a, b, 0x10),
    );
    [
        _mm_xor_si128(to[0], low),
        _mm_xor_si128(to[1], middle),
        _mm_xor_si128(to[2], high),
    ]
}

/// The product divided by x^128, modulo x^128 + x^127 + x^126 + x^121 + 1: the low half is cleared by
/// multiples of the polynomial, 64 bits a time.
#[target_feature(enable = "pclmulqdq,ssse3")]
#[inline]
fn reduce([low, middle, high]: Product) -> __m128i {
    // x^63 + x^62 + x^57: the polynomial's inner terms for a word that is moved up by 64.
    let inner = _mm_set_epi64x(0, 0xc2 << 56);
    let low = _mm_xor_si128(low, _mm_slli_si128(middle, 8));
    let high = _mm_xor_si128(high, _mm_srli_si128(middle, 8));
    let fold = |v: __m128i| {
        let product = _mm_clmulepi64_si128(v, inner, 0x00);
        _mm_xor_si128(_mm_shuffle_epi32(v, 0x4e), product)
    };
    _mm_xor_si128(high, fold(fold(low)))
}

/// `a·b / x^128`
#[target_feature(enable = "pclmulqdq,ssse3")]
#[inline]
pub fn dot(a: __m128i, b: __m128i) -> __m128i {
    reduce(multiply(a, b, [_mm_setzero_si128(); 3]))
}

/// A block with its bytes reversed.
#[target_feature(enable = "ssse3")]
#[inline]
pub fn reversed(block: &[u8; 16]) -> __m128i {
    let order = _mm_set_epi64x(0x0001_0203_0405_0607, 0x0809_0a0b_0c0d_0e0f);
    // SAFETY: sixteen bytes, at any alignment.
    let bytes = unsafe { _mm_loadu_si128(block.as_ptr().cast()) };
    _mm_shuffle_epi8(bytes, order)
}

#[target_feature(enable = "pclmulqdq,ssse3")]
fn powers(key: &[u8; 16], out: &mut Powers) {
    let n = u128::from_be_bytes(*key);
    // Times x.
    let n = n << 1 ^ if n >> 127 != 0 { 0xc2 << 120 | 1 } else { 0 };
    let first = _mm_set_epi64x((n >> 64) as i64, n as i64);
    let mut power = first;
    for out in out.iter_mut().rev() {
        // SAFETY: sixteen bytes, at any alignment.
        unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), power) };
        power = dot(power, first);
    }
}

/// The key itself.
#[inline(always)]
pub fn key(powers: &Powers) -> __m128i {
    // SAFETY: sixteen bytes, at any alignment.
    unsafe { _mm_loadu_si128(powers[POWERS - 1].as_ptr().cast()) }
}

/// Goes on from `y` over the data, of which the last block is filled up with zeros.
#[target_feature(enable = "pclmulqdq,ssse3")]
pub fn ghash(powers: &Powers, mut y: __m128i, data: &[u8]) -> __m128i {
    for data in data.chunks(16 * LANES) {
        let powers = &powers[POWERS - data.len().div_ceil(16)..];
        let mut product = [_mm_setzero_si128(); 3];
        let mut add = |block: &[u8; 16], power: &[u8; 16]| {
            // The sum so far goes with the first one.
            let block = _mm_xor_si128(y, reversed(block));
            y = _mm_setzero_si128();
            // SAFETY: sixteen bytes, at any alignment.
            let power = unsafe { _mm_loadu_si128(power.as_ptr().cast()) };
            product = multiply(block, power, product);
        };
        let (blocks, rest) = data.as_chunks::<16>();
        for (block, power) in blocks.iter().zip(powers) {
            add(block, power);
        }
        if !rest.is_empty() {
            let mut block = [0u8; 16];
            block[..rest.len()].copy_from_slice(rest);
            add(&block, &powers[blocks.len()]);
        }
        y = reduce(product);
    }
    y
}

/// Goes on from `y` over `n` bytes in `N` registers, at least one; behind them are zeros.
#[target_feature(enable = "pclmulqdq,ssse3,avx512f,avx512bw,avx512vl,vpclmulqdq")]
#[inline]
pub fn add_wide<const N: usize>(
    powers: &Powers,
    y: __m128i,
    text: [__m512i; N],
    n: usize,
) -> __m128i {
    let order = _mm_set_epi64x(0x0001_0203_0405_0607, 0x0809_0a0b_0c0d_0e0f);
    let order = _mm512_broadcast_i32x4(order);
    let blocks = n.div_ceil(16);
    debug_assert!(0 < blocks && blocks <= 4 * N && 4 * N <= POWERS);
    let powers = powers[POWERS - blocks..].as_ptr().cast::<u8>();
    let masks = masks::<N>(16 * blocks);
    let mut product = [_mm512_setzero_si512(); 3];
    for (i, text) in text.into_iter().enumerate() {
        let mut block = _mm512_shuffle_epi8(text, order);
        if i == 0 {
            block = _mm512_xor_si512(block, _mm512_zextsi128_si512(y));
        }
        // SAFETY: what is behind the last power is not touched.
        let power = unsafe {
            let at = powers.wrapping_add(64 * i);
            _mm512_maskz_loadu_epi8(masks[i], at.cast())
        };
        let add = |to, a, b| _mm512_ternarylogic_epi64(to, a, b, 0x96);
        let zero = _mm512_setzero_si512();
        let [low, middle, high] = product;
        product = [
            add(low, _mm512_clmulepi64_epi128(block, power, 0x00), zero),
            add(
                middle,
                _mm512_clmulepi64_epi128(block, power, 0x01),
                _mm512_clmulepi64_epi128(block, power, 0x10),
            ),
            add(high, _mm512_clmulepi64_epi128(block, power, 0x11), zero),
        ];
    }
    reduce(product.map(|p| {
        let half = _mm256_xor_si256(_mm512_castsi512_si256(p), _mm512_extracti64x4_epi64(p, 1));
        _mm_xor_si128(
            _mm256_castsi256_si128(half),
            _mm256_extracti128_si256(half, 1),
        )
    }))
}

/// As [`ghash`], in 512-bit registers.
#[target_feature(enable = "pclmulqdq,ssse3,avx512f,avx512bw,avx512vl,vpclmulqdq")]
pub fn ghash_wide(powers: &Powers, mut y: __m128i, data: &[u8]) -> __m128i {
    for data in data.chunks(16 * POWERS) {
        let masks = masks::<{ POWERS / 4 }>(data.len());
        let text = core::array::from_fn(|i| {
            // SAFETY: what is behind the end is not touched.
            unsafe { _mm512_maskz_loadu_epi8(masks[i], data.as_ptr().wrapping_add(64 * i).cast()) }
        });
        y = add_wide::<{ POWERS / 4 }>(powers, y, text, data.len());
    }
    y
}

/// A sum as a block.
#[target_feature(enable = "ssse3")]
#[inline]
pub fn block(y: __m128i) -> [u8; 16] {
    let mut out = [0u8; 16];
    // SAFETY: sixteen bytes, at any alignment.
    unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), y) };
    out.reverse();
    out
}

/// Powers of a key for [`rt_ghash`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_ghashinit(out: &mut Powers, key: &[u8; 16]) {
    // SAFETY: the package has asked for the feature.
    unsafe { powers(key, out) }
}

/// Goes on from `sum` over `n` bytes at `p`, of which the last block is filled up with zeros.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_ghash(powers: &Powers, sum: &mut [u8; 16], p: *const u8, n: usize) {
    if n > 0 {
        // SAFETY: a Go slice; the package has asked for the feature.
        unsafe {
            let data = core::slice::from_raw_parts(p, n);
            *sum = block(ghash(powers, reversed(sum), data));
        }
    }
}

#[cfg(all(test, not(loom), not(miri)))]
mod tests {
    use super::super::features;
    use super::*;

    /// Bit by bit (NIST SP 800-38D, 6.3).
    fn simple(key: [u8; 16], data: &[u8]) -> [u8; 16] {
        let key = u128::from_be_bytes(key);
        let mut y = 0u128;
        for chunk in data.chunks(16) {
            let mut block = [0u8; 16];
            block[..chunk.len()].copy_from_slice(chunk);
            let x = y ^ u128::from_be_bytes(block);
            let (mut z, mut v) = (0, key);
            for bit in (0..128).rev() {
                if x >> bit & 1 == 1 {
                    z ^= v;
                }
                v = v >> 1 ^ if v & 1 == 1 { 0xe1 << 120 } else { 0 };
            }
            y = z;
        }
        y.to_be_bytes()
    }

    #[test]
    fn like_bit_by_bit() {
        let features = features::ask();
        if features & features::PCLMULQDQ == 0 {
            return;
        }
        let data: [u8; 700] = core::array::from_fn(|i| (i * i + 31 * i) as u8);
        for key in [
            [0x80; 16],
            [0xff; 16],
            core::array::from_fn(|i| 17 * i as u8),
        ] {
            let mut table = [[0; 16]; POWERS];
            // SAFETY: the feature is there.
            unsafe { powers(&key, &mut table) };
            for n in 0..data.len() {
                let mut sum = [0; 16];
                // SAFETY: the feature is there; n bytes.
                unsafe { rt_ghash(&table, &mut sum, data.as_ptr(), n) };
                let want = simple(key, &data[..n]);
                assert_eq!(sum, want, "{n} bytes");
                if features::wide_aes(features) {
                    // SAFETY: the features are there.
                    let sum = unsafe {
                        let zero = reversed(&[0; 16]);
                        block(ghash_wide(&table, zero, &data[..n]))
                    };
                    assert_eq!(sum, want, "{n} bytes");
                }
            }
        }
    }
}
