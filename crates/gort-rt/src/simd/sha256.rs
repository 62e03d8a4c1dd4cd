//! The block function of SHA-256 with the processor's instructions, for crypto/internal/fips140/sha256.
//!
//! The state is held as the instructions want it, in two registers: words A B E F and C D G H.

use core::arch::x86_64::*;

#[repr(align(16))]
struct Words([u32; 64]);

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
static K: Words = Words([
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);

/// Four words of a slice, which has as many.
#[inline(always)]
fn four(p: &[u32]) -> __m128i {
    debug_assert!(p.len() >= 4);
    // SAFETY: sixteen bytes, at any alignment.
    unsafe { _mm_loadu_si128(p.as_ptr().cast()) }
}

/// Four more words of the message schedule, after the sixteen given.
#[target_feature(enable = "sha,ssse3,sse4.1")]
#[inline]
fn schedule(w: [__m128i; 4]) -> __m128i {
    let sum = _mm_add_epi32(
        _mm_sha256msg1_epu32(w[0], w[1]),
        _mm_alignr_epi8(w[3], w[2], 4),
    );
    _mm_sha256msg2_epu32(sum, w[3])
}

/// Adds the blocks, 64 bytes each, to the state.
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn blocks(state: &mut [u32; 8], data: &[[u8; 64]]) {
    let swap = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
    let cdab = _mm_shuffle_epi32(four(&state[..4]), 0xb1);
    let efgh = _mm_shuffle_epi32(four(&state[4..]), 0x1b);
    let mut abef = _mm_alignr_epi8(cdab, efgh, 8);
    let mut cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
    for block in data {
        let before = (abef, cdgh);
        let mut w = [0, 16, 32, 48].map(|at| {
            // SAFETY: sixteen bytes of the 64, at any alignment.
            let bytes = unsafe { _mm_loadu_si128(block.as_ptr().add(at).cast()) };
            _mm_shuffle_epi8(bytes, swap)
        });
        for step in 0..16 {
            let sum = _mm_add_epi32(w[0], four(&K.0[4 * step..]));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
            let next = if step < 12 { schedule(w) } else { w[0] };
            w = [w[1], w[2], w[3], next];
        }
        abef = _mm_add_epi32(abef, before.0);
        cdgh = _mm_add_epi32(cdgh, before.1);
    }
    let feba = _mm_shuffle_epi32(abef, 0x1b);
    let dchg = _mm_shuffle_epi32(cdgh, 0xb1);
    let to = state.as_mut_ptr().cast::<__m128i>();
    // SAFETY: eight words.
    unsafe {
        _mm_storeu_si128(to, _mm_blend_epi16(feba, dchg, 0xf0));
        _mm_storeu_si128(to.add(1), _mm_alignr_epi8(dchg, feba, 8));
    }
}

/// Adds `n` blocks at `p` to the state. The package has asked for the feature.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_sha256blocks(state: &mut [u32; 8], p: *const [u8; 64], n: usize) {
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
        let mut state = [
            0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab,
            0x5be0cd19,
        ];
        let mut block = [0u8; 64];
        block[..4].copy_from_slice(b"abc\x80");
        block[63] = 24;
        // SAFETY: the feature is there.
        unsafe { super::blocks(&mut state, &[block]) };
        let want = [
            0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223, 0xb00361a3, 0x96177a9c, 0xb410ff61,
            0xf20015ad,
        ];
        assert_eq!(state, want);
    }
}
