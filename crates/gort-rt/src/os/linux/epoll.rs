//! epoll, edge-triggered.

use super::{nr, syscall4, syscall6};
use crate::sync::{AtomicBool, Ordering};

/// What the kernel says about one descriptor.
#[repr(C, packed)]
#[derive(Clone, Copy)]
pub struct Event {
    /// EPOLL* bits.
    pub events: u32,
    /// The word given with [`add`].
    pub data: usize,
}

/// Readable, or the other side has closed.
pub const READ: u32 = 0x1 | 0x2000 | HUP;
/// Writable.
pub const WRITE: u32 = 0x4 | HUP;
/// EPOLLERR | EPOLLHUP.
pub const HUP: u32 = 0x8 | 0x10;

/// A new epoll descriptor, or a negative error number.
pub fn create() -> isize {
    // SAFETY: EPOLL_CLOEXEC.
    unsafe { syscall4(nr::EPOLL_CREATE1, 0x80000, 0, 0, 0) }
}

/// Watches `fd` for reading and writing; 0 or a negative error number.
pub fn add(ep: usize, fd: usize, data: usize) -> isize {
    // EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET
    let ev = Event {
        events: 0x8000_2005,
        data,
    };
    // SAFETY: a valid event; EPOLL_CTL_ADD.
    unsafe { syscall4(nr::EPOLL_CTL, ep, 1, fd, (&raw const ev) as usize) }
}

/// Stops watching.
pub fn del(ep: usize, fd: usize) {
    let ev = Event { events: 0, data: 0 };
    // SAFETY: EPOLL_CTL_DEL.
    unsafe { syscall4(nr::EPOLL_CTL, ep, 2, fd, (&raw const ev) as usize) };
}

/// Watches `fd` for reading, level-triggered; 0 or a negative error number.
pub fn add_level(ep: usize, fd: usize, data: usize) -> isize {
    let ev = Event { events: 1, data };
    // SAFETY: a valid event; EPOLL_CTL_ADD.
    unsafe { syscall4(nr::EPOLL_CTL, ep, 1, fd, (&raw const ev) as usize) }
}

/// A new eventfd (EFD_CLOEXEC | EFD_NONBLOCK), or a negative error number.
pub fn eventfd() -> isize {
    // SAFETY: no pointers.
    unsafe { syscall4(nr::EVENTFD2, 0, 0x80000 | 0x800, 0, 0) }
}

/// Makes an eventfd readable.
pub fn signal(fd: usize) {
    let one = 1u64;
    // SAFETY: eight bytes.
    unsafe { syscall4(nr::WRITE, fd, (&raw const one) as usize, 8, 0) };
}

/// Makes an eventfd unreadable again.
pub fn drain(fd: usize) {
    let mut n = 0u64;
    // SAFETY: eight bytes.
    unsafe { syscall4(nr::READ, fd, (&raw mut n) as usize, 8, 0) };
}

/// Set once the kernel has said that it lacks epoll_pwait2 (before 5.11).
static NO_PWAIT2: AtomicBool = AtomicBool::new(false);

/// Waits for events, at most `ns` nanoseconds if that is not negative; how many came. 0 also when a signal came.
///
/// epoll_wait counts whole milliseconds; it is used where it is exact (at once, without limit) and where the kernel
/// has nothing better, then rounded up, so that a timer is due when it returns.
pub fn wait(ep: usize, out: &mut [Event], ns: i64) -> usize {
    let (buf, len) = (out.as_mut_ptr() as usize, out.len());
    if ns > 0 && !NO_PWAIT2.load(Ordering::Relaxed) {
        let ts = [ns / 1_000_000_000, ns % 1_000_000_000];
        // SAFETY: valid buffer and timespec; no signal mask.
        let n = unsafe { syscall6(nr::EPOLL_PWAIT2, ep, buf, len, ts.as_ptr() as usize, 0, 0) };
        const ENOSYS: isize = -38;
        if n != ENOSYS {
            return usize::try_from(n).unwrap_or(0);
        }
        NO_PWAIT2.store(true, Ordering::Relaxed);
    }
    let ms = match ns {
        ..0 => -1,
        0 => 0,
        _ => (ns.saturating_add(999_999) / 1_000_000).min(i64::from(i32::MAX)),
    };
    // SAFETY: a valid buffer.
    let n = unsafe { syscall4(nr::EPOLL_WAIT, ep, buf, len, ms as usize) };
    usize::try_from(n).unwrap_or(0)
}
