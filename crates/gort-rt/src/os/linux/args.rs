//! What the kernel hands over at the start: arguments, environment, auxiliary vector.

use super::clock;
use crate::sync::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

static ARGC: AtomicUsize = AtomicUsize::new(0);
static ARGV: AtomicUsize = AtomicUsize::new(0);
static SECURE: AtomicBool = AtomicBool::new(false);
static RANDOM: AtomicUsize = AtomicUsize::new(0);
/// CPUs that the process may use.
pub static NCPU: AtomicU32 = AtomicU32::new(1);

/// Remembers argc and argv and walks the environment to the auxiliary vector.
pub fn args(sp: *const usize) {
    // SAFETY: the kernel's layout: argc, argv..., 0, envp..., 0, auxv pairs, 0.
    unsafe {
        let argc = *sp;
        ARGC.store(argc, Ordering::Relaxed);
        ARGV.store(sp.add(1) as usize, Ordering::Relaxed);
        let mut p = sp.add(argc + 2);
        while *p != 0 {
            p = p.add(1);
        }
        p = p.add(1);
        while *p != 0 {
            match *p {
                33 => clock::set_vdso(*p.add(1)),
                25 => RANDOM.store(*p.add(1), Ordering::Relaxed),
                23 => SECURE.store(*p.add(1) != 0, Ordering::Relaxed),
                _ => {}
            }
            p = p.add(2);
        }
    }
}

/// argc and the address of argv.
pub fn argv() -> (usize, usize) {
    (ARGC.load(Ordering::Relaxed), ARGV.load(Ordering::Relaxed))
}

/// Random seed: 8 of the kernel's 16 bytes.
pub fn seed() -> u64 {
    let p = RANDOM.load(Ordering::Relaxed);
    if p == 0 {
        return clock::nanotime() as u64;
    }
    // SAFETY: AT_RANDOM points at 16 bytes.
    unsafe { (p as *const u64).read_unaligned() }
}

/// Value of an environment variable.
pub fn getenv(name: &[u8]) -> Option<&'static [u8]> {
    let (argc, argv) = argv();
    // SAFETY: as in `args`.
    unsafe {
        let mut p = (argv as *const *const core::ffi::c_char).add(argc + 1);
        while !(*p).is_null() {
            let s = core::ffi::CStr::from_ptr(*p).to_bytes();
            if let Some(v) = s.strip_prefix(name).and_then(|v| v.strip_prefix(b"=")) {
                return Some(v);
            }
            p = p.add(1);
        }
    }
    None
}

/// AT_SECURE: the program runs with more rights than its caller.
pub fn secure() -> bool {
    SECURE.load(Ordering::Relaxed)
}
