//! From literals to values.

use super::{BigFloat, Str, Value};
use gort_syntax::ast::LitKind;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};

/// The value of a literal; Unknown if it is malformed (the scanner has complained then).
pub fn make_from_literal(text: &str, kind: LitKind) -> Value {
    match kind {
        LitKind::Int => int_literal(text).map_or(Value::Unknown, Value::from_bigint),
        LitKind::Float => float_literal(text).unwrap_or(Value::Unknown),
        LitKind::Imag => {
            let body = text.strip_suffix('i').unwrap_or(text);
            // A legacy form: "0123i" is decimal.
            let legacy = body.bytes().all(|b| b.is_ascii_digit() || b == b'_');
            let im = if legacy {
                parse_digits(body, 10).map(Value::from_bigint)
            } else if is_int(body) {
                int_literal(body).map(Value::from_bigint)
            } else {
                float_literal(body)
            };
            im.map_or(Value::Unknown, |im| Value::complex(Value::Int(0), im))
        }
        LitKind::Rune => match unquote(text).and_then(|b| rune_of(text, &b)) {
            Some(r) => Value::Int(r),
            None => Value::Unknown,
        },
        LitKind::String => unquote(text).map_or(Value::Unknown, |s| Value::Str(Str::new(s))),
    }
}

fn is_int(s: &str) -> bool {
    let b = s.as_bytes();
    b.len() > 1 && b[0] == b'0' && matches!(b[1], b'b' | b'B' | b'o' | b'O')
        || b.len() > 1
            && b[0] == b'0'
            && matches!(b[1], b'x' | b'X')
            && !s.contains(['.', 'p', 'P'])
}

fn parse_digits(s: &str, base: u32) -> Option<BigInt> {
    if s.len() < 18
        && let Ok(i) = i64::from_str_radix(s, base)
    {
        return Some(i.into());
    }
    let digits: Vec<u8> = s.bytes().filter(|&b| b != b'_').collect();
    BigInt::parse_bytes(&digits, base)
}

fn int_literal(s: &str) -> Option<BigInt> {
    let b = s.as_bytes();
    if b.len() > 1 && b[0] == b'0' {
        return match b[1] {
            b'x' | b'X' => parse_digits(&s[2..], 16),
            b'o' | b'O' => parse_digits(&s[2..], 8),
            b'b' | b'B' => parse_digits(&s[2..], 2),
            _ => parse_digits(&s[1..], 8),
        };
    }
    parse_digits(s, 10)
}

fn float_literal(s: &str) -> Option<Value> {
    let text: String = s.chars().filter(|&c| c != '_').collect();
    let hex = text.starts_with("0x") || text.starts_with("0X");
    let (base, body, marks) = if hex {
        (16, &text[2..], ['p', 'P'])
    } else {
        (10, &text[..], ['e', 'E'])
    };
    let (mantissa, exp) = match body.find(marks) {
        Some(i) => {
            let e = body[i + 1..].strip_prefix('+').unwrap_or(&body[i + 1..]);
            // Absurd exponents saturate: the value is out of range anyway.
            let huge = if e.starts_with('-') {
                -1 << 40
            } else {
                1 << 40
            };
            (
                &body[..i],
                e.parse::<i64>().unwrap_or(huge).clamp(-1 << 40, 1 << 40),
            )
        }
        None => (body, 0),
    };
    let (int, frac) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [int, frac].concat();
    let mant = BigInt::parse_bytes(digits.as_bytes(), base)?;
    if mant.is_zero() {
        return Some(Value::from_rat(BigRational::zero()));
    }
    let (pow_base, exp) = if hex {
        (2, exp - 4 * frac.len() as i64)
    } else {
        (10, exp - frac.len() as i64)
    };
    let bits = if hex { 1 } else { 4 };
    if mant.bits() + exp.unsigned_abs() * bits < super::MAX_EXP * 2 {
        let pow = if hex {
            BigInt::one() << exp.unsigned_abs()
        } else {
            BigInt::from(10).pow(exp.unsigned_abs() as u32)
        };
        let r = if exp >= 0 {
            BigRational::from_integer(mant * pow)
        } else {
            BigRational::new(mant, pow)
        };
        return Some(Value::from_rat(r));
    }
    Some(Value::from_float(BigFloat::from_parts(
        &mant, pow_base, exp,
    )))
}

/// The bytes that a quoted string or rune literal stands for.
pub fn unquote(text: &str) -> Option<Vec<u8>> {
    let quote = *text.as_bytes().first()?;
    if text.len() < 2 || *text.as_bytes().last()? != quote {
        return None;
    }
    let body = &text[1..text.len() - 1];
    if quote == b'`' {
        return Some(body.bytes().filter(|&b| b != b'\r').collect());
    }
    if !body.contains('\\') {
        return Some(body.as_bytes().to_vec());
    }
    let b = body.as_bytes();
    let mut out = Vec::with_capacity(b.len());
    let mut i = 0;
    while i < b.len() {
        if b[i] != b'\\' {
            out.push(b[i]);
            i += 1;
            continue;
        }
        let c = *b.get(i + 1)?;
        i += 2;
        let simple = match c {
            b'a' => 7,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            b'\\' | b'\'' | b'"' => c,
            b'x' => {
                out.push(u8::from_str_radix(body.get(i..i + 2)?, 16).ok()?);
                i += 2;
                continue;
            }
            b'0'..=b'7' => {
                let n = u32::from_str_radix(body.get(i - 1..i + 2)?, 8).ok()?;
                out.push(u8::try_from(n).ok()?);
                i += 2;
                continue;
            }
            b'u' | b'U' => {
                let n = if c == b'u' { 4 } else { 8 };
                let r = u32::from_str_radix(body.get(i..i + n)?, 16).ok()?;
                let r = char::from_u32(r)?;
                out.extend_from_slice(r.encode_utf8(&mut [0; 4]).as_bytes());
                i += n;
                continue;
            }
            _ => return None,
        };
        out.push(simple);
    }
    Some(out)
}

fn rune_of(text: &str, bytes: &[u8]) -> Option<i64> {
    let b = text.as_bytes();
    // '\x80' and '\200' are the number itself, not UTF-8.
    if b.get(1) == Some(&b'\\') && matches!(b.get(2), Some(b'x' | b'0'..=b'7')) {
        return bytes.first().map(|&b| i64::from(b));
    }
    let mut chars = std::str::from_utf8(bytes).ok()?.chars();
    let c = chars.next()?;
    chars.next().is_none().then_some(i64::from(u32::from(c)))
}
