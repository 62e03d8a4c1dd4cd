//! Replacing type parameters by type arguments.

use crate::object::{ObjData, Object};
use crate::store::TypeStore;
use crate::types::*;
use rustc_hash::FxHashMap;
use std::sync::atomic::Ordering;

/// A substitution.
pub(crate) struct Subst<'s> {
    store: &'s TypeStore,
    map: FxHashMap<Ty, Ty>,
    /// Also give local types of generic functions an identity per instantiation of the function.
    local: bool,
}

/// Replace `from` by `to` in `ty`.
pub fn subst(store: &TypeStore, ty: Ty, from: &[Ty], to: &[Ty]) -> Ty {
    if from.is_empty() || !store.has_tparams(ty) {
        return ty;
    }
    Subst::new(store, from, to).ty(ty)
}

/// Like [`subst`], for the instantiation of function bodies: a type declared inside a generic function becomes
/// an instance of its own, with the function's type arguments before its own.
pub fn subst_local(store: &TypeStore, ty: Ty, from: &[Ty], to: &[Ty]) -> Ty {
    if from.is_empty() || !store.has_tparams(ty) {
        return ty;
    }
    let mut s = Subst::new(store, from, to);
    s.local = true;
    s.ty(ty)
}

/// Substitute in the signature of a method; a generic method gets fresh type parameters if the
/// substitution reaches into their constraints.
pub(crate) fn subst_method(store: &TypeStore, sig: Ty, from: &[Ty], to: &[Ty]) -> Ty {
    let TyKind::Signature(s) = store.raw_kind(sig) else {
        return sig;
    };
    if s.tparams.is_empty() {
        return subst(store, sig, from, to);
    }
    let fresh: Vec<Ty> = s.tparams.iter().map(|&p| clone_tparam(store, p)).collect();
    let from: Vec<Ty> = from.iter().chain(&s.tparams).copied().collect();
    let to: Vec<Ty> = to.iter().chain(&fresh).copied().collect();
    let sub = Subst::new(store, &from, &to);
    for (&new, &old) in fresh.iter().zip(&s.tparams) {
        if let TyKind::TypeParam(p) = store.raw_kind(new) {
            p.bound.set(sub.ty(store.bound(old)));
        }
    }
    let list = |ps: &[Param]| {
        ps.iter()
            .map(|p| Param {
                name: p.name,
                ty: sub.ty(p.ty),
            })
            .collect()
    };
    store.intern(TyKind::Signature(Signature {
        tparams: fresh.into(),
        params: list(&s.params),
        results: list(&s.results),
        variadic: s.variadic,
    }))
}

/// A new type parameter with the same name and bound.
pub(crate) fn clone_tparam(store: &TypeStore, tparam: Ty) -> Ty {
    let TyKind::TypeParam(p) = store.kind(tparam) else {
        return tparam;
    };
    let old = store.obj(p.obj);
    let obj = store.new_obj(Object::blank(
        old.name,
        old.pos,
        old.pkg,
        ObjData::TypeName { alias: false },
    ));
    let bound = TyCell::empty();
    if let Some(b) = p.bound.get() {
        bound.set(b);
    }
    let ty = store.add(TyKind::TypeParam(TypeParam {
        obj,
        index: p.index,
        bound,
    }));
    store.obj(obj).ty.set(ty);
    ty
}

/// What an instance of a generic alias stands for, once its declaration is known.
pub(crate) fn expand_alias(store: &TypeStore, ty: Ty) -> Option<Ty> {
    let TyKind::Alias(a) = store.raw_kind(ty) else {
        return None;
    };
    let origin = a.origin?;
    let TyKind::Alias(o) = store.raw_kind(origin) else {
        return None;
    };
    let rhs = subst(store, o.rhs.get()?, store.type_params(origin), &a.targs);
    a.rhs.set(rhs);
    Some(rhs)
}

impl TypeStore {
    /// Whether a type mentions type parameters (or may do so).
    pub fn has_tparams(&self, ty: Ty) -> bool {
        match self.raw_kind(ty) {
            TyKind::Basic(_) => return false,
            TyKind::TypeParam(_) => return true,
            // These change while they are declared, and are told quickly.
            TyKind::Named(_) | TyKind::Alias(_) => return self.find_tparams(ty),
            _ => {}
        }
        let flag = self.tparams_flag(ty);
        match flag.load(Ordering::Relaxed) {
            0 => {
                let found = self.find_tparams(ty);
                flag.store(1 + u8::from(found), Ordering::Relaxed);
                found
            }
            n => n == 2,
        }
    }

    /// Type parameters of the functions around a local type, unless it is bound to arguments for them.
    fn open_outer_tparams(&self, ty: Ty, n: &NamedType) -> Option<&[Ty]> {
        let origin = n.origin.unwrap_or(ty);
        let outer = self.named(origin)?.outer_tparams.get()?;
        let own = if n.origin.is_some() {
            self.type_params(origin).len()
        } else {
            0
        };
        (!outer.is_empty() && n.targs.len() <= own).then_some(outer)
    }

    fn find_tparams(&self, ty: Ty) -> bool {
        match self.raw_kind(ty) {
            TyKind::Basic(_) => false,
            TyKind::TypeParam(_) => true,
            TyKind::Pointer(t) | TyKind::Slice(t) => self.has_tparams(*t),
            TyKind::Array { elem, .. } | TyKind::Chan { elem, .. } => self.has_tparams(*elem),
            TyKind::Map { key, elem } => self.has_tparams(*key) || self.has_tparams(*elem),
            TyKind::Struct(s) => s.fields.iter().any(|f| self.has_tparams(f.ty)),
            TyKind::Tuple(l) => l.iter().any(|&t| self.has_tparams(t)),
            TyKind::Signature(s) => s
                .params
                .iter()
                .chain(&s.results)
                .any(|p| self.has_tparams(p.ty)),
            TyKind::Interface(i) => {
                i.methods.iter().any(|m| self.has_tparams(m.sig))
                    || i.embeds.iter().any(|&t| self.has_tparams(t))
            }
            TyKind::Union(l) => l.iter().any(|t| self.has_tparams(t.ty)),
            TyKind::Named(n) => {
                n.targs.iter().any(|&t| self.has_tparams(t))
                    || self.open_outer_tparams(ty, n).is_some()
            }
            TyKind::Alias(a) => {
                a.targs.iter().any(|&t| self.has_tparams(t))
                    || a.rhs.get().is_none_or(|t| self.has_tparams(t))
            }
        }
    }
}

impl<'s> Subst<'s> {
    pub(crate) fn new(store: &'s TypeStore, from: &[Ty], to: &[Ty]) -> Subst<'s> {
        let map = from.iter().copied().zip(to.iter().copied()).collect();
        Subst {
            store,
            map,
            local: false,
        }
    }

    fn list(&self, list: &[Ty]) -> Option<Vec<Ty>> {
        let new: Vec<Ty> = list.iter().map(|&t| self.ty(t)).collect();
        (new != list).then_some(new)
    }

    fn params(&self, list: &[Param]) -> Vec<Param> {
        list.iter()
            .map(|p| Param {
                name: p.name,
                ty: self.ty(p.ty),
            })
            .collect()
    }

    /// The type with the substitution applied.
    pub(crate) fn ty(&self, ty: Ty) -> Ty {
        let s = self.store;
        match s.raw_kind(ty) {
            TyKind::Basic(_) => ty,
            TyKind::TypeParam(_) => self.map.get(&ty).copied().unwrap_or(ty),
            TyKind::Pointer(t) => s.pointer(self.ty(*t)),
            TyKind::Slice(t) => s.slice(self.ty(*t)),
            TyKind::Array { elem, len } => s.array(self.ty(*elem), *len),
            TyKind::Map { key, elem } => s.map(self.ty(*key), self.ty(*elem)),
            TyKind::Chan { dir, elem } => s.chan(*dir, self.ty(*elem)),
            TyKind::Tuple(list) => self.list(list).map_or(ty, |l| s.tuple(&l)),
            TyKind::Struct(st) => {
                if !s.has_tparams(ty) {
                    return ty;
                }
                s.struct_type(
                    st.fields
                        .iter()
                        .map(|f| Field {
                            ty: self.ty(f.ty),
                            ..*f
                        })
                        .collect(),
                )
            }
            TyKind::Signature(sig) => {
                if !s.has_tparams(ty) {
                    return ty;
                }
                s.intern(TyKind::Signature(Signature {
                    tparams: sig.tparams.clone(),
                    params: self.params(&sig.params).into(),
                    results: self.params(&sig.results).into(),
                    variadic: sig.variadic,
                }))
            }
            TyKind::Interface(i) => {
                if !s.has_tparams(ty) {
                    return ty;
                }
                let methods = i
                    .methods
                    .iter()
                    .map(|m| IfaceMethod {
                        sig: self.ty(m.sig),
                        ..*m
                    })
                    .collect();
                let embeds = i.embeds.iter().map(|&t| self.ty(t)).collect();
                s.interface(methods, embeds, i.implicit)
            }
            TyKind::Union(list) => {
                if !s.has_tparams(ty) {
                    return ty;
                }
                let list = list
                    .iter()
                    .map(|t| Term {
                        tilde: t.tilde,
                        ty: self.ty(t.ty),
                    })
                    .collect();
                s.intern(TyKind::Union(list))
            }
            TyKind::Named(n) => {
                if self.local
                    && let Some(outer) = s.open_outer_tparams(ty, n)
                {
                    let targs: Vec<Ty> =
                        outer.iter().chain(&n.targs).map(|&t| self.ty(t)).collect();
                    return s.instance(n.origin.unwrap_or(ty), &targs);
                }
                match n.origin {
                    None => ty,
                    Some(origin) => self.list(&n.targs).map_or(ty, |l| s.instance(origin, &l)),
                }
            }
            TyKind::Alias(a) => {
                if !s.has_tparams(ty) {
                    return ty;
                }
                match a.origin {
                    Some(origin) => match self.list(&a.targs) {
                        Some(l) => s.instance(origin, &l),
                        None => self.ty(s.unalias(ty)),
                    },
                    None => self.ty(s.unalias(ty)),
                }
            }
        }
    }
}
