//! What finalizers, weak pointers and their like ask of the collector. There is none yet, and this is the whole of what
//! changes for them when there is.

/// Whether the object at `addr` has been found unreachable in this cycle, and its span is yet to be swept. Nothing is
/// ever found unreachable so far.
#[inline(always)]
pub fn is_dead(_addr: usize) -> bool {
    false
}

/// A pointer to `addr` has come from where marking does not look: while marking is under way its object gets marked.
#[inline(always)]
pub fn shade(_addr: usize) {}

/// Whether all spans of the last cycle have been swept, so that nothing more comes to the queues before the next.
pub fn swept() -> bool {
    true
}

/// A cycle begins: the world is stopped, and what packages want to have done before has been done. Nothing comes of it yet.
#[unsafe(no_mangle)]
extern "C" fn rt_gcbegin() {}

/// Parks until the cycle is over and everything is swept. There is nothing to wait for yet.
#[unsafe(no_mangle)]
extern "C" fn rt_gcforce() {}
