//! Tables by pc as Go's assembler writes them: a value holds from one pc to the next.
//!
//! A table is pairs of varints, the change of the value (zigzag) and the bytes of code until the next change. The value
//! starts at -1. A change of 0 ends the table, but in the first pair.

/// Decode a table: the end of each range, and its value. `None` if it is malformed.
pub fn decode(mut data: &[u8]) -> Option<Vec<(u32, i64)>> {
    let (mut rows, mut pc, mut value) = (Vec::new(), 0u32, -1i64);
    while !data.is_empty() {
        let change = varint(&mut data)?;
        if change == 0 && pc != 0 {
            break;
        }
        value = value.checked_add((change >> 1) as i64 ^ -((change & 1) as i64))?;
        pc = pc.checked_add(u32::try_from(varint(&mut data)?).ok()?)?;
        rows.push((pc, value));
    }
    Some(rows)
}

fn varint(data: &mut &[u8]) -> Option<u64> {
    let mut v = 0u64;
    for shift in (0..64).step_by(7) {
        let (&b, rest) = data.split_first()?;
        *data = rest;
        v |= u64::from(b & 0x7f) << shift;
        if b < 0x80 {
            return Some(v);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_hold_until_the_next() {
        // -1 + 1 = 0 for 4 bytes, + 24 for 300 bytes, - 24 for 1 byte.
        let table = [2, 4, 48, 0xac, 2, 47, 1, 0];
        assert_eq!(decode(&table), Some(vec![(4, 0), (304, 24), (305, 0)]));
        assert_eq!(decode(&[]), Some(Vec::new()));
    }

    #[test]
    fn broken_tables_are_none() {
        assert_eq!(decode(&[0x80]), None);
        assert_eq!(decode(&[2]), None);
        assert_eq!(decode(&[0xff; 20]), None);
    }
}
