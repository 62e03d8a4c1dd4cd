//! Number, string and rune literals, checked as they are scanned.

use super::{Scanner, unicode};
use crate::ast::LitKind;
use crate::token::Tok;

/// What a run of digits contained.
#[derive(Default)]
struct Digits {
    any: bool,
    separator: bool,
    /// Offset of the first digit too large for the base.
    invalid: Option<usize>,
}

fn base_name(base: u32) -> &'static str {
    match base {
        2 => "binary",
        8 => "octal",
        10 => "decimal",
        _ => "hexadecimal",
    }
}

/// A character in Go's quotes.
fn quoted(c: char) -> String {
    match c {
        '\n' => "'\\n'".into(),
        '\'' => "'\\''".into(),
        '\\' => "'\\\\'".into(),
        c if c.is_control() => format!("'\\x{:02x}'", c as u32),
        c => format!("'{c}'"),
    }
}

impl Scanner<'_> {
    fn literal(&mut self, kind: LitKind, ok: bool) {
        self.nlsemi = true;
        self.tok = Tok::Literal;
        self.lit = &self.src[self.offset..self.at];
        self.kind = kind;
        self.bad = !ok;
    }

    fn digits(&mut self, base: u32, seen: &mut Digits) {
        loop {
            match self.peek() {
                b'_' => seen.separator = true,
                c @ b'0'..=b'9' => {
                    seen.any = true;
                    if u32::from(c - b'0') >= base && seen.invalid.is_none() {
                        seen.invalid = Some(self.at);
                    }
                }
                b'a'..=b'f' | b'A'..=b'F' if base == 16 => seen.any = true,
                _ => return,
            }
            self.at += 1;
        }
    }

    /// A number; if `fraction`, its point is consumed.
    pub(super) fn number(&mut self, fraction: bool) {
        let mut ok = true;
        let (mut base, mut prefix) = (10, 0u8);
        let mut seen = Digits::default();
        let mut kind = if fraction {
            LitKind::Float
        } else {
            LitKind::Int
        };
        if !fraction {
            if self.eat(b'0') {
                prefix = self.peek().to_ascii_lowercase();
                base = match prefix {
                    b'x' => 16,
                    b'o' => 8,
                    b'b' => 2,
                    _ => {
                        (prefix, seen.any) = (b'0', true);
                        8
                    }
                };
                self.at += usize::from(prefix != b'0');
            }
            self.digits(base, &mut seen);
            if self.peek() == b'.' {
                if matches!(prefix, b'o' | b'b') {
                    self.error(format!(
                        "invalid radix point in {} literal",
                        base_name(base)
                    ));
                    ok = false;
                }
                self.at += 1;
                kind = LitKind::Float;
            }
        }
        if kind == LitKind::Float {
            self.digits(base, &mut seen);
        }
        if !seen.any && ok {
            self.error(format!("{} literal has no digits", base_name(base)));
            ok = false;
        }
        let exponent = self.peek();
        match exponent.to_ascii_lowercase() {
            e @ (b'e' | b'p') => {
                let wrong = match e {
                    b'e' if !matches!(prefix, 0 | b'0') => Some("decimal"),
                    b'p' if prefix != b'x' => Some("hexadecimal"),
                    _ => None,
                };
                if let (Some(need), true) = (wrong, ok) {
                    let c = exponent as char;
                    self.error(format!("'{c}' exponent requires {need} mantissa"));
                    ok = false;
                }
                self.at += 1;
                kind = LitKind::Float;
                let _ = self.eat(b'+') || self.eat(b'-');
                let mut power = Digits::default();
                self.digits(10, &mut power);
                seen.separator |= power.separator;
                if !power.any && ok {
                    self.error("exponent has no digits");
                    ok = false;
                }
            }
            _ if prefix == b'x' && kind == LitKind::Float && ok => {
                self.error("hexadecimal mantissa requires a 'p' exponent");
                ok = false;
            }
            _ => {}
        }
        if self.eat(b'i') {
            kind = LitKind::Imag;
        }
        self.literal(kind, ok);
        if let (LitKind::Int, Some(at), true) = (kind, seen.invalid, ok) {
            let digit = self.src.as_bytes()[at] as char;
            self.error_at(
                at,
                format!("invalid digit '{digit}' in {} literal", base_name(base)),
            );
            ok = false;
        }
        if seen.separator
            && ok
            && let Some(i) = misplaced_separator(self.lit.as_bytes())
        {
            self.error_at(self.offset + i, "'_' must separate successive digits");
            ok = false;
        }
        self.bad = !ok;
    }

    /// A string in quotes, the first one consumed.
    pub(super) fn string(&mut self) {
        let mut ok = true;
        loop {
            match self.peek() {
                _ if self.at_end() => {
                    self.error_at(self.offset, "string not terminated");
                    ok = false;
                    break;
                }
                b'"' => {
                    self.at += 1;
                    break;
                }
                b'\\' => {
                    self.at += 1;
                    ok &= self.escape(b'"');
                }
                b'\n' => {
                    self.error("newline in string");
                    ok = false;
                    break;
                }
                _ => self.at += 1,
            }
        }
        self.literal(LitKind::String, ok);
    }

    /// A string in back quotes, the first one consumed.
    pub(super) fn raw_string(&mut self) {
        let length = self.src[self.at..].find('`');
        match length {
            Some(n) => self.at += n + 1,
            None => {
                self.error_at(self.offset, "string not terminated");
                self.at = self.src.len();
            }
        }
        self.literal(LitKind::String, length.is_some());
    }

    /// A rune literal, its first quote consumed.
    pub(super) fn rune(&mut self) {
        let mut ok = true;
        let mut count = 0;
        loop {
            let complaint = match self.peek() {
                _ if self.at_end() => Some((self.offset, "rune literal not terminated")),
                b'\n' => Some((self.at, "newline in rune literal")),
                b'\'' => {
                    let complaint = match count {
                        0 => Some((self.at, "empty rune literal or unescaped '")),
                        1 => None,
                        _ => Some((self.offset, "more than one character in rune literal")),
                    };
                    self.at += 1;
                    if let (Some((at, message)), true) = (complaint, ok) {
                        self.error_at(at, message);
                        ok = false;
                    }
                    break;
                }
                b'\\' => {
                    self.at += 1;
                    ok &= self.escape(b'\'');
                    count += 1;
                    continue;
                }
                _ => {
                    self.at += self.peek_char().map_or(1, char::len_utf8);
                    count += 1;
                    continue;
                }
            };
            if let (Some((at, message)), true) = (complaint, ok) {
                self.error_at(at, message);
            }
            ok = false;
            break;
        }
        self.literal(LitKind::Rune, ok);
    }

    /// An escape sequence, its backslash consumed.
    fn escape(&mut self, quote: u8) -> bool {
        if self.at_end() {
            return true; // the caller complains
        }
        let (digits, base, max) = match self.peek() {
            c if c == quote => {
                self.at += 1;
                return true;
            }
            b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'\\' => {
                self.at += 1;
                return true;
            }
            b'0'..=b'7' => (3, 8, 255),
            b'x' => (2, 16, 255),
            b'u' => (4, 16, 0x10_ffff),
            b'U' => (8, 16, 0x10_ffff),
            _ => {
                self.error("unknown escape");
                return false;
            }
        };
        self.at += usize::from(base == 16);
        let mut value: u32 = 0;
        for _ in 0..digits {
            let Some(c) = self.peek_char() else {
                return true;
            };
            let Some(d) = c.to_digit(base) else {
                self.error(format!(
                    "invalid character {} in {} escape",
                    quoted(c),
                    base_name(base)
                ));
                return false;
            };
            value = value.wrapping_mul(base) | d;
            self.at += 1;
        }
        if value > max && base == 8 {
            self.error(format!("octal escape value {value} > 255"));
            return false;
        }
        if value > max || (0xd800..0xe000).contains(&value) && digits > 3 {
            let shown = char::from_u32(value).map_or_else(|| format!("U+{value:04X}"), unicode);
            self.error(format!("escape is invalid Unicode code point {shown}"));
            return false;
        }
        true
    }
}

/// Index of the first `_` that does not stand between digits (or after a base prefix).
fn misplaced_separator(text: &[u8]) -> Option<usize> {
    let prefixed = text.len() >= 2
        && text[0] == b'0'
        && text[1].is_ascii_alphabetic()
        && matches!(text[1].to_ascii_lowercase(), b'x' | b'o' | b'b');
    let hex = prefixed && text[1].eq_ignore_ascii_case(&b'x');
    let is_digit = |c: u8| c.is_ascii_digit() || hex && c.is_ascii_hexdigit();
    let start = if prefixed { 2 } else { 0 };
    for i in start..text.len() {
        if text[i] != b'_' {
            continue;
        }
        let before = i == start && prefixed || i > start && is_digit(text[i - 1]);
        if !before {
            return Some(i);
        }
        if !text.get(i + 1).is_some_and(|&c| is_digit(c)) {
            // A second underscore is the one to blame.
            return Some(if text.get(i + 1) == Some(&b'_') {
                i + 1
            } else {
                i
            });
        }
    }
    None
}
