//! Underlying types, canonical handles and everything that can be asked about a type.

use crate::store::TypeStore;
use crate::types::*;
use gort_syntax::Symbol;
use gort_syntax::letters::{is_digit, is_letter};
use rustc_hash::FxHashSet;

impl TypeStore {
    /// The underlying type; that of a type parameter is its constraint's interface. [`Ty::INVALID`] while a
    /// declaration is still being resolved.
    pub fn under(&self, ty: Ty) -> Ty {
        match self.raw_kind(ty) {
            TyKind::Alias(_) => self.under(self.unalias(ty)),
            TyKind::Named(n) => match n.under.get() {
                Some(u) => u,
                None => self.resolve_under(ty, n),
            },
            TyKind::TypeParam(p) => self.constraint_iface(p),
            _ => ty,
        }
    }

    /// The data of the underlying type.
    pub fn under_kind(&self, ty: Ty) -> &TyKind {
        self.raw_kind(self.under(ty))
    }

    /// Whether a declared type is, over other declarations and whatever their type arguments, declared as itself.
    fn declared_by_itself(&self, ty: Ty) -> bool {
        let mut seen = Vec::new();
        let mut t = ty;
        while let TyKind::Named(n) = self.raw_kind(t) {
            if let Some(origin) = n.origin {
                t = origin;
                continue;
            }
            if seen.contains(&t) {
                return true;
            }
            seen.push(t);
            match n.rhs.get() {
                Some(rhs) => t = self.unalias(rhs),
                None => return false,
            }
        }
        false
    }

    fn resolve_under(&self, ty: Ty, named: &NamedType) -> Ty {
        if let Some(origin) = named.origin {
            let generic = self.under(origin);
            let tparams = self.type_params(origin);
            if let Some(outer) = self.named(origin).and_then(|o| o.outer_tparams.get())
                && generic != Ty::INVALID
                && outer.len() + tparams.len() == named.targs.len()
                && !outer.is_empty()
            {
                // A local type in an instance of the function around it.
                let from = [outer, tparams].concat();
                let under = crate::subst::subst_local(self, generic, &from, &named.targs);
                let under = self.unalias(under);
                named.under.set(under);
                return under;
            }
            if generic == Ty::INVALID || tparams.len() != named.targs.len() {
                return Ty::INVALID;
            }
            let under = crate::subst::subst(self, generic, tparams, &named.targs);
            let under = self.unalias(under);
            named.under.set(under);
            return under;
        }
        if self.declared_by_itself(ty) {
            return Ty::INVALID;
        }
        let mut seen = vec![ty];
        let mut t = match named.rhs.get() {
            Some(rhs) => self.unalias(rhs),
            None => return Ty::INVALID,
        };
        loop {
            match self.raw_kind(t) {
                TyKind::Named(n) => {
                    if seen.contains(&t) {
                        return Ty::INVALID;
                    }
                    seen.push(t);
                    if n.origin.is_some() {
                        t = self.under(t);
                        if t == Ty::INVALID {
                            return t;
                        }
                        break;
                    }
                    match n.under.get().or_else(|| n.rhs.get()) {
                        Some(rhs) => t = self.unalias(rhs),
                        None => return Ty::INVALID,
                    }
                }
                TyKind::TypeParam(_) => {
                    t = Ty::INVALID;
                    break;
                }
                _ => break,
            }
        }
        named.under.set(t);
        t
    }

    fn constraint_iface(&self, p: &TypeParam) -> Ty {
        let Some(bound) = p.bound.get() else {
            return Ty::EMPTY_INTERFACE;
        };
        let bound = self.unalias(bound);
        if let TyKind::TypeParam(_) = self.raw_kind(bound) {
            return Ty::EMPTY_INTERFACE;
        }
        match self.raw_kind(self.under(bound)) {
            TyKind::Interface(_) => self.under(bound),
            TyKind::Basic(BasicKind::Invalid) => Ty::EMPTY_INTERFACE,
            _ => self.interface(vec![], vec![bound], true),
        }
    }

    /// The constraint of a type parameter.
    pub fn bound(&self, tparam: Ty) -> Ty {
        match self.kind(tparam) {
            TyKind::TypeParam(p) => p.bound.get().unwrap_or(Ty::INVALID),
            _ => Ty::INVALID,
        }
    }

    /// The one handle of all types identical to `ty`.
    pub fn canon(&self, ty: Ty) -> Ty {
        if let Some(c) = self.canon_cell(ty).get() {
            return c;
        }
        let (canon, complete) = self.make_canon(ty);
        if complete {
            self.canon_cell(ty).set(canon);
        }
        canon
    }

    fn canon_done(&self, ty: Ty, complete: &mut bool) -> Ty {
        let c = self.canon(ty);
        *complete &= self.canon_cell(ty).get().is_some();
        c
    }

    fn make_canon(&self, ty: Ty) -> (Ty, bool) {
        let mut done = true;
        let mut c = |t: Ty| self.canon_done(t, &mut done);
        let canon = match self.raw_kind(ty) {
            TyKind::Basic(_) | TyKind::TypeParam(_) => ty,
            TyKind::Alias(a) => {
                let rhs = self.unalias(ty);
                let known = a.rhs.get().is_some();
                let t = c(rhs);
                done &= known;
                t
            }
            TyKind::Named(n) => match n.origin {
                None => ty,
                Some(origin) => {
                    let targs: Vec<Ty> = n.targs.iter().map(|&t| c(t)).collect();
                    if targs[..] == n.targs[..] {
                        ty
                    } else {
                        self.instance(origin, &targs)
                    }
                }
            },
            TyKind::Pointer(t) => self.pointer(c(*t)),
            TyKind::Slice(t) => self.slice(c(*t)),
            TyKind::Array { elem, len } => self.array(c(*elem), *len),
            TyKind::Map { key, elem } => {
                let key = c(*key);
                self.map(key, c(*elem))
            }
            TyKind::Chan { dir, elem } => self.chan(*dir, c(*elem)),
            TyKind::Struct(s) => self.struct_type(
                s.fields
                    .iter()
                    .map(|f| Field { ty: c(f.ty), ..*f })
                    .collect(),
            ),
            TyKind::Tuple(list) => {
                let list: Vec<Ty> = list.iter().map(|&t| c(t)).collect();
                self.tuple(&list)
            }
            TyKind::Signature(s) => {
                let mut list = |ps: &[Param]| -> Box<[Param]> {
                    ps.iter()
                        .map(|p| Param {
                            name: Symbol::EMPTY,
                            ty: c(p.ty),
                        })
                        .collect()
                };
                self.intern(TyKind::Signature(Signature {
                    tparams: s.tparams.clone(),
                    params: list(&s.params),
                    results: list(&s.results),
                    variadic: s.variadic,
                }))
            }
            TyKind::Union(terms) => {
                let mut terms: Vec<Term> = terms
                    .iter()
                    .map(|t| Term {
                        tilde: t.tilde,
                        ty: c(t.ty),
                    })
                    .collect();
                terms.sort_by_key(|t| (t.ty, t.tilde));
                terms.dedup();
                self.intern(TyKind::Union(terms.into()))
            }
            TyKind::Interface(i) => {
                if !crate::identical::enter(ty) {
                    return (ty, false);
                }
                let set = self.type_set(ty);
                let methods: Vec<IfaceMethod> = set
                    .methods
                    .iter()
                    .map(|m| IfaceMethod {
                        sig: c(m.sig),
                        ..*m
                    })
                    .collect();
                let mut embeds = vec![];
                if set.comparable {
                    embeds.push(Ty::COMPARABLE);
                }
                if let Some(terms) = &set.terms {
                    let union = self.intern(TyKind::Union(terms.clone()));
                    embeds.push(c(union));
                }
                let cyclic = crate::identical::leave();
                done &= i.tset.get().is_some();
                if cyclic {
                    self.note_cyclic();
                    done = i.tset.get().is_some();
                    ty
                } else {
                    self.interface(methods, embeds, false)
                }
            }
        };
        if done {
            self.canon_cell(canon).set(canon);
        }
        (canon, done)
    }

    /// Whether two types are identical.
    pub fn identical(&self, a: Ty, b: Ty) -> bool {
        if a == b {
            return true;
        }
        let (a, b) = (self.canon(a), self.canon(b));
        a == b
            || self.identical_generic(a, b)
            || self.has_cyclic() && self.identical_structure(a, b, &mut vec![])
    }

    /// Generic signatures are identical up to renaming of their type parameters.
    fn identical_generic(&self, a: Ty, b: Ty) -> bool {
        let (TyKind::Signature(x), TyKind::Signature(y)) = (self.raw_kind(a), self.raw_kind(b))
        else {
            return false;
        };
        if x.tparams.is_empty() || x.tparams.len() != y.tparams.len() {
            return false;
        }
        let sub = |t: Ty| crate::subst::subst(self, t, &y.tparams, &x.tparams);
        let same = |ps: &[Param], qs: &[Param]| {
            ps.len() == qs.len()
                && ps
                    .iter()
                    .zip(qs)
                    .all(|(p, q)| self.identical(p.ty, sub(q.ty)))
        };
        x.variadic == y.variadic
            && same(&x.params, &y.params)
            && same(&x.results, &y.results)
            && x.tparams
                .iter()
                .zip(&y.tparams)
                .all(|(&p, &q)| self.identical(self.bound(p), sub(self.bound(q))))
    }

    /// Whether two types are identical but for struct tags.
    pub fn identical_ignore_tags(&self, a: Ty, b: Ty) -> bool {
        self.identical(a, b)
            || self.identical(
                self.without_tags(self.canon(a)),
                self.without_tags(self.canon(b)),
            )
    }

    fn without_tags(&self, ty: Ty) -> Ty {
        let c = |t: Ty| self.without_tags(t);
        match self.raw_kind(ty) {
            TyKind::Pointer(t) => self.pointer(c(*t)),
            TyKind::Slice(t) => self.slice(c(*t)),
            TyKind::Array { elem, len } => self.array(c(*elem), *len),
            TyKind::Map { key, elem } => self.map(c(*key), c(*elem)),
            TyKind::Chan { dir, elem } => self.chan(*dir, c(*elem)),
            TyKind::Struct(s) => self.struct_type(
                s.fields
                    .iter()
                    .map(|f| Field {
                        ty: c(f.ty),
                        tag: Symbol::EMPTY,
                        ..*f
                    })
                    .collect(),
            ),
            TyKind::Signature(s) if s.tparams.is_empty() => {
                let list = |ps: &[Param]| ps.iter().map(|p| Param { ty: c(p.ty), ..*p }).collect();
                self.signature(list(&s.params), list(&s.results), s.variadic)
            }
            _ => ty,
        }
    }

    /// The kind of the underlying type if that is basic.
    pub fn basic(&self, ty: Ty) -> Option<BasicKind> {
        match self.under_kind(ty) {
            TyKind::Basic(k) => Some(*k),
            _ => None,
        }
    }

    /// Whether the underlying type is basic and satisfies `pred`.
    pub fn is_basic(&self, ty: Ty, pred: fn(BasicKind) -> bool) -> bool {
        self.basic(ty).is_some_and(pred)
    }

    /// Like [`TypeStore::is_basic`], of all types in a type parameter's type set.
    pub fn all_basic(&self, ty: Ty, pred: fn(BasicKind) -> bool) -> bool {
        if self.is_type_param(ty) {
            return match &self.type_set(self.under(ty)).terms {
                Some(terms) if !terms.is_empty() => terms.iter().all(|t| self.is_basic(t.ty, pred)),
                _ => false,
            };
        }
        self.is_basic(ty, pred)
    }

    /// Whether `ty` is a type parameter.
    pub fn is_type_param(&self, ty: Ty) -> bool {
        matches!(self.kind(ty), TyKind::TypeParam(_))
    }

    /// Whether the underlying type is an interface (type parameters included).
    pub fn is_interface(&self, ty: Ty) -> bool {
        matches!(self.under_kind(ty), TyKind::Interface(_))
    }

    /// Whether it is an interface and no type parameter.
    pub fn is_plain_interface(&self, ty: Ty) -> bool {
        !self.is_type_param(ty) && self.is_interface(ty)
    }

    /// Whether it is an untyped kind.
    pub fn is_untyped(&self, ty: Ty) -> bool {
        ty >= Ty::UNTYPED_BOOL && ty <= Ty::UNTYPED_NIL
    }

    /// Whether the type has a name: predeclared, defined, or a type parameter.
    pub fn has_name(&self, ty: Ty) -> bool {
        matches!(
            self.kind(ty),
            TyKind::Basic(_) | TyKind::Named(_) | TyKind::TypeParam(_)
        )
    }

    /// Whether it is neither a defined type nor a type parameter.
    pub fn is_type_lit(&self, ty: Ty) -> bool {
        !matches!(self.kind(ty), TyKind::Named(_) | TyKind::TypeParam(_))
    }

    /// Whether it is a generic type that has not been instantiated.
    pub fn is_generic(&self, ty: Ty) -> bool {
        if !self.type_params(ty).is_empty() {
            return true;
        }
        matches!(self.raw_kind(ty), TyKind::Alias(a) if a.origin.is_none())
            && !self.type_params(self.unalias(ty)).is_empty()
    }

    /// Whether `nil` is a value of the type.
    pub fn has_nil(&self, ty: Ty) -> bool {
        match self.under_kind(ty) {
            TyKind::Basic(k) => *k == BasicKind::UnsafePointer,
            TyKind::Slice(_)
            | TyKind::Pointer(_)
            | TyKind::Signature(_)
            | TyKind::Map { .. }
            | TyKind::Chan { .. } => true,
            TyKind::Interface(_) => {
                !self.is_type_param(ty)
                    || match &self.type_set(self.under(ty)).terms {
                        Some(terms) => {
                            !terms.is_empty() && terms.iter().all(|t| self.has_nil(t.ty))
                        }
                        None => false,
                    }
            }
            _ => false,
        }
    }

    /// Whether values can be compared with `==` (interfaces: at run time).
    pub fn comparable(&self, ty: Ty) -> bool {
        self.comparable_type(ty, true, &mut FxHashSet::default())
    }

    /// Whether values can be compared with `==` without ever panicking.
    pub fn strictly_comparable(&self, ty: Ty) -> bool {
        self.comparable_type(ty, false, &mut FxHashSet::default())
    }

    pub(crate) fn comparable_type(&self, ty: Ty, dynamic: bool, seen: &mut FxHashSet<Ty>) -> bool {
        if !seen.insert(ty) {
            return true;
        }
        match self.under_kind(ty) {
            TyKind::Basic(k) => *k != BasicKind::UntypedNil,
            TyKind::Pointer(_) | TyKind::Chan { .. } => true,
            TyKind::Struct(s) => s
                .fields
                .iter()
                .all(|f| self.comparable_type(f.ty, dynamic, seen)),
            TyKind::Array { elem, .. } => self.comparable_type(*elem, dynamic, seen),
            TyKind::Interface(_) => {
                if dynamic && !self.is_type_param(ty) {
                    return true;
                }
                let set = self.type_set(self.under(ty));
                match &set.terms {
                    None => set.comparable,
                    Some(terms) => {
                        !terms.is_empty()
                            && terms
                                .iter()
                                .all(|t| self.comparable_type(t.ty, false, seen))
                    }
                }
            }
            _ => false,
        }
    }

    /// `T` of a pointer type `*T` (not of a defined pointer type).
    pub fn deref(&self, ty: Ty) -> Option<Ty> {
        match self.kind(ty) {
            TyKind::Pointer(t) => Some(*t),
            _ => None,
        }
    }

    /// The type that an untyped value gets by default; others are returned as they are.
    pub fn default_type(&self, ty: Ty) -> Ty {
        match ty {
            Ty::UNTYPED_BOOL => Ty::BOOL,
            Ty::UNTYPED_INT => Ty::INT,
            Ty::UNTYPED_RUNE => Ty::RUNE,
            Ty::UNTYPED_FLOAT => Ty::FLOAT64,
            Ty::UNTYPED_COMPLEX => Ty::COMPLEX128,
            Ty::UNTYPED_STRING => Ty::STRING,
            _ => ty,
        }
    }

    /// The signature data, if the underlying type is one.
    pub fn sig(&self, ty: Ty) -> Option<&Signature> {
        match self.under_kind(ty) {
            TyKind::Signature(s) => Some(s),
            _ => None,
        }
    }
}

/// Whether a name is one that Go allows: about others the scanner has complained. What is missing has the empty name.
pub(crate) fn is_valid_name(name: gort_syntax::Symbol) -> bool {
    let good = |(i, c): (usize, char)| is_letter(c) || c == '_' || i > 0 && is_digit(c);
    !name.as_str().is_empty() && name.as_str().char_indices().all(good)
}
