//! Finding fields and methods, and method sets.

use crate::object::{FuncData, ObjData, ObjId, Object, PkgId};
use crate::store::TypeStore;
use crate::types::*;
use gort_syntax::Symbol;
use rustc_hash::FxHashMap;
use std::cmp::Ordering;
use std::sync::atomic::{AtomicU32, Ordering as Atomic};

/// What a lookup found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lookup {
    /// Nothing.
    NotFound,
    /// Several at the same depth; the path to one of them.
    Ambiguous(Vec<u32>),
    /// A method with pointer receiver, of a value that is not addressable.
    PtrRecv,
    /// A field, with its type in this struct.
    Field(Found),
    /// A method, with its signature for this receiver.
    Method(Found),
}

/// A field or method.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// The object. Methods of instantiated types have an object per instance.
    pub obj: ObjId,
    /// Its type here.
    pub ty: Ty,
    /// Indices as in [`Selection`](crate::info::Selection).
    pub index: Vec<u32>,
    /// Whether there was a pointer on the path.
    pub indirect: bool,
}

impl Lookup {
    /// The field or method, if one was found.
    pub fn found(&self) -> Option<&Found> {
        match self {
            Lookup::Field(f) | Lookup::Method(f) => Some(f),
            _ => None,
        }
    }
}

/// A method of a method set.
#[derive(Clone, Debug)]
pub struct MethodEntry {
    /// Name.
    pub name: Symbol,
    /// Package of an unexported method.
    pub pkg: Option<PkgId>,
    /// The method's object (where it is declared; promoted ones keep theirs).
    pub obj: ObjId,
    /// Signature.
    pub sig: Ty,
    /// Path from the type to the method.
    pub index: Vec<u32>,
    /// Whether the path goes through a pointer.
    pub indirect: bool,
}

struct Embedded {
    ty: Ty,
    index: Vec<u32>,
    indirect: bool,
    multiples: bool,
}

impl TypeStore {
    /// Whether a name is the same identifier: exported names are so in all packages.
    pub(crate) fn same_id(
        &self,
        a: (Symbol, Option<PkgId>),
        name: Symbol,
        pkg: Option<PkgId>,
        fold: bool,
    ) -> bool {
        if fold && a.0.as_str().to_lowercase() == name.as_str().to_lowercase() {
            return true;
        }
        a.0 == name && (name.is_exported() || self.same_pkg(a.1, pkg))
    }

    fn same_pkg(&self, a: Option<PkgId>, b: Option<PkgId>) -> bool {
        match (a, b) {
            (Some(a), Some(b)) => a == b || self.package(a).path == self.package(b).path,
            (a, b) => a == b,
        }
    }

    /// The order of Go's method tables: exported first, then by name, then by package path.
    pub fn cmp_ids(&self, a: (Symbol, Option<PkgId>), b: (Symbol, Option<PkgId>)) -> Ordering {
        if a.0 == b.0 && a.1 == b.1 {
            return Ordering::Equal;
        }
        let path = |p: Option<PkgId>| p.map_or("", |p| &self.package(p).path);
        b.0.is_exported()
            .cmp(&a.0.is_exported())
            .then_with(|| a.0.as_str().cmp(b.0.as_str()))
            .then_with(|| path(a.1).cmp(path(b.1)))
    }

    /// Look up `name` as package `pkg` sees it, in `ty` or its embedded fields.
    pub fn lookup_field_or_method(
        &self,
        ty: Ty,
        addressable: bool,
        pkg: Option<PkgId>,
        name: Symbol,
    ) -> Lookup {
        self.lookup(ty, addressable, pkg, name, false)
    }

    pub(crate) fn lookup(
        &self,
        ty: Ty,
        addressable: bool,
        pkg: Option<PkgId>,
        name: Symbol,
        fold: bool,
    ) -> Lookup {
        // A defined pointer type has no methods, but the fields of what it points to.
        if self.named(ty).is_some()
            && let TyKind::Pointer(_) = self.under_kind(ty)
        {
            return match self.lookup_impl(self.under(ty), false, pkg, name, fold) {
                Lookup::Method(_) => Lookup::NotFound,
                found => found,
            };
        }
        self.lookup_impl(ty, addressable, pkg, name, fold)
    }

    pub(crate) fn lookup_impl(
        &self,
        ty: Ty,
        addressable: bool,
        pkg: Option<PkgId>,
        name: Symbol,
        fold: bool,
    ) -> Lookup {
        if name.is_blank() {
            return Lookup::NotFound;
        }
        let (start, is_ptr) = match self.deref(ty) {
            Some(base) if self.is_interface(base) => return Lookup::NotFound,
            Some(base) => (base, true),
            None => (ty, false),
        };
        let mut current = vec![Embedded {
            ty: start,
            index: vec![],
            indirect: is_ptr,
            multiples: false,
        }];
        let mut seen: Vec<Ty> = vec![];
        while !current.is_empty() {
            let mut next: Vec<Embedded> = vec![];
            let mut found: Option<(Found, bool)> = None;
            for e in &current {
                let path = |i: usize| {
                    let mut p = Vec::with_capacity(e.index.len() + 1);
                    p.extend_from_slice(&e.index);
                    p.push(i as u32);
                    p
                };
                if let Some(named) = self.named(e.ty) {
                    let canon = self.canon(e.ty);
                    if seen.contains(&canon) {
                        continue;
                    }
                    seen.push(canon);
                    if let Some((i, m)) = self.lookup_method(e.ty, named, pkg, name, fold) {
                        if found.is_some() || e.multiples {
                            return Lookup::Ambiguous(path(i));
                        }
                        let ty = self.obj(m).ty();
                        let f = Found {
                            obj: m,
                            ty,
                            index: path(i),
                            indirect: e.indirect,
                        };
                        found = Some((f, true));
                        continue;
                    }
                }
                match self.under_kind(e.ty) {
                    TyKind::Struct(s) => {
                        for (i, f) in s.fields.iter().enumerate() {
                            if self.same_id((f.name, f.pkg), name, pkg, fold) {
                                if found.is_some() || e.multiples {
                                    return Lookup::Ambiguous(path(i));
                                }
                                let f = Found {
                                    obj: f.obj,
                                    ty: f.ty,
                                    index: path(i),
                                    indirect: e.indirect,
                                };
                                found = Some((f, false));
                                continue;
                            }
                            if found.is_none() && f.embedded {
                                let (ty, ptr) = match self.deref(f.ty) {
                                    Some(base) => (base, true),
                                    None => (f.ty, false),
                                };
                                if matches!(
                                    self.under_kind(ty),
                                    TyKind::Struct(_) | TyKind::Interface(_)
                                ) || self.named(ty).is_some()
                                {
                                    next.push(Embedded {
                                        ty,
                                        index: path(i),
                                        indirect: e.indirect || ptr,
                                        multiples: e.multiples,
                                    });
                                }
                            }
                        }
                    }
                    TyKind::Interface(_) => {
                        let set = self.type_set(e.ty);
                        let hit = set
                            .methods
                            .iter()
                            .position(|m| self.same_id((m.name, m.pkg), name, pkg, fold));
                        if let Some(i) = hit {
                            if found.is_some() || e.multiples {
                                return Lookup::Ambiguous(path(i));
                            }
                            let m = &set.methods[i];
                            let f = Found {
                                obj: m.obj,
                                ty: m.sig,
                                index: path(i),
                                indirect: e.indirect,
                            };
                            found = Some((f, true));
                        }
                    }
                    _ => {}
                }
            }
            match found {
                Some((f, true)) => {
                    if !f.indirect && !addressable && self.has_ptr_recv(f.obj) {
                        return Lookup::PtrRecv;
                    }
                    return Lookup::Method(f);
                }
                Some((f, false)) => return Lookup::Field(f),
                None => {}
            }
            current = self.consolidate(next);
        }
        Lookup::NotFound
    }

    fn consolidate(&self, list: Vec<Embedded>) -> Vec<Embedded> {
        if list.len() <= 1 {
            return list;
        }
        let mut at: FxHashMap<Ty, usize> = FxHashMap::default();
        let mut out: Vec<Embedded> = Vec::with_capacity(list.len());
        for e in list {
            match at.get(&self.canon(e.ty)) {
                Some(&i) => out[i].multiples = true,
                None => {
                    at.insert(self.canon(e.ty), out.len());
                    out.push(e);
                }
            }
        }
        out
    }

    /// Whether a method is declared with a pointer receiver.
    pub fn has_ptr_recv(&self, method: ObjId) -> bool {
        let Some(f) = self.obj(method).func() else {
            return false;
        };
        match f.recv() {
            Some(t) => self.deref(t).is_some(),
            None => f.ptr_recv.load(Atomic::Relaxed),
        }
    }

    fn lookup_method(
        &self,
        ty: Ty,
        named: &NamedType,
        pkg: Option<PkgId>,
        name: Symbol,
        fold: bool,
    ) -> Option<(usize, ObjId)> {
        let methods = self.declared_methods(ty);
        let i = methods.iter().position(|&m| {
            let o = self.obj(m);
            self.same_id((o.name, o.pkg), name, pkg, fold)
        })?;
        Some((
            i,
            if named.origin.is_some() {
                self.instance_method(ty, i)
            } else {
                methods[i]
            },
        ))
    }

    /// The `i`th declared method of a defined type or instance, with its signature for that type.
    pub fn method(&self, ty: Ty, i: usize) -> Option<ObjId> {
        let m = *self.declared_methods(ty).get(i)?;
        match self.named(ty)?.origin {
            Some(_) => Some(self.instance_method(self.unalias(ty), i)),
            None => Some(m),
        }
    }

    fn instance_method(&self, ty: Ty, i: usize) -> ObjId {
        let generic = self.declared_methods(ty)[i];
        let Some(named) = self.named(ty) else {
            return generic;
        };
        // Not yet typed: the caller has to declare the generic method first.
        if self.obj(generic).ty.get().is_none() {
            return generic;
        }
        let count = self.declared_methods(ty).len();
        let cells = named
            .inst_methods
            .get_or_init(|| (0..count).map(|_| AtomicU32::new(0)).collect());
        let Some(cell) = cells.get(i) else {
            return generic;
        };
        if let Some(n) = std::num::NonZeroU32::new(cell.load(Atomic::Acquire)) {
            return ObjId(n);
        }
        let new = self.expand_method(ty, named, generic);
        match cell.compare_exchange(0, new.0.get(), Atomic::AcqRel, Atomic::Acquire) {
            Ok(_) => new,
            Err(other) => std::num::NonZeroU32::new(other).map_or(new, ObjId),
        }
    }

    fn expand_method(&self, ty: Ty, named: &NamedType, generic: ObjId) -> ObjId {
        let g = self.obj(generic);
        let gf = g.func();
        // A method's receiver declares type parameters of its own.
        let recv = gf.and_then(|f| f.recv());
        let ptr = recv.is_some_and(|r| self.deref(r).is_some());
        let base = recv.map(|r| self.deref(r).unwrap_or(r));
        let recv_tparams: &[Ty] = base.and_then(|b| self.named(b)).map_or(&[], |n| &n.targs);
        let sig = if recv_tparams.len() == named.targs.len() {
            crate::subst::subst_method(self, g.ty(), recv_tparams, &named.targs)
        } else {
            g.ty()
        };
        let func = FuncData {
            origin: Some(generic),
            ..FuncData::default()
        };
        let _ = func.recv.set(if ptr { self.pointer(ty) } else { ty });
        func.ptr_recv.store(ptr, Atomic::Relaxed);
        if let Some(&name) = gf.and_then(|f| f.recv_name.get()) {
            let _ = func.recv_name.set(name);
        }
        let obj = Object::blank(g.name, g.pos, g.pkg, ObjData::Func(func));
        obj.ty.set(sig);
        self.new_obj(obj)
    }

    /// The method set of `ty`, in the order of Go's descriptors. Generic methods are left out: they
    /// are never called through an interface.
    pub fn method_set(&self, ty: Ty) -> Vec<MethodEntry> {
        let mut names: Vec<(Symbol, Option<PkgId>)> = vec![];
        let start = self.deref(ty).unwrap_or(ty);
        if self.deref(ty).is_some() && self.is_interface(start) {
            return vec![];
        }
        self.collect_names(start, &mut names, &mut vec![]);
        names.sort_by(|a, b| self.cmp_ids(*a, *b));
        names.dedup();
        let mut out = vec![];
        for (name, pkg) in names {
            if let Lookup::Method(f) = self.lookup(ty, false, pkg, name, false) {
                if self.sig(f.ty).is_some_and(|s| !s.tparams.is_empty()) {
                    continue;
                }
                let Found {
                    obj,
                    ty: sig,
                    index,
                    indirect,
                } = f;
                out.push(MethodEntry {
                    name,
                    pkg,
                    obj,
                    sig,
                    index,
                    indirect,
                });
            }
        }
        out
    }

    fn collect_names(&self, ty: Ty, names: &mut Vec<(Symbol, Option<PkgId>)>, seen: &mut Vec<Ty>) {
        if self.named(ty).is_some() {
            if seen.contains(&ty) {
                return;
            }
            seen.push(ty);
            for &m in self.declared_methods(ty) {
                let o = self.obj(m);
                names.push((o.name, if o.name.is_exported() { None } else { o.pkg }));
            }
        }
        match self.under_kind(ty) {
            TyKind::Struct(s) => {
                for f in s.fields.iter().filter(|f| f.embedded) {
                    self.collect_names(self.deref(f.ty).unwrap_or(f.ty), names, seen);
                }
            }
            TyKind::Interface(_) => {
                names.extend(self.type_set(ty).methods.iter().map(|m| (m.name, m.pkg)));
            }
            _ => {}
        }
    }
}
