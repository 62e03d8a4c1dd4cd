//! In which range the result of an instruction lies, by the ranges of its operands.

use crate::inst::BinaryOp;
use crate::types::Type;

/// The numbers from `lo` to `hi`, read as signed ones of their type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    pub lo: i64,
    pub hi: i64,
}

impl Range {
    pub const ALL: Range = Range {
        lo: i64::MIN,
        hi: i64::MAX,
    };
    /// What a length may be: addresses have 47 bits.
    pub const LENGTH: Range = Range { lo: 0, hi: 1 << 48 };

    /// One number.
    pub fn one(n: i64) -> Range {
        Range { lo: n, hi: n }
    }

    /// All of a type.
    pub fn of(ty: Type) -> Range {
        match ty.size() {
            1 => Range::new(i8::MIN.into(), i8::MAX.into()),
            2 => Range::new(i16::MIN.into(), i16::MAX.into()),
            4 => Range::new(i32::MIN.into(), i32::MAX.into()),
            _ => Range::ALL,
        }
    }

    pub fn new(lo: i64, hi: i64) -> Range {
        Range { lo, hi }
    }

    /// Numbers of both; those of `self` if there are none, which is so where code is never reached.
    pub fn and(self, other: Range) -> Range {
        let (lo, hi) = (self.lo.max(other.lo), self.hi.min(other.hi));
        match lo <= hi {
            true => Range { lo, hi },
            false => self,
        }
    }

    /// A range with all numbers of both.
    pub fn or(self, other: Range) -> Range {
        Range::new(self.lo.min(other.lo), self.hi.max(other.hi))
    }

    fn not_negative(self) -> bool {
        self.lo >= 0
    }

    /// The range of the same bits as an unsigned number of more.
    pub fn zero_extended(self, from: Type) -> Range {
        match self.not_negative() {
            true => self,
            false if from.size() < 8 => Range::new(0, (1 << (8 * from.size())) - 1),
            false => Range::ALL,
        }
    }

    /// A range of exact bounds, if they are numbers of the type.
    fn exact(ty: Type, lo: Option<i64>, hi: Option<i64>) -> Range {
        let all = Range::of(ty);
        match (lo, hi) {
            (Some(lo), Some(hi)) if all.lo <= lo && hi <= all.hi => Range { lo, hi },
            _ => all,
        }
    }
}

/// The range of an operation on numbers of a type.
pub fn binary(op: BinaryOp, ty: Type, a: Range, b: Range) -> Range {
    let all = Range::of(ty);
    match op {
        BinaryOp::Iadd => Range::exact(ty, a.lo.checked_add(b.lo), a.hi.checked_add(b.hi)),
        BinaryOp::Isub => Range::exact(ty, a.lo.checked_sub(b.hi), a.hi.checked_sub(b.lo)),
        BinaryOp::Imul if a.not_negative() && b.not_negative() => {
            Range::exact(ty, a.lo.checked_mul(b.lo), a.hi.checked_mul(b.hi))
        }
        BinaryOp::And => match (a.not_negative(), b.not_negative()) {
            (true, true) => Range::new(0, a.hi.min(b.hi)),
            (true, false) => Range::new(0, a.hi),
            (false, true) => Range::new(0, b.hi),
            (false, false) => all,
        },
        BinaryOp::Or | BinaryOp::Xor if a.not_negative() && b.not_negative() => {
            Range::new(0, ones(a.hi | b.hi))
        }
        BinaryOp::Lshr | BinaryOp::Ashr => shift_right(op, ty, a, b),
        BinaryOp::Shl if a.not_negative() && b.lo == b.hi && (0..63).contains(&b.lo) => {
            let up = |n: i64| n.checked_mul(1 << b.lo);
            Range::exact(ty, up(a.lo), up(a.hi))
        }
        BinaryOp::Udiv if a.not_negative() && b.lo > 0 => Range::new(a.lo / b.hi, a.hi / b.lo),
        BinaryOp::Sdiv if b.lo > 0 => match a.not_negative() {
            true => Range::new(a.lo / b.hi, a.hi / b.lo),
            false => Range::new(a.lo / b.lo, a.hi.max(0) / b.lo),
        },
        BinaryOp::Urem if b.lo > 0 => match a.not_negative() {
            true => Range::new(0, a.hi.min(b.hi - 1)),
            false => Range::new(0, b.hi - 1),
        },
        BinaryOp::Srem if b.lo > 0 => match a.not_negative() {
            true => Range::new(0, a.hi.min(b.hi - 1)),
            false => Range::new(1 - b.hi, b.hi - 1),
        },
        _ => all,
    }
}

fn shift_right(op: BinaryOp, ty: Type, a: Range, by: Range) -> Range {
    let bits = i64::from(8 * ty.size());
    if by.lo < 0 || by.lo >= bits {
        return Range::of(ty);
    }
    if a.not_negative() {
        return Range::new(a.lo >> by.hi.min(63), a.hi >> by.lo);
    }
    match op {
        BinaryOp::Ashr => Range::new(a.lo >> by.lo, a.hi.max(0) >> by.lo),
        // The upper bits become zero.
        _ if by.lo > 0 => Range::new(0, ((1u64 << (bits - by.lo)) - 1) as i64),
        _ => Range::of(ty),
    }
}

/// The number with all bits that one up to `n` may have.
fn ones(n: i64) -> i64 {
    match n {
        0 => 0,
        _ => (u64::MAX >> n.leading_zeros()) as i64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interp::eval;

    /// Every result of small operands lies in the range that the ranges of the operands give.
    #[test]
    fn ranges_hold_what_operations_give() {
        let bounds = [-128, -127, -9, -1, 0, 1, 2, 7, 8, 100, 127];
        let ranges: Vec<Range> = bounds
            .iter()
            .flat_map(|&lo| bounds.iter().map(move |&hi| Range { lo, hi }))
            .filter(|r| r.lo <= r.hi)
            .collect();
        for &op in BinaryOp::ALL {
            for a in &ranges {
                for b in &ranges {
                    let r = binary(op, Type::I8, *a, *b);
                    for x in [a.lo, a.hi, (a.lo + a.hi) / 2] {
                        for y in [b.lo, b.hi, (b.lo + b.hi) / 2] {
                            let shifts =
                                matches!(op, BinaryOp::Shl | BinaryOp::Lshr | BinaryOp::Ashr);
                            let divides = matches!(
                                op,
                                BinaryOp::Sdiv | BinaryOp::Udiv | BinaryOp::Srem | BinaryOp::Urem
                            );
                            if shifts && !(0..8).contains(&y) || divides && y == 0 {
                                continue;
                            }
                            let bits = |n: i64| eval::truncate(Type::I8, n as u64);
                            let Some(z) = eval::binary(op, Type::I8, bits(x), bits(y)) else {
                                continue;
                            };
                            let z = i64::from(z as i8);
                            assert!(
                                r.lo <= z && z <= r.hi,
                                "{op} {x} {y} is {z}: {a:?} {b:?} {r:?}"
                            );
                        }
                    }
                }
            }
        }
    }
}
