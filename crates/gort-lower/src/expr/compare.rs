//! `==`, `!=` and the ordering operators.

use crate::func::FuncLower;
use crate::place::unparen;
use crate::value::Val;
use gort_ir::{FloatCc, IntCc, Type, Value};
use gort_syntax::Pos;
use gort_syntax::ast::*;
use gort_types::types::StructType;
use gort_types::{Mode, Ty, TyKind};

/// A step of comparing structs.
#[derive(Clone, Copy)]
pub enum Step {
    /// A field.
    Whole(usize),
    /// The length of a string.
    Length(usize),
    /// The bytes of a string whose length has been compared.
    Bytes(usize),
}

impl Step {
    /// The field's number.
    pub fn field(self) -> usize {
        let (Step::Whole(i) | Step::Length(i) | Step::Bytes(i)) = self;
        i
    }
}

impl<'a> FuncLower<'_, 'a> {
    /// `x op y`
    pub fn comparison(&mut self, op: Op, pos: Pos, x: ExprRef<'a>, y: ExprRef<'a>) -> Val {
        let (x, y) = (unparen(x), unparen(y));
        let nil = |f: &Self, e| f.mode(e) == Mode::Nil;
        if nil(self, x) || nil(self, y) {
            let e = if nil(self, x) { y } else { x };
            let v = if nil(self, x) && nil(self, y) {
                None
            } else {
                Some(self.expr(e))
            };
            self.at(pos);
            let eq = match v {
                Some(v) => {
                    let first = v.at(0);
                    self.b.icmp_imm(IntCc::Eq, first, 0)
                }
                None => self.b.iconst(Type::I8, 1),
            };
            return self.negate_if(op == Op::Neq, eq);
        }
        let store = self.cx.store;
        let (xt, yt) = (self.ty(x), self.ty(y));
        // A comparison of an interface with a concrete value converts the value.
        let ty = match (store.is_interface(xt), store.is_interface(yt)) {
            (true, false) => xt,
            (false, true) => yt,
            _ if self.is_untyped(xt) => yt,
            _ => xt,
        };
        let strings = matches!(self.under(ty), TyKind::Basic(k) if k.is_string());
        let (a, b) = if strings && self.copying(x).is_some() && self.is_quiet(x) {
            // As in official Go the calls in y come first: bytes that they change count as changed.
            let b = self.borrowed_string(y, ty);
            (self.borrowed_string(x, ty), b)
        } else {
            let a = self.expr_as(x, ty);
            let a = if self.calls(y) {
                self.snapshot(ty, a)
            } else {
                a
            };
            let b = if strings {
                self.borrowed_string(y, ty)
            } else {
                self.expr_as(y, ty)
            };
            (a, b)
        };
        self.at(pos);
        match op {
            Op::Eql | Op::Neq => {
                let eq = self.equal(ty, &a, &b);
                self.negate_if(op == Op::Neq, eq)
            }
            _ => Val::one(self.order(op, ty, &a, &b)),
        }
    }

    fn is_untyped(&self, ty: Ty) -> bool {
        self.is_basic(ty, |k| k.is_untyped())
    }

    /// Whether evaluating an expression may run other code that changes memory.
    pub fn calls(&self, e: ExprRef<'a>) -> bool {
        !matches!(
            unparen(e).kind,
            ExprKind::Name(_) | ExprKind::Lit { .. } | ExprKind::FuncLit { .. }
        )
    }

    fn negate_if(&mut self, not: bool, v: Value) -> Val {
        Val::one(if not {
            self.b.icmp_imm(IntCc::Eq, v, 0)
        } else {
            v
        })
    }

    /// `a == b` as I8.
    pub fn equal(&mut self, ty: Ty, a: &Val, b: &Val) -> Value {
        match self.under(ty) {
            TyKind::Basic(k) if k.is_string() => self.equal_strings(a, b),
            TyKind::Basic(k) if k.is_complex() => {
                let re = self.b.fcmp(FloatCc::Eq, a.at(0), b.at(0));
                let im = self.b.fcmp(FloatCc::Eq, a.at(1), b.at(1));
                self.b.binary(gort_ir::BinaryOp::And, re, im)
            }
            TyKind::Basic(k) if k.is_float() => self.b.fcmp(FloatCc::Eq, a.scalar(), b.scalar()),
            TyKind::Interface(_) => self.equal_interfaces(ty, a, b),
            TyKind::Struct(_) if !self.repr(ty).in_memory() => self.equal_struct(ty, a, b),
            TyKind::Array { .. } | TyKind::Struct(_) => {
                let (p, q) = (self.spill(ty, a), self.spill(ty, b));
                self.equal_memory(ty, p, q)
            }
            _ => self.b.icmp(IntCc::Eq, a.scalar(), b.scalar()),
        }
    }

    /// Compare two values in memory through the type's equality function.
    pub fn equal_memory(&mut self, ty: Ty, p: Value, q: Value) -> Value {
        let repr = self.repr(ty);
        if repr.size == 0 {
            return self.b.iconst(Type::I8, 1);
        }
        if self.cx.is_plain_memory(ty) {
            let n = self.b.iconst(Type::I64, repr.size as i64);
            return self.rt("memequal", &[p, q, n])[0];
        }
        let symbol = self.cx.equal_func(ty);
        let sym = self.sym(&symbol);
        let ctx = self.b.iconst(Type::Ptr, 0);
        self.b
            .call(gort_ir::Callee::Direct(sym), &[ctx, p, q], &[Type::I8])[0]
    }

    fn equal_strings(&mut self, a: &Val, b: &Val) -> Value {
        let same_len = self.b.icmp(IntCc::Eq, a.at(1), b.at(1));
        let (compare, join) = (self.b.block(), self.b.block());
        let result = self.b.var(Type::I8);
        self.b.def(result, same_len);
        self.b.branch(same_len, compare, join);
        self.b.seal(compare);
        self.b.switch_to(compare);
        let eq = self.rt("memequal", &[a.at(0), b.at(0), a.at(1)])[0];
        self.b.def(result, eq);
        self.b.jump(join, &[]);
        self.b.seal(join);
        self.b.switch_to(join);
        self.b.use_var(result)
    }

    fn equal_interfaces(&mut self, ty: Ty, a: &Val, b: &Val) -> Value {
        let same_type = self.b.icmp(IntCc::Eq, a.at(0), b.at(0));
        let (compare, join) = (self.b.block(), self.b.block());
        let result = self.b.var(Type::I8);
        self.b.def(result, same_type);
        self.b.branch(same_type, compare, join);
        self.b.seal(compare);
        self.b.switch_to(compare);
        let f = if self.is_eface(ty) {
            "efaceeq"
        } else {
            "ifaceeq"
        };
        let eq = self.rt(f, &[a.at(0), a.at(1), b.at(1)])[0];
        self.b.def(result, eq);
        self.b.jump(join, &[]);
        self.b.seal(join);
        self.b.switch_to(join);
        self.b.use_var(result)
    }

    /// In which order the fields of a struct are compared, as official Go does it: what needs no call goes first, lengths of
    /// strings included; but nothing passes a field whose comparison may panic.
    pub fn field_steps(&self, s: &StructType) -> Vec<Step> {
        let mut steps = Vec::new();
        let (mut cheap, mut calls) = (Vec::new(), Vec::new());
        for (i, field) in s.fields.iter().enumerate() {
            if field.name.is_blank() {
                continue;
            }
            match self.under(field.ty) {
                _ if !self.cx.hashes_quietly(field.ty) => {
                    steps.append(&mut cheap);
                    steps.append(&mut calls);
                    steps.push(Step::Whole(i));
                }
                TyKind::Basic(k) if k.is_string() => {
                    cheap.push(Step::Length(i));
                    calls.push(Step::Bytes(i));
                }
                TyKind::Struct(_) | TyKind::Array { .. } => calls.push(Step::Whole(i)),
                _ => cheap.push(Step::Whole(i)),
            }
        }
        steps.append(&mut cheap);
        steps.append(&mut calls);
        steps
    }

    /// One step of comparing fields of type `ty`.
    pub fn equal_step(&mut self, step: Step, ty: Ty, x: &Val, y: &Val) -> Value {
        match step {
            Step::Whole(_) => self.equal(ty, x, y),
            Step::Length(_) => self.b.icmp(IntCc::Eq, x.at(1), y.at(1)),
            Step::Bytes(_) => self.rt("memequal", &[x.at(0), y.at(0), x.at(1)])[0],
        }
    }

    /// Stops at the first difference.
    fn equal_struct(&mut self, ty: Ty, a: &Val, b: &Val) -> Value {
        let TyKind::Struct(s) = self.under(ty) else {
            unreachable!()
        };
        let join = self.b.block();
        let result = self.b.var(Type::I8);
        let one = self.b.iconst(Type::I8, 1);
        self.b.def(result, one);
        for step in self.field_steps(s) {
            let i = step.field();
            let part = |f: &mut Self, v: &Val| {
                let (place, ty) = f.field(crate::place::Place::Value(v.clone()), ty, i);
                f.read(&place, ty)
            };
            let (x, y) = (part(self, a), part(self, b));
            let eq = self.equal_step(step, s.fields[i].ty, &x, &y);
            self.b.def(result, eq);
            let next = self.b.block();
            self.b.branch(eq, next, join);
            self.b.seal(next);
            self.b.switch_to(next);
        }
        self.b.jump(join, &[]);
        self.b.seal(join);
        self.b.switch_to(join);
        self.b.use_var(result)
    }

    fn order(&mut self, op: Op, ty: Ty, a: &Val, b: &Val) -> Value {
        let kind = self.basic(ty);
        if kind.is_string() {
            let c = self.rt("cmpstring", &[a.at(0), a.at(1), b.at(0), b.at(1)])[0];
            return self.b.icmp_imm(int_cc(op, false), c, 0);
        }
        if kind.is_float() {
            let cc = match op {
                Op::Lss => FloatCc::Lt,
                Op::Leq => FloatCc::Le,
                Op::Gtr => FloatCc::Gt,
                _ => FloatCc::Ge,
            };
            return self.b.fcmp(cc, a.scalar(), b.scalar());
        }
        self.b
            .icmp(int_cc(op, kind.is_unsigned()), a.scalar(), b.scalar())
    }
}

fn int_cc(op: Op, unsigned: bool) -> IntCc {
    match (op, unsigned) {
        (Op::Lss, false) => IntCc::Slt,
        (Op::Leq, false) => IntCc::Sle,
        (Op::Gtr, false) => IntCc::Sgt,
        (Op::Geq, false) => IntCc::Sge,
        (Op::Lss, true) => IntCc::Ult,
        (Op::Leq, true) => IntCc::Ule,
        (Op::Gtr, true) => IntCc::Ugt,
        (Op::Geq, true) => IntCc::Uge,
        (Op::Eql, _) => IntCc::Eq,
        _ => IntCc::Ne,
    }
}
