//! Package reflect: the list of compiled types.

#[allow(improper_ctypes)]
unsafe extern "C" {
    static __start_types: [usize; 0];
    static __stop_types: [usize; 0];
}

/// The array of pointers to all type descriptors, sorted by string: address and number.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_typelinks(out: *mut [usize; 2]) {
    let (start, stop) = (
        &raw const __start_types as usize,
        &raw const __stop_types as usize,
    );
    // SAFETY: the overlay passes an array of two words.
    unsafe { *out = [start, (stop - start) / 8] }
}
