//! Cipher block chaining of AES, for crypto/internal/fips140/aes. Encryption waits for each block; decryption takes eight
//! blocks at a time, or 16 in 512-bit registers.

use super::{aes, features};
use core::arch::x86_64::*;

/// # Safety
/// As [`aes::encrypt`]; `n` blocks at `dst` and `src`, which are equal or do not overlap.
#[target_feature(enable = "aes")]
unsafe fn encrypt(
    keys: *const u8,
    rounds: usize,
    mut chain: __m128i,
    dst: *mut u8,
    src: *const u8,
    n: usize,
) -> __m128i {
    for at in (0..n).map(|i| 16 * i) {
        // SAFETY: by contract.
        unsafe {
            let block = _mm_xor_si128(chain, aes::load(src.add(at)));
            [chain] = aes::encrypt(keys, rounds, [block]);
            aes::store(dst.add(at), chain);
        }
    }
    chain
}

/// `N` blocks.
///
/// # Safety
/// As [`encrypt`], with round keys for decryption.
#[target_feature(enable = "aes")]
#[inline]
unsafe fn step<const N: usize>(
    keys: *const u8,
    rounds: usize,
    chain: __m128i,
    dst: *mut u8,
    src: *const u8,
) -> __m128i {
    // SAFETY: by contract. All is loaded before anything is stored.
    unsafe {
        let text: [_; N] = core::array::from_fn(|i| aes::load(src.add(16 * i)));
        let plain = aes::decrypt(keys, rounds, text);
        for (i, plain) in plain.into_iter().enumerate() {
            let before = if i == 0 { chain } else { text[i - 1] };
            aes::store(dst.add(16 * i), _mm_xor_si128(plain, before));
        }
        text[N - 1]
    }
}

/// `N` times four blocks.
///
/// # Safety
/// As [`step`].
#[target_feature(enable = "avx512f,avx512vl,vaes")]
#[inline]
unsafe fn step_wide<const N: usize>(
    keys: *const u8,
    rounds: usize,
    chain: __m128i,
    dst: *mut u8,
    src: *const u8,
) -> __m128i {
    // SAFETY: by contract. All is loaded before anything is stored.
    unsafe {
        let text: [_; N] = core::array::from_fn(|i| _mm512_loadu_si512(src.add(64 * i).cast()));
        let plain = aes::decrypt_wide(keys, rounds, text);
        // The chain's value is the last of four, from where the next instruction takes it.
        let mut before = _mm512_broadcast_i32x4(chain);
        for (i, plain) in plain.into_iter().enumerate() {
            let chain = _mm512_alignr_epi64(text[i], before, 6);
            before = text[i];
            _mm512_storeu_si512(dst.add(64 * i).cast(), _mm512_xor_si512(plain, chain));
        }
        _mm512_extracti32x4_epi32(before, 3)
    }
}

/// As many steps of `N` times four blocks as there are; gives how many blocks these were.
///
/// # Safety
/// As [`step`], with `n` blocks.
#[target_feature(enable = "avx512f,avx512vl,vaes")]
unsafe fn wide(
    keys: *const u8,
    rounds: usize,
    chain: &mut __m128i,
    dst: *mut u8,
    src: *const u8,
    n: usize,
) -> usize {
    let mut at = 0;
    // SAFETY: by contract.
    unsafe {
        while n - at >= 16 {
            let (dst, src) = (dst.add(16 * at), src.add(16 * at));
            *chain = step_wide::<4>(keys, rounds, *chain, dst, src);
            at += 16;
        }
        while n - at >= 4 {
            let (dst, src) = (dst.add(16 * at), src.add(16 * at));
            *chain = step_wide::<1>(keys, rounds, *chain, dst, src);
            at += 4;
        }
    }
    at
}

/// # Safety
/// As [`step`], with `n` blocks; the processor has AES in 512-bit registers if `is_wide`.
#[target_feature(enable = "aes")]
unsafe fn decrypt(
    keys: *const u8,
    rounds: usize,
    mut chain: __m128i,
    dst: *mut u8,
    src: *const u8,
    n: usize,
    is_wide: bool,
) -> __m128i {
    let mut at = 0;
    // SAFETY: by contract.
    unsafe {
        if is_wide {
            at = wide(keys, rounds, &mut chain, dst, src, n);
        }
        while n - at >= 8 {
            let (dst, src) = (dst.add(16 * at), src.add(16 * at));
            chain = step::<8>(keys, rounds, chain, dst, src);
            at += 8;
        }
        if n - at >= 4 {
            let (dst, src) = (dst.add(16 * at), src.add(16 * at));
            chain = step::<4>(keys, rounds, chain, dst, src);
            at += 4;
        }
        while at < n {
            let (dst, src) = (dst.add(16 * at), src.add(16 * at));
            chain = step::<1>(keys, rounds, chain, dst, src);
            at += 1;
        }
    }
    chain
}

/// `n` blocks from `src` to `dst`; leaves in `iv` what the next ones need.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_aescbcencrypt(
    keys: *const u8,
    rounds: usize,
    iv: *mut u8,
    dst: *mut u8,
    src: *const u8,
    n: usize,
) {
    // SAFETY: the package has asked for the feature and has checked the lengths.
    unsafe { aes::store(iv, encrypt(keys, rounds, aes::load(iv), dst, src, n)) }
}

/// The same back.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_aescbcdecrypt(
    keys: *const u8,
    rounds: usize,
    iv: *mut u8,
    dst: *mut u8,
    src: *const u8,
    n: usize,
) {
    let is_wide = features::wide_aes(features::features());
    // SAFETY: the package has asked for the feature and has checked the lengths.
    unsafe {
        let chain = aes::load(iv);
        aes::store(iv, decrypt(keys, rounds, chain, dst, src, n, is_wide));
    }
}

#[cfg(all(test, not(loom), not(miri)))]
mod tests {
    use super::*;

    /// There and back, in place and not, at all lengths; block by block as all at once.
    #[test]
    fn there_and_back() {
        const SIZE: usize = 16 * 50;
        let features = features::ask();
        if features & features::AES == 0 {
            return;
        }
        let key: [u32; 8] = core::array::from_fn(|i| 0x0123_4567 * i as u32);
        let (mut enc, mut dec) = ([0; 60], [0; 60]);
        let plain: [u8; SIZE] = core::array::from_fn(|i| (i * i / 4) as u8);
        // SAFETY: the features are there; the buffers are as long as said.
        unsafe {
            aes::rt_aesexpand(key.as_ptr().cast(), 8, &mut enc, &mut dec);
            let (enc, dec): (*const u8, *const u8) = (enc.as_ptr().cast(), dec.as_ptr().cast());
            let iv = aes::load(plain[5..].as_ptr());
            let (mut text, mut one) = (plain, plain);
            encrypt(enc, 14, iv, text.as_mut_ptr(), plain.as_ptr(), 50);
            let mut chain = iv;
            for block in one.chunks_exact_mut(16) {
                chain = encrypt(enc, 14, chain, block.as_mut_ptr(), block.as_ptr(), 1);
            }
            assert_eq!(text, one);
            for n in 0..=50 {
                for is_wide in [false, features::wide_aes(features)] {
                    let mut out = [0x55; SIZE];
                    let end = decrypt(dec, 14, iv, out.as_mut_ptr(), text.as_ptr(), n, is_wide);
                    assert_eq!(out[..16 * n], plain[..16 * n], "{n} blocks");
                    assert!(out[16 * n..].iter().all(|&b| b == 0x55), "{n} blocks");
                    let (mut next, mut place) = ([0; 16], text);
                    aes::store(next.as_mut_ptr(), end);
                    if n > 0 {
                        assert_eq!(next, text[16 * n - 16..][..16], "{n} blocks");
                    }
                    let p = place.as_mut_ptr();
                    decrypt(dec, 14, iv, p, p, n, is_wide);
                    assert_eq!(place[..16 * n], plain[..16 * n], "{n} blocks");
                }
            }
        }
    }
}
