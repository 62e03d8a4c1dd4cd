//! GHASH, the sum over GF(2^128) of GCM, with carry-less multiplication, for crypto/internal/fips140/aes/gcm.
//!
//! With the bytes of a block reversed, GHASH is POLYVAL with the key times x (RFC 8452, appendix A): there a
//! product needs no shift before it is reduced. Products of eight blocks with eight powers of the key are added
//! before they are reduced together.

use core::arch::x86_64::*;

/// Powers of the key: the first, the second and so on, each for POLYVAL.
const POWERS: usize = 8;

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
fn dot(a: __m128i, b: __m128i) -> __m128i {
    reduce(multiply(a, b, [_mm_setzero_si128(); 3]))
}

/// A block with its bytes reversed.
#[target_feature(enable = "ssse3")]
#[inline]
fn reversed(block: &[u8; 16]) -> __m128i {
    let order = _mm_set_epi64x(0x0001_0203_0405_0607, 0x0809_0a0b_0c0d_0e0f);
    // SAFETY: sixteen bytes, at any alignment.
    let bytes = unsafe { _mm_loadu_si128(block.as_ptr().cast()) };
    _mm_shuffle_epi8(bytes, order)
}

#[target_feature(enable = "pclmulqdq,ssse3")]
fn powers(key: &[u8; 16], out: &mut [[u8; 16]; POWERS]) {
    let n = u128::from_be_bytes(*key);
    // Times x.
    let n = n << 1 ^ if n >> 127 != 0 { 0xc2 << 120 | 1 } else { 0 };
    let first = _mm_set_epi64x((n >> 64) as i64, n as i64);
    let mut power = first;
    for out in out {
        // SAFETY: sixteen bytes, at any alignment.
        unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), power) };
        power = dot(power, first);
    }
}

#[target_feature(enable = "pclmulqdq,ssse3")]
fn ghash(powers: &[[u8; 16]; POWERS], sum: &mut [u8; 16], data: &[u8]) {
    let power = |i: usize| {
        // SAFETY: sixteen bytes, at any alignment.
        unsafe { _mm_loadu_si128(powers[i].as_ptr().cast()) }
    };
    let mut y = reversed(sum);
    let (blocks, rest) = data.as_chunks::<16>();
    let mut eights = blocks.chunks_exact(POWERS);
    for eight in &mut eights {
        let mut product = [_mm_setzero_si128(); 3];
        for (i, block) in eight.iter().enumerate() {
            // The sum so far goes with the first one.
            let block = _mm_xor_si128(y, reversed(block));
            y = _mm_setzero_si128();
            product = multiply(block, power(POWERS - 1 - i), product);
        }
        y = reduce(product);
    }
    let first = power(0);
    for block in eights.remainder() {
        y = dot(_mm_xor_si128(y, reversed(block)), first);
    }
    if !rest.is_empty() {
        let mut block = [0u8; 16];
        block[..rest.len()].copy_from_slice(rest);
        y = dot(_mm_xor_si128(y, reversed(&block)), first);
    }
    let mut out = [0u8; 16];
    // SAFETY: sixteen bytes, at any alignment.
    unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), y) };
    out.reverse();
    *sum = out;
}

/// Powers of a key for [`rt_ghash`].
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_ghashinit(out: &mut [[u8; 16]; POWERS], key: &[u8; 16]) {
    // SAFETY: the package has asked for the feature.
    unsafe { powers(key, out) }
}

/// Goes on from `sum` over `n` bytes at `p`, of which the last block is filled up with zeros.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_ghash(
    powers: &[[u8; 16]; POWERS],
    sum: &mut [u8; 16],
    p: *const u8,
    n: usize,
) {
    if n > 0 {
        // SAFETY: a Go slice; the package has asked for the feature.
        unsafe { ghash(powers, sum, core::slice::from_raw_parts(p, n)) }
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
        if features::ask() & features::PCLMULQDQ == 0 {
            return;
        }
        let data: [u8; 500] = core::array::from_fn(|i| (i * i + 31 * i) as u8);
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
                assert_eq!(sum, simple(key, &data[..n]), "{n} bytes");
            }
        }
    }
}
