//! Constants.

use crate::func::FuncLower;
use crate::value::Val;
use gort_ir::Type;
use gort_types::{Ty, TyKind, Value as Const};

impl FuncLower<'_, '_> {
    /// A constant as a value of a type. The checker has made sure that it fits.
    pub fn constant(&mut self, value: &Const, ty: Ty) -> Val {
        let store = self.cx.store;
        if store.is_interface(ty) {
            let default = match value {
                Const::Bool(_) => Ty::BOOL,
                Const::Str(_) => Ty::STRING,
                Const::Int(_) | Const::BigInt(_) => Ty::INT,
                Const::Complex(_) => Ty::COMPLEX128,
                _ => Ty::FLOAT64,
            };
            let v = self.constant(value, default);
            return self.make_interface(v, default, ty);
        }
        let kind = self.basic(ty);
        let scalar = self.repr(ty).types();
        if kind.is_string() {
            let bytes = value.as_bytes().unwrap_or_default().to_vec();
            return self.string_constant(&bytes);
        }
        if let Some(b) = value.as_bool() {
            return Val::one(self.b.iconst(Type::I8, b as i64));
        }
        if kind.is_complex() {
            let (re, im) = (value.real().to_f64(), value.imag().to_f64());
            return Val::two(self.b.fconst(scalar[0], re), self.b.fconst(scalar[0], im));
        }
        if kind.is_float() {
            let v = if scalar[0] == Type::F32 {
                value.to_f32() as f64
            } else {
                value.to_f64()
            };
            return Val::one(self.b.fconst(scalar[0], v));
        }
        let int = value.to_int();
        let bits = int
            .to_i64()
            .or_else(|| int.to_u64().map(|u| u as i64))
            .unwrap_or(0);
        let machine = scalar.first().copied().unwrap_or(Type::I64);
        // Constants are kept sign-extended from their machine type.
        let bits = match machine {
            Type::I8 => bits as i8 as i64,
            Type::I16 => bits as i16 as i64,
            Type::I32 => bits as i32 as i64,
            _ => bits,
        };
        debug_assert!(
            matches!(self.under(ty), TyKind::Basic(_) | TyKind::Pointer(_)),
            "constant of basic type"
        );
        Val::one(self.b.iconst(machine, bits))
    }

    /// A string literal.
    pub fn string_constant(&mut self, bytes: &[u8]) -> Val {
        let len = self.b.iconst(Type::I64, bytes.len() as i64);
        if bytes.is_empty() {
            return Val::two(self.b.iconst(Type::Ptr, 0), len);
        }
        let symbol = self.cx.string_data(bytes);
        Val::two(self.global_addr(&symbol), len)
    }
}
