//! Linux, by raw system calls: memory, futex, threads, clock, signals, CPU count.

pub mod args;
pub mod clock;
pub mod cpu;
pub mod epoll;
pub mod signal;

pub use clock::{cputime, nanotime};

use crate::sync::AtomicU32;
use core::arch::asm;

/// Numbers of the system calls in use.
#[allow(missing_docs)]
pub mod nr {
    pub const READ: usize = 0;
    pub const WRITE: usize = 1;
    pub const OPEN: usize = 2;
    pub const CLOSE: usize = 3;
    pub const MMAP: usize = 9;
    pub const MUNMAP: usize = 11;
    pub const SIGACTION: usize = 13;
    pub const SIGPROCMASK: usize = 14;
    pub const SCHED_YIELD: usize = 24;
    pub const MADVISE: usize = 28;
    pub const NANOSLEEP: usize = 35;
    pub const GETPID: usize = 39;
    pub const FCNTL: usize = 72;
    pub const SIGALTSTACK: usize = 131;
    pub const ARCH_PRCTL: usize = 158;
    pub const GETTID: usize = 186;
    pub const FUTEX: usize = 202;
    pub const SCHED_GETAFFINITY: usize = 204;
    pub const CLOCK_GETTIME: usize = 228;
    pub const EXIT_GROUP: usize = 231;
    pub const EPOLL_WAIT: usize = 232;
    pub const EPOLL_CTL: usize = 233;
    pub const EVENTFD2: usize = 290;
    pub const EPOLL_CREATE1: usize = 291;
    pub const TGKILL: usize = 234;
    pub const MEMBARRIER: usize = 324;
    pub const EPOLL_PWAIT2: usize = 441;
}

/// A raw system call with up to six arguments.
///
/// # Safety
/// As the call's own contract.
#[inline(always)]
pub unsafe fn syscall6(
    n: usize,
    a: usize,
    b: usize,
    c: usize,
    d: usize,
    e: usize,
    f: usize,
) -> isize {
    let r: isize;
    // SAFETY: the kernel's calling convention; the caller vouches for the arguments.
    unsafe {
        asm!("syscall", inlateout("rax") n as isize => r, in("rdi") a, in("rsi") b, in("rdx") c,
             in("r10") d, in("r8") e, in("r9") f, lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    r
}

/// A raw system call with up to four arguments.
///
/// # Safety
/// As the call's own contract.
#[inline(always)]
pub unsafe fn syscall4(n: usize, a: usize, b: usize, c: usize, d: usize) -> isize {
    // SAFETY: passed on.
    unsafe { syscall6(n, a, b, c, d, 0, 0) }
}

/// Zeroed memory that is committed on first touch.
pub fn sys_map(size: usize) -> Option<usize> {
    // SAFETY: an anonymous private mapping (PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE).
    let p = unsafe { syscall6(nr::MMAP, 0, size, 3, 0x4022, usize::MAX, 0) };
    (!(-4095..=0).contains(&p)).then_some(p as usize)
}

/// Returns a mapping to the system.
pub fn sys_free(addr: usize, size: usize) {
    // SAFETY: the range is an unused mapping of ours.
    unsafe { syscall4(nr::MUNMAP, addr, size, 0, 0) };
}

/// Asks for huge pages.
pub fn sys_huge(addr: usize, size: usize) {
    // SAFETY: advice about our own mapping.
    unsafe { syscall4(nr::MADVISE, addr, size, 14, 0) };
}

/// Backs pages of our own mapping that are about to be used: much cheaper than a fault for each.
/// Kernels before 5.14 refuse; then they are backed when touched.
pub fn sys_populate(addr: usize, size: usize) {
    // SAFETY: MADV_POPULATE_WRITE on our own mapping changes no byte.
    unsafe { syscall4(nr::MADVISE, addr, size, 23, 0) };
}

/// Drops the contents of our own mapping; it reads as zero afterwards.
pub fn sys_unused(addr: usize, size: usize) {
    // SAFETY: MADV_DONTNEED on memory that nothing refers to.
    unsafe { syscall4(nr::MADVISE, addr, size, 4, 0) };
}

/// Sleeps while `*addr == val`, at most `ns` nanoseconds if that is not negative.
pub fn futexsleep(addr: &AtomicU32, val: u32, ns: i64) {
    let ts = [ns / 1_000_000_000, ns % 1_000_000_000];
    let t = if ns < 0 { 0 } else { ts.as_ptr() as usize };
    // SAFETY: FUTEX_WAIT|PRIVATE on a live word.
    unsafe {
        syscall4(
            nr::FUTEX,
            core::ptr::from_ref(addr) as usize,
            128,
            val as usize,
            t,
        )
    };
}

/// Wakes up to `n` sleepers on `addr`.
pub fn futexwakeup(addr: &AtomicU32, n: u32) {
    // SAFETY: FUTEX_WAKE|PRIVATE only uses the address.
    unsafe {
        syscall4(
            nr::FUTEX,
            core::ptr::from_ref(addr) as usize,
            129,
            n as usize,
            0,
        )
    };
}

/// Lets another thread run.
pub fn osyield() {
    // SAFETY: no arguments.
    unsafe { syscall4(nr::SCHED_YIELD, 0, 0, 0, 0) };
}

/// Sleeps for some microseconds.
pub fn usleep(us: u64) {
    let ts = [(us / 1_000_000) as i64, (us % 1_000_000 * 1000) as i64];
    // SAFETY: a valid timespec.
    unsafe { syscall4(nr::NANOSLEEP, ts.as_ptr() as usize, 0, 0, 0) };
}

/// Writes to a file descriptor, all of it or until an error.
pub fn write_all(fd: usize, mut b: &[u8]) {
    while !b.is_empty() {
        // SAFETY: a valid buffer.
        let n = unsafe { syscall4(nr::WRITE, fd, b.as_ptr() as usize, b.len(), 0) };
        match n {
            -4 => continue,
            -11 => usleep(100),
            n if n <= 0 => return,
            n => b = &b[n as usize..],
        }
    }
}

/// Opens the null device in the place of each of the descriptors 0 to 2 that is closed: else the next file that the
/// program opens would get what it prints.
pub fn open_missing_std() {
    const GETFD: usize = 1;
    const EBADF: isize = -9;
    for fd in 0..3 {
        // SAFETY: asks for the flags of a descriptor; a constant path; O_RDWR.
        unsafe {
            if syscall4(nr::FCNTL, fd, GETFD, 0, 0) == EBADF
                && syscall4(nr::OPEN, c"/dev/null".as_ptr() as usize, 2, 0, 0) < 0
            {
                exit(2);
            }
        }
    }
}

/// Reads a small file; returns the number of bytes.
pub fn read_file(path: &core::ffi::CStr, buf: &mut [u8]) -> Option<usize> {
    // SAFETY: valid path and buffer; O_RDONLY|O_CLOEXEC.
    unsafe {
        let fd = syscall4(nr::OPEN, path.as_ptr() as usize, 0x80000, 0, 0);
        if fd < 0 {
            return None;
        }
        let n = syscall4(
            nr::READ,
            fd as usize,
            buf.as_mut_ptr() as usize,
            buf.len(),
            0,
        );
        syscall4(nr::CLOSE, fd as usize, 0, 0, 0);
        (n >= 0).then_some(n as usize)
    }
}

/// Whether [`membarrier`] will work: MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED.
pub fn membarrier_register() -> bool {
    // SAFETY: no pointers.
    unsafe { syscall4(nr::MEMBARRIER, 1 << 4, 0, 0, 0) == 0 }
}

/// A full barrier in every running thread of the process: MEMBARRIER_CMD_PRIVATE_EXPEDITED.
pub fn membarrier() {
    // SAFETY: no pointers.
    unsafe { syscall4(nr::MEMBARRIER, 1 << 3, 0, 0, 0) };
}

/// Ends the process.
pub fn exit(code: i32) -> ! {
    loop {
        // SAFETY: exit_group does not return.
        unsafe { syscall4(nr::EXIT_GROUP, code as usize, 0, 0, 0) };
    }
}

/// Sets the FS base of this thread.
pub fn settls(base: usize) {
    // SAFETY: ARCH_SET_FS to the address of an M.
    unsafe { syscall4(nr::ARCH_PRCTL, 0x1002, base, 0, 0) };
}

/// Thread id of the caller.
pub fn gettid() -> u32 {
    // SAFETY: no arguments.
    unsafe { syscall4(nr::GETTID, 0, 0, 0, 0) as u32 }
}

/// Sends a signal to one thread of this process.
pub fn tgkill(tid: u32, sig: u32) {
    // SAFETY: only sends a signal within our own process.
    unsafe {
        let pid = syscall4(nr::GETPID, 0, 0, 0, 0) as usize;
        syscall4(nr::TGKILL, pid, tid as usize, sig as usize, 0);
    }
}
