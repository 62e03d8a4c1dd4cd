//! What compiler, linker and runtime must agree on: numbers, record layouts, encodings.
//!
//! No state and no dependencies. Each constant is used by both sides; `gort-rt` asserts the offsets
//! against its own structs at compile time. The prose is `docs/internals/machine-contract.md`.
//!
//! - [`stack`]: function entry, segmented stacks, offsets into G
//! - [`mod@barrier`]: the write barrier's flag
//! - [`func`]: the func table record
//! - [`layouts`]: records that the overlay's Go code shares with the runtime
//! - [`mod@natives`]: the table of natives
//! - [`np`]: codes of panics raised by native code
//! - [`pctab`]: the pc-line tables, encoder and decoder
//! - [`root`]: the record of a variable that may point to the heap
//! - [`types`]: type descriptors
#![cfg_attr(not(test), no_std)]

pub mod abi0;
pub mod barrier;
pub mod func;
pub mod layouts;
pub mod natives;
pub mod np;
pub mod pctab;
pub mod root;
pub mod stack;
pub mod stackmap;
pub mod types;

pub use abi0::*;
pub use barrier::*;
pub use func::*;
pub use root::Root;
pub use stack::*;
