//! Assignments and short variable declarations.

use crate::func::{FuncLower, Storage};
use crate::place::{Place, unparen};
use crate::value::Val;
use gort_ir::{BoundsKind, Value};
use gort_syntax::Pos;
use gort_syntax::ast::*;
use gort_types::{Mode, ObjId, Ty, TyKind};

/// A left side of an assignment of several values.
enum Left {
    Place(Place),
    Element(Element),
}

/// An element of a slice, not yet looked for.
struct Element {
    base: Value,
    len: Value,
    /// With whether its type is unsigned.
    index: (Value, bool),
    elem: Ty,
    pos: Pos,
}

impl<'a> FuncLower<'_, 'a> {
    /// `x++`, `x--`
    pub fn inc_dec(&mut self, x: ExprRef<'a>, op: Op, pos: Pos) {
        let ty = self.ty(x);
        let place = self.place(x);
        self.at(pos);
        let place = self.found_once(place, op);
        let old = self.read(&place, ty);
        let one = self.constant(&gort_types::Value::Int(1), ty);
        let new = self.arith(op, ty, &old, &one, true);
        self.assign(&place, ty, &new);
    }

    /// `x op= y`
    pub fn op_assign(&mut self, x: ExprRef<'a>, op: Op, y: ExprRef<'a>, pos: Pos) {
        let ty = self.ty(x);
        let place = self.place(x);
        if matches!(op, Op::Shl | Op::Shr) {
            let old = self.read(&place, ty);
            self.at(pos);
            let new = self.shift(op, old, ty, y);
            return self.assign(&place, ty, &new);
        }
        let b = self.expr_as(y, ty);
        self.at(pos);
        let place = self.found_once(place, op);
        let old = self.read(&place, ty);
        let constant = self.info().value(unparen(y).id).is_some();
        let new = self.arith(op, ty, &old, &b, constant);
        self.assign(&place, ty, &new);
    }

    /// The element of a map as a place in memory, so that it is looked up once. Not for division, which may
    /// panic and then must leave the map without the key.
    fn found_once(&mut self, place: Place, op: Op) -> Place {
        match place {
            Place::Map(m) if !matches!(op, Op::Div | Op::Rem) => Place::Mem {
                addr: self.map_slot(&m),
                off: 0,
                heap: true,
            },
            place => place,
        }
    }

    /// `lhs = rhs`
    pub fn assign_stmt(&mut self, lhs: &[ExprRef<'a>], rhs: &[ExprRef<'a>], pos: Pos) {
        if let ([l], [r]) = (lhs, rhs) {
            return self.assign_one(l, r, pos);
        }
        let lefts: Vec<Left> = lhs.iter().map(|l| self.left(l)).collect();
        let types: Vec<Option<Ty>> = lhs.iter().map(|l| self.lhs_type(l)).collect();
        let vals = self.values_for(&types, rhs);
        self.at(pos);
        for ((left, ty), (val, val_ty)) in lefts.into_iter().zip(&types).zip(&vals) {
            let place = match left {
                Left::Place(place) => place,
                Left::Element(e) => {
                    self.at(e.pos);
                    let len = self.bound(e.elem, e.len);
                    self.bounds_check(BoundsKind::Index, e.index, len);
                    let place = self.element(e.base, e.elem, e.index.0, true);
                    self.at(pos);
                    place
                }
            };
            self.assign(&place, ty.unwrap_or(*val_ty), val);
        }
    }

    /// The operands of a left side. Whether an index is in bounds is asked when the assignment is carried out, which
    /// may be after others have been.
    fn left(&mut self, l: ExprRef<'a>) -> Left {
        let l = unparen(l);
        if let ExprKind::Index {
            x,
            indices: [index],
        } = l.kind
            && let TyKind::Slice(elem) = self.under(self.ty(x))
        {
            let s = self.expr(x);
            return Left::Element(Element {
                base: s.at(0),
                len: s.at(1),
                index: self.index_value(index),
                elem: *elem,
                pos: l.pos,
            });
        }
        Left::Place(self.place(l))
    }

    fn assign_one(&mut self, l: ExprRef<'a>, r: ExprRef<'a>, pos: Pos) {
        let Some(ty) = self.lhs_type(l) else {
            // `_ = s[i]` is a hint to the compiler: where i is in bounds, there is something to read.
            if let ExprKind::Index { x, .. } = unparen(r).kind
                && self.is_place(r)
                && let TyKind::Slice(_) = self.under(self.ty(x))
            {
                self.place(r);
                return;
            }
            // `_ = x` evaluates x, faults included.
            if self.mode(unparen(r)) != Mode::Nil {
                let v = self.expr(r);
                if let Val::M(addr) = v
                    && self.is_place(r)
                {
                    self.nil_check(addr);
                }
            }
            return;
        };
        if self.has_call(l) {
            let place = self.place(l);
            let v = self.expr_as(r, ty);
            self.at(pos);
            self.assign(&place, ty, &v);
            return;
        }
        let v = self.expr_as(r, ty);
        let place = self.place(l);
        self.at(pos);
        self.assign(&place, ty, &v);
    }

    /// The type of a left-hand side; `None` for `_`.
    pub fn lhs_type(&self, l: ExprRef<'a>) -> Option<Ty> {
        match unparen(l).kind {
            ExprKind::Name(n) if n.is_blank() => None,
            _ => Some(match self.info().obj(unparen(l).id) {
                Some((obj, _)) => self.obj_ty(obj),
                None => self.ty(l),
            }),
        }
    }

    /// Whether evaluating a place calls something.
    pub fn has_call(&self, e: ExprRef<'a>) -> bool {
        let e = unparen(e);
        match e.kind {
            ExprKind::Call { .. } | ExprKind::FuncLit { .. } | ExprKind::Composite { .. } => true,
            ExprKind::Unary { op, x } => op == Op::Recv || self.has_call(x),
            ExprKind::Selector { x, .. } | ExprKind::Star(x) => self.has_call(x),
            ExprKind::Index { x, indices } => {
                self.has_call(x) || indices.iter().any(|i| self.has_call(i))
            }
            ExprKind::Binary { x, y, .. } => self.has_call(x) || self.has_call(y),
            ExprKind::TypeAssert { x, .. } => self.has_call(x),
            ExprKind::Slice { .. } => true,
            _ => false,
        }
    }

    /// Right-hand sides as values of the given types (their own where `None`): one each, or
    /// a call or comma-ok form for all.
    fn values_for(&mut self, types: &[Option<Ty>], rhs: &[ExprRef<'a>]) -> Vec<(Val, Ty)> {
        if rhs.len() == types.len() {
            return rhs
                .iter()
                .zip(types)
                .map(|(&r, ty)| {
                    let ty = ty.unwrap_or_else(|| self.ty(r));
                    let ty = self.cx.store.default_type(ty);
                    let v = self.expr_as(r, ty);
                    (self.snapshot(ty, v), ty)
                })
                .collect();
        }
        let vals = self.multi(rhs[0]);
        vals.into_iter()
            .zip(types)
            .map(|((v, from), to)| match to {
                Some(to) => (self.convert_assign(v, from, *to), *to),
                None => (v, from),
            })
            .collect()
    }

    /// Several values of one expression: a call's results, or a comma-ok form.
    pub fn multi(&mut self, e: ExprRef<'a>) -> Vec<(Val, Ty)> {
        let e = unparen(e);
        match e.kind {
            ExprKind::TypeAssert { x, typ: Some(typ) } => {
                let ty = self.ty(typ);
                let (v, ok) = self.type_assert(e, x, true);
                vec![(v, ty), self.ok(ok)]
            }
            ExprKind::Unary { op: Op::Recv, x } => {
                let (v, ok) = self.receive(e, x, true);
                let ty = self.chan_elem(x);
                vec![(v, ty), self.ok(ok)]
            }
            ExprKind::Call { .. } => self.spread(e).unwrap_or_default(),
            ExprKind::Index { x, indices } => {
                let (v, ok, elem) = self.map_lookup(e, x, indices[0]);
                vec![(v, elem), self.ok(Some(ok))]
            }
            _ => unreachable!("no other expression has two values"),
        }
    }

    fn ok(&mut self, ok: Option<Value>) -> (Val, Ty) {
        let v = ok.unwrap_or_else(|| self.b.iconst(gort_ir::Type::I8, 1));
        (Val::one(v), Ty::BOOL)
    }

    /// `lhs := rhs`
    pub fn define_stmt(&mut self, lhs: &[ExprRef<'a>], rhs: &'a [ExprRef<'a>], pos: Pos) {
        if let ([l], [r]) = (lhs, rhs)
            && let Some(obj) = self.info().def(l.id)
        {
            return self.declare_expr(obj, r);
        }
        let places: Vec<Option<Place>> = lhs
            .iter()
            .map(|l| {
                if self.info().def(l.id).is_some() {
                    None
                } else {
                    Some(self.place(l))
                }
            })
            .collect();
        let types: Vec<Option<Ty>> = lhs
            .iter()
            .map(|l| match self.info().def(l.id) {
                Some(obj) => Some(self.obj_ty(obj)),
                None => self.lhs_type(l),
            })
            .collect();
        let vals = self.values_for(&types, rhs);
        self.at(pos);
        for ((l, place), (val, ty)) in lhs.iter().zip(&places).zip(&vals) {
            match (self.info().def(l.id), place) {
                (Some(obj), _) => self.declare(obj, *ty, val),
                (None, Some(place)) => self.assign(place, *ty, val),
                (None, None) => {}
            }
        }
    }

    /// `var names = values`
    pub fn define_values(&mut self, objs: &[Option<ObjId>], values: &'a [ExprRef<'a>]) {
        if let ([Some(obj)], [value]) = (objs, values) {
            return self.declare_expr(*obj, value);
        }
        let types: Vec<Option<Ty>> = objs.iter().map(|o| o.map(|o| self.obj_ty(o))).collect();
        let vals = self.values_for(&types, values);
        for (obj, (val, ty)) in objs.iter().zip(&vals) {
            if let Some(obj) = obj {
                self.declare(*obj, *ty, val);
            }
        }
    }

    /// Declare a variable with an expression's value; a literal is built in place.
    fn declare_expr(&mut self, obj: ObjId, e: ExprRef<'a>) {
        let ty = self.obj_ty(obj);
        let blank = self.cx.store.obj(obj).name.is_blank();
        let lit = unparen(e);
        if let ExprKind::Composite { elems, .. } = lit.kind
            && !blank
            && self.repr(ty).in_memory()
            && self.cx.store.identical(self.ty(lit), ty)
        {
            let storage = self.new_storage(obj, ty);
            let heap = matches!(storage, Storage::Boxed(_, true));
            let addr = self.box_pointer(&storage);
            if !self.is_boxed(obj) {
                self.clear(ty, addr, false);
            }
            self.composite_fresh(lit, elems, addr, heap);
            self.vars.insert(obj, storage);
            return;
        }
        let v = self.expr_as(e, ty);
        self.declare(obj, ty, &v);
    }
}
