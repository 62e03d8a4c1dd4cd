//! Select over several cases.
//!
//! 1. In a random order, each channel is locked alone and tried: a ready case needs no other lock.
//! 2. Otherwise all channels are locked in order of address, tried once more, and a sudog is queued on
//!    each; the goroutine parks with all locks held until it is marked.
//!    Before it, the timers whose channels are among the cases are watched (`timerchan.rs`).
//! 3. The first waker sets `select_done`. When the goroutine is picked again, `on_wake` takes its other
//!    sudogs off their queues and stores index and received-flag in the saved rax and rdx.

use super::chan::{Hchan, Try, panic_on_wake};
use crate::arch::{getm, throw_go};
use crate::gmp::{G, Sudog};
use crate::sched::choose::{Choice, choose};
use crate::sched::park::{Object, Waiting, gopark};
use crate::sync::Ordering;
use core::ptr::null_mut;
use gort_abi::np;

/// One case, as compiled code lays it out: sends first, then receives. A nil channel is never ready.
#[repr(C)]
pub struct Scase {
    c: *const Hchan,
    elem: *mut u8,
}

gort_abi::twin!(Scase, gort_abi::layouts::SCASE, c = "c", elem = "elem");

/// Index and received-flag in rax and rdx.
#[repr(C)]
struct Selected {
    index: isize,
    received: usize,
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_selectgo(
    cas0: *const Scase,
    order0: *mut u16,
    nsends: usize,
    nrecvs: usize,
    block: bool,
) -> Selected {
    loop {
        // SAFETY: the arguments of compiled code.
        if let Some(selected) = unsafe { attempt(cas0, order0, nsends, nrecvs, block) } {
            return selected;
        }
    }
}

/// One round; it comes back with the chosen case, or not at all. None: only sudogs of selects that are done had made a case
/// look ready.
///
/// # Safety
/// `cas0` are all cases, `order0` is room for twice their number, both on the stack of the goroutine.
unsafe fn attempt(
    cas0: *const Scase,
    order0: *mut u16,
    nsends: usize,
    nrecvs: usize,
    block: bool,
) -> Option<Selected> {
    let n = nsends + nrecvs;
    // SAFETY: the caller's.
    let (cases, poll, lock) = unsafe {
        (
            core::slice::from_raw_parts(cas0, n),
            core::slice::from_raw_parts_mut(order0, n),
            core::slice::from_raw_parts_mut(order0.add(n), n),
        )
    };
    // Random order of the cases that have a channel.
    let mut k = 0;
    let (mut bubbled, mut timers) = (true, false);
    for (i, case) in cases.iter().enumerate() {
        if !case.c.is_null() {
            // SAFETY: not nil.
            let c = unsafe { &*case.c };
            c.check_bubble("select on synctest channel from outside bubble");
            bubbled &= c.is_bubbled();
            timers |= c.has_timer();
            let j = choose(Choice::SelectOrder, k as u32 + 1) as usize;
            poll[k] = poll[j];
            poll[j] = i as u16;
            k += 1;
        }
    }
    let poll = &poll[..k];
    for &i in poll {
        let case = &cases[i as usize];
        // SAFETY: not nil.
        let c = unsafe { &*case.c };
        if c.has_timer() {
            c.poll_timer();
        }
        c.lock.lock();
        let tried = try_case(c, case, (i as usize) < nsends);
        match tried {
            Try::Done(received) => {
                return Some(Selected {
                    index: i as isize,
                    received: usize::from(received),
                });
            }
            // SAFETY: we are the native of the running goroutine.
            Try::Closed => unsafe { throw_go(np::SEND_CLOSED) },
            Try::Wait => c.lock.unlock(),
        }
    }
    if !block {
        return Some(Selected {
            index: -1,
            received: 0,
        });
    }
    if k == 0 {
        gopark(Waiting::NilSelect, || {});
    }
    // Lock order: by address; insertion sort, selects are short (heap order would win from some 50 cases).
    let lock = &mut lock[..k];
    lock.copy_from_slice(poll);
    lock.sort_unstable_by_key(|&i| cases[i as usize].c as usize);
    if timers {
        // A timer is locked before its channel.
        each_channel(cases, poll, Hchan::watch_timer);
    }
    lock_all(cases, lock);
    let ready = |&&i: &&u16| {
        // SAFETY: not nil.
        let c = unsafe { &*cases[i as usize].c };
        peek(c, (i as usize) < nsends)
    };
    if let Some(&i) = poll.iter().find(ready) {
        let case = &cases[i as usize];
        // SAFETY: not nil.
        let c = unsafe { &*case.c };
        // Keep only this channel locked and take the case.
        unlock_all_but(cases, lock, c);
        let tried = try_case(c, case, (i as usize) < nsends);
        if !matches!(tried, Try::Done(_) | Try::Closed) {
            c.lock.unlock();
        }
        if timers {
            each_channel(cases, poll, Hchan::unwatch_timer);
        }
        return match tried {
            Try::Done(r) => Some(Selected {
                index: i as isize,
                received: usize::from(r),
            }),
            // SAFETY: as above.
            Try::Closed => unsafe { throw_go(np::SEND_CLOSED) },
            Try::Wait => None,
        };
    }
    let m = getm();
    let (g, p) = (m.g(), m.pp());
    g.park.select_done.store(0, Ordering::Relaxed);
    g.park.woken_by.set(null_mut());
    let mut list: *mut Sudog = null_mut();
    for &i in lock.iter().rev() {
        let case = &cases[i as usize];
        let s = p.sudogs.acquire();
        // SAFETY: fresh from the cache.
        let s = unsafe { &*s };
        s.g.set(g);
        s.elem.set(case.elem as usize);
        s.c.set(case.c as usize);
        s.is_select.set(true);
        s.success.set(false);
        s.case.set(i);
        s.waitlink.set(list);
        list = core::ptr::from_ref(s).cast_mut();
        // SAFETY: not nil, locked.
        let c = unsafe { &*case.c };
        if (i as usize) < nsends {
            &c.sendq
        } else {
            &c.recvq
        }
        .enqueue(s);
    }
    g.park.sudogs.set(list);
    // The number of sends, for on_wake.
    g.sched.ret2.set(nsends);
    g.park.on_wake.set(Some(on_wake));
    // SAFETY: channels of cases that are locked are not nil.
    let first = Object::of(unsafe { &*cases[lock[0] as usize].c });
    let on = if bubbled {
        Waiting::BubbleSelect(first)
    } else {
        Waiting::Select(first)
    };
    gopark(on, || unlock_all(cases, lock));
}

#[inline]
fn try_case(c: &Hchan, case: &Scase, send: bool) -> Try {
    if send {
        c.try_send(case.elem)
    } else {
        c.try_recv(case.elem)
    }
}

/// Whether a locked channel looks ready.
fn peek(c: &Hchan, send: bool) -> bool {
    if send {
        c.closed() || !c.recvq.is_empty() || c.qcount() < c.dataqsiz
    } else {
        c.qcount() > 0 || !c.sendq.is_empty() || c.closed()
    }
}

fn each_channel(cases: &[Scase], poll: &[u16], f: fn(&Hchan)) {
    for &i in poll {
        // SAFETY: not nil.
        f(unsafe { &*cases[i as usize].c });
    }
}

fn lock_all(cases: &[Scase], order: &[u16]) {
    let mut last = core::ptr::null();
    for &i in order {
        let c = cases[i as usize].c;
        if c != last {
            // SAFETY: not nil.
            unsafe { (*c).lock.lock() };
            last = c;
        }
    }
}

/// Opens all locks. After the last one the goroutine may already run elsewhere, and `cases` and
/// `order` lie on its stack: so each entry is read before any lock that keeps it parked is opened.
fn unlock_all(cases: &[Scase], order: &[u16]) {
    let mut i = order.len();
    while i > 0 {
        i -= 1;
        let c = cases[order[i] as usize].c;
        if i > 0 && cases[order[i - 1] as usize].c == c {
            continue; // several cases on one channel: opened at its first
        }
        // SAFETY: not nil, locked by us.
        unsafe { (*c).lock.unlock() };
    }
}

fn unlock_all_but(cases: &[Scase], order: &[u16], keep: &Hchan) {
    let mut last = core::ptr::null();
    for &i in order {
        let c = cases[i as usize].c;
        if c != last && !core::ptr::eq(c, keep) {
            // SAFETY: not nil, locked by us.
            unsafe { (*c).lock.unlock() };
        }
        last = c;
    }
}

/// The select has been woken: clean up and store its results. Runs on g0 before the goroutine goes on.
unsafe fn on_wake(g: &G) {
    let nsends = g.sched.ret2.get();
    let woken = g.park.woken_by.get();
    let mut s = g.park.sudogs.replace(null_mut());
    let p = getm().pp();
    let mut index = 0;
    let mut success = false;
    // SAFETY: the sudogs are this select's; each channel is locked while its queue changes.
    unsafe {
        while !s.is_null() {
            let sg = &*s;
            let next = sg.waitlink.get();
            let send = (sg.case.get() as usize) < nsends;
            let c = &*(sg.c.get() as *const Hchan);
            if s == woken {
                index = sg.case.get() as usize;
                success = sg.success.get();
            } else {
                c.lock.lock();
                if send { &c.sendq } else { &c.recvq }.remove(sg);
                c.lock.unlock();
            }
            if c.has_timer() {
                c.unwatch_timer();
            }
            p.sudogs.release(s);
            s = next;
        }
    }
    if index < nsends && !success {
        panic_on_wake(g, np::SEND_CLOSED);
        return;
    }
    g.sched.ret.set(index);
    g.sched.ret2.set(usize::from(success && index >= nsends));
}
