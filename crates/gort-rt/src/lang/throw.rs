//! Fatal errors, with Go's texts and exit codes: `throw` for bugs of the runtime and faults, `fatal` for
//! mistakes of the program.

use crate::arch::getm;
use crate::debug::crash_wanted;
use crate::gmp::{G, SCHED, stack};
use crate::os;
use crate::symtab::traceback;
use crate::sync::{AtomicU32, Ordering};
use crate::text::{dying, err};
use core::panic::Location;

static DYING: AtomicU32 = AtomicU32::new(0);

/// One thread at a time dies; a fault while dying ends the process quickly.
fn begin() {
    SCHED.panicking.fetch_add(1, Ordering::SeqCst);
    let m = getm();
    m.locks.set(m.locks.get() + 1);
    let me = m.id.get() + 1;
    if DYING
        .compare_exchange(0, me, Ordering::SeqCst, Ordering::SeqCst)
        .is_ok()
    {
        crate::sched::world::freeze();
        return;
    }
    if DYING.load(Ordering::SeqCst) == me {
        match m.faults.get() {
            0 => {
                m.faults.set(1);
                err().s("panic during panic\n").flush();
                os::exit(3)
            }
            1 => {
                m.faults.set(2);
                err().s("stack trace unavailable\n").flush();
                os::exit(4)
            }
            _ => os::exit(5),
        }
    }
    loop {
        os::usleep(1_000_000);
    }
}

/// The head line of a fatal error. As in official Go it is not part of the crash output, which begins behind it.
fn say(text: &[u8]) {
    err().s("fatal error: ").b(text).s("\n").flush();
    dying();
}

/// Ends the process: SIGABRT when GOTRACEBACK=crash, else status 2.
pub fn die() -> ! {
    crate::see::event::dump();
    if crash_wanted() {
        os::signal::raise_default(6);
    }
    os::exit(2)
}

/// `fatal error: text`, with the trace of the running goroutine.
pub fn throw_bytes(text: &[u8]) -> ! {
    begin();
    say(text);
    let g = getm().curg.get();
    if !g.is_null() {
        // SAFETY: curg is alive.
        let g = unsafe { &*g };
        traceback::print_signal_line(g);
        traceback::print_dying(g, true);
    }
    die()
}

/// A bug of the runtime, found on g0: shows who found it, then the goroutine it worked for.
#[cold]
#[track_caller]
pub fn throw(text: &str) -> ! {
    begin();
    say(text.as_bytes());
    runtime_stack(Location::caller(), line!() - 2);
    match running() {
        Some(g) => traceback::print_dying(g, true),
        None => traceback::print_others(None, 2),
    }
    die()
}

/// `runtime stack:`. Rust frames are not in the func table, so the two that are known must do: throw
/// and its caller, under the name of its file.
fn runtime_stack(from: &Location<'_>, line: u32) {
    let path = from.file();
    let path = path.find("runtime/").map_or(path, |i| &path[i..]);
    let stem = path.rsplit('/').next().unwrap_or(path);
    err()
        .s("\nruntime stack:\nruntime.throw(...)\n\truntime/lang/throw.rs:")
        .u(u64::from(line))
        .s("\nruntime.")
        .s(stem.strip_suffix(".rs").unwrap_or(stem))
        .s("(...)\n\t")
        .s(path)
        .s(":")
        .u(u64::from(from.line()))
        .s("\n")
        .flush();
}

/// The goroutine of this thread.
fn running() -> Option<&'static G> {
    // SAFETY: curg is alive.
    unsafe { getm().curg.get().as_ref() }
}

/// A mistake of the program.
pub fn fatal_bytes(text: &[u8]) -> ! {
    fatal_with(text, false)
}

/// A mistake of the program that gc finds on its system stack: all goroutines are shown.
#[cold]
pub fn fatal_all(text: &str) -> ! {
    fatal_with(text.as_bytes(), true)
}

fn fatal_with(text: &[u8], all: bool) -> ! {
    begin();
    say(text);
    let g = getm().curg.get();
    if !g.is_null() {
        // SAFETY: curg is alive.
        traceback::print_fatal(unsafe { &*g }, all);
    }
    die()
}

/// A mistake of the program.
#[cold]
pub fn fatal(text: &str) -> ! {
    fatal_bytes(text.as_bytes())
}

/// Deadlock: no goroutine runs; all that wait are shown.
#[cold]
pub fn fatal_nog(text: &str) -> ! {
    begin();
    say(text.as_bytes());
    traceback::print_others(None, 0);
    die()
}

/// The goroutine's stack would exceed its limit; on g0, from morestack.
#[cold]
#[track_caller]
pub fn stack_overflow(g: &G) -> ! {
    begin();
    // SAFETY: the running G's top segment.
    let (lo, hi) = unsafe {
        (
            (*g.stack.seg.get()).lo,
            (*g.stack.seg.get()).lo + (*g.stack.seg.get()).size,
        )
    };
    err()
        .s("runtime: goroutine stack exceeds ")
        .u(stack::LIMIT.load(Ordering::Relaxed) as u64)
        .s("-byte limit\nruntime: sp=")
        .hex(g.sched.bp.get() + 8)
        .s(" stack=[")
        .hex(lo)
        .s(", ")
        .hex(hi)
        .s("]\nfatal error: stack overflow\n")
        .flush();
    dying();
    runtime_stack(Location::caller(), line!() - 3);
    traceback::print_dying(g, true);
    die()
}

/// The system gives no more memory.
#[cold]
pub fn out_of_memory(size: usize) -> ! {
    begin();
    err()
        .s("runtime: out of memory: cannot allocate ")
        .u(size as u64)
        .s("-byte block (")
        .u(crate::mem::arena::IN_USE.load(Ordering::Relaxed))
        .s(" in use)\nfatal error: out of memory\n")
        .flush();
    dying();
    let g = getm().curg.get();
    if !g.is_null() {
        // SAFETY: curg is alive.
        traceback::print_dying(unsafe { &*g }, true);
    }
    die()
}

/// More threads than the limit.
#[cold]
pub fn thread_exhaustion(limit: u32) -> ! {
    begin();
    err()
        .s("runtime: program exceeds ")
        .u(u64::from(limit))
        .s("-thread limit\nfatal error: thread exhaustion\n")
        .flush();
    dying();
    let g = getm().curg.get();
    if !g.is_null() {
        // SAFETY: curg is alive.
        traceback::print_dying(unsafe { &*g }, true);
    }
    die()
}

/// clone(2) failed.
#[cold]
pub fn newosproc_failed(errno: i32, have: u32) -> ! {
    let mut b = err();
    b.s("runtime: failed to create new OS thread (have ")
        .u(u64::from(have))
        .s(" already; errno=");
    b.u(errno as u64).s(")\n");
    if errno == 11 {
        b.s("runtime: may need to increase max user processes (ulimit -u)\n");
    }
    b.flush();
    throw("newosproc")
}
