//! AES with the processor's instructions, for crypto/internal/fips140/aes and its GCM.
//!
//! Round keys are those of the package, as bytes: `rounds + 1` times 16; for decryption those of the equivalent
//! inverse cipher, in order of use.

use core::arch::x86_64::*;

/// Blocks that go through the rounds together, so that the instructions' latency does not count.
const LANES: usize = 8;

/// # Safety
/// 16 bytes at `p`.
#[inline(always)]
unsafe fn load(p: *const u8) -> __m128i {
    // SAFETY: by contract; at any alignment.
    unsafe { _mm_loadu_si128(p.cast()) }
}

/// # Safety
/// 16 bytes at `p`.
#[inline(always)]
unsafe fn store(p: *mut u8, v: __m128i) {
    // SAFETY: by contract; at any alignment.
    unsafe { _mm_storeu_si128(p.cast(), v) }
}

/// All rounds of `N` blocks.
///
/// # Safety
/// `rounds + 1` round keys at `keys`.
#[target_feature(enable = "aes")]
#[inline]
unsafe fn encrypt<const N: usize>(keys: *const u8, rounds: usize, b: [__m128i; N]) -> [__m128i; N] {
    // SAFETY: by contract.
    let key = |round: usize| unsafe { load(keys.add(16 * round)) };
    let mut b = b.map(|b| _mm_xor_si128(b, key(0)));
    for round in 1..rounds {
        let key = key(round);
        b = b.map(|b| _mm_aesenc_si128(b, key));
    }
    b.map(|b| _mm_aesenclast_si128(b, key(rounds)))
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
    let key = |round: usize| unsafe { load(keys.add(16 * round)) };
    // SAFETY: by contract.
    let mut b = _mm_xor_si128(unsafe { load(src) }, key(0));
    for round in 1..rounds {
        b = _mm_aesdec_si128(b, key(round));
    }
    // SAFETY: by contract.
    unsafe { store(dst, _mm_aesdeclast_si128(b, key(rounds))) }
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

/// A counter block: a big-endian number, of which all 128 bits count, or only the last 32 (GCM).
#[derive(Clone, Copy)]
struct Counter {
    value: u128,
    only32: bool,
}

impl Counter {
    /// This block and those after it.
    #[target_feature(enable = "ssse3")]
    #[inline]
    fn blocks<const N: usize>(self) -> [__m128i; N] {
        let order = _mm_set_epi64x(0x0001_0203_0405_0607, 0x0809_0a0b_0c0d_0e0f);
        let first = _mm_set_epi64x((self.value >> 64) as i64, self.value as i64);
        let carries = self.value as u64 > u64::MAX - N as u64;
        core::array::from_fn(|i| {
            let i = i as i64;
            let block = if self.only32 {
                _mm_add_epi32(first, _mm_set_epi64x(0, i))
            } else if carries {
                let v = self.plus(i as usize).value;
                _mm_set_epi64x((v >> 64) as i64, v as i64)
            } else {
                _mm_add_epi64(first, _mm_set_epi64x(0, i))
            };
            _mm_shuffle_epi8(block, order)
        })
    }

    #[inline(always)]
    fn plus(self, i: usize) -> Counter {
        let value = if self.only32 {
            let low = (self.value as u32).wrapping_add(i as u32);
            self.value >> 32 << 32 | u128::from(low)
        } else {
            self.value.wrapping_add(i as u128)
        };
        Counter { value, ..self }
    }
}

/// `N` blocks of counter mode.
///
/// # Safety
/// As [`encrypt`]; 16 N bytes at `dst` and `src`, which are equal or do not overlap.
#[target_feature(enable = "aes,ssse3")]
#[inline]
unsafe fn step<const N: usize>(
    keys: *const u8,
    rounds: usize,
    dst: *mut u8,
    src: *const u8,
    counter: Counter,
) {
    let blocks = counter.blocks::<N>();
    // SAFETY: by contract.
    unsafe {
        let blocks = encrypt::<N>(keys, rounds, blocks);
        let data: [_; N] =
            core::array::from_fn(|i| _mm_xor_si128(blocks[i], load(src.add(16 * i))));
        for (i, data) in data.into_iter().enumerate() {
            store(dst.add(16 * i), data);
        }
    }
}

/// Counter mode over `n` blocks.
///
/// # Safety
/// As [`step`], of `n` blocks.
#[target_feature(enable = "aes,ssse3")]
unsafe fn ctr(
    keys: *const u8,
    rounds: usize,
    dst: *mut u8,
    src: *const u8,
    n: usize,
    mut counter: Counter,
) -> Counter {
    let mut done = 0;
    while done < n {
        // SAFETY: by contract.
        unsafe {
            let (dst, src) = (dst.add(16 * done), src.add(16 * done));
            let now = if n - done >= LANES {
                step::<LANES>(keys, rounds, dst, src, counter);
                LANES
            } else {
                step::<1>(keys, rounds, dst, src, counter);
                1
            };
            counter = counter.plus(now);
            done += now;
        }
    }
    counter
}

/// Round keys of the key of `words` words at `key`, at any alignment.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_aesexpand(
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

/// What [`rt_aesctr`] works with, in one argument.
#[repr(C)]
struct Ctr {
    keys: *const u8,
    rounds: usize,
    /// Of the next block; high and low half.
    counter: [u64; 2],
    /// Only the last 32 bits count on.
    only32: u8,
}

/// Counter mode over `n` blocks; leaves the counter of the block after them.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_aesctr(c: &mut Ctr, dst: *mut u8, src: *const u8, n: usize) {
    let counter = Counter {
        value: u128::from(c.counter[0]) << 64 | u128::from(c.counter[1]),
        only32: c.only32 != 0,
    };
    // SAFETY: the package has asked for the feature and has checked the lengths.
    let next = unsafe { ctr(c.keys, c.rounds, dst, src, n, counter) };
    c.counter = [(next.value >> 64) as u64, next.value as u64];
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

    /// Many at a time as one by one, and the counter's carries.
    #[test]
    fn counters() {
        if features::ask() & features::AES == 0 {
            return;
        }
        // SAFETY: the feature is there; the buffers are as long as said.
        unsafe {
            let (enc, _) = keys(4);
            let keys = enc.as_ptr().cast();
            for only32 in [false, true] {
                for value in [0, u128::MAX - 5, 0xffff_fffa, u128::from(u64::MAX) - 3] {
                    let start = Counter { value, only32 };
                    let data = [3u8; 16 * 20];
                    let (mut all, mut one) = ([0u8; 16 * 20], [0u8; 16 * 20]);
                    let end = ctr(keys, 10, all.as_mut_ptr(), data.as_ptr(), 20, start);
                    let mut c = start;
                    for i in 0..20 {
                        let at = 16 * i;
                        c = ctr(keys, 10, one[at..].as_mut_ptr(), data[at..].as_ptr(), 1, c);
                    }
                    assert_eq!(all, one);
                    assert_eq!(end.value, c.value);
                    let want = if only32 {
                        value >> 32 << 32 | u128::from((value as u32).wrapping_add(20))
                    } else {
                        value.wrapping_add(20)
                    };
                    assert_eq!(end.value, want);
                }
            }
        }
    }
}
