//! Places: what can be assigned, and where variables, fields and elements are.

use crate::func::{FuncLower, Storage};
use crate::value::{Scalars, Val};
use gort_ir::{BoundsKind, InstData, Type, Value, Var};
use gort_syntax::ast::*;
use gort_types::{BasicKind, Mode, ObjData, ObjId, SelectionKind, Ty, TyKind, VarKind};
use smallvec::SmallVec;

/// Where a value is or goes.
#[derive(Clone, Debug)]
pub enum Place {
    /// `_`
    Blank,
    /// In variables of the builder.
    Vars(SmallVec<[Var; 4]>),
    /// In memory; `heap` if that may be the heap or a global.
    Mem { addr: Value, off: i32, heap: bool },
    /// A part of a value that is not stored anywhere: a field of a call's result.
    Value(Val),
    /// An element of a map.
    Map(Box<MapElem>),
}

/// A map element as a place.
#[derive(Clone, Debug)]
pub struct MapElem {
    /// The map's type.
    pub ty: Ty,
    /// The map.
    pub map: Value,
    /// The key, converted to the key type.
    pub key: Val,
}

/// Accesses below this offset from nil fault by themselves.
const NIL_PAGE: u64 = 4096;

impl<'a> FuncLower<'_, 'a> {
    /// The place of a storage.
    pub fn storage_place(&mut self, s: &Storage) -> Place {
        match s {
            Storage::Ssa(vars) => Place::Vars(vars.clone()),
            Storage::Slot(slot) => Place::Mem {
                addr: self.b.slot_addr(*slot, 0),
                off: 0,
                heap: false,
            },
            Storage::Boxed(_, heap) => Place::Mem {
                addr: self.box_pointer(s),
                off: 0,
                heap: *heap,
            },
            Storage::BoxInSlot(_) => Place::Mem {
                addr: self.box_pointer(s),
                off: 0,
                heap: true,
            },
        }
    }

    /// The pointer that a boxed storage keeps.
    pub fn box_pointer(&mut self, s: &Storage) -> Value {
        match s {
            Storage::Boxed(var, _) => self.b.use_var(*var),
            Storage::BoxInSlot(slot) => {
                let addr = self.b.slot_addr(*slot, 0);
                self.b.load(Type::Ptr, addr, 0)
            }
            _ => unreachable!("storage without pointer"),
        }
    }

    /// Read a place.
    pub fn read(&mut self, place: &Place, ty: Ty) -> Val {
        match place {
            Place::Blank => self.zero(ty),
            Place::Vars(vars) => Val::S(vars.iter().map(|&v| self.b.use_var(v)).collect()),
            Place::Mem { addr, off, .. } => self.load(ty, *addr, *off),
            Place::Value(v) => v.clone(),
            Place::Map(m) => self.map_read(m),
        }
    }

    /// Assign a value of the place's type.
    pub fn assign(&mut self, place: &Place, ty: Ty, val: &Val) {
        match place {
            Place::Blank => {}
            Place::Vars(vars) => {
                for (&var, &v) in vars.iter().zip(val.scalars()) {
                    self.b.def(var, v);
                }
            }
            Place::Mem { addr, off, heap } => self.store(ty, val, *addr, *off, *heap),
            Place::Value(_) => unreachable!("assignment to a value"),
            Place::Map(m) => self.map_write(m, ty, val),
        }
    }

    /// The address of a place in memory.
    pub fn address(&mut self, place: &Place, ty: Ty) -> Value {
        match place {
            Place::Mem { addr, off, .. } => self.offset(*addr, *off as i64),
            Place::Value(v) => self.spill(ty, v),
            Place::Vars(_) | Place::Map(_) => {
                let v = self.read(place, ty);
                self.spill(ty, &v)
            }
            Place::Blank => self.temp(ty),
        }
    }

    /// Whether an expression is a place (variable, field, element, dereference) rather than a computed value.
    pub fn is_place(&self, e: ExprRef<'a>) -> bool {
        let e = unparen(e);
        match e.kind {
            ExprKind::Name(_) | ExprKind::Star(_) => self.mode(e) == Mode::Variable,
            ExprKind::Selector { x, .. } => match self.info().selection(e.id) {
                Some(s) if s.kind == SelectionKind::FieldVal => s.indirect || self.is_place(x),
                _ => self.mode(e) == Mode::Variable,
            },
            ExprKind::Index { x, .. } => match self.under(self.ty(x)) {
                TyKind::Array { .. } => self.is_place(x),
                TyKind::Slice(_) | TyKind::Pointer(_) => true,
                _ => false,
            },
            _ => false,
        }
    }

    /// The checker's mode of an expression.
    pub fn mode(&self, e: ExprRef<'a>) -> Mode {
        self.info().expr(e.id).map_or(Mode::None, |m| m.mode)
    }

    /// Evaluate an expression as a place.
    pub fn place(&mut self, e: ExprRef<'a>) -> Place {
        let e = unparen(e);
        match e.kind {
            ExprKind::Name(name) if name.is_blank() => Place::Blank,
            ExprKind::Name(_) => {
                let obj = self.info().obj(e.id).map(|o| o.0);
                match obj {
                    Some(obj) if matches!(self.cx.store.obj(obj).data, ObjData::Var { .. }) => {
                        self.var_place(obj)
                    }
                    _ => Place::Value(self.expr(e)),
                }
            }
            ExprKind::Star(x) => {
                self.at(e.op_pos);
                let ptr = self.expr(x).scalar();
                let ty = self.ty(e);
                self.check_nil_of(ptr, ty);
                Place::Mem {
                    addr: ptr,
                    off: 0,
                    heap: true,
                }
            }
            ExprKind::Selector { x, .. } => self.selector_place(e, x),
            ExprKind::Index { x, indices } => self.index_place(e, x, indices[0]),
            _ => Place::Value(self.expr(e)),
        }
    }

    /// The place of a variable.
    pub fn var_place(&mut self, obj: ObjId) -> Place {
        let o = self.cx.store.obj(obj);
        if o.name.is_blank() {
            return Place::Blank;
        }
        if o.var_kind() == Some(VarKind::Package) {
            let symbol = self.cx.global(obj);
            return Place::Mem {
                addr: self.global_addr(&symbol),
                off: 0,
                heap: true,
            };
        }
        match self.vars.get(&obj).cloned() {
            Some(s) => self.storage_place(&s),
            None => {
                self.unsupported(o.pos, &format!("variable {} here", o.name));
                let ty = self.obj_ty(obj);
                Place::Value(self.zero(ty))
            }
        }
    }

    fn selector_place(&mut self, e: ExprRef<'a>, x: ExprRef<'a>) -> Place {
        let Some(sel) = self.info().selection(e.id) else {
            return Place::Value(self.expr(e));
        };
        match sel.kind {
            SelectionKind::FieldVal => {
                let ty = self.ty(x);
                let place = if matches!(self.under(ty), TyKind::Pointer(_)) {
                    Place::Value(self.expr(x))
                } else {
                    self.place(x)
                };
                self.at(e.op_pos);
                self.field_path(place, ty, &sel.index).0
            }
            SelectionKind::Qualified if self.mode(e) == Mode::Variable => self.var_place(sel.obj),
            _ => Place::Value(self.expr(e)),
        }
    }

    /// Follow field indices from a place of type `ty`, dereferencing pointers on the way.
    pub fn field_path(&mut self, mut place: Place, mut ty: Ty, path: &[u32]) -> (Place, Ty) {
        let mut pointer = None;
        for &i in path {
            if let TyKind::Pointer(elem) = self.under(ty) {
                let ptr = self.read(&place, ty).scalar();
                self.check_nil_of(ptr, *elem);
                pointer = Some(ptr);
                place = Place::Mem {
                    addr: ptr,
                    off: 0,
                    heap: true,
                };
                ty = *elem;
            }
            (place, ty) = self.field(place, ty, i as usize);
        }
        if let Some(ptr) = pointer {
            self.check_nil_of_none(ptr, ty);
        }
        (place, ty)
    }

    /// Field number `i` of a struct place.
    pub fn field(&mut self, place: Place, ty: Ty, i: usize) -> (Place, Ty) {
        let TyKind::Struct(s) = self.under(ty) else {
            panic!("field of a type without fields")
        };
        let field_ty = s.fields[i].ty;
        let off = self.cx.store.offsets_of(s)[i] as u64;
        let place = match place {
            Place::Blank => Place::Blank,
            Place::Mem {
                addr,
                off: base,
                heap,
            } => {
                let total = base as i64 + off as i64;
                if off >= NIL_PAGE && heap {
                    self.b.emit(InstData::NilCheck { ptr: addr }, &[]);
                }
                if let Ok(total) = i32::try_from(total) {
                    Place::Mem {
                        addr,
                        off: total,
                        heap,
                    }
                } else {
                    Place::Mem {
                        addr: self.offset(addr, total),
                        off: 0,
                        heap,
                    }
                }
            }
            Place::Vars(vars) => {
                let (from, n) = self.scalar_range(ty, i);
                Place::Vars(vars[from..from + n].into())
            }
            Place::Value(Val::S(vals)) => {
                let (from, n) = self.scalar_range(ty, i);
                Place::Value(Val::S(Scalars::from_slice(&vals[from..from + n])))
            }
            Place::Value(Val::M(addr)) => Place::Value(self.load(field_ty, addr, off as i32)),
            Place::Map(m) => {
                let v = self.map_read(&m);
                return self.field(Place::Value(v), ty, i);
            }
        };
        (place, field_ty)
    }

    /// Which scalars of a struct belong to field `i`: first and count.
    fn scalar_range(&mut self, ty: Ty, i: usize) -> (usize, usize) {
        let TyKind::Struct(s) = self.under(ty) else {
            panic!("not a struct")
        };
        let count = |f: &mut Self, ty| f.repr(ty).scalars.as_ref().expect("part of scalars").len();
        let from = (0..i).map(|j| count(self, s.fields[j].ty)).sum();
        (from, count(self, s.fields[i].ty))
    }

    fn index_place(&mut self, e: ExprRef<'a>, x: ExprRef<'a>, index: ExprRef<'a>) -> Place {
        let xt = self.ty(x);
        match self.under(xt) {
            TyKind::Slice(elem) => {
                let s = self.expr(x);
                let i = self.index_value(index);
                self.at(e.op_pos);
                let len = self.bound(*elem, s.at(1));
                self.bounds_check(BoundsKind::Index, i, len);
                self.element(s.at(0), *elem, i.0, true)
            }
            TyKind::Pointer(p) => {
                let TyKind::Array { elem, len } = self.under(*p) else {
                    return Place::Value(self.expr(e));
                };
                let ptr = self.expr(x).scalar();
                let i = self.index_value(index);
                self.at(e.op_pos);
                let n = self.b.iconst(Type::I64, *len);
                self.bounds_check(BoundsKind::Index, i, n);
                self.check_nil_of(ptr, *p);
                self.element(ptr, *elem, i.0, true)
            }
            TyKind::Array { elem, len } => {
                let base = self.place(x);
                let (addr, heap) = match &base {
                    Place::Mem { addr, off, heap } => (self.offset(*addr, *off as i64), *heap),
                    _ => (self.address(&base, xt), false),
                };
                let i = self.index_value(index);
                self.at(e.op_pos);
                let n = self.b.iconst(Type::I64, *len);
                self.bounds_check(BoundsKind::Index, i, n);
                let place = self.element(addr, *elem, i.0, heap);
                if *len == 0 {
                    return Place::Blank; // the check above never passes
                }
                match base {
                    Place::Value(_) | Place::Vars(_) | Place::Map(_) => {
                        Place::Value(self.read(&place, *elem))
                    }
                    _ => place,
                }
            }
            TyKind::Map { key, .. } => {
                let map = self.expr(x).scalar();
                let key_val = self.expr_as(index, *key);
                let key = self.snapshot(*key, key_val);
                Place::Map(Box::new(MapElem { ty: xt, map, key }))
            }
            _ => Place::Value(self.expr(e)),
        }
    }

    /// The place of element `i` (checked) of elements at `base`.
    pub fn element(&mut self, base: Value, elem: Ty, i: Value, heap: bool) -> Place {
        let size = self.repr(elem).size as i64;
        let addr = self.element_addr(base, size, i);
        Place::Mem { addr, off: 0, heap }
    }

    /// `base + i * size`
    pub fn element_addr(&mut self, base: Value, size: i64, i: Value) -> Value {
        let off = match size {
            1 => i,
            _ => {
                let n = self.b.iconst(Type::I64, size);
                self.b.binary(gort_ir::BinaryOp::Imul, i, n)
            }
        };
        self.b.binary(gort_ir::BinaryOp::Iadd, base, off)
    }

    /// An index as I64 and whether its type is unsigned.
    pub fn index_value(&mut self, e: ExprRef<'a>) -> (Value, bool) {
        let ty = self.ty(e);
        let v = self.expr(e).scalar();
        let unsigned = self.is_unsigned(ty);
        (self.widen(v, unsigned), unsigned)
    }

    /// Whether a type is one of unsigned integers.
    pub fn is_unsigned(&self, ty: Ty) -> bool {
        matches!(self.under(ty), TyKind::Basic(k) if k.is_unsigned())
    }

    /// Extend an integer to 64 bits.
    pub fn widen(&mut self, v: Value, unsigned: bool) -> Value {
        if self.b.func.ty(v) == Type::I64 {
            return v;
        }
        let op = if unsigned {
            gort_ir::ConvertOp::Zext
        } else {
            gort_ir::ConvertOp::Sext
        };
        self.b.convert(op, Type::I64, v)
    }

    /// A number as the length of something that exists. What is checked against it later is not only below the number: the
    /// passes take it for no less than 0 and no more than memory has bytes, wherever the same value is used
    /// (`gort_ir::passes::checks`). Other uses of the number keep a value of their own.
    pub fn length(&mut self, n: Value) -> Value {
        match self.b.func.constant(n) {
            Some(_) => n,
            None => self.b.binary(gort_ir::BinaryOp::And, n, n),
        }
    }

    /// What indices and slice bounds are checked against, of a slice with this length or capacity. There may be more elements
    /// than memory has bytes if they have no size: then it does not count as a length.
    pub fn bound(&mut self, elem: Ty, len: Value) -> Value {
        match self.repr(elem).size {
            0 => self.b.binary(gort_ir::BinaryOp::Or, len, len),
            _ => len,
        }
    }

    /// Panic unless `a` is in bounds of `b` as `kind` says.
    pub fn bounds_check(&mut self, kind: BoundsKind, a: (Value, bool), b: Value) {
        self.b.emit(
            InstData::BoundsCheck {
                kind,
                unsigned: a.1,
                a: a.0,
                b,
            },
            &[],
        );
    }

    /// A nil check for a pointer to an object that is used, where no access would fault: there is none, or the object is
    /// so large that it may miss the page at nil.
    fn check_nil_of(&mut self, ptr: Value, ty: Ty) {
        if self.repr(ty).size >= NIL_PAGE {
            self.nil_check(ptr);
        }
        self.check_nil_of_none(ptr, ty);
    }

    /// The same where the type is that of a part, of which nothing is loaded or stored if its size is zero.
    pub fn check_nil_of_none(&mut self, ptr: Value, ty: Ty) {
        if self.repr(ty).size == 0 {
            self.nil_check(ptr);
        }
    }

    /// Fault if the pointer is nil.
    pub fn nil_check(&mut self, ptr: Value) {
        self.b.emit(InstData::NilCheck { ptr }, &[]);
    }

    /// Whether a type is a basic kind that satisfies `test`.
    pub fn is_basic(&self, ty: Ty, test: impl Fn(BasicKind) -> bool) -> bool {
        matches!(self.under(ty), TyKind::Basic(k) if test(*k))
    }
}

/// The expression without parentheses.
pub fn unparen(mut e: ExprRef<'_>) -> ExprRef<'_> {
    while let ExprKind::Paren(x) = e.kind {
        e = x;
    }
    e
}
