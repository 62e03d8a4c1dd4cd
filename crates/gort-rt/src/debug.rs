//! Debug variables: GOTRACEBACK.

use crate::os::{args, cpu};
use crate::sync::{AtomicBool, AtomicU32, Ordering};

static LEVEL: AtomicU32 = AtomicU32::new(1);
static ALL: AtomicBool = AtomicBool::new(false);
static CRASH: AtomicBool = AtomicBool::new(false);

/// Reads GOTRACEBACK.
pub fn parse_traceback() {
    if args::secure() {
        LEVEL.store(0, Ordering::Relaxed);
        return;
    }
    let (level, all) = match args::getenv(b"GOTRACEBACK") {
        None | Some(b"" | b"single") => (1, false),
        Some(b"none") => (0, false),
        Some(b"all") => (1, true),
        Some(b"system") => (2, true),
        Some(b"crash") => {
            CRASH.store(true, Ordering::Relaxed);
            (2, true)
        }
        Some(n) => match cpu::parse_u64(n) {
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
