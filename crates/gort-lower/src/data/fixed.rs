//! Which initial values are known at build time, so that they lie in the executable's data: constants, literals made of such,
//! addresses of package variables and functions, and results of functions that are one such expression
//! (`errors.New("…")`).
//!
//! The specification lets an implementation do that: none of these expressions can be observed at work.

use crate::expr::composite::{indexed, literal_len};
use crate::place::unparen;
use crate::program::Cx;
use gort_syntax::ast::*;
use gort_types::{Info, Mode, ObjData, ObjId, SelectionKind, Ty, TyKind, VarKind};

/// Larger variables are filled when the program runs.
const MAX_SIZE: i64 = 1 << 24;

/// What names mean in an expression outside of functions, or in the single expression of a function that it calls.
#[derive(Clone)]
pub struct Scope<'a> {
    /// The unit that the expression stands in.
    pub unit: usize,
    /// Of a function: the caller's unit, parameters and arguments.
    call: Option<(usize, Vec<(ObjId, ExprRef<'a>)>)>,
}

impl<'a> Scope<'a> {
    /// Package level.
    pub fn package(unit: usize) -> Scope<'a> {
        Scope { unit, call: None }
    }

    /// The argument for a parameter, and its scope.
    pub fn argument(&self, param: ObjId) -> Option<(Scope<'a>, ExprRef<'a>)> {
        let (unit, args) = self.call.as_ref()?;
        let (_, arg) = args.iter().find(|(p, _)| *p == param)?;
        Some((Scope::package(*unit), arg))
    }
}

/// What may be among the parts of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parts {
    /// Only what cannot be told from a copy: constants and functions, arrays and structs of them.
    Plain,
    /// Only what data can hold.
    Fixed,
    /// Also maps and closures: making them has no effect that could be seen.
    Quiet,
}

impl<'a> Cx<'a> {
    /// Whether the value of `e`, converted to `ty`, is known at build time.
    pub fn is_fixed(&self, at: &Scope<'a>, e: ExprRef<'a>, ty: Ty) -> bool {
        self.check(at, e, ty, Parts::Fixed)
    }

    /// Whether each evaluation of `e` as `ty` gives what a table of the executable may hold.
    pub fn is_plain(&self, unit: usize, e: ExprRef<'a>, ty: Ty) -> bool {
        self.check(&Scope::package(unit), e, ty, Parts::Plain)
    }

    /// Whether nobody can tell if or when `e` is evaluated at package level, except by its value.
    pub fn is_quiet(&self, unit: usize, e: ExprRef<'a>, ty: Ty) -> bool {
        self.check(&Scope::package(unit), e, ty, Parts::Quiet)
    }

    /// The tables for a scope's expressions.
    pub fn scope_info(&self, at: &Scope<'a>) -> &'a Info<'a> {
        self.units[at.unit].info
    }

    /// The type that a value has before it is converted to an interface.
    pub fn concrete_type(&self, at: &Scope<'a>, e: ExprRef<'a>) -> Ty {
        let ty = self.scope_info(at).ty(e.id);
        match self.store.kind(ty) {
            TyKind::Basic(k) if k.is_untyped() => self.store.default_type(ty),
            _ => ty,
        }
    }

    fn check(&self, at: &Scope<'a>, e: ExprRef<'a>, ty: Ty, parts: Parts) -> bool {
        let store = self.store;
        let e = unparen(e);
        let info = self.scope_info(at);
        let mode = info.expr(e.id).map_or(Mode::None, |m| m.mode);
        if mode == Mode::Nil {
            return true;
        }
        if store.is_interface(ty) {
            let from = self.concrete_type(at, e);
            return !store.is_interface(from) && self.check(at, e, from, parts);
        }
        if info.value(e.id).is_some() {
            return matches!(store.kind(store.under(ty)), TyKind::Basic(_));
        }
        match e.kind {
            ExprKind::Name(_) => {
                let obj = info.obj(e.id).map(|o| o.0);
                obj.is_some_and(|o| self.check_name(at, o, e.id, ty, parts))
            }
            ExprKind::Selector { sel, .. } => match info.selection(e.id) {
                Some(s) if s.kind == SelectionKind::Qualified => {
                    self.check_name(at, s.obj, sel.id, ty, parts)
                }
                _ => false,
            },
            ExprKind::Composite { elems, .. } => {
                self.check_literal(at, info.ty(e.id), elems, parts)
            }
            ExprKind::Unary { op: Op::And, x } if parts != Parts::Plain => {
                let x = unparen(x);
                match x.kind {
                    ExprKind::Composite { elems, .. } => {
                        self.check_literal(at, info.ty(x.id), elems, parts)
                    }
                    _ => self.global_part(at, x).is_some(),
                }
            }
            ExprKind::FuncLit { .. } => parts == Parts::Quiet && at.call.is_none(),
            ExprKind::Call { fun, args, .. } => self.check_call(at, e, fun, args, ty, parts),
            _ => false,
        }
    }

    fn check_name(&self, at: &Scope<'a>, obj: ObjId, id: ExprId, ty: Ty, parts: Parts) -> bool {
        let o = self.store.obj(obj);
        match &o.data {
            ObjData::Func(_) => self.scope_info(at).instance(id).is_none(),
            ObjData::Var { .. } if parts == Parts::Plain => false,
            ObjData::Var { .. } => match at.argument(obj) {
                Some((outer, arg)) => {
                    self.store.canon(ty) == self.store.canon(o.ty())
                        && self.check(&outer, arg, ty, parts)
                }
                None => at.call.is_none() && self.inits.is_untouched(obj),
            },
            _ => false,
        }
    }

    fn check_literal(
        &self,
        at: &Scope<'a>,
        ty: Ty,
        elems: &'a [ExprRef<'a>],
        parts: Parts,
    ) -> bool {
        let store = self.store;
        let all = |elem: Ty, elems: &[ExprRef<'a>]| {
            let list = indexed(self.scope_info(at), elems);
            list.iter().all(|(_, v)| self.check(at, v, elem, parts))
                && literal_len(&list) <= MAX_SIZE / store.size_of(elem).max(1)
        };
        match store.kind(store.under(ty)) {
            TyKind::Struct(s) => {
                let fields = self.struct_elems(at.unit, ty, elems);
                store.size_of(ty) <= MAX_SIZE
                    && fields.iter().all(|(path, value)| match path[..] {
                        [i] => self.check(at, value, s.fields[i as usize].ty, parts),
                        _ => false,
                    })
            }
            TyKind::Array { elem, .. } => store.size_of(ty) <= MAX_SIZE && all(*elem, elems),
            TyKind::Slice(_) | TyKind::Pointer(_) if parts == Parts::Plain => false,
            TyKind::Slice(elem) => all(*elem, elems),
            TyKind::Pointer(base) => self.check_literal(at, *base, elems, parts),
            TyKind::Map { key, elem } => {
                parts == Parts::Quiet
                    && self.hashes_quietly(*key)
                    && elems.iter().all(|e| match e.kind {
                        ExprKind::KeyValue { key: k, value: v } => {
                            self.check(at, k, *key, parts) && self.check(at, v, *elem, parts)
                        }
                        _ => false,
                    })
            }
            _ => false,
        }
    }

    /// Whether values of the type can always be hashed and compared: a dynamic type that cannot makes that panic.
    pub fn hashes_quietly(&self, key: Ty) -> bool {
        let store = self.store;
        match store.kind(store.under(key)) {
            TyKind::Basic(_) | TyKind::Pointer(_) | TyKind::Chan { .. } => true,
            TyKind::Array { elem, .. } => self.hashes_quietly(*elem),
            TyKind::Struct(s) => s.fields.iter().all(|f| self.hashes_quietly(f.ty)),
            _ => false,
        }
    }

    fn check_call(
        &self,
        at: &Scope<'a>,
        e: ExprRef<'a>,
        fun: ExprRef<'a>,
        args: &'a [ExprRef<'a>],
        ty: Ty,
        parts: Parts,
    ) -> bool {
        let info = self.scope_info(at);
        let fun = unparen(fun);
        match (info.expr(fun.id).map_or(Mode::None, |m| m.mode), args) {
            (Mode::Type, [arg]) => match self.conversion(at, e, arg) {
                Some(Conversion::Same(from)) => self.check(at, arg, from, parts),
                Some(Conversion::Bytes) => parts != Parts::Plain,
                None => false,
            },
            (Mode::Type, _) => false,
            _ if parts == Parts::Plain => false,
            // `make(map[K]V)`
            (Mode::Builtin, [_]) if parts == Parts::Quiet => {
                let map = matches!(
                    self.store.kind(self.store.under(info.ty(e.id))),
                    TyKind::Map { .. }
                );
                map && matches!(fun.kind, ExprKind::Name(n) if n.as_str() == "make")
            }
            (Mode::Builtin, _) => false,
            _ => match self.single_expression(at, e) {
                Some((inner, result)) => {
                    let into = self.scope_info(at).ty(e.id);
                    self.store.canon(into) == self.store.canon(ty)
                        && self.check(&inner, result, ty, parts)
                }
                None => false,
            },
        }
    }

    /// The global variable, and the offset in it, that `&e` is the address of.
    pub fn global_part(&self, at: &Scope<'a>, e: ExprRef<'a>) -> Option<(ObjId, i64)> {
        let store = self.store;
        let info = self.scope_info(at);
        let e = unparen(e);
        let package_var = |obj: ObjId| {
            let o = store.obj(obj);
            (o.var_kind() == Some(VarKind::Package) && !o.name.is_blank()).then_some((obj, 0))
        };
        match e.kind {
            ExprKind::Name(_) => package_var(info.obj(e.id)?.0),
            ExprKind::Selector { x, .. } => {
                let sel = info.selection(e.id)?;
                match sel.kind {
                    SelectionKind::Qualified => package_var(sel.obj),
                    SelectionKind::FieldVal if !sel.indirect => {
                        let (obj, mut off) = self.global_part(at, x)?;
                        let mut ty = sel.recv;
                        for &i in &sel.index {
                            let TyKind::Struct(s) = store.kind(store.under(ty)) else {
                                return None;
                            };
                            off += store.offsets_of(s)[i as usize];
                            ty = s.fields[i as usize].ty;
                        }
                        Some((obj, off))
                    }
                    _ => None,
                }
            }
            ExprKind::Index { x, indices: [i] } => {
                let TyKind::Array { elem, .. } = store.kind(store.under(info.ty(x.id))) else {
                    return None;
                };
                let (obj, off) = self.global_part(at, x)?;
                let i = info.value(i.id)?.to_int().to_i64()?;
                Some((obj, off + i * store.size_of(*elem)))
            }
            _ => None,
        }
    }

    /// What a conversion does, if data can hold its result.
    pub fn conversion(
        &self,
        at: &Scope<'a>,
        e: ExprRef<'a>,
        arg: ExprRef<'a>,
    ) -> Option<Conversion> {
        let store = self.store;
        let info = self.scope_info(at);
        let to = store.under(info.ty(e.id));
        if let TyKind::Slice(elem) = store.kind(to)
            && store.size_of(*elem) == 1
            && info.value(arg.id).is_some_and(|v| v.as_bytes().is_some())
        {
            return Some(Conversion::Bytes);
        }
        let is_nil = info.expr(arg.id).is_some_and(|m| m.mode == Mode::Nil);
        let from = info.ty(arg.id);
        let same = is_nil || store.canon(store.under(from)) == store.canon(to);
        let pointers = |a: Ty, b: Ty| match (store.kind(a), store.kind(b)) {
            (TyKind::Pointer(a), TyKind::Pointer(b)) => {
                store.canon(store.under(*a)) == store.canon(store.under(*b))
            }
            _ => false,
        };
        (same || pointers(store.under(from), to)).then_some(Conversion::Same(from))
    }

    /// The one expression that a called function returns, and its scope.
    pub fn single_expression(
        &self,
        at: &Scope<'a>,
        call: ExprRef<'a>,
    ) -> Option<(Scope<'a>, ExprRef<'a>)> {
        let ExprKind::Call {
            fun,
            args,
            has_dots: false,
            ..
        } = call.kind
        else {
            return None;
        };
        if at.call.is_some() {
            return None;
        }
        let info = self.scope_info(at);
        let fun = unparen(fun);
        let (obj, id) = match fun.kind {
            ExprKind::Name(_) => (info.obj(fun.id)?.0, fun.id),
            ExprKind::Selector { sel, .. } => {
                let s = info.selection(fun.id)?;
                (s.kind == SelectionKind::Qualified).then_some((s.obj, sel.id))?
            }
            _ => return None,
        };
        let o = self.store.obj(obj);
        if !matches!(o.data, ObjData::Func(_)) || info.instance(id).is_some() {
            return None;
        }
        let sig = self.store.sig(o.ty())?;
        let unit = self.unit_of(o.pkg);
        let decl = self.units[unit].info.func_decls.get(&obj)?;
        let [
            Stmt {
                kind: StmtKind::Return([result]),
                ..
            },
        ] = decl.decl.body()?.stmts
        else {
            return None;
        };
        if sig.variadic || sig.params.len() != args.len() || self.linkname(obj).is_some() {
            return None;
        }
        if !self.check_bodies(&[(unit, obj)]) {
            return None;
        }
        let params = self.units[unit].info.params(decl.decl.sig.pos)?;
        let call = params.params.iter().copied().zip(args.iter().copied());
        let scope = Scope {
            unit,
            call: Some((at.unit, call.collect())),
        };
        Some((scope, result))
    }
}

/// Conversions whose result data can hold.
pub enum Conversion {
    /// The bits stay: from a type with the same underlying type.
    Same(Ty),
    /// From a constant string to a slice of bytes.
    Bytes,
}
