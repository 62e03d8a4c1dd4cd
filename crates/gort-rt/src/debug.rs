//! What the environment asks for: GOTRACEBACK, GODEBUG, GOGC, GOMEMLIMIT, GORT_SEED.
//!
//! GODEBUG is a list `name=value,…`; the runtime knows `schedtrace`, `scheddetail`, `asyncpreemptoff`,
//! `containermaxprocs`, `updatemaxprocs`, `inittrace`, `gctrace`, `gcpacertrace`,
//! `scavtrace`, `gccheckmark` and `gortevents` (record scheduler events, printed by fatal errors and SIGQUIT).

use crate::os::{args, cpu};
use crate::sync::{AtomicBool, AtomicI32, AtomicU32, Ordering};

static LEVEL: AtomicU32 = AtomicU32::new(1);
static ALL: AtomicBool = AtomicBool::new(false);
static CRASH: AtomicBool = AtomicBool::new(false);

/// `schedtrace`: milliseconds between two lines, 0 = off.
pub static SCHEDTRACE: AtomicI32 = AtomicI32::new(0);
/// `scheddetail`.
pub static SCHEDDETAIL: AtomicI32 = AtomicI32::new(0);
/// `asyncpreemptoff`: only function entries are safe points.
pub static ASYNCPREEMPTOFF: AtomicI32 = AtomicI32::new(0);
/// `containermaxprocs`: 0 = do not look at the cgroup's CPU quota.
pub static CONTAINERMAXPROCS: AtomicI32 = AtomicI32::new(1);
/// `updatemaxprocs`: 0 = GOMAXPROCS stays as it was at the start.
pub static UPDATEMAXPROCS: AtomicI32 = AtomicI32::new(1);
/// `inittrace`: a line for each package that is initialised.
pub static INITTRACE: AtomicI32 = AtomicI32::new(0);
/// `gctrace`: a line for each collection.
pub static GCTRACE: AtomicI32 = AtomicI32::new(0);
/// `gortevents`: record events.
pub static EVENTS: AtomicI32 = AtomicI32::new(0);
/// `gortchaos`: in builds with assertions, one point of [`crate::chaos`] in so many delays the thread; 0 = none.
pub static CHAOS: AtomicI32 = AtomicI32::new(0);

/// `clobberfree`: what the collector frees is filled with a pattern.
pub static CLOBBERFREE: AtomicI32 = AtomicI32::new(0);

/// `gortgc=N`: a cycle at every N-th allocation that is not tiny; 0 = when it is due.
pub static GCSTRESS: AtomicI32 = AtomicI32::new(0);

/// `gcpacertrace`: what the pacer expects of each collection, and what becomes of it.
pub static GCPACERTRACE: AtomicI32 = AtomicI32::new(0);
/// `scavtrace`: a line for each collection of the memory that has gone back to the system.
pub static SCAVTRACE: AtomicI32 = AtomicI32::new(0);
/// `gccheckmark`: at the end of marking a second tracer looks whether the first has missed something.
pub static GCCHECKMARK: AtomicI32 = AtomicI32::new(0);
/// `gcstoptheworld`: the program stands still while objects are marked.
pub static GCSTOPTHEWORLD: AtomicI32 = AtomicI32::new(0);
/// `gortbarrier`: in builds with assertions, the write barrier is on for the whole run, though nobody marks.
pub static BARRIER: AtomicI32 = AtomicI32::new(0);

const VARS: &[(&[u8], &AtomicI32)] = &[
    #[cfg(debug_assertions)]
    (b"gortchaos", &CHAOS),
    #[cfg(debug_assertions)]
    (b"gortbarrier", &BARRIER),
    (b"schedtrace", &SCHEDTRACE),
    (b"scheddetail", &SCHEDDETAIL),
    (b"asyncpreemptoff", &ASYNCPREEMPTOFF),
    (b"containermaxprocs", &CONTAINERMAXPROCS),
    (b"updatemaxprocs", &UPDATEMAXPROCS),
    (b"inittrace", &INITTRACE),
    (b"gctrace", &GCTRACE),
    (b"gortevents", &EVENTS),
    (b"clobberfree", &CLOBBERFREE),
    (b"gcpacertrace", &GCPACERTRACE),
    (b"scavtrace", &SCAVTRACE),
    (b"gccheckmark", &GCCHECKMARK),
    (b"gcstoptheworld", &GCSTOPTHEWORLD),
    (b"gortgc", &GCSTRESS),
];

/// Reads GODEBUG. Unknown names and malformed numbers are passed over, as in Go.
pub fn parse_godebug() {
    if let Some(text) = args::getenv(b"GODEBUG") {
        apply(text);
    }
}

/// The settings of the build, which stand behind those of the environment. They are a variable of Go code, and so come later.
pub fn set_defaults(text: &[u8]) {
    apply(text);
    parse_godebug();
}

fn apply(text: &[u8]) {
    for field in text.split(|&c| c == b',') {
        let Some(i) = field.iter().position(|&c| c == b'=') else {
            continue;
        };
        let value = cpu::parse_u64(&field[i + 1..]).and_then(|v| i32::try_from(v).ok());
        let var = VARS.iter().find(|(name, _)| *name == &field[..i]);
        if let (Some((_, var)), Some(value)) = (var, value) {
            var.store(value, Ordering::Relaxed);
        }
    }
}

/// GORT_SEED: makes the scheduler's choices a function of this number; see `sched/choose.rs`.
pub fn seed() -> Option<u64> {
    args::getenv(b"GORT_SEED").and_then(cpu::parse_u64)
}

/// What a value of GOGC says: a percentage, below 0 none; what is no number of 32 bits means 100.
pub fn gc_percent(text: &[u8]) -> i32 {
    if text == b"off" {
        return -1;
    }
    let (minus, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    match cpu::parse_u64(digits) {
        Some(n) if minus && n <= 1 << 31 => -i32::from(n > 0),
        Some(n) if !minus => i32::try_from(n).unwrap_or(100),
        _ => 100,
    }
}

/// GOMEMLIMIT in bytes; the error is the malformed text.
pub fn memory_limit() -> Result<Option<u64>, &'static [u8]> {
    match args::getenv(b"GOMEMLIMIT") {
        None | Some(b"" | b"off") => Ok(None),
        Some(text) => parse_bytes(text).map(Some).ok_or(text),
    }
}

/// `12`, `12B`, `12KiB` and so on up to TiB.
fn parse_bytes(text: &[u8]) -> Option<u64> {
    let digits = text
        .iter()
        .position(|c| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let shift = match &text[digits..] {
        b"" | b"B" => 0,
        b"KiB" => 10,
        b"MiB" => 20,
        b"GiB" => 30,
        b"TiB" => 40,
        _ => return None,
    };
    let n = cpu::parse_u64(&text[..digits])?;
    (n <= i64::MAX as u64 >> shift).then_some(n << shift)
}

/// Reads GOTRACEBACK.
pub fn parse_traceback() {
    if args::secure() {
        LEVEL.store(0, Ordering::Relaxed);
        return;
    }
    let (level, all) = traceback_level(args::getenv(b"GOTRACEBACK").unwrap_or(b""));
    LEVEL.store(level, Ordering::Relaxed);
    ALL.store(all, Ordering::Relaxed);
}

/// debug.SetTraceback: like GOTRACEBACK, but what that has set is the least.
pub fn set_traceback(text: &[u8]) {
    let (level, all) = traceback_level(text);
    LEVEL.fetch_max(level, Ordering::Relaxed);
    ALL.fetch_or(all, Ordering::Relaxed);
}

fn traceback_level(text: &[u8]) -> (u32, bool) {
    match text {
        b"" | b"single" => (1, false),
        b"none" => (0, false),
        b"all" => (1, true),
        b"system" => (2, true),
        b"crash" => {
            CRASH.store(true, Ordering::Relaxed);
            (2, true)
        }
        n => match cpu::parse_u64(n) {
            Some(n) => (n.min(2) as u32, true),
            None => (1, false),
        },
    }
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
