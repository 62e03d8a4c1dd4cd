//! Preemption. A request poisons the guard of the running goroutine, which yields at its next function
//! entry or on its way out of a leaf native (cooperative); a loop without calls is stopped by SIGURG (asynchronous).
//!
//! The asynchronous way uses no goroutine stack: the handler runs on the signal stack. If the
//! interrupted pc is in Go text, outside an entry check and outside ranges marked unsafe, it copies the
//! general registers and the 512-byte FXSAVE image into a block owned by the G, and returns into
//! `async_entry` on g0, which puts the G on the global queue. `resume_async` restores everything with iretq.
//! In a direct native that may take long it has that one return to a stub that yields ([`yield_on_return`]).

use super::idle::wakep;
use super::runq::{globrunqput, runqput};
use super::schedule::schedule;
use crate::arch::stubs::directyield;
use crate::arch::{async_entry, getm, in_long_native, resume_async};
use crate::gmp::{G, M, P, SCHED, offheap, stack};
use crate::lock::SpinLock;
use crate::os::signal::{Context, SIGURG};
use crate::rank;
use crate::see::event::{Event, event};
use crate::symtab::functab;
use crate::sync::Ordering;
use core::cell::Cell;

use crate::gmp::g::SAVE_SIZE;

/// Blocks of dead Gs, linked through their first words: a slot that goes back to the system keeps none.
struct Saves {
    lock: SpinLock<{ rank::PREEMPT_SAVE }>,
    first: Cell<*mut u8>,
}
// SAFETY: `first` is only touched with the lock held.
unsafe impl Sync for Saves {}
static SAVES: Saves = Saves {
    lock: SpinLock::new(),
    first: Cell::new(core::ptr::null_mut()),
};

/// A block for the registers of a goroutine. The signal has interrupted Go code: this thread holds no lock.
fn take_save() -> *mut u8 {
    let save = SAVES.lock.with(|| {
        let save = SAVES.first.get();
        if !save.is_null() {
            // SAFETY: a block of the list.
            SAVES.first.set(unsafe { *save.cast::<*mut u8>() });
        }
        save
    });
    if save.is_null() {
        offheap::persistent(SAVE_SIZE)
    } else {
        save
    }
}

/// Takes the block from a dead G, if it has one.
pub fn give_save(g: &G) {
    let save = g.async_save.replace(core::ptr::null_mut());
    if !save.is_null() {
        SAVES.lock.with(|| {
            // SAFETY: the block is as large as a pointer, and nobody else's.
            unsafe { *save.cast::<*mut u8>() = SAVES.first.get() };
            SAVES.first.set(save);
        });
    }
}

/// Asks the goroutine that runs on `p` to yield.
pub fn preempt_p(p: &P) {
    let m = p.m.get();
    if m.is_null() {
        return;
    }
    // SAFETY: Ms and Gs stay mapped; a request that hits the wrong G costs one extra yield.
    unsafe {
        let g = (*m).curg.get();
        if g.is_null() {
            return;
        }
        (*g).preempt.store(true, Ordering::Relaxed);
        (*g).stackguard
            .store(gort_abi::STACK_PREEMPT, Ordering::Release);
        if crate::debug::ASYNCPREEMPTOFF.load(Ordering::Relaxed) == 0 {
            crate::os::tgkill((*m).tid.load(Ordering::Relaxed), SIGURG);
        }
    }
}

/// Asks all running goroutines.
pub fn preempt_all() {
    for i in 0..crate::gmp::sched::gomaxprocs() {
        preempt_p(crate::gmp::sched::allp(i));
    }
}

/// The running goroutine has noticed a request at a function entry; on g0. Returns when it may go on.
///
/// # Safety
/// `g.sched` is complete and `g.sched.ret` holds what morestack is to get.
pub unsafe fn at_safepoint(g: &G) {
    let m = getm();
    g.preempt.store(false, Ordering::Relaxed);
    if m.locks.get() > 0 || !g.sched_may_yield(m) {
        return;
    }
    preempted(g)
}

/// The running goroutine has noticed a request on the way out of a leaf native; on g0. Returns when it may go on.
///
/// # Safety
/// `g.sched` is complete and holds the native's results.
#[unsafe(no_mangle)]
unsafe extern "C" fn leafyielded() {
    let m = getm();
    let g = m.g();
    // In a system call it has no P to give up.
    if m.p.get().is_null() || g.status() != crate::gmp::Status::Running {
        return;
    }
    // SAFETY: the top segment of the running G.
    g.stackguard
        .store(unsafe { (*g.stack.seg.get()).guard }, Ordering::Relaxed);
    // SAFETY: the stub has completed it.
    unsafe { at_safepoint(g) };
}

impl G {
    /// Whether it is worth yielding: somebody waits for this P, or the world stops.
    fn sched_may_yield(&self, m: &M) -> bool {
        !m.pp().runq.is_empty()
            || SCHED.runq_size.load(Ordering::Relaxed) != 0
            || SCHED.gcwaiting.load(Ordering::Relaxed)
            || crate::gc::cycle::attention()
            || SCHED.look.idle() != 0
            || super::expire::due(m.pp())
    }
}

/// Puts the running goroutine on the global queue and schedules. If the collector has asked, it stays here, to go on as
/// soon as this thread has done what there is to do.
fn preempted(g: &G) -> ! {
    let m = getm();
    event(Event::GoPreempt, g.goid.get(), 0);
    g.cast_yielded();
    m.drop_g();
    if crate::gc::cycle::attention() && !SCHED.gcwaiting.load(Ordering::Relaxed) {
        // Behind the others: a cycle may last, and this one has had its time.
        runqput(m.pp(), g, false);
        schedule()
    }
    SCHED.lock.with(|| globrunqput(g));
    wakep();
    schedule()
}

/// SIGURG: stops the goroutine if this is a place where it can be stopped. Runs on the signal stack.
///
/// # Safety
/// `ctx` is the interrupted context of this thread.
pub unsafe fn signal(ctx: &mut Context) {
    let m = getm();
    if m.is_sysmon.get() || m.curg.get().is_null() || m.p.get().is_null() || m.locks.get() > 0 {
        return;
    }
    let g = m.g();
    if !g.preempt.load(Ordering::Relaxed) || g.status() != crate::gmp::Status::Running {
        return;
    }
    // r15 = g holds in Go text and in direct natives only; natives on g0 are in neither.
    if ctx.r15() != core::ptr::from_ref(g) as usize {
        return;
    }
    if !functab::preemptible(ctx.rip()) {
        // SAFETY: the running goroutine and its interrupted context.
        return unsafe { yield_on_return(g, ctx) };
    }
    let mut save = g.async_save.get();
    if save.is_null() {
        save = take_save();
        g.async_save.set(save);
    }
    // SAFETY: the block is the G's own, 16-aligned; fpstate points at the kernel's FXSAVE image.
    unsafe {
        ctx.save(save);
        g.preempt.store(false, Ordering::Relaxed);
        g.stackguard
            .store((*g.stack.seg.get()).guard, Ordering::Relaxed);
        g.sched.sp.set(ctx.rsp());
        g.sched.bp.set(ctx.rbp());
        g.sched.pc.set(resume_async as *const () as usize);
    }
    ctx.set_rip(async_entry as *const () as usize);
    ctx.set_rsp(m.g0_sp.get() - 8);
}

/// A loop that copies much memory, or compares or searches it, is nearly always hit in the native, which cannot be stopped. But it has no frame,
/// so its return address is on top of the stack, and is replaced: it returns to a stub that yields. Without that a stop of the world
/// waited for seconds beside `for { copy(a, b) }` with a megabyte.
///
/// # Safety
/// `ctx` is the interrupted context of this thread, on which `g` runs.
unsafe fn yield_on_return(g: &G, ctx: &Context) {
    if !in_long_native(ctx.rip()) || stack::segment_of(g, ctx.rsp()).is_null() {
        return;
    }
    let top = ctx.rsp() as *mut usize;
    // SAFETY: the return address. Where the caller may be interrupted it may yield, too.
    unsafe {
        let caller = *top;
        if functab::preemptible(caller) {
            g.direct_ret.set(caller);
            *top = directyield as *const () as usize;
        }
    }
}

/// A signal has hit `g`, and its stack is going to be looked at: takes back what [`yield_on_return`] has done.
///
/// # Safety
/// `ctx` is the interrupted context of this thread, on which `g` runs.
pub unsafe fn take_back_yield(g: &G, ctx: &Context) {
    let caller = g.direct_ret.get();
    if caller == 0 || !in_long_native(ctx.rip()) {
        return;
    }
    let top = ctx.rsp() as *mut usize;
    // SAFETY: the native has not returned yet: its return address.
    unsafe {
        if *top == directyield as *const () as usize {
            *top = caller;
            g.direct_ret.set(0);
        }
    }
}

/// Goes on from the handler, on g0.
#[unsafe(no_mangle)]
unsafe extern "C" fn async_preempted() -> ! {
    preempted(getm().g())
}
