//! Floating-point numbers as `print` writes them: the shortest digits that give the number back.

use core::fmt::Write;

struct Digits {
    buf: [u8; 64],
    len: usize,
}

impl Write for Digits {
    fn write_str(&mut self, s: &str) -> core::fmt::Result {
        for &c in s.as_bytes() {
            if self.len < 64 {
                self.buf[self.len] = c;
                self.len += 1;
            }
        }
        Ok(())
    }
}

/// The text of a number; its length.
pub fn f64_text(v: f64, out: &mut [u8; 64]) -> usize {
    text(v, out, |d| write!(d, "{v:e}"))
}

/// The same for a smaller one.
pub fn f32_text(v: f32, out: &mut [u8; 64]) -> usize {
    text(f64::from(v), out, |d| write!(d, "{v:e}"))
}

fn text(
    v: f64,
    out: &mut [u8; 64],
    digits: impl FnOnce(&mut Digits) -> core::fmt::Result,
) -> usize {
    let special: &[u8] = if v.is_nan() {
        b"NaN"
    } else if v.is_infinite() {
        if v > 0.0 { b"+Inf" } else { b"-Inf" }
    } else {
        let mut d = Digits {
            buf: [0; 64],
            len: 0,
        };
        let _ = digits(&mut d);
        return format_g(&d.buf[..d.len], out);
    };
    out[..special.len()].copy_from_slice(special);
    special.len()
}

/// Turns the shortest scientific form (`-1.25e-7`) into Go's 'g' format: positional for exponents from
/// -4 to 5, else with a sign and at least two digits of exponent.
fn format_g(sci: &[u8], out: &mut [u8; 64]) -> usize {
    let mut n = 0;
    let mut put = |c: u8| {
        out[n] = c;
        n += 1;
    };
    let (neg, sci) = match sci.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, sci),
    };
    if neg {
        put(b'-');
    }
    let e = sci.iter().position(|&c| c == b'e').unwrap_or(sci.len());
    let (mut digits, mut count) = ([0u8; 32], 0usize);
    for &c in sci[..e].iter().filter(|c| c.is_ascii_digit()) {
        digits[count] = c;
        count += 1;
    }
    let (mut exp, mut eneg) = (0i32, false);
    for &c in sci.get(e + 1..).unwrap_or(&[]) {
        match c {
            b'-' => eneg = true,
            c => exp = exp * 10 + i32::from(c - b'0'),
        }
    }
    if eneg {
        exp = -exp;
    }
    let digits = &digits[..count];
    if (-4..6).contains(&exp) {
        if exp < 0 {
            put(b'0');
            put(b'.');
            (1..-exp).for_each(|_| put(b'0'));
            digits.iter().for_each(|&c| put(c));
        } else {
            for i in 0..count.max(exp as usize + 1) {
                if i == exp as usize + 1 {
                    put(b'.');
                }
                put(*digits.get(i).unwrap_or(&b'0'));
            }
        }
        return n;
    }
    put(digits[0]);
    if count > 1 {
        put(b'.');
        digits[1..].iter().for_each(|&c| put(c));
    }
    put(b'e');
    put(if exp < 0 { b'-' } else { b'+' });
    let a = exp.unsigned_abs();
    if a >= 100 {
        put(b'0' + (a / 100) as u8);
    }
    put(b'0' + (a / 10 % 10) as u8);
    put(b'0' + (a % 10) as u8);
    n
}
