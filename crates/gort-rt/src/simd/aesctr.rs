//! Counter mode of AES, for crypto/internal/fips140/aes and for its GCM (`gcm.rs`), which counts differently.
//!
//! Blocks go through the rounds many at a time, so that the instructions' latency does not count: eight, or 32 in
//! 512-bit registers. These also take the end, whatever its length, as loads and stores there can leave bytes out.

use super::{aes, features};
use core::arch::x86_64::*;

/// Blocks a step in 128-bit registers.
pub const LANES: usize = 8;

/// A counter block: a big-endian number, of which all 128 bits count, or only the last 32 (GCM).
#[derive(Clone, Copy)]
pub struct Counter {
    value: u128,
    only32: bool,
}

impl Counter {
    /// One of GCM.
    pub fn gcm(block: [u8; 16]) -> Counter {
        Counter {
            value: u128::from_be_bytes(block),
            only32: true,
        }
    }

    /// Whether the lower half of the number overflows within `n` blocks.
    #[inline(always)]
    fn carries(self, n: usize) -> bool {
        !self.only32 && self.value as u64 > u64::MAX - n as u64
    }

    /// This block and those after it.
    #[target_feature(enable = "ssse3")]
    #[inline]
    pub fn blocks<const N: usize>(self) -> [__m128i; N] {
        let order = _mm_set_epi64x(0x0001_0203_0405_0607, 0x0809_0a0b_0c0d_0e0f);
        let first = self.number();
        let carries = self.carries(N);
        core::array::from_fn(|i| {
            let block = if self.only32 {
                _mm_add_epi32(first, _mm_set_epi64x(0, i as i64))
            } else if carries {
                self.plus(i).number()
            } else {
                _mm_add_epi64(first, _mm_set_epi64x(0, i as i64))
            };
            _mm_shuffle_epi8(block, order)
        })
    }

    /// The same in registers of four blocks each.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    #[inline]
    pub fn blocks_wide<const N: usize>(self) -> [__m512i; N] {
        let order = _mm_set_epi64x(0x0001_0203_0405_0607, 0x0809_0a0b_0c0d_0e0f);
        let order = _mm512_broadcast_i32x4(order);
        let first = _mm512_broadcast_i32x4(self.number());
        let carries = self.carries(4 * N);
        core::array::from_fn(|i| {
            let at = 4 * i as i64;
            let ahead = _mm512_set_epi64(0, at + 3, 0, at + 2, 0, at + 1, 0, at);
            let blocks = if self.only32 {
                _mm512_add_epi32(first, ahead)
            } else if carries {
                let [a, b, c, d] = core::array::from_fn(|lane| self.plus(4 * i + lane).number());
                let low = _mm512_inserti64x4(_mm512_castsi128_si512(a), _mm256_set_m128i(d, c), 1);
                _mm512_inserti32x4(low, b, 1)
            } else {
                _mm512_add_epi64(first, ahead)
            };
            _mm512_shuffle_epi8(blocks, order)
        })
    }

    #[inline(always)]
    fn number(self) -> __m128i {
        // SAFETY: the baseline.
        unsafe { _mm_set_epi64x((self.value >> 64) as i64, self.value as i64) }
    }

    /// `i` blocks on.
    #[inline(always)]
    pub fn plus(self, i: usize) -> Counter {
        let value = if self.only32 {
            let low = (self.value as u32).wrapping_add(i as u32);
            self.value >> 32 << 32 | u128::from(low)
        } else {
            self.value.wrapping_add(i as u128)
        };
        Counter { value, ..self }
    }
}

/// Masks of the bytes in `N` registers, of which `n` are there.
#[inline(always)]
pub fn masks<const N: usize>(n: usize) -> [u64; N] {
    core::array::from_fn(|i| match n.saturating_sub(64 * i) {
        64.. => !0,
        n => (1 << n) - 1,
    })
}

/// At most `N` registers of counter mode, over `n` bytes. What it gives are the registers in front of the xor, the text,
/// and behind it, with zeros behind the end.
///
/// # Safety
/// As [`aes::encrypt`]; `n` bytes at `dst` and `src`, which are equal or do not overlap.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,vaes")]
#[inline]
pub unsafe fn step_wide<const N: usize>(
    (keys, rounds): (*const u8, usize),
    dst: *mut u8,
    src: *const u8,
    n: usize,
    counter: Counter,
) -> [[__m512i; 2]; N] {
    let masks = masks::<N>(n);
    // SAFETY: by contract; what is behind the end is not touched.
    unsafe {
        let blocks = aes::encrypt_wide::<N>(keys, rounds, counter.blocks_wide());
        let text: [[_; 2]; N] = core::array::from_fn(|i| {
            let src = src.wrapping_add(64 * i).cast();
            let before = _mm512_maskz_loadu_epi8(masks[i], src);
            let after = _mm512_xor_si512(blocks[i], before);
            [before, _mm512_maskz_mov_epi8(masks[i], after)]
        });
        for (i, [_, after]) in text.into_iter().enumerate() {
            _mm512_mask_storeu_epi8(dst.wrapping_add(64 * i).cast(), masks[i], after);
        }
        text
    }
}

/// Counter mode over `n` bytes.
///
/// # Safety
/// As [`step_wide`].
#[target_feature(enable = "avx512f,avx512bw,avx512vl,vaes")]
unsafe fn wide(
    keys: (*const u8, usize),
    mut dst: *mut u8,
    mut src: *const u8,
    mut n: usize,
    mut counter: Counter,
) {
    macro_rules! step {
        ($registers:literal, $n:expr) => {{
            let now = $n;
            // SAFETY: by contract.
            unsafe {
                step_wide::<$registers>(keys, dst, src, now, counter);
                (dst, src) = (dst.add(now), src.add(now));
            }
            counter = counter.plus(4 * $registers);
            n -= now;
        }};
    }
    while n >= 512 {
        step!(8, 512);
    }
    if n > 256 {
        step!(4, 256);
    }
    if n > 128 {
        step!(2, 128);
    }
    if n > 64 {
        step!(2, n);
    } else if n > 0 {
        step!(1, n);
    }
    let _ = (dst, src, n, counter);
}

/// `N` blocks of counter mode.
///
/// # Safety
/// As [`aes::encrypt`]; 16 N bytes at `dst` and `src`, which are equal or do not overlap.
#[target_feature(enable = "aes,ssse3")]
#[inline]
pub unsafe fn step<const N: usize>(
    (keys, rounds): (*const u8, usize),
    dst: *mut u8,
    src: *const u8,
    counter: Counter,
) {
    let blocks = counter.blocks::<N>();
    // SAFETY: by contract.
    unsafe {
        let blocks = aes::encrypt::<N>(keys, rounds, blocks);
        let data: [_; N] =
            core::array::from_fn(|i| _mm_xor_si128(blocks[i], aes::load(src.add(16 * i))));
        for (i, data) in data.into_iter().enumerate() {
            aes::store(dst.add(16 * i), data);
        }
    }
}

/// Counter mode over `n` bytes.
///
/// # Safety
/// As [`step`].
#[target_feature(enable = "aes,ssse3")]
pub unsafe fn narrow(
    keys: (*const u8, usize),
    mut dst: *mut u8,
    mut src: *const u8,
    mut n: usize,
    mut counter: Counter,
) {
    macro_rules! step {
        ($blocks:expr) => {
            // SAFETY: by contract.
            unsafe {
                step::<{ $blocks }>(keys, dst, src, counter);
                (dst, src) = (dst.add(16 * $blocks), src.add(16 * $blocks));
                counter = counter.plus($blocks);
                n -= 16 * $blocks;
            }
        };
    }
    while n >= 16 * LANES {
        step!(LANES);
    }
    if n >= 64 {
        step!(4);
    }
    while n >= 16 {
        step!(1);
    }
    if n > 0 {
        let mut last = [0u8; 16];
        // SAFETY: n bytes of each.
        unsafe {
            last.as_mut_ptr().copy_from_nonoverlapping(src, n);
            step::<1>(keys, last.as_mut_ptr(), last.as_ptr(), counter);
            dst.copy_from_nonoverlapping(last.as_ptr(), n);
        }
    }
}

/// Counter mode over `n` bytes; leaves the counter of the block after them.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_aesctr(c: &mut Ctr, dst: *mut u8, src: *const u8, n: usize) {
    let counter = Counter {
        value: u128::from(c.counter[0]) << 64 | u128::from(c.counter[1]),
        only32: false,
    };
    let keys = (c.keys, c.rounds);
    // SAFETY: the package has asked for the feature and has checked the lengths; the wide ones are asked for here.
    unsafe {
        if features::wide_aes(features::features()) {
            wide(keys, dst, src, n, counter);
        } else {
            narrow(keys, dst, src, n, counter);
        }
    }
    let next = counter.plus(n.div_ceil(16)).value;
    c.counter = [(next >> 64) as u64, next as u64];
}

/// What [`rt_aesctr`] works with, in one argument.
#[repr(C)]
struct Ctr {
    keys: *const u8,
    rounds: usize,
    /// Of the next block; high and low half.
    counter: [u64; 2],
}

#[cfg(all(test, not(loom), not(miri)))]
mod tests {
    use super::*;

    const SIZE: usize = 1200;

    /// All lengths as one block after the other, and the counter's carries.
    #[test]
    fn counters() {
        let features = features::ask();
        if features & features::AES == 0 {
            return;
        }
        let keys: [u8; 240] = core::array::from_fn(|i| (i * i + 3 * i) as u8);
        let data: [u8; SIZE] = core::array::from_fn(|i| (i * i / 4) as u8);
        for (rounds, only32) in [(10, false), (12, true), (14, false)] {
            let keys = (keys.as_ptr(), rounds);
            for value in [
                0,
                u128::MAX - 5,
                0xffff_fffa,
                u128::from(u64::MAX) - 3,
                u128::from(u64::MAX) - 40,
            ] {
                let start = Counter { value, only32 };
                let mut want = [0u8; SIZE];
                for at in (0..SIZE).step_by(16) {
                    let value = if only32 {
                        value >> 32 << 32 | u128::from((value as u32).wrapping_add(at as u32 / 16))
                    } else {
                        value.wrapping_add(at as u128 / 16)
                    };
                    let block = value.to_be_bytes();
                    // SAFETY: the feature is there; 16 bytes are.
                    unsafe {
                        let block = aes::encrypt(keys.0, rounds, [aes::load(block.as_ptr())])[0];
                        let text = aes::load(data[at..].as_ptr());
                        aes::store(want[at..].as_mut_ptr(), _mm_xor_si128(block, text));
                    }
                }
                for n in 0..SIZE {
                    let mut out = [0x55u8; SIZE];
                    // SAFETY: the features are there; n bytes are.
                    unsafe { narrow(keys, out.as_mut_ptr(), data.as_ptr(), n, start) };
                    assert_eq!(out[..n], want[..n], "{n} bytes");
                    assert!(out[n..].iter().all(|&b| b == 0x55), "{n} bytes");
                    if features::wide_aes(features) {
                        let mut out = data;
                        let p = out.as_mut_ptr();
                        // SAFETY: the features are there; n bytes are.
                        unsafe { wide(keys, p, p, n, start) };
                        assert_eq!(out[..n], want[..n], "{n} bytes");
                        assert_eq!(out[n..], data[n..], "{n} bytes");
                    }
                }
            }
        }
    }
}
