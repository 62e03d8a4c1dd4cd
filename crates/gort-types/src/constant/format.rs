//! Constants as messages show them.

use super::Value;
use std::fmt;
use std::fmt::Write;

/// Like `%.6g` (for `prec` 6): shortest form with at most `prec` significant digits.
pub fn format_g(x: f64, prec: usize) -> String {
    if x == 0.0 {
        return "0".into();
    }
    if !x.is_finite() {
        return if x > 0.0 {
            "+Inf".into()
        } else {
            "-Inf".into()
        };
    }
    let sci = format!("{:.*e}", prec - 1, x);
    let (mant, exp) = sci.split_once('e').unwrap_or((&sci, "0"));
    let exp: i32 = exp.parse().unwrap_or(0);
    let trim = |s: &str| -> String {
        if s.contains('.') {
            s.trim_end_matches('0').trim_end_matches('.').into()
        } else {
            s.into()
        }
    };
    if exp < -4 || exp >= prec as i32 {
        let sign = if exp < 0 { '-' } else { '+' };
        format!("{}e{sign}{:02}", trim(mant), exp.abs())
    } else {
        trim(&format!(
            "{:.*}",
            (prec as i32 - 1 - exp).max(0) as usize,
            x
        ))
    }
}

/// Whether a character is shown as itself: no space but the plain one, no formatting or private character.
fn is_printable(c: char) -> bool {
    c == ' '
        || !(c.is_control()
            || c.is_whitespace()
            || matches!(c as u32,
                0xad | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x180e | 0x200b..=0x200f
                | 0x202a..=0x202e | 0x2060..=0x206f | 0xe000..=0xf8ff | 0xfeff
                | 0xfff0..=0xfffb | 0xfffe..=0xffff | 0xe0000..))
}

/// A Go string literal for the bytes.
pub fn quote(s: &[u8]) -> String {
    let mut out = String::with_capacity(s.len() + 2);
    out.push('"');
    for chunk in s.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\x07' => out.push_str("\\a"),
                '\x08' => out.push_str("\\b"),
                '\x0c' => out.push_str("\\f"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '\x0b' => out.push_str("\\v"),
                c if c < ' ' || c == '\x7f' => {
                    let _ = write!(out, "\\x{:02x}", c as u32);
                }
                c if !is_printable(c) => {
                    let _ = match c as u32 {
                        n @ 0..=0xffff => write!(out, "\\u{n:04x}"),
                        n => write!(out, "\\U{n:08x}"),
                    };
                }
                c => out.push(c),
            }
        }
        for b in chunk.invalid() {
            let _ = write!(out, "\\x{b:02x}");
        }
    }
    out.push('"');
    out
}

/// At most 72 characters of a quoted string, as messages show it.
fn short_quote(s: &[u8]) -> String {
    const MAX: usize = 72;
    let q = quote(s);
    if q.chars().count() <= MAX {
        return q;
    }
    let mut out: String = q.chars().take(MAX - 3).collect();
    out.push_str("...");
    out
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Unknown => f.write_str("unknown"),
            Value::Bool(b) => write!(f, "{b}"),
            Value::Str(s) => f.write_str(&short_quote(&s.prefix(300))),
            Value::Int(i) => write!(f, "{i}"),
            Value::BigInt(i) => write!(f, "{i}"),
            Value::Rat(_) | Value::Float(_) => {
                let x = self.to_f64();
                if x.is_finite() && (x != 0.0 || self.sign() == 0) {
                    return f.write_str(&format_g(x, 6));
                }
                let (m, e) = self.to_bigfloat().map_or((0.0, 0), |b| b.decimal());
                write!(f, "{}e{e:+}", format_g(m, 6))
            }
            Value::Complex(c) => write!(f, "({} + {}i)", c.0, c.1),
        }
    }
}
