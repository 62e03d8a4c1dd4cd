//! `x[lo:hi:max]`

use crate::func::FuncLower;
use crate::value::Val;
use gort_ir::{BinaryOp, BoundsKind, IntCc, Type, Value};
use gort_syntax::ast::*;
use gort_types::TyKind;

impl<'a> FuncLower<'_, 'a> {
    /// A slice expression over a string, slice, array or pointer to array.
    pub fn slice_expr(
        &mut self,
        e: ExprRef<'a>,
        x: ExprRef<'a>,
        [lo, hi, max]: [Option<ExprRef<'a>>; 3],
    ) -> Val {
        let xt = self.ty(x);
        let (ptr, len, cap, elem) = match self.under(xt) {
            TyKind::Slice(elem) => {
                let s = self.expr(x);
                (s.at(0), s.at(1), s.at(2), Some(*elem))
            }
            TyKind::Pointer(p) => {
                let TyKind::Array { elem, len } = self.under(*p) else {
                    unreachable!("checked")
                };
                let ptr = self.expr(x).scalar();
                self.at(e.op_pos);
                self.nil_check(ptr);
                let n = self.b.iconst(Type::I64, *len);
                (ptr, n, n, Some(*elem))
            }
            TyKind::Array { elem, len } => {
                let place = self.place(x);
                let ptr = self.address(&place, xt);
                if self.through_pointer(x) {
                    self.at(e.op_pos);
                    self.nil_check(ptr);
                }
                let n = self.b.iconst(Type::I64, *len);
                (ptr, n, n, Some(*elem))
            }
            _ => {
                let s = self.expr(x);
                (s.at(0), s.at(1), s.at(1), None)
            }
        };
        let string = elem.is_none();
        let array = !matches!(self.under(xt), TyKind::Slice(_)) && !string;
        let lo_val = lo.map(|i| self.index_value(i));
        let hi_val = hi.map(|i| self.index_value(i));
        let max_val = max.map(|i| self.index_value(i));
        self.at(e.op_pos);
        let zero = self.b.iconst(Type::I64, 0);
        let start = lo_val.map_or(zero, |v| v.0);
        let end = hi_val.map_or(len, |v| v.0);
        let bound = elem.map_or(cap, |t| self.bound(t, cap));
        // Checks in Go's order: max against cap, hi against max or cap, lo against hi.
        let limit = match max_val {
            Some(m) => {
                let kind = if array {
                    BoundsKind::Slice3Alen
                } else {
                    BoundsKind::Slice3Acap
                };
                self.bounds_check(kind, m, bound);
                self.bounds_check(BoundsKind::Slice3B, hi_val.expect("three-index slice"), m.0);
                m.0
            }
            None => {
                if let Some(h) = hi_val {
                    let kind = if string || array {
                        BoundsKind::SliceAlen
                    } else {
                        BoundsKind::SliceAcap
                    };
                    self.bounds_check(kind, h, bound);
                }
                cap
            }
        };
        if let Some(l) = lo_val {
            let kind = if max_val.is_some() {
                BoundsKind::Slice3C
            } else {
                BoundsKind::SliceB
            };
            self.bounds_check(kind, l, end);
        }
        let limit = match max_val {
            Some(_) => self.length(limit),
            None => limit,
        };
        if lo_val.is_none() {
            let end = match hi_val {
                Some(_) => self.length(end),
                None => end,
            };
            return match string {
                true => Val::two(ptr, end),
                false => Val::three(ptr, end, limit),
            };
        }
        let new_len = self.b.binary(BinaryOp::Isub, end, start);
        let new_len = self.length(new_len);
        let new_cap = self.b.binary(BinaryOp::Isub, limit, start);
        let new_cap = self.length(new_cap);
        let size = elem.map_or(1, |t| self.repr(t).size as i64);
        let ptr = self.advance(ptr, start, size, new_cap);
        match string {
            true => Val::two(ptr, new_len),
            false => Val::three(ptr, new_len, new_cap),
        }
    }

    /// `ptr + start * size`, but `ptr` if nothing is left there, so that no pointer to the next object arises.
    fn advance(&mut self, ptr: Value, start: Value, size: i64, left: Value) -> Value {
        let n = self.b.iconst(Type::I64, size);
        let off = self.b.binary(BinaryOp::Imul, start, n);
        let zero = self.b.iconst(Type::I64, 0);
        let empty = self.b.icmp(IntCc::Eq, left, zero);
        let off = self.b.select(empty, zero, off);
        self.b.binary(BinaryOp::Iadd, ptr, off)
    }
}
