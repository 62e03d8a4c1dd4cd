//! Whether one number is below another for sure: by their ranges, by relations that are known, and by the operations that
//! give them.

use super::facts::{DEPTH, Facts};
use super::range::Range;
use crate::entity::Value;
use crate::inst::{BinaryOp, ConvertOp, InstData};

/// Relations of a value that are looked at, newest first.
const RELATIONS: usize = 8;

impl Facts<'_> {
    /// Whether `a + k <= b` for sure.
    pub fn is_below(&self, a: Value, b: Value, k: i64) -> bool {
        self.below(self.canon(a), self.canon(b), k, DEPTH)
    }

    fn below(&self, a: Value, b: Value, k: i64, depth: u32) -> bool {
        if a == b {
            return k <= 0;
        }
        let (ra, rb) = (self.range_within(a, depth), self.range_within(b, depth));
        if i128::from(ra.hi) + i128::from(k) <= i128::from(rb.lo) {
            return true;
        }
        if depth == 0 {
            return false;
        }
        let go = |a, b, k: Option<i64>| k.is_some_and(|k| self.below(a, b, k, depth - 1));
        if let Some(relations) = self.relations.get(&a) {
            let newest = relations.iter().rev().take(RELATIONS);
            for &(over, by) in newest {
                if go(over, b, k.checked_sub(by)) {
                    return true;
                }
            }
        }
        if let Some((x, c)) = self.split(a)
            && go(x, b, k.checked_add(c))
        {
            return true;
        }
        if let Some((y, c)) = self.split(b)
            && go(a, y, k.checked_sub(c))
        {
            return true;
        }
        self.below_by_operation(a, b, k, depth) || self.copied(b).is_some_and(|y| go(a, y, Some(k)))
    }

    /// Whether `a + k <= b` because of the operation that gives `a`.
    fn below_by_operation(&self, a: Value, b: Value, k: i64, depth: u32) -> bool {
        let go = |a, k: Option<i64>| k.is_some_and(|k| self.below(self.canon(a), b, k, depth - 1));
        let range = |v: Value| self.range_within(self.canon(v), depth - 1);
        match self.definition(a) {
            Some(&InstData::Binary { op, a: x, b: y }) => match op {
                BinaryOp::And | BinaryOp::Or if self.canon(x) == self.canon(y) => go(x, Some(k)),
                // No larger than an operand that is not negative.
                BinaryOp::And => {
                    range(x).lo >= 0 && go(x, Some(k)) || range(y).lo >= 0 && go(y, Some(k))
                }
                BinaryOp::Lshr | BinaryOp::Ashr => {
                    let halves =
                        range(y) == Range::one(1) && (op == BinaryOp::Lshr || range(x).lo >= 0);
                    range(x).lo >= 0 && go(x, Some(k)) || halves && self.is_middle(x, b, k, depth)
                }
                BinaryOp::Udiv | BinaryOp::Sdiv => {
                    let counts = range(x).lo >= 0;
                    counts && range(y).lo >= 1 && go(x, Some(k))
                        || counts && range(y) == Range::one(2) && self.is_middle(x, b, k, depth)
                }
                BinaryOp::Urem | BinaryOp::Srem => {
                    let counts = op == BinaryOp::Urem || range(x).lo >= 0;
                    range(y).lo >= 0 && counts && go(y, k.checked_sub(1))
                        || range(x).lo >= 0 && range(y).lo >= 0 && go(x, Some(k))
                }
                BinaryOp::Isub => {
                    let by = range(y).lo;
                    range(x).lo >= 0 && by >= 0 && go(x, k.checked_sub(by))
                }
                _ => false,
            },
            Some(&InstData::Select { a: x, b: y, .. }) => go(x, Some(k)) && go(y, Some(k)),
            Some(&InstData::Convert {
                op: ConvertOp::Sext,
                a: x,
                ..
            }) => go(x, Some(k)),
            Some(_) | None => false,
        }
    }

    /// Whether the half of `sum`, taken as an unsigned number, plus `k` is at most `b`: of two numbers that are not negative, the
    /// first below the second, the middle is below the second.
    fn is_middle(&self, sum: Value, b: Value, k: i64, depth: u32) -> bool {
        let Some(&InstData::Binary {
            op: BinaryOp::Iadd,
            a: x,
            b: y,
        }) = self.definition(self.canon(sum))
        else {
            return false;
        };
        let (x, y) = (self.canon(x), self.canon(y));
        let range = |v: Value| self.range_within(self.canon(v), depth - 1);
        range(x).lo >= 0
            && range(y).lo >= 0
            && [(x, y), (y, x)].iter().any(|&(low, high)| {
                self.below(low, high, 1, depth - 1)
                    && k.checked_sub(1)
                        .is_some_and(|k| self.below(high, b, k, depth - 1))
            })
    }
}
