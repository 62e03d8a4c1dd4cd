//! Pc-line tables: from the location of each instruction range to the rows that the runtime reads.

use gort_abi::INLINE_BYTES;
use gort_abi::pctab::{Encoder, Row};
use gort_ir::Sym;
use gort_ir::func::{InlineData, LocData};

/// Rows of a function whose code is `size` bytes after its entry. `ranges` are (start, end, location) in
/// order, relative to the entry; what they leave out belongs to the range before it.
pub fn rows(start: LocData, size: u32, ranges: &[(u32, u32, LocData)]) -> Vec<Row> {
    let row = |pc, loc: LocData| Row {
        pc,
        file: loc.file,
        line: loc.line,
        inl: loc.inline,
    };
    let mut rows: Vec<Row> = Vec::new();
    let mut current = start;
    for &(from, _, loc) in ranges {
        if loc == current || loc.line == 0 {
            continue;
        }
        if from > rows.last().map_or(0, |r| r.pc) {
            rows.push(row(from, current));
        }
        current = loc;
    }
    rows.push(row(size, current));
    merge(rows)
}

/// A call that was inlined, as the tables have it.
pub struct Inlined {
    /// The callee as tracebacks show it.
    pub name: Sym,
    /// Line of its `func` keyword.
    pub start_line: u32,
    /// Whether it is a wrapper.
    pub wrapper: bool,
}

/// Number the inlined calls that have code in `rows` anew, and give each bytes behind the code, `size` bytes
/// after the entry, whose row says where the call was.
pub fn inline_tree(calls: &[InlineData], size: u32, rows: &mut Vec<Row>) -> Vec<Inlined> {
    // A call lies in one that comes before it.
    let mut numbers = vec![0u32; calls.len() + 1];
    for row in rows.iter() {
        numbers[row.inl as usize] = 1;
    }
    for (n, call) in calls.iter().enumerate().rev() {
        if numbers[n + 1] == 1 {
            numbers[call.call.inline as usize] = 1;
        }
    }
    numbers[0] = 0;
    let (mut kept, mut next) = (Vec::new(), 0);
    for (n, call) in calls.iter().enumerate() {
        if numbers[n + 1] == 1 {
            next += 1;
            numbers[n + 1] = next;
            kept.push(call);
        }
    }
    for row in rows.iter_mut() {
        row.inl = numbers[row.inl as usize];
    }
    for (n, call) in kept.iter().enumerate() {
        rows.push(Row {
            pc: size + (n as u32 + 1) * INLINE_BYTES,
            file: call.call.file,
            line: call.call.line,
            inl: numbers[call.call.inline as usize],
        });
    }
    kept.iter()
        .map(|c| Inlined {
            name: c.name,
            start_line: c.start_line,
            wrapper: c.wrapper,
        })
        .collect()
}

/// Join neighbours that say the same.
fn merge(rows: Vec<Row>) -> Vec<Row> {
    let mut merged: Vec<Row> = Vec::with_capacity(rows.len());
    for row in rows {
        match merged.last_mut() {
            Some(last) if (last.file, last.line, last.inl) == (row.file, row.line, row.inl) => {
                last.pc = row.pc
            }
            _ => merged.push(row),
        }
    }
    merged
}

/// The table as bytes.
pub fn encode(start_line: u32, rows: &[Row]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(start_line, |b| bytes.push(b));
    for &row in rows {
        encoder.row(row);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_belong_to_what_precedes_them() {
        let loc = |line| LocData {
            file: 0,
            line,
            inline: 0,
        };
        let got = rows(
            loc(1),
            40,
            &[(13, 20, loc(2)), (24, 30, loc(3)), (30, 32, loc(3))],
        );
        let got: Vec<(u32, u32)> = got.iter().map(|r| (r.pc, r.line)).collect();
        assert_eq!(got, [(13, 1), (24, 2), (40, 3)]);
    }
}
