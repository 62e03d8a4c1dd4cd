//! Ranges in maps of a bit a thing.

/// Calls `f` with each word of 64 bits that the bits `at..at + n` lie in, and a mask of those.
pub fn for_words(at: usize, n: usize, mut f: impl FnMut(usize, u64)) {
    let (mut at, end) = (at, at + n);
    while at < end {
        let (w, i) = (at / 64, at % 64);
        let k = (end - at).min(64 - i);
        let bits = if k == 64 {
            u64::MAX
        } else {
            ((1 << k) - 1) << i
        };
        f(w, bits);
        at += k;
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::for_words;

    #[test]
    fn every_bit_once() {
        for at in 0..130 {
            for n in 0..200 {
                let mut words = [0u64; 6];
                for_words(at, n, |w, bits| {
                    assert!(bits != 0 && words[w] & bits == 0);
                    words[w] |= bits;
                });
                for i in 0..64 * words.len() {
                    let set = words[i / 64] >> (i % 64) & 1 != 0;
                    assert_eq!(set, (at..at + n).contains(&i), "{at} {n} {i}");
                }
            }
        }
    }
}
