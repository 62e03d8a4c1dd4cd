//! Strings: indexing, concatenation.

use crate::func::FuncLower;
use crate::place::unparen;
use crate::value::Val;
use gort_ir::{BinaryOp, BoundsKind, Type};
use gort_syntax::ast::*;

impl<'a> FuncLower<'_, 'a> {
    /// `s[i]`
    pub fn index_string(&mut self, e: ExprRef<'a>, x: ExprRef<'a>, index: ExprRef<'a>) -> Val {
        let s = self.expr(x);
        let i = self.index_value(index);
        self.at(e.op_pos);
        self.bounds_check(BoundsKind::Index, i, s.at(1));
        let addr = self.b.binary(BinaryOp::Iadd, s.at(0), i.0);
        Val::one(self.b.load(Type::I8, addr, 0))
    }

    /// `a + b + …` of strings, in one allocation.
    pub fn concat(&mut self, e: ExprRef<'a>) -> Val {
        let mut parts = Vec::new();
        self.concat_parts(e, &mut parts);
        let ty = self.ty(e);
        // With a constant part the result is a new string, and not one of its parts.
        let is_new = parts.iter().any(|p| {
            let value = self.info().value(p.id);
            value.and_then(|v| v.str_len()).is_some_and(|n| n > 0)
        });
        // Then bytes are taken last, as in official Go: what calls in other parts change counts as changed.
        let is_late = |p: ExprRef<'a>| is_new && self.copying(p).is_some() && self.is_quiet(p);
        let (late, first): (Vec<usize>, Vec<usize>) =
            (0..parts.len()).partition(|&i| is_late(parts[i]));
        let mut vals: Vec<(usize, Val)> = Vec::with_capacity(parts.len());
        for i in first {
            vals.push((i, self.expr_as(parts[i], ty)));
        }
        for i in late {
            vals.push((i, self.borrowed_string(parts[i], ty)));
        }
        vals.sort_by_key(|v| v.0);
        self.at(e.op_pos);
        let flat: Vec<_> = vals.iter().flat_map(|v| v.1.scalars().to_vec()).collect();
        let r = match vals.len() {
            2 => self.rt("concatstring2", &flat),
            3 => self.rt("concatstring3", &flat),
            n => {
                let slot = self.b.func.add_slot(16 * n as u32, 8);
                let addr = self.b.slot_addr(slot, 0);
                for (i, &v) in flat.iter().enumerate() {
                    self.b.store(v, addr, 8 * i as i32, false);
                }
                let count = self.b.iconst(Type::I64, n as i64);
                self.rt("concatstrings", &[addr, count])
            }
        };
        Val::two(r[0], r[1])
    }

    fn concat_parts(&self, e: ExprRef<'a>, parts: &mut Vec<ExprRef<'a>>) {
        let e = unparen(e);
        match e.kind {
            ExprKind::Binary {
                op: Op::Add, x, y, ..
            } if self.info().value(e.id).is_none() => {
                self.concat_parts(x, parts);
                self.concat_parts(y, parts);
            }
            _ => parts.push(e),
        }
    }
}
