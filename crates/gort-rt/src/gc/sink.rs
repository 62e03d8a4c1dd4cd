//! Who is told of the words that a walk through a goroutine finds: a worker that marks ([`super::mark`]), or the tracer that
//! looks whether marking has missed something ([`super::checkmark`]).

use super::frameobjects::Lists;
use super::mark::Worker;

/// Takes words that may lead into the heap. `at` is where a word lies, 0 if that is a register or a word of a G.
pub trait Sink {
    /// A word that code is going to read, or that something of the runtime refers to.
    fn needed(&self, word: usize, at: usize);

    /// A word of memory of which nobody says what is needed: what it leads to may have died long ago.
    fn anything(&self, word: usize, at: usize);

    /// So many bytes have been looked through.
    fn looked_through(&self, bytes: usize);

    /// Where a walk keeps what it has to come back to. One walk at a time.
    fn lists(&self) -> *mut Lists;
}

impl Sink for Worker {
    #[inline(always)]
    fn needed(&self, word: usize, _: usize) {
        self.maybe(word);
    }

    #[inline(always)]
    fn anything(&self, word: usize, _: usize) {
        self.maybe(word);
    }

    #[inline(always)]
    fn looked_through(&self, bytes: usize) {
        self.stacks.set(self.stacks.get() + bytes);
    }

    fn lists(&self) -> *mut Lists {
        self.lists_of_walks()
    }
}
