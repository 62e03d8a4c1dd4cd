//! Identity of interfaces that contain themselves without a defined type in between.
//!
//! `type T interface { m() interface { T } }` has a literal whose method set mentions the literal again. There
//! is no canonical spelling for such a type; it stands for itself, and identity is decided by comparing
//! structures under the assumption that pairs met before are identical.

use crate::store::TypeStore;
use crate::types::*;
use std::cell::RefCell;

thread_local! {
    /// Interfaces whose canonical form is being made, with whether they turned out to be cyclic.
    static IN_PROGRESS: RefCell<Vec<(Ty, bool)>> = const { RefCell::new(Vec::new()) };
}

/// Begin with an interface; false if it contains itself, which is noted for all on the way.
pub(crate) fn enter(ty: Ty) -> bool {
    IN_PROGRESS.with_borrow_mut(|stack| match stack.iter().position(|e| e.0 == ty) {
        Some(i) => {
            stack[i..].iter_mut().for_each(|e| e.1 = true);
            false
        }
        None => {
            stack.push((ty, false));
            true
        }
    })
}

/// End with an interface; whether it is cyclic.
pub(crate) fn leave() -> bool {
    IN_PROGRESS.with_borrow_mut(|stack| stack.pop().is_some_and(|e| e.1))
}

impl TypeStore {
    /// Whether two types are identical, by structure.
    pub(crate) fn identical_structure(&self, x: Ty, y: Ty, pairs: &mut Vec<(Ty, Ty)>) -> bool {
        let (x, y) = (self.unalias(x), self.unalias(y));
        if x == y || self.canon(x) == self.canon(y) {
            return true;
        }
        let mut same = |a: Ty, b: Ty| self.identical_structure(a, b, pairs);
        match (self.raw_kind(x), self.raw_kind(y)) {
            (TyKind::Pointer(a), TyKind::Pointer(b)) | (TyKind::Slice(a), TyKind::Slice(b)) => {
                same(*a, *b)
            }
            (TyKind::Array { elem: a, len: n }, TyKind::Array { elem: b, len: m }) => {
                n == m && same(*a, *b)
            }
            (TyKind::Map { key: k, elem: a }, TyKind::Map { key: l, elem: b }) => {
                same(*k, *l) && same(*a, *b)
            }
            (TyKind::Chan { dir: d, elem: a }, TyKind::Chan { dir: e, elem: b }) => {
                d == e && same(*a, *b)
            }
            (TyKind::Struct(a), TyKind::Struct(b)) => {
                a.fields.len() == b.fields.len()
                    && a.fields.iter().zip(&b.fields).all(|(f, g)| {
                        (f.name, f.pkg, f.embedded, f.tag) == (g.name, g.pkg, g.embedded, g.tag)
                            && same(f.ty, g.ty)
                    })
            }
            (TyKind::Signature(a), TyKind::Signature(b)) => {
                let mut lists = |p: &[Param], q: &[Param]| {
                    p.len() == q.len() && p.iter().zip(q).all(|(p, q)| same(p.ty, q.ty))
                };
                a.variadic == b.variadic
                    && a.tparams.is_empty()
                    && b.tparams.is_empty()
                    && lists(&a.params, &b.params)
                    && lists(&a.results, &b.results)
            }
            (TyKind::Named(a), TyKind::Named(b)) => {
                a.origin.is_some()
                    && a.origin == b.origin
                    && a.targs.len() == b.targs.len()
                    && a.targs.iter().zip(&b.targs).all(|(&t, &u)| same(t, u))
            }
            (TyKind::Interface(_), TyKind::Interface(_)) => {
                if pairs.contains(&(x, y)) || pairs.contains(&(y, x)) {
                    return true;
                }
                let (a, b) = (self.type_set(x), self.type_set(y));
                pairs.push((x, y));
                a.comparable == b.comparable
                    && a.methods.len() == b.methods.len()
                    && self.terms_subset(a.terms.as_deref(), b.terms.as_deref())
                    && self.terms_subset(b.terms.as_deref(), a.terms.as_deref())
                    && a.methods.iter().zip(&b.methods).all(|(m, n)| {
                        (m.name, m.pkg) == (n.name, n.pkg)
                            && self.identical_structure(m.sig, n.sig, pairs)
                    })
            }
            _ => false,
        }
    }
}
