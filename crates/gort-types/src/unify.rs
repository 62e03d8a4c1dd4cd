//! Unification: finding type arguments that make two types identical or assignable.

use crate::check::Checker;
use crate::lookup::Lookup;
use crate::types::*;
use rustc_hash::FxHashMap;

/// Directions of inexactness. In assign mode the outermost types need only be assignable.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mode {
    pub assign: bool,
    pub exact: bool,
}

pub(crate) const INEXACT: Mode = Mode {
    assign: false,
    exact: false,
};
pub(crate) const ASSIGN: Mode = Mode {
    assign: true,
    exact: false,
};
pub(crate) const EXACT: Mode = Mode {
    assign: false,
    exact: true,
};

const DEPTH_LIMIT: u32 = 50;

/// Type parameters with what is known of them. Joined type parameters share a handle.
pub(crate) struct Unifier {
    handles: FxHashMap<Ty, usize>,
    values: Vec<Option<Ty>>,
    depth: u32,
    /// Interfaces unify by their methods (language version 1.21).
    interfaces: bool,
    /// Pairs of interfaces being compared.
    pairs: Vec<(Ty, Ty)>,
}

impl Unifier {
    pub(crate) fn new(tparams: &[Ty], targs: &[Option<Ty>], interfaces: bool) -> Unifier {
        let handles = tparams.iter().enumerate().map(|(i, &p)| (p, i)).collect();
        let mut values = targs.to_vec();
        values.resize(tparams.len(), None);
        Unifier {
            handles,
            values,
            depth: 0,
            interfaces,
            pairs: vec![],
        }
    }

    /// The type inferred for a type parameter.
    pub(crate) fn at(&self, tparam: Ty) -> Option<Ty> {
        self.values[*self.handles.get(&tparam)?]
    }

    pub(crate) fn set(&mut self, tparam: Ty, ty: Ty) {
        if let Some(&h) = self.handles.get(&tparam) {
            self.values[h] = Some(ty);
        }
    }

    /// Number of type parameters without type.
    pub(crate) fn unknowns(&self) -> usize {
        self.handles
            .values()
            .filter(|&&h| self.values[h].is_none())
            .count()
    }

    pub(crate) fn inferred(&self, tparams: &[Ty]) -> Vec<Option<Ty>> {
        tparams.iter().map(|&p| self.at(p)).collect()
    }

    /// Make two type parameters one; false if both have types already.
    fn join(&mut self, x: Ty, y: Ty) -> bool {
        let (hx, hy) = (self.handles[&x], self.handles[&y]);
        if hx == hy {
            return true;
        }
        let (from, to) = match (self.values[hx], self.values[hy]) {
            (Some(_), Some(_)) => return false,
            (Some(_), None) => (hy, hx),
            _ => (hx, hy),
        };
        for h in self.handles.values_mut() {
            if *h == from {
                *h = to;
            }
        }
        true
    }

    fn bound_param(&self, c: &Checker<'_>, ty: Ty) -> Option<Ty> {
        let ty = c.store.unalias(ty);
        self.handles.contains_key(&ty).then_some(ty)
    }

    /// Unify two types.
    pub(crate) fn unify<'a>(&mut self, c: &mut Checker<'a>, x: Ty, y: Ty, mode: Mode) -> bool {
        self.depth += 1;
        let ok = self.depth <= DEPTH_LIMIT && self.nify(c, x, y, mode);
        self.depth -= 1;
        ok
    }

    fn nify<'a>(&mut self, c: &mut Checker<'a>, x: Ty, y: Ty, mode: Mode) -> bool {
        let s = c.store;
        let (mut x, mut y) = (x, y);
        if s.unalias(x) == s.unalias(y) {
            return true;
        }
        // Get a defined type to the right, and a type parameter to the left.
        if s.named(x).is_some() || self.bound_param(c, y).is_some() {
            std::mem::swap(&mut x, &mut y);
        }
        // Inexact unification looks at the underlying type where the other side is a type literal.
        if !mode.exact
            && s.named(y).is_some()
            && s.is_type_lit(x)
            && !(self.interfaces && s.is_interface(x))
        {
            y = s.under(y);
            if s.unalias(x) == y {
                return true;
            }
        }
        match (self.bound_param(c, x), self.bound_param(c, y)) {
            (Some(px), Some(py)) => {
                if self.join(px, py) {
                    return true;
                }
                return match (self.at(px), self.at(py)) {
                    (Some(a), Some(b)) => self.unify(c, a, b, mode),
                    _ => true,
                };
            }
            (Some(px), None) => {
                let Some(known) = self.at(px) else {
                    self.set(px, y);
                    return true;
                };
                return self.unify(c, known, y, mode) && self.settle(c, px, known, y, mode);
            }
            _ => {}
        }
        if self.interfaces && !mode.exact {
            let xi = s.is_plain_interface(x);
            let yi = s.is_plain_interface(y);
            if xi && yi {
                return self.unify_interfaces(c, x, y);
            }
            if xi || yi {
                let (iface, other) = if yi { (y, x) } else { (x, y) };
                return self.unify_methods(c, iface, other);
            }
        }
        // An unbound type parameter goes to the left.
        if s.is_type_param(y) {
            std::mem::swap(&mut x, &mut y);
        }
        self.unify_kinds(c, x, y, mode)
    }

    /// A type parameter had a type already, and it unifies with `y`: decide which of the two to keep.
    fn settle(&mut self, c: &Checker<'_>, px: Ty, x: Ty, y: Ty, mode: Mode) -> bool {
        let s = c.store;
        let (xi, yi) = (s.is_plain_interface(x), s.is_plain_interface(y));
        let (xn, yn) = (s.named(x).is_some(), s.named(y).is_some());
        if xi && yi {
            if xn && yn {
                return s.identical(x, y);
            }
            if s.type_set(x).methods.len() != s.type_set(y).methods.len() {
                return false;
            }
        } else if xi || yi {
            return false;
        }
        if !mode.exact && !xn {
            // A defined type wins over a literal, a directed channel over an undirected one.
            let directed =
                matches!(s.under_kind(y), TyKind::Chan { dir, .. } if *dir != ChanDir::Both);
            if yn || directed {
                self.set(px, y);
            }
        }
        true
    }

    fn same_terms(&self, c: &Checker<'_>, x: &TypeSet, y: &TypeSet) -> bool {
        x.comparable == y.comparable
            && c.store.terms_subset(x.terms.as_deref(), y.terms.as_deref())
            && c.store.terms_subset(y.terms.as_deref(), x.terms.as_deref())
    }

    fn unify_interfaces<'a>(&mut self, c: &mut Checker<'a>, x: Ty, y: Ty) -> bool {
        let s = c.store;
        let (xset, yset) = (s.type_set(x), s.type_set(y));
        if !self.same_terms(c, xset, yset) {
            return false;
        }
        if self.pairs.contains(&(x, y)) || self.pairs.contains(&(y, x)) {
            return true;
        }
        let (few, many) = if xset.methods.len() > yset.methods.len() {
            (&yset.methods, &xset.methods)
        } else {
            (&xset.methods, &yset.methods)
        };
        self.pairs.push((x, y));
        let ok = few.iter().all(|m| {
            many.iter()
                .find(|o| o.name == m.name && o.pkg == m.pkg)
                .is_some_and(|o| self.unify(c, m.sig, o.sig, EXACT))
        });
        self.pairs.pop();
        ok
    }

    fn unify_methods<'a>(&mut self, c: &mut Checker<'a>, iface: Ty, other: Ty) -> bool {
        let s = c.store;
        s.type_set(iface).methods.iter().all(|m| {
            let pkg = m.pkg.or(Some(c.pkg));
            let mut found = s.lookup(other, false, pkg, m.name, false);
            if let Lookup::Method(f) = &found
                && s.obj(f.obj).ty.get().is_none()
            {
                c.declare_method(f.obj);
                found = s.lookup(other, false, pkg, m.name, false);
            }
            let Lookup::Method(f) = found else {
                return false;
            };
            s.sig(f.ty).is_some_and(|sig| sig.tparams.is_empty())
                && self.unify(c, m.sig, f.ty, EXACT)
        })
    }

    fn unify_lists<'a>(
        &mut self,
        c: &mut Checker<'a>,
        x: &[Param],
        y: &[Param],
        mode: Mode,
    ) -> bool {
        x.len() == y.len()
            && x.iter()
                .zip(y)
                .all(|(p, q)| self.unify(c, p.ty, q.ty, mode))
    }

    fn unify_kinds<'a>(&mut self, c: &mut Checker<'a>, x: Ty, y: Ty, mode: Mode) -> bool {
        let s = c.store;
        let elem_mode = Mode {
            assign: mode.assign,
            exact: mode.exact || mode.assign,
        };
        match (s.kind(x), s.kind(y)) {
            (TyKind::Basic(a), TyKind::Basic(b)) => a == b,
            (TyKind::Array { elem: a, len: n }, TyKind::Array { elem: b, len: m }) => {
                (*n < 0 || *m < 0 || n == m) && self.unify(c, *a, *b, elem_mode)
            }
            (TyKind::Slice(a), TyKind::Slice(b)) | (TyKind::Pointer(a), TyKind::Pointer(b)) => {
                self.unify(c, *a, *b, elem_mode)
            }
            (TyKind::Struct(a), TyKind::Struct(b)) => {
                a.fields.len() == b.fields.len()
                    && a.fields.iter().zip(&b.fields).all(|(f, g)| {
                        (f.embedded, f.tag, f.name, f.pkg) == (g.embedded, g.tag, g.name, g.pkg)
                            && self.unify(c, f.ty, g.ty, elem_mode)
                    })
            }
            (TyKind::Tuple(a), TyKind::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(&t, &u)| self.unify(c, t, u, mode))
            }
            (TyKind::Signature(a), TyKind::Signature(b)) => {
                a.variadic == b.variadic
                    && self.unify_lists(c, &a.params, &b.params, elem_mode)
                    && self.unify_lists(c, &a.results, &b.results, elem_mode)
            }
            (TyKind::Interface(_), TyKind::Interface(_)) => {
                let (xset, yset) = (s.type_set(x), s.type_set(y));
                xset.methods.len() == yset.methods.len() && self.unify_interfaces(c, x, y)
            }
            (TyKind::Map { key: k, elem: a }, TyKind::Map { key: l, elem: b }) => {
                self.unify(c, *k, *l, elem_mode) && self.unify(c, *a, *b, elem_mode)
            }
            (TyKind::Chan { dir: d, elem: a }, TyKind::Chan { dir: e, elem: b }) => {
                (!mode.exact || d == e) && self.unify(c, *a, *b, elem_mode)
            }
            (TyKind::Named(a), TyKind::Named(b)) => {
                // Arguments may get types even if the origins turn out to differ: the caller gives up then.
                let origin = |n: &NamedType, t: Ty| n.origin.unwrap_or(s.unalias(t));
                origin(a, x) == origin(b, y)
                    && a.targs.len() == b.targs.len()
                    && a.targs
                        .iter()
                        .zip(&b.targs)
                        .all(|(&t, &u)| self.unify(c, t, u, mode))
            }
            (TyKind::TypeParam(_), _) => match c.common_under(x) {
                // What its types have in common may be assignable.
                Some(core) => self.unify(c, core, y, ASSIGN),
                None => false,
            },
            _ => false,
        }
    }
}
