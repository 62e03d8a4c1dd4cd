//! The block function of SHA-1 with the processor's instructions, for crypto/sha1.
//!
//! Words A B C D are in one register, the first in its highest place; E is in the highest place of another.

use core::arch::x86_64::*;

/// Four words more of the message schedule, after the sixteen given.
#[target_feature(enable = "sha,ssse3,sse4.1")]
#[inline]
fn schedule(w: [__m128i; 4]) -> __m128i {
    let sum = _mm_xor_si128(_mm_sha1msg1_epu32(w[0], w[1]), w[2]);
    _mm_sha1msg2_epu32(sum, w[3])
}

/// Twenty rounds, four at a time, with the function and the constant numbered `KIND`. `e` are the words that stood four
/// rounds before in front of A B C D: E comes from them.
#[target_feature(enable = "sha,ssse3,sse4.1")]
#[inline]
fn twenty<const KIND: i32>(abcd: &mut __m128i, e: &mut __m128i, w: &mut [__m128i; 4]) {
    for step in 0..5 {
        let first = KIND == 0 && step == 0;
        let sum = if first {
            _mm_add_epi32(*e, w[0])
        } else {
            _mm_sha1nexte_epu32(*e, w[0])
        };
        *e = *abcd;
        *abcd = _mm_sha1rnds4_epu32::<KIND>(*abcd, sum);
        *w = [w[1], w[2], w[3], schedule(*w)];
    }
}

/// Adds the blocks, 64 bytes each, to the state.
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn blocks(state: &mut [u32; 5], data: &[[u8; 64]]) {
    let swap = _mm_set_epi64x(0x0001_0203_0405_0607, 0x0809_0a0b_0c0d_0e0f);
    let [a, b, c, d, e] = state.map(u32::cast_signed);
    let mut abcd = _mm_set_epi32(a, b, c, d);
    let mut e = _mm_set_epi32(e, 0, 0, 0);
    for block in data {
        let before = (abcd, e);
        let mut w = [0, 16, 32, 48].map(|at| {
            // SAFETY: sixteen bytes of the 64, at any alignment.
            let bytes = unsafe { _mm_loadu_si128(block.as_ptr().add(at).cast()) };
            _mm_shuffle_epi8(bytes, swap)
        });
        twenty::<0>(&mut abcd, &mut e, &mut w);
        twenty::<1>(&mut abcd, &mut e, &mut w);
        twenty::<2>(&mut abcd, &mut e, &mut w);
        twenty::<3>(&mut abcd, &mut e, &mut w);
        e = _mm_sha1nexte_epu32(e, before.1);
        abcd = _mm_add_epi32(abcd, before.0);
    }
    *state = [
        _mm_extract_epi32(abcd, 3),
        _mm_extract_epi32(abcd, 2),
        _mm_extract_epi32(abcd, 1),
        _mm_extract_epi32(abcd, 0),
        _mm_extract_epi32(e, 3),
    ]
    .map(i32::cast_unsigned);
}

/// Adds `n` blocks at `p` to the state. The package has asked for the feature.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_sha1blocks(state: &mut [u32; 5], p: *const [u8; 64], n: usize) {
    // SAFETY: n blocks of a Go slice, n > 0; the feature is there.
    unsafe { blocks(state, core::slice::from_raw_parts(p, n)) }
}

#[cfg(all(test, not(loom), not(miri)))]
mod tests {
    use super::super::features;

    #[test]
    fn abc() {
        if features::ask() & features::SHA == 0 {
            return;
        }
        let mut state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
        let mut block = [0u8; 64];
        block[..4].copy_from_slice(b"abc\x80");
        block[63] = 24;
        // SAFETY: the feature is there.
        unsafe { super::blocks(&mut state, &[block]) };
        let want = [0xa9993e36, 0x4706816a, 0xba3e2571, 0x7850c26c, 0x9cd0d89d];
        assert_eq!(state, want);
    }
}
