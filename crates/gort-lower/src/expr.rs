//! Expressions: the dispatcher, and what is common to all.

mod append;
mod arith;
mod borrow;
mod builtin;
mod compare;
pub mod composite;
mod constant;
mod convert;
mod iface;
pub mod intrinsic;
mod known;
mod map;
mod map_literal;
mod slice;
mod string;

pub use known::Known;

use crate::func::FuncLower;
use crate::place::{Place, unparen};
use crate::value::Val;
use gort_ir::{Block, IntCc, Type};
use gort_syntax::ast::*;
use gort_types::{Mode, ObjData, SelectionKind, Ty, TyKind};

impl<'a> FuncLower<'_, 'a> {
    /// Evaluate an expression; its type is [`FuncLower::ty`].
    pub fn expr(&mut self, e: ExprRef<'a>) -> Val {
        let e = unparen(e);
        if let Some(info) = self.info().expr(e.id) {
            if let Some(value) = info.value {
                let ty = self.ty(e);
                return self.constant(value, ty);
            }
            if info.mode == Mode::Nil {
                let ty = self.ty(e);
                return self.zero(ty);
            }
        }
        if let Some(val) = self.step_taken(e) {
            return val.clone();
        }
        self.parts_in_order(e, |f| f.expr_now(e))
    }

    fn expr_now(&mut self, e: ExprRef<'a>) -> Val {
        match e.kind {
            ExprKind::Name(_) => self.name(e),
            ExprKind::FuncLit { sig, body } => self.func_lit(e, sig, body),
            ExprKind::Composite { .. } => self.composite(e),
            ExprKind::Selector { x, .. } => self.selector(e, x),
            ExprKind::Index { x, indices } => self.index(e, x, indices),
            ExprKind::Slice { x, lo, hi, max, .. } => self.slice_expr(e, x, [lo, hi, max]),
            ExprKind::TypeAssert { x, .. } => self.type_assert(e, x, false).0,
            ExprKind::Call { .. } => self.call_expr(e),
            ExprKind::Star(_) => self.read_place(e),
            ExprKind::Unary { op, x } => self.unary(e, op, x),
            ExprKind::Binary { op, op_pos, x, y } => self.binary(e, op, op_pos, x, y),
            _ => {
                self.unsupported(e.pos, "this expression");
                let ty = self.ty(e);
                self.zero(ty)
            }
        }
    }

    /// The value at a place. What is held in memory stays where it is, but that it is there is made sure of now: whoever
    /// uses the value may panic for reasons of its own.
    fn read_place(&mut self, e: ExprRef<'a>) -> Val {
        let ty = self.ty(e);
        let place = self.place(e);
        if let Place::Mem { addr, .. } = place
            && self.repr(ty).in_memory()
            && self.through_pointer(e)
        {
            self.nil_check(addr);
        }
        self.read(&place, ty)
    }

    /// Whether the address of a place comes from a pointer, which may be nil.
    pub fn through_pointer(&self, e: ExprRef<'a>) -> bool {
        let e = unparen(e);
        match e.kind {
            ExprKind::Star(_) => true,
            ExprKind::Selector { x, .. } => match self.info().selection(e.id) {
                Some(s) if s.kind == SelectionKind::FieldVal => {
                    s.indirect || self.through_pointer(x)
                }
                _ => false,
            },
            ExprKind::Index { x, .. } => match self.under(self.ty(x)) {
                TyKind::Pointer(_) => true,
                TyKind::Array { .. } => self.through_pointer(x),
                _ => false,
            },
            _ => false,
        }
    }

    /// Evaluate an expression and convert it, as assignment does, to a type.
    pub fn expr_as(&mut self, e: ExprRef<'a>, target: Ty) -> Val {
        if self.mode(unparen(e)) == Mode::Nil {
            return self.zero(target);
        }
        let from = self.ty(e);
        let val = self.expr(e);
        self.at(e.op_pos);
        self.convert_assign(val, from, target)
    }

    /// Convert a value to a type that it is assignable to.
    pub fn convert_assign(&mut self, val: Val, from: Ty, to: Ty) -> Val {
        let store = self.cx.store;
        if store.canon(from) == store.canon(to) {
            return val;
        }
        match (store.is_interface(from), store.is_interface(to)) {
            (_, false) => val,
            (false, true) => self.make_interface(val, from, to),
            (true, true) => self.convert_interface(val, from, to),
        }
    }

    fn name(&mut self, e: ExprRef<'a>) -> Val {
        let ty = self.ty(e);
        let Some((obj, _)) = self.info().obj(e.id) else {
            self.unsupported(e.pos, "this name");
            return self.zero(ty);
        };
        match &self.cx.store.obj(obj).data {
            ObjData::Var { .. } => {
                let place = self.var_place(obj);
                self.read(&place, ty)
            }
            ObjData::Func(_) => {
                let targs = self.instance_targs(e.id);
                self.func_value(obj, &targs)
            }
            ObjData::Nil => self.zero(ty),
            _ => {
                self.unsupported(e.pos, "this operand");
                self.zero(ty)
            }
        }
    }

    /// Type arguments at an identifier.
    pub fn instance_targs(&self, id: ExprId) -> Vec<Ty> {
        match self.info().instance(id) {
            Some(inst) => inst
                .targs
                .iter()
                .map(|&t| self.env.subst(self.cx.store, t))
                .collect(),
            None => Vec::new(),
        }
    }

    fn selector(&mut self, e: ExprRef<'a>, x: ExprRef<'a>) -> Val {
        let ty = self.ty(e);
        let Some(sel) = self.info().selection(e.id) else {
            self.unsupported(e.pos, "this selector");
            return self.zero(ty);
        };
        match sel.kind {
            SelectionKind::FieldVal => self.read_place(e),
            SelectionKind::Qualified => match self.cx.store.obj(sel.obj).data {
                ObjData::Func(_) => {
                    let ExprKind::Selector { sel: name, .. } = e.kind else {
                        unreachable!()
                    };
                    let targs = self.instance_targs(name.id);
                    self.func_value(sel.obj, &targs)
                }
                _ => {
                    let place = self.var_place(sel.obj);
                    self.read(&place, ty)
                }
            },
            SelectionKind::MethodVal => self.method_value(e, x, sel),
            SelectionKind::MethodExpr => self.method_expr(sel, ty),
        }
    }

    fn index(&mut self, e: ExprRef<'a>, x: ExprRef<'a>, indices: &[ExprRef<'a>]) -> Val {
        let ty = self.ty(e);
        let xt = self.ty(x);
        match self.under(xt) {
            TyKind::Basic(_) => self.index_string(e, x, indices[0]),
            TyKind::Signature(_) => {
                let id = match unparen(x).kind {
                    ExprKind::Selector { sel, .. } => sel.id,
                    _ => unparen(x).id,
                };
                let Some((obj, _)) = self.info().obj(id) else {
                    self.unsupported(e.pos, "this instantiation");
                    return self.zero(ty);
                };
                let targs = self.instance_targs(id);
                self.func_value(obj, &targs)
            }
            TyKind::Map { key, .. } => {
                let key = *key;
                let map = self.expr(x).scalar();
                let key = self.lookup_key(indices[0], key);
                self.at(e.op_pos);
                self.map_read(&crate::place::MapElem { ty: xt, map, key })
            }
            _ => self.read_place(e),
        }
    }

    fn unary(&mut self, e: ExprRef<'a>, op: Op, x: ExprRef<'a>) -> Val {
        match op {
            Op::And => self.address_of(e, x),
            Op::Recv => self.receive(e, x, false).0,
            Op::Not => {
                let v = self.expr(x).scalar();
                Val::one(self.b.icmp_imm(IntCc::Eq, v, 0))
            }
            _ => self.unary_arith(e, op, x),
        }
    }

    fn address_of(&mut self, e: ExprRef<'a>, x: ExprRef<'a>) -> Val {
        let x = unparen(x);
        let ty = self.ty(x);
        if let ExprKind::Composite { elems, .. } = x.kind {
            let ptr = self.alloc(ty);
            if self.repr(ty).in_memory() {
                self.composite_fresh(x, elems, ptr, true);
            } else {
                let val = self.expr(x);
                self.store(ty, &val, ptr, 0, true);
            }
            return Val::one(ptr);
        }
        let place = self.place(x);
        self.at(e.op_pos);
        if let Place::Mem {
            addr, heap: true, ..
        } = place
            && !matches!(x.kind, ExprKind::Name(_))
            && !self.is_slice_element(x)
        {
            self.nil_check(addr);
        }
        Val::one(self.address(&place, ty))
    }

    /// Whether an expression is an element of a slice, which is never at nil.
    fn is_slice_element(&self, e: ExprRef<'a>) -> bool {
        matches!(e.kind, ExprKind::Index { x, .. } if matches!(self.under(self.ty(x)), TyKind::Slice(_)))
    }

    /// Branch on a boolean expression; `&&`, `||` and `!` become control flow.
    pub fn cond(&mut self, e: ExprRef<'a>, then: Block, els: Block) {
        let e = unparen(e);
        if let Some(known) = self.info().value(e.id).and_then(|v| v.as_bool()) {
            return self.b.jump(if known { then } else { els }, &[]);
        }
        if self.info().value(e.id).is_none() {
            match e.kind {
                ExprKind::Unary { op: Op::Not, x } => return self.cond(x, els, then),
                ExprKind::Binary {
                    op: op @ (Op::AndAnd | Op::OrOr),
                    x,
                    y,
                    ..
                } => {
                    let second = self.b.block();
                    if op == Op::AndAnd {
                        self.cond(x, second, els);
                    } else {
                        self.cond(x, then, second);
                    }
                    self.b.seal(second);
                    self.b.switch_to(second);
                    return self.cond(y, then, els);
                }
                _ => {}
            }
        }
        let v = self.expr(e).scalar();
        self.at(e.op_pos);
        self.b.branch(v, then, els);
    }

    /// A boolean expression's value through control flow.
    fn cond_value(&mut self, e: ExprRef<'a>) -> Val {
        let (then, els, join) = (self.b.block(), self.b.block(), self.b.block());
        self.cond(e, then, els);
        let result = self.b.var(Type::I8);
        for (block, imm) in [(then, 1), (els, 0)] {
            self.b.seal(block);
            self.b.switch_to(block);
            let v = self.b.iconst(Type::I8, imm);
            self.b.def(result, v);
            self.b.jump(join, &[]);
        }
        self.b.seal(join);
        self.b.switch_to(join);
        Val::one(self.b.use_var(result))
    }

    fn binary(
        &mut self,
        e: ExprRef<'a>,
        op: Op,
        op_pos: gort_syntax::Pos,
        x: ExprRef<'a>,
        y: ExprRef<'a>,
    ) -> Val {
        match op {
            Op::AndAnd | Op::OrOr => self.cond_value(e),
            Op::Eql | Op::Neq | Op::Lss | Op::Leq | Op::Gtr | Op::Geq => {
                self.comparison(op, op_pos, x, y)
            }
            Op::Shl | Op::Shr => {
                let ty = self.ty(e);
                let a = self.expr(x);
                self.at(op_pos);
                self.shift(op, a, ty, y)
            }
            _ => {
                let ty = self.ty(e);
                if self.is_basic(ty, |k| k.is_string()) && op == Op::Add {
                    return self.concat(e);
                }
                let a = self.expr_as(x, ty);
                let b = self.expr_as(y, ty);
                self.at(op_pos);
                let constant = self.info().value(unparen(y).id).is_some();
                self.arith(op, ty, &a, &b, constant)
            }
        }
    }
}
