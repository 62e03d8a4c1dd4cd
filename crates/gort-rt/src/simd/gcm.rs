//! A message of AES in Galois/counter mode (NIST SP 800-38D), for crypto/internal/fips140/aes/gcm: counter mode and the sum
//! over its result step by step, so that the processor does both at once and the text is read once.

use super::aesctr::{self, Counter};
use super::ghash::{self, Powers};
use super::{aes, features};
use core::arch::x86_64::*;

/// A message, in one argument.
#[repr(C)]
struct Message<'a> {
    keys: *const u8,
    rounds: usize,
    powers: &'a Powers,
    /// What is authenticated without being encrypted.
    data: *const u8,
    data_size: usize,
    dst: *mut u8,
    src: *const u8,
    size: usize,
    /// Of the tag's mask; those of the text follow.
    counter: [u8; 16],
    /// The result.
    tag: [u8; 16],
    /// Whether `src` is what is encrypted.
    opens: bool,
}

impl Message<'_> {
    /// # Safety
    /// The data is there.
    unsafe fn data(&self) -> &[u8] {
        if self.data_size == 0 {
            return &[];
        }
        // SAFETY: by contract.
        unsafe { core::slice::from_raw_parts(self.data, self.data_size) }
    }

    /// The end of the sum: both lengths, and the mask.
    ///
    /// # Safety
    /// As [`aes::encrypt`].
    #[target_feature(enable = "aes,pclmulqdq,ssse3")]
    #[inline]
    unsafe fn finish(&mut self, y: __m128i, mask: Counter) {
        let lengths = _mm_set_epi64x(8 * self.data_size as i64, 8 * self.size as i64);
        let y = ghash::dot(_mm_xor_si128(y, lengths), ghash::key(self.powers));
        // SAFETY: by contract; sixteen bytes.
        unsafe {
            let mask = aes::encrypt(self.keys, self.rounds, mask.blocks::<1>())[0];
            let tag = _mm_xor_si128(mask, aes::load(ghash::block(y).as_ptr()));
            aes::store(self.tag.as_mut_ptr(), tag);
        }
    }

    /// # Safety
    /// The processor has the features; all is there, and `dst` is `src` or does not overlap it.
    #[target_feature(enable = "aes,pclmulqdq,ssse3")]
    unsafe fn narrow(&mut self) {
        const STEP: usize = 16 * aesctr::LANES;
        let (keys, powers) = ((self.keys, self.rounds), self.powers);
        let mask = Counter::gcm(self.counter);
        let mut counter = mask.plus(1);
        let zero = _mm_setzero_si128();
        // SAFETY: by contract.
        let mut y = ghash::ghash(powers, zero, unsafe { self.data() });
        let mut at = 0;
        while at < self.size {
            let now = STEP.min(self.size - at);
            // SAFETY: as many bytes are left of both.
            unsafe {
                let (dst, src) = (self.dst.add(at), self.src.add(at));
                if self.opens {
                    y = ghash::ghash(powers, y, core::slice::from_raw_parts(src, now));
                }
                if now == STEP {
                    aesctr::step::<{ aesctr::LANES }>(keys, dst, src, counter);
                } else {
                    aesctr::narrow(keys, dst, src, now, counter);
                }
                if !self.opens {
                    y = ghash::ghash(powers, y, core::slice::from_raw_parts(dst, now));
                }
            }
            counter = counter.plus(aesctr::LANES);
            at += now;
        }
        // SAFETY: by contract.
        unsafe { self.finish(y, mask) }
    }

    /// `n` bytes of text in `N` registers.
    ///
    /// # Safety
    /// As [`Message::wide`].
    #[target_feature(enable = "aes,pclmulqdq,ssse3,avx512f,avx512bw,avx512vl,vaes,vpclmulqdq")]
    #[inline]
    unsafe fn step<const N: usize>(
        &self,
        y: __m128i,
        at: usize,
        n: usize,
        counter: Counter,
    ) -> __m128i {
        // SAFETY: by contract.
        let text = unsafe {
            let (dst, src) = (self.dst.add(at), self.src.add(at));
            aesctr::step_wide::<N>((self.keys, self.rounds), dst, src, n, counter)
        };
        let encrypted = text.map(|[before, after]| if self.opens { before } else { after });
        ghash::add_wide(self.powers, y, encrypted, n)
    }

    /// # Safety
    /// As [`Message::narrow`].
    #[target_feature(enable = "aes,pclmulqdq,ssse3,avx512f,avx512bw,avx512vl,vaes,vpclmulqdq")]
    unsafe fn wide(&mut self) {
        let mask = Counter::gcm(self.counter);
        let mut counter = mask.plus(1);
        let zero = _mm_setzero_si128();
        // SAFETY: by contract.
        let mut y = ghash::ghash_wide(self.powers, zero, unsafe { self.data() });
        let mut at = 0;
        // SAFETY: as many bytes are left of both.
        unsafe {
            while self.size - at >= 256 {
                y = self.step::<4>(y, at, 256, counter);
                counter = counter.plus(16);
                at += 256;
            }
            match self.size - at {
                0 => {}
                n @ 1..=64 => y = self.step::<1>(y, at, n, counter),
                n => y = self.step::<4>(y, at, n, counter),
            }
            self.finish(y, mask);
        }
    }
}

/// Encrypts or decrypts a message, and computes its tag.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_gcmcrypt(message: &mut Message) {
    // SAFETY: the package has asked for AES and carry-less multiplication and has checked the lengths; the wide
    // ones are asked for here.
    unsafe {
        if features::wide_aes(features::features()) {
            message.wide();
        } else {
            message.narrow();
        }
    }
}

#[cfg(all(test, not(loom), not(miri)))]
mod tests {
    use super::*;

    const SIZE: usize = 700;

    /// Both ways give the same, and opening gives the text and the same tag, in place as well. What is right is compared
    /// with official Go in `tests/run/crypto_natives.go`.
    #[test]
    fn wide_as_narrow() {
        let features = features::ask();
        if features & features::AES == 0 || features & features::PCLMULQDQ == 0 {
            return;
        }
        let keys: [u8; 240] = core::array::from_fn(|i| (i * i + 3 * i) as u8);
        let plain: [u8; SIZE] = core::array::from_fn(|i| (i * i / 4) as u8);
        let mut powers = [[0; 16]; 16];
        let key = plain[100..116].try_into().unwrap();
        // SAFETY: the feature is there.
        unsafe { ghash::rt_ghashinit(&mut powers, key) };
        let run = |dst: *mut u8, src: *const u8, size, opens, is_wide| {
            let mut message = Message {
                keys: keys.as_ptr(),
                rounds: 14,
                powers: &powers,
                data: plain[3..].as_ptr(),
                data_size: size * 7 % 600,
                dst,
                src,
                size,
                counter: [0xff; 16],
                tag: [0; 16],
                opens,
            };
            // SAFETY: the features are there; the lengths are right.
            unsafe {
                if is_wide {
                    message.wide();
                } else {
                    message.narrow();
                }
            }
            message.tag
        };
        for n in 0..SIZE {
            let mut text = [0x55; SIZE];
            let tag = run(text.as_mut_ptr(), plain.as_ptr(), n, false, false);
            for is_wide in [false, features::wide_aes(features)] {
                let mut place = plain;
                let p = place.as_mut_ptr();
                assert_eq!(run(p, p, n, false, is_wide), tag, "{n} bytes");
                assert_eq!(place[..n], text[..n], "{n} bytes");
                assert_eq!(place[n..], plain[n..], "{n} bytes");
                let p = place.as_mut_ptr();
                assert_eq!(run(p, p, n, true, is_wide), tag, "{n} bytes");
                assert_eq!(place, plain, "{n} bytes");
            }
        }
    }
}
