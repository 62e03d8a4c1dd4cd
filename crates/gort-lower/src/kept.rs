//! What earlier builds have made of functions and data, taken again.
//!
//! What lowering makes of a function follows from its package, the packages that this one imports and its type arguments; the
//! program shows only in what *else* is made. So a function of a package that has not changed is neither read nor
//! checked nor lowered again: one that stands for it goes into the module ([`gort_ir::passes::again::record::Stub`]), and the
//! passes look at its code if they have to.
//!
//! What a function asks for besides is done as if it had been lowered: [`Cx::request`] is the one place where somebody is told
//! to make what a symbol stands for, and while a function is lowered, all that it asks there is noted ([`note`]), as are the types that
//! it names, those that become interfaces and the methods that it calls through them. With each function these
//! *effects* are kept ([`put`]), and taking it repeats them ([`take`]). Symbols go by name; types are spelled
//! ([`gort_types::portable`]). Descriptors, itabs and tables are always made from types, for what is in them depends on the program.
//!
//! All of this rests on names that mean the same everywhere: what is made for a function has a name that begins with its own,
//! and its place does not depend on who asks first.
//!
//! The other way was to keep packages as objects, with all that is in them, as official Go does. Then generic instances and type
//! descriptors are made in every package that uses them, methods that nobody calls are there until the linker finds them, and
//! inlining must have said in advance which bodies it will want.

mod note;
mod put;
mod take;

pub use note::Event;

use crate::program::Program;
use gort_ir::passes::again::Lowered;
use note::Note;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;
use take::Effects;

/// What earlier builds have kept.
pub trait Kept {
    /// What was kept under a symbol, if that still holds.
    fn get(&self, symbol: &str) -> Option<&[u8]>;
}

/// Something to keep.
pub struct New {
    /// The unit that it belongs to.
    pub unit: usize,
    /// Its symbol.
    pub symbol: String,
    /// The other units that its name speaks of: it holds as long as they and its own are as they are.
    pub of: Vec<usize>,
    /// What is to be given back.
    pub bytes: Vec<u8>,
}

/// What was kept of earlier builds, and what is noted to be kept of this one.
pub struct Keeper<'a> {
    /// What was kept, if that is asked for.
    kept: Option<&'a dyn Kept>,
    /// Whether anything is noted.
    noting: bool,
    /// What is being made, innermost last.
    stack: Vec<Note>,
    /// What was noted, by number of the symbol.
    notes: FxHashMap<u32, Note>,
    /// Effects of what was taken, still to be repeated.
    effects: VecDeque<Effects<'a>>,
    /// Events that have been repeated.
    repeated: FxHashSet<&'a [u8]>,
    /// The symbols of what was taken.
    taken: FxHashSet<u32>,
    /// Symbols that are parts of something: nobody else asks for them.
    parts: FxHashSet<u32>,
    /// What is known of functions.
    known: FxHashMap<String, Lowered<'a>>,
    /// Units by path.
    units: FxHashMap<&'a str, usize>,
    /// Whether something that was taken refers to what cannot be found.
    lost: bool,
}

impl<'a> Keeper<'a> {
    /// With what was kept, if that is to be taken.
    pub fn new(p: &Program<'a>, kept: Option<&'a dyn Kept>) -> Keeper<'a> {
        let units = p.units.iter().enumerate();
        Keeper {
            kept,
            noting: p.kept.is_some(),
            stack: Vec::new(),
            notes: FxHashMap::default(),
            effects: VecDeque::new(),
            repeated: FxHashSet::default(),
            taken: FxHashSet::default(),
            parts: FxHashSet::default(),
            known: FxHashMap::default(),
            units: units.map(|(i, u)| (u.path.as_str(), i)).collect(),
            lost: false,
        }
    }

    /// Whether all effects have been repeated.
    pub fn is_idle(&self) -> bool {
        self.effects.is_empty()
    }

    /// Whether something that was taken refers to what cannot be found.
    pub fn is_lost(&self) -> bool {
        self.lost
    }

    /// What is known of functions.
    pub fn into_known(self) -> FxHashMap<String, Lowered<'a>> {
        self.known
    }
}
