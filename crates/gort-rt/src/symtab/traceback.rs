//! Goroutine traces in Go's text form, to standard error or into a buffer.

use super::functab::{self, Loc};
use super::unwind::{Frame, Frames, Interrupted};
use crate::arch::getm;
use crate::debug::{trace_all, trace_level};
use crate::gc::leaks::is_leaked;
use crate::gmp::waiting::minutes;
use crate::gmp::{Bubble, G, M, Status, slab};
use crate::os;
use crate::text::{Text, err};

fn with_stderr(f: impl FnOnce(&mut Text)) {
    let mut s = err();
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

/// The trace of a dying goroutine, then of the others if GOTRACEBACK or a fatal error asks for it.
/// Errors of the runtime itself (`throwing`) show everything, whatever GOTRACEBACK says.
pub fn print_dying(g: &G, throwing: bool) {
    print_dying_with(g, throwing, None);
}

/// The same; without an order to show everything, the goroutines of `bubble` are shown at least.
pub fn print_dying_with(g: &G, throwing: bool, bubble: Option<&Bubble>) {
    let level = if throwing { 2 } else { trace_level() };
    if level == 0 {
        return;
    }
    with_stderr(|s| {
        s.s("\n");
        goroutine(s, g, "running", level, None);
        if trace_all() || throwing {
            others(s, Some(g), level);
        } else if let Some(b) = bubble {
            of_bubble(s, g, b, level);
        }
    });
}

/// A fatal mistake of the program: its goroutine, then all others, as far as GOTRACEBACK or `all` wants them.
pub fn print_fatal(g: &G, all: bool) {
    let level = trace_level();
    if level > 0 {
        with_stderr(|s| {
            s.s("\n");
            goroutine(s, g, "running", level, None);
            if all || trace_all() {
                others(s, Some(g), level);
            }
        });
    }
}

/// The goroutine that a signal has interrupted; `at` if that was in its Go code or a native without a frame.
pub fn print_interrupted(g: &G, at: Option<Interrupted>) {
    with_stderr(|s| {
        s.s("\n");
        goroutine(s, g, status_text(g), 2, at);
    });
}

/// A thread that runs no goroutine.
pub fn print_idle(m: &M) {
    with_stderr(|s| {
        s.s("\ngoroutine 0 gp=nil m=").u(u64::from(m.id.get()));
        s.s(" mp=").hex(core::ptr::from_ref(m) as usize);
        s.s(" [idle]:\n\tno frames: the thread is in native code\n");
    });
}

/// The traces of all goroutines but one, at the level of GOTRACEBACK, at least `level`.
pub fn print_others(except: Option<&G>, level: u32) {
    let level = level.max(trace_level());
    if level > 0 {
        with_stderr(|s| others(s, except, level));
    }
}

/// The goroutine of this thread first, then in order of creation.
fn others(s: &mut Text, except: Option<&G>, level: u32) {
    let is = |e: Option<&G>, g: &G| e.is_some_and(|e| core::ptr::eq(e, g));
    // SAFETY: curg is alive.
    let cur = unsafe { getm().curg.get().as_ref() }.filter(|g| !is(except, g));
    if let Some(g) = cur {
        s.s("\n");
        goroutine(s, g, status_text(g), level, None);
    }
    slab::each(|g| {
        let dead = matches!(g.status(), Status::Dead | Status::Idle);
        if !(dead || is(except, g) || is(cur, g) || (!g.is_user() && level < 2)) {
            s.s("\n");
            goroutine(s, g, status_text(g), level, None);
        }
        !s.is_full()
    });
}

/// The goroutines that a bubble's end has found in it, in order of creation.
fn of_bubble(s: &mut Text, except: &G, b: &Bubble, level: u32) {
    slab::each(|g| {
        if core::ptr::eq(g.bubble.get(), b) && !core::ptr::eq(g, except) {
            s.s("\n");
            goroutine(s, g, status_text(g), level, None);
        }
        true
    });
}

fn status_text(g: &G) -> &'static str {
    match g.status() {
        Status::Runnable => "runnable",
        Status::Running => "running",
        Status::Syscall => "syscall",
        Status::Waiting => g.park.on.get().text(),
        _ => "dead",
    }
}

fn goroutine(s: &mut Text, g: &G, status: &str, level: u32, at: Option<Interrupted>) {
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
    let leaked = is_leaked(g);
    if leaked {
        s.s(" (leaked)");
    }
    let (on, bubble) = (g.park.on.get(), g.bubble());
    let durable = !leaked && g.status() == Status::Waiting && on.is_durable();
    if bubble.is_some() && durable && !on.names_durable() {
        s.s(" (durable)");
    }
    if !leaked && matches!(g.status(), Status::Waiting | Status::Syscall) {
        let minutes = minutes(g.park.since.get(), os::nanotime());
        if minutes >= 1 {
            s.s(", ").u(minutes as u64).s(" minutes");
        }
    }
    if !g.lockedm.get().is_null() {
        s.s(", locked to thread");
    }
    if let Some(b) = bubble {
        s.s(", synctest bubble ").u(b.id.get());
    }
    s.s("]:\n");
    let elsewhere = matches!(g.status(), Status::Running | Status::Syscall)
        && !core::ptr::eq(getm().curg.get(), g);
    if elsewhere && g.status() == Status::Running {
        s.s("\tgoroutine running on other thread; stack unavailable\n");
    } else if g.sched.bp.get() != 0 {
        frames(s, g, level, at);
    } else if level < 2 || g.status() == Status::Runnable {
        not_started(s, g);
    }
    created_by(s, g);
}

/// A goroutine that has not run yet: its function, at its first line.
fn not_started(s: &mut Text, g: &G) {
    // SAFETY: null, if it has just begun, or a closure, whose word 0 is its code.
    let Some(&pc) = (unsafe { (g.startfn.get() as *const usize).as_ref() }) else {
        return;
    };
    let Some(f) = functab::find(pc) else { return };
    // What a func value of a declared function leads to has its name, and no line.
    let declared = || functab::named(functab::name(f)).find(|f| f.start_line != 0);
    let f = if f.start_line != 0 {
        f
    } else {
        declared().unwrap_or(f)
    };
    if let Some(loc) = functab::locate(f, f.entry as usize, 0) {
        s.b(loc.name)
            .s(if f.arg_words == 0 { "()" } else { "(...)" })
            .s("\n\t");
        s.b(loc.file).s(":").u(u64::from(loc.line)).s("\n");
    }
}

const INNER: usize = 50;

fn frames(s: &mut Text, g: &G, level: u32, at: Option<Interrupted>) {
    let walk = || Frames::from_native(g, at);
    let total = count(walk(), level);
    each(walk(), level, |i, f, loc| {
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

/// Calls `f` with number, frame and location of each frame to print.
fn each(frames: Frames, level: u32, mut f: impl FnMut(usize, &Frame, &Loc)) {
    let (mut n, mut first) = (0, true);
    for frame in frames {
        of_frame(&frame, level, &mut first, |loc| {
            f(n, &frame, loc);
            n += 1;
        });
    }
}

/// How many frames `each` would show. A deep recursion has few different pcs: the last one is remembered.
fn count(frames: Frames, level: u32) -> usize {
    let (mut total, mut first, mut last) = (0, true, (0, 0));
    for frame in frames {
        if frame.pc != last.0 {
            let mut n = 0;
            of_frame(&frame, level, &mut first, |_| n += 1);
            last = (frame.pc, n);
        }
        total += last.1;
    }
    total
}

/// The logical frames of one frame that are to be shown, innermost inlined call first.
fn of_frame(frame: &Frame, level: u32, first: &mut bool, mut f: impl FnMut(&Loc)) {
    let pc = frame.lookup_pc();
    let Some(info) = functab::find(pc) else {
        return;
    };
    let mut depth = 0;
    while let Some(loc) = functab::locate(info, pc, depth) {
        if show(&loc, *first, level) {
            f(&loc);
        }
        *first = false;
        depth += 1;
        if !loc.inlined {
            break;
        }
    }
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

fn print_frame(s: &mut Text, f: &Frame, loc: &Loc, level: u32) {
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
fn print_name(s: &mut Text, name: &[u8]) {
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

fn created_by(s: &mut Text, g: &G) {
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
    if g.origin.parent.get() != 0 {
        s.s(" in goroutine ").u(g.origin.parent.get());
    }
    s.s("\n\t");
    s.b(loc.file)
        .s(":")
        .u(u64::from(loc.line))
        .s(" +")
        .hex(pc - f.entry as usize)
        .s("\n");
}

/// runtime.Stack into `s`: the running goroutine, then, if the world is stopped for it, the others.
pub fn dump(s: &mut Text, g: &G, all: bool) {
    goroutine_from_caller(s, g);
    if all {
        others(s, Some(g), 1);
    }
}

/// The running goroutine, without the frame of runtime.Stack itself.
fn goroutine_from_caller(s: &mut Text, g: &G) {
    s.s("goroutine ").u(g.goid.get()).s(" [running]:\n");
    each(Frames::from_native(g, None), 1, |_, f, loc| {
        if loc.name != b"runtime.Stack" {
            print_frame(s, f, loc, 1);
        }
    });
    created_by(s, g);
}
