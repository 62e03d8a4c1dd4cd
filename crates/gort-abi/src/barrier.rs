//! What compiled code and the runtime share about the write barrier.

/// The flag: a u32 that is not 0 while overwritten pointers must be shaded.
pub const WRITE_BARRIER: &str = "runtime.writeBarrier";
