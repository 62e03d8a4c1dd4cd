//! Function entry, segmented stacks, and the offsets of G that compiled code and the overlay use.

use crate::layouts::G;

/// Bytes below the guard that are always usable: a leaf frame, native stubs, a fault in a leaf, and the
/// pushes of morestack after that.
pub const STACK_RED: usize = 384;
/// A leaf function whose frame is at most this large has no stack check.
pub const LEAF_FRAME_MAX: usize = 96;
/// From the two words before the stub to the first byte of the body.
pub const MORESTACK_BODY: usize = 33;
/// Bytes of the cold stub, the two words in front of it included.
pub const STUB_BYTES: usize = 20;
/// Bytes of the check at the entry.
pub const ENTRY_BYTES: usize = 13;
/// Frames of this size and more have a check that does not wrap below address 0: no memory of a process lies lower.
pub const LARGE_FRAME: usize = 64 << 10;
/// Bytes of the check at the entry of a function with such a frame.
pub const LARGE_ENTRY_BYTES: usize = 17;
/// Size of the first stack segment, the G included.
pub const FIRST_SEGMENT: usize = 2048;
/// All segments of one goroutine together may not exceed this.
pub const MAX_STACK: usize = 1_000_000_000;
/// A guard with this value asks the goroutine to yield at its next function entry.
pub const STACK_PREEMPT: usize = usize::MAX;

/// Offset of `G.stackguard`, compared at function entry.
pub const G_STACKGUARD: usize = G.offset("stackguard");
/// Offset of `G.panic`, the innermost panic (Go side).
pub const G_PANIC: usize = G.offset("_panic");
/// Offset of `G.defer`, the newest deferred call (Go side).
pub const G_DEFER: usize = G.offset("_defer");
/// Offset of the free defer records (Go side).
pub const G_DEFERPOOL: usize = G.offset("deferpool");
/// Offset of the count of deferred calls (Go side).
pub const G_DEFERSEQ: usize = G.offset("deferseq");
/// Offset of the goroutine's number.
pub const G_GOID: usize = G.offset("goid");
/// Offset of the pending fault: signal, code, address, pc, whether any address may panic; then labels.
pub const G_SIG: usize = G.offset("sig");
/// Offset of two words for operands of calls that are out of the way: what a bounds check that has failed gives the
/// panic function, and a write barrier the stub.
pub const G_BOUNDS: usize = G.offset("boundsx");
/// Offset of the `testing/synctest` bubble that the goroutine is in, or null.
pub const G_BUBBLE: usize = G.offset("bubble");

const _: () = assert!(STUB_BYTES + ENTRY_BYTES == MORESTACK_BODY);
