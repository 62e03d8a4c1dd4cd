//! Channels.
//!
//! A buffer of `dataqsiz` elements behind the header, two queues of waiting sudogs, one lock. While
//! receivers wait the buffer is empty, while senders wait it is full. Whoever finds a partner copies
//! straight from or into the partner's stack (segments never move), stores the partner's result in its
//! saved rax, and makes it runnable next.

use crate::arch::{getm, resume_nativepanic, throw_go};
use crate::gc::barrier;
use crate::gmp::timer::Timer;
use crate::gmp::{Bubble, G, Sudog};
use crate::lang::throw;
use crate::lock::SpinLock;
use crate::rank;
use crate::sched::park::{Object, Waiting, gopark, goready};
use crate::sync::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
use core::cell::Cell;
use core::ptr::{copy_nonoverlapping, null, null_mut, write_bytes};
use gort_abi::np;
use gort_abi::types::Type;

const SEND_OUTSIDE: &str = "send on synctest channel from outside bubble";
const RECEIVE_OUTSIDE: &str = "receive on synctest channel from outside bubble";

/// A queue of waiting sudogs.
#[repr(C)]
pub struct WaitQ {
    /// Atomic for those who look without the lock.
    first: AtomicPtr<Sudog>,
    last: Cell<*const Sudog>,
}

/// A channel. Native code alone looks inside.
#[repr(C)]
pub struct Hchan {
    /// Elements in the buffer. This and `closed` are atomic for those who look without the lock.
    qcount: AtomicUsize,
    /// Size of the buffer.
    pub dataqsiz: usize,
    pub(super) buf: *mut u8,
    pub(super) elemsize: usize,
    closed: AtomicBool,
    /// Guards everything.
    pub lock: SpinLock<{ rank::HCHAN }>,
    /// The timer that sends here, or null.
    pub(super) timer: Cell<*const Timer>,
    /// Number of the bubble it was made in, 0 = none. Goroutines outside must not use it.
    pub(super) bubble: Cell<u32>,
    pub(super) elemtype: *const Type,
    sendx: Cell<usize>,
    recvx: Cell<usize>,
    /// Waiting receivers.
    pub recvq: WaitQ,
    /// Waiting senders.
    pub sendq: WaitQ,
}

impl WaitQ {
    /// Nobody waits.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.first.load(Ordering::Acquire).is_null()
    }

    /// Appends a sudog; the channel is locked.
    #[inline]
    pub fn enqueue(&self, s: &Sudog) {
        s.next.set(null());
        let last = self.last.get();
        s.prev.set(last);
        if last.is_null() {
            self.set_first(s);
        } else {
            // SAFETY: queued sudogs are alive.
            unsafe { (*last).next.set(s) };
        }
        self.last.set(s);
    }

    #[inline(always)]
    fn set_first(&self, s: *const Sudog) {
        self.first.store(s.cast_mut(), Ordering::Release);
    }

    /// Takes the first sudog that may be woken: of a select only the first case to get there.
    #[inline]
    pub fn dequeue(&self) -> Option<&'static Sudog> {
        loop {
            let s = self.first.load(Ordering::Relaxed);
            if s.is_null() {
                return None;
            }
            // SAFETY: queued sudogs and their Gs are alive.
            let s = unsafe { &*s };
            let next = s.next.get();
            self.set_first(next);
            if next.is_null() {
                self.last.set(null());
            } else {
                // SAFETY: as above.
                unsafe { (*next).prev.set(null()) };
                s.next.set(null()); // marks it as taken, see `remove`
            }
            if s.is_select.get() {
                // SAFETY: as above.
                let g = unsafe { &*s.g.get() };
                if g.park.select_done.swap(1, Ordering::AcqRel) != 0 {
                    continue;
                }
            }
            return Some(s);
        }
    }

    /// Removes a sudog that may or may not be queued any more.
    pub fn remove(&self, s: &Sudog) {
        let (prev, next) = (s.prev.get(), s.next.get());
        // SAFETY: neighbours in the queue are alive.
        unsafe {
            if !prev.is_null() {
                (*prev).next.set(next);
            } else if core::ptr::eq(self.first.load(Ordering::Relaxed), s) {
                self.set_first(next);
            } else {
                return; // taken by a waker
            }
            if !next.is_null() {
                (*next).prev.set(prev);
            } else {
                self.last.set(prev);
            }
        }
        s.next.set(null());
        s.prev.set(null());
    }
}

/// Outcome of an attempt without parking.
pub enum Try {
    /// Done; for receives: an element came (false = closed).
    Done(bool),
    /// Would have to wait.
    Wait,
    /// Send on a closed channel.
    Closed,
}

impl Hchan {
    /// Ends the program if the channel belongs to a bubble that the running goroutine is not in; `what` is how
    /// it uses the channel. The channel is not locked.
    #[inline(always)]
    pub fn check_bubble(&self, what: &str) {
        if self.is_bubbled() {
            self.check_bubble_slow(what);
        }
    }

    #[cold]
    fn check_bubble_slow(&self, what: &str) {
        if getm().g().bubble().map(Bubble::mark) != Some(self.bubble.get()) {
            throw::fatal(what);
        }
    }

    /// Why a goroutine waits for this channel: in its bubble it is `durable`.
    #[inline(always)]
    pub(super) fn waiting(
        &self,
        plain: fn(Object) -> Waiting,
        durable: fn(Object) -> Waiting,
    ) -> Waiting {
        let o = Object::of(self);
        if self.is_bubbled() {
            durable(o)
        } else {
            plain(o)
        }
    }

    /// Whether it was made in a bubble.
    #[inline(always)]
    pub fn is_bubbled(&self) -> bool {
        self.bubble.get() != 0
    }

    /// Elements in the buffer.
    #[inline(always)]
    pub fn qcount(&self) -> usize {
        self.qcount.load(Ordering::Acquire)
    }

    #[inline(always)]
    fn set_qcount(&self, n: usize) {
        self.qcount.store(n, Ordering::Release);
    }

    /// Whether it is closed.
    #[inline(always)]
    pub fn closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    #[inline(always)]
    fn slot(&self, i: usize) -> *mut u8 {
        // SAFETY: i is below dataqsiz.
        unsafe { self.buf.add(i * self.elemsize) }
    }

    #[inline(always)]
    unsafe fn copy(&self, dst: *mut u8, src: *const u8) {
        // SAFETY: both point at elements of the channel's type.
        unsafe {
            barrier::value(self.elemtype, dst);
            if self.elemsize == 8 {
                dst.cast::<u64>()
                    .write_unaligned(src.cast::<u64>().read_unaligned());
            } else {
                copy_nonoverlapping(src, dst, self.elemsize);
            }
        }
    }

    /// Clears an element: a slot of the buffer, or where a receiver wants it.
    #[inline(always)]
    fn clear(&self, elem: *mut u8) {
        // SAFETY: it points at an element of the channel's type.
        unsafe {
            barrier::value(self.elemtype, elem);
            write_bytes(elem, 0, self.elemsize);
        }
    }

    /// Sends if that is possible at once; the lock is held and stays held unless a partner was woken.
    #[inline(always)]
    pub fn try_send(&self, elem: *const u8) -> Try {
        if self.closed() {
            self.lock.unlock();
            return Try::Closed;
        }
        if let Some(s) = self.recvq.dequeue() {
            self.hand(s, elem);
            self.lock.unlock();
            wake(s, true);
            return Try::Done(true);
        }
        if self.qcount() < self.dataqsiz {
            self.append(elem);
            self.lock.unlock();
            return Try::Done(true);
        }
        Try::Wait
    }

    /// Copies an element to a receiver that has been dequeued.
    #[inline(always)]
    pub(super) fn hand(&self, s: &Sudog, elem: *const u8) {
        if s.elem.get() != 0 {
            // SAFETY: the receiver waits with a valid slot.
            unsafe { self.copy(s.elem.get() as *mut u8, elem) };
        }
    }

    /// Appends an element to the buffer, which has room; the lock is held.
    #[inline(always)]
    pub(super) fn append(&self, elem: *const u8) {
        let x = self.sendx.get();
        // SAFETY: the slot is free.
        unsafe { self.copy(self.slot(x), elem) };
        self.sendx
            .set(if x + 1 == self.dataqsiz { 0 } else { x + 1 });
        self.set_qcount(self.qcount() + 1);
    }

    /// Copies the first element of the buffer, which has one, and steps behind it; its slot. The lock is held.
    #[inline(always)]
    fn next_slot(&self, elem: *mut u8) -> *mut u8 {
        let x = self.recvx.get();
        let slot = self.slot(x);
        self.recvx
            .set(if x + 1 == self.dataqsiz { 0 } else { x + 1 });
        if !elem.is_null() {
            // SAFETY: the slot holds an element.
            unsafe { self.copy(elem, slot) };
        }
        slot
    }

    /// Takes the first element out of the buffer, which has one; the lock is held.
    #[inline(always)]
    pub(super) fn take_slot(&self, elem: *mut u8) {
        let slot = self.next_slot(elem);
        self.clear(slot);
        self.set_qcount(self.qcount() - 1);
    }

    /// Takes the first element out of the full buffer, where that of a dequeued sender comes last now.
    #[inline(always)]
    fn rotate(&self, elem: *mut u8, s: &Sudog) {
        let slot = self.next_slot(elem);
        // SAFETY: the slot is free now, and the sender waits with a valid element.
        unsafe { self.copy(slot, s.elem.get() as *const u8) };
        self.sendx.set(self.recvx.get());
    }

    /// Receives if that is possible at once; the lock is held and is released unless it must wait.
    #[inline(always)]
    pub fn try_recv(&self, elem: *mut u8) -> Try {
        if self.qcount() > 0 {
            // The buffer was full if somebody waits to send: its element takes the slot.
            if let Some(s) = self.sendq.dequeue() {
                self.rotate(elem, s);
                self.lock.unlock();
                wake(s, true);
            } else {
                self.take_slot(elem);
                self.lock.unlock();
            }
            return Try::Done(true);
        }
        if let Some(s) = self.sendq.dequeue() {
            if !elem.is_null() {
                // SAFETY: the sender waits with a valid element.
                unsafe { self.copy(elem, s.elem.get() as *const u8) };
            }
            self.lock.unlock();
            wake(s, true);
            return Try::Done(true);
        }
        if self.closed() {
            if !elem.is_null() {
                self.clear(elem);
            }
            self.lock.unlock();
            return Try::Done(false);
        }
        Try::Wait
    }
}

/// Wakes the goroutine of a dequeued sudog.
#[inline(always)]
fn wake(s: &'static Sudog, success: bool) {
    goready(prepare(s, success));
}

/// The goroutine of a dequeued sudog, with its result; it is to be made runnable.
#[inline(always)]
pub(super) fn prepare(s: &'static Sudog, success: bool) -> &'static G {
    // SAFETY: a dequeued sudog belongs to us until its G runs.
    let g = unsafe { &*s.g.get() };
    if s.is_select.get() {
        s.success.set(success);
        g.park.woken_by.set(core::ptr::from_ref(s).cast_mut());
    } else {
        g.sched.ret.set(usize::from(success));
    }
    g
}

/// Prepares the G's own sudog for one channel operation.
#[inline(always)]
pub(super) fn own_sudog(g: &G, c: &Hchan, elem: *const u8) {
    let s = &g.sudog;
    s.g.set(g);
    s.elem.set(elem as usize);
    s.c.set(core::ptr::from_ref(c) as usize);
    s.is_select.set(false);
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_chansend1(c: *const Hchan, elem: *const u8) {
    if c.is_null() {
        gopark(Waiting::NilSend, || {});
    }
    // SAFETY: channels come from makechan.
    let c = unsafe { &*c };
    c.check_bubble(SEND_OUTSIDE);
    c.lock.lock();
    match c.try_send(elem) {
        Try::Done(_) => {}
        // SAFETY: we are the native of the running goroutine.
        Try::Closed => unsafe { throw_go(np::SEND_CLOSED) },
        Try::Wait => {
            let g = getm().g();
            own_sudog(g, c, elem);
            c.sendq.enqueue(&g.sudog);
            gopark(c.waiting(Waiting::Send, Waiting::BubbleSend), || {
                c.lock.unlock()
            });
        }
    }
}

/// chanrecv1 and chanrecv2: the result says whether an element came.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_chanrecv1(c: *const Hchan, elem: *mut u8) -> bool {
    if c.is_null() {
        gopark(Waiting::NilReceive, || {});
    }
    // SAFETY: channels come from makechan.
    let c = unsafe { &*c };
    c.check_bubble(RECEIVE_OUTSIDE);
    if c.has_timer() {
        return super::timerchan::receive(c, elem);
    }
    c.lock.lock();
    match c.try_recv(elem) {
        Try::Done(ok) => ok,
        _ => {
            let g = getm().g();
            own_sudog(g, c, elem);
            c.recvq.enqueue(&g.sudog);
            gopark(c.waiting(Waiting::Receive, Waiting::BubbleReceive), || {
                c.lock.unlock()
            });
        }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_selectnbsend(c: *const Hchan, elem: *const u8) -> bool {
    if c.is_null() {
        return false;
    }
    // SAFETY: channels come from makechan.
    let c = unsafe { &*c };
    c.check_bubble(SEND_OUTSIDE);
    // Full, or unbuffered without a receiver: seen without the lock. In this order: a channel that is closed between the two
    // looks was full before, too, since nobody sends to it after.
    if !c.closed() && c.qcount() == c.dataqsiz && c.recvq.is_empty() {
        return false;
    }
    c.lock.lock();
    match c.try_send(elem) {
        Try::Done(_) => true,
        // SAFETY: we are the native of the running goroutine.
        Try::Closed => unsafe { throw_go(np::SEND_CLOSED) },
        Try::Wait => {
            c.lock.unlock();
            false
        }
    }
}

/// Two bools in al and dl.
#[repr(C)]
struct Recv {
    selected: usize,
    received: usize,
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_selectnbrecv(elem: *mut u8, c: *const Hchan) -> Recv {
    let none = Recv {
        selected: 0,
        received: 0,
    };
    if c.is_null() {
        return none;
    }
    // SAFETY: channels come from makechan.
    let c = unsafe { &*c };
    c.check_bubble(RECEIVE_OUTSIDE);
    if c.has_timer() {
        c.poll_timer();
    }
    // Seen without the lock. In this order: a channel that is not closed after it has looked empty was open then.
    if c.qcount() == 0 && c.sendq.is_empty() && !c.closed() {
        return none;
    }
    c.lock.lock();
    match c.try_recv(elem) {
        Try::Done(ok) => Recv {
            selected: 1,
            received: usize::from(ok),
        },
        _ => {
            c.lock.unlock();
            none
        }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_closechan(c: *const Hchan) {
    if c.is_null() {
        // SAFETY: we are the native of the running goroutine.
        unsafe { throw_go(np::CLOSE_NIL) };
    }
    // SAFETY: channels come from makechan.
    let c = unsafe { &*c };
    c.check_bubble("close of synctest channel from outside bubble");
    c.lock.lock();
    if c.closed() {
        c.lock.unlock();
        // SAFETY: as above.
        unsafe { throw_go(np::CLOSE_CLOSED) };
    }
    c.closed.store(true, Ordering::Release);
    // Collect all waiters, then wake them without the lock.
    let (mut first, mut last): (*mut Sudog, *mut Sudog) = (null_mut(), null_mut());
    let mut collect = |s: &'static Sudog| {
        let p = core::ptr::from_ref(s).cast_mut();
        s.prev.set(null());
        s.next.set(null());
        if last.is_null() {
            first = p;
        } else {
            // SAFETY: dequeued sudogs are ours.
            unsafe { (*last).prev.set(p) };
        }
        last = p;
    };
    while let Some(s) = c.recvq.dequeue() {
        if s.elem.get() != 0 {
            c.clear(s.elem.get() as *mut u8);
        }
        s.success.set(false);
        collect(s);
    }
    while let Some(s) = c.sendq.dequeue() {
        s.success.set(true); // here: a sender
        collect(s);
    }
    c.lock.unlock();
    while !first.is_null() {
        // SAFETY: dequeued sudogs are ours until their G is readied.
        let s = unsafe { &*first };
        first = s.prev.get().cast_mut();
        s.prev.set(null());
        let sender = s.success.replace(false);
        if sender && !s.is_select.get() {
            // SAFETY: as above.
            panic_on_wake(unsafe { &*s.g.get() }, np::SEND_CLOSED);
            // SAFETY: as above.
            goready(unsafe { &*s.g.get() });
        } else {
            wake(s, false);
        }
    }
}

/// A parked goroutine is to panic when it goes on.
pub fn panic_on_wake(g: &G, code: usize) {
    g.sched.sp.set(g.sched.bp.get());
    g.sched.ret.set(code);
    g.sched.pc.set(resume_nativepanic as *const () as usize);
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_chanlen(c: *const Hchan) -> usize {
    // SAFETY: nil or a channel.
    unsafe { buffered(c) }.map_or(0, |c| c.qcount())
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_chancap(c: *const Hchan) -> usize {
    // SAFETY: nil or a channel.
    unsafe { buffered(c) }.map_or(0, |c| c.dataqsiz)
}

/// The channel, if it has a buffer that programs see.
///
/// # Safety
/// `c` is nil or a channel.
unsafe fn buffered(c: *const Hchan) -> Option<&'static Hchan> {
    // SAFETY: the caller's.
    unsafe { c.as_ref() }.filter(|c| !c.has_timer())
}
