//! `go` and `defer`: the call becomes a closure without parameters, its operands evaluated now.

use crate::call::{Target, kept_as};
use crate::func::FuncLower;
use crate::opendefer::Code;
use crate::place::{Place, unparen};
use crate::value::Val;
use gort_ir::{Callee, Type, Value};
use gort_syntax::ast::*;
use gort_syntax::{Pos, Symbol};
use gort_types::types::Field;
use gort_types::{Mode, Ty, TyKind};

impl<'a> FuncLower<'_, 'a> {
    /// `go call`
    pub fn go_stmt(&mut self, pos: Pos, call: ExprRef<'a>) {
        let (closure, _) = self.deferred_call(call, "gowrap", pos);
        self.at(pos);
        self.rt("newproc", &[closure]);
    }

    /// `defer call`
    pub fn defer_stmt(&mut self, pos: Pos, call: ExprRef<'a>) {
        let (closure, code) = self.deferred_call(call, "deferwrap", pos);
        self.at(pos);
        if self.range_body.is_some() {
            return self.defer_from_body(closure);
        }
        self.defer_closure(closure, code);
    }

    /// A closure that makes the call later, and its code.
    fn deferred_call(&mut self, call: ExprRef<'a>, word: &'static str, pos: Pos) -> (Value, Code) {
        let call = unparen(call);
        let ExprKind::Call {
            fun,
            args,
            has_dots,
            ..
        } = call.kind
        else {
            self.unsupported(call.pos, "this call");
            return (self.b.iconst(Type::Ptr, 0), Code::Unknown);
        };
        let f = unparen(fun);
        if self.builtin_of(f).is_some() || self.mode(f) == Mode::Type {
            return self.deferred_builtin(call, word, pos);
        }
        let sig = self.ty(f);
        let plain = self
            .cx
            .store
            .sig(sig)
            .is_some_and(|s| s.params.is_empty() && s.results.is_empty());
        let is_method = matches!(f.kind, ExprKind::Selector { .. })
            && self.static_callee(f).is_none()
            && self
                .info()
                .selection(f.id)
                .is_some_and(|s| s.kind == gort_types::SelectionKind::MethodVal);
        if plain && !is_method {
            // A function value without parameters and results is such a closure already.
            if let ExprKind::FuncLit { sig, body } = f.kind {
                let (val, symbol) = self.func_lit_symbol(f, sig, body);
                return (val.scalar(), Code::Closure(symbol));
            }
            let code = match self.static_callee(f) {
                Some((obj, targs)) => match self.cx.need_func(obj, &targs) {
                    (symbol, false) => Code::Plain(symbol),
                    _ => Code::Unknown,
                },
                None => Code::Unknown,
            };
            return (self.expr(f).scalar(), code);
        }
        // A function value without code is called all the same, in vain, when it is its turn.
        let target = self
            .named_target(f, call.op_pos)
            .unwrap_or_else(|| self.closure_target(f));
        let vals = self.arguments(&target.conv, target.variadic, args, has_dots);
        self.at(call.op_pos);
        self.wrap_call(target, vals, word, pos)
    }

    /// A closure object that holds a target and its arguments, with code that calls it.
    fn wrap_call(
        &mut self,
        target: Target,
        vals: Vec<Val>,
        word: &'static str,
        pos: Pos,
    ) -> (Value, Code) {
        // What the closure keeps: the code if it is computed, closure pointer or receiver, arguments.
        let mut words: Vec<(Val, Ty)> = Vec::new();
        let one = |f: &Self, w: Value| (Val::one(w), machine_ty(f.b.func.ty(w)));
        if let Callee::Indirect(code) = target.callee
            && !target.closure
        {
            words.push(one(self, code));
        }
        match (target.copied, &target.first[..]) {
            // The copy is in this frame.
            (Some(ty), &[addr]) => words.push((Val::M(addr), ty)),
            (_, first) => words.extend(first.iter().map(|&w| one(self, w))),
        }
        let word_types: Vec<Ty> = words.iter().map(|w| w.1).collect();
        let params = target.conv.params.clone();
        let mut field_types = word_types.clone();
        field_types.extend(params.iter().map(|&p| kept_as(p)));
        let layout = self.record_type(&field_types);
        let obj = self.alloc(layout);
        let name = self.next_name(word);
        let symbol = self.own_symbol(&name);
        let code = self.global_addr(&symbol);
        self.b.store(code, obj, 0, false);
        let base = Place::Mem {
            addr: obj,
            off: 0,
            heap: true,
        };
        for (i, (v, _)) in words.iter().enumerate() {
            let (place, ty) = self.field(base.clone(), layout, i + 1);
            self.assign(&place, ty, v);
        }
        for (i, (v, &p)) in vals.iter().zip(&params).enumerate() {
            let (place, _) = self.field(base.clone(), layout, words.len() + i + 1);
            self.assign(&place, p, v);
        }
        let unit = self.unit;
        let callee_name = match target.callee {
            Callee::Direct(s) | Callee::Native(s) => {
                Some(self.cx.modules[unit].name(s).to_string())
            }
            Callee::Indirect(_) => None,
        };
        let native = matches!(target.callee, Callee::Native(_));
        let (closure, conv, variadic) = (target.closure, target.conv, target.variadic);
        let copied = target.copied;
        let mut f = FuncLower::new(self.cx, unit, &symbol, Vec::new(), pos);
        f.mark_wrapper();
        let ctx = f.b.param(Type::Ptr);
        f.b.func.flags.closure = true;
        let base = Place::Mem {
            addr: ctx,
            off: 0,
            heap: true,
        };
        let mut kept: Vec<Value> = (0..word_types.len())
            .flat_map(|i| {
                let (place, ty) = f.field(base.clone(), layout, i + 1);
                let v = f.read(&place, ty);
                f.pass(ty, v)
            })
            .collect();
        let callee = match callee_name {
            Some(name) => {
                let sym = f.sym(&name);
                if native {
                    Callee::Native(sym)
                } else {
                    Callee::Direct(sym)
                }
            }
            None if closure => Callee::Indirect(f.b.load(Type::Ptr, kept[0], 0)),
            None => Callee::Indirect(kept.remove(0)),
        };
        let n = word_types.len();
        let args: Vec<Val> = (0..params.len())
            .map(|i| {
                let (place, _) = f.field(base.clone(), layout, n + i + 1);
                f.read(&place, params[i])
            })
            .collect();
        let target = Target {
            callee,
            first: kept,
            copied,
            conv,
            variadic,
            closure,
        };
        f.call_target(&target, &args);
        f.b.ret(&[]);
        f.finish();
        (obj, Code::Closure(symbol))
    }

    /// A struct type: code word, then fields of the given types.
    fn record_type(&mut self, types: &[Ty]) -> Ty {
        let store = self.cx.store;
        let pkg = Some(self.cx.units[self.unit].pkg);
        let obj = store.universe(Symbol::intern("nil")).expect("predeclared");
        let field = |name: String, ty| Field {
            name: Symbol::intern(&name),
            pkg,
            ty,
            embedded: false,
            tag: Symbol::EMPTY,
            obj,
        };
        let mut fields = vec![field("F".into(), Ty::UINTPTR)];
        fields.extend(
            types
                .iter()
                .enumerate()
                .map(|(i, &t)| field(format!("X{i}"), t)),
        );
        store.struct_type(fields)
    }

    /// `defer` or `go` of a built-in function: its operands are kept, and the wrapper does the work.
    fn deferred_builtin(
        &mut self,
        call: ExprRef<'a>,
        word: &'static str,
        pos: Pos,
    ) -> (Value, Code) {
        let ExprKind::Call { fun, args, .. } = call.kind else {
            unreachable!()
        };
        use gort_types::Builtin::*;
        let Some(builtin) = self.builtin_of(unparen(fun)) else {
            self.unsupported(call.pos, "a deferred conversion");
            return (self.b.iconst(Type::Ptr, 0), Code::Unknown);
        };
        if builtin == Recover {
            // It must find deferreturn below it.
            self.close_defers();
            let obj = self.cx.runtime_func("deferredrecover");
            return (self.func_value(obj, &[]).scalar(), Code::Unknown);
        }
        let Some(kept) = self.kept_operands(builtin, args) else {
            self.unsupported(call.pos, "this deferred built-in");
            return (self.b.iconst(Type::Ptr, 0), Code::Unknown);
        };
        let types: Vec<Ty> = kept.iter().map(|k| k.1).collect();
        let layout = self.record_type(&types);
        self.at(call.op_pos);
        let obj = self.alloc(layout);
        let name = self.next_name(word);
        let symbol = self.own_symbol(&name);
        let code = self.global_addr(&symbol);
        self.b.store(code, obj, 0, false);
        for (i, (v, ty)) in kept.iter().enumerate() {
            let (place, _) = self.field(
                Place::Mem {
                    addr: obj,
                    off: 0,
                    heap: true,
                },
                layout,
                i + 1,
            );
            self.assign(&place, *ty, v);
        }
        let mut f = FuncLower::new(self.cx, self.unit, &symbol, Vec::new(), pos);
        // Official Go shows the frame of a wrapper that panics.
        match builtin {
            Panic => f.b.func.flags.noinline = true,
            _ => f.mark_wrapper(),
        }
        let ctx = f.b.param(Type::Ptr);
        f.b.func.flags.closure = true;
        let vals: Vec<(Val, Ty)> = types
            .iter()
            .enumerate()
            .map(|(i, &ty)| {
                let (place, _) = f.field(
                    Place::Mem {
                        addr: ctx,
                        off: 0,
                        heap: true,
                    },
                    layout,
                    i + 1,
                );
                (f.read(&place, ty), ty)
            })
            .collect();
        f.builtin_values(Ty::INT, builtin, vals);
        f.b.ret(&[]);
        f.finish();
        (obj, Code::Closure(symbol))
    }

    /// The operands of a built-in function, evaluated now, with the types as which they are kept; `None` if it is not one
    /// that may be deferred.
    fn kept_operands(
        &mut self,
        builtin: gort_types::Builtin,
        args: &[ExprRef<'a>],
    ) -> Option<Vec<(Val, Ty)>> {
        use gort_types::Builtin::*;
        if !matches!(
            builtin,
            Panic | Print | Println | Delete | Close | Copy | Clear
        ) {
            return None;
        }
        if let [single] = args
            && let Some(vals) = self.spread(single)
        {
            return Some(vals);
        }
        Some(match builtin {
            Panic => vec![(
                self.expr_as(args[0], Ty::EMPTY_INTERFACE),
                Ty::EMPTY_INTERFACE,
            )],
            Print | Println => args.iter().map(|&a| self.print_arg(a)).collect(),
            Delete => {
                let map_ty = self.ty(args[0]);
                let map = self.expr(args[0]);
                let TyKind::Map { key, .. } = self.under(map_ty) else {
                    unreachable!("checked")
                };
                let k = self.expr_as(args[1], *key);
                vec![(map, map_ty), (self.snapshot(*key, k), *key)]
            }
            _ => args
                .iter()
                .map(|&a| {
                    let ty = self.ty(a);
                    (self.expr(a), self.cx.store.default_type(ty))
                })
                .collect(),
        })
    }
}

/// A Go type of a machine type, for words that a closure keeps.
fn machine_ty(ty: Type) -> Ty {
    match ty {
        Type::I8 => Ty::UINT8,
        Type::I16 => Ty::UINT16,
        Type::I32 => Ty::UINT32,
        Type::I64 => Ty::UINT64,
        Type::F32 => Ty::FLOAT32,
        Type::F64 => Ty::FLOAT64,
        Type::Ptr => Ty::UNSAFE_POINTER,
    }
}
