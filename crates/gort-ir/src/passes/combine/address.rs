//! Addresses that can be compared.

use crate::entity::Value;
use crate::func::Func;
use crate::inst::{BinaryOp, InstData};
use smallvec::SmallVec;

/// An address as a sum of values and a constant.
pub struct Address {
    terms: SmallVec<[Value; 4]>,
    /// The constant.
    pub off: i64,
}

impl Address {
    /// That of an access.
    pub fn of(func: &Func, addr: Value, off: i32) -> Address {
        let mut address = Address {
            terms: SmallVec::new(),
            off: off.into(),
        };
        address.add(func, addr, 4);
        address
    }

    fn add(&mut self, func: &Func, v: Value, depth: u32) {
        let v = func.resolve(v);
        if let Some(c) = func.constant(v) {
            self.off = self.off.wrapping_add(c);
        } else if depth > 0
            && let Some(&InstData::Binary {
                op: BinaryOp::Iadd,
                a,
                b,
            }) = func.definition(v)
        {
            self.add(func, a, depth - 1);
            self.add(func, b, depth - 1);
        } else {
            self.terms.push(v);
        }
    }

    /// Whether two differ in their constants alone.
    pub fn same_base(&self, func: &Func, other: &Address) -> bool {
        let mut pairs = self.terms.iter().zip(&other.terms);
        self.terms.len() == other.terms.len() && pairs.all(|(&a, &b)| same(func, a, b, 3))
    }
}

/// Whether two values are the same, or computed alike from the same.
pub fn same(func: &Func, a: Value, b: Value, depth: u32) -> bool {
    let (a, b) = (func.resolve(a), func.resolve(b));
    if a == b {
        return true;
    }
    let (Some(x), Some(y)) = (func.definition(a), func.definition(b)) else {
        return false;
    };
    if depth == 0 || func.ty(a) != func.ty(b) {
        return false;
    }
    if let (InstData::Binary { op, a, b }, InstData::Binary { op: o, a: c, b: d }) = (x, y) {
        return op == o && same(func, *a, *c, depth - 1) && same(func, *b, *d, depth - 1);
    }
    if let (InstData::Convert { op, a, .. }, InstData::Convert { op: o, a: b, .. }) = (x, y) {
        return op == o && same(func, *a, *b, depth - 1);
    }
    matches!(x, InstData::Iconst { .. }) && x == y
}
