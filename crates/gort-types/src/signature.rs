//! Function types: receivers, parameters and results.

use crate::check::Checker;
use crate::decl::set_bound;
use crate::exprstring::start_pos;
use crate::info::{FuncObjs, Instance};
use crate::object::*;
use crate::scope::ScopeId;
use crate::types::*;
use gort_syntax::ast::{self, *};
use gort_syntax::{Pos, Symbol};
use std::sync::Arc;

/// What is known of a function from its signature.
pub(crate) struct FuncParts {
    pub sig: Ty,
    pub scope: ScopeId,
    pub objs: FuncObjs,
    pub recv_ty: Option<Ty>,
    /// Type parameters in force in the body: those of functions around, the receiver's, its own.
    pub tparams: Arc<[Ty]>,
}

pub(crate) fn measure(n: usize, unit: &str) -> String {
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}

impl<'a> Checker<'a> {
    /// Resolve a signature, in a scope of its own.
    pub(crate) fn func_type(
        &mut self,
        recv: Option<&'a ast::Field<'a>>,
        ftyp: &'a FuncType<'a>,
        func: Option<ObjId>,
        record: bool,
    ) -> FuncParts {
        self.open_scope();
        let scope = self.env.scope.expect("just opened");
        let mut tparams: Vec<Ty> = self.env.outer_tparams.to_vec();
        let mut recv_obj = None;
        let mut recv_ty = None;
        if let Some(field) = recv {
            let (obj, rtparams) = self.collect_recv(field, ftyp.pos);
            recv_obj = Some(obj);
            recv_ty = Some(self.store.obj(obj).ty());
            tparams.extend(rtparams);
        }
        let own = if ftyp.tparams.is_empty() {
            vec![]
        } else {
            self.collect_tparams(ftyp.tparams, None)
        };
        tparams.extend(&own);
        if let Some(func) = func {
            // Should the parameters mention the function itself, it has a type of sorts.
            let ty = self.store.intern(TyKind::Signature(Signature {
                tparams: own.clone().into(),
                params: Box::default(),
                results: Box::default(),
                variadic: false,
            }));
            self.store.obj(func).ty.set(ty);
        }
        let (params, variadic) = self.collect_params(VarKind::Param, ftyp.params);
        let (results, _) = self.collect_params(VarKind::Result, ftyp.results);
        if let (Some(obj), Some(name)) = (recv_obj, recv.and_then(|r| r.name)) {
            self.declare(Some(name.id), obj, name.pos);
        }
        for (fields, objs) in [(ftyp.params, &params), (ftyp.results, &results)] {
            for (f, &obj) in fields.iter().zip(objs) {
                if let Some(name) = f.name {
                    self.declare(Some(name.id), obj, name.pos);
                }
            }
        }
        self.close_scope();
        let list = |objs: &[ObjId]| -> Box<[Param]> {
            objs.iter()
                .map(|&o| {
                    let o = self.store.obj(o);
                    Param {
                        name: o.name,
                        ty: o.ty(),
                    }
                })
                .collect()
        };
        let sig = self.store.intern(TyKind::Signature(Signature {
            tparams: own.into(),
            params: list(&params),
            results: list(&results),
            variadic,
        }));
        let objs = FuncObjs {
            recv: recv_obj,
            params: params.into(),
            results: results.into(),
        };
        if record {
            self.info.record_params(ftyp.pos, objs.clone());
        }
        FuncParts {
            sig,
            scope,
            objs,
            recv_ty,
            tparams: tparams.into(),
        }
    }

    fn collect_params(&mut self, kind: VarKind, list: &'a [ast::Field<'a>]) -> (Vec<ObjId>, bool) {
        let mut objs = Vec::with_capacity(list.len());
        let mut variadic = false;
        let mut ty = Ty::INVALID;
        for (i, f) in list.iter().enumerate() {
            if i == 0 || !std::ptr::eq(f.typ, list[i - 1].typ) {
                let mut typ = Some(f.typ);
                if let ExprKind::DotsType { elem } = f.typ.kind {
                    typ = elem;
                    if kind == VarKind::Param && i + 1 == list.len() {
                        variadic = true;
                    } else {
                        self.error(f.typ.pos, "InvalidSyntaxTree", "invalid use of ...");
                    }
                }
                ty = match typ {
                    Some(e) => self.var_type(e),
                    None => Ty::INVALID,
                };
            }
            let (name, pos) = f.name.map_or((Symbol::EMPTY, f.pos), |n| (n.name, n.pos));
            objs.push(
                self.store
                    .new_var(kind, name, pos, Some(self.pkg), Some(ty)),
            );
        }
        if variadic && let Some(&last) = objs.last() {
            let slice = self.store.slice(ty);
            self.store.obj(last).ty.set(slice);
            self.record_type(list[list.len() - 1].typ, slice);
        }
        (objs, variadic)
    }

    fn collect_recv(&mut self, field: &'a ast::Field<'a>, scope_pos: Pos) -> (ObjId, Vec<Ty>) {
        let parts = self.unpack_recv(field.typ, true);
        let store = self.store;
        let mut recv_ty = Ty::INVALID;
        let mut tparams = vec![];
        let base = parts.base;
        if !parts.has_tparams {
            recv_ty = self.var_type(field.typ);
            // Methods cannot be added to an instance by way of an alias.
            let mut t = self.strip_pointers(recv_ty);
            while let TyKind::Alias(a) = store.raw_kind(t) {
                let Some(rhs) = a.rhs.get() else { break };
                t = self.strip_pointers(rhs);
                let instance = match store.raw_kind(t) {
                    TyKind::Named(n) => n.origin.is_some(),
                    TyKind::Alias(a) => a.origin.is_some(),
                    _ => false,
                };
                if instance {
                    let msg = format!(
                        "cannot define new methods on instantiated type {}",
                        self.ts(t)
                    );
                    self.error(start_pos(base), "InvalidRecv", msg);
                    recv_ty = Ty::INVALID;
                    break;
                }
            }
        } else {
            let mut cause = String::new();
            let generic = self.generic_type(base, &mut cause);
            let mut base_ty = None;
            if store.unalias(generic).is_valid()
                || matches!(store.raw_kind(generic), TyKind::Alias(_))
            {
                if let TyKind::Named(_) = store.raw_kind(generic) {
                    base_ty = Some(generic);
                } else {
                    let msg = format!(
                        "cannot define new methods on generic alias type {}",
                        self.ts(generic)
                    );
                    self.error(start_pos(base), "InvalidRecv", msg);
                }
            } else if !cause.is_empty() {
                self.error(start_pos(base), "InvalidRecv", cause);
            }
            for (i, p) in parts.tparams.iter().enumerate() {
                let ty = self.declare_tparam(p, i, scope_pos, true);
                if let TyKind::TypeParam(t) = store.raw_kind(ty) {
                    self.info.record_obj(p.id, t.obj, true);
                }
                self.info.record(p.id, crate::info::Mode::Type, ty, None);
                tparams.push(ty);
            }
            if let Some(generic) = base_ty {
                let base_tparams = store.type_params(generic);
                if tparams.len() == base_tparams.len() {
                    for (&new, &old) in tparams.iter().zip(base_tparams) {
                        self.mono.record_canon(new, old);
                        let bound =
                            crate::subst::subst(store, store.bound(old), base_tparams, &tparams);
                        set_bound(store, new, bound);
                    }
                } else {
                    for &t in &tparams {
                        set_bound(store, t, Ty::ANY);
                    }
                    let got = measure(tparams.len(), "type parameter");
                    let msg = format!(
                        "receiver declares {got}, but receiver base type declares {}",
                        base_tparams.len()
                    );
                    self.error(start_pos(base), "BadRecv", msg);
                }
                self.verify_version(start_pos(base), 18, |_| "type instantiation".into());
                if tparams.len() == base_tparams.len() {
                    let inst = store.instance(generic, &tparams);
                    if let ExprKind::Name(_) = base.kind {
                        let targs = tparams.clone().into();
                        self.info
                            .record_instance(base.id, Instance { targs, ty: inst });
                    }
                    recv_ty = if parts.ptr { store.pointer(inst) } else { inst };
                    self.record_recv_types(field.typ, recv_ty);
                }
            } else {
                for &t in &tparams {
                    set_bound(store, t, Ty::ANY);
                }
            }
        }
        let (name, pos) = field
            .name
            .map_or((Symbol::EMPTY, field.pos), |n| (n.name, n.pos));
        let obj = store.new_var(VarKind::Recv, name, pos, Some(self.pkg), Some(recv_ty));
        let base_pos = start_pos(base);
        self.later(move |c| c.valid_recv(base_pos, recv_ty));
        (obj, tparams)
    }

    fn strip_pointers(&self, mut t: Ty) -> Ty {
        while let TyKind::Pointer(b) = self.store.raw_kind(t) {
            t = *b;
        }
        t
    }

    fn record_recv_types(&mut self, mut e: ExprRef<'a>, mut ty: Ty) {
        loop {
            self.record_type(e, ty);
            match e.kind {
                ExprKind::Paren(x) => e = x,
                ExprKind::Star(x) => {
                    e = x;
                    match self.store.raw_kind(ty) {
                        TyKind::Pointer(b) => ty = *b,
                        _ => return,
                    }
                }
                _ => return,
            }
        }
    }

    fn valid_recv(&mut self, pos: Pos, recv: Ty) {
        let store = self.store;
        let rtyp = store.deref(recv).unwrap_or(recv);
        let atyp = store.unalias(rtyp);
        match store.raw_kind(atyp) {
            TyKind::Basic(BasicKind::Invalid) => {}
            TyKind::Named(n) => {
                if store.obj(n.obj).pkg != Some(self.pkg) {
                    let msg = format!(
                        "cannot define new methods on non-local type {}",
                        self.ts(rtyp)
                    );
                    self.error(pos, "InvalidRecv", msg);
                    return;
                }
                let cause = match store.under_kind(atyp) {
                    TyKind::Basic(BasicKind::UnsafePointer) => "unsafe.Pointer",
                    TyKind::Pointer(_) | TyKind::Interface(_) => "pointer or interface type",
                    _ => return,
                };
                let msg = format!("invalid receiver type {} ({cause})", self.ts(rtyp));
                self.error(pos, "InvalidRecv", msg);
            }
            TyKind::Basic(_) => {
                let msg = format!(
                    "cannot define new methods on non-local type {}",
                    self.ts(rtyp)
                );
                self.error(pos, "InvalidRecv", msg);
            }
            _ => {
                let msg = format!("invalid receiver type {}", self.ts(recv));
                self.error(pos, "InvalidRecv", msg);
            }
        }
    }
}
