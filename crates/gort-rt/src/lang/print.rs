//! The print natives.
//!
//! `printlock` to `printunlock` is one line or one argument list: it is collected in a buffer and
//! written at once. The lock is owned by the M, which may not be preempted in between, and is recursive.

use crate::arch::getm;
use crate::lock::SpinLock;
use crate::rank;
use crate::text::{decimal, hex, to_stderr};
use core::cell::{Cell, UnsafeCell};
use core::fmt::Write;

const SIZE: usize = 2048;

struct Out {
    lock: SpinLock<{ rank::PRINT }>,
    buf: UnsafeCell<[u8; SIZE]>,
    len: Cell<usize>,
}
// SAFETY: buffer and length are only touched by the M that holds the lock.
unsafe impl Sync for Out {}
static OUT: Out = Out {
    lock: SpinLock::new(),
    buf: UnsafeCell::new([0; SIZE]),
    len: Cell::new(0),
};

/// Appends to the buffer, or writes at once when no printlock is held.
fn put(s: &[u8]) {
    let depth = getm().print_depth.get();
    if depth == 0 {
        to_stderr(s);
        return;
    }
    if s.len() > SIZE - OUT.len.get() {
        flush();
        if s.len() > SIZE {
            to_stderr(s);
            return;
        }
    }
    // SAFETY: this M holds the lock; the text fits.
    unsafe {
        let at = OUT.buf.get().cast::<u8>().add(OUT.len.get());
        core::ptr::copy_nonoverlapping(s.as_ptr(), at, s.len());
    }
    OUT.len.set(OUT.len.get() + s.len());
}

fn flush() {
    // SAFETY: this M holds the lock.
    to_stderr(unsafe { &(&*OUT.buf.get())[..OUT.len.get()] });
    OUT.len.set(0);
}

#[unsafe(no_mangle)]
extern "C" fn rt_printlock() {
    let m = getm();
    m.locks.set(m.locks.get() + 1);
    m.print_depth.set(m.print_depth.get() + 1);
    if m.print_depth.get() == 1 {
        OUT.lock.lock();
    }
}

#[unsafe(no_mangle)]
extern "C" fn rt_printunlock() {
    let m = getm();
    if m.print_depth.get() == 1 {
        flush();
        OUT.lock.unlock();
    }
    m.print_depth.set(m.print_depth.get() - 1);
    m.locks.set(m.locks.get() - 1);
}

#[unsafe(no_mangle)]
extern "C" fn rt_printbool(v: u8) {
    put(if v != 0 { b"true" } else { b"false" });
}

#[unsafe(no_mangle)]
extern "C" fn rt_printint(v: i64) {
    if v < 0 {
        put(b"-");
    }
    rt_printuint(v.unsigned_abs());
}

#[unsafe(no_mangle)]
extern "C" fn rt_printuint(v: u64) {
    let mut d = [0; 20];
    let n = decimal(v, &mut d);
    put(&d[20 - n..]);
}

#[unsafe(no_mangle)]
extern "C" fn rt_printhex(v: u64) {
    let mut d = [0; 18];
    let n = hex(v, &mut d);
    put(&d[18 - n..]);
}

#[unsafe(no_mangle)]
extern "C" fn rt_printnl() {
    put(b"\n");
}

#[unsafe(no_mangle)]
extern "C" fn rt_printsp() {
    put(b" ");
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_printstring(p: *const u8, n: usize) {
    if n > 0 {
        // SAFETY: a Go string.
        put(unsafe { core::slice::from_raw_parts(p, n) });
    }
}

#[unsafe(no_mangle)]
extern "C" fn rt_printfloat(v: f64) {
    float(v, |b| write!(b, "{v:e}"));
}

#[unsafe(no_mangle)]
extern "C" fn rt_printfloat32(v: f32) {
    float(f64::from(v), |b| write!(b, "{v:e}"));
}

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

fn float(v: f64, digits: impl FnOnce(&mut Digits) -> core::fmt::Result) {
    if v.is_nan() {
        return put(b"NaN");
    }
    if v.is_infinite() {
        return put(if v > 0.0 { b"+Inf" } else { b"-Inf" });
    }
    let mut d = Digits {
        buf: [0; 64],
        len: 0,
    };
    let _ = digits(&mut d);
    let mut out = [0u8; 64];
    let n = format_g(&d.buf[..d.len], &mut out);
    put(&out[..n]);
}

/// Turns the shortest scientific form (`-1.25e-7`) into Go's 'g' format: positional for exponents from
/// -4 to 5, else with a sign and at least two digits of exponent.
pub fn format_g(sci: &[u8], out: &mut [u8; 64]) -> usize {
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
