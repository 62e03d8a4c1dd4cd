//! Declarations: each object is resolved on first use, cycles are found on the way.

use crate::check::{Checker, Env, PendingBody};
use crate::constant::Value;
use crate::errors::Report;
use crate::exprstring::start_pos;
use crate::object::*;
use crate::operand::Operand;
use crate::resolver::DeclKind;
use crate::signature::FuncParts;
use crate::store::TypeStore;
use crate::types::*;
use gort_syntax::Pos;
use gort_syntax::ast::{self, *};
use std::sync::Arc;
use std::sync::OnceLock;

impl<'a> Checker<'a> {
    /// Resolve the type (and value) of a package-level object.
    pub(crate) fn obj_decl(&mut self, obj: ObjId) {
        let o = self.store.obj(obj);
        if self.path_index.contains_key(&obj) {
            let valid = self.valid_cycle(obj);
            match o.data {
                ObjData::Const { .. } | ObjData::Var { .. } if !valid || o.ty.get().is_none() => {
                    o.ty.set(Ty::INVALID);
                }
                ObjData::TypeName { .. } if !valid => o.ty.set(Ty::INVALID),
                _ => {}
            }
            return;
        }
        if o.ty.get().is_some() {
            return;
        }
        let Some(&decl) = self.decl_of.get(&obj) else {
            return;
        };
        self.push(obj);
        let file = self.decls[decl].file;
        let version = self.info.file_versions[file as usize];
        let saved = std::mem::replace(&mut self.env, Env::new(file, version));
        match self.decls[decl].kind.clone() {
            DeclKind::Const {
                typ,
                init,
                inherited,
                iota,
            } => {
                self.env.decl = Some(decl);
                self.const_decl(obj, typ, init, inherited, iota);
            }
            DeclKind::Var { lhs, typ, init } => {
                self.env.decl = Some(decl);
                self.var_decl(obj, &lhs, typ, init);
            }
            DeclKind::Type(d) => {
                self.type_decl(obj, d);
                self.collect_methods(obj);
            }
            DeclKind::Func(d) => self.func_decl(obj, decl, d),
        }
        self.env = saved;
        self.pop();
    }

    pub(crate) fn const_decl(
        &mut self,
        obj: ObjId,
        typ: Option<ExprRef<'a>>,
        init: Option<ExprRef<'a>>,
        inherited: bool,
        iota: u32,
    ) {
        let saved = (self.env.iota.take(), self.env.errpos);
        self.env.iota = Some(Value::Int(i64::from(iota)));
        self.env.errpos = Pos::NONE;
        self.const_decl_in(obj, typ, init, inherited);
        (self.env.iota, self.env.errpos) = saved;
    }

    fn const_decl_in(
        &mut self,
        obj: ObjId,
        typ: Option<ExprRef<'a>>,
        init: Option<ExprRef<'a>>,
        inherited: bool,
    ) {
        let o = self.store.obj(obj);
        if let Some(e) = typ {
            let t = self.typ(e);
            if !self.store.is_basic(t, BasicKind::is_const_type) {
                if self.store.under(t).is_valid() {
                    let msg = format!("invalid constant type {}", self.ts(t));
                    self.error(start_pos(e), "InvalidConstType", msg);
                }
                o.ty.set(Ty::INVALID);
                return;
            }
            o.ty.set(t);
        }
        let mut x = Operand::invalid();
        if let Some(e) = init {
            if inherited {
                self.env.errpos = o.pos;
            }
            self.expr(None, &mut x, e);
        }
        self.init_const(obj, &mut x);
    }

    pub(crate) fn var_decl(
        &mut self,
        obj: ObjId,
        lhs: &[ObjId],
        typ: Option<ExprRef<'a>>,
        init: Option<ExprRef<'a>>,
    ) {
        let o = self.store.obj(obj);
        if let Some(e) = typ {
            let t = self.var_type(e);
            o.ty.set(t);
        }
        let Some(init) = init else {
            if typ.is_none() {
                o.ty.set(Ty::INVALID);
            }
            return;
        };
        if lhs.len() <= 1 {
            match self.lazy && self.decl_of.contains_key(&obj) {
                true => self.package_var(obj, init),
                false => self.value_of_var(obj, init),
            }
            return;
        }
        if typ.is_some() {
            for &v in lhs {
                self.store.obj(v).ty.set(o.ty());
            }
        }
        self.init_vars(lhs, &[init], None);
    }

    /// The value of a variable.
    pub(crate) fn value_of_var(&mut self, obj: ObjId, init: ExprRef<'a>) {
        let o = self.store.obj(obj);
        let mut x = Operand::invalid();
        let target = self.new_target(o.ty.get(), crate::expr::Desc::Name(o.name));
        self.expr(target, &mut x, init);
        self.init_var(obj, &mut x, "variable declaration");
    }

    /// Whether `ty` is a constraint interface of another package.
    pub(crate) fn is_imported_constraint(&self, ty: Ty) -> bool {
        let Some(n) = self.store.named(ty) else {
            return false;
        };
        let pkg = self.store.obj(n.obj).pkg;
        if pkg.is_none() || pkg == Some(self.pkg) || !self.store.is_interface(ty) {
            return false;
        }
        !self.is_method_set(ty)
    }

    /// Whether an interface has methods only.
    pub(crate) fn is_method_set(&self, ty: Ty) -> bool {
        let set = self.store.type_set(ty);
        !set.comparable && set.terms.is_none()
    }

    pub(crate) fn type_decl(&mut self, obj: ObjId, d: &'a TypeDecl<'a>) {
        let store = self.store;
        let tparam0 = d.tparams.first().map(|f| f.pos);
        let typ_pos = start_pos(d.typ);
        let rhs_cell: Arc<OnceLock<Ty>> = Arc::default();
        let rhs_later = rhs_cell.clone();
        self.later(move |c| {
            let t = c.store.obj(obj).ty();
            if c.store.named(t).is_some() {
                c.valid_type(t);
            }
            if let Some(&rhs) = rhs_later.get()
                && c.is_imported_constraint(rhs)
            {
                c.verify_version(typ_pos, 18, |c| {
                    format!("using type constraint {}", c.ts(rhs))
                });
            }
        });
        if d.alias {
            let mut ok = true;
            if let Some(pos) = tparam0 {
                ok = self.verify_version(pos, 23, |_| "generic type alias".into());
            }
            if ok {
                self.verify_version(d.name.pos, 9, |_| "type alias".into());
            }
            let ty = store.add(TyKind::Alias(AliasType {
                obj,
                origin: None,
                targs: Box::default(),
                tparams: OnceLock::new(),
                rhs: TyCell::empty(),
            }));
            store.obj(obj).ty.set(ty);
            let TyKind::Alias(alias) = store.raw_kind(ty) else {
                return;
            };
            if !d.tparams.is_empty() {
                self.open_scope();
                self.collect_tparams(d.tparams, Some(&alias.tparams));
            }
            let mut rhs = self.declared_type(d.typ, Some(obj));
            if !d.tparams.is_empty() {
                self.close_scope();
                if store.type_params(ty).contains(&rhs) {
                    let msg = "cannot use type parameter declared in alias declaration as RHS";
                    self.error(typ_pos, "MisplacedTypeParam", msg);
                    rhs = Ty::INVALID;
                }
            }
            if alias.rhs.get().is_none() {
                alias.rhs.set(rhs);
            }
            let _ = rhs_cell.set(rhs);
            return;
        }
        if let Some(pos) = tparam0 {
            self.verify_version(pos, 18, |_| "type parameter".into());
        }
        let ty = store.new_named(obj);
        store.obj(obj).ty.set(ty);
        let TyKind::Named(named) = store.raw_kind(ty) else {
            return;
        };
        if !self.env.outer_tparams.is_empty() {
            let _ = named
                .outer_tparams
                .set(self.env.outer_tparams.iter().copied().collect());
        }
        if !d.tparams.is_empty() {
            self.open_scope();
            self.collect_tparams(d.tparams, Some(&named.tparams));
        }
        let rhs = self.declared_type(d.typ, Some(obj));
        if !d.tparams.is_empty() {
            self.close_scope();
        }
        if named.rhs.get().is_some() {
            // A cycle was found on the way.
            return;
        }
        if store.is_type_param(rhs) {
            let msg = "cannot use a type parameter as RHS in type declaration";
            self.error(typ_pos, "MisplacedTypeParam", msg);
            named.rhs.set(Ty::INVALID);
            named.under.set(Ty::INVALID);
            return;
        }
        named.rhs.set(rhs);
        let _ = rhs_cell.set(rhs);
    }

    /// Declare type parameters and resolve their constraints. `cell` gets them before the constraints are
    /// looked at, which may mention the declared type.
    pub(crate) fn collect_tparams(
        &mut self,
        list: &'a [ast::Field<'a>],
        cell: Option<&OnceLock<Box<[Ty]>>>,
    ) -> Vec<Ty> {
        let scope_pos = list.first().map_or(Pos::NONE, |f| f.pos);
        let mut tparams = Vec::with_capacity(list.len());
        for (i, f) in list.iter().enumerate() {
            let name = f.name.unwrap_or(Ident {
                name: gort_syntax::Symbol::BLANK,
                pos: f.pos,
                id: f.typ.id,
            });
            let ty = self.declare_tparam(&name, i, scope_pos, f.name.is_some());
            tparams.push(ty);
        }
        if let Some(cell) = cell {
            let _ = cell.set(tparams.clone().into());
        }
        let saved = std::mem::replace(&mut self.env.in_tparam_list, true);
        let mut bound = Ty::INVALID;
        for (i, f) in list.iter().enumerate() {
            if i == 0 || !std::ptr::eq(f.typ, list[i - 1].typ) {
                bound = self.bound_expr(f.typ);
                if self.store.is_type_param(bound) {
                    let msg = "cannot use a type parameter as constraint";
                    self.error(start_pos(f.typ), "MisplacedTypeParam", msg);
                    bound = Ty::INVALID;
                }
            }
            set_bound(self.store, tparams[i], bound);
        }
        self.env.in_tparam_list = saved;
        // A constraint that is no interface stands for an implicit one; only now is its kind known for sure.
        let later = tparams.clone();
        self.later(move |c| {
            for p in later {
                c.wrap_bound(p);
            }
        });
        tparams
    }

    /// Replace a constraint that is no interface by the interface it stands for.
    pub(crate) fn wrap_bound(&mut self, tparam: Ty) {
        let store = self.store;
        let bound = store.bound(tparam);
        let under = store.under(bound);
        if under.is_valid() && !matches!(store.raw_kind(under), TyKind::Interface(_)) {
            set_bound(store, tparam, store.interface(vec![], vec![bound], true));
        }
    }

    pub(crate) fn declare_tparam(
        &mut self,
        name: &Ident,
        index: usize,
        scope_pos: Pos,
        record: bool,
    ) -> Ty {
        let data = ObjData::TypeName { alias: false };
        let obj = self
            .store
            .new_obj(Object::blank(name.name, name.pos, Some(self.pkg), data));
        let ty = new_tparam(self.store, obj, index as u32);
        self.declare(record.then_some(name.id), obj, scope_pos);
        ty
    }

    /// A constraint: a type, or terms without `interface{}` around.
    fn bound_expr(&mut self, e: ExprRef<'a>) -> Ty {
        match e.kind {
            ExprKind::Unary { op: Op::Tilde, .. } | ExprKind::Binary { op: Op::Or, .. } => {
                let term = self.parse_union(e);
                let t = self.store.interface(vec![], vec![term], true);
                self.check_interface_later(t, vec![(term, start_pos(e))], vec![]);
                self.record_type(e, t);
                t
            }
            _ => self.typ(e),
        }
    }

    /// Attach the methods that belong to a type name.
    pub(crate) fn collect_methods(&mut self, obj: ObjId) {
        let Some(methods) = self.methods.remove(&obj) else {
            return;
        };
        let store = self.store;
        let base = store.obj(obj).ty();
        let named = match store.raw_kind(base) {
            TyKind::Named(n) => Some(n),
            _ => None,
        };
        let mut list: Vec<ObjId> = vec![];
        let mut seen: rustc_hash::FxHashMap<gort_syntax::Symbol, ObjId> = Default::default();
        for m in methods {
            let o = store.obj(m);
            if let Some(&alt) = seen.get(&o.name) {
                let at = self.pos_string(store.obj(alt).pos);
                let name = store.obj(obj).name;
                let msg = format!("method {name}.{} already declared at {at}", o.name);
                self.error(o.pos, "DuplicateMethod", msg);
                continue;
            }
            seen.insert(o.name, m);
            list.push(m);
        }
        if let Some(n) = named {
            let _ = n.methods.set(list.into());
            self.later(move |c| c.check_field_uniqueness(base));
        }
    }

    fn check_field_uniqueness(&mut self, base: Ty) {
        let store = self.store;
        let TyKind::Struct(s) = store.under_kind(base) else {
            return;
        };
        for f in &s.fields {
            if f.name.is_blank() {
                continue;
            }
            let hit = store
                .declared_methods(base)
                .iter()
                .find(|&&m| store.obj(m).name == f.name);
            if let Some(&m) = hit {
                let msg = format!("field and method with the same name {}", f.name);
                let r = Report::new(store.obj(m).pos, "DuplicateFieldAndMethod", msg);
                let r = self.alt_decl(r, f.obj);
                self.report(r);
            }
        }
    }

    fn func_decl(&mut self, obj: ObjId, decl: usize, d: &'a FuncDecl<'a>) {
        let o = self.store.obj(obj);
        o.ty.set(self.store.signature(vec![], vec![], false));
        let parts = self.func_type(d.recv, d.sig, Some(obj), true);
        if let (Some(f), Some(recv)) = (o.func(), parts.recv_ty) {
            let _ = f.recv.set(recv);
            if let Some(name) = d.recv.and_then(|r| r.name) {
                let _ = f.recv_name.set(name.name);
            }
        }
        o.ty.set(parts.sig);
        if !d.sig.tparams.is_empty() && !d.has_body() {
            self.soft_error(
                d.pos,
                "BadDecl",
                "generic function is missing function body",
            );
        }
        if !d.has_body() {
            if !self.config.allow_bodyless && !self.has_linkname(d.name.name) {
                self.error(d.pos, "MissingBody", "missing function body");
            }
        } else if self.lazy {
            let body = PendingBody {
                decl,
                parts,
                func: d,
            };
            self.pending.insert(obj, body);
        } else if self.config.bodies
            && let Some(body) = d.body()
        {
            self.later(move |c| c.func_body(Some(decl), parts, body, None));
        }
    }

    /// Declarations inside a function.
    pub(crate) fn decl_stmt(&mut self, list: &'a [Decl<'a>]) {
        for d in list {
            match d {
                Decl::Const(d) => self.local_const(d),
                Decl::Var(d) => self.local_var(d),
                Decl::Type(d) => {
                    let data = ObjData::TypeName { alias: d.alias };
                    let obj = self.store.new_obj(Object::blank(
                        d.name.name,
                        d.name.pos,
                        Some(self.pkg),
                        data,
                    ));
                    self.declare(Some(d.name.id), obj, d.name.pos);
                    self.push(obj);
                    self.type_decl(obj, d);
                    self.pop();
                }
                Decl::Import(_) | Decl::Func(_) => {}
            }
        }
    }

    fn local_const(&mut self, d: &'a ConstDecl<'a>) {
        let top = self.delayed.len();
        let (typ, values) = d.inherited;
        let inherited =
            d.typ.is_none() && d.values.is_empty() && (typ.is_some() || !values.is_empty());
        let mut objs = Vec::with_capacity(d.names.len());
        for (i, name) in d.names.iter().enumerate() {
            let data = ObjData::Const {
                value: OnceLock::new(),
            };
            let obj = self
                .store
                .new_obj(Object::blank(name.name, name.pos, Some(self.pkg), data));
            objs.push(obj);
            self.const_decl(obj, typ, values.get(i).copied(), inherited, d.iota);
        }
        self.arity(d.pos, d.names, values, true, inherited);
        self.process_delayed(top);
        for (name, obj) in d.names.iter().zip(objs) {
            self.declare(Some(name.id), obj, name.pos);
        }
    }

    fn local_var(&mut self, d: &'a VarDecl<'a>) {
        self.check_embed(d, true);
        let top = self.delayed.len();
        let new = |c: &Self, n: &Ident| {
            c.store
                .new_var(VarKind::Local, n.name, n.pos, Some(c.pkg), None)
        };
        let lhs: Vec<ObjId> = d.names.iter().map(|n| new(self, n)).collect();
        for (i, &obj) in lhs.iter().enumerate() {
            if d.values.len() == 1 && d.names.len() != 1 {
                self.var_decl(obj, &lhs, d.typ, Some(d.values[0]));
                break;
            }
            self.var_decl(obj, &[], d.typ, d.values.get(i).copied());
        }
        if d.typ.is_none() || !d.values.is_empty() {
            self.arity(d.pos, d.names, d.values, false, false);
        }
        self.process_delayed(top);
        for (name, obj) in d.names.iter().zip(lhs) {
            self.declare(Some(name.id), obj, name.pos);
        }
    }

    /// Check a body.
    pub(crate) fn func_body(
        &mut self,
        decl: Option<usize>,
        parts: FuncParts,
        body: &'a Block<'a>,
        iota: Option<Value>,
    ) {
        let mut env = Env::new(self.env.file, self.env.version);
        env.decl = decl;
        env.scope = Some(parts.scope);
        env.iota = iota;
        env.outer_tparams = parts.tparams.clone();
        let results = !parts.objs.results.is_empty();
        env.sig = Some(Arc::new(crate::check::FuncEnv { objs: parts.objs }));
        let saved = std::mem::replace(&mut self.env, env);
        self.stmt_list(body.stmts);
        if results && !self.is_terminating_list(body.stmts) {
            self.error(body.rbrace, "MissingReturn", "missing return");
        }
        self.usage();
        self.env = saved;
    }

    /// Complain about local variables that are never used.
    fn usage(&mut self) {
        let mut unused: Vec<(Pos, gort_syntax::Symbol)> = std::mem::take(&mut self.env.locals)
            .into_iter()
            .map(|v| self.store.obj(v))
            .filter(|o| !o.is_used())
            .map(|o| (o.pos, o.name))
            .collect();
        unused.sort();
        for (pos, name) in unused {
            self.soft_error(pos, "UnusedVar", format!("declared and not used: {name}"));
        }
    }
}

/// A fresh type parameter.
pub(crate) fn new_tparam(store: &TypeStore, obj: ObjId, index: u32) -> Ty {
    let ty = store.add(TyKind::TypeParam(TypeParam {
        obj,
        index,
        bound: TyCell::empty(),
    }));
    store.obj(obj).ty.set(ty);
    ty
}

/// Set a type parameter's constraint.
pub(crate) fn set_bound(store: &TypeStore, tparam: Ty, bound: Ty) {
    if let TyKind::TypeParam(p) = store.raw_kind(tparam) {
        p.bound.set(bound);
    }
}
