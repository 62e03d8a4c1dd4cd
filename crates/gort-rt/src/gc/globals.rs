//! Package variables that may point to the heap, and the objects in data that they were given at build time: the
//! compiler writes a record for each, [`Root`].

use super::mark::Worker;
use crate::sync::{AtomicUsize, Ordering};
use gort_abi::Root;

unsafe extern "C" {
    static __start_gcroots: [Root; 0];
    static __stop_gcroots: [Root; 0];
}

/// All records. A variable of a type with many pointers may have several.
pub fn table() -> &'static [Root] {
    let (start, stop) = (
        &raw const __start_gcroots as usize,
        &raw const __stop_gcroots as usize,
    );
    let n = (stop - start) / size_of::<Root>();
    // SAFETY: the linker puts the records of all objects between the two symbols.
    unsafe { core::slice::from_raw_parts(start as *const Root, n) }
}

/// The addresses of a record's words that may hold pointers, from element `first` on, at most `count` elements.
pub fn words(root: &Root, first: usize, count: usize) -> impl Iterator<Item = usize> + use<> {
    let r = *root;
    let end = (r.count as usize).min(first.saturating_add(count));
    (first..end).flat_map(move |i| {
        let element = r.addr as usize + i * r.stride as usize;
        (0..r.words as usize).filter_map(move |w| {
            // SAFETY: the mask has a bit for each of the words.
            let byte = unsafe { *(r.mask as usize as *const u8).add(w / 8) };
            (byte >> (w % 8) & 1 != 0).then_some(element + w * 8)
        })
    })
}

/// Looks through `n` records from number `from` on.
pub fn some(w: &Worker, from: usize, n: usize) {
    let table = table();
    for root in &table[from.min(table.len())..(from + n).min(table.len())] {
        for at in words(root, 0, usize::MAX) {
            // SAFETY: a word of a variable. The program may write it at the same time.
            w.found(unsafe { (*(at as *const AtomicUsize)).load(Ordering::Relaxed) });
        }
    }
}

/// Bytes of the variables that are looked through.
pub fn bytes() -> u64 {
    let all = table().iter();
    all.map(|r| u64::from(r.words) * 8 * u64::from(r.count))
        .sum()
}
