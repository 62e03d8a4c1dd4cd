//! Which methods can be called through interfaces.
//!
//! As in Go's linker: a method of a type is needed if a value of the type becomes an interface and some
//! interface method of that name is called. Types and names are collected while functions are lowered;
//! [`Cx::activate_methods`] then queues what both sides agree on, until nothing new turns up.

use crate::program::Cx;
use gort_syntax::Symbol;
use gort_types::Ty;
use rustc_hash::{FxHashMap, FxHashSet};

/// What has been reached.
#[derive(Default)]
pub struct Reach {
    types: Vec<Ty>,
    seen: FxHashSet<Ty>,
    names: FxHashSet<Symbol>,
    /// Code of activated methods: receiver word first, and receiver as declared.
    pub code: FxHashMap<(Ty, Symbol), (String, String)>,
}

impl Cx<'_> {
    /// A value of the type becomes an interface.
    pub fn reach_type(&mut self, ty: Ty) {
        let ty = self.store.canon(ty);
        if self.reach.seen.insert(ty) {
            self.reach.types.push(ty);
        }
    }

    /// A method of that name is called through an interface.
    pub fn reach_method(&mut self, name: Symbol, _sig: Ty) {
        self.reach.names.insert(name);
    }

    /// An itab for the interface may be made at run time: nothing is called by that alone.
    pub fn reach_interface(&mut self, ty: Ty) {
        debug_assert!(self.store.is_interface(ty));
    }

    /// Queue the methods that became reachable; whether there were any.
    pub fn activate_methods(&mut self) -> bool {
        let mut changed = false;
        let mut i = 0;
        while i < self.reach.types.len() {
            let ty = self.reach.types[i];
            i += 1;
            // Reflection gets from a value to its parts and makes interfaces of them.
            for part in self.parts(ty) {
                self.reach_type(part);
            }
            for m in self.methods_of(ty) {
                let key = (ty, m.name);
                if self.reach.names.contains(&m.name) && !self.reach.code.contains_key(&key) {
                    let word = self.method_word_code(ty, &m);
                    let plain = self.method_code(ty, &m);
                    self.reach.code.insert(key, (word, plain));
                    changed = true;
                }
            }
        }
        changed
    }
}
