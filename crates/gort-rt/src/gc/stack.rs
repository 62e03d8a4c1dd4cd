//! Looking through a goroutine: its stack, word for word, and what its G holds.
//!
//! A goroutine is looked through once a cycle, before it runs for the first time in it, or by somebody who marks while
//! it waits. Who does it has claimed the word [`G::scan`]. So the stack of a goroutine that runs has no
//! pointer that is not known already, and only what it takes out of the heap by overwriting it can be
//! missed: that is what the write barrier sees.

use super::cycle;
use super::mark::Worker;
use crate::arch::{callee_saved, resume_async};
use crate::gmp::{G, M, Seg, Status, Sudog};
use crate::sync::Ordering;

impl G {
    /// Claims the goroutine for a look in this cycle, unless somebody has.
    fn claim(&self, cycle: u32) -> bool {
        let now = self.scan.load(Ordering::Acquire);
        now >> 1 != cycle
            && self
                .scan
                .compare_exchange(now, cycle << 1 | 1, Ordering::Acquire, Ordering::Relaxed)
                .is_ok()
    }
}

/// The number of the cycle, as far as [`G::scan`] has room for it.
fn this_cycle() -> u32 {
    cycle::number() & (u32::MAX >> 1)
}

/// Looks through `g`, which does not run and is not about to; false if somebody else does or has.
pub fn scan_if_due(w: &Worker, g: &G) -> bool {
    let cycle = this_cycle();
    if !g.claim(cycle) {
        return false;
    }
    look_through(w, g);
    g.scan.store(cycle << 1, Ordering::Release);
    true
}

/// Sees to it that `g`, which is about to run on this thread, has been looked through.
#[cold]
#[inline(never)]
pub fn before_run(w: &Worker, g: &G) {
    let cycle = this_cycle();
    if g.scan.load(Ordering::Acquire) == cycle << 1 {
        return;
    }
    if !scan_if_due(w, g) {
        while g.scan.load(Ordering::Acquire) != cycle << 1 {
            core::hint::spin_loop();
        }
    }
}

/// Looks through the goroutine that has called the native which runs on this thread, unless it has been. What the native holds lies in its frames
/// on g0, or in registers that it has to keep. Nothing for a thread without goroutine.
#[inline(never)]
pub fn scan_caller(w: &Worker, m: &M) {
    // SAFETY: null or the running G.
    let Some(g) = (unsafe { m.curg.get().as_ref() }) else {
        return;
    };
    let cycle = this_cycle();
    if !g.claim(cycle) {
        return;
    }
    let kept = callee_saved();
    kept.iter().for_each(|&r| w.maybe(r));
    // SAFETY: the stack of this thread, from this frame up.
    unsafe { w.maybe_all(kept.as_ptr() as usize, m.g0_sp.get()) };
    held(w, g);
    // Stubs push at most the registers that the callee keeps.
    let sp = g.sched.bp.get() - size_of_val(&kept);
    // SAFETY: the top segment of the goroutine that has called us.
    segments(w, g, sp.max(unsafe { (*g.stack.seg.get()).lo }));
    g.scan.store(cycle << 1, Ordering::Release);
}

fn look_through(w: &Worker, g: &G) {
    if !held(w, g) {
        return;
    }
    let status = g.status();
    // Also of one that has been woken and has something to undo first.
    if status == Status::Waiting || g.park.on_wake.get().is_some() {
        w.maybe(g.park.on.get().object() as usize);
        sudog(w, &g.sudog);
        let mut s = g.park.sudogs.get();
        // SAFETY: the sudogs of a select are its goroutine's until it runs.
        while let Some(this) = unsafe { s.as_ref() } {
            sudog(w, this);
            s = this.waitlink.get();
        }
    }
    if status == Status::Syscall {
        g.syscall_regs.iter().for_each(|r| w.maybe(r.get()));
    }
    if g.sched.pc.get() == resume_async as *const () as usize {
        let at = g.async_save.get() as usize;
        // SAFETY: the block of a goroutine that was interrupted.
        unsafe { w.maybe_all(at, at + crate::gmp::g::SAVE_SIZE) };
    }
    segments(w, g, g.sched.sp.get());
}

/// The words of a G that may hold pointers whatever it does; false if it is dead.
fn held(w: &Worker, g: &G) -> bool {
    // Records of deferred calls that are free, which dead ones keep, too.
    w.maybe(g.deferpool.get());
    let status = g.status();
    if matches!(status, Status::Dead | Status::Idle) {
        return false;
    }
    for word in [
        &g.panic,
        &g.defer,
        &g.startfn,
        &g.fault.labels,
        &g.sched.ret,
        &g.sched.ret2,
    ] {
        w.maybe(word.get());
    }
    true
}

/// What of the stack of `g` is in use, if that ends at `sp`.
fn segments(w: &Worker, g: &G, mut sp: usize) {
    let mut seg = g.stack.seg.get();
    // SAFETY: the segments of a goroutine that does not run, from the top one down. In each, what lies between the stack
    // pointer and the top is in use.
    unsafe {
        while let Some(s) = seg.as_ref() {
            let s: &Seg = s;
            // A goroutine that began on its second segment has none in the first.
            if sp >= s.lo && sp < s.top {
                w.maybe_all(sp, s.top);
            }
            (sp, seg) = (s.caller_sp, s.prev);
        }
    }
}

fn sudog(w: &Worker, s: &Sudog) {
    w.maybe(s.elem.get());
    w.maybe(s.c.get());
}
