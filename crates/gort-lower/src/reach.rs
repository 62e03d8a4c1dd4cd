//! Which methods can be called through interfaces.
//!
//! As in Go's linker: a method of a type is needed if a value of the type becomes an interface and some
//! interface method of that name is called. Types and names are collected while functions are lowered;
//! [`Cx::activate_methods`] then queues what both sides agree on, until nothing new turns up. A program that
//! asks reflect for methods keeps all exported ones.

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
    by_reflection: bool,
    /// Code of activated methods.
    pub code: FxHashMap<(Ty, Symbol), MethodCode>,
}

/// The two ways to a method that a type descriptor gives.
#[derive(Clone)]
pub struct MethodCode {
    /// The receiver word comes first.
    pub word: String,
    /// A func value's code: the closure pointer comes first, then the receiver as declared. Only reflect asks.
    pub func: Option<String>,
}

impl Reach {
    /// The program looks methods up at run time.
    pub fn methods_by_reflection(&mut self) {
        self.by_reflection = true;
    }

    fn wants(&self, name: Symbol) -> bool {
        self.names.contains(&name) || (self.by_reflection && name.is_exported())
    }
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
    pub fn reach_method(&mut self, name: Symbol, sig: Ty) {
        self.reach.names.insert(name);
        if matches!(name.as_str(), "Method" | "MethodByName") && self.gives_reflect_method(sig) {
            self.reach.methods_by_reflection();
        }
    }

    /// Whether a signature's first result is a `reflect.Method`: then it is a method of reflect.Type.
    fn gives_reflect_method(&self, sig: Ty) -> bool {
        let first = self.store.sig(sig).and_then(|s| s.results.first());
        let object = first
            .and_then(|r| self.store.named(r.ty))
            .map(|n| self.store.obj(n.obj));
        object.is_some_and(|o| {
            let path = o.pkg.map(|p| self.store.package(p).path.to_string());
            o.name.as_str() == "Method" && path.as_deref() == Some("reflect")
        })
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
                let func = self.reach.by_reflection && m.name.is_exported();
                let known = self.reach.code.get(&key);
                if !self.reach.wants(m.name) || known.is_some_and(|k| k.func.is_some() || !func) {
                    continue;
                }
                let word = self.method_word_code(ty, &m);
                let func = func.then(|| self.method_func_code(ty, &m));
                self.reach.code.insert(key, MethodCode { word, func });
                changed = true;
            }
        }
        changed
    }
}
