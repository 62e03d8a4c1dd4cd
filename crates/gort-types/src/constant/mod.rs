//! Exact constants: booleans, byte strings, integers, rationals, 512-bit floats and complex numbers.
//!
//! A value is kept in the smallest representation that holds it: [`Value::Int`] before
//! [`Value::BigInt`]; [`Value::Rat`] while numerator and denominator stay below 4096 bits, then
//! [`Value::Float`] with 512 bits of mantissa. Whether a constant *is* an integer or a float in Go is a matter of
//! its type, not of this representation.

mod float;
mod format;
mod literal;
mod ops;
mod string;

pub use float::BigFloat;
pub use format::{format_g, quote};
pub use literal::{make_from_literal, unquote};
pub use ops::{binary_op, compare, shift, unary_op};
pub use string::Str;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use std::sync::Arc;

/// A constant value.
#[derive(Clone, Debug)]
pub enum Value {
    /// Not known because of an error; operations on it yield it again.
    Unknown,
    /// A boolean.
    Bool(bool),
    /// A string: any bytes.
    Str(Str),
    /// An integer that fits.
    Int(i64),
    /// An integer that does not fit [`Value::Int`].
    BigInt(Arc<BigInt>),
    /// A fraction of moderate size.
    Rat(Arc<BigRational>),
    /// A number of extreme size, rounded to 512 bits.
    Float(Arc<BigFloat>),
    /// Real and imaginary part.
    Complex(Arc<(Value, Value)>),
}

/// Classes of values, each including the numeric ones before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs)]
pub enum Kind {
    Unknown,
    Bool,
    String,
    Int,
    Float,
    Complex,
}

/// Rationals above this many bits become floats.
const MAX_EXP: u64 = 4 << 10;

fn small(x: &BigInt) -> bool {
    x.bits() < MAX_EXP
}

impl Value {
    /// An integer.
    pub fn from_bigint(x: BigInt) -> Value {
        match x.to_i64() {
            Some(i) => Value::Int(i),
            None => Value::BigInt(Arc::new(x)),
        }
    }
    /// An unsigned integer.
    pub fn from_u64(x: u64) -> Value {
        i64::try_from(x).map_or_else(|_| Value::BigInt(Arc::new(x.into())), Value::Int)
    }
    /// A fraction, or a float if it is large.
    pub fn from_rat(x: BigRational) -> Value {
        if small(x.numer()) && small(x.denom()) {
            Value::Rat(Arc::new(x))
        } else {
            Value::from_float(BigFloat::from_rat(&x))
        }
    }
    /// A 512-bit float; Unknown if its exponent is out of range.
    pub fn from_float(x: BigFloat) -> Value {
        if x.is_zero() {
            return Value::Rat(Arc::new(BigRational::zero()));
        }
        if x.is_inf() {
            return Value::Unknown;
        }
        Value::Float(Arc::new(x))
    }
    /// A finite float; Unknown otherwise.
    pub fn from_f64(x: f64) -> Value {
        BigRational::from_float(x).map_or(Value::Unknown, Value::from_rat)
    }
    /// A string.
    pub fn from_str_bytes(s: &[u8]) -> Value {
        Value::Str(Str::new(s))
    }
    /// A complex number.
    pub fn complex(re: Value, im: Value) -> Value {
        if re.is_unknown() || im.is_unknown() {
            return Value::Unknown;
        }
        Value::Complex(Arc::new((re, im)))
    }

    /// The class of its representation.
    pub fn kind(&self) -> Kind {
        match self {
            Value::Unknown => Kind::Unknown,
            Value::Bool(_) => Kind::Bool,
            Value::Str(_) => Kind::String,
            Value::Int(_) | Value::BigInt(_) => Kind::Int,
            Value::Rat(_) | Value::Float(_) => Kind::Float,
            Value::Complex(_) => Kind::Complex,
        }
    }
    /// Whether an error made it.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Value::Unknown)
    }
    /// A boolean's value.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(b) => Some(*b),
            _ => None,
        }
    }
    /// A string's bytes.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Value::Str(s) => Some(s.bytes()),
            _ => None,
        }
    }
    /// A string's length.
    pub fn str_len(&self) -> Option<u64> {
        match self {
            Value::Str(s) => Some(s.len()),
            _ => None,
        }
    }
    /// An integer's value (of an integer representation; see [`Value::to_int`]).
    pub fn to_bigint(&self) -> Option<BigInt> {
        match self {
            Value::Int(i) => Some((*i).into()),
            Value::BigInt(i) => Some((**i).clone()),
            _ => None,
        }
    }
    /// The value as i64 if it is an integer that fits, whatever its representation.
    pub fn to_i64(&self) -> Option<i64> {
        match self.to_int() {
            Value::Int(i) => Some(i),
            _ => None,
        }
    }
    /// The value as u64 if it is an integer that fits.
    pub fn to_u64(&self) -> Option<u64> {
        match self.to_int() {
            Value::Int(i) => i.try_into().ok(),
            Value::BigInt(i) => i.to_u64(),
            _ => None,
        }
    }
    /// The low 64 bits in two's complement of an integer value: what a typed integer constant is in memory.
    pub fn to_bits(&self) -> Option<u64> {
        self.to_i64().map(|i| i as u64).or_else(|| self.to_u64())
    }
    /// The nearest float64, infinite on overflow. Of a complex value: its real part.
    pub fn to_f64(&self) -> f64 {
        match self {
            Value::Int(i) => *i as f64,
            Value::BigInt(i) => float::rat_to_f64(i, &BigInt::one()),
            Value::Rat(r) => float::rat_to_f64(r.numer(), r.denom()),
            Value::Float(f) => f.to_f64(),
            Value::Complex(c) => c.0.to_f64(),
            _ => 0.0,
        }
    }
    /// The nearest float32, infinite on overflow.
    pub fn to_f32(&self) -> f32 {
        match self {
            Value::Int(i) => *i as f32,
            Value::BigInt(i) => float::rat_to_f32(i, &BigInt::one()),
            Value::Rat(r) => float::rat_to_f32(r.numer(), r.denom()),
            Value::Float(f) => f.to_f32(),
            Value::Complex(c) => c.0.to_f32(),
            _ => 0.0,
        }
    }
    /// The real part of a number.
    pub fn real(&self) -> Value {
        match self {
            Value::Complex(c) => c.0.clone(),
            v => v.clone(),
        }
    }
    /// The imaginary part of a number.
    pub fn imag(&self) -> Value {
        match self {
            Value::Complex(c) => c.1.clone(),
            Value::Unknown => Value::Unknown,
            _ => Value::Int(0),
        }
    }
    /// -1, 0 or 1; of a complex number 0 only if it is zero.
    pub fn sign(&self) -> i32 {
        match self {
            Value::Int(i) => i.signum() as i32,
            Value::BigInt(i) if i.is_negative() => -1,
            Value::BigInt(_) => 1,
            Value::Rat(r) => {
                if r.is_zero() {
                    0
                } else if r.is_negative() {
                    -1
                } else {
                    1
                }
            }
            Value::Float(f) => f.sign(),
            Value::Complex(c) => c.0.sign() | c.1.sign(),
            _ => 1,
        }
    }
    /// Number of bits of an integer's absolute value.
    pub fn bit_len(&self) -> u64 {
        match self {
            Value::Int(i) => 64 - u64::from(i.unsigned_abs().leading_zeros()),
            Value::BigInt(i) => i.bits(),
            _ => 0,
        }
    }
    /// As an integer representation, if the value is an integer; else Unknown.
    pub fn to_int(&self) -> Value {
        match self {
            Value::Int(_) | Value::BigInt(_) => self.clone(),
            Value::Rat(r) if r.is_integer() => Value::from_bigint(r.to_integer()),
            Value::Float(f) => f.to_integer().map_or(Value::Unknown, Value::from_bigint),
            Value::Complex(c) if c.1.sign() == 0 => c.0.to_int(),
            _ => Value::Unknown,
        }
    }
    /// As a float representation, if the value is real; else Unknown.
    pub fn to_float(&self) -> Value {
        match self {
            Value::Int(i) => Value::Rat(Arc::new(BigRational::from_integer((*i).into()))),
            Value::BigInt(i) => {
                if small(i) {
                    Value::Rat(Arc::new(BigRational::from_integer((**i).clone())))
                } else {
                    Value::from_float(BigFloat::from_int(i))
                }
            }
            Value::Rat(_) | Value::Float(_) => self.clone(),
            Value::Complex(c) if c.1.sign() == 0 => c.0.to_float(),
            _ => Value::Unknown,
        }
    }
    /// As a complex representation, if the value is a number; else Unknown.
    pub fn to_complex(&self) -> Value {
        match self.kind() {
            Kind::Int | Kind::Float => Value::complex(self.clone(), Value::Int(0)),
            Kind::Complex => self.clone(),
            _ => Value::Unknown,
        }
    }
    /// As a fraction, if it is a real number of moderate size.
    pub(crate) fn to_rat(&self) -> Option<BigRational> {
        match self {
            Value::Int(i) => Some(BigRational::from_integer((*i).into())),
            Value::BigInt(i) if small(i) => Some(BigRational::from_integer((**i).clone())),
            Value::Rat(r) => Some((**r).clone()),
            _ => None,
        }
    }
    /// As a 512-bit float, if it is real.
    pub(crate) fn to_bigfloat(&self) -> Option<BigFloat> {
        match self {
            Value::Int(i) => Some(BigFloat::from_int(&(*i).into())),
            Value::BigInt(i) => Some(BigFloat::from_int(i)),
            Value::Rat(r) => Some(BigFloat::from_rat(r)),
            Value::Float(f) => Some((**f).clone()),
            _ => None,
        }
    }
}
