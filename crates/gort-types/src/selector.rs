//! Selectors: package members, fields, methods, method expressions.

use crate::check::Checker;
use crate::exprstring::{expr_string, start_pos};
use crate::info::{Mode, Selection, SelectionKind};
use crate::lookup::{Found, Lookup};
use crate::object::*;
use crate::operand::Operand;
use crate::types::*;
use gort_syntax::Symbol;
use gort_syntax::ast::*;
use std::sync::atomic::Ordering;

impl<'a> Checker<'a> {
    pub(crate) fn selector(
        &mut self,
        x: &mut Operand<'a>,
        e: ExprRef<'a>,
        base: ExprRef<'a>,
        sel: Ident,
        want_type: bool,
    ) {
        if !self.select(x, e, base, sel, want_type) {
            x.invalidate();
            x.ty = Ty::INVALID;
        }
        x.set_expr(e);
    }

    fn select(
        &mut self,
        x: &mut Operand<'a>,
        e: ExprRef<'a>,
        base: ExprRef<'a>,
        sel: Ident,
        want_type: bool,
    ) -> bool {
        if let ExprKind::Name(name) = base.kind
            && let Some(obj) = self.lookup_name(name)
            && let ObjData::PkgName { imported } = self.store.obj(obj).data
        {
            self.info.record_obj(base.id, obj, false);
            self.store.obj(obj).set_used();
            return self.qualified(x, e, imported, sel);
        }
        let s = self.store;
        self.expr_or_type(x, base, false);
        match x.mode {
            Mode::None => return false,
            Mode::Builtin => {
                let msg = format!(
                    "invalid use of {} in selector expression",
                    self.op_string(x)
                );
                self.error(e.pos, "UncalledBuiltin", msg);
                return false;
            }
            _ => {}
        }
        if sel.name == Symbol::EMPTY || !self.is_complete(x.ty) {
            return false;
        }
        if want_type {
            let msg = format!("{} is not a type", expr_string(e));
            self.error(sel.pos, "NotAType", msg);
            return false;
        }
        if let TyKind::Pointer(b) = s.under_kind(x.ty)
            && !self.is_complete(*b)
        {
            return false;
        }
        let addressable = x.mode == Mode::Variable;
        match self.lookup_typed(x.ty, addressable, sel.name) {
            Lookup::Field(f) => {
                if x.mode == Mode::Type {
                    let msg = format!(
                        "operand for field selector {} must be value of type {}",
                        sel.name,
                        self.ts(x.ty)
                    );
                    self.error(start_pos(base), "MissingFieldOrMethod", msg);
                    return false;
                }
                self.record_selection(e, sel, SelectionKind::FieldVal, x.ty, &f, f.ty);
                x.mode = if addressable || f.indirect {
                    Mode::Variable
                } else {
                    Mode::Value
                };
                x.ty = f.ty;
                true
            }
            Lookup::Method(f) => self.select_method(x, e, sel, f),
            other => {
                self.missing_member(x, sel, other);
                false
            }
        }
    }

    fn select_method(&mut self, x: &mut Operand<'a>, e: ExprRef<'a>, sel: Ident, f: Found) -> bool {
        let s = self.store;
        self.add_dep(f.obj);
        if let Some(origin) = s.obj(f.obj).func().and_then(|m| m.origin) {
            self.add_dep(origin);
        }
        let TyKind::Signature(sig) = s.raw_kind(f.ty) else {
            return false;
        };
        if x.mode != Mode::Type {
            self.record_selection(e, sel, SelectionKind::MethodVal, x.ty, &f, f.ty);
            x.mode = Mode::Value;
            x.ty = f.ty;
            return true;
        }
        // A method expression: the receiver becomes the first parameter.
        let mut params = Vec::with_capacity(sig.params.len() + 1);
        let named = sig.params.first().is_some_and(|p| p.name != Symbol::EMPTY);
        let recv_name = s.obj(f.obj).func().and_then(|m| m.recv_name.get());
        let name = match recv_name {
            _ if !named => Symbol::EMPTY,
            Some(&name) => name,
            None => Symbol::BLANK,
        };
        params.push(Param { name, ty: x.ty });
        params.extend_from_slice(&sig.params);
        let ty = s.intern(TyKind::Signature(Signature {
            tparams: sig.tparams.clone(),
            params: params.into(),
            results: sig.results.clone(),
            variadic: sig.variadic,
        }));
        self.record_selection(e, sel, SelectionKind::MethodExpr, x.ty, &f, ty);
        x.mode = Mode::Value;
        x.ty = ty;
        true
    }

    fn record_selection(
        &mut self,
        e: ExprRef<'a>,
        sel: Ident,
        kind: SelectionKind,
        recv: Ty,
        f: &Found,
        ty: Ty,
    ) {
        self.info.record_obj(sel.id, f.obj, false);
        let index = f.index.as_slice().into();
        let s = Selection {
            kind,
            recv,
            obj: f.obj,
            index,
            indirect: f.indirect,
            ty,
        };
        self.info.record_selection(e.id, s);
    }

    /// `pkg.Name`
    fn qualified(&mut self, x: &mut Operand<'a>, e: ExprRef<'a>, pkg: PkgId, sel: Ident) -> bool {
        let s = self.store;
        let data = s.package(pkg);
        let Some(obj) = data.lookup(sel.name) else {
            if !data.fake.load(Ordering::Relaxed)
                && crate::predicates::is_valid_name(sel.name)
                && !sel.name.is_blank()
            {
                let text = expr_string(e);
                let fold = sel.name.as_str().to_lowercase();
                let mut alts: Vec<Symbol> = data
                    .scope()
                    .map(|m| m.0)
                    .filter(|n| n.is_exported() && n.as_str().to_lowercase() == fold)
                    .collect();
                alts.sort_by_key(|n| n.as_str());
                let msg = match alts.first() {
                    Some(alt) => format!("undefined: {text} (but have {alt})"),
                    None => format!("undefined: {text}"),
                };
                self.error(sel.pos, "UndeclaredImportedName", msg);
            }
            return false;
        };
        if !sel.name.is_exported() {
            let msg = format!("name {} not exported by package {}", sel.name, data.name());
            self.error(sel.pos, "UnexportedName", msg);
        }
        self.info.record_obj(sel.id, obj, false);
        let o = s.obj(obj);
        self.info.record_selection(
            e.id,
            Selection {
                kind: SelectionKind::Qualified,
                recv: Ty::INVALID,
                obj,
                index: Box::default(),
                indirect: false,
                ty: o.ty(),
            },
        );
        x.ty = o.ty();
        x.mode = match &o.data {
            ObjData::Const { value } => {
                x.val = value
                    .get()
                    .cloned()
                    .unwrap_or(crate::constant::Value::Unknown);
                Mode::Const
            }
            ObjData::TypeName { .. } => Mode::Type,
            ObjData::Var { .. } => Mode::Variable,
            ObjData::Func(_) => Mode::Value,
            ObjData::Builtin(b) => {
                x.builtin = Some(*b);
                Mode::Builtin
            }
            _ => return false,
        };
        if !s.unalias(x.ty).is_valid() && x.mode != Mode::Builtin {
            return false;
        }
        true
    }

    /// Look up a member; methods found have their signature.
    pub(crate) fn lookup_typed(&mut self, ty: Ty, addressable: bool, name: Symbol) -> Lookup {
        for _ in 0..3 {
            let found = self
                .store
                .lookup(ty, addressable, Some(self.pkg), name, false);
            match &found {
                Lookup::Method(f) if self.store.obj(f.obj).ty.get().is_none() => {
                    self.obj_decl(f.obj);
                    if self.store.obj(f.obj).ty.get().is_none() {
                        return found;
                    }
                }
                _ => return found,
            }
        }
        Lookup::NotFound
    }

    /// Resolve the signatures of all methods declared for the types that `ty` embeds or is.
    pub(crate) fn declare_method(&mut self, obj: ObjId) {
        if self.store.obj(obj).ty.get().is_none() {
            self.obj_decl(obj);
        }
    }

    fn missing_member(&mut self, x: &Operand<'a>, sel: Ident, result: Lookup) {
        let s = self.store;
        let name = sel.name;
        if !s.under(x.ty).is_valid() {
            return;
        }
        match result {
            Lookup::Ambiguous(_) => {
                let msg = format!("ambiguous selector {}.{name}", x.text());
                self.error(sel.pos, "AmbiguousSelector", msg);
            }
            Lookup::PtrRecv => {
                let t = self.ts(x.ty);
                let msg = if x.mode == Mode::Type {
                    format!(
                        "invalid method expression {t}.{name} (needs pointer receiver (*{t}).{name})"
                    )
                } else {
                    format!("cannot call pointer method {name} on {t}")
                };
                self.error(sel.pos, "InvalidMethodExpr", msg);
            }
            _ => {
                let why = if self.is_interface_ptr(x.ty) {
                    self.interface_ptr_error(x.ty)
                } else {
                    let addressable = x.mode == Mode::Variable;
                    let alt = s.lookup(x.ty, addressable, Some(self.pkg), name, true);
                    self.lookup_error(x.ty, name, alt.found().map(|f| f.obj), false)
                };
                let msg = format!("{}.{name} undefined ({why})", x.text());
                self.error(sel.pos, "MissingFieldOrMethod", msg);
            }
        }
    }

    /// Whether `ty` is a pointer to an interface.
    pub(crate) fn is_interface_ptr(&self, ty: Ty) -> bool {
        match self.store.under_kind(ty) {
            TyKind::Pointer(b) => self.store.is_interface(*b),
            _ => false,
        }
    }

    pub(crate) fn interface_ptr_error(&self, ty: Ty) -> String {
        let t = self.ts(ty);
        match self.store.under_kind(ty) {
            TyKind::Pointer(b) if self.store.is_type_param(*b) => {
                format!("type {t} is pointer to type parameter, not type parameter")
            }
            _ => format!("type {t} is pointer to interface, not interface"),
        }
    }

    /// Why there is no field or method `sel`; `alt` is one of similar spelling.
    pub(crate) fn lookup_error(
        &self,
        ty: Ty,
        sel: Symbol,
        alt: Option<ObjId>,
        literal: bool,
    ) -> String {
        #[derive(PartialEq)]
        enum Why {
            Missing,
            Misspelled,
            Unexported,
            Inaccessible,
        }
        let t = self.ts(ty);
        let tail = |s: Symbol| {
            let s = s.as_str();
            s.char_indices().nth(1).map_or(s, |(i, _)| &s[i..])
        };
        let mut why = Why::Missing;
        let mut what = "object";
        let mut name = Symbol::EMPTY;
        if let Some(alt) = alt {
            let o = self.store.obj(alt);
            name = o.name;
            what = match o.data {
                ObjData::Var { .. } => "field",
                _ => "method",
            };
            if o.pkg == Some(self.pkg) {
                why = Why::Misspelled;
            } else if sel.is_exported() {
                if name.is_exported() {
                    why = Why::Misspelled;
                } else if tail(sel) == tail(name) {
                    why = Why::Unexported;
                }
            } else if name.is_exported() {
                if tail(sel) == tail(name) {
                    why = Why::Misspelled;
                }
            } else if sel == name {
                why = Why::Inaccessible;
            }
        }
        if literal {
            let unknown = format!("unknown field {sel} in struct literal of type {t}");
            return match why {
                Why::Missing => unknown,
                Why::Misspelled => format!("{unknown}, but does have {name}"),
                Why::Unexported => format!("{unknown}, but does have unexported {name}"),
                Why::Inaccessible => {
                    format!("cannot refer to unexported field {name} in struct literal of type {t}")
                }
            };
        }
        let none = format!("type {t} has no field or method {sel}");
        match why {
            Why::Missing => none,
            Why::Misspelled => format!("{none}, but does have {what} {name}"),
            Why::Unexported => format!("{none}, but does have unexported {what} {name}"),
            Why::Inaccessible => format!("cannot refer to unexported {what} {name}"),
        }
    }
}
