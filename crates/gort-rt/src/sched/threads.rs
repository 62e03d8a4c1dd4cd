//! Threads: how an M comes and goes. When its thread ends, the M (with its stacks) is kept for the next one that is
//! needed.

use super::allthreads::NEW_THREADS;
use super::deadlock::checkdead;
use super::idle::{acquirep, handoffp, leave_idle, releasep};
use super::schedule::schedule;
use crate::arch::{getm, newosproc_asm};
use crate::gmp::sched::ALLM;
use crate::gmp::{M, P, SCHED, offheap};
use crate::lang::throw;
use crate::os;
use crate::sync::Ordering;

const G0_STACK: usize = 64 << 10;
const SIG_STACK: usize = 32 << 10;

/// This M's locked goroutine has ended: hand off the P and end the thread. m0 only sleeps for ever, since
/// its stack is the process's.
pub fn mexit() -> ! {
    let m = getm();
    handoffp(releasep(m));
    SCHED.lock.lock();
    SCHED.mcount.set(SCHED.mcount.get() - 1);
    checkdead();
    if m.id.get() == 0 {
        SCHED.lock.unlock();
        m.note.clear();
        m.note.sleep(-1);
        throw::throw("locked m0 woke up");
    }
    SCHED.freem.push(m);
    SCHED.lock.unlock();
    exit_m()
}

/// Ends this thread if its M is still idle; returns if a waker has taken it meanwhile.
pub fn end_idle(m: &M) {
    let gone = SCHED.lock.with(|| {
        let gone = leave_idle(m);
        if gone {
            SCHED.mcount.set(SCHED.mcount.get() - 1);
            SCHED.freem.push(m);
        }
        gone
    });
    if gone {
        exit_m();
    }
}

/// Ends the thread of an M that is on the free list; the kernel clears `m.tid` when it is gone.
fn exit_m() -> ! {
    // SAFETY: the M owns nothing any more.
    unsafe { crate::arch::exit_thread() }
}

/// Starts a thread of the runtime, which runs `f` without a P and does not count in the deadlock check.
pub fn newm_system(f: fn() -> !) {
    newm1(Runs::Alone(f), false);
}

/// What a new thread does.
enum Runs<'a> {
    /// Schedules, with this P.
    Schedule(&'a P),
    /// This function, without a P.
    Alone(fn() -> !),
}

/// Starts a thread that begins in the schedule loop with `p`.
pub fn newm(p: &P, spinning: bool) {
    newm1(Runs::Schedule(p), spinning);
}

fn newm1(run: Runs<'_>, spinning: bool) {
    crate::barrier::init();
    SCHED.lock.lock();
    if SCHED.mcount.get() >= SCHED.maxmcount.get() {
        SCHED.lock.unlock();
        throw::thread_exhaustion(SCHED.maxmcount.get());
    }
    SCHED.mcount.set(SCHED.mcount.get() + 1);
    if let Runs::Alone(_) = run {
        // In the same breath: an M that goes idle in between would find one running M less than there are.
        SCHED.nmsys.set(SCHED.nmsys.get() + 1);
    }
    let m = reuse().unwrap_or_else(|| {
        // SAFETY: zeroed memory is a valid M.
        let m = unsafe { &*(offheap::persistent(size_of::<M>()) as *const M) };
        m.alllink.set(ALLM.load(Ordering::Relaxed));
        ALLM.store(core::ptr::from_ref(m).cast_mut(), Ordering::Release);
        m
    });
    let id = SCHED.mnext.get() + 1;
    SCHED.mnext.set(id);
    SCHED.lock.unlock();
    minit(m, id);
    if m.stack_lo.get() == 0 {
        let size = G0_STACK + SIG_STACK;
        let lo = os::sys_map(size).unwrap_or_else(|| throw::out_of_memory(size));
        m.stack_lo.set(lo);
        m.stack_size.set(size);
    }
    m.g0_sp.set(m.stack_lo.get() + m.stack_size.get());
    match run {
        Runs::Schedule(p) => m.nextp.set(p),
        Runs::Alone(f) => {
            m.is_sysmon.set(true);
            m.sysfn.set(Some(f));
        }
    }
    m.spinning.set(spinning);
    newosproc(m);
}

/// An M whose thread has ended. The kernel clears `tid` when the thread no longer uses the M's stack.
fn reuse() -> Option<&'static M> {
    SCHED.freem.take(|m| m.tid.load(Ordering::Acquire) == 0)
}

/// Fields that every M needs before it runs.
pub fn minit(m: &M, id: u32) {
    m.self_ptr.set(m);
    m.abi0_g.set((&raw const crate::gmp::m::ABI0_G).cast());
    m.id.set(id);
    m.rand
        .set(crate::arch::cputicks() ^ (u64::from(id) << 32) | 1);
}

/// clone(2) with signals blocked, so that the child sets up its signal stack first.
fn newosproc(m: &M) {
    // VM FS FILES SIGHAND SYSVSEM THREAD | SETTLS | PARENT_SETTID | CHILD_CLEARTID
    const FLAGS: usize =
        0x100 | 0x200 | 0x400 | 0x800 | 0x40000 | 0x10000 | 0x80000 | 0x100000 | 0x200000;
    let tid = core::ptr::from_ref(&m.tid) as usize;
    NEW_THREADS.lock();
    m.tid.store(u32::MAX, Ordering::Relaxed);
    let old = os::signal::block_all();
    // SAFETY: the child starts in mstart on its own stack, with FS at its M.
    let r = unsafe {
        newosproc_asm(
            FLAGS,
            m.g0_sp.get(),
            tid,
            tid,
            core::ptr::from_ref(m) as usize,
        )
    };
    os::signal::restore_mask(old);
    NEW_THREADS.unlock();
    if r < 0 {
        throw::newosproc_failed(-r as i32, SCHED.mcount.get());
    }
}

/// First Rust code of a thread.
#[unsafe(no_mangle)]
unsafe extern "C" fn mstart() -> ! {
    let m = getm();
    os::signal::minit(m.stack_lo.get(), SIG_STACK);
    // The signal stack lies below; g0 grows down from the top.
    os::signal::restore_mask(0);
    if let Some(f) = m.sysfn.get() {
        f();
    }
    // SAFETY: newm gave us a P.
    acquirep(m, unsafe { &*m.nextp.replace(core::ptr::null()) });
    super::sysmon::wake();
    schedule()
}
