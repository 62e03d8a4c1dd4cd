//! epoll, edge-triggered.

use super::{nr, syscall4};

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

/// Waits for events without limit; the number that came.
pub fn wait(ep: usize, out: &mut [Event]) -> usize {
    // SAFETY: a valid buffer; timeout -1.
    let n = unsafe {
        syscall4(
            nr::EPOLL_WAIT,
            ep,
            out.as_mut_ptr() as usize,
            out.len(),
            usize::MAX,
        )
    };
    usize::try_from(n).unwrap_or(0)
}
