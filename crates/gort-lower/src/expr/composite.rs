//! Composite literals.

use crate::func::FuncLower;
use crate::place::{Place, unparen};
use crate::program::Cx;
use crate::value::{Scalars, Val};
use gort_ir::{Type, Value};
use gort_syntax::ast::*;
use gort_types::{Info, ObjData, Ty, TyKind};

impl<'a> FuncLower<'_, 'a> {
    /// `T{…}` as a value.
    pub fn composite(&mut self, e: ExprRef<'a>) -> Val {
        let ExprKind::Composite { elems, .. } = e.kind else {
            unreachable!()
        };
        let ty = self.ty(e);
        match self.under(ty) {
            TyKind::Slice(elem) => self.slice_literal(e, *elem, elems),
            TyKind::Map { .. } => self.map_literal(ty, elems),
            // An elided &T in a composite of pointers.
            TyKind::Pointer(base) => {
                let ptr = self.alloc(*base);
                if self.repr(*base).in_memory() {
                    self.fill(e, *base, elems, ptr, true);
                } else {
                    let v = self.struct_scalars(*base, elems);
                    self.store(*base, &v, ptr, 0, true);
                }
                Val::one(ptr)
            }
            TyKind::Struct(_) if !self.repr(ty).in_memory() => self.struct_scalars(ty, elems),
            TyKind::Array { len: 0, .. } => Val::S(Scalars::new()),
            _ => {
                let tmp = self.temp(ty);
                self.clear(ty, tmp, false);
                self.fill(e, ty, elems, tmp, false);
                Val::M(tmp)
            }
        }
    }

    /// `T{…}`, held in memory, to fresh zeroed memory.
    pub fn composite_fresh(
        &mut self,
        e: ExprRef<'a>,
        elems: &[ExprRef<'a>],
        dst: Value,
        heap: bool,
    ) {
        let ty = self.ty(e);
        self.fill(e, ty, elems, dst, heap);
    }

    /// Fields of a struct that is held as scalars.
    fn struct_scalars(&mut self, ty: Ty, elems: &[ExprRef<'a>]) -> Val {
        let place = self.result_place(ty);
        let zero = self.zero(ty);
        self.assign(&place, ty, &zero);
        for (path, value) in self.cx.struct_elems(self.unit, ty, elems) {
            let (field, field_ty) = self.field_path(place.clone(), ty, &path);
            let v = self.expr_as(value, field_ty);
            if !self.ends_in_blank(ty, &path) {
                self.assign(&field, field_ty, &v);
            }
        }
        self.read(&place, ty)
    }

    /// Whether a path leads to a blank field, which stays zero.
    fn ends_in_blank(&self, ty: Ty, path: &[u32]) -> bool {
        let [i] = path else { return false };
        matches!(self.under(ty), TyKind::Struct(s) if s.fields[*i as usize].name.is_blank())
    }

    /// Store the elements of a struct or array literal to zeroed memory.
    fn fill(&mut self, e: ExprRef<'a>, ty: Ty, elems: &[ExprRef<'a>], dst: Value, heap: bool) {
        match self.under(ty) {
            TyKind::Struct(_) => {
                for (path, value) in self.cx.struct_elems(self.unit, ty, elems) {
                    let base = Place::Mem {
                        addr: dst,
                        off: 0,
                        heap,
                    };
                    let (place, field_ty) = self.field_path(base, ty, &path);
                    let Place::Mem { addr, off, .. } = place else {
                        continue;
                    };
                    if self.ends_in_blank(ty, &path) {
                        self.expr_as(value, field_ty);
                        continue;
                    }
                    self.fill_one(value, field_ty, addr, off, heap);
                }
            }
            TyKind::Array { elem, .. } => self.fill_array(*elem, elems, dst, heap),
            _ => self.unsupported(e.pos, "this literal"),
        }
    }

    fn fill_array(&mut self, elem: Ty, elems: &[ExprRef<'a>], dst: Value, heap: bool) {
        let size = self.repr(elem).size as i64;
        for (index, value) in indexed(self.info(), elems) {
            let off = index * size;
            match i32::try_from(off) {
                Ok(off) => self.fill_one(value, elem, dst, off, heap),
                Err(_) => {
                    let addr = self.offset(dst, off);
                    self.fill_one(value, elem, addr, 0, heap);
                }
            }
        }
    }

    /// An element in fresh memory: nested literals are built in place.
    fn fill_one(&mut self, value: ExprRef<'a>, ty: Ty, addr: Value, off: i32, heap: bool) {
        let v = unparen(value);
        if let ExprKind::Composite { elems, .. } = v.kind
            && self.repr(ty).in_memory()
            && matches!(self.under(ty), TyKind::Struct(_) | TyKind::Array { .. })
            && self.cx.store.canon(self.ty(v)) == self.cx.store.canon(ty)
        {
            let dst = self.offset(addr, off as i64);
            self.fill(v, ty, elems, dst, heap);
            return;
        }
        let val = self.expr_as(value, ty);
        self.store(ty, &val, addr, off, heap);
    }

    fn slice_literal(&mut self, e: ExprRef<'a>, elem: Ty, elems: &[ExprRef<'a>]) -> Val {
        let len = literal_len(&indexed(self.info(), elems));
        let array = self.cx.store.array(elem, len);
        self.at(e.op_pos);
        let ptr = if len == 0 {
            self.global_addr("runtime.zerobase")
        } else {
            self.alloc(array)
        };
        self.fill_array(elem, elems, ptr, true);
        let n = self.b.iconst(Type::I64, len);
        Val::three(ptr, n, n)
    }
}

impl<'a> Cx<'a> {
    /// The field paths and values of a struct literal.
    pub fn struct_elems(
        &self,
        unit: usize,
        ty: Ty,
        elems: &[ExprRef<'a>],
    ) -> Vec<(Vec<u32>, ExprRef<'a>)> {
        let mut out = Vec::new();
        for (i, &elem) in elems.iter().enumerate() {
            match elem.kind {
                ExprKind::KeyValue { key, value } => {
                    let ExprKind::Name(name) = unparen(key).kind else {
                        continue;
                    };
                    let pkg = self.units[unit].pkg;
                    let found = self
                        .store
                        .lookup_field_or_method(ty, false, Some(pkg), name);
                    let Some(found) = found.found() else { continue };
                    debug_assert!(matches!(
                        self.store.obj(found.obj).data,
                        ObjData::Var { .. }
                    ));
                    out.push((found.index.clone(), value));
                }
                _ => out.push((vec![i as u32], elem)),
            }
        }
        out
    }
}

/// The elements of an array or slice literal with their indices.
pub fn indexed<'a>(info: &Info<'_>, elems: &[ExprRef<'a>]) -> Vec<(i64, ExprRef<'a>)> {
    let mut next = 0;
    elems
        .iter()
        .map(|&elem| {
            let (index, value) = match elem.kind {
                ExprKind::KeyValue { key, value } => {
                    let k = info.value(key.id).and_then(|v| v.to_int().to_i64());
                    (k.unwrap_or(next), value)
                }
                _ => (next, elem),
            };
            next = index + 1;
            (index, value)
        })
        .collect()
}

/// How many elements a slice literal makes.
pub fn literal_len(elems: &[(i64, ExprRef<'_>)]) -> i64 {
    elems.iter().map(|(i, _)| i + 1).max().unwrap_or(0)
}
