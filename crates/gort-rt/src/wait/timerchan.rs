//! The channel of a timer. Programs see no buffer, so that a value which nobody has taken can be called back. While nobody is
//! blocked on the channel its timer may be outside the heaps (`gmp/timer.rs`): who looks at it without blocking asks the
//! timer first, who blocks watches it until it is woken.

use super::chan::{Hchan, Try, own_sudog, prepare};
use crate::arch::getm;
use crate::gmp::G;
use crate::gmp::timer::{Fired, Timer};
use crate::os::nanotime;
use crate::sched::expire;
use crate::sched::park::{Waiting, gopark};

impl Hchan {
    /// `t` sends here from now on.
    pub fn set_timer(&self, t: &Timer) {
        self.timer.set(t);
    }

    /// Whether it is that of a timer.
    #[inline(always)]
    pub fn has_timer(&self) -> bool {
        !self.timer.get().is_null()
    }

    /// Its timer, if that may be outside the heaps.
    fn lazy_timer(&self) -> Option<&'static Timer> {
        // SAFETY: a timer and its channel live as long as each other.
        unsafe { self.timer.get().as_ref() }.filter(|t| t.is_lazy())
    }

    /// Lets a timer that is due send, before somebody looks at the channel.
    #[cold]
    #[inline(never)]
    pub fn poll_timer(&self) {
        if let Some(t) = self.lazy_timer() {
            expire::finish(t.poll(nanotime), None);
        }
    }

    /// The running goroutine is about to block on the channel.
    pub fn watch_timer(&self) {
        if let Some(t) = self.lazy_timer() {
            expire::account(t.watch(&getm().pp().timers));
        }
    }

    /// It is not any more.
    pub fn unwatch_timer(&self) {
        if let Some(t) = self.lazy_timer() {
            expire::account(t.unwatch());
        }
    }

    /// Sends without waiting; who has received the value is left to the caller.
    pub fn send_if_room(&self, elem: *const u8) -> Fired {
        self.lock.lock();
        if let Some(s) = self.recvq.dequeue() {
            self.hand(s, elem);
            self.lock.unlock();
            return Fired::Ready(core::ptr::from_ref(prepare(s, true)) as usize);
        }
        if self.qcount() < self.dataqsiz {
            self.append(elem);
        }
        self.lock.unlock();
        Fired::Done
    }

    /// Takes back what is in the buffer; whether there was something.
    pub fn drain(&self) -> bool {
        self.lock.with(|| {
            let any = self.qcount() > 0;
            while self.qcount() > 0 {
                self.take_slot(core::ptr::null_mut());
            }
            any
        })
    }
}

/// A receive that may block.
#[cold]
#[inline(never)]
pub fn receive(c: &Hchan, elem: *mut u8) -> bool {
    c.poll_timer();
    c.lock.lock();
    if let Try::Done(ok) = c.try_recv(elem) {
        return ok;
    }
    // A timer is locked before its channel.
    c.lock.unlock();
    c.watch_timer();
    c.lock.lock();
    if let Try::Done(ok) = c.try_recv(elem) {
        c.unwatch_timer();
        return ok;
    }
    let g = getm().g();
    own_sudog(g, c, elem);
    c.recvq.enqueue(&g.sudog);
    g.park.on_wake.set(Some(on_wake));
    gopark(c.waiting(Waiting::Receive, Waiting::BubbleReceive), || {
        c.lock.unlock()
    })
}

/// The receiver has its value.
unsafe fn on_wake(g: &G) {
    // SAFETY: the channel on which `receive` has queued the goroutine.
    unsafe { &*(g.sudog.c.get() as *const Hchan) }.unwatch_timer();
}
