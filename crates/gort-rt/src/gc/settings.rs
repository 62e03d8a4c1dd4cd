//! GOGC and GOMEMLIMIT, and what replaces them at run time (`debug.SetGCPercent`, `debug.SetMemoryLimit`).

use super::pacer;
use crate::debug;
use crate::lang::throw::throw;
use crate::os::args;
use crate::sync::{AtomicI32, AtomicI64, Ordering};
use crate::text::err;

/// How much the heap may grow over what lives, in percent; below 0, it may for ever.
static GOGC: AtomicI32 = AtomicI32::new(100);
/// Bytes that the process should not exceed.
static LIMIT: AtomicI64 = AtomicI64::new(i64::MAX);

/// Reads the environment. A malformed limit is an error; what is no number says nothing of the percentage.
pub fn init() {
    if let Some(text) = args::getenv(b"GOGC") {
        GOGC.store(debug::gc_percent(text), Ordering::Relaxed);
    }
    match debug::memory_limit() {
        Ok(None) => {}
        Ok(Some(bytes)) => LIMIT.store(bytes as i64, Ordering::Relaxed),
        Err(text) => {
            err().s("GOMEMLIMIT=").b(text).s("\n").flush();
            throw("malformed GOMEMLIMIT; see `go doc runtime/debug.SetMemoryLimit`");
        }
    }
    pacer::set_goal();
}

/// The percentage; none if the heap's growth asks for no collection.
pub fn gogc() -> Option<u32> {
    u32::try_from(GOGC.load(Ordering::Relaxed)).ok()
}

/// The limit in bytes.
pub fn memory_limit() -> u64 {
    LIMIT.load(Ordering::Relaxed) as u64
}

/// Sets the percentage; the old one, -1 for none.
#[unsafe(no_mangle)]
extern "C" fn rt_setgcpercent(percent: i32) -> i32 {
    let old = GOGC.swap(percent.max(-1), Ordering::Relaxed);
    pacer::set_goal();
    old
}

/// Sets the limit, unless it is below 0; the old one.
#[unsafe(no_mangle)]
extern "C" fn rt_setmemorylimit(bytes: i64) -> i64 {
    if bytes < 0 {
        LIMIT.load(Ordering::Relaxed)
    } else {
        let old = LIMIT.swap(bytes, Ordering::Relaxed);
        pacer::set_goal();
        old
    }
}
