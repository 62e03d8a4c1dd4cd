//! Text of the runtime itself: to standard error, or into a caller's buffer. No allocation, no locks.

pub mod float;

use crate::os;
use crate::sync::{AtomicBool, AtomicUsize, Ordering};

/// debug.SetCrashOutput's descriptor, which gets a copy of what a dying program says; NOWHERE if there is none.
static CRASH: AtomicUsize = AtomicUsize::new(NOWHERE);
const NOWHERE: usize = usize::MAX;
static DYING: AtomicBool = AtomicBool::new(false);

/// Writes to standard error, and to the crash output if the program dies.
pub fn to_stderr(text: &[u8]) {
    os::write_all(2, text);
    if DYING.load(Ordering::Relaxed) {
        let crash = CRASH.load(Ordering::Relaxed);
        if crash != NOWHERE {
            os::write_all(crash, text);
        }
    }
}

/// The program dies: what it writes from now on says why.
pub fn dying() {
    DYING.store(true, Ordering::Relaxed);
}

/// Sets the crash output; the old one, which is the caller's again. Not while the program dies.
pub fn set_crash_output(fd: usize) -> usize {
    if DYING.load(Ordering::Relaxed) {
        return NOWHERE;
    }
    CRASH.swap(fd, Ordering::Relaxed)
}

const SIZE: usize = 512;

/// A small buffer in front of its destination.
pub struct Text {
    buf: [u8; SIZE],
    len: usize,
    to: *mut u8,
    cap: usize,
    /// Bytes that have arrived in the caller's buffer.
    pub written: usize,
}

/// Text to standard error; it appears with [`Text::flush`].
pub fn err() -> Text {
    Text {
        buf: [0; SIZE],
        len: 0,
        to: core::ptr::null_mut(),
        cap: 0,
        written: 0,
    }
}

/// Text into `cap` bytes at `to`; what does not fit is dropped.
///
/// # Safety
/// The buffer is the caller's until the last flush.
pub unsafe fn into(to: *mut u8, cap: usize) -> Text {
    Text { to, cap, ..err() }
}

impl Text {
    /// Appends bytes.
    pub fn b(&mut self, s: &[u8]) -> &mut Self {
        for &c in s {
            if self.len == SIZE {
                self.flush();
            }
            self.buf[self.len] = c;
            self.len += 1;
        }
        self
    }

    /// Appends text.
    pub fn s(&mut self, s: &str) -> &mut Self {
        self.b(s.as_bytes())
    }

    /// Appends a decimal number.
    pub fn u(&mut self, v: u64) -> &mut Self {
        let mut d = [0; 20];
        let n = decimal(v, &mut d);
        self.b(&d[20 - n..])
    }

    /// Appends a decimal number with its sign.
    pub fn i(&mut self, v: i64) -> &mut Self {
        if v < 0 {
            self.s("-");
        }
        self.u(v.unsigned_abs())
    }

    /// Appends a number as `print` writes it.
    pub fn f(&mut self, v: f64) -> &mut Self {
        let mut d = [0; 64];
        let n = float::f64_text(v, &mut d);
        self.b(&d[..n])
    }

    /// Appends a hexadecimal number with 0x.
    pub fn hex(&mut self, v: usize) -> &mut Self {
        let mut d = [0; 18];
        let n = hex(v as u64, &mut d);
        self.b(&d[18 - n..])
    }

    /// Sends on what is in the buffer.
    pub fn flush(&mut self) {
        if self.to.is_null() {
            to_stderr(&self.buf[..self.len]);
        } else {
            let n = self.len.min(self.cap - self.written);
            // SAFETY: n bytes fit behind those that have arrived.
            unsafe {
                core::ptr::copy_nonoverlapping(self.buf.as_ptr(), self.to.add(self.written), n);
            }
            self.written += n;
        }
        self.len = 0;
    }

    /// Whether everything further would be dropped.
    pub fn is_full(&self) -> bool {
        !self.to.is_null() && self.written + self.len >= self.cap
    }
}

/// Decimal digits, right-aligned; returns their number.
pub fn decimal(mut v: u64, d: &mut [u8; 20]) -> usize {
    let mut i = 20;
    loop {
        i -= 1;
        d[i] = b'0' + (v % 10) as u8;
        v /= 10;
        if v == 0 {
            return 20 - i;
        }
    }
}

/// Hexadecimal digits after 0x, right-aligned; returns their number with the prefix.
pub fn hex(mut v: u64, d: &mut [u8; 18]) -> usize {
    let mut i = 18;
    loop {
        i -= 1;
        d[i] = b"0123456789abcdef"[(v & 15) as usize];
        v >>= 4;
        if v == 0 {
            break;
        }
    }
    d[i - 1] = b'x';
    d[i - 2] = b'0';
    20 - i
}
