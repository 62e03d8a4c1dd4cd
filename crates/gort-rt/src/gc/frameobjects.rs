//! Slots of frames whose address is computed: which of them something leads to that is needed.
//!
//! The code that computed an address may read the slot as long as it has it, in a register, in another slot, in a deferred
//! call, or in the operation on a channel that it waits in. So while a walk reads what is needed, it keeps the words that lead
//! into the stack itself, and the slots of the frames that it passes; behind the last frame it looks into the slots
//! that words lead to, where it finds more. Nothing in the heap leads into a stack, but records of deferred calls.
//!
//! Official Go's collector does the same with a tree of objects and chained buffers (`mgcstack.go`). Here both lists have
//! a fixed size, since a walk must not ask for memory: what does not fit is read word for word, all of it.

use super::sink::Sink;
use crate::gmp::{G, Seg};
use crate::sync::{AtomicUsize, Ordering};

/// Slots that a walk remembers.
const SLOTS: usize = 8192;
/// Words into the stack that a walk has not followed yet.
const WORDS: usize = 8192;

/// A slot.
#[derive(Clone, Copy)]
#[repr(C)]
struct Slot {
    at: usize,
    words: u32,
    seen: bool,
}

/// What a worker's walks write to. Zeroed memory is one.
#[repr(C)]
pub struct Lists {
    slots: [Slot; SLOTS],
    words: [usize; WORDS],
}

/// The slots of a stack, and what leads to them.
pub struct Objects<'a, S: Sink> {
    sink: &'a S,
    /// The lowest address of the stack's segments, and the end of the last.
    low: usize,
    high: usize,
    lists: &'a mut Lists,
    nslots: usize,
    nwords: usize,
    /// More than there is room for.
    full: bool,
}

impl<'a, S: Sink> Objects<'a, S> {
    /// None yet, of `g`.
    pub fn new(sink: &'a S, g: &G) -> Objects<'a, S> {
        let (mut low, mut high) = (usize::MAX, 0);
        let mut seg = g.stack.seg.get();
        // SAFETY: the segments of a goroutine that does not run.
        while let Some(s) = unsafe { seg.as_ref() } {
            let s: &Seg = s;
            (low, high, seg) = (low.min(s.lo), high.max(s.top), s.prev);
        }
        // SAFETY: a sink is used for one walk at a time.
        let lists = unsafe { &mut *sink.lists() };
        Objects {
            sink,
            low,
            high,
            lists,
            nslots: 0,
            nwords: 0,
            full: false,
        }
    }

    /// A word at `at` that is needed and may lead into the heap or into the stack.
    #[inline(always)]
    pub fn word(&mut self, word: usize, at: usize) {
        self.local(word);
        self.sink.needed(word, at);
    }

    /// The same for a word of which that is not known.
    #[inline(always)]
    pub fn anything(&mut self, word: usize, at: usize) {
        self.local(word);
        self.sink.anything(word, at);
    }

    #[inline(always)]
    fn local(&mut self, word: usize) {
        // Between segments there may be arenas.
        if word.wrapping_sub(self.low) < self.high - self.low {
            self.keep(word);
        }
    }

    /// So many bytes of the stack have been looked through otherwise than by [`read`](Self::read).
    pub fn looked_through(&self, bytes: usize) {
        self.sink.looked_through(bytes);
    }

    fn keep(&mut self, word: usize) {
        if self.nwords > 0 && self.lists.words[self.nwords - 1] == word {
            return;
        }
        match self.lists.words.get_mut(self.nwords) {
            Some(place) => (*place, self.nwords) = (word, self.nwords + 1),
            None => self.full = true,
        }
    }

    /// All words of `from..to`.
    ///
    /// # Safety
    /// The memory can be read.
    pub unsafe fn read(&mut self, from: usize, to: usize) {
        let mut at = from & !7;
        self.sink.looked_through(to.saturating_sub(from));
        while at < to {
            // SAFETY: by contract. Others may write it at the same time.
            self.anything(
                unsafe { (*(at as *const AtomicUsize)).load(Ordering::Relaxed) },
                at,
            );
            at += 8;
        }
    }

    /// A slot of a frame that the walk passes.
    pub fn add(&mut self, at: usize, words: usize) {
        let slot = Slot {
            at,
            words: words as u32,
            seen: false,
        };
        match self.lists.slots.get_mut(self.nslots) {
            Some(place) => (*place, self.nslots) = (slot, self.nslots + 1),
            None => self.full = true,
        }
    }

    /// Looks into the slots that words lead to. False if there was no room for all of them: then each may be needed.
    ///
    /// # Safety
    /// The stack is still as it was.
    pub unsafe fn trace(&mut self) -> bool {
        let slots = &mut self.lists.slots[..self.nslots.min(SLOTS)];
        if !slots.is_sorted_by_key(|s| s.at) {
            slots.sort_unstable_by_key(|s| s.at);
        }
        while self.nwords > 0 && !self.full {
            self.nwords -= 1;
            let word = self.lists.words[self.nwords];
            let slots = &mut self.lists.slots[..self.nslots];
            let i = slots.partition_point(|s| s.at <= word);
            let Some(slot) = i.checked_sub(1).map(|i| &mut slots[i]) else {
                continue;
            };
            let end = slot.at + 8 * slot.words as usize;
            if word < end && !core::mem::replace(&mut slot.seen, true) {
                let from = slot.at;
                // SAFETY: a slot of a frame of the stack.
                unsafe { self.read(from, end) };
            }
        }
        !self.full
    }
}
