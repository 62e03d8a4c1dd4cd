//! Equality of types: whether it is that of the bytes, and the functions for the others.

use crate::func::FuncLower;
use crate::place::Place;
use crate::program::Cx;
use crate::value::Val;
use gort_ir::{IntCc, Type, Value};
use gort_types::{BasicKind, Ty, TyKind};

impl<'a> Cx<'a> {
    /// Whether values are equal if and only if their bytes are.
    pub fn is_plain_memory(&self, ty: Ty) -> bool {
        let store = self.store;
        match store.kind(store.under(ty)) {
            TyKind::Basic(k) => {
                !k.is_float() && !k.is_complex() && !k.is_string() && *k != BasicKind::Invalid
            }
            TyKind::Pointer(_) | TyKind::Chan { .. } => true,
            TyKind::Array { elem, .. } => self.is_plain_memory(*elem),
            TyKind::Struct(s) => {
                let offsets = store.offsets_of(s);
                let mut end = 0;
                for (f, off) in s.fields.iter().zip(offsets) {
                    if f.name.is_blank() || off != end || !self.is_plain_memory(f.ty) {
                        return false;
                    }
                    end = off + store.size_of(f.ty);
                }
                end == store.size_of(ty)
            }
            _ => false,
        }
    }

    /// The symbol of the closure object of a type's Equal function; `None` if it cannot be compared.
    pub fn equal_closure(&mut self, ty: Ty) -> Option<String> {
        if !self.store.comparable(ty) {
            return None;
        }
        let kind = self.store.kind(self.store.under(ty));
        let size = self.store.size_of(ty);
        let name = match kind {
            TyKind::Basic(k) => match k {
                BasicKind::Float32 => "f32equal",
                BasicKind::Float64 => "f64equal",
                BasicKind::Complex64 => "c64equal",
                BasicKind::Complex128 => "c128equal",
                BasicKind::String => "strequal",
                _ => memequal_name(size)?,
            },
            TyKind::Interface(_) if self.store.type_set(ty).methods.is_empty() => "nilinterequal",
            TyKind::Interface(_) => "interequal",
            _ if self.is_plain_memory(ty) && memequal_name(size).is_some() => memequal_name(size)?,
            _ => {
                let symbol = self.equal_func(ty);
                let unit = self.type_unit(ty);
                return Some(self.code_word(unit, &symbol));
            }
        };
        let obj = self.runtime_func(name);
        let (symbol, native) = self.need_func(obj, &[]);
        let conv = self.conv(self.store.obj(obj).ty());
        Some(self.static_closure(self.runtime_unit(), &symbol, native, conv))
    }

    /// The generated equality function of a type: (closure pointer, p, q) -> bool.
    pub fn equal_func(&mut self, ty: Ty) -> String {
        let symbol = format!("type:.eq.{}", self.type_name(ty));
        let unit = self.type_unit(ty);
        self.need_made(unit, &symbol, move |cx, unit, symbol| {
            let mut f = FuncLower::new(cx, unit, symbol, vec![Type::I8], gort_syntax::Pos::NONE);
            f.mark_wrapper();
            f.b.param(Type::Ptr);
            let p = f.b.param(Type::Ptr);
            let q = f.b.param(Type::Ptr);
            f.equal_body(ty, p, q);
            f.finish();
        });
        symbol
    }
}

fn memequal_name(size: i64) -> Option<&'static str> {
    Some(match size {
        0 => "memequal0",
        1 => "memequal8",
        2 => "memequal16",
        4 => "memequal32",
        8 => "memequal64",
        16 => "memequal128",
        _ => return None,
    })
}

impl FuncLower<'_, '_> {
    fn equal_body(&mut self, ty: Ty, p: Value, q: Value) {
        match self.under(ty) {
            _ if self.cx.is_plain_memory(ty) => {
                let n = self.repr(ty).size as i64;
                let n = self.b.iconst(Type::I64, n);
                let eq = self.rt("memequal", &[p, q, n])[0];
                self.b.ret(&[eq]);
            }
            TyKind::Struct(s) => {
                for step in self.field_steps(s) {
                    let i = step.field();
                    let (x, y) = (self.part(ty, i, p), self.part(ty, i, q));
                    let eq = self.equal_step(step, s.fields[i].ty, &x, &y);
                    self.unless_returns(eq);
                }
                let one = self.b.iconst(Type::I8, 1);
                self.b.ret(&[one]);
            }
            TyKind::Array { elem, len } => self.equal_array(*elem, *len, p, q),
            _ => {
                let (x, y) = (self.load(ty, p, 0), self.load(ty, q, 0));
                let eq = self.equal(ty, &x, &y);
                self.b.ret(&[eq]);
            }
        }
    }

    fn part(&mut self, ty: Ty, i: usize, addr: Value) -> Val {
        let (place, field_ty) = self.field(
            Place::Mem {
                addr,
                off: 0,
                heap: true,
            },
            ty,
            i,
        );
        self.read(&place, field_ty)
    }

    /// Return false unless `eq` holds.
    fn unless_returns(&mut self, eq: Value) {
        let (next, no) = (self.b.block(), self.b.block());
        self.b.branch(eq, next, no);
        self.enter(no);
        let zero = self.b.iconst(Type::I8, 0);
        self.b.ret(&[zero]);
        self.enter(next);
    }

    fn equal_array(&mut self, elem: Ty, len: i64, p: Value, q: Value) {
        // The loop looks at one element before it counts, and behind an array of none lies something else.
        if len == 0 {
            let one = self.b.iconst(Type::I8, 1);
            return self.b.ret(&[one]);
        }
        let size = self.repr(elem).size as i64;
        let (head, done) = (self.b.block(), self.b.block());
        let zero = self.b.iconst(Type::I64, 0);
        let i = self.ssa(zero);
        self.b.jump(head, &[]);
        self.b.switch_to(head);
        let now = self.b.use_var(i);
        let (a, b) = (
            self.element_addr(p, size, now),
            self.element_addr(q, size, now),
        );
        let (x, y) = (self.load(elem, a, 0), self.load(elem, b, 0));
        let eq = self.equal(elem, &x, &y);
        self.unless_returns(eq);
        let now = self.b.use_var(i);
        let next = self.b.add_imm(now, 1);
        self.b.def(i, next);
        let more = self.b.icmp_imm(IntCc::Slt, next, len);
        self.b.branch(more, head, done);
        self.b.seal(head);
        self.enter(done);
        let one = self.b.iconst(Type::I8, 1);
        self.b.ret(&[one]);
    }
}
