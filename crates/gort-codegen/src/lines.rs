//! Pc-line tables: from the location of each instruction range to the rows that the runtime reads.

use gort_abi::pctab::{Encoder, Row};
use gort_ir::func::LocData;

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
