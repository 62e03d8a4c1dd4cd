//! The Go heap: [`sizeclass`]es, a cache per P ([`mcache`]), the [`heap`] of arenas and spans, and
//! [`malloc`], the entry points.
//!
//! There is no collector yet: nothing is freed. What it will need is recorded: every span's class and
//! extent, and for every object that may hold pointers the type descriptor.

#[cfg(not(any(test, loom)))]
pub mod heap;
#[cfg(not(any(test, loom)))]
pub mod malloc;
#[cfg(not(any(test, loom)))]
pub mod mcache;
pub mod sizeclass;
