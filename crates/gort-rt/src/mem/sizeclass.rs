//! Go's size classes. `cap` after append is visible to programs, so the table is Go's.

/// Number of classes; class 0 stands for large objects.
pub const NCLASS: usize = 68;
/// Largest small object.
pub const MAX_SMALL: usize = 32768;
/// Page of the heap.
pub const PAGE: usize = 8192;
/// Objects with pointers above this size carry a header word in gc's heap, which shows in `cap`.
pub const MIN_HEADER: usize = 512;

/// Bytes of an object of each class.
#[rustfmt::skip]
pub static CLASS_SIZE: [u16; NCLASS] = [0, 8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416, 448, 480, 512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304, 2688, 3072, 3200, 3456, 4096, 4864, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880, 12288, 13568, 14336, 16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672, 32768];
/// Pages of a span of each class.
#[rustfmt::skip]
pub const CLASS_PAGES: [u8; NCLASS] = [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 2, 1, 2, 1, 3, 2, 3, 1, 3, 2, 3, 4, 5, 6, 1, 7, 6, 5, 4, 3, 5, 7, 2, 9, 7, 5, 8, 3, 10, 7, 4];

/// Up to here the class follows from the size in words.
pub const SMALL_MAX: usize = 1024;

/// Class by size: size.div_ceil(8) up to [`SMALL_MAX`], then by steps of 128.
pub static SMALL: [u8; SMALL_MAX / 8 + 1] = build(8, 0);
static BIG: [u8; (MAX_SMALL - SMALL_MAX) / 128 + 1] = build(128, SMALL_MAX);

const fn build<const N: usize>(step: usize, from: usize) -> [u8; N] {
    let mut t = [0; N];
    let mut i = 0;
    let mut class = 1;
    while i < N {
        let size = from + i * step;
        while (CLASS_SIZE[class] as usize) < size {
            class += 1;
        }
        t[i] = class as u8;
        i += 1;
    }
    t
}

/// Class of a small object (at most [`MAX_SMALL`] bytes).
#[inline(always)]
pub fn class_of(size: usize) -> usize {
    if size <= SMALL_MAX {
        SMALL[size.div_ceil(8)] as usize
    } else {
        BIG[(size - SMALL_MAX).div_ceil(128)] as usize
    }
}

/// Bytes that gc would have for an object of `size`, header excluded: what growslice rounds to.
pub fn roundupsize(size: usize, noscan: bool) -> usize {
    let mut req = size;
    let header = !noscan && req > MIN_HEADER;
    if header {
        req += 8;
    }
    if size <= MAX_SMALL - 8 {
        return CLASS_SIZE[class_of(req)] as usize - (req - size);
    }
    match size.checked_add(PAGE - 1) {
        Some(n) => n & !(PAGE - 1),
        None => size,
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn classes_cover() {
        for size in 1..=MAX_SMALL {
            let c = class_of(size);
            assert!(CLASS_SIZE[c] as usize >= size);
            assert!(c == 1 || (CLASS_SIZE[c - 1] as usize) < size, "{size}");
        }
        assert_eq!(roundupsize(33, true), 48);
        assert_eq!(roundupsize(513, true), 576);
        assert_eq!(roundupsize(520, false), 568);
        assert_eq!(roundupsize(40000, true), 40960);
    }
}
