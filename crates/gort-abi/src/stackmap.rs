//! The stack map of one function: what of a frame and of the callee-saved registers is needed behind each of its calls.
//!
//! ```text
//! byte     callee-saved registers that the function saves: bit 0 rbx, 1 r12, 2 r13, 3 r14. They lie in this order, side by
//!          side, above all else of the frame, in an area of a multiple of 16 bytes that ends at rbp
//! varint   number of objects, varint number of sets, varint number of ranges, varint set of what the recovery block needs
//! objects  slots of the frame whose address is computed: varint words from the end of the one before (or rsp), varint words
//! sets     one bit a register, then one a word of the frame, from rsp up; each a whole number of bytes
//! ranges   varint distance of a return address from the one before (or the entry), varint set: it holds from there to the next
//! ```
//!
//! Only return addresses are looked up, so neighbouring calls with the same set share a range. An object may be needed
//! though no set says so: if something that is needed leads to it.

/// Bits in front of those of the frame's words.
pub const REGISTERS: usize = 4;

/// Give the bytes of a varint (LEB128) to a callback.
pub fn put(mut v: u32, mut out: impl FnMut(u8)) {
    while v >= 0x80 {
        out(v as u8 | 0x80);
        v >>= 7;
    }
    out(v as u8);
}

/// Reads a table.
#[derive(Clone, Copy)]
pub struct Table {
    at: *const u8,
    saved: u8,
    objects: usize,
    sets: usize,
    ranges: usize,
    recovery: usize,
}

/// What is needed behind a call.
#[derive(Clone, Copy)]
pub struct Live {
    set: *const u8,
}

impl Live {
    /// Whether a bit is set: of a register, or of a word of the frame behind those.
    pub fn has(&self, bit: usize) -> bool {
        // SAFETY: the caller of [`Table::new`] vouches for the table, whose sets have a bit for each word of the frame.
        unsafe { *self.set.add(bit / 8) >> (bit % 8) & 1 != 0 }
    }
}

impl Table {
    /// The table at an address.
    ///
    /// # Safety
    /// It was made as the head of this module says, and stays.
    pub unsafe fn new(at: *const u8) -> Table {
        let mut t = Table {
            at,
            saved: 0,
            objects: 0,
            sets: 0,
            ranges: 0,
            recovery: 0,
        };
        t.saved = t.byte();
        (t.objects, t.sets, t.ranges) = (t.varint(), t.varint(), t.varint());
        t.recovery = t.varint();
        t
    }

    /// The registers that the function saves, as bits.
    pub fn saved(&self) -> u8 {
        self.saved
    }

    fn byte(&mut self) -> u8 {
        // SAFETY: as many bytes as the table has are read.
        unsafe {
            let b = *self.at;
            self.at = self.at.add(1);
            b
        }
    }

    fn varint(&mut self) -> usize {
        let (mut v, mut shift) = (0, 0);
        loop {
            let b = self.byte();
            v |= usize::from(b & 0x7f) << shift;
            if b < 0x80 || shift > 56 {
                return v;
            }
            shift += 7;
        }
    }

    /// Gives first word and number of words of each object, from rsp up; behind it the table stands at its sets.
    fn pass_objects(&mut self, mut object: impl FnMut(usize, usize)) {
        let mut at = 0;
        for _ in 0..core::mem::take(&mut self.objects) {
            let (gap, words) = (self.varint(), self.varint());
            object(at + gap, words);
            at += gap + words;
        }
    }

    /// The objects of the frame: first word from rsp, and words.
    pub fn objects(mut self, object: impl FnMut(usize, usize)) {
        self.pass_objects(object);
    }

    /// What is needed of a frame of `words` words that has panicked otherwise than in a call: what the recovery block needs.
    pub fn recovery(mut self, words: usize) -> Live {
        self.pass_objects(|_, _| {});
        let bytes = (REGISTERS + words).div_ceil(8);
        Live {
            set: self.at.wrapping_add(self.recovery * bytes),
        }
    }

    /// What is needed behind the call that returns to offset `ret` of a function with `words` words of frame; None if
    /// it has no call before there.
    pub fn find(mut self, ret: usize, words: usize) -> Option<Live> {
        self.pass_objects(|_, _| {});
        let bytes = (REGISTERS + words).div_ceil(8);
        let first = self.at;
        self.at = first.wrapping_add(self.sets * bytes);
        let (mut at, mut found) = (0, None);
        for _ in 0..self.ranges {
            at += self.varint();
            let set = self.varint();
            if at > ret {
                break;
            }
            found = Some(set);
        }
        let set = first.wrapping_add(found? * bytes);
        Some(Live { set })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_to_the_next() {
        // Two objects, two sets of one byte; 5 to 300 the second, then the first.
        let table = [0b0101, 2, 2, 2, 1, 1, 2, 0, 1, 0x12, 0x34, 5, 1, 0xa7, 2, 0];
        // SAFETY: a table as described.
        let table = unsafe { Table::new(table.as_ptr()) };
        assert_eq!(table.saved(), 0b0101);
        let find = |ret| table.find(ret, 4);
        assert!(find(4).is_none());
        let bits = |l: Live| (0..8).filter(|&i| l.has(i)).fold(0, |a, i| a | 1 << i);
        assert_eq!(find(5).map(bits), Some(0x34));
        assert_eq!(find(299).map(bits), Some(0x34));
        assert_eq!(find(300).map(bits), Some(0x12));
        assert_eq!(bits(table.recovery(4)), 0x34);
        let mut objects = [(0, 0); 2];
        let mut n = 0;
        table.objects(|at, words| {
            objects[n] = (at, words);
            n += 1;
        });
        assert_eq!(objects, [(1, 2), (3, 1)]);
    }
}
