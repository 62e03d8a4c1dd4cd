//! Interned names.
//!
//! A [`Symbol`] is a small number that stands for a spelling; equal spellings have equal symbols in the
//! whole process. Spellings are never freed: a compiler sees few distinct names.

use rustc_hash::FxHashMap;
use std::fmt;
use std::sync::{LazyLock, RwLock};

/// An interned spelling.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol(u32);

#[derive(Default)]
struct Interner {
    map: FxHashMap<&'static str, u32>,
    names: Vec<&'static str>,
}

static INTERNER: LazyLock<RwLock<Interner>> = LazyLock::new(|| {
    let mut interner = Interner::default();
    for (i, name) in ["", "_", "."].into_iter().enumerate() {
        interner.map.insert(name, i as u32);
        interner.names.push(name);
    }
    RwLock::new(interner)
});

impl Symbol {
    /// The empty spelling.
    pub const EMPTY: Symbol = Symbol(0);
    /// `_`
    pub const BLANK: Symbol = Symbol(1);
    /// `.`, the name of a dot import.
    pub const DOT: Symbol = Symbol(2);

    /// The symbol of a spelling.
    pub fn intern(name: &str) -> Symbol {
        if let Some(&i) = INTERNER.read().unwrap().map.get(name) {
            return Symbol(i);
        }
        let mut interner = INTERNER.write().unwrap();
        if let Some(&i) = interner.map.get(name) {
            return Symbol(i);
        }
        let i = u32::try_from(interner.names.len()).expect("too many names");
        let name: &'static str = Box::leak(name.into());
        interner.map.insert(name, i);
        interner.names.push(name);
        Symbol(i)
    }

    /// The spelling.
    pub fn as_str(self) -> &'static str {
        INTERNER.read().unwrap().names[self.0 as usize]
    }

    /// Whether this is `_`.
    pub fn is_blank(self) -> bool {
        self == Symbol::BLANK
    }

    /// Whether the name is exported: it starts with an upper-case letter.
    pub fn is_exported(self) -> bool {
        self.as_str().chars().next().is_some_and(char::is_uppercase)
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}
