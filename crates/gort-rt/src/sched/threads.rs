//! Threads: waking, starting and stopping Ms; handing Ps between them; locked threads.
//!
//! An idle M sleeps on its note; after ten seconds without work it leaves the idle list and its thread
//! ends, and the M (with its stacks) is kept for the next one that is needed.

use super::allthreads::NEW_THREADS;
use super::deadlock::checkdead;
use super::expire::next_when;
use super::schedule::schedule;
use crate::arch::{getm, newosproc_asm};
use crate::gmp::p::pstatus;
use crate::gmp::sched::ALLM;
use crate::gmp::{G, M, P, SCHED, slab};
use crate::lang::throw;
use crate::os;
use crate::sync::{AtomicI64, Ordering};

const G0_STACK: usize = 64 << 10;
const SIG_STACK: usize = 32 << 10;
const IDLE_EXIT_NS: i64 = 10_000_000_000;

/// Puts a P on the idle list; the scheduler lock is held.
pub fn pidleput(p: &P) {
    p.status.store(pstatus::IDLE, Ordering::Relaxed);
    p.link.set(SCHED.pidle.get());
    SCHED.pidle.set(p);
    SCHED.npidle.fetch_add(1, Ordering::SeqCst);
}

/// Takes an idle P; the scheduler lock is held.
pub fn pidleget() -> Option<&'static P> {
    let p = SCHED.pidle.get();
    if p.is_null() {
        return None;
    }
    // SAFETY: Ps are never freed.
    let p = unsafe { &*p };
    SCHED.pidle.set(p.link.get());
    SCHED.npidle.fetch_sub(1, Ordering::SeqCst);
    Some(p)
}

/// Binds P and M.
pub fn acquirep(m: &M, p: &P) {
    m.p.set(p);
    p.m.set(m);
    p.status.store(pstatus::RUNNING, Ordering::Release);
}

/// Takes the P off its M.
pub fn releasep(m: &M) -> &'static P {
    let p = m.pp();
    m.p.set(core::ptr::null());
    p.m.set(core::ptr::null());
    p.status.store(pstatus::IDLE, Ordering::Release);
    p
}

/// There is work for another thread: wakes one, if a P is idle and nobody looks for work already.
#[inline(always)]
pub fn wakep() {
    if SCHED.npidle.load(Ordering::SeqCst) != 0 && SCHED.nmspinning.load(Ordering::SeqCst) == 0 {
        wakep_slow();
    }
}

#[cold]
#[inline(never)]
fn wakep_slow() {
    if SCHED
        .nmspinning
        .compare_exchange(0, 1, Ordering::SeqCst, Ordering::SeqCst)
        .is_err()
    {
        return;
    }
    SCHED.lock.lock();
    let Some(p) = pidleget() else {
        SCHED.lock.unlock();
        SCHED.nmspinning.fetch_sub(1, Ordering::SeqCst);
        return;
    };
    SCHED.lock.unlock();
    startm(p, true);
}

/// Runs `p` on an idle or new M.
pub fn startm(p: &P, spinning: bool) {
    let m = SCHED.lock.with(|| {
        let m = SCHED.midle.get();
        if !m.is_null() {
            // SAFETY: Ms are never freed.
            unsafe {
                SCHED.midle.set((*m).schedlink.get());
                (*m).idle.store(false, Ordering::Relaxed);
            }
            SCHED.nmidle.set(SCHED.nmidle.get() - 1);
        }
        m
    });
    if m.is_null() {
        newm(p, spinning);
        return;
    }
    // SAFETY: the M sleeps on its note until we wake it.
    let m = unsafe { &*m };
    m.nextp.set(p);
    m.spinning.set(spinning);
    m.note.wakeup();
}

/// Hands off a P whose M blocks: starts an M if there is work for it, else idles the P.
pub fn handoffp(p: &P) {
    if !p.runq.is_empty() || SCHED.runq_size.load(Ordering::Relaxed) != 0 {
        startm(p, false);
        return;
    }
    SCHED.lock.lock();
    if SCHED.gcwaiting.load(Ordering::Relaxed) {
        p.status.store(pstatus::GCSTOP, Ordering::Relaxed);
        super::world::one_stopped();
        SCHED.lock.unlock();
        return;
    }
    pidleput(p);
    SCHED.lock.unlock();
}

/// Stops this M until it is given a P; returns with that P bound.
pub fn stopm() {
    let m = getm();
    SCHED.lock.lock();
    m.schedlink.set(SCHED.midle.get());
    SCHED.midle.set(m);
    m.idle.store(true, Ordering::Relaxed);
    SCHED.nmidle.set(SCHED.nmidle.get() + 1);
    checkdead();
    SCHED.lock.unlock();
    loop {
        // m0 stays: its stack is the process's.
        let mut limit = if m.id.get() == 0 { -1 } else { IDLE_EXIT_NS };
        // Of the idle Ms one sleeps only until the next timer: the one that knows the earliest.
        let next = next_when().filter(|&w| w < WATCHED.load(Ordering::SeqCst));
        if let Some(when) = next {
            WATCHED.store(when, Ordering::SeqCst);
            limit = (when - os::nanotime()).max(0);
        }
        let woken = m.note.sleep(limit);
        if let Some(when) = next {
            let _ = WATCHED.compare_exchange(when, i64::MAX, Ordering::SeqCst, Ordering::SeqCst);
        }
        if woken {
            break;
        }
        if next.is_some() {
            if let Some(p) = take_for_timers(m) {
                acquirep(m, p);
                super::sysmon::wake();
                return;
            }
        } else if leave_idle(m, true) {
            exit_m(m);
        }
    }
    // Clear for the next sleep, here or as the M of a locked goroutine: nobody else wakes us until then.
    m.note.clear();
    // SAFETY: the waker gave us a P.
    acquirep(m, unsafe { &*m.nextp.replace(core::ptr::null()) });
    super::sysmon::wake();
}

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
    m.schedlink.set(SCHED.freem.get());
    SCHED.freem.set(m);
    SCHED.lock.unlock();
    exit_m(m)
}

/// Until when an idle M sleeps to look after the timers; MAX: none does.
static WATCHED: AtomicI64 = AtomicI64::new(i64::MAX);

/// The watcher's time has come: it leaves the idle list with an idle P. Without one (all are busy, and
/// look after their timers themselves) it sleeps a moment and stays.
fn take_for_timers(m: &M) -> Option<&'static P> {
    SCHED.lock.lock();
    if SCHED.gcwaiting.load(Ordering::Relaxed) || SCHED.npidle.load(Ordering::Relaxed) == 0 {
        SCHED.lock.unlock();
        super::sysmon::wake();
        m.note.sleep(100_000);
        return None;
    }
    let taken = leave_idle_locked(m, false);
    let p = if taken { pidleget() } else { None };
    SCHED.lock.unlock();
    p
}

/// Takes `m` off the idle list; false when a waker has taken it already.
fn leave_idle(m: &M, for_good: bool) -> bool {
    SCHED.lock.with(|| leave_idle_locked(m, for_good))
}

fn leave_idle_locked(m: &M, for_good: bool) -> bool {
    {
        if !m.idle.load(Ordering::Relaxed) {
            return false;
        }
        let mut at = &SCHED.midle;
        while !core::ptr::eq(at.get(), m) {
            // SAFETY: m is on the list; Ms are never freed.
            at = unsafe { &(*at.get()).schedlink };
        }
        at.set(m.schedlink.get());
        m.idle.store(false, Ordering::Relaxed);
        SCHED.nmidle.set(SCHED.nmidle.get() - 1);
        if for_good {
            SCHED.mcount.set(SCHED.mcount.get() - 1);
            m.schedlink.set(SCHED.freem.get());
            SCHED.freem.set(m);
        }
        true
    }
}

/// Ends the thread of an M that is on the free list; the kernel clears `m.tid` when it is gone.
fn exit_m(_m: &M) -> ! {
    // SAFETY: the M owns nothing any more.
    unsafe { crate::arch::exit_thread() }
}

/// Starts a thread of the runtime, which runs `f` without a P and does not count in the deadlock check.
pub fn newm_system(f: fn() -> !) {
    SCHED.lock.with(|| SCHED.nmsys.set(SCHED.nmsys.get() + 1));
    newm1(Err(f), false);
}

/// Starts a thread that begins in the schedule loop with `p`.
pub fn newm(p: &P, spinning: bool) {
    newm1(Ok(p), spinning);
}

fn newm1(run: Result<&P, fn() -> !>, spinning: bool) {
    SCHED.lock.lock();
    if SCHED.mcount.get() >= SCHED.maxmcount.get() {
        SCHED.lock.unlock();
        throw::thread_exhaustion(SCHED.maxmcount.get());
    }
    SCHED.mcount.set(SCHED.mcount.get() + 1);
    let m = reuse().unwrap_or_else(|| {
        // SAFETY: zeroed memory is a valid M.
        let m = unsafe { &*(slab::persistent(size_of::<M>()) as *const M) };
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
        Ok(p) => m.nextp.set(p),
        Err(f) => {
            m.is_sysmon.set(true);
            m.sysfn.set(Some(f));
        }
    }
    m.spinning.set(spinning);
    newosproc(m);
}

/// An M whose thread has ended.
fn reuse() -> Option<&'static M> {
    let m = SCHED.freem.get();
    // SAFETY: Ms on the free list stay mapped.
    unsafe {
        if m.is_null() || (*m).tid.load(Ordering::Acquire) != 0 {
            return None;
        }
        SCHED.freem.set((*m).schedlink.get());
        Some(&*m)
    }
}

/// Fields that every M needs before it runs.
pub fn minit(m: &M, id: u32) {
    m.self_ptr.set(m);
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
    schedule()
}

/// A spinning M has found work: it stops spinning, and since there may be more, another one starts.
pub fn reset_spinning(m: &M) {
    m.spinning.set(false);
    SCHED.nmspinning.fetch_sub(1, Ordering::SeqCst);
    let p = m.pp();
    if p.runq.ring_len() != 0 || SCHED.runq_size.load(Ordering::Relaxed) != 0 {
        wakep();
    }
}

/// `g` is locked to another M: hand it our P and stop.
pub fn startlockedm(g: &G) {
    let m = getm();
    // SAFETY: lockedm is set while the G is locked.
    let mp = unsafe { &*g.lockedm.get() };
    if core::ptr::eq(mp, m) {
        return;
    }
    if m.spinning.get() {
        m.spinning.set(false);
        SCHED.nmspinning.fetch_sub(1, Ordering::SeqCst);
    }
    let p = releasep(m);
    SCHED
        .lock
        .with(|| SCHED.nmidlelocked.set(SCHED.nmidlelocked.get() - 1));
    mp.nextp.set(p);
    mp.note.wakeup();
    stopm();
}

/// This M's locked goroutine is not runnable: give the P away and wait until somebody brings both.
pub fn stoplockedm() {
    let m = getm();
    // The note is clear: it is cleared after every sleep, and only wakers of this G use it now.
    if !m.p.get().is_null() {
        let p = releasep(m);
        handoffp(p);
    }
    SCHED.lock.lock();
    SCHED.nmidlelocked.set(SCHED.nmidlelocked.get() + 1);
    checkdead();
    SCHED.lock.unlock();
    m.note.sleep(-1);
    m.note.clear();
    // SAFETY: the waker gave us a P.
    acquirep(m, unsafe { &*m.nextp.replace(core::ptr::null()) });
}

/// LockOSThread (+1) and UnlockOSThread (-1).
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_lockthread(delta: isize) {
    let m = getm();
    let g = m.g();
    let depth = (g.lock_depth.get() as isize + delta).max(0) as u32;
    g.lock_depth.set(depth);
    if depth > 0 {
        g.lockedm.set(m);
        m.lockedg.set(g);
    } else {
        g.lockedm.set(core::ptr::null());
        m.lockedg.set(core::ptr::null());
    }
}
