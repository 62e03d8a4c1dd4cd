//! Function values: literals with what they capture, plain functions, method values and expressions.
//!
//! A function value points to an object whose first word is code; captured variables follow, by value or
//! as the pointer to their box. Code called through it gets that pointer first.

use crate::call::Target;
use crate::conv::{Conv, ResultConv};
use crate::func::{FuncLower, Storage};
use crate::place::Place;
use crate::program::Cx;
use crate::value::Val;
use gort_ir::{Callee, Data, InstData, Module, Reloc, RelocKind, Section, Type, Value};
use gort_syntax::Symbol;
use gort_syntax::ast::*;
use gort_types::info::Selection;
use gort_types::types::Field;
use gort_types::{ObjId, Ty, TyKind};

/// A captured variable: by value, or the pointer to its box.
pub struct Capture {
    /// The variable.
    pub obj: ObjId,
    /// Its type.
    pub ty: Ty,
    /// By the pointer to its box.
    pub by_ref: bool,
}

impl<'a> FuncLower<'_, 'a> {
    /// A plain function (or method, receiver first) as a value.
    pub fn func_value(&mut self, obj: ObjId, targs: &[Ty]) -> Val {
        let data = self.cx.func_object(obj, targs);
        Val::one(self.global_addr(&data))
    }

    /// `func(…) … { … }`
    pub fn func_lit(&mut self, e: ExprRef<'a>, sig: &'a FuncType<'a>, body: &'a Block<'a>) -> Val {
        self.func_lit_symbol(e, sig, body).0
    }

    /// `func(…) … { … }` and the symbol of its code.
    pub fn func_lit_symbol(
        &mut self,
        e: ExprRef<'a>,
        sig: &'a FuncType<'a>,
        body: &'a Block<'a>,
    ) -> (Val, String) {
        let name = self.next_name("func");
        let symbol = self.own_symbol(&name);
        let objs = self.info().params(sig.pos).cloned().unwrap_or_default();
        let mut captures = self.captures(e.id);
        let known = self.known_captures(&mut captures);
        let layout = self.closure_type(&captures);
        let value = self.closure_object(&symbol, &captures, layout);
        let sig_ty = self.ty(e);
        let conv = self.cx.conv(sig_ty);
        let mut f = FuncLower::new(
            self.cx,
            self.unit,
            &symbol,
            conv.register_results(),
            sig.pos,
        );
        f.env = self.env.clone();
        f.analysis = self.analysis.clone();
        f.lit = Some(e.id);
        f.pos = e.pos;
        f.show_as(name);
        let ctx = f.b.param(Type::Ptr);
        f.b.func.flags.closure = true;
        f.note_defers();
        f.bind_captures(ctx, &captures, layout);
        f.bind_known(&known);
        f.body(&objs, conv, body);
        f.finish();
        (value, symbol)
    }

    /// What a literal captures.
    pub fn captures(&self, literal: ExprId) -> Vec<Capture> {
        let list = self.analysis.captures.get(&literal).into_iter().flatten();
        list.filter(|o| self.vars.contains_key(o))
            .map(|&obj| Capture {
                obj,
                ty: self.obj_ty(obj),
                by_ref: self.is_boxed(obj),
            })
            .collect()
    }

    /// The struct type of a closure object: code word, then captures.
    pub fn closure_type(&mut self, captures: &[Capture]) -> Ty {
        let store = self.cx.store;
        let pkg = Some(self.cx.units[self.unit].pkg);
        let field = |name: String, ty, obj| Field {
            name: Symbol::intern(&name),
            pkg,
            ty,
            embedded: false,
            tag: Symbol::EMPTY,
            obj,
        };
        let Some(first) = captures.first() else {
            return Ty::UINTPTR;
        };
        let mut fields = vec![field("F".into(), Ty::UINTPTR, first.obj)];
        for (i, c) in captures.iter().enumerate() {
            let ty = if c.by_ref { store.pointer(c.ty) } else { c.ty };
            fields.push(field(format!("X{i}"), ty, c.obj));
        }
        store.struct_type(fields)
    }

    pub fn closure_object(&mut self, symbol: &str, captures: &[Capture], layout: Ty) -> Val {
        if captures.is_empty() {
            let data = self.cx.code_word(self.unit, symbol);
            return Val::one(self.global_addr(&data));
        }
        Val::one(self.captured_object(symbol, captures, layout, layout))
    }

    /// A heap object of type `whole` that starts as `layout` says: code word, then captures.
    pub fn captured_object(
        &mut self,
        symbol: &str,
        captures: &[Capture],
        layout: Ty,
        whole: Ty,
    ) -> Value {
        let object = self.alloc(whole);
        let code = self.global_addr(symbol);
        self.b.store(code, object, 0, false);
        for (i, c) in captures.iter().enumerate() {
            let (place, _) = self.field(
                Place::Mem {
                    addr: object,
                    off: 0,
                    heap: true,
                },
                layout,
                i + 1,
            );
            let Place::Mem { addr, off, .. } = place else {
                unreachable!("memory")
            };
            if c.by_ref {
                let storage = self.vars[&c.obj].clone();
                let ptr = self.box_pointer(&storage);
                self.b.store(ptr, addr, off, true);
            } else {
                let from = self.var_place(c.obj);
                let v = self.read(&from, c.ty);
                self.store(c.ty, &v, addr, off, true);
            }
        }
        object
    }

    /// Make captured variables known inside the literal.
    pub fn bind_captures(&mut self, ctx: Value, captures: &[Capture], layout: Ty) {
        for (i, c) in captures.iter().enumerate() {
            let (place, _) = self.field(
                Place::Mem {
                    addr: ctx,
                    off: 0,
                    heap: true,
                },
                layout,
                i + 1,
            );
            let Place::Mem { addr, off, .. } = place else {
                unreachable!()
            };
            let storage = if c.by_ref {
                let ptr = self.b.load(Type::Ptr, addr, off);
                Storage::Boxed(self.ssa(ptr), true)
            } else {
                match self.load(c.ty, addr, off) {
                    Val::S(vals) => Storage::Ssa(vals.iter().map(|&v| self.ssa(v)).collect()),
                    Val::M(addr) => Storage::Boxed(self.ssa(addr), true),
                }
            };
            self.vars.insert(c.obj, storage);
        }
    }

    /// `x.M` not called: a closure over the receiver.
    pub fn method_value(&mut self, e: ExprRef<'a>, x: ExprRef<'a>, sel: &Selection) -> Val {
        let sig = self.ty(e);
        let sel = &self.selected(self.ty(x), sel);
        let ExprKind::Selector { sel: name, .. } = e.kind else {
            unreachable!("a selector")
        };
        let targs = self.instance_targs(name.id);
        let (place, ty) = self.receiver_base(x, sel);
        self.at(e.op_pos);
        let store = self.cx.store;
        let (recv_ty, recv) = if store.is_interface(ty) {
            let v = self.read(&place, ty);
            self.nil_check(v.at(0));
            (ty, v)
        } else {
            let recv_ty = self.recv_ty(sel.obj);
            let vals = self.receiver_arg(place, ty, sel.obj);
            let v = if self.repr(recv_ty).in_memory() {
                Val::M(vals[0])
            } else {
                Val::S(vals.into())
            };
            (recv_ty, v)
        };
        let capture = [Capture {
            obj: sel.obj,
            ty: recv_ty,
            by_ref: false,
        }];
        let layout = self.closure_type(&capture);
        let obj = self.alloc(layout);
        let symbol = self.method_closure(recv_ty, layout, sel.obj, &targs, sig);
        let code = self.global_addr(&symbol);
        self.b.store(code, obj, 0, false);
        let (place, _) = self.field(
            Place::Mem {
                addr: obj,
                off: 0,
                heap: true,
            },
            layout,
            1,
        );
        self.assign(&place, recv_ty, &recv);
        Val::one(obj)
    }

    /// The code of a method value: loads the receiver from the closure and calls the method.
    fn method_closure(
        &mut self,
        recv: Ty,
        layout: Ty,
        method: ObjId,
        targs: &[Ty],
        sig: Ty,
    ) -> String {
        let store = self.cx.store;
        let symbol = if store.is_interface(recv) {
            format!("{}.{}-fm", self.cx.type_name(recv), store.obj(method).name)
        } else {
            format!("{}-fm", crate::symbol::func(self.cx, method, targs))
        };
        // Wherever it is asked for first.
        let unit = match store.is_interface(recv) {
            true => self.cx.type_unit(recv),
            false => self.cx.unit_of(store.obj(method).pkg),
        };
        let targs = targs.to_vec();
        self.cx.need_made(unit, &symbol, move |cx, unit, symbol| {
            let conv = cx.conv(sig);
            let pos = cx.store.obj(method).pos;
            let mut f = FuncLower::new(cx, unit, symbol, conv.register_results(), pos);
            f.mark_wrapper();
            let ctx = f.b.param(Type::Ptr);
            f.forward(&conv, |f| {
                let (place, _) = f.field(
                    Place::Mem {
                        addr: ctx,
                        off: 0,
                        heap: true,
                    },
                    layout,
                    1,
                );
                let v = f.read(&place, recv);
                if f.cx.store.is_interface(recv) {
                    f.interface_target(&v, recv, method, sig)
                } else {
                    let first = f.pass(recv, v);
                    f.direct_target(method, &targs, first, sig)
                }
            });
            f.finish();
        });
        symbol
    }

    /// Pass this function's own parameters on to another function and return its results.
    /// The context or receiver parameters have been declared; `target` gets the callee.
    pub fn forward(&mut self, conv: &Conv, target: impl FnOnce(&mut Self) -> Target) {
        self.forward_from(conv, None, target);
    }

    /// Like [`FuncLower::forward`], with the result area already declared, if there is one.
    pub fn forward_from(
        &mut self,
        conv: &Conv,
        area: Option<Value>,
        target: impl FnOnce(&mut Self) -> Target,
    ) {
        let memory = matches!(conv.result_conv, ResultConv::Memory { .. });
        let area = if memory {
            Some(area.unwrap_or_else(|| self.b.param(Type::Ptr)))
        } else {
            None
        };
        let mut args = Vec::new();
        for &p in &conv.params {
            match self.incoming(p) {
                Val::S(s) => args.extend(s),
                Val::M(addr) => args.push(addr),
            }
        }
        let t = target(self);
        let mut flat = t.first.clone();
        if let Some(area) = area {
            flat.insert(usize::from(t.closure), area);
        }
        flat.extend(args);
        let results = self.b.call(t.callee, &flat, &conv.register_results());
        self.b.ret(&results);
    }

    /// `T.M`: a function whose first parameter is the receiver.
    pub fn method_expr(&mut self, sel: &Selection, sig: Ty) -> Val {
        let store = self.cx.store;
        let recv = self.env.subst(store, sel.recv);
        let sel = &self.selected(recv, sel);
        let direct = !store.is_interface(recv)
            && sel.index.len() == 1
            && store.identical(self.recv_ty(sel.obj), recv);
        if direct {
            return self.func_value(sel.obj, &[]);
        }
        // The same code as in the method table: reflection compares them.
        let listed = self.cx.methods_of(recv);
        if let Some(m) = listed.iter().find(|m| m.obj == sel.obj) {
            let data = self.cx.method_func_value(recv, m);
            return Val::one(self.global_addr(&data));
        }
        let name = store.obj(sel.obj).name;
        let symbol = format!("{}.{name}-expr", self.cx.type_name(recv));
        let unit = self.cx.type_unit(recv);
        let (path, method) = (sel.index.clone(), sel.obj);
        let conv = self.cx.conv(sig);
        let data = self.cx.code_word(unit, &symbol);
        self.cx.need_made(unit, &symbol, move |cx, unit, symbol| {
            let mut f = FuncLower::new(
                cx,
                unit,
                symbol,
                conv.register_results(),
                gort_syntax::Pos::NONE,
            );
            f.mark_wrapper();
            f.b.param(Type::Ptr);
            let memory = matches!(conv.result_conv, ResultConv::Memory { .. });
            let area = memory.then(|| f.b.param(Type::Ptr));
            let mut rest = conv.clone();
            let recv = rest.params.remove(0);
            let this = f.incoming(recv);
            f.forward_from(&rest, area, |f| f.method_through(this, recv, &path, method));
            f.finish();
        });
        Val::one(self.global_addr(&data))
    }

    /// The target of a method reached from a receiver value through embedded fields.
    pub fn method_through(&mut self, this: Val, recv: Ty, path: &[u32], method: ObjId) -> Target {
        let place = match this {
            Val::M(addr) => Place::Mem {
                addr,
                off: 0,
                heap: false,
            },
            v => Place::Value(v),
        };
        let (place, ty) = self.field_path(place, recv, &path[..path.len() - 1]);
        let sig = self.cx.store.obj(method).ty();
        let ty = self.env.subst(self.cx.store, ty);
        if self.cx.store.is_interface(ty) {
            let iface = self.read(&place, ty);
            return self.interface_target(&iface, ty, method, sig);
        }
        let first = self.receiver_arg(place, ty, method);
        self.direct_target(method, &[], first, sig)
    }
}

impl<'a> Cx<'a> {
    /// The static object of the value of a plain function (or method, receiver first).
    pub fn func_object(&mut self, obj: ObjId, targs: &[Ty]) -> String {
        let (symbol, native) = self.need_func(obj, targs);
        let store = self.store;
        let mut sig = store.obj(obj).ty();
        if !targs.is_empty()
            && let Some(s) = store.sig(sig)
        {
            sig = gort_types::subst::subst_local(store, sig, &s.tparams, targs);
        }
        let mut conv = self.conv(sig);
        if let Some(recv) = store.obj(obj).func().and_then(|f| f.recv()) {
            conv.params.insert(0, recv);
        }
        let unit = self.unit_of(store.obj(obj).pkg);
        self.static_closure(unit, &symbol, native, conv)
    }

    /// The static object of a plain function's value; made with a thunk that drops the closure pointer.
    pub fn static_closure(
        &mut self,
        unit: usize,
        symbol: &str,
        native: bool,
        conv: Conv,
    ) -> String {
        let thunk = closure_code(symbol);
        let target = symbol.to_string();
        self.need_made(unit, &thunk.clone(), move |cx, unit, thunk| {
            let mut f = FuncLower::new(
                cx,
                unit,
                thunk,
                conv.register_results(),
                gort_syntax::Pos::NONE,
            );
            f.mark_wrapper();
            let shown = f.sym(&target);
            f.b.func.shown_name = Some(shown);
            f.b.param(Type::Ptr);
            let mut args = Vec::new();
            if let ResultConv::Memory { .. } = conv.result_conv {
                args.push(f.b.param(Type::Ptr));
            }
            for &p in &conv.params {
                match f.incoming(p) {
                    Val::S(s) => args.extend(s),
                    Val::M(addr) => args.push(addr),
                }
            }
            if native {
                let results =
                    f.b.call(Callee::Native(shown), &args, &conv.register_results());
                f.b.ret(&results);
            } else {
                f.b.emit(
                    InstData::TailCall {
                        callee: Callee::Direct(shown),
                        args: args.into(),
                    },
                    &[],
                );
            }
            f.finish();
        });
        self.code_word(unit, &thunk)
    }

    /// A static object that holds nothing but the address of code.
    pub fn code_word(&mut self, unit: usize, code: &str) -> String {
        let name = format!("{code}·v");
        if self.request(&name) {
            let m: &mut Module = &mut self.modules[unit];
            let (sym, target) = (m.sym(&name), m.sym(code));
            m.data.push(Data {
                name: sym,
                section: Section::Rodata,
                align: 8,
                bytes: vec![0; 8],
                size: 8,
                relocs: vec![Reloc {
                    offset: 0,
                    kind: RelocKind::Abs64,
                    sym: target,
                    addend: 0,
                }],
                pointers: Vec::new(),
            });
        }
        name
    }

    /// A symbol that nothing else has: the name, with a number if it is taken.
    pub fn unique_symbol(&mut self, name: &str) -> String {
        if self.claim(name) {
            self.keeper.note_part(self.requested[name]);
            return name.to_string();
        }
        // Some names are wanted ten thousand times: the search goes on where it has ended.
        let mut n = self.last_numbers.get(name).copied().unwrap_or(1);
        loop {
            n += 1;
            let symbol = format!("{name}·{n}");
            if self.claim(&symbol) {
                self.keeper.note_part(self.requested[&symbol]);
                self.last_numbers.insert(name.to_string(), n);
                return symbol;
            }
        }
    }

    /// Whether values of a type are an interface's data word themselves: one pointer and nothing else.
    pub fn is_direct(&mut self, ty: Ty) -> bool {
        let store = self.store;
        match store.kind(store.under(ty)) {
            TyKind::Struct(s) => {
                let mut sized = s.fields.iter().filter(|f| store.size_of(f.ty) > 0);
                match (sized.next(), sized.next()) {
                    (Some(f), None) => store.size_of(ty) == 8 && self.is_direct(f.ty),
                    _ => false,
                }
            }
            TyKind::Array { elem, len } => *len == 1 && self.is_direct(*elem),
            TyKind::Pointer(_)
            | TyKind::Map { .. }
            | TyKind::Chan { .. }
            | TyKind::Signature(_) => true,
            TyKind::Basic(k) => *k == gort_types::BasicKind::UnsafePointer,
            _ => false,
        }
    }
}

/// The symbol of the code that a func value of a plain function has.
pub fn closure_code(symbol: &str) -> String {
    format!("{symbol}·f")
}
