//! AES with the processor's instructions, for crypto/internal/fips140/aes: the rounds, and the keys. The modes of operation are in
//! `aesctr.rs`, `aescbc.rs` and `gcm.rs`.
//!
//! Round keys are those of the package, as bytes: `rounds + 1` times 16; for decryption those of the equivalent
//! inverse cipher, in order of use.

use core::arch::x86_64::*;

/// # Safety
/// 16 bytes at `p`.
#[inline(always)]
pub unsafe fn load(p: *const u8) -> __m128i {
    // SAFETY: by contract; at any alignment.
    unsafe { _mm_loadu_si128(p.cast()) }
}

/// # Safety
/// 16 bytes at `p`.
#[inline(always)]
pub unsafe fn store(p: *mut u8, v: __m128i) {
    // SAFETY: by contract; at any alignment.
    unsafe { _mm_storeu_si128(p.cast(), v) }
}

/// All rounds of `N` blocks.
///
/// # Safety
/// `rounds + 1` round keys at `keys`.
#[target_feature(enable = "aes")]
#[inline]
pub unsafe fn encrypt<const N: usize>(
    keys: *const u8,
    rounds: usize,
    b: [__m128i; N],
) -> [__m128i; N] {
    // SAFETY: by contract.
    let key = |round: usize| unsafe { load(keys.add(16 * round)) };
    let mut b = b.map(|b| _mm_xor_si128(b, key(0)));
    for round in 1..rounds {
        let key = key(round);
        b = b.map(|b| _mm_aesenc_si128(b, key));
    }
    b.map(|b| _mm_aesenclast_si128(b, key(rounds)))
}

/// The same in registers of four blocks each.
///
/// # Safety
/// As [`encrypt`].
#[target_feature(enable = "avx512f,vaes")]
#[inline]
pub unsafe fn encrypt_wide<const N: usize>(
    keys: *const u8,
    rounds: usize,
    b: [__m512i; N],
) -> [__m512i; N] {
    // SAFETY: by contract.
    let key = |round: usize| _mm512_broadcast_i32x4(unsafe { load(keys.add(16 * round)) });
    let mut b = b.map(|b| _mm512_xor_si512(b, key(0)));
    for round in 1..rounds {
        let key = key(round);
        b = b.map(|b| _mm512_aesenc_epi128(b, key));
    }
    b.map(|b| _mm512_aesenclast_epi128(b, key(rounds)))
}

/// All rounds of `N` blocks, back.
///
/// # Safety
/// As [`encrypt`], with round keys for decryption.
#[target_feature(enable = "aes")]
#[inline]
pub unsafe fn decrypt<const N: usize>(
    keys: *const u8,
    rounds: usize,
    b: [__m128i; N],
) -> [__m128i; N] {
    // SAFETY: by contract.
    let key = |round: usize| unsafe { load(keys.add(16 * round)) };
    let mut b = b.map(|b| _mm_xor_si128(b, key(0)));
    for round in 1..rounds {
        let key = key(round);
        b = b.map(|b| _mm_aesdec_si128(b, key));
    }
    b.map(|b| _mm_aesdeclast_si128(b, key(rounds)))
}

/// The same in registers of four blocks each.
///
/// # Safety
/// As [`decrypt`].
#[target_feature(enable = "avx512f,vaes")]
#[inline]
pub unsafe fn decrypt_wide<const N: usize>(
    keys: *const u8,
    rounds: usize,
    b: [__m512i; N],
) -> [__m512i; N] {
    // SAFETY: by contract.
    let key = |round: usize| _mm512_broadcast_i32x4(unsafe { load(keys.add(16 * round)) });
    let mut b = b.map(|b| _mm512_xor_si512(b, key(0)));
    for round in 1..rounds {
        let key = key(round);
        b = b.map(|b| _mm512_aesdec_epi128(b, key));
    }
    b.map(|b| _mm512_aesdeclast_epi128(b, key(rounds)))
}

/// One block from `src` to `dst`.
///
/// # Safety
/// As [`encrypt`]; 16 bytes at both.
#[target_feature(enable = "aes")]
unsafe fn encrypt_one(keys: *const u8, rounds: usize, dst: *mut u8, src: *const u8) {
    // SAFETY: by contract.
    unsafe { store(dst, encrypt(keys, rounds, [load(src)])[0]) }
}

/// One block from `src` to `dst`.
///
/// # Safety
/// As [`encrypt_one`], with round keys for decryption.
#[target_feature(enable = "aes")]
unsafe fn decrypt_one(keys: *const u8, rounds: usize, dst: *mut u8, src: *const u8) {
    // SAFETY: by contract.
    unsafe { store(dst, decrypt(keys, rounds, [load(src)])[0]) }
}

/// The S-box on each byte of a word.
#[target_feature(enable = "aes")]
#[inline]
fn substituted(word: u32) -> u32 {
    let word = _mm_set_epi32(0, 0, word.cast_signed(), 0);
    _mm_cvtsi128_si32(_mm_aeskeygenassist_si128(word, 0)).cast_unsigned()
}

/// Round keys of a key of 4, 6 or 8 words, for both directions (FIPS 197, 5.2 and 5.3.5).
#[target_feature(enable = "aes")]
fn expand(key: &[u32], enc: &mut [u32; 60], dec: &mut [u32; 60]) {
    let nk = key.len();
    let rounds = nk + 6;
    enc[..nk].copy_from_slice(key);
    let mut rcon = 1u8;
    for i in nk..4 * (rounds + 1) {
        let mut word = enc[i - 1];
        if i % nk == 0 {
            word = substituted(word).rotate_right(8) ^ u32::from(rcon);
            rcon = rcon << 1 ^ if rcon >> 7 != 0 { 0x1b } else { 0 };
        } else if nk > 6 && i % nk == 4 {
            word = substituted(word);
        }
        enc[i] = enc[i - nk] ^ word;
    }
    for round in 0..=rounds {
        let (from, to) = (4 * (rounds - round), 4 * round);
        // SAFETY: four words of each.
        unsafe {
            let mut key = load(enc[from..from + 4].as_ptr().cast());
            if round != 0 && round != rounds {
                key = _mm_aesimc_si128(key);
            }
            store(dec[to..to + 4].as_mut_ptr().cast(), key);
        }
    }
}

/// Round keys of the key of `words` words at `key`, at any alignment.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_aesexpand(
    key: *const [u8; 4],
    words: usize,
    enc: &mut [u32; 60],
    dec: &mut [u32; 60],
) {
    let mut copy = [0; 8];
    for (i, to) in copy[..words].iter_mut().enumerate() {
        // SAFETY: as many words are there.
        *to = u32::from_le_bytes(unsafe { *key.add(i) });
    }
    // SAFETY: the package has asked for the feature.
    unsafe { expand(&copy[..words], enc, dec) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_aesencrypt(keys: *const u8, rounds: usize, dst: *mut u8, src: *const u8) {
    // SAFETY: the package has asked for the feature and has checked the lengths.
    unsafe { encrypt_one(keys, rounds, dst, src) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_aesdecrypt(keys: *const u8, rounds: usize, dst: *mut u8, src: *const u8) {
    // SAFETY: the package has asked for the feature and has checked the lengths.
    unsafe { decrypt_one(keys, rounds, dst, src) }
}

#[cfg(all(test, not(loom), not(miri)))]
mod tests {
    use super::super::features;
    use super::*;

    /// Round keys of the first bytes 0, 1, 2 and so on.
    #[target_feature(enable = "aes")]
    fn keys(words: usize) -> ([u32; 60], [u32; 60]) {
        let (mut enc, mut dec) = ([0; 60], [0; 60]);
        let key: [u8; 32] = core::array::from_fn(|i| i as u8);
        // SAFETY: 32 bytes.
        unsafe { rt_aesexpand(key.as_ptr().cast(), words, &mut enc, &mut dec) };
        (enc, dec)
    }

    /// FIPS 197, appendix C.
    #[test]
    fn appendix_c() {
        if features::ask() & features::AES == 0 {
            return;
        }
        let plain = 0x00112233_44556677_8899aabb_ccddeeff_u128;
        for (words, want) in [
            (4, 0x69c4e0d8_6a7b0430_d8cdb780_70b4c55a_u128),
            (6, 0xdda97ca4_864cdfe0_6eaf70a0_ec0d7191),
            (8, 0x8ea2b7ca_516745bf_eafc4990_4b496089),
        ] {
            // SAFETY: the feature is there; one block.
            unsafe {
                let (enc, dec) = keys(words);
                let mut block = plain.to_be_bytes();
                let p = block.as_mut_ptr();
                rt_aesencrypt(enc.as_ptr().cast(), words + 6, p, p);
                assert_eq!(u128::from_be_bytes(block), want);
                let p = block.as_mut_ptr();
                rt_aesdecrypt(dec.as_ptr().cast(), words + 6, p, p);
                assert_eq!(u128::from_be_bytes(block), plain);
            }
        }
    }
}
