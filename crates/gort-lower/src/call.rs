//! Calls of functions, methods, closures and interface methods.

use crate::conv::{Conv, ResultConv};
use crate::func::FuncLower;
use crate::place::{Place, unparen};
use crate::value::Val;
use gort_ir::{Callee, Type, Value};
use gort_syntax::ast::*;
use gort_syntax::{Pos, Symbol};
use gort_types::info::Selection;
use gort_types::{Builtin, Mode, ObjData, ObjId, SelectionKind, Ty, TyKind};

/// Something that is called, with the arguments that come before the written ones.
pub struct Target {
    /// What to call.
    pub callee: Callee,
    /// Closure pointer and receiver.
    pub first: Vec<Value>,
    /// The type of the receiver if `first` has the address of a copy of it: one that waits for its call is kept whole.
    pub copied: Option<Ty>,
    /// How.
    pub conv: Conv,
    /// Whether the last parameter is variadic.
    pub variadic: bool,
    /// Whether the first argument is a closure pointer, which comes before the result area.
    pub closure: bool,
}

impl<'a> FuncLower<'_, 'a> {
    /// A call expression with at most one result.
    pub fn call_expr(&mut self, e: ExprRef<'a>) -> Val {
        let mut vals = self.call_multi(e);
        match vals.len() {
            1 => vals.pop().expect("one result"),
            _ => self.no_value(),
        }
    }

    /// A call expression: conversion, built-in or call; its results.
    pub fn call_multi(&mut self, e: ExprRef<'a>) -> Vec<Val> {
        self.parts_in_order(e, |f| f.call_now(e))
    }

    fn call_now(&mut self, e: ExprRef<'a>) -> Vec<Val> {
        let ExprKind::Call {
            fun,
            args,
            has_dots,
            ..
        } = e.kind
        else {
            unreachable!()
        };
        let f = unparen(fun);
        if self.mode(f) == Mode::Type {
            let to = self.ty(f);
            return vec![self.conversion(args[0], to)];
        }
        if let Some(builtin) = self.builtin_of(f) {
            return vec![self.builtin_call(e, builtin, args, has_dots)];
        }
        if let Some((obj, targs)) = self.static_callee(f) {
            let symbol = crate::symbol::func(self.cx, obj, &[]);
            if matches!(
                symbol.as_str(),
                "internal/abi.FuncPCABI0" | "internal/abi.FuncPCABIInternal"
            ) {
                return vec![self.func_pc(args[0], symbol.ends_with("ABI0"))];
            }
            if symbol == "unique.Make" && self.is_copied_string(args[0]) {
                let target = self.target(f, e.op_pos);
                let ty = self.ty(args[0]);
                let key = self.borrowed_string(args[0], ty);
                self.at(e.op_pos);
                return self.call_target(&target, &[key]);
            }
            let generic = symbol == "internal/abi.EscapeNonString";
            if generic && let Some(obj) = self.escape_non_string(obj, &targs) {
                let target = self.direct_target(obj, &targs, Vec::new(), self.ty(f));
                let args = self.arguments(&target.conv, false, args, has_dots);
                self.at(e.op_pos);
                return self.call_target(&target, &args);
            }
            if crate::expr::intrinsic::is_intrinsic(&symbol) && (targs.is_empty() || generic) {
                let sig = self.ty(f);
                let conv = self.cx.conv(sig);
                let vals = self.arguments(&conv, false, args, has_dots);
                self.at(e.op_pos);
                if let Some(results) = self.intrinsic(&symbol, &vals, &conv) {
                    return results;
                }
            }
        }
        let target = self.target(f, e.op_pos);
        let vals = self.arguments(&target.conv, target.variadic, args, has_dots);
        self.at(e.op_pos);
        let results = self.call_target(&target, &vals);
        self.keep_pointers(&target, args, has_dots, &vals);
        results
    }

    /// The overlay's function for an `EscapeNonString` that has something to do.
    fn escape_non_string(&self, intrinsic: ObjId, targs: &[Ty]) -> Option<ObjId> {
        let store = &self.cx.store;
        let escapes = targs
            .iter()
            .any(|&t| crate::repr::has_non_string_pointers(store, t));
        let package = escapes.then(|| store.obj(intrinsic).pkg)??;
        store
            .package(package)
            .lookup(Symbol::intern("escapeNonString"))
    }

    /// The code address of a function: of one that is named directly its own, else word 0 of the func value. One in assembly has
    /// its own for `abi0`, and its wrapper's.
    fn func_pc(&mut self, f: ExprRef<'a>, abi0: bool) -> Val {
        if let Some((obj, targs)) = self.static_callee(unparen(f)) {
            let (mut symbol, _) = self.cx.need_func(obj, &targs);
            if abi0 && self.cx.assembly.has_function(&symbol) {
                symbol.push_str(gort_abi::ABI0_SUFFIX);
            }
            let addr = self.global_addr(&symbol);
            return Val::one(self.b.convert(gort_ir::ConvertOp::Bitcast, Type::I64, addr));
        }
        let ty = self.ty(f);
        let v = self.expr(f);
        // An interface (the parameter's type) holds the func value as its data word.
        let closure = if self.cx.store.is_interface(ty) {
            v.at(1)
        } else {
            v.at(0)
        };
        Val::one(self.b.load(Type::I64, closure, 0))
    }

    /// The built-in function that a callee is.
    pub fn builtin_of(&self, f: ExprRef<'a>) -> Option<Builtin> {
        crate::analysis::builtin_of(self.cx.store, self.info(), f)
    }

    /// Evaluate what is called by the call at a position, where its code is fetched: a fault if there is none.
    pub fn target(&mut self, f: ExprRef<'a>, pos: Pos) -> Target {
        if let Some(target) = self.named_target(f, pos) {
            return target;
        }
        let mut target = self.closure_target(f);
        self.at(pos);
        target.callee = Callee::Indirect(self.b.load(Type::Ptr, target.first[0], 0));
        target
    }

    /// Evaluate what is called if that is a function or method by name.
    pub fn named_target(&mut self, f: ExprRef<'a>, pos: Pos) -> Option<Target> {
        let f = unparen(f);
        let sig = self.ty(f);
        if let Some((obj, targs)) = self.static_callee(f) {
            return Some(self.direct_target(obj, &targs, Vec::new(), sig));
        }
        if let ExprKind::Selector { x, .. } = f.kind
            && let Some(sel) = self.info().selection(f.id)
            && sel.kind == SelectionKind::MethodVal
        {
            return Some(self.method_target(f, x, sel, sig, pos));
        }
        None
    }

    /// Evaluate a function value that is called. Its code, for now the function value itself, is still to be fetched.
    pub fn closure_target(&mut self, f: ExprRef<'a>) -> Target {
        let f = unparen(f);
        let sig = self.ty(f);
        let conv = self.cx.conv(sig);
        let closure = self.expr(f).scalar();
        let variadic = self.is_variadic(sig);
        Target {
            callee: Callee::Indirect(closure),
            first: vec![closure],
            copied: None,
            conv,
            variadic,
            closure: true,
        }
    }

    fn is_variadic(&self, sig: Ty) -> bool {
        self.cx.store.sig(sig).is_some_and(|s| s.variadic)
    }

    /// The function that an expression names, with type arguments.
    pub fn static_callee(&self, f: ExprRef<'a>) -> Option<(ObjId, Vec<Ty>)> {
        let id = match f.kind {
            ExprKind::Name(_) => f.id,
            ExprKind::Selector { sel, .. } => {
                let s = self.info().selection(f.id)?;
                if s.kind != SelectionKind::Qualified {
                    return None;
                }
                sel.id
            }
            ExprKind::Index { x, .. } => return self.static_callee(unparen(x)),
            _ => return None,
        };
        let (obj, _) = self.info().obj(id)?;
        let is_func = matches!(self.cx.store.obj(obj).data, ObjData::Func(_));
        is_func.then(|| (obj, self.instance_targs(id)))
    }

    /// A call of a known function or method.
    pub fn direct_target(
        &mut self,
        obj: ObjId,
        targs: &[Ty],
        first: Vec<Value>,
        sig: Ty,
    ) -> Target {
        let (symbol, native) = self.cx.need_func(obj, targs);
        let conv = self.cx.conv(sig);
        let sym = self.sym(&symbol);
        let callee = if native {
            Callee::Native(sym)
        } else {
            Callee::Direct(sym)
        };
        let variadic = self.is_variadic(sig);
        Target {
            callee,
            first,
            copied: None,
            conv,
            variadic,
            closure: false,
        }
    }

    fn method_target(
        &mut self,
        f: ExprRef<'a>,
        x: ExprRef<'a>,
        sel: &Selection,
        sig: Ty,
        pos: Pos,
    ) -> Target {
        let sel = &self.selected(self.ty(x), sel);
        let (place, ty) = self.receiver_base(x, sel);
        self.at(f.op_pos);
        if self.cx.store.is_interface(ty) {
            let iface = self.read(&place, ty);
            self.at(pos);
            return self.interface_target(&iface, ty, sel.obj, sig);
        }
        let recv = self.receiver_arg(place, ty, sel.obj);
        let ExprKind::Selector { sel: name, .. } = f.kind else {
            unreachable!("a selector")
        };
        let targs = self.instance_targs(name.id);
        let recv_ty = self.recv_ty(sel.obj);
        let in_memory = self.repr(recv_ty).in_memory();
        Target {
            copied: in_memory.then_some(recv_ty),
            ..self.direct_target(sel.obj, &targs, recv, sig)
        }
    }

    /// A method selection as it is in this instance: with type arguments in place, a method of a constraint
    /// becomes one of the type argument, and one of a generic type becomes the instance's.
    pub fn selected(&self, recv: Ty, sel: &Selection) -> Selection {
        if self.env.from.is_empty() {
            return sel.clone();
        }
        let store = self.cx.store;
        let o = store.obj(sel.obj);
        let pkg = o.pkg.or(Some(self.cx.units[self.unit].pkg));
        let found = store.lookup_field_or_method(recv, true, pkg, o.name);
        match found.found() {
            Some(f) => Selection {
                obj: f.obj,
                index: f.index.clone().into(),
                indirect: f.indirect,
                recv,
                ..sel.clone()
            },
            None => sel.clone(),
        }
    }

    /// The place of the value that a method is called on, embedded fields followed.
    pub fn receiver_base(&mut self, x: ExprRef<'a>, sel: &Selection) -> (Place, Ty) {
        let ty = self.ty(x);
        let place = if matches!(self.under(ty), TyKind::Pointer(_)) {
            Place::Value(self.expr(x))
        } else {
            self.place(x)
        };
        let path = &sel.index[..sel.index.len() - 1];
        self.field_path(place, ty, path)
    }

    /// The receiver argument of a concrete method for a value at a place.
    pub fn receiver_arg(&mut self, place: Place, ty: Ty, method: ObjId) -> Vec<Value> {
        let recv = self.recv_ty(method);
        let wants_pointer = matches!(self.cx.store.kind(recv), TyKind::Pointer(_));
        let is_pointer = matches!(self.cx.store.kind(ty), TyKind::Pointer(_));
        match (wants_pointer, is_pointer) {
            (true, true) => self.read(&place, ty).scalars().to_vec(),
            (true, false) => {
                // Taking the address of what a nil pointer points to is a fault.
                if let Place::Mem {
                    addr, heap: true, ..
                } = place
                {
                    self.nil_check(addr);
                }
                vec![self.address(&place, ty)]
            }
            (false, false) => {
                let v = self.read(&place, ty);
                self.pass(ty, v)
            }
            (false, true) => {
                let TyKind::Pointer(elem) = self.under(ty) else {
                    unreachable!()
                };
                let ptr = self.read(&place, ty).scalar();
                self.nil_check(ptr);
                let v = self.load(*elem, ptr, 0);
                self.pass(*elem, v)
            }
        }
    }

    /// The declared receiver type of a method.
    pub fn recv_ty(&self, method: ObjId) -> Ty {
        let recv = self.cx.store.obj(method).func().and_then(|f| f.recv());
        self.env
            .subst(self.cx.store, recv.expect("a method has a receiver"))
    }

    /// A call of an interface's method.
    pub fn interface_target(&mut self, iface: &Val, ty: Ty, method: ObjId, sig: Ty) -> Target {
        let index = self.method_index(ty, method);
        self.cx.reach_method(method, sig);
        let tab = iface.at(0);
        let code = self.b.load(Type::Ptr, tab, 24 + 8 * index as i32);
        let conv = self.cx.conv(sig);
        let variadic = self.is_variadic(sig);
        Target {
            callee: Callee::Indirect(code),
            first: vec![iface.at(1)],
            copied: None,
            conv,
            variadic,
            closure: false,
        }
    }

    /// The position of a method in an interface's itab.
    pub fn method_index(&self, iface: Ty, method: ObjId) -> usize {
        let store = self.cx.store;
        let m = store.obj(method);
        let pkg = if m.name.is_exported() { None } else { m.pkg };
        let same = |e: &gort_types::types::IfaceMethod| {
            e.name == m.name && (pkg.is_none() || e.pkg == pkg)
        };
        store
            .type_set(iface)
            .methods
            .iter()
            .position(same)
            .expect("method of the interface")
    }

    /// Evaluate arguments as parameters of a signature, one value a parameter.
    pub fn arguments(
        &mut self,
        conv: &Conv,
        variadic: bool,
        args: &[ExprRef<'a>],
        has_dots: bool,
    ) -> Vec<Val> {
        let params = &conv.params;
        if let [single] = args
            && params.len() + variadic as usize != 1
            && let Some(vals) = self.spread(single)
        {
            return self.spread_arguments(params, variadic, vals);
        }
        let fixed = if variadic && !has_dots {
            params.len() - 1
        } else {
            params.len()
        };
        let mut vals = Vec::new();
        for (i, &a) in args.iter().take(fixed).enumerate() {
            let v = self.expr_as(a, params[i]);
            let later_calls = args[i + 1..].iter().any(|&b| self.calls(b));
            vals.push(if later_calls {
                self.snapshot(params[i], v)
            } else {
                v
            });
        }
        if variadic && !has_dots {
            let slice = params[params.len() - 1];
            let rest = &args[fixed.min(args.len())..];
            vals.push(self.variadic_slice(slice, rest));
        }
        vals
    }

    /// The slice for the arguments of a variadic parameter.
    fn variadic_slice(&mut self, slice: Ty, rest: &[ExprRef<'a>]) -> Val {
        if rest.is_empty() {
            return self.zero(slice);
        }
        let TyKind::Slice(elem) = self.under(slice) else {
            unreachable!("variadic parameter")
        };
        let vals: Vec<Val> = rest
            .iter()
            .map(|&a| {
                let v = self.expr_as(a, *elem);
                self.snapshot(*elem, v)
            })
            .collect();
        self.make_slice(*elem, &vals)
    }

    /// A fresh slice of values.
    fn make_slice(&mut self, elem: Ty, vals: &[Val]) -> Val {
        let array = self.cx.store.array(kept_as(elem), vals.len() as i64);
        let ptr = self.alloc(array);
        let size = self.repr(elem).size as i64;
        for (i, v) in vals.iter().enumerate() {
            let addr = self.offset(ptr, size * i as i64);
            self.store(elem, v, addr, 0, true);
        }
        let n = self.b.iconst(Type::I64, vals.len() as i64);
        Val::three(ptr, n, n)
    }

    /// The several results of a call that stands for all arguments; `None` if it has a single result.
    pub fn spread(&mut self, e: ExprRef<'a>) -> Option<Vec<(Val, Ty)>> {
        let call = unparen(e);
        let ExprKind::Call { .. } = call.kind else {
            return None;
        };
        let ty = self.ty(call);
        let TyKind::Tuple(types) = self.cx.store.kind(ty) else {
            return None;
        };
        let types: Vec<Ty> = types.to_vec();
        let vals = self.call_multi(call);
        Some(vals.into_iter().zip(types).collect())
    }

    fn spread_arguments(
        &mut self,
        params: &[Ty],
        variadic: bool,
        vals: Vec<(Val, Ty)>,
    ) -> Vec<Val> {
        let fixed = if variadic {
            params.len() - 1
        } else {
            params.len()
        };
        let mut out = Vec::new();
        let mut vals = vals.into_iter();
        for &p in &params[..fixed] {
            let (v, from) = vals.next().expect("checked");
            out.push(self.convert_assign(v, from, p));
        }
        if variadic {
            let slice = params[fixed];
            let TyKind::Slice(elem) = self.under(slice) else {
                unreachable!("variadic parameter")
            };
            let rest: Vec<Val> = vals
                .map(|(v, from)| self.convert_assign(v, from, *elem))
                .collect();
            out.push(if rest.is_empty() {
                self.zero(slice)
            } else {
                self.make_slice(*elem, &rest)
            });
        }
        out
    }

    /// A parameter's scalars, or the pointer to a copy for the callee.
    pub fn pass(&mut self, ty: Ty, val: Val) -> Vec<Value> {
        match self.snapshot(ty, val) {
            Val::S(s) => s.to_vec(),
            Val::M(addr) => vec![addr],
        }
    }

    /// Call with evaluated arguments; the results.
    pub fn call_target(&mut self, target: &Target, args: &[Val]) -> Vec<Val> {
        let conv = &target.conv;
        let mut flat = target.first.clone();
        let area = match conv.result_conv {
            ResultConv::Memory { size, align, .. } => {
                let slot = self.b.func.add_slot(size.max(1), align.max(8));
                let addr = self.b.slot_addr(slot, 0);
                let at = usize::from(target.closure);
                flat.insert(at, addr);
                Some(addr)
            }
            ResultConv::Registers(_) => None,
        };
        for (v, &ty) in args.iter().zip(&conv.params) {
            flat.extend(self.pass(ty, v.clone()));
        }
        let regs = self.b.call(target.callee, &flat, &conv.register_results());
        self.unpack_results(conv, &regs, area)
    }

    /// Results from registers or the result area.
    pub fn unpack_results(&mut self, conv: &Conv, regs: &[Value], area: Option<Value>) -> Vec<Val> {
        match (&conv.result_conv, area) {
            (ResultConv::Memory { offsets, .. }, Some(area)) => conv
                .results
                .iter()
                .zip(offsets)
                .map(|(&ty, &off)| self.load(ty, area, off as i32))
                .collect(),
            _ => {
                let mut regs = regs.iter().copied();
                conv.results
                    .iter()
                    .map(|&ty| {
                        let n = self.repr(ty).types().len();
                        Val::S(regs.by_ref().take(n).collect())
                    })
                    .collect()
            }
        }
    }
}

/// What the collector takes an argument for that waits in an object for its call: a number may be the address of something
/// that nothing else refers to (`//go:uintptrescapes`).
pub(crate) fn kept_as(ty: Ty) -> Ty {
    if ty == Ty::UINTPTR {
        Ty::UNSAFE_POINTER
    } else {
        ty
    }
}
