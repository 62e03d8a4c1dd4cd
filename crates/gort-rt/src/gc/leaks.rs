//! Goroutines that have leaked: they wait for what nothing that can still run has, so nobody will ever wake them. For the profile
//! `goroutineleak` of runtime/pprof, which asks for a cycle that looks for them.
//!
//! When marking has ended, with the world stopped, the plain [`tracer`](super::tracer) goes through the heap from everything but the
//! goroutines that wait for a channel or something of package sync. One of those may go on if what it waits for has been reached; then
//! its stack is followed, too, and so on until none is left that may. What official Go does during marking is done here in a pass of its
//! own, and so costs a pause as long as marking takes on one processor, when a program asks for the profile only: a cycle that must begin
//! with half of the stacks and come back to the others would be a second kind of everything in `roots.rs` and `stack.rs`.
//!
//! Marking itself keeps what they refer to: they are leaked as far as anybody can tell, and not dead.

use super::stack::Own;
use super::tracer::{Found, Target, Tracer};
use crate::gmp::waiting::{SemaKind, Waiting};
use crate::gmp::{G, Status, slab};
use crate::sync::{AtomicBool, AtomicUsize, Ordering};

/// The next cycle is to look for them.
static WANTED: AtomicBool = AtomicBool::new(false);
/// The cycle under way is.
static LOOKS: AtomicBool = AtomicBool::new(false);
/// How many the last one has found.
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// A cycle begins.
pub fn begin() {
    LOOKS.store(WANTED.swap(false, Ordering::SeqCst), Ordering::SeqCst);
}

/// Looks for them if this cycle is to, whose marking has ended; whether it was. The world is stopped; `own` says how the
/// goroutine of this thread stands.
pub fn look(own: Own) -> bool {
    let due = LOOKS.swap(false, Ordering::SeqCst);
    if due {
        find(own);
    }
    due
}

fn find(own: Own) {
    let t = Tracer::new(|_: &Found, to| matches!(to, Target::Object(..)));
    t.roots();
    slab::each(|g| {
        let may_leak = waits(g).is_some();
        g.park.leaked.set(may_leak);
        if !may_leak {
            t.goroutine(g, own);
        }
        true
    });
    t.drain();
    let mut more = true;
    while core::mem::take(&mut more) {
        slab::each(|g| {
            if is_leaked(g) && may_be_woken(g, &|addr| t.is_reached(addr)) {
                g.park.leaked.set(false);
                t.goroutine(g, own);
                t.drain();
                more = true;
            }
            true
        });
    }
    let mut n = 0;
    slab::each(|g| {
        n += usize::from(is_leaked(g));
        // As in official Go, the main goroutine is no leak in `select {}`; it is counted, though.
        if g.goid.get() == 1 && g.park.on.get() == Waiting::Forever {
            g.park.leaked.set(false);
        }
        true
    });
    COUNT.store(n, Ordering::SeqCst);
}

/// Whether the goroutine has been found to have leaked, and still waits as it did.
pub fn is_leaked(g: &G) -> bool {
    g.park.leaked.get() && g.status() == Status::Waiting
}

/// What `g` waits for, if that is something which may have been forgotten.
fn waits(g: &G) -> Option<Waiting> {
    let on = g.park.on.get();
    let may_leak = match on {
        Waiting::NilReceive
        | Waiting::NilSend
        | Waiting::NilSelect
        | Waiting::Forever
        | Waiting::Receive(_)
        | Waiting::Send(_)
        | Waiting::Select(_)
        | Waiting::Cond(_) => true,
        Waiting::Sema(kind, _) => !matches!(kind, SemaKind::Plain | SemaKind::BubbleWaitGroup),
        _ => false,
    };
    (may_leak && g.status() == Status::Waiting).then_some(on)
}

/// Whether somebody may wake `g`, of what has been reached so far.
fn may_be_woken(g: &G, is_reached: &impl Fn(usize) -> bool) -> bool {
    match g.park.on.get() {
        Waiting::Select(_) => {
            let mut s = g.park.sudogs.get();
            // SAFETY: the sudogs of a select are its goroutine's until it runs.
            while let Some(this) = unsafe { s.as_ref() } {
                if is_reached(this.c.get()) {
                    return true;
                }
                s = this.waitlink.get();
            }
            false
        }
        Waiting::NilReceive | Waiting::NilSend | Waiting::NilSelect | Waiting::Forever => false,
        on => {
            let at = on.object() as usize;
            !is_in_frame(g, at) && is_reached(at)
        }
    }
}

/// Whether `addr` lies in the stack of `g`: what escape analysis has left there, nobody else has.
fn is_in_frame(g: &G, addr: usize) -> bool {
    let mut seg = g.stack.seg.get();
    // SAFETY: the segments of a goroutine that does not run.
    while let Some(s) = unsafe { seg.as_ref() } {
        if addr >= s.lo && addr < s.top {
            return true;
        }
        seg = s.prev;
    }
    false
}

/// The next cycle is to look for leaked goroutines.
#[unsafe(no_mangle)]
extern "C" fn rt_leakswanted() {
    WANTED.store(true, Ordering::SeqCst);
}

/// Whether no cycle has begun since then.
#[unsafe(no_mangle)]
extern "C" fn rt_leakspending() -> bool {
    WANTED.load(Ordering::SeqCst)
}

/// How many the last cycle that looked for them has found.
#[unsafe(no_mangle)]
extern "C" fn rt_leakcount() -> usize {
    COUNT.load(Ordering::SeqCst)
}
