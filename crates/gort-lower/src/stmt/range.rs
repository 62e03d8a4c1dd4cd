//! `for … range`: integers, slices, arrays, strings, channels.

use crate::func::{Dest, FuncLower, Target};
use crate::place::Place;
use crate::value::Val;
use gort_ir::{BinaryOp, Block as IrBlock, ConvertOp, IntCc, Type, Value, Var};
use gort_syntax::ast::*;
use gort_syntax::{Pos, Symbol};
use gort_types::{Ty, TyKind};

/// The blocks of a loop.
struct Loop {
    head: IrBlock,
    cont: IrBlock,
    brk: IrBlock,
}

impl<'a> FuncLower<'_, 'a> {
    /// `for vars[0], vars[1] := range x { body }`
    pub fn range_stmt(
        &mut self,
        pos: Pos,
        label: Option<Symbol>,
        vars: [Option<ExprRef<'a>>; 2],
        define: bool,
        x: ExprRef<'a>,
        body: &'a Block<'a>,
    ) {
        let vars = vars.map(|v| v.filter(|e| !matches!(e.kind, ExprKind::Name(n) if n.is_blank())));
        let xt = self.ty(x);
        if let ([Some(key), None], true) = (vars, define)
            && self.clearing_range(key, x, body)
        {
            return;
        }
        match self.under(xt) {
            TyKind::Basic(k) if k.is_string() => {
                self.range_string(pos, label, vars, define, x, body)
            }
            TyKind::Basic(_) => self.range_int(pos, label, vars[0], define, x, body),
            TyKind::Slice(elem) => {
                let s = self.borrowed_bytes(x);
                self.range_elements(
                    pos,
                    label,
                    vars,
                    define,
                    (s.at(0), s.at(1), *elem, true),
                    body,
                );
            }
            TyKind::Array { elem, len } => {
                let base = if vars[1].is_some() {
                    let v = self.expr(x);
                    let v = self.snapshot(xt, v);
                    self.spill(xt, &v)
                } else {
                    if self.has_call(x) {
                        self.expr(x);
                    }
                    self.b.iconst(Type::Ptr, 0)
                };
                let n = self.b.iconst(Type::I64, *len);
                self.range_elements(pos, label, vars, define, (base, n, *elem, false), body);
            }
            TyKind::Pointer(p) => {
                let TyKind::Array { elem, len } = self.under(*p) else {
                    unreachable!("checked")
                };
                let base = self.expr(x).scalar();
                if vars[1].is_some() && *len > 0 {
                    self.check_nil_of_none(base, *elem);
                }
                let n = self.b.iconst(Type::I64, *len);
                self.range_elements(pos, label, vars, define, (base, n, *elem, true), body);
            }
            TyKind::Chan { elem, .. } => {
                self.range_chan(pos, label, vars[0], define, x, *elem, body)
            }
            TyKind::Signature(_) => self.range_func(pos, label, vars, define, x, body),
            TyKind::Map { key, elem } => {
                let (key, elem) = (*key, *elem);
                self.range_map(pos, label, vars, define, (x, key, elem), body);
            }
            _ => self.unsupported(pos, "range over this type"),
        }
    }

    fn start_loop(&mut self) -> Loop {
        Loop {
            head: self.b.block(),
            cont: self.b.block(),
            brk: self.b.block(),
        }
    }

    /// Lower the body and go to the `continue` block.
    fn loop_body(&mut self, l: &Loop, label: Option<Symbol>, body: &'a Block<'a>) {
        self.targets.push(Target {
            label,
            brk: Dest::Block(l.brk),
            cont: Some(Dest::Block(l.cont)),
        });
        self.stmts(body.stmts);
        self.targets.pop();
        self.b.jump(l.cont, &[]);
        self.enter(l.cont);
    }

    /// Set both iteration variables; of assigned ones the operands are evaluated first.
    fn set_vars(&mut self, vars: [Option<ExprRef<'a>>; 2], define: bool, vals: [(Val, Ty); 2]) {
        if let ([Some(k), Some(v)], false) = (vars, define) {
            let places = [k, v].map(|e| {
                let ty = match self.info().obj(e.id) {
                    Some((obj, _)) => self.obj_ty(obj),
                    None => self.ty(e),
                };
                (self.place(e), ty)
            });
            for ((place, ty), (val, from)) in places.iter().zip(vals) {
                let v = self.convert_assign(val, from, *ty);
                self.assign(place, *ty, &v);
            }
            return;
        }
        for (var, (val, from)) in vars.into_iter().zip(vals) {
            self.set_var(var, define, &val, from);
        }
    }

    /// Set an iteration variable.
    pub fn set_var(&mut self, var: Option<ExprRef<'a>>, define: bool, val: &Val, from: Ty) {
        let Some(e) = var else { return };
        match self.info().def(e.id) {
            Some(obj) if define => {
                let ty = self.obj_ty(obj);
                let v = self.convert_assign(val.clone(), from, ty);
                self.declare(obj, ty, &v);
            }
            _ => {
                let ty = match self.info().obj(e.id) {
                    Some((obj, _)) => self.obj_ty(obj),
                    None => self.ty(e),
                };
                let place = self.place(e);
                let v = self.convert_assign(val.clone(), from, ty);
                self.assign(&place, ty, &v);
            }
        }
    }

    /// A loop counting an I64 (or narrower) variable from 0 to `n`; `each` sets the variables.
    fn counted(
        &mut self,
        pos: Pos,
        label: Option<Symbol>,
        n: Value,
        unsigned: bool,
        body: &'a Block<'a>,
        each: impl FnOnce(&mut Self, Value),
    ) {
        let ty = self.b.func.ty(n);
        let l = self.start_loop();
        let zero = self.b.iconst(ty, 0);
        let i: Var = self.ssa(zero);
        let cc = if unsigned { IntCc::Ult } else { IntCc::Slt };
        let any = self.b.icmp(cc, zero, n);
        self.b.branch(any, l.head, l.brk);
        self.b.switch_to(l.head);
        let now = self.b.use_var(i);
        each(self, now);
        self.loop_body(&l, label, body);
        self.at(pos);
        let now = self.b.use_var(i);
        let next = self.b.add_imm(now, 1);
        self.b.def(i, next);
        let more = self.b.icmp(cc, next, n);
        self.b.branch(more, l.head, l.brk);
        self.b.seal(l.head);
        self.enter(l.brk);
    }

    fn range_int(
        &mut self,
        pos: Pos,
        label: Option<Symbol>,
        var: Option<ExprRef<'a>>,
        define: bool,
        x: ExprRef<'a>,
        body: &'a Block<'a>,
    ) {
        let mut ty = self.ty(x);
        if self.is_basic(ty, |k| k.is_untyped()) {
            ty = match var {
                Some(v) => match self.info().obj(v.id) {
                    Some((obj, _)) => self.obj_ty(obj),
                    None => self.ty(v),
                },
                None => Ty::INT,
            };
        }
        let n = self.expr_as(x, ty).scalar();
        let unsigned = self.is_basic(ty, |k| k.is_unsigned());
        self.counted(pos, label, n, unsigned, body, |f, i| {
            f.set_var(var, define, &Val::one(i), ty)
        });
    }

    fn range_elements(
        &mut self,
        pos: Pos,
        label: Option<Symbol>,
        vars: [Option<ExprRef<'a>>; 2],
        define: bool,
        (base, n, elem, heap): (Value, Value, Ty, bool),
        body: &'a Block<'a>,
    ) {
        self.counted(pos, label, n, false, body, |f, i| {
            if vars[1].is_some() {
                let place = f.element(base, elem, i, heap);
                let v = f.read(&place, elem);
                let v = f.snapshot(elem, v);
                f.set_vars(vars, define, [(Val::one(i), Ty::INT), (v, elem)]);
            } else {
                f.set_var(vars[0], define, &Val::one(i), Ty::INT);
            }
        });
    }

    fn range_string(
        &mut self,
        pos: Pos,
        label: Option<Symbol>,
        vars: [Option<ExprRef<'a>>; 2],
        define: bool,
        x: ExprRef<'a>,
        body: &'a Block<'a>,
    ) {
        let s = self.expr(x);
        let (ptr, len) = (s.at(0), s.at(1));
        let l = self.start_loop();
        let zero = self.b.iconst(Type::I64, 0);
        let i = self.ssa(zero);
        let next = self.ssa(zero);
        let rune = self.b.var(Type::I32);
        let any = self.b.icmp(IntCc::Slt, zero, len);
        self.b.branch(any, l.head, l.brk);
        self.b.switch_to(l.head);
        let now = self.b.use_var(i);
        let (single, multi, inside) = (self.b.block(), self.b.cold_block(), self.b.block());
        let addr = self.b.binary(BinaryOp::Iadd, ptr, now);
        let byte = self.b.load(Type::I8, addr, 0);
        let byte = self.b.convert(ConvertOp::Zext, Type::I32, byte);
        self.b.def(rune, byte);
        let ascii = self.b.icmp_imm(IntCc::Ult, byte, 0x80);
        self.b.branch(ascii, single, multi);
        self.enter(single);
        let n = self.b.add_imm(now, 1);
        self.b.def(next, n);
        self.b.jump(inside, &[]);
        self.enter(multi);
        let decoded = self.b.decode_rune(ptr, len, now);
        let r = self.b.convert(ConvertOp::Itrunc, Type::I32, decoded);
        self.b.def(rune, r);
        let half = self.b.iconst(Type::I64, 32);
        let taken = self.b.binary(BinaryOp::Lshr, decoded, half);
        let n = self.b.binary(BinaryOp::Iadd, now, taken);
        self.b.def(next, n);
        self.b.jump(inside, &[]);
        self.enter(inside);
        let r = self.b.use_var(rune);
        self.set_vars(
            vars,
            define,
            [(Val::one(now), Ty::INT), (Val::one(r), Ty::INT32)],
        );
        self.loop_body(&l, label, body);
        self.at(pos);
        let n = self.b.use_var(next);
        self.b.def(i, n);
        let more = self.b.icmp(IntCc::Slt, n, len);
        self.b.branch(more, l.head, l.brk);
        self.b.seal(l.head);
        self.enter(l.brk);
    }

    #[allow(clippy::too_many_arguments)]
    fn range_chan(
        &mut self,
        pos: Pos,
        label: Option<Symbol>,
        var: Option<ExprRef<'a>>,
        define: bool,
        x: ExprRef<'a>,
        elem: Ty,
        body: &'a Block<'a>,
    ) {
        let c = self.expr(x).scalar();
        let tmp = self.temp(elem);
        let l = self.start_loop();
        let inside = self.b.block();
        self.b.jump(l.head, &[]);
        self.b.switch_to(l.head);
        self.at(pos);
        let ok = self.rt("chanrecv2", &[c, tmp])[0];
        self.b.branch(ok, inside, l.brk);
        self.enter(inside);
        if var.is_some() {
            let v = self.read(
                &Place::Mem {
                    addr: tmp,
                    off: 0,
                    heap: false,
                },
                elem,
            );
            self.set_var(var, define, &v, elem);
        }
        self.forget(elem, tmp);
        self.loop_body(&l, label, body);
        self.b.jump(l.head, &[]);
        self.b.seal(l.head);
        self.enter(l.brk);
    }

    fn range_map(
        &mut self,
        pos: Pos,
        label: Option<Symbol>,
        vars: [Option<ExprRef<'a>>; 2],
        define: bool,
        (x, key, elem): (ExprRef<'a>, Ty, Ty),
        body: &'a Block<'a>,
    ) {
        let map_ty = self.ty(x);
        let m = self.expr(x).scalar();
        let iter = self.map_iter(map_ty, m);
        let l = self.start_loop();
        let inside = self.b.block();
        self.b.jump(l.head, &[]);
        self.b.switch_to(l.head);
        let k = self.b.load(Type::Ptr, iter, 0);
        let more = self.b.icmp_imm(IntCc::Ne, k, 0);
        self.b.branch(more, inside, l.brk);
        self.enter(inside);
        if vars[0].is_some() {
            let v = self.load(key, k, 0);
            let v = self.snapshot(key, v);
            self.set_var(vars[0], define, &v, key);
        }
        if vars[1].is_some() {
            let e = self.b.load(Type::Ptr, iter, 8);
            let v = self.load(elem, e, 0);
            let v = self.snapshot(elem, v);
            self.set_var(vars[1], define, &v, elem);
        }
        self.loop_body(&l, label, body);
        self.at(pos);
        self.map_rt("runtime.mapIterNext", &[iter]);
        self.b.jump(l.head, &[]);
        self.b.seal(l.head);
        self.enter(l.brk);
    }
}
