//! Arguments, environment and auxiliary vector; GOTRACEBACK.

use crate::os;
use crate::sync::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

static ARGC: AtomicUsize = AtomicUsize::new(0);
static ARGV: AtomicUsize = AtomicUsize::new(0);
static RANDOM: AtomicUsize = AtomicUsize::new(0);
/// CPUs that the process may use.
pub static NCPU: AtomicU32 = AtomicU32::new(1);
static LEVEL: AtomicU32 = AtomicU32::new(1);
static ALL: AtomicBool = AtomicBool::new(false);
static CRASH: AtomicBool = AtomicBool::new(false);

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
                33 => os::clock::set_vdso(*p.add(1)),
                25 => RANDOM.store(*p.add(1), Ordering::Relaxed),
                23 if *p.add(1) != 0 => LEVEL.store(0, Ordering::Relaxed),
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
        return crate::arch::cputicks();
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

/// Reads GOTRACEBACK.
pub fn parse_traceback() {
    if LEVEL.load(Ordering::Relaxed) == 0 {
        return; // AT_SECURE
    }
    let (level, all) = match getenv(b"GOTRACEBACK") {
        None | Some(b"" | b"single") => (1, false),
        Some(b"none") => (0, false),
        Some(b"all") => (1, true),
        Some(b"system") => (2, true),
        Some(b"crash") => {
            CRASH.store(true, Ordering::Relaxed);
            (2, true)
        }
        Some(n) => match os::cpu::parse_u64(n) {
            Some(n) => (n.min(2) as u32, true),
            None => (1, false),
        },
    };
    LEVEL.store(level, Ordering::Relaxed);
    ALL.store(all, Ordering::Relaxed);
}

/// 0 none, 1 user frames, 2 all frames.
pub fn trace_level() -> u32 {
    LEVEL.load(Ordering::Relaxed)
}

/// All goroutines in every fatal error.
pub fn trace_all() -> bool {
    ALL.load(Ordering::Relaxed)
}

/// End with SIGABRT.
pub fn crash_wanted() -> bool {
    CRASH.load(Ordering::Relaxed)
}
