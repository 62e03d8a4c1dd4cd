//! What the write barrier of compiled code puts down for the marker, on its P.

use crate::sync::Cell;

/// Words that a P collects before the marker gets them.
#[cfg(not(loom))]
pub const WORDS: usize = 256;
/// In models.
#[cfg(loom)]
pub const WORDS: usize = 2;

/// Overwritten pointers of one P, none of them nil. The stub writes to it (`arch/x86_64/barrier.rs`). Zeroed memory is an empty one.
#[repr(C)]
pub struct Buffer {
    /// Their number, below [`WORDS`] outside of the stub.
    pub len: Cell<u32>,
    /// They themselves.
    pub words: [Cell<usize>; WORDS],
}

impl Buffer {
    /// Calls `f` with each, and forgets them. The caller owns the P, or the world is stopped.
    pub fn drain(&self, mut f: impl FnMut(usize)) {
        let len = self.len.replace(0) as usize;
        for word in &self.words[..len] {
            f(word.get());
        }
    }
}

#[cfg(all(test, loom))]
impl Buffer {
    /// An empty one.
    pub fn new() -> Buffer {
        Buffer {
            len: Cell::new(0),
            words: core::array::from_fn(|_| Cell::new(0)),
        }
    }

    /// What the stub does.
    pub fn push(&self, word: usize) {
        self.words[self.len.get() as usize].set(word);
        self.len.set(self.len.get() + 1);
    }
}
