//! The print natives.
//!
//! `printlock` to `printunlock` is one line or one argument list: it is collected in a buffer and
//! written at once. The lock is owned by the M, which may not be preempted in between, and is recursive.

use crate::arch::getm;
use crate::lock::SpinLock;
use crate::rank;
use crate::text::{decimal, float, hex, to_stderr};
use core::cell::{Cell, UnsafeCell};

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
    let mut out = [0; 64];
    let n = float::f64_text(v, &mut out);
    put(&out[..n]);
}

#[unsafe(no_mangle)]
extern "C" fn rt_printfloat32(v: f32) {
    let mut out = [0; 64];
    let n = float::f32_text(v, &mut out);
    put(&out[..n]);
}
