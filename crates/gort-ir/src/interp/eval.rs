//! Arithmetic on the bits of values: what each operation means, without memory and control.

use crate::inst::{BinaryOp, ConvertOp, FloatCc, IntCc, UnaryOp};
use crate::types::Type;

/// The low bits that belong to `ty`.
pub fn truncate(ty: Type, bits: u64) -> u64 {
    bits & (u64::MAX >> (64 - ty.bits()))
}

/// The value as a signed integer.
pub fn signed(ty: Type, bits: u64) -> i64 {
    let unused = 64 - ty.bits();
    (bits as i64) << unused >> unused
}

fn float(ty: Type, bits: u64) -> f64 {
    if ty == Type::F32 {
        f32::from_bits(bits as u32).into()
    } else {
        f64::from_bits(bits)
    }
}

fn float_bits(ty: Type, value: f64) -> u64 {
    if ty == Type::F32 {
        (value as f32).to_bits().into()
    } else {
        value.to_bits()
    }
}

/// `a op b`; `None` for a division by zero.
pub fn binary(op: BinaryOp, ty: Type, a: u64, b: u64) -> Option<u64> {
    if ty.is_float() {
        return Some(float_binary(op, ty, a, b));
    }
    let (sa, sb) = (signed(ty, a), signed(ty, b));
    let bits = ty.bits();
    let result = match op {
        BinaryOp::Iadd => a.wrapping_add(b),
        BinaryOp::Isub => a.wrapping_sub(b),
        BinaryOp::Imul => a.wrapping_mul(b),
        BinaryOp::Umulh => ((u128::from(a) * u128::from(b)) >> bits) as u64,
        BinaryOp::Smulh => ((i128::from(sa) * i128::from(sb)) >> bits) as u64,
        BinaryOp::Sdiv | BinaryOp::Srem if sb == 0 => return None,
        BinaryOp::Sdiv => sa.wrapping_div(sb) as u64,
        BinaryOp::Udiv => a.checked_div(b)?,
        BinaryOp::Srem => sa.wrapping_rem(sb) as u64,
        BinaryOp::Urem => a.checked_rem(b)?,
        BinaryOp::And => a & b,
        BinaryOp::Or => a | b,
        BinaryOp::Xor => a ^ b,
        // Counts are below the width; larger ones mean nothing.
        BinaryOp::Shl => a.wrapping_shl(b as u32 & (bits - 1)),
        BinaryOp::Lshr => a.wrapping_shr(b as u32 & (bits - 1)),
        BinaryOp::Ashr => sa.wrapping_shr(b as u32 & (bits - 1)) as u64,
        BinaryOp::Rotl => {
            let n = (b % u64::from(bits)) as u32;
            if n == 0 { a } else { a << n | a >> (bits - n) }
        }
        _ => return Some(float_binary(op, ty, a, b)),
    };
    Some(truncate(ty, result))
}

fn float_binary(op: BinaryOp, ty: Type, a: u64, b: u64) -> u64 {
    let (x, y) = (float(ty, a), float(ty, b));
    // For F32 a result computed in double precision and rounded is the rounded result.
    let z = match op {
        BinaryOp::Fadd => x + y,
        BinaryOp::Fsub => x - y,
        BinaryOp::Fmul => x * y,
        BinaryOp::Fdiv => x / y,
        BinaryOp::Fmin | BinaryOp::Fmax if x.is_nan() || y.is_nan() => f64::NAN,
        BinaryOp::Fmin if x == y => {
            if x.is_sign_negative() {
                x
            } else {
                y
            }
        }
        BinaryOp::Fmax if x == y => {
            if x.is_sign_negative() {
                y
            } else {
                x
            }
        }
        BinaryOp::Fmin => x.min(y),
        BinaryOp::Fmax => x.max(y),
        _ => f64::NAN,
    };
    float_bits(ty, z)
}

/// `op a`
pub fn unary(op: UnaryOp, ty: Type, a: u64) -> u64 {
    let x = float(ty, a);
    let result = match op {
        UnaryOp::Ineg => a.wrapping_neg(),
        UnaryOp::Inot => !a,
        UnaryOp::Clz => u64::from(a.leading_zeros() - (64 - ty.bits())),
        UnaryOp::Ctz => u64::from(a.trailing_zeros().min(ty.bits())),
        UnaryOp::Popcnt => u64::from(a.count_ones()),
        UnaryOp::Bswap => a.swap_bytes() >> (64 - ty.bits()),
        UnaryOp::Fneg => a ^ 1 << (ty.bits() - 1),
        UnaryOp::Fabs => a & !(1 << (ty.bits() - 1)),
        UnaryOp::Sqrt => float_bits(ty, x.sqrt()),
        UnaryOp::Ceil => float_bits(ty, x.ceil()),
        UnaryOp::Floor => float_bits(ty, x.floor()),
        UnaryOp::Trunc => float_bits(ty, x.trunc()),
        UnaryOp::Nearest => float_bits(ty, x.round_ties_even()),
    };
    truncate(ty, result)
}

/// `a` of type `from` as a `to`.
pub fn convert(op: ConvertOp, from: Type, to: Type, a: u64) -> u64 {
    let x = float(from, a);
    let limit = 9_223_372_036_854_775_808.0;
    // What the processor gives for what does not fit: the least integer of the width.
    let to_int = |x: f64| {
        if x < limit && x >= -limit {
            x as i64
        } else {
            i64::MIN
        }
    };
    let to_int32 = |x: f64| i32::try_from(to_int(x)).unwrap_or(i32::MIN);
    let result = match op {
        ConvertOp::Sext => signed(from, a) as u64,
        ConvertOp::Zext | ConvertOp::Itrunc | ConvertOp::Bitcast => a,
        ConvertOp::SintToFloat if to == Type::F32 => (signed(from, a) as f32).to_bits().into(),
        ConvertOp::SintToFloat => (signed(from, a) as f64).to_bits(),
        ConvertOp::UintToFloat if to == Type::F32 => (a as f32).to_bits().into(),
        ConvertOp::UintToFloat => (a as f64).to_bits(),
        ConvertOp::FloatToSint if to.size() < 8 => to_int32(x) as u64,
        ConvertOp::FloatToSint => to_int(x) as u64,
        ConvertOp::FloatToUint => {
            let low = to_int(x);
            (low | low >> 63 & to_int(x - limit)) as u64
        }
        ConvertOp::Fpromote | ConvertOp::Fdemote => float_bits(to, x),
    };
    truncate(to, result)
}

/// Integer comparison.
pub fn icmp(cc: IntCc, ty: Type, a: u64, b: u64) -> bool {
    let (sa, sb) = (signed(ty, a), signed(ty, b));
    match cc {
        IntCc::Eq => a == b,
        IntCc::Ne => a != b,
        IntCc::Slt => sa < sb,
        IntCc::Sle => sa <= sb,
        IntCc::Sgt => sa > sb,
        IntCc::Sge => sa >= sb,
        IntCc::Ult => a < b,
        IntCc::Ule => a <= b,
        IntCc::Ugt => a > b,
        IntCc::Uge => a >= b,
    }
}

/// Float comparison.
pub fn fcmp(cc: FloatCc, ty: Type, a: u64, b: u64) -> bool {
    let (x, y) = (float(ty, a), float(ty, b));
    match cc {
        FloatCc::Eq => x == y,
        FloatCc::Ne => x != y,
        FloatCc::Lt => x < y,
        FloatCc::Le => x <= y,
        FloatCc::Gt => x > y,
        FloatCc::Ge => x >= y,
    }
}
