//! Arithmetic and comparison of constants. Operands must have matching classes (the checker sees to it).

use super::{Kind, Value};
use gort_syntax::ast::Op;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Zero};
use std::cmp::Ordering;

fn bool_op(op: Op, x: bool, y: bool) -> Value {
    match op {
        Op::AndAnd => Value::Bool(x && y),
        Op::OrOr => Value::Bool(x || y),
        _ => Value::Unknown,
    }
}

fn int_op(op: Op, x: &BigInt, y: &BigInt) -> Value {
    Value::from_bigint(match op {
        Op::Add => x + y,
        Op::Sub => x - y,
        Op::Mul => x * y,
        Op::Div | Op::Rem if y.is_zero() => return Value::Unknown,
        Op::Div => x / y,
        Op::Rem => x % y,
        Op::And => x & y,
        Op::Or => x | y,
        Op::Xor => x ^ y,
        Op::AndNot => x & !y.clone(),
        _ => return Value::Unknown,
    })
}

fn small_op(op: Op, x: i64, y: i64) -> Option<Value> {
    Some(Value::Int(match op {
        Op::Add => x.checked_add(y)?,
        Op::Sub => x.checked_sub(y)?,
        Op::Mul => x.checked_mul(y)?,
        Op::Div => x.checked_div(y)?,
        Op::Rem => x.checked_rem(y)?,
        Op::And => x & y,
        Op::Or => x | y,
        Op::Xor => x ^ y,
        Op::AndNot => x & !y,
        _ => return None,
    }))
}

fn real_op(op: Op, x: &Value, y: &Value) -> Value {
    if let (Some(a), Some(b)) = (x.to_rat(), y.to_rat()) {
        return match op {
            Op::Add => Value::from_rat(a + b),
            Op::Sub => Value::from_rat(a - b),
            Op::Mul => Value::from_rat(a * b),
            Op::Div if !b.is_zero() => Value::from_rat(a / b),
            _ => Value::Unknown,
        };
    }
    let (Some(a), Some(b)) = (x.to_bigfloat(), y.to_bigfloat()) else {
        return Value::Unknown;
    };
    match op {
        Op::Add => Value::from_float(a.add(&b)),
        Op::Sub => Value::from_float(a.sub(&b)),
        Op::Mul => Value::from_float(a.mul(&b)),
        Op::Div if !b.is_zero() => Value::from_float(a.div(&b)),
        _ => Value::Unknown,
    }
}

/// Addition, subtraction, multiplication of parts; fractions for division.
fn part(op: Op, x: &Value, y: &Value) -> Value {
    if op != Op::Div && x.kind() == Kind::Int && y.kind() == Kind::Int {
        binary_op(x, op, y, true)
    } else {
        real_op(op, x, y)
    }
}

/// `x op y` for arithmetic, logic and string operators; `int_div` makes `/` truncate.
/// Unknown if an operand is, or for a division by zero.
pub fn binary_op(x: &Value, op: Op, y: &Value, int_div: bool) -> Value {
    match (x, y) {
        (Value::Bool(a), Value::Bool(b)) => bool_op(op, *a, *b),
        (Value::Str(a), Value::Str(b)) if op == Op::Add => Value::Str(a.concat(b)),
        (Value::Int(a), Value::Int(b)) if op != Op::Div || int_div => {
            small_op(op, *a, *b).unwrap_or_else(|| int_op(op, &(*a).into(), &(*b).into()))
        }
        _ => match x.kind().max(y.kind()) {
            _ if x.is_unknown() || y.is_unknown() => Value::Unknown,
            Kind::Int if op != Op::Div || int_div => match (x.to_bigint(), y.to_bigint()) {
                (Some(a), Some(b)) => int_op(op, &a, &b),
                _ => Value::Unknown,
            },
            Kind::Int | Kind::Float => real_op(op, x, y),
            Kind::Complex => complex_op(op, x, y),
            _ => Value::Unknown,
        },
    }
}

fn complex_op(op: Op, x: &Value, y: &Value) -> Value {
    let (a, b, c, d) = (x.real(), x.imag(), y.real(), y.imag());
    let mul = |x: &Value, y: &Value| part(Op::Mul, x, y);
    match op {
        Op::Add | Op::Sub => Value::complex(part(op, &a, &c), part(op, &b, &d)),
        Op::Mul => Value::complex(
            part(Op::Sub, &mul(&a, &c), &mul(&b, &d)),
            part(Op::Add, &mul(&b, &c), &mul(&a, &d)),
        ),
        Op::Div => {
            let s = part(Op::Add, &mul(&c, &c), &mul(&d, &d));
            let re = part(Op::Add, &mul(&a, &c), &mul(&b, &d));
            let im = part(Op::Sub, &mul(&b, &c), &mul(&a, &d));
            Value::complex(part(Op::Div, &re, &s), part(Op::Div, &im, &s))
        }
        _ => Value::Unknown,
    }
}

/// `op x`. For `^`, `bits` is the size of an unsigned type, 0 for others.
pub fn unary_op(op: Op, x: &Value, bits: u32) -> Value {
    match (op, x) {
        (Op::Add, _) => x.clone(),
        (Op::Sub, Value::Int(i)) if i.checked_neg().is_some() => Value::Int(-i),
        (Op::Sub, Value::Int(_) | Value::BigInt(_)) => x
            .to_bigint()
            .map_or(Value::Unknown, |i| Value::from_bigint(-i)),
        (Op::Sub, Value::Rat(r)) => Value::from_rat(-(**r).clone()),
        (Op::Sub, Value::Float(f)) => Value::from_float(f.neg()),
        (Op::Sub, Value::Complex(c)) => {
            Value::complex(unary_op(op, &c.0, 0), unary_op(op, &c.1, 0))
        }
        (Op::Xor, Value::Int(_) | Value::BigInt(_)) => {
            let Some(i) = x.to_bigint() else {
                return Value::Unknown;
            };
            let mut i = !i;
            if bits > 0 {
                i &= (BigInt::one() << bits) - 1;
            }
            Value::from_bigint(i)
        }
        (Op::Not, Value::Bool(b)) => Value::Bool(!b),
        _ => Value::Unknown,
    }
}

/// `x << n` or `x >> n` of an integer.
pub fn shift(x: &Value, op: Op, n: u64) -> Value {
    let Some(i) = x.to_bigint() else {
        return Value::Unknown;
    };
    match op {
        Op::Shl => Value::from_bigint(i << n),
        // Rounds towards negative infinity, as an arithmetic shift does.
        Op::Shr if n > 1 << 20 => Value::Int(if x.sign() < 0 { -1 } else { 0 }),
        Op::Shr => Value::from_bigint(i.div_floor(&(BigInt::one() << n))),
        _ => Value::Unknown,
    }
}

fn order(x: &Value, y: &Value) -> Option<Ordering> {
    Some(match (x, y) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Str(a), Value::Str(b)) => a.bytes().cmp(b.bytes()),
        _ => {
            if let (Some(a), Some(b)) = (x.to_bigint(), y.to_bigint()) {
                a.cmp(&b)
            } else if let (Some(a), Some(b)) = (x.to_rat(), y.to_rat()) {
                a.cmp(&b)
            } else {
                x.to_bigfloat()?.cmp(&y.to_bigfloat()?)
            }
        }
    })
}

/// `x op y` for a comparison operator; false if a value is unknown.
pub fn compare(x: &Value, op: Op, y: &Value) -> bool {
    let equal = match (x, y) {
        (Value::Bool(a), Value::Bool(b)) => Some(a == b),
        (Value::Complex(_), _) | (_, Value::Complex(_)) => Some(
            order(&x.real(), &y.real()) == Some(Ordering::Equal)
                && order(&x.imag(), &y.imag()) == Some(Ordering::Equal),
        ),
        _ => None,
    };
    if let Some(equal) = equal {
        return equal == (op == Op::Eql);
    }
    let Some(ord) = order(x, y) else { return false };
    match op {
        Op::Eql => ord.is_eq(),
        Op::Neq => ord.is_ne(),
        Op::Lss => ord.is_lt(),
        Op::Leq => ord.is_le(),
        Op::Gtr => ord.is_gt(),
        Op::Geq => ord.is_ge(),
        _ => false,
    }
}
