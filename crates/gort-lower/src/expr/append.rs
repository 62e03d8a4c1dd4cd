//! `append`

use crate::func::FuncLower;
use crate::place::unparen;
use crate::value::Val;
use gort_ir::{BinaryOp, IntCc, Type, Value, Var};
use gort_syntax::ast::*;
use gort_types::{Builtin, Ty, TyKind};

impl<'a> FuncLower<'_, 'a> {
    /// `append(s, elems...)` or `append(s, t...)`
    pub fn append(&mut self, e: ExprRef<'a>, args: &[ExprRef<'a>], has_dots: bool) -> Val {
        let ty = self.ty(e);
        let TyKind::Slice(elem) = self.under(ty) else {
            unreachable!("append gives a slice")
        };
        let elem = *elem;
        let s = self.expr_as(args[0], ty);
        if has_dots {
            return self.append_slice(e, &s, args[1], elem);
        }
        let vals: Vec<Val> = args[1..]
            .iter()
            .map(|&a| {
                let v = self.expr_as(a, elem);
                if args.len() > 2 {
                    self.snapshot(elem, v)
                } else {
                    v
                }
            })
            .collect();
        self.at(e.op_pos);
        self.append_values(&s, elem, &vals)
    }

    /// Append values of the element type.
    pub fn append_values(&mut self, s: &Val, elem: Ty, vals: &[Val]) -> Val {
        if vals.is_empty() {
            return s.clone();
        }
        let n = self.b.iconst(Type::I64, vals.len() as i64);
        let (ptr, len, cap) = self.grow(s, n, elem);
        let size = self.repr(elem).size as i64;
        let base = self.element_addr(ptr, size, s.at(1));
        for (i, v) in vals.iter().enumerate() {
            let off = i as i64 * size;
            let addr = self.offset(base, off);
            self.store(elem, v, addr, 0, true);
        }
        Val::three(ptr, len, cap)
    }

    /// `n` of `make([]T, n)`.
    pub fn made_length(&self, t: ExprRef<'a>) -> Option<ExprRef<'a>> {
        let ExprKind::Call { fun, args, .. } = unparen(t).kind else {
            return None;
        };
        if self.step_taken(t).is_some() {
            return None;
        }
        let make = self.builtin_of(unparen(fun)) == Some(Builtin::Make);
        (make && args.len() == 2).then(|| args[1])
    }

    /// `append(s, make([]T, n)...)` without the slice between.
    fn append_zeros(&mut self, e: ExprRef<'a>, s: &Val, n: ExprRef<'a>, elem: Ty) -> Val {
        let n = self.make_size(n);
        self.at(e.op_pos);
        let (refuse, go_on) = (self.b.cold_block(), self.b.block());
        let negative = self.b.icmp_imm(IntCc::Slt, n, 0);
        self.b.branch(negative, refuse, go_on);
        self.b.seal(refuse);
        self.b.switch_to(refuse);
        let et = self.type_addr(elem);
        self.rt_noreturn("makeslice", &[et, n, n]);
        self.b.seal(go_on);
        self.b.switch_to(go_on);
        let n = self.length(n);
        let (ptr, len, cap) = self.grow(s, n, elem);
        let size = self.repr(elem).size as i64;
        let dst = self.element_addr(ptr, size, s.at(1));
        let size = self.b.iconst(Type::I64, size);
        let bytes = self.b.binary(BinaryOp::Imul, n, size);
        self.clear_elements(elem, dst, bytes);
        Val::three(ptr, len, cap)
    }

    fn append_slice(&mut self, e: ExprRef<'a>, s: &Val, t: ExprRef<'a>, elem: Ty) -> Val {
        if let Some(n) = self.made_length(t) {
            return self.append_zeros(e, s, n, elem);
        }
        let t = if self.mode(unparen(t)) == gort_types::Mode::Nil {
            return s.clone();
        } else {
            self.borrowed_bytes(t)
        };
        self.at(e.op_pos);
        let (ptr, len, cap) = self.grow(s, t.at(1), elem);
        let size = self.repr(elem).size as i64;
        let dst = self.element_addr(ptr, size, s.at(1));
        let size = self.b.iconst(Type::I64, size);
        let bytes = self.b.binary(BinaryOp::Imul, t.at(1), size);
        self.move_elements(elem, dst, t.at(0), bytes);
        Val::three(ptr, len, cap)
    }

    /// Room for `n` more elements: pointer, new length, capacity.
    fn grow(&mut self, s: &Val, n: Value, elem: Ty) -> (Value, Value, Value) {
        let new_len = self.b.binary(BinaryOp::Iadd, s.at(1), n);
        let vars: [Var; 2] = [self.ssa(s.at(0)), self.ssa(s.at(2))];
        let (grow, join) = (self.b.cold_block(), self.b.block());
        let over = self.b.icmp(IntCc::Ugt, new_len, s.at(2));
        self.b.branch(over, grow, join);
        self.b.seal(grow);
        self.b.switch_to(grow);
        let et = self.type_addr(elem);
        let r = self.rt("growslice", &[s.at(0), new_len, s.at(2), n, et]);
        self.b.def(vars[0], r[0]);
        self.b.def(vars[1], r[1]);
        self.b.jump(join, &[]);
        self.b.seal(join);
        self.b.switch_to(join);
        (self.b.use_var(vars[0]), new_len, self.b.use_var(vars[1]))
    }
}
