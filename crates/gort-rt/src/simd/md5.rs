//! The block function of MD5 (RFC 1321), for crypto/md5. There is no instruction for it: all that counts is how few operations
//! lie between a round's result and that of the next.

/// `2^32 |sin n|`, n from 1 on.
static T: [u32; 64] = [
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
];

/// Sixteen rounds on words that `word` picks, with the function `f` of B, C and D and what it adds to A.
#[inline(always)]
fn sixteen(
    s: &mut [u32; 4],
    t: &[u32],
    turns: [u32; 4],
    word: impl Fn(usize) -> u32,
    f: impl Fn(u32, u32, u32, u32) -> u32,
) {
    for (i, &t) in t.iter().enumerate() {
        let [a, b, c, d] = *s;
        let a = f(a.wrapping_add(word(i)).wrapping_add(t), b, c, d);
        *s = [d, b.wrapping_add(a.rotate_left(turns[i % 4])), b, c];
    }
}

/// Adds the blocks, 64 bytes each, to the state.
fn blocks(state: &mut [u32; 4], data: &[[u8; 64]]) {
    for block in data {
        // Constants that the compiler knew it would add last, behind what the round before gives.
        let (t, _) = core::hint::black_box(&T).as_chunks::<16>();
        let (words, _) = block.as_chunks::<4>();
        let w: [u32; 16] = core::array::from_fn(|i| u32::from_le_bytes(words[i]));
        let mut s = *state;
        sixteen(
            &mut s,
            &t[0],
            [7, 12, 17, 22],
            |i| w[i],
            |a, b, c, d| a.wrapping_add(d ^ b & (c ^ d)),
        );
        // Both parts have no bit in common: the one without B, the newest, is added before B is known.
        sixteen(
            &mut s,
            &t[1],
            [5, 9, 14, 20],
            |i| w[(5 * i + 1) % 16],
            |a, b, c, d| a.wrapping_add(c & !d).wrapping_add(b & d),
        );
        sixteen(
            &mut s,
            &t[2],
            [4, 11, 16, 23],
            |i| w[(3 * i + 5) % 16],
            |a, b, c, d| a.wrapping_add(b ^ (c ^ d)),
        );
        sixteen(
            &mut s,
            &t[3],
            [6, 10, 15, 21],
            |i| w[7 * i % 16],
            |a, b, c, d| a.wrapping_add(c ^ (b | !d)),
        );
        for (sum, s) in state.iter_mut().zip(s) {
            *sum = sum.wrapping_add(s);
        }
    }
}

/// Adds `n` blocks at `p` to the state.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_md5blocks(state: &mut [u32; 4], p: *const [u8; 64], n: usize) {
    // SAFETY: n blocks of a Go slice, n > 0.
    unsafe { blocks(state, core::slice::from_raw_parts(p, n)) }
}

#[cfg(all(test, not(loom), not(miri)))]
mod tests {
    #[test]
    fn abc() {
        let mut state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
        let mut block = [0u8; 64];
        block[..4].copy_from_slice(b"abc\x80");
        block[56] = 24;
        super::blocks(&mut state, &[block]);
        let sum = state.map(u32::swap_bytes);
        assert_eq!(sum, [0x90015098, 0x3cd24fb0, 0xd6963f7d, 0x28e17f72]);
    }
}
