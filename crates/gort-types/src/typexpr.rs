//! Identifiers and type expressions.

use crate::check::Checker;
use crate::constant::{Kind, Value};
use crate::exprstring::{expr_list_string, expr_string, start_pos};
use crate::info::{Instance, Mode};
use crate::object::{ObjData, ObjId};
use crate::operand::Operand;
use crate::predicates::is_valid_name;
use crate::types::*;
use gort_syntax::ast::*;
use gort_syntax::{Pos, Symbol};

impl<'a> Checker<'a> {
    /// Resolve an identifier.
    pub(crate) fn ident(
        &mut self,
        x: &mut Operand<'a>,
        e: ExprRef<'a>,
        name: Symbol,
        want_type: bool,
    ) {
        x.invalidate();
        x.ty = Ty::INVALID;
        x.set_expr(e);
        let store = self.store;
        let Some((obj, dot)) = self.lookup_full(name) else {
            if name.is_blank() {
                self.error(e.pos, "InvalidBlank", "cannot use _ as value or type");
            } else if is_valid_name(name) {
                self.error(e.pos, "UndeclaredName", format!("undefined: {name}"));
            }
            return;
        };
        let o = store.obj(obj);
        if o.pkg.is_none()
            && (o.ty() == Ty::ANY || o.ty() == Ty::COMPARABLE)
            && o.is_type_name()
            && !self.verify_version(e.pos, 18, |_| format!("predeclared {name}"))
        {
            return;
        }
        self.info.record_obj(e.id, obj, false);
        let is_type = o.is_type_name();
        if want_type && !is_type {
            let msg = format!("{} ({}) is not a type", o.name, self.object_kind(obj));
            self.error(e.pos, "NotAType", msg);
            if o.var_kind().is_some() {
                o.set_used();
            }
            return;
        }
        if o.ty.get().is_none() || is_type && want_type && o.pkg == Some(self.pkg) {
            self.obj_decl(obj);
        }
        let ty = o.ty();
        if let Some(dot) = dot {
            store.obj(dot).set_used();
        }
        match &o.data {
            ObjData::PkgName { .. } => {
                let msg = format!("use of package {} not in selector", o.name);
                self.error(e.pos, "InvalidPkgUse", msg);
                return;
            }
            ObjData::Const { value } => {
                self.add_dep(obj);
                if !store.unalias(ty).is_valid() {
                    return;
                }
                if o.pkg.is_none() && o.name.as_str() == "iota" {
                    match &self.env.iota {
                        Some(v) => x.val = v.clone(),
                        None => {
                            let msg = "cannot use iota outside constant declaration";
                            self.error(e.pos, "InvalidIota", msg);
                            return;
                        }
                    }
                } else {
                    x.val = value.get().cloned().unwrap_or(Value::Unknown);
                }
                x.mode = Mode::Const;
            }
            ObjData::TypeName { .. } => x.mode = Mode::Type,
            ObjData::Var { .. } => {
                if o.pkg == Some(self.pkg) {
                    o.set_used();
                }
                self.add_dep(obj);
                if !store.unalias(ty).is_valid() {
                    return;
                }
                x.mode = Mode::Variable;
            }
            ObjData::Func(_) => {
                self.add_dep(obj);
                if !ty.is_valid() {
                    return;
                }
                x.mode = Mode::Value;
            }
            ObjData::Builtin(b) => {
                x.builtin = Some(*b);
                x.mode = Mode::Builtin;
            }
            ObjData::Nil => x.mode = Mode::Nil,
            ObjData::Label => return,
        }
        x.ty = ty;
    }

    /// A type.
    pub(crate) fn typ(&mut self, e: ExprRef<'a>) -> Ty {
        self.declared_type(e, None)
    }

    /// The type of a variable: no constraint interface.
    pub(crate) fn var_type(&mut self, e: ExprRef<'a>) -> Ty {
        let ty = self.declared_type(e, None);
        self.valid_var_type(e, ty);
        ty
    }

    pub(crate) fn valid_var_type(&mut self, e: ExprRef<'a>, ty: Ty) {
        // Most types can be told at a glance.
        match self.store.raw_kind(ty) {
            TyKind::Basic(_)
            | TyKind::TypeParam(_)
            | TyKind::Pointer(_)
            | TyKind::Slice(_)
            | TyKind::Array { .. }
            | TyKind::Map { .. }
            | TyKind::Chan { .. }
            | TyKind::Struct(_)
            | TyKind::Signature(_) => return,
            TyKind::Named(n) => {
                if let Some(u) = n.under.get()
                    && !matches!(self.store.raw_kind(u), TyKind::Interface(_))
                {
                    return;
                }
            }
            _ => {}
        }
        if self.store.is_type_param(ty) || ty == Ty::ANY {
            return;
        }
        let pos = start_pos(e);
        self.later(move |c| {
            if !c.store.is_plain_interface(ty) || c.is_method_set(ty) {
                return;
            }
            let t = c.ts(ty);
            let why = if c.store.type_set(ty).comparable {
                "interface is (or embeds) comparable"
            } else {
                "interface contains type constraints"
            };
            let msg = format!("cannot use type {t} outside a type constraint: {why}");
            c.soft_error(pos, "MisplacedConstraintIface", msg);
        });
    }

    pub(crate) fn declared_type(&mut self, e: ExprRef<'a>, def: Option<ObjId>) -> Ty {
        let mut ty = self.typ_internal(e, def);
        if self.store.is_generic(ty) {
            let msg = format!(
                "cannot use generic type {} without instantiation",
                self.ts(ty)
            );
            self.error(start_pos(e), "WrongTypeArgCount", msg);
            ty = Ty::INVALID;
        }
        self.record_type(e, ty);
        ty
    }

    /// A generic type that is about to be instantiated.
    pub(crate) fn generic_type(&mut self, e: ExprRef<'a>, cause: &mut String) -> Ty {
        let mut ty = self.typ_internal(e, None);
        let alias_in_progress = matches!(self.store.raw_kind(ty), TyKind::Alias(_));
        if (self.store.unalias(ty).is_valid() || alias_in_progress) && !self.store.is_generic(ty) {
            if self.store.unalias(ty).is_valid() {
                *cause = format!("{} is not a generic type", self.ts(ty));
            }
            ty = Ty::INVALID;
        }
        self.record_type(e, ty);
        ty
    }

    pub(crate) fn record_type(&mut self, e: ExprRef<'a>, ty: Ty) {
        self.info.record(e.id, Mode::Type, ty, None);
    }

    fn typ_operand(&mut self, x: &Operand<'a>) -> Ty {
        match x.mode {
            Mode::Type => return x.ty,
            Mode::None => {}
            Mode::NoValue => {
                let msg = format!("{} used as type", self.op_string(x));
                self.error(x.pos(), "NotAType", msg);
            }
            _ => {
                let msg = format!("{} is not a type", self.op_string(x));
                self.error(x.pos(), "NotAType", msg);
            }
        }
        Ty::INVALID
    }

    fn typ_internal(&mut self, e: ExprRef<'a>, def: Option<ObjId>) -> Ty {
        self.depth += 1;
        let ty = if self.depth > crate::expr::MAX_DEPTH {
            self.too_deep(e.pos);
            Ty::INVALID
        } else {
            self.typ_kind(e, def)
        };
        self.depth -= 1;
        ty
    }

    fn typ_kind(&mut self, e: ExprRef<'a>, def: Option<ObjId>) -> Ty {
        let store = self.store;
        match e.kind {
            ExprKind::Bad => Ty::INVALID,
            ExprKind::Name(name) => {
                let mut x = Operand::invalid();
                self.ident(&mut x, e, name, true);
                self.typ_operand(&x)
            }
            ExprKind::Selector { x: base, sel } => {
                let mut x = Operand::invalid();
                self.selector(&mut x, e, base, sel, true);
                self.typ_operand(&x)
            }
            ExprKind::Index { x, indices } => {
                self.verify_version(e.pos, 18, |_| "type instantiation".into());
                self.instantiated_type(x, indices)
            }
            ExprKind::Paren(x) => self.declared_type(x, def),
            ExprKind::ArrayType { len, elem } => {
                let n = match len {
                    Some(n) => self.array_length(n),
                    None => {
                        let msg = "invalid use of [...] array (outside a composite literal)";
                        self.error(e.pos, "BadDotDotDotSyntax", msg);
                        -1
                    }
                };
                let elem = self.var_type(elem);
                self.check_array_size(e.pos, elem, n);
                if n >= 0 {
                    store.array(elem, n)
                } else {
                    Ty::INVALID
                }
            }
            ExprKind::SliceType { elem } => {
                let elem = self.var_type(elem);
                store.slice(elem)
            }
            ExprKind::DotsType { .. } => {
                self.error(e.pos, "InvalidSyntaxTree", "invalid use of ...");
                Ty::INVALID
            }
            ExprKind::StructType { fields } => self.struct_type(fields),
            ExprKind::Star(x) => {
                let base = self.var_type(x);
                if store.unalias(base).is_valid()
                    || matches!(store.raw_kind(base), TyKind::Alias(a) if a.rhs.get().is_none())
                {
                    store.pointer(base)
                } else {
                    Ty::INVALID
                }
            }
            ExprKind::FuncType(f) => self.func_type(None, f, None, false).sig,
            ExprKind::InterfaceType { elems } => self.interface_type(e.pos, elems, def),
            ExprKind::MapType { key, value } => {
                let k = self.var_type(key);
                let v = self.var_type(value);
                let pos = start_pos(key);
                if !store.is_basic(k, |k| k != BasicKind::Invalid) {
                    self.later(move |c| {
                        if !c.store.comparable(k)
                            && c.store.unalias(k).is_valid()
                            && c.store.under(k).is_valid()
                        {
                            let why = if c.store.is_type_param(k) {
                                " (missing comparable constraint)"
                            } else {
                                ""
                            };
                            let msg = format!("invalid map key type {}{why}", c.ts(k));
                            c.error(pos, "IncomparableMapKey", msg);
                        }
                    });
                }
                store.map(k, v)
            }
            ExprKind::ChanType { dir, elem } => {
                let ty = self.var_type(elem);
                let pos = e.pos;
                self.later(move |c| c.check_chan_elem(pos, ty));
                store.chan(dir, ty)
            }
            _ => {
                let msg = format!("{} is not a type", expr_string(e));
                self.error(start_pos(e), "NotAType", msg);
                self.use_exprs(&[e]);
                Ty::INVALID
            }
        }
    }

    /// No array may be larger than what can be addressed.
    fn check_array_size(&mut self, pos: Pos, elem: Ty, n: i64) {
        const MAX: i64 = 1 << 50;
        if n < 1 << 20 {
            return;
        }
        let store = self.store;
        self.later(move |c| {
            if store.has_tparams(elem) || !store.under(elem).is_valid() {
                return;
            }
            let ty = store.array(elem, n);
            if !(0..MAX).contains(&store.size_of(ty)) {
                let msg = format!("type {} larger than address space", c.ts(ty));
                c.error(pos, "TypeTooLarge", msg);
            }
        });
    }

    /// The runtime copies elements through a buffer with 16-bit sizes.
    fn check_chan_elem(&mut self, pos: Pos, elem: Ty) {
        if !self.store.has_tparams(elem) && !(0..1 << 16).contains(&self.store.size_of(elem)) {
            self.error(
                pos,
                "TypeTooLarge",
                "channel element type too large (>64kB)",
            );
        }
    }

    fn instantiated_type(&mut self, x: ExprRef<'a>, xlist: &'a [ExprRef<'a>]) -> Ty {
        let mut cause = String::new();
        let generic = self.generic_type(x, &mut cause);
        let pos = x.pos;
        if !cause.is_empty() {
            let msg = format!(
                "invalid operation: {}{} ({cause})",
                expr_string(x),
                expr_list_string(xlist)
            );
            self.error(start_pos(x), "NotAGenericType", msg);
        }
        if generic == Ty::INVALID {
            for e in xlist {
                self.use_exprs(&[*e]);
            }
            return generic;
        }
        let Some(targs) = self.type_list(xlist) else {
            return Ty::INVALID;
        };
        let store = self.store;
        let name = match store.raw_kind(generic) {
            TyKind::Named(n) => n.obj,
            TyKind::Alias(a) => a.obj,
            _ => return Ty::INVALID,
        };
        let is_alias = matches!(store.raw_kind(generic), TyKind::Alias(_));
        let want = store.type_params(generic).len();
        if is_alias && !self.validate_targ_len(pos, name, want, targs.len()) {
            return Ty::INVALID;
        }
        let inst = store.instance(generic, &targs);
        self.instance_pos.entry(inst).or_insert(pos);
        let ident = match x.kind {
            ExprKind::Name(_) => Some(x.id),
            ExprKind::Selector { sel, .. } => Some(sel.id),
            _ => None,
        };
        self.later(move |c| {
            if let Some(id) = ident {
                c.info.record_instance(
                    id,
                    Instance {
                        targs: targs.clone().into(),
                        ty: inst,
                    },
                );
            }
            let tparams = c.store.type_params(generic);
            if !c.validate_targ_len(pos, name, tparams.len(), targs.len()) {
                return;
            }
            match c.verify_instance(tparams, &targs) {
                Err((i, why)) => {
                    let pos = xlist.get(i).map_or(pos, |e| start_pos(e));
                    c.soft_error(pos, "InvalidTypeArg", why);
                }
                Ok(()) => c.mono_instance(pos, tparams, &targs, xlist),
            }
        });
        inst
    }

    fn validate_targ_len(&mut self, pos: Pos, name: ObjId, want: usize, got: usize) -> bool {
        let qual = match got.cmp(&want) {
            std::cmp::Ordering::Less => "not enough",
            std::cmp::Ordering::Greater => "too many",
            std::cmp::Ordering::Equal => return true,
        };
        let name = self.store.obj(name).name;
        let msg = format!("{qual} type arguments for type {name}: have {got}, want {want}");
        self.error(pos, "WrongTypeArgCount", msg);
        false
    }

    /// Types, unless one of them is invalid.
    pub(crate) fn type_list(&mut self, list: &[ExprRef<'a>]) -> Option<Vec<Ty>> {
        let mut ok = true;
        let mut types = Vec::with_capacity(list.len());
        for &e in list {
            let t = self.var_type(e);
            let pending =
                matches!(self.store.raw_kind(t), TyKind::Alias(a) if a.rhs.get().is_none());
            ok &= self.store.unalias(t).is_valid() || pending;
            types.push(t);
        }
        ok.then_some(types)
    }

    /// An array length; negative after an error.
    fn array_length(&mut self, e: ExprRef<'a>) -> i64 {
        if let ExprKind::Name(name) = e.kind {
            match self.lookup_name(name) {
                None => {
                    let msg = format!("undefined array length {name} or missing type constraint");
                    self.error(e.pos, "InvalidArrayLen", msg);
                    return -1;
                }
                Some(obj) if !matches!(self.store.obj(obj).data, ObjData::Const { .. }) => {
                    self.error(
                        e.pos,
                        "InvalidArrayLen",
                        format!("invalid array length {name}"),
                    );
                    return -1;
                }
                _ => {}
            }
        }
        let mut x = Operand::invalid();
        self.expr(None, &mut x, e);
        if x.mode != Mode::Const {
            if x.is_valid() {
                let msg = format!("array length {} must be constant", self.op_string(&x));
                self.error(x.pos(), "InvalidArrayLen", msg);
            }
            return -1;
        }
        let store = self.store;
        let integer = store.is_basic(x.ty, BasicKind::is_integer);
        if store.is_untyped(x.ty) || integer {
            let v = x.val.to_int();
            if v.kind() == Kind::Int
                && let Some(n) = v.to_i64()
                && n >= 0
            {
                return n;
            }
        }
        let x_str = self.op_string(&x);
        let msg = if integer {
            format!("invalid array length {x_str}")
        } else {
            format!("array length {x_str} must be integer")
        };
        self.error(x.pos(), "InvalidArrayLen", msg);
        -1
    }
}
