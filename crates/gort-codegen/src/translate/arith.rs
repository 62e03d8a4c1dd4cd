//! Arithmetic, comparisons and conversions.

use super::{Translator, clif};
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::immediates::{Ieee32, Ieee64};
use cranelift_codegen::ir::{self, InstBuilder, MemFlagsData, types};
use gort_ir::func::ValueDef;
use gort_ir::{BinaryOp, ConvertOp, FloatCc, InstData, IntCc, Type, UnaryOp, Value};

pub(super) fn int_cc(cc: IntCc) -> IntCC {
    match cc {
        IntCc::Eq => IntCC::Equal,
        IntCc::Ne => IntCC::NotEqual,
        IntCc::Slt => IntCC::SignedLessThan,
        IntCc::Sle => IntCC::SignedLessThanOrEqual,
        IntCc::Sgt => IntCC::SignedGreaterThan,
        IntCc::Sge => IntCC::SignedGreaterThanOrEqual,
        IntCc::Ult => IntCC::UnsignedLessThan,
        IntCc::Ule => IntCC::UnsignedLessThanOrEqual,
        IntCc::Ugt => IntCC::UnsignedGreaterThan,
        IntCc::Uge => IntCC::UnsignedGreaterThanOrEqual,
    }
}

pub(super) fn float_cc(cc: FloatCc) -> FloatCC {
    match cc {
        FloatCc::Eq => FloatCC::Equal,
        FloatCc::Ne => FloatCC::NotEqual,
        FloatCc::Lt => FloatCC::LessThan,
        FloatCc::Le => FloatCC::LessThanOrEqual,
        FloatCc::Gt => FloatCC::GreaterThan,
        FloatCc::Ge => FloatCC::GreaterThanOrEqual,
    }
}

impl Translator<'_, '_> {
    pub(super) fn binary(&mut self, op: BinaryOp, a: Value, b: Value) -> Result<ir::Value, String> {
        let ty = self.f.ty(a);
        let (x, y) = (self.value(a)?, self.value(b)?);
        Ok(match op {
            BinaryOp::Iadd => self.b.ins().iadd(x, y),
            BinaryOp::Isub => self.b.ins().isub(x, y),
            BinaryOp::Imul => match self.product {
                Some((of, low)) if of == (a, b) => low,
                _ => self.b.ins().imul(x, y),
            },
            BinaryOp::Umulh if ty.size() == 8 => {
                // One multiplication gives both halves, and the lower one is usually wanted next.
                let x = self.b.ins().uextend(types::I128, x);
                let y = self.b.ins().uextend(types::I128, y);
                let product = self.b.ins().imul(x, y);
                let (low, high) = self.b.ins().isplit(product);
                self.product = Some(((a, b), low));
                high
            }
            BinaryOp::Umulh => self.b.ins().umulhi(x, y),
            BinaryOp::Smulh => self.b.ins().smulhi(x, y),
            BinaryOp::Sdiv => self.sdiv(ty, x, y, self.constant(b)),
            BinaryOp::Udiv => self.b.ins().udiv(x, y),
            // Cranelift's remainder gives 0 for a divisor of -1 by itself.
            BinaryOp::Srem => self.b.ins().srem(x, y),
            BinaryOp::Urem => self.b.ins().urem(x, y),
            BinaryOp::And => self.b.ins().band(x, y),
            BinaryOp::Or => self.b.ins().bor(x, y),
            BinaryOp::Xor => self.b.ins().bxor(x, y),
            BinaryOp::Shl => self.b.ins().ishl(x, y),
            BinaryOp::Lshr => self.b.ins().ushr(x, y),
            BinaryOp::Ashr => self.b.ins().sshr(x, y),
            BinaryOp::Rotl => self.b.ins().rotl(x, y),
            BinaryOp::Fadd => self.b.ins().fadd(x, y),
            BinaryOp::Fsub => self.b.ins().fsub(x, y),
            BinaryOp::Fmul => self.b.ins().fmul(x, y),
            BinaryOp::Fdiv => self.b.ins().fdiv(x, y),
            BinaryOp::Fmin => self.b.ins().fmin(x, y),
            BinaryOp::Fmax => self.b.ins().fmax(x, y),
        })
    }

    /// The constant that `v` is.
    fn constant(&self, v: Value) -> Option<i64> {
        let ValueDef::Result(inst, _) = self.f.values[v.index()].def else {
            return None;
        };
        match self.f.insts[inst.index()] {
            InstData::Iconst { imm, .. } => Some(imm),
            _ => None,
        }
    }

    /// The instruction faults on minInt / -1, which in Go is minInt: divide by 1 there, and negate.
    fn sdiv(&mut self, ty: Type, x: ir::Value, y: ir::Value, divisor: Option<i64>) -> ir::Value {
        match divisor {
            Some(-1) => self.b.ins().ineg(x),
            Some(_) => self.b.ins().sdiv(x, y),
            None => {
                let minus_one = self.b.ins().icmp_imm_s(IntCC::Equal, y, -1);
                let one = self.iconst(ty, 1);
                let divisor = self.b.ins().select(minus_one, one, y);
                let quotient = self.b.ins().sdiv(x, divisor);
                let negated = self.b.ins().ineg(x);
                self.b.ins().select(minus_one, negated, quotient)
            }
        }
    }

    pub(super) fn unary(&mut self, op: UnaryOp, a: Value) -> Result<ir::Value, String> {
        let x = self.value(a)?;
        Ok(match op {
            UnaryOp::Ineg => self.b.ins().ineg(x),
            UnaryOp::Inot => self.b.ins().bnot(x),
            UnaryOp::Clz => self.b.ins().clz(x),
            UnaryOp::Ctz => self.b.ins().ctz(x),
            UnaryOp::Popcnt => self.b.ins().popcnt(x),
            UnaryOp::Bswap if self.f.ty(a) == Type::I8 => x,
            UnaryOp::Bswap => self.b.ins().bswap(x),
            UnaryOp::Fneg => self.b.ins().fneg(x),
            UnaryOp::Fabs => self.b.ins().fabs(x),
            UnaryOp::Sqrt => self.b.ins().sqrt(x),
            UnaryOp::Ceil => self.b.ins().ceil(x),
            UnaryOp::Floor => self.b.ins().floor(x),
            UnaryOp::Trunc => self.b.ins().trunc(x),
            UnaryOp::Nearest => self.b.ins().nearest(x),
        })
    }

    pub(super) fn convert(
        &mut self,
        op: ConvertOp,
        to: Type,
        a: Value,
    ) -> Result<ir::Value, String> {
        let from = self.f.ty(a);
        let x = self.value(a)?;
        let ty = clif(to);
        Ok(match op {
            ConvertOp::Sext | ConvertOp::Zext | ConvertOp::Itrunc if from.size() == to.size() => x,
            ConvertOp::Sext => self.b.ins().sextend(ty, x),
            ConvertOp::Zext => self.b.ins().uextend(ty, x),
            ConvertOp::Itrunc => self.b.ins().ireduce(ty, x),
            ConvertOp::SintToFloat => {
                let x = if from.size() < 4 {
                    self.b.ins().sextend(types::I32, x)
                } else {
                    x
                };
                self.b.ins().fcvt_from_sint(ty, x)
            }
            ConvertOp::UintToFloat => {
                // Below 64 bits an unsigned integer fits a signed one.
                if from.size() < 8 {
                    let x = self.b.ins().uextend(types::I64, x);
                    self.b.ins().fcvt_from_sint(ty, x)
                } else {
                    self.b.ins().fcvt_from_uint(ty, x)
                }
            }
            ConvertOp::FloatToSint => {
                let wide = if to.size() < 8 {
                    types::I32
                } else {
                    types::I64
                };
                let x = self.float_to_int(from, x, wide);
                if ty == wide {
                    x
                } else {
                    self.b.ins().ireduce(ty, x)
                }
            }
            ConvertOp::FloatToUint => {
                // Where the low half does not fit, its sign lets the bits of the high half through.
                let low = self.float_to_int(from, x, types::I64);
                let limit = self.power_of_two(from, 63);
                let above = self.b.ins().fsub(x, limit);
                let high = self.float_to_int(from, above, types::I64);
                let mask = self.b.ins().sshr_imm_u(low, 63);
                let high = self.b.ins().band(high, mask);
                let x = self.b.ins().bor(low, high);
                self.narrow(to, x)
            }
            ConvertOp::Fpromote => self.b.ins().fpromote(ty, x),
            ConvertOp::Fdemote => self.b.ins().fdemote(ty, x),
            ConvertOp::Bitcast if from.is_float() == to.is_float() => x,
            ConvertOp::Bitcast => self.b.ins().bitcast(ty, MemFlagsData::new(), x),
        })
    }

    fn narrow(&mut self, to: Type, x: ir::Value) -> ir::Value {
        if to.size() < 8 {
            self.b.ins().ireduce(clif(to), x)
        } else {
            x
        }
    }

    fn power_of_two(&mut self, ty: Type, n: i32) -> ir::Value {
        let power = f64::powi(2.0, n);
        match ty {
            Type::F32 => self.b.ins().f32const(Ieee32::with_float(power as f32)),
            _ => self.b.ins().f64const(Ieee64::with_float(power)),
        }
    }

    /// What `cvttsd2si` gives: the least integer of type `to` for whatever does not fit. Cranelift has the
    /// saturating conversion, which differs above the range and for NaN.
    fn float_to_int(&mut self, from: Type, x: ir::Value, to: ir::Type) -> ir::Value {
        let sign = to.bits() as i32 - 1;
        let limit = self.power_of_two(from, sign);
        let fits = self.b.ins().fcmp(FloatCC::LessThan, x, limit);
        let saturated = self.b.ins().fcvt_to_sint_sat(to, x);
        let min = self.b.ins().iconst(to, i64::MIN >> (63 - sign));
        self.b.ins().select(fits, saturated, min)
    }
}
