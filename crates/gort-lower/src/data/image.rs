//! The data of a variable whose initial value is known ([`super::fixed`]).
//!
//! What a value points to becomes an object of its own, which the program may write to; copies behind
//! interfaces are read-only.

use super::Blob;
use super::fixed::{Conversion, Scope};
use crate::expr::composite::{indexed, literal_len};
use crate::kept::Event;
use crate::place::unparen;
use crate::program::Cx;
use gort_ir::{Data, RelocKind, Section, Type};
use gort_syntax::ast::*;
use gort_types::{BasicKind, Mode, ObjData, ObjId, Ty, TyKind, Value as Const};

impl<'a> Cx<'a> {
    /// The object of a variable of type `ty` with the initial value `e`, which is fixed.
    pub fn fixed_object(&mut self, symbol: &str, unit: usize, e: ExprRef<'a>, ty: Ty) {
        let blob = self.image(symbol, &Scope::package(unit), e, ty);
        self.add_image(unit, symbol, Section::Data, blob, ty);
    }

    /// A read-only object of a name with values of type `ty` side by side, each of them plain; its symbol.
    pub fn table(&mut self, unit: usize, name: &str, elems: &[ExprRef<'a>], ty: Ty) -> String {
        let symbol = self.unique_symbol(name);
        let size = self.store.size_of(ty) as usize;
        let array = self.store.array(ty, elems.len() as i64);
        let mut image = Image::new(&symbol, size * elems.len());
        for (i, e) in elems.iter().enumerate() {
            self.put(&mut image, i * size, &Scope::package(unit), e, ty);
        }
        let blob = image.blob;
        self.add_image(unit, &symbol, Section::Rodata, blob, array);
        symbol
    }

    fn add_image(&mut self, unit: usize, symbol: &str, section: Section, blob: Blob, ty: Ty) {
        let align = self.repr(ty).align.max(8);
        if section == Section::Data && blob.relocs.is_empty() && blob.bytes.iter().all(|b| *b == 0)
        {
            let name = self.sym(unit, symbol);
            let pointers = self.pointers(unit, ty);
            self.modules[unit].data.push(Data {
                name,
                section: Section::Bss,
                align,
                bytes: Vec::new(),
                size: blob.bytes.len().max(1) as u64,
                relocs: Vec::new(),
                pointers,
            });
        } else if section == Section::Data {
            self.add_variable(unit, symbol, align, blob, ty);
        } else {
            self.add_blob(unit, symbol, section, align, blob);
        }
    }

    fn image(&mut self, symbol: &str, at: &Scope<'a>, e: ExprRef<'a>, ty: Ty) -> Blob {
        let mut image = Image::new(symbol, self.store.size_of(ty) as usize);
        self.put(&mut image, 0, at, e, ty);
        image.blob
    }

    /// Make an object beside the variable.
    fn side_object(
        &mut self,
        outer: &Image<'_>,
        at: &Scope<'a>,
        section: Section,
        ty: Ty,
        fill: impl FnOnce(&mut Self, &mut Image<'_>),
    ) -> String {
        let size = self.store.size_of(ty) as usize;
        if size == 0 {
            return "runtime.zerobase".to_string();
        }
        let symbol = self.unique_symbol(&format!("{}..stmp", outer.symbol));
        let mut image = Image::new(outer.symbol, size);
        fill(self, &mut image);
        self.add_image(at.unit, &symbol, section, image.blob, ty);
        symbol
    }

    /// Put the value of `e`, converted to `ty`, at an offset.
    fn put(&mut self, image: &mut Image<'_>, off: usize, at: &Scope<'a>, e: ExprRef<'a>, ty: Ty) {
        let store = self.store;
        let e = unparen(e);
        let info = self.scope_info(at);
        if info.expr(e.id).is_some_and(|m| m.mode == Mode::Nil) {
            return;
        }
        if store.is_interface(ty) {
            return self.put_interface(image, off, at, e, ty);
        }
        if let Some(value) = info.value(e.id) {
            return self.put_constant(image, off, value, ty);
        }
        match e.kind {
            ExprKind::Name(_) => {
                let obj = info.obj(e.id).expect("a name has an object").0;
                self.put_name(image, off, at, obj, ty);
            }
            ExprKind::Selector { .. } => {
                let s = info.selection(e.id).expect("a selector has a meaning");
                self.put_name(image, off, at, s.obj, ty);
            }
            ExprKind::Composite { elems, .. } => {
                self.put_literal(image, off, at, info.ty(e.id), elems);
            }
            ExprKind::Unary { x, .. } => {
                let x = unparen(x);
                if let ExprKind::Composite { elems, .. } = x.kind {
                    self.put_pointer(image, off, at, info.ty(x.id), elems);
                } else {
                    let (obj, part) = self.global_part(at, x).expect("part of a variable");
                    let symbol = self.global(obj);
                    image.address(off, symbol, part);
                }
            }
            ExprKind::Call { args, .. } => self.put_call(image, off, at, e, args, ty),
            _ => unreachable!("is_fixed knows no such expression"),
        }
    }

    fn put_name(&mut self, image: &mut Image<'_>, off: usize, at: &Scope<'a>, obj: ObjId, ty: Ty) {
        if let ObjData::Func(_) = self.store.obj(obj).data {
            let value = self.func_object(obj, &[]);
            image.address(off, value, 0);
        } else if let Some((outer, arg)) = at.argument(obj) {
            self.put(image, off, &outer, arg, ty);
        } else {
            self.put_copy(image, off, obj);
        }
    }

    /// The value of another variable of the package: what it points to is shared.
    fn put_copy(&mut self, image: &mut Image<'_>, off: usize, obj: ObjId) {
        let symbol = self.global(obj);
        self.keeper.note(Event::Copy(obj));
        if self.initial.contains_key(&symbol) {
            self.keeper.spoil();
        }
        let unit = self.unit_of(self.store.obj(obj).pkg);
        let name = self.sym(unit, &symbol);
        let module = &self.modules[unit];
        let data = module.data.iter().rev().find(|d| d.name == name);
        let Some(data) = data else { return };
        image.bytes(off, &data.bytes);
        for r in &data.relocs {
            let target = module.name(r.sym).to_string();
            image.address(off + r.offset as usize, target, r.addend);
        }
    }

    fn put_call(
        &mut self,
        image: &mut Image<'_>,
        off: usize,
        at: &Scope<'a>,
        e: ExprRef<'a>,
        args: &'a [ExprRef<'a>],
        ty: Ty,
    ) {
        let info = self.scope_info(at);
        let ExprKind::Call { fun, .. } = e.kind else {
            unreachable!()
        };
        if info.expr(unparen(fun).id).map(|m| m.mode) != Some(Mode::Type) {
            let (inner, result) = self.single_expression(at, e).expect("one expression");
            return self.put(image, off, &inner, result, ty);
        }
        match self.conversion(at, e, args[0]) {
            Some(Conversion::Same(from)) => self.put(image, off, at, args[0], from),
            _ => {
                let value = info.value(args[0].id).and_then(|v| v.as_bytes());
                let bytes = value.unwrap_or_default().to_vec();
                let n = bytes.len();
                let array = self.store.array(Ty::UINT8, n as i64);
                let symbol = self.side_object(image, at, Section::Data, array, |_, side| {
                    side.blob.bytes.copy_from_slice(&bytes);
                });
                image.slice(off, symbol, n);
            }
        }
    }

    /// The address of an object with the value of a literal.
    fn put_pointer(
        &mut self,
        image: &mut Image<'_>,
        off: usize,
        at: &Scope<'a>,
        ty: Ty,
        elems: &'a [ExprRef<'a>],
    ) {
        let symbol = self.side_object(image, at, Section::Data, ty, |cx, side| {
            cx.put_literal(side, 0, at, ty, elems)
        });
        image.address(off, symbol, 0);
    }

    fn put_literal(
        &mut self,
        image: &mut Image<'_>,
        off: usize,
        at: &Scope<'a>,
        ty: Ty,
        elems: &'a [ExprRef<'a>],
    ) {
        let store = self.store;
        match store.kind(store.under(ty)) {
            TyKind::Struct(s) => {
                let offsets = store.offsets_of(s);
                for (path, value) in self.struct_elems(at.unit, ty, elems) {
                    let i = path[0] as usize;
                    if !s.fields[i].name.is_blank() {
                        self.put(image, off + offsets[i] as usize, at, value, s.fields[i].ty);
                    }
                }
            }
            TyKind::Array { elem, .. } => self.put_elements(image, off, at, *elem, elems),
            TyKind::Slice(elem) => {
                let n = literal_len(&indexed(self.scope_info(at), elems));
                let array = store.array(*elem, n);
                let symbol = self.side_object(image, at, Section::Data, array, |cx, side| {
                    cx.put_elements(side, 0, at, *elem, elems)
                });
                image.slice(off, symbol, n as usize);
            }
            TyKind::Pointer(base) => self.put_pointer(image, off, at, *base, elems),
            _ => unreachable!("is_fixed knows no such literal"),
        }
    }

    fn put_elements(
        &mut self,
        image: &mut Image<'_>,
        off: usize,
        at: &Scope<'a>,
        elem: Ty,
        elems: &'a [ExprRef<'a>],
    ) {
        let size = self.store.size_of(elem) as usize;
        for (i, value) in indexed(self.scope_info(at), elems) {
            self.put(image, off + i as usize * size, at, value, elem);
        }
    }

    fn put_interface(
        &mut self,
        image: &mut Image<'_>,
        off: usize,
        at: &Scope<'a>,
        e: ExprRef<'a>,
        to: Ty,
    ) {
        let from = self.concrete_type(at, e);
        let word = if self.store.type_set(to).methods.is_empty() {
            self.reach_type(from);
            self.type_descriptor(from)
        } else {
            self.itab(from, to)
        };
        image.address(off, word, 0);
        if self.is_direct(from) {
            return self.put(image, off + 8, at, e, from);
        }
        let symbol = self.side_object(image, at, Section::Rodata, from, |cx, side| {
            cx.put(side, 0, at, e, from)
        });
        image.address(off + 8, symbol, 0);
    }

    fn put_constant(&mut self, image: &mut Image<'_>, off: usize, value: &Const, ty: Ty) {
        if let Some(text) = value.as_bytes() {
            if !text.is_empty() {
                let data = self.string_data(text);
                image.address(off, data, 0);
            }
            return image.bytes(off + 8, &(text.len() as u64).to_le_bytes());
        }
        let kind = match self.store.kind(self.store.under(ty)) {
            TyKind::Basic(k) => *k,
            _ => BasicKind::Invalid,
        };
        let repr = self.repr(ty);
        for (i, s) in repr.scalars.iter().flatten().enumerate() {
            let bits = constant_bits(value, kind, s.ty, i);
            let n = s.ty.size() as usize;
            image.bytes(off + s.off as usize, &bits.to_le_bytes()[..n]);
        }
    }
}

/// An object under construction.
struct Image<'s> {
    /// The variable that it belongs to, for names.
    symbol: &'s str,
    blob: Blob,
}

impl<'s> Image<'s> {
    fn new(symbol: &'s str, size: usize) -> Image<'s> {
        let blob = Blob {
            bytes: vec![0; size],
            relocs: Vec::new(),
        };
        Image { symbol, blob }
    }

    fn bytes(&mut self, off: usize, bytes: &[u8]) {
        self.blob.bytes[off..off + bytes.len()].copy_from_slice(bytes);
    }

    fn address(&mut self, off: usize, symbol: String, addend: i64) {
        let reloc = (off as u32, RelocKind::Abs64, symbol, addend);
        self.blob.relocs.push(reloc);
    }

    fn slice(&mut self, off: usize, array: String, len: usize) {
        self.address(off, array, 0);
        for word in [off + 8, off + 16] {
            self.bytes(word, &(len as u64).to_le_bytes());
        }
    }
}

/// The bits of scalar number `i` of a constant.
fn constant_bits(value: &Const, kind: BasicKind, ty: Type, i: usize) -> u64 {
    if let Some(b) = value.as_bool() {
        return b as u64;
    }
    let float = |v: &Const| {
        if ty == Type::F32 {
            v.to_f32().to_bits() as u64
        } else {
            v.to_f64().to_bits()
        }
    };
    if kind.is_complex() {
        return float(&if i == 0 { value.real() } else { value.imag() });
    }
    if kind.is_float() {
        return float(value);
    }
    let int = value.to_int();
    int.to_i64()
        .map(|v| v as u64)
        .or_else(|| int.to_u64())
        .unwrap_or(0)
}
