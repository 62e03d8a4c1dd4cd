//! Arithmetic on integers, floats and complex numbers; shifts.

use crate::func::FuncLower;
use crate::place::unparen;
use crate::value::Val;
use gort_ir::{BinaryOp, InstData, IntCc, Type, UnaryOp, Value};
use gort_syntax::ast::*;
use gort_types::{BasicKind, Mode, Ty, TyKind};

impl<'a> FuncLower<'_, 'a> {
    /// The basic kind of a type.
    pub fn basic(&self, ty: Ty) -> BasicKind {
        match self.under(ty) {
            TyKind::Basic(k) => *k,
            _ => BasicKind::Invalid,
        }
    }

    /// `a op b` of one type. `nonzero`: the divisor is a constant (which the checker knows is not zero).
    pub fn arith(&mut self, op: Op, ty: Ty, a: &Val, b: &Val, nonzero: bool) -> Val {
        let kind = self.basic(ty);
        if kind.is_complex() {
            return self.complex_arith(op, kind, a, b);
        }
        if kind.is_string() {
            let r = self.rt("concatstring2", &[a.at(0), a.at(1), b.at(0), b.at(1)]);
            return Val::two(r[0], r[1]);
        }
        let (x, y) = (a.scalar(), b.scalar());
        if kind.is_float() {
            return Val::one(self.float_arith(op, x, y));
        }
        let unsigned = kind.is_unsigned();
        let op = match op {
            Op::Add => BinaryOp::Iadd,
            Op::Sub => BinaryOp::Isub,
            Op::Mul => BinaryOp::Imul,
            Op::And => BinaryOp::And,
            Op::Or => BinaryOp::Or,
            Op::Xor => BinaryOp::Xor,
            Op::AndNot => {
                let not = self.b.unary(UnaryOp::Inot, y);
                return Val::one(self.b.binary(BinaryOp::And, x, not));
            }
            Op::Div | Op::Rem => {
                if !nonzero {
                    self.b.emit(InstData::ZeroCheck { a: y }, &[]);
                }
                match (op, unsigned) {
                    (Op::Div, false) => BinaryOp::Sdiv,
                    (Op::Div, true) => BinaryOp::Udiv,
                    (_, false) => BinaryOp::Srem,
                    (_, true) => BinaryOp::Urem,
                }
            }
            _ => unreachable!("not an arithmetic operator: {op:?}"),
        };
        Val::one(self.b.binary(op, x, y))
    }

    fn float_arith(&mut self, op: Op, x: Value, y: Value) -> Value {
        let op = match op {
            Op::Add => BinaryOp::Fadd,
            Op::Sub => BinaryOp::Fsub,
            Op::Mul => BinaryOp::Fmul,
            Op::Div => BinaryOp::Fdiv,
            _ => unreachable!("not a float operator: {op:?}"),
        };
        self.b.binary(op, x, y)
    }

    fn complex_arith(&mut self, op: Op, kind: BasicKind, a: &Val, b: &Val) -> Val {
        let (ar, ai, br, bi) = (a.at(0), a.at(1), b.at(0), b.at(1));
        match op {
            Op::Add | Op::Sub => {
                Val::two(self.float_arith(op, ar, br), self.float_arith(op, ai, bi))
            }
            Op::Mul => {
                // The products are formed in double precision, as gc does for complex64.
                let wide = |f: &mut Self, v| f.float_to(v, Type::F64);
                let (x, y, u, v) = (
                    wide(self, ar),
                    wide(self, ai),
                    wide(self, br),
                    wide(self, bi),
                );
                let (xu, yv) = (
                    self.b.binary(BinaryOp::Fmul, x, u),
                    self.b.binary(BinaryOp::Fmul, y, v),
                );
                let (xv, yu) = (
                    self.b.binary(BinaryOp::Fmul, x, v),
                    self.b.binary(BinaryOp::Fmul, y, u),
                );
                let re = self.b.binary(BinaryOp::Fsub, xu, yv);
                let im = self.b.binary(BinaryOp::Fadd, xv, yu);
                self.narrow_complex(kind, re, im)
            }
            Op::Div => {
                let args = [ar, ai, br, bi].map(|v| self.float_to(v, Type::F64));
                let r = self.rt("complex128div", &args);
                self.narrow_complex(kind, r[0], r[1])
            }
            _ => unreachable!("not a complex operator: {op:?}"),
        }
    }

    fn narrow_complex(&mut self, kind: BasicKind, re: Value, im: Value) -> Val {
        let ty = if kind == BasicKind::Complex64 {
            Type::F32
        } else {
            Type::F64
        };
        Val::two(self.float_to(re, ty), self.float_to(im, ty))
    }

    /// Convert between float widths.
    pub fn float_to(&mut self, v: Value, ty: Type) -> Value {
        match (self.b.func.ty(v), ty) {
            (Type::F32, Type::F64) => self.b.convert(gort_ir::ConvertOp::Fpromote, ty, v),
            (Type::F64, Type::F32) => self.b.convert(gort_ir::ConvertOp::Fdemote, ty, v),
            _ => v,
        }
    }

    /// `+x`, `-x`, `^x`
    pub fn unary_arith(&mut self, e: ExprRef<'a>, op: Op, x: ExprRef<'a>) -> Val {
        let ty = self.ty(e);
        let v = self.expr_as(x, ty);
        self.at(e.op_pos);
        match op {
            Op::Add => v,
            Op::Xor => Val::one(self.b.unary(UnaryOp::Inot, v.scalar())),
            Op::Sub => {
                let op = |k: BasicKind| {
                    if k.is_integer() {
                        UnaryOp::Ineg
                    } else {
                        UnaryOp::Fneg
                    }
                };
                let op = op(self.basic(ty));
                Val::S(
                    v.scalars()
                        .to_vec()
                        .into_iter()
                        .map(|s| self.b.unary(op, s))
                        .collect(),
                )
            }
            _ => {
                self.unsupported(e.pos, "this operator");
                v
            }
        }
    }

    /// `a << y` or `a >> y` of type `ty`.
    pub fn shift(&mut self, op: Op, a: Val, ty: Ty, y: ExprRef<'a>) -> Val {
        let x = a.scalar();
        let kind = self.basic(ty);
        let machine = self.b.func.ty(x);
        let bits = machine.bits() as i64;
        let arithmetic = op == Op::Shr && !kind.is_unsigned();
        let ir_op = match op {
            Op::Shl => BinaryOp::Shl,
            _ if arithmetic => BinaryOp::Ashr,
            _ => BinaryOp::Lshr,
        };
        if let Some(count) = self.info().value(unparen(y).id).and_then(|v| v.to_u64()) {
            let count = count.min(bits as u64) as i64;
            if count == bits && !arithmetic {
                return Val::one(self.b.iconst(machine, 0));
            }
            let n = self.b.iconst(Type::I64, count.min(bits - 1));
            return Val::one(self.b.binary(ir_op, x, n));
        }
        let yt = self.ty(y);
        let unsigned = self.is_basic(yt, |k| k.is_unsigned());
        let pos = self.b.loc();
        let count = self.expr(y).scalar();
        let count = self.widen(count, unsigned);
        self.b.set_loc(pos);
        if self.is_below(y, bits as u64) {
            return Val::one(self.b.binary(ir_op, x, count));
        }
        if !unsigned {
            let (bad, good) = (self.b.cold_block(), self.b.block());
            let negative = self.b.icmp_imm(IntCc::Slt, count, 0);
            self.b.branch(negative, bad, good);
            self.b.seal(bad);
            self.b.switch_to(bad);
            self.rt_noreturn("panicshift", &[]);
            self.b.seal(good);
            self.b.switch_to(good);
        }
        let last = self.b.iconst(Type::I64, bits - 1);
        let over = self.b.icmp(IntCc::Ugt, count, last);
        if arithmetic {
            let n = self.b.select(over, last, count);
            return Val::one(self.b.binary(BinaryOp::Ashr, x, n));
        }
        let masked = self.b.binary(BinaryOp::And, count, last);
        let shifted = self.b.binary(ir_op, x, masked);
        let zero = self.b.iconst(machine, 0);
        Val::one(self.b.select(over, zero, shifted))
    }

    /// Whether an integer is surely not negative and below `bound`: what it is masked with, or the remainder of an unsigned one,
    /// says so.
    fn is_below(&self, e: ExprRef<'a>, bound: u64) -> bool {
        let e = unparen(e);
        let constant = |e: ExprRef<'a>| self.info().value(unparen(e).id).and_then(|v| v.to_u64());
        match e.kind {
            ExprKind::Binary {
                op: Op::And, x, y, ..
            } => [x, y].into_iter().filter_map(constant).any(|c| c < bound),
            ExprKind::Binary {
                op: Op::Rem, x, y, ..
            } => {
                let unsigned = self.is_basic(self.ty(x), |k| k.is_unsigned());
                unsigned && constant(y).is_some_and(|c| c != 0 && c <= bound)
            }
            // Bounds are small: no integer type cuts them off.
            ExprKind::Call { fun, args: [x], .. } => {
                self.mode(unparen(fun)) == Mode::Type
                    && self.is_basic(self.ty(x), |k| k.is_integer())
                    && self.is_below(x, bound)
            }
            _ => false,
        }
    }
}
