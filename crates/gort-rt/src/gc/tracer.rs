//! Another way through the heap, while the world stands still: from the roots along every pointer, with nothing of what makes
//! marking fast or lets the program run meanwhile. Its marks are bits of its own outside the heap, what it has to come back
//! to is one stack, and it knows neither buffers of barriers nor queues of work. It allocates nothing in the heap and
//! changes nothing there.
//!
//! It has in common with marking what must be read off the same records: the maps of frames ([`super::stack`]), where in an object
//! the pointers are, which records hang on objects. [`super::checkmark`] compares what it reaches with the marks; [`super::leaks`] asks what is reached without some goroutines.

use super::frameobjects::Lists;
use super::sink::Sink;
use super::stack::{self, Own};
use super::{finq, globals, special};
use crate::arch::getm;
use crate::gmp::sched::every_p;
use crate::gmp::{G, slab};
use crate::lang::throw;
use crate::mem::arena::{self, ARENA};
use crate::mem::heap;
use crate::mem::span::Span;
use crate::os;
use crate::sync::{AtomicUsize, Ordering};
use core::cell::Cell;

/// Where a word has been found.
#[derive(Clone, Copy)]
pub enum Place {
    /// In a package variable.
    Variable,
    /// In what the runtime keeps: records about objects, queues, timers.
    Runtime,
    /// In the stack or the G of the goroutine with this number.
    Goroutine(u64),
    /// In the object that begins there.
    Object(usize),
}

/// What is known of a word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// A type says that it is a pointer.
    Pointer,
    /// Code is going to read it; it may be a number.
    Needed,
    /// Nothing.
    Anything,
}

/// A word that may lead to an object.
pub struct Found {
    /// The word.
    pub word: usize,
    /// Where it lies, or 0.
    pub at: usize,
    /// In what.
    pub place: Place,
    /// What is known of it.
    pub kind: Word,
}

/// What a word leads to.
#[derive(Clone, Copy)]
pub enum Target {
    /// Pages that no span has.
    Nowhere,
    /// The end of a span, behind its last object.
    Rest(&'static Span),
    /// An object that has not been handed out.
    Free(&'static Span),
    /// Object of this number.
    Object(&'static Span, u32),
}

/// Bits of an arena: one for each word.
const ARENA_BYTES: usize = ARENA / 8 / 8;
/// Addresses that the stack has room for at first.
const ROOM: usize = 1 << 12;
/// With an address on the stack: the object has not been reached, but what it refers to has.
const CONTENTS: usize = 1;

/// The tracer. `follows` is asked of each word that may lead into the heap whether what it leads to is reached; it must say
/// no if that is no object.
pub struct Tracer<F: Fn(&Found, Target) -> bool> {
    follows: F,
    seen: usize,
    arenas: usize,
    stack: Cell<usize>,
    len: Cell<usize>,
    room: Cell<usize>,
    place: Cell<Place>,
}

fn map(bytes: usize) -> usize {
    os::sys_map(bytes).unwrap_or_else(|| throw::out_of_memory(bytes))
}

impl<F: Fn(&Found, Target) -> bool> Tracer<F> {
    /// One that has reached nothing. The world is stopped.
    pub fn new(follows: F) -> Tracer<F> {
        let arenas = arena::count();
        Tracer {
            follows,
            seen: map((arenas * ARENA_BYTES).max(1)),
            arenas,
            stack: Cell::new(map(ROOM * 8)),
            len: Cell::new(0),
            room: Cell::new(ROOM),
            place: Cell::new(Place::Runtime),
        }
    }

    /// What package variables and the runtime refer to.
    pub fn roots(&self) {
        self.place.set(Place::Variable);
        for at in globals::table()
            .iter()
            .flat_map(|r| globals::words(r, 0, usize::MAX))
        {
            self.load(at);
        }
        self.place.set(Place::Runtime);
        for i in 0..self.arenas {
            arena::each_span(i, |s| {
                special::mark_span(s, &mut |p| self.pointer(p, 0), &mut |slot| {
                    self.push(slot | CONTENTS)
                });
            });
        }
        every_p().for_each(|p| p.timers.each(|t| self.pointer(t, 0)));
        finq::mark(&mut |p| self.pointer(p, 0));
    }

    /// What a goroutine needs; `own` says how the one of this thread stands.
    pub fn goroutine(&self, g: &'static G, own: Own) {
        self.place.set(Place::Goroutine(g.goid.get()));
        let m = getm();
        if own == Own::Called && core::ptr::eq(m.curg.get(), g) {
            stack::caller(self, m, g);
        } else {
            stack::look_through(self, g);
        }
    }

    /// All goroutines.
    pub fn goroutines(&self, own: Own) {
        slab::each(|g| {
            self.goroutine(g, own);
            true
        });
    }

    /// Follows pointers until nothing new is reached.
    pub fn drain(&self) {
        while let Some(entry) = self.pop() {
            let Some(o) = heap::object_of(entry & !CONTENTS) else {
                continue;
            };
            self.place.set(Place::Object(o.base));
            self.pointer(o.typ, 0); // reflect makes some in the heap
            // SAFETY: an object that is in use.
            unsafe { o.pointers(|at| self.load(at)) };
        }
    }

    /// Whether the object that `addr` leads to has been reached; what lies outside of the heap always is.
    pub fn is_reached(&self, addr: usize) -> bool {
        let Some(s) = heap::span_of(addr) else {
            return true;
        };
        let first = s.object(s.index_of(addr));
        arena::number_of(first).is_none_or(|number| self.is_seen(number, first))
    }

    fn load(&self, at: usize) {
        // SAFETY: a word of a variable or of an object.
        self.pointer(
            unsafe { (*(at as *const AtomicUsize)).load(Ordering::Relaxed) },
            at,
        );
    }

    fn pointer(&self, word: usize, at: usize) {
        self.found(word, at, Word::Pointer);
    }

    fn found(&self, word: usize, at: usize, kind: Word) {
        let Some(number) = arena::number_of(word) else {
            return;
        };
        let target = match heap::span_of(word) {
            None => Target::Nowhere,
            Some(s) => match s.index_of(word) {
                i if i >= s.nelems.get() => Target::Rest(s),
                i if !s.is_allocated(i) => Target::Free(s),
                i => Target::Object(s, i),
            },
        };
        let place = self.place.get();
        let found = Found {
            word,
            at,
            place,
            kind,
        };
        if let Target::Object(s, i) = target {
            let first = s.object(i);
            // A large object may begin in another arena than the word leads to.
            let number = arena::number_of(first).unwrap_or(number);
            if self.is_seen(number, first) || !(self.follows)(&found, target) {
                return;
            }
            self.see(number, first);
            if !s.noscan.get() {
                self.push(first);
            }
        } else {
            (self.follows)(&found, target);
        }
    }

    fn bit(&self, number: usize, first: usize) -> (*mut u64, u64) {
        let word = first % ARENA / 8;
        let at = self.seen + number * ARENA_BYTES + word / 64 * 8;
        (at as *mut u64, 1 << (word % 64))
    }

    fn is_seen(&self, number: usize, first: usize) -> bool {
        let (word, bit) = self.bit(number, first);
        // SAFETY: the mapping has bits for each arena that there is.
        unsafe { *word & bit != 0 }
    }

    fn see(&self, number: usize, first: usize) {
        let (word, bit) = self.bit(number, first);
        // SAFETY: as above.
        unsafe { *word |= bit };
    }

    fn push(&self, entry: usize) {
        let (n, room) = (self.len.get(), self.room.get());
        if n == room {
            let more = map(room * 16);
            // SAFETY: the new mapping has twice the room.
            unsafe {
                (more as *mut usize).copy_from_nonoverlapping(self.stack.get() as *const usize, n);
            }
            os::sys_free(self.stack.replace(more), room * 8);
            self.room.set(room * 2);
        }
        // SAFETY: there is room for it.
        unsafe { *(self.stack.get() as *mut usize).add(n) = entry };
        self.len.set(n + 1);
    }

    fn pop(&self) -> Option<usize> {
        let n = self.len.get().checked_sub(1)?;
        self.len.set(n);
        // SAFETY: it has been written.
        Some(unsafe { *(self.stack.get() as *const usize).add(n) })
    }
}

impl<F: Fn(&Found, Target) -> bool> Drop for Tracer<F> {
    fn drop(&mut self) {
        os::sys_free(self.seen, (self.arenas * ARENA_BYTES).max(1));
        os::sys_free(self.stack.get(), self.room.get() * 8);
    }
}

impl<F: Fn(&Found, Target) -> bool> Sink for Tracer<F> {
    fn needed(&self, word: usize, at: usize) {
        self.found(word, at, Word::Needed);
    }

    fn anything(&self, word: usize, at: usize) {
        self.found(word, at, Word::Anything);
    }

    fn looked_through(&self, _: usize) {}

    fn lists(&self) -> *mut Lists {
        getm().pp().worker.lists_of_walks()
    }
}
