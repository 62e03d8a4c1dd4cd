//! Package time: the clocks.

use crate::os::clock;

#[unsafe(no_mangle)]
extern "C" fn rt_nanotime() -> i64 {
    clock::nanotime()
}

/// Seconds and nanoseconds since 1970.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_walltime(out: *mut [i64; 2]) {
    // SAFETY: the overlay passes an array of two words.
    unsafe { *out = clock::walltime() }
}
