//! The pc-line table of one function: which file, line and inlined call an instruction belongs to.
//!
//! A table is a sequence of rows. A row says: from the previous row's pc (or the entry) up to, but
//! not including, `pc`, the code belongs to `(file, line, inl)`. Encoded as:
//!
//! ```text
//! varint  (pc delta << 1) | changed       changed = 1: file or inl differ from the row before
//! zigzag  line delta
//! varint  file, varint inl                only when changed
//! ```
//!
//! Varints are LEB128. The state before the first row is pc 0 (the entry), line = `start_line`,
//! file 0, inl 0. The cold stub in front of the entry is not covered.

/// What a range of code belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Row {
    /// End of the range, in bytes from the entry.
    pub pc: u32,
    /// Index into the function's file table.
    pub file: u32,
    /// Source line.
    pub line: u32,
    /// Inline tree index: 0 = not inlined.
    pub inl: u32,
}

/// Encodes rows in order of pc; bytes go to the callback.
pub struct Encoder<F: FnMut(u8)> {
    last: Row,
    out: F,
}

impl<F: FnMut(u8)> Encoder<F> {
    /// A fresh table of a function that starts at `start_line`.
    pub fn new(start_line: u32, out: F) -> Self {
        Encoder {
            last: Row {
                line: start_line,
                ..Row::default()
            },
            out,
        }
    }

    /// Adds a row. Its pc must be above the one before; equal neighbours should be merged first.
    pub fn row(&mut self, row: Row) {
        debug_assert!(row.pc >= self.last.pc);
        let changed = row.file != self.last.file || row.inl != self.last.inl;
        self.varint(u64::from(row.pc - self.last.pc) << 1 | u64::from(changed));
        let delta = i64::from(row.line) - i64::from(self.last.line);
        self.varint(((delta << 1) ^ (delta >> 63)) as u64);
        if changed {
            self.varint(u64::from(row.file));
            self.varint(u64::from(row.inl));
        }
        self.last = row;
    }

    fn varint(&mut self, mut v: u64) {
        while v >= 0x80 {
            (self.out)(v as u8 | 0x80);
            v >>= 7;
        }
        (self.out)(v as u8);
    }
}

/// Reads a table row by row.
#[derive(Clone)]
pub struct Decoder<'a> {
    data: &'a [u8],
    last: Row,
}

impl<'a> Decoder<'a> {
    /// Reads `data`, made for a function that starts at `start_line`.
    pub fn new(start_line: u32, data: &'a [u8]) -> Self {
        Decoder {
            data,
            last: Row {
                line: start_line,
                ..Row::default()
            },
        }
    }

    /// Most have one byte: tracebacks and runtime.Caller decode a table from its beginning.
    #[inline(always)]
    fn varint(&mut self) -> Option<u64> {
        match *self.data {
            [b, ref rest @ ..] if b < 0x80 => {
                self.data = rest;
                Some(b.into())
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Option<u64> {
        let (mut v, mut shift) = (0u64, 0);
        loop {
            let (&b, rest) = self.data.split_first()?;
            self.data = rest;
            v |= u64::from(b & 0x7f) << shift;
            if b < 0x80 {
                return Some(v);
            }
            shift += 7;
            if shift > 63 {
                return None;
            }
        }
    }
}

impl Iterator for Decoder<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        let head = self.varint()?;
        let zz = self.varint()?;
        let delta = (zz >> 1) as i64 ^ -((zz & 1) as i64);
        self.last.pc = self.last.pc.wrapping_add((head >> 1) as u32);
        self.last.line = (i64::from(self.last.line) + delta) as u32;
        if head & 1 != 0 {
            self.last.file = self.varint()? as u32;
            self.last.inl = self.varint()? as u32;
        }
        Some(self.last)
    }
}

/// The row that covers the instruction at `pc` (an offset from the entry).
pub fn find(start_line: u32, data: &[u8], pc: u32) -> Option<Row> {
    Decoder::new(start_line, data).find(|row| pc < row.pc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_and_lookup() {
        let rows = [
            Row {
                pc: 13,
                file: 0,
                line: 10,
                inl: 0,
            },
            Row {
                pc: 40,
                file: 0,
                line: 11,
                inl: 0,
            },
            Row {
                pc: 300,
                file: 2,
                line: 7,
                inl: 1,
            },
            Row {
                pc: 301,
                file: 0,
                line: 100_000,
                inl: 0,
            },
            Row {
                pc: 1 << 20,
                file: 0,
                line: 3,
                inl: 0,
            },
        ];
        let mut bytes = Vec::new();
        let mut enc = Encoder::new(10, |b| bytes.push(b));
        rows.iter().for_each(|r| enc.row(*r));
        assert_eq!(Decoder::new(10, &bytes).collect::<Vec<_>>(), rows);
        assert_eq!(find(10, &bytes, 0), Some(rows[0]));
        assert_eq!(find(10, &bytes, 12), Some(rows[0]));
        assert_eq!(find(10, &bytes, 13), Some(rows[1]));
        assert_eq!(find(10, &bytes, 299), Some(rows[2]));
        assert_eq!(find(10, &bytes, 300), Some(rows[3]));
        assert_eq!(find(10, &bytes, 1 << 20), None);
    }

    #[test]
    fn broken_tables_end() {
        assert_eq!(Decoder::new(1, &[0x80]).next(), None);
        assert_eq!(Decoder::new(1, &[0xff; 16]).next(), None);
        assert_eq!(Decoder::new(1, &[]).next(), None);
    }
}
