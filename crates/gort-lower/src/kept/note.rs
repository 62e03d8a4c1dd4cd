//! What is noted while something is made: the effects that taking it must have.

use super::Keeper;
use gort_syntax::Symbol;
use gort_types::{ObjId, PkgId, Ty};

/// What lowering does to the program besides making functions and data. Types are canonical.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Event {
    /// The descriptor of a type is wanted.
    Type(Ty),
    /// A value of a type becomes an interface.
    Reach(Ty),
    /// The itab of a type for an interface type is wanted.
    Itab(Ty, Ty),
    /// A method is called through an interface: its name, with the package if it is not exported, and signature.
    Method(Symbol, Option<PkgId>, Ty),
    /// Methods are looked up at run time.
    Reflection,
    /// The initialiser of that unit and number must run.
    Quiet(usize, usize),
    /// The initial value of a variable has been copied: another one may be given to it.
    Copy(ObjId),
}

/// What was noted.
#[derive(Default)]
pub struct Note {
    /// What was asked for, by number of the symbol.
    pub symbols: Vec<u32>,
    /// What happened.
    pub events: Vec<Event>,
    /// Units on which this depends, though nothing says so.
    pub units: Vec<usize>,
    /// Whether it must not be kept.
    pub spoiled: bool,
}

impl Keeper<'_> {
    /// Something is made from now on.
    pub fn begin(&mut self) {
        if self.noting {
            self.stack.push(Note::default());
        }
    }

    /// What has begun last is made: that of this symbol.
    pub fn end(&mut self, symbol: u32) {
        if let Some(note) = self.stack.pop() {
            self.notes.insert(symbol, note);
        }
    }

    /// Something happened.
    pub fn note(&mut self, event: Event) {
        if let Some(note) = self.stack.last_mut() {
            note.events.push(event);
        }
    }

    /// A symbol was asked for.
    pub fn note_symbol(&mut self, symbol: u32) {
        if let Some(note) = self.stack.last_mut() {
            note.symbols.push(symbol);
        }
    }

    /// A symbol is that of a part of what is made.
    pub fn note_part(&mut self, symbol: u32) {
        if self.noting {
            self.parts.insert(symbol);
        }
    }

    /// What is made depends on a unit that it may not import.
    pub fn note_unit(&mut self, unit: usize) {
        if let Some(note) = self.stack.last_mut() {
            note.units.push(unit);
        }
    }

    /// What is made is of this build only.
    pub fn spoil(&mut self) {
        if let Some(note) = self.stack.last_mut() {
            note.spoiled = true;
        }
    }
}
