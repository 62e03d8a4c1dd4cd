//! Looking through a goroutine: its stack (`frames`), and what its G holds.
//!
//! A goroutine is looked through once a cycle, before it runs for the first time in it, or by somebody who marks while
//! it waits. Who does it has claimed [`G::scan`]. So the stack of a goroutine that runs has no
//! pointer that is not known already, and only what it takes out of the heap by overwriting it can be
//! missed: that is what the write barrier sees.

use super::cycle;
use super::frames::Walk;
use super::mark::Worker;
use super::sink::Sink;
use crate::arch::{callee_saved, resume_async};
use crate::gmp::{G, M, Status};

/// How the goroutine of this thread stands while the collector works on it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Own {
    /// It has called the native that runs. None for the schedule loop.
    Called,
    /// It is in a native that could park: nothing of the native's work depends on the heap.
    Parked,
}

/// Looks through `g`, which does not run and is not about to; false if somebody else does or has.
pub fn scan_if_due(w: &Worker, g: &G) -> bool {
    let cycle = cycle::number();
    let due = g.scan.claim(cycle);
    if due {
        look_through(w, g);
        g.scan.done(cycle);
    }
    due
}

/// Sees to it that `g`, which is about to run on this thread, has been looked through.
#[cold]
#[inline(never)]
pub fn before_run(w: &Worker, g: &G) {
    let cycle = cycle::number();
    if !g.scan.is_done(cycle) && !scan_if_due(w, g) {
        g.scan.wait(cycle);
    }
}

/// Looks through the goroutine that runs, unless it has been. What a native holds that it has called lies in frames
/// on g0, or in registers that the native has to keep. Nothing for a thread without goroutine.
pub fn scan_own(w: &Worker, m: &M, own: Own) {
    // SAFETY: null or the running G.
    let Some(g) = (unsafe { m.curg.get().as_ref() }) else {
        return;
    };
    if own == Own::Parked {
        scan_if_due(w, g);
        return;
    }
    let cycle = cycle::number();
    if g.scan.claim(cycle) {
        caller(w, m, g);
        g.scan.done(cycle);
    }
}

/// What `g` needs, which has called the native that runs on this thread.
#[inline(never)]
pub fn caller(sink: &impl Sink, m: &M, g: &G) {
    let mut walk = Walk::new(sink, g);
    held(g, &mut walk);
    let kept = callee_saved();
    kept.iter().for_each(|&r| walk.anything(r));
    // SAFETY: the stack of this thread, from this frame up; then that of the goroutine that has called us.
    unsafe {
        walk.read(kept.as_ptr() as usize, m.g0_sp.get());
        walk.caller();
    }
}

/// What `g` needs, which does not run, or is in a system call.
pub fn look_through(sink: &impl Sink, g: &G) {
    let mut walk = Walk::new(sink, g);
    if !held(g, &mut walk) {
        return;
    }
    let status = g.status();
    // Also of one that has been woken and has something to undo first.
    if status == Status::Waiting || g.park.on_wake.get().is_some() {
        walk.word(g.park.on.get().object() as usize);
        // Otherwise that is the one of an earlier wait.
        if g.park.on.get().has_own_sudog() {
            walk.word(g.sudog.elem.get());
            walk.word(g.sudog.c.get());
        }
        let mut s = g.park.sudogs.get();
        // SAFETY: the sudogs of a select are its goroutine's until it runs.
        while let Some(this) = unsafe { s.as_ref() } {
            walk.word(this.elem.get());
            walk.word(this.c.get());
            s = this.waitlink.get();
        }
    }
    if status == Status::Syscall {
        g.syscall_regs.iter().for_each(|r| walk.anything(r.get()));
    }
    // SAFETY: it does not run; if it was interrupted, its registers lie in its block.
    unsafe {
        if g.sched.pc.get() == resume_async as *const () as usize {
            let at = g.async_save.get() as usize;
            walk.read(at, at + crate::gmp::g::SAVE_SIZE);
        }
        walk.stopped();
    }
}

/// The words of a G that may hold pointers whatever it does; false if it is dead.
fn held(g: &G, walk: &mut Walk<'_, impl Sink>) -> bool {
    // Records of deferred calls that are free, which dead ones keep, too.
    walk.word(g.deferpool.get());
    let status = g.status();
    if matches!(status, Status::Dead | Status::Idle) {
        return false;
    }
    for word in [&g.panic, &g.startfn, &g.fault.labels] {
        walk.word(word.get());
    }
    // What a native gives back when it goes on, or what the last one has given.
    walk.anything(g.sched.ret.get());
    walk.anything(g.sched.ret2.get());
    // The closures may lie in frames, wherever their records do.
    let mut d = g.defer.get() as *const Defer;
    while !d.is_null() {
        walk.word(d as usize);
        // SAFETY: the records of a goroutine that does not run, which reach from the newest to the oldest.
        let record = unsafe { &*d };
        walk.word(record.func);
        d = record.link;
    }
    true
}

/// The overlay's `_defer`, as far as it is looked at here.
#[repr(C)]
struct Defer {
    link: *const Defer,
    func: usize,
}

gort_abi::twin!(Defer, gort_abi::layouts::DEFER, link = "link", func = "fn");
