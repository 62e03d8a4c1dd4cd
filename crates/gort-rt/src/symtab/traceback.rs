//! Goroutine traces in Go's text form, to standard error or into a buffer.

use super::functab::{self, Loc};
use super::unwind::{Frame, Frames};
use crate::arch::getm;
use crate::boot::args::{trace_all, trace_level};
use crate::gmp::{G, Status, slab};
use crate::lang::print::{decimal, hex};
use crate::os;

/// Where the text goes.
pub struct Sink {
    buf: *mut u8,
    cap: usize,
    /// Bytes so far.
    pub len: usize,
    to_stderr: bool,
}

impl Sink {
    fn b(&mut self, s: &[u8]) -> &mut Self {
        for &c in s {
            if self.len == self.cap {
                if !self.to_stderr {
                    return self;
                }
                self.flush();
            }
            // SAFETY: len is below the capacity.
            unsafe { *self.buf.add(self.len) = c };
            self.len += 1;
        }
        self
    }

    fn s(&mut self, s: &str) -> &mut Self {
        self.b(s.as_bytes())
    }

    fn u(&mut self, v: u64) -> &mut Self {
        let mut d = [0; 20];
        let n = decimal(v, &mut d);
        self.b(&d[20 - n..])
    }

    fn hex(&mut self, v: usize) -> &mut Self {
        let mut d = [0; 18];
        let n = hex(v as u64, &mut d);
        self.b(&d[18 - n..])
    }

    fn flush(&mut self) {
        if self.to_stderr {
            // SAFETY: len bytes are filled.
            os::write_all(2, unsafe {
                core::slice::from_raw_parts(self.buf, self.len)
            });
            self.len = 0;
        }
    }
}

fn with_stderr(f: impl FnOnce(&mut Sink)) {
    let mut buf = [0u8; 1024];
    let mut s = Sink {
        buf: buf.as_mut_ptr(),
        cap: 1024,
        len: 0,
        to_stderr: true,
    };
    f(&mut s);
    s.flush();
}

/// `[signal SIGSEGV: ...]`, when the panic or throw comes from a fault.
pub fn print_signal_line(g: &G) {
    let sig = g.fault.sig.get();
    if sig == 0 {
        return;
    }
    with_stderr(|s| {
        s.s("[signal ")
            .s(os::signal::name(sig))
            .s(" code=")
            .hex(g.fault.code.get());
        s.s(" addr=")
            .hex(g.fault.addr.get())
            .s(" pc=")
            .hex(g.fault.pc.get())
            .s("]\n");
    });
}

/// The trace of a dying goroutine, then of the others if GOTRACEBACK or a throw asks for it.
pub fn print_dying(g: &G, throwing: bool) {
    let level = if throwing {
        trace_level().max(2)
    } else {
        trace_level()
    };
    if trace_level() == 0 {
        return;
    }
    with_stderr(|s| {
        s.s("\n");
        goroutine(s, g, "running", level);
    });
    if trace_all() || throwing {
        print_others(Some(g));
    }
}

/// The traces of all goroutines but one.
pub fn print_others(except: Option<&G>) {
    if trace_level() == 0 {
        return;
    }
    let level = trace_level();
    with_stderr(|s| others(s, except, level));
}

fn others(s: &mut Sink, except: Option<&G>, level: u32) {
    for i in 0..slab::slots() {
        let g = slab::slot(i);
        let skip = except.is_some_and(|e| core::ptr::eq(e, g)) || (!g.is_user() && level < 2);
        if skip || matches!(g.status(), Status::Dead | Status::Idle) {
            continue;
        }
        s.s("\n");
        goroutine(s, g, status_text(g), level);
    }
}

fn status_text(g: &G) -> &'static str {
    match g.status() {
        Status::Runnable => "runnable",
        Status::Running => "running",
        Status::Syscall => "syscall",
        Status::Waiting => g.park.reason.get().text(),
        _ => "dead",
    }
}

fn goroutine(s: &mut Sink, g: &G, status: &str, level: u32) {
    s.s("goroutine ").u(g.goid.get());
    if level >= 2 {
        s.s(" gp=").hex(core::ptr::from_ref(g) as usize);
        // SAFETY: Ms are never freed.
        match unsafe { g.m.get().as_ref() } {
            Some(m) => s
                .s(" m=")
                .u(u64::from(m.id.get()))
                .s(" mp=")
                .hex(core::ptr::from_ref(m) as usize),
            None => s.s(" m=nil"),
        };
    }
    s.s(" [").s(status);
    if !g.lockedm.get().is_null() {
        s.s(", locked to thread");
    }
    s.s("]:\n");
    let stopped = !matches!(g.status(), Status::Running) || core::ptr::eq(getm().curg.get(), g);
    if !stopped {
        s.s("\tgoroutine running on other thread; stack unavailable\n");
    } else if g.sched.bp.get() != 0 {
        frames(s, g, level);
    } else if level < 2 || g.status() == Status::Runnable {
        not_started(s, g);
    }
    created_by(s, g);
}

/// A goroutine that has not run yet: its function, at its first line.
fn not_started(s: &mut Sink, g: &G) {
    // SAFETY: a closure's word 0 is its code.
    let pc = unsafe { *(g.startfn.get() as *const usize) };
    if let Some(f) = functab::find(pc)
        && let Some(loc) = functab::locate(f, pc, 0)
    {
        s.b(loc.name)
            .s(if f.arg_words == 0 { "()" } else { "(...)" })
            .s("\n\t");
        s.b(loc.file).s(":").u(u64::from(loc.line)).s("\n");
    }
}

const INNER: usize = 50;

fn frames(s: &mut Sink, g: &G, level: u32) {
    let total = each(g, level, |_, _, _| {});
    each(g, level, |i, f, loc| {
        if total > 2 * INNER {
            if i == INNER {
                s.s("...")
                    .u((total - 2 * INNER) as u64)
                    .s(" frames elided...\n");
            }
            if i >= INNER && i < total - INNER {
                return;
            }
        }
        print_frame(s, f, loc, level);
    });
}

/// Calls `f` with number, frame and location of each frame to print; returns their count.
fn each(g: &G, level: u32, mut f: impl FnMut(usize, &Frame, &Loc)) -> usize {
    let mut n = 0;
    let mut first = true;
    for frame in Frames::from_native(g) {
        let pc = frame.lookup_pc();
        let Some(info) = functab::find(pc) else {
            continue;
        };
        let mut depth = 0;
        while let Some(loc) = functab::locate(info, pc, depth) {
            if show(&loc, first, level) {
                f(n, &frame, &loc);
                n += 1;
            }
            first = false;
            depth += 1;
            if !loc.inlined {
                break;
            }
        }
    }
    n
}

/// Runtime frames are hidden unless exported; gopanic shows where it lies between others.
fn show(loc: &Loc, first: bool, level: u32) -> bool {
    if level > 1 {
        return true;
    }
    if loc.wrapper {
        return false;
    }
    if loc.name == b"runtime.gopanic" {
        return !first;
    }
    match loc.name.strip_prefix(b"runtime.") {
        Some(rest) => rest.first().is_some_and(u8::is_ascii_uppercase),
        None => loc.name.contains(&b'.'),
    }
}

fn print_frame(s: &mut Sink, f: &Frame, loc: &Loc, level: u32) {
    let info = functab::find(f.lookup_pc());
    print_name(s, loc.name);
    let none = info.is_some_and(|i| i.arg_words == 0) && !loc.inlined;
    s.s(if none { "()" } else { "(...)" }).s("\n\t");
    s.b(loc.file).s(":").u(u64::from(loc.line));
    if let Some(i) = info
        && !loc.inlined
    {
        s.s(" +").hex(f.pc - i.entry as usize);
        if level >= 2 {
            s.s(" fp=")
                .hex(f.fp + 16)
                .s(" sp=")
                .hex(f.fp - i.frame_size as usize)
                .s(" pc=")
                .hex(f.pc);
        }
    }
    s.s("\n");
}

/// Generic arguments print as `[...]`, gopanic as `panic`.
fn print_name(s: &mut Sink, name: &[u8]) {
    if name == b"runtime.gopanic" {
        s.s("panic");
        return;
    }
    let open = name.iter().position(|&c| c == b'[');
    let close = name.iter().rposition(|&c| c == b']');
    match (open, close) {
        (Some(a), Some(b)) if b > a => s.b(&name[..a]).s("[...]").b(&name[b + 1..]),
        _ => s.b(name),
    };
}

fn created_by(s: &mut Sink, g: &G) {
    let pc = g.origin.site.get();
    if pc == 0 || g.goid.get() == 1 {
        return;
    }
    let Some(f) = functab::find(pc - 1) else {
        return;
    };
    let Some(loc) = functab::locate(f, pc - 1, 0) else {
        return;
    };
    s.s("created by ");
    print_name(s, loc.name);
    s.s(" in goroutine ").u(g.origin.parent.get()).s("\n\t");
    s.b(loc.file)
        .s(":")
        .u(u64::from(loc.line))
        .s(" +")
        .hex(pc - f.entry as usize)
        .s("\n");
}

/// runtime.Stack.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_stackdump(buf: *mut u8, n: usize, all: bool) -> usize {
    let g = getm().g();
    let mut s = Sink {
        buf,
        cap: n,
        len: 0,
        to_stderr: false,
    };
    goroutine_from_caller(&mut s, g);
    if all {
        others(&mut s, Some(g), 1);
    }
    s.len
}

/// The running goroutine, without the frame of runtime.Stack itself.
fn goroutine_from_caller(s: &mut Sink, g: &G) {
    s.s("goroutine ").u(g.goid.get()).s(" [running]:\n");
    each(g, 1, |_, f, loc| {
        if loc.name != b"runtime.Stack" {
            print_frame(s, f, loc, 1);
        }
    });
    created_by(s, g);
}
