//! Type sets of interfaces: all methods, and the types that are admitted.
//!
//! Computation is pure; errors such as duplicate methods are reported by `interface.rs` where the interface is
//! written. A set is kept only once everything it depends on has been resolved.

use crate::store::TypeStore;
use crate::types::*;
use rustc_hash::FxHashMap;

/// More terms than this are refused.
pub(crate) const MAX_TERMS: usize = 100;

/// `None` stands for all types.
pub(crate) type Terms = Option<Vec<Term>>;

/// The way through embedded interfaces.
#[derive(Default)]
struct Walk {
    /// Those around.
    stack: Vec<Ty>,
    /// Those done that cannot be kept in the store yet.
    done: FxHashMap<Ty, TypeSet>,
}

impl TypeStore {
    /// The type set of an interface type (an `Interface`, or something whose underlying type is one).
    pub fn type_set(&self, ty: Ty) -> &TypeSet {
        let ty = self.under(ty);
        let TyKind::Interface(i) = self.raw_kind(ty) else {
            return self.top_type_set();
        };
        if let Some(set) = i.tset.get() {
            return set;
        }
        let (set, complete) = self.compute_type_set(ty, i, &mut Walk::default());
        if complete {
            return i.tset.get_or_init(|| Box::new(set));
        }
        // Something is still being declared: the answer is for now only.
        self.keep_type_set(set)
    }

    fn compute_type_set(&self, ty: Ty, iface: &InterfaceType, walk: &mut Walk) -> (TypeSet, bool) {
        if let Some(set) = iface.tset.get() {
            return ((**set).clone(), true);
        }
        if let Some(set) = walk.done.get(&ty) {
            return (set.clone(), false);
        }
        let mut methods: Vec<IfaceMethod> = Vec::with_capacity(iface.methods.len());
        let mut terms: Terms = None;
        let mut comparable = false;
        let mut complete = true;
        if walk.stack.contains(&ty) {
            let empty = TypeSet {
                methods: Box::default(),
                terms: None,
                comparable: false,
            };
            return (empty, false);
        }
        walk.stack.push(ty);
        let mut add = |m: &IfaceMethod| {
            if !methods.iter().any(|o| o.name == m.name && o.pkg == m.pkg) {
                methods.push(*m);
            }
        };
        iface.methods.iter().for_each(&mut add);
        for &embed in &iface.embeds {
            let under = self.under(embed);
            match self.raw_kind(under) {
                TyKind::Basic(BasicKind::Invalid) => {
                    complete &= self.is_resolved(embed);
                }
                TyKind::Interface(i) => {
                    let (set, done) = self.compute_type_set(under, i, walk);
                    complete &= done;
                    set.methods.iter().for_each(&mut add);
                    (terms, comparable) = self.intersect_sets(
                        terms,
                        comparable,
                        set.terms.map(Vec::from),
                        set.comparable,
                    );
                }
                TyKind::Union(list) => {
                    let (set, done) = self.union_terms(list, walk);
                    complete &= done;
                    (terms, comparable) = self.intersect_sets(terms, comparable, set, false);
                }
                _ => {
                    let term = vec![Term {
                        tilde: false,
                        ty: embed,
                    }];
                    (terms, comparable) = self.intersect_sets(terms, comparable, Some(term), false);
                }
            }
        }
        walk.stack.pop();
        methods.sort_by(|a, b| self.cmp_ids((a.name, a.pkg), (b.name, b.pkg)));
        let set = TypeSet {
            methods: methods.into(),
            terms: terms.map(Into::into),
            comparable,
        };
        if complete {
            let _ = iface.tset.set(Box::new(set.clone()));
        } else {
            walk.done.insert(ty, set.clone());
        }
        (set, complete)
    }

    /// Whether the declaration behind a type is finished.
    pub(crate) fn is_resolved(&self, ty: Ty) -> bool {
        match self.raw_kind(ty) {
            TyKind::Named(n) => match n.origin {
                Some(origin) => self.is_resolved(origin),
                None => n.under.get().is_some(),
            },
            TyKind::Alias(a) => a.rhs.get().is_some_and(|t| self.is_resolved(t)),
            _ => true,
        }
    }

    fn union_terms(&self, list: &[Term], walk: &mut Walk) -> (Terms, bool) {
        let mut complete = true;
        let mut all: Vec<Term> = vec![];
        for t in list {
            let under = self.under(t.ty);
            match self.raw_kind(under) {
                TyKind::Interface(i) => {
                    let (set, done) = self.compute_type_set(under, i, walk);
                    complete &= done;
                    match set.terms {
                        None => return (None, complete),
                        Some(terms) => all.extend(terms),
                    }
                }
                TyKind::Basic(BasicKind::Invalid) => complete &= self.is_resolved(t.ty),
                _ => {
                    if !t.tilde || self.identical(t.ty, under) {
                        all.push(*t);
                    }
                }
            }
            if all.len() > MAX_TERMS * 4 {
                break;
            }
        }
        (Some(self.normalize_terms(all)), complete)
    }

    /// The number of terms of a union after normalisation.
    pub(crate) fn union_len(&self, list: &[Term]) -> usize {
        self.union_terms(list, &mut Walk::default())
            .0
            .map_or(0, |t| t.len())
    }

    pub(crate) fn disjoint_terms(&self, x: Term, y: Term) -> bool {
        let ux = if y.tilde { self.under(x.ty) } else { x.ty };
        let uy = if x.tilde { self.under(y.ty) } else { y.ty };
        !self.identical(ux, uy)
    }

    /// Drop terms that others include.
    pub(crate) fn normalize_terms(&self, list: Vec<Term>) -> Vec<Term> {
        let mut out: Vec<Term> = vec![];
        'next: for t in list {
            for o in &mut out {
                if !self.disjoint_terms(*o, t) {
                    if t.tilde && !o.tilde {
                        *o = t;
                    }
                    continue 'next;
                }
            }
            out.push(t);
        }
        // A widened term may now include later ones.
        let mut i = 0;
        while i < out.len() {
            let t = out[i];
            let mut j = i + 1;
            while j < out.len() {
                if self.term_subset(out[j], t) {
                    out.remove(j);
                } else {
                    j += 1;
                }
            }
            i += 1;
        }
        out
    }

    /// Whether every type of `x` is one of `y`.
    pub(crate) fn term_subset(&self, x: Term, y: Term) -> bool {
        !self.disjoint_terms(x, y) && (!x.tilde || y.tilde)
    }

    pub(crate) fn terms_subset(&self, x: Option<&[Term]>, y: Option<&[Term]>) -> bool {
        match (x, y) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(x), Some(y)) => x.iter().all(|&t| y.iter().any(|&u| self.term_subset(t, u))),
        }
    }

    /// Whether a type set's terms include `ty`.
    pub(crate) fn terms_include(&self, terms: Option<&[Term]>, ty: Ty) -> bool {
        match terms {
            None => true,
            Some(list) => list.iter().any(|t| {
                let ty = if t.tilde { self.under(ty) } else { ty };
                self.identical(t.ty, ty)
            }),
        }
    }

    fn intersect_sets(&self, x: Terms, xcomp: bool, y: Terms, ycomp: bool) -> (Terms, bool) {
        let terms = match (x, y) {
            (None, t) | (t, None) => t,
            (Some(x), Some(y)) => {
                let mut out = vec![];
                for &a in &x {
                    for &b in &y {
                        if !self.disjoint_terms(a, b) {
                            out.push(if a.tilde && !b.tilde { b } else { a });
                        }
                    }
                }
                Some(self.normalize_terms(out))
            }
        };
        let comp = xcomp || ycomp;
        match terms {
            Some(mut list) if comp => {
                list.retain(|t| self.strictly_comparable(t.ty));
                (Some(list), false)
            }
            terms => (terms, comp),
        }
    }
}
