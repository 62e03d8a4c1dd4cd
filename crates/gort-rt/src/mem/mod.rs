//! The Go heap, from the system to the object: [`arena`]s of pages with their [`pagemap`], [`span`]s of pages for objects
//! of one [`sizeclass`] (their [`records`] lie outside), [`central`] lists of spans by class, the cache of a P
//! ([`mcache`]), and [`malloc`], the entry points; [`heap`] finds
//! objects by address. Free pages go back to the system by [`scavenge`]. [`bits`] says where in an object the pointers are.

#[cfg(not(any(test, loom)))]
pub mod arena;
#[cfg(not(any(test, loom)))]
pub mod bits;
#[cfg(not(any(test, loom)))]
pub mod central;
#[cfg(not(any(test, loom)))]
pub mod heap;
#[cfg(not(any(test, loom)))]
pub mod malloc;
#[cfg(not(any(test, loom)))]
pub mod mcache;
pub mod pagemap;
pub mod ranges;
#[cfg(not(any(test, loom)))]
pub mod records;
#[cfg(not(any(test, loom)))]
pub mod scavenge;
pub mod sizeclass;
pub mod span;
pub mod spanlists;
#[cfg(not(any(test, loom)))]
pub mod stats;
