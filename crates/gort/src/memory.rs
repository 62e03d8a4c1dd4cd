//! The compiler's own memory comes in small pages.
//!
//! mimalloc asks for huge ones where the system leaves that to programs. Measured on builds with and without: hello with fmt 137 and
//! 74 MB, net/http 400 and 300, in the same time. Its options come too late: its first arena is there before `main` begins.
//! What a process says about huge pages its children inherit, so the programs that gort runs get it back as it was.

use std::sync::atomic::{AtomicBool, Ordering};

static CHANGED: AtomicBool = AtomicBool::new(false);

/// No huge pages from here on.
pub fn small_pages() {
    // SAFETY: neither request reads memory of ours.
    let changed = unsafe {
        libc::prctl(libc::PR_GET_THP_DISABLE, 0, 0, 0, 0) == 0
            && libc::prctl(libc::PR_SET_THP_DISABLE, 1, 0, 0, 0) == 0
    };
    CHANGED.store(changed, Ordering::Relaxed);
}

/// As it was, for a program that is about to be run.
pub fn as_found() {
    if CHANGED.swap(false, Ordering::Relaxed) {
        // SAFETY: as above.
        unsafe { libc::prctl(libc::PR_SET_THP_DISABLE, 0, 0, 0, 0) };
    }
}
