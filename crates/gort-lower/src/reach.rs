//! Which methods can be called through interfaces.
//!
//! As in Go's linker: a method of a type is needed if a value of the type becomes an interface and some
//! interface method of that name and signature is called. Types and names are collected while functions are lowered;
//! [`Cx::activate_methods`] then queues what both sides agree on, until nothing new turns up. A program that
//! asks reflect for methods keeps all exported ones.

use crate::kept::Event;
use crate::program::Cx;
use gort_syntax::Symbol;
use gort_types::lookup::MethodEntry;
use gort_types::{ObjId, PkgId, Ty};
use rustc_hash::{FxHashMap, FxHashSet};

/// What has been reached.
#[derive(Default)]
pub struct Reach {
    types: Vec<Ty>,
    seen: FxHashSet<Ty>,
    /// Interface methods that are called: name, with the package if it is not exported, and signatures.
    called: FxHashMap<(Symbol, Option<PkgId>), Vec<Ty>>,
    by_reflection: bool,
    /// Code of activated methods.
    code: FxHashMap<(Ty, ObjId), MethodCode>,
}

/// The two ways to a method that a type descriptor gives.
#[derive(Clone)]
pub struct MethodCode {
    /// The receiver word comes first.
    pub word: String,
    /// A func value's code: the closure pointer comes first, then the receiver as declared. Only reflect asks.
    pub func: Option<String>,
}

impl Cx<'_> {
    /// A value of the type becomes an interface.
    pub fn reach_type(&mut self, ty: Ty) {
        let ty = self.store.canon(ty);
        self.keeper.note(Event::Reach(ty));
        if self.reach.seen.insert(ty) {
            self.reach.types.push(ty);
        }
    }

    /// A method is called through an interface.
    pub fn reach_method(&mut self, method: ObjId, sig: Ty) {
        let (name, pkg) = (self.store.obj(method).name, self.store.obj(method).pkg);
        let (name, pkg) = identity(name, pkg);
        self.reach_called(name, pkg, self.store.canon(sig));
    }

    /// A method of that name, package (if it is not exported) and canonical signature is called through an interface.
    pub fn reach_called(&mut self, name: Symbol, pkg: Option<PkgId>, sig: Ty) {
        self.keeper.note(Event::Method(name, pkg, sig));
        let sigs = self.reach.called.entry((name, pkg)).or_default();
        if sigs.contains(&sig) {
            return;
        }
        sigs.push(sig);
        if matches!(name.as_str(), "Method" | "MethodByName") && self.gives_reflect_method(sig) {
            self.reach_by_reflection();
        }
    }

    /// The program looks methods up at run time.
    pub fn reach_by_reflection(&mut self) {
        self.keeper.note(Event::Reflection);
        self.reach.by_reflection = true;
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

    /// Whether a method may be called through an interface or by reflection.
    fn wants(&self, m: &MethodEntry) -> bool {
        let called = self.reach.called.get(&identity(m.name, m.pkg));
        called.is_some_and(|sigs| sigs.iter().any(|&s| self.store.identical(s, m.sig)))
            || (self.reach.by_reflection && m.name.is_exported())
    }

    /// The code of a method of a type, if it can be called.
    pub fn method_reached(&self, ty: Ty, m: &MethodEntry) -> Option<MethodCode> {
        let key = (self.store.canon(ty), m.obj);
        self.reach.code.get(&key).cloned()
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
                let key = (ty, m.obj);
                let func = self.reach.by_reflection && m.name.is_exported();
                let known = self.reach.code.get(&key);
                if !self.wants(&m) || known.is_some_and(|k| k.func.is_some() || !func) {
                    continue;
                }
                let word = self.method_word_code(ty, &m);
                let func = func.then(|| self.method_func_code(ty, &m));
                self.type_descriptor(m.sig);
                self.reach.code.insert(key, MethodCode { word, func });
                changed = true;
            }
        }
        changed
    }
}

/// What a method is told by, beside its signature.
fn identity(name: Symbol, pkg: Option<PkgId>) -> (Symbol, Option<PkgId>) {
    (name, pkg.filter(|_| !name.is_exported()))
}
