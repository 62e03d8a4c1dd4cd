//! Explicit conversions `T(x)`.

use crate::func::FuncLower;
use crate::value::Val;
use gort_ir::{BoundsKind, ConvertOp, InstData, Type, Value};
use gort_syntax::ast::*;
use gort_types::{BasicKind, Mode, Ty, TyKind};

impl<'a> FuncLower<'_, 'a> {
    /// `T(x)`, where the call expression has type `to`.
    pub fn conversion(&mut self, x: ExprRef<'a>, to: Ty) -> Val {
        if self.mode(crate::place::unparen(x)) == Mode::Nil {
            return self.zero(to);
        }
        let from = self.ty(x);
        let val = self.expr(x);
        self.at(x.op_pos);
        let bytes =
            matches!(self.under(to), TyKind::Slice(e) if self.basic(*e) == BasicKind::Uint8);
        let constant = self.info().value(crate::place::unparen(x).id);
        match constant.and_then(|v| v.str_len()) {
            Some(n) if bytes && n > 0 => self.constant_bytes(&val, n as u32),
            _ => self.convert(val, from, to),
        }
    }

    /// `[]byte("…")`: a slice of known size, which may go to the frame whole.
    fn constant_bytes(&mut self, s: &Val, size: u32) -> Val {
        let n = s.at(1);
        let et = self.type_addr(Ty::UINT8);
        let dst = self.rt("makeslice", &[et, n, n])[0];
        let src = s.at(0);
        let typ = None;
        let copy = InstData::Copy {
            dst,
            src,
            size,
            typ,
        };
        self.b.emit(copy, &[]);
        Val::three(dst, n, n)
    }

    /// Convert a value.
    pub fn convert(&mut self, val: Val, from: Ty, to: Ty) -> Val {
        let store = self.cx.store;
        if store.is_interface(to) || store.canon(store.under(from)) == store.canon(store.under(to))
        {
            return self.convert_assign(val, from, to);
        }
        match (self.under(from), self.under(to)) {
            (TyKind::Basic(f), TyKind::Basic(t)) => self.convert_basic(val, *f, *t),
            (TyKind::Basic(f), TyKind::Slice(elem)) if f.is_string() => {
                if self.basic(*elem) == BasicKind::Uint8 {
                    let r = self.rt("stringtoslicebyte", &val.scalars()[..2]);
                    return Val::three(r[0], val.at(1), r[1]);
                }
                let r = self.rt("stringtoslicerune", val.scalars());
                Val::three(r[0], r[1], r[2])
            }
            (TyKind::Slice(elem), TyKind::Basic(t)) if t.is_string() => {
                let r = if self.basic(*elem) == BasicKind::Uint8 {
                    self.rt("slicebytetostring", &val.scalars()[..2])
                } else {
                    self.rt("slicerunetostring", val.scalars())
                };
                Val::two(r[0], r[1])
            }
            (TyKind::Slice(_), TyKind::Pointer(p)) => {
                let TyKind::Array { len, .. } = self.under(*p) else {
                    unreachable!("checked")
                };
                Val::one(self.slice_to_array(&val, *len))
            }
            (TyKind::Slice(_), TyKind::Array { len, .. }) => {
                let ptr = self.slice_to_array(&val, *len);
                let v = self.load(to, ptr, 0);
                self.snapshot(to, v)
            }
            // unsafe.Pointer and uintptr; types that differ in names, tags or channel direction only.
            (TyKind::Basic(f), _) if f.is_integer() => {
                Val::one(self.b.convert(ConvertOp::Bitcast, Type::Ptr, val.scalar()))
            }
            (_, TyKind::Basic(t)) if t.is_integer() => {
                Val::one(self.b.convert(ConvertOp::Bitcast, Type::I64, val.scalar()))
            }
            _ => val,
        }
    }

    fn slice_to_array(&mut self, s: &Val, len: i64) -> Value {
        let n = self.b.iconst(Type::I64, len);
        self.bounds_check(BoundsKind::SliceConvert, (n, false), s.at(1));
        s.at(0)
    }

    fn convert_basic(&mut self, val: Val, from: BasicKind, to: BasicKind) -> Val {
        if from.is_string() && to.is_string() || from.is_boolean() {
            return val;
        }
        if to.is_string() {
            let v = self.widen(val.scalar(), from.is_unsigned());
            let r = self.rt("intstring", &[v]);
            return Val::two(r[0], r[1]);
        }
        let part = match to {
            BasicKind::Complex64 => Some((BasicKind::Float32, Type::F32)),
            BasicKind::Complex128 => Some((BasicKind::Float64, Type::F64)),
            _ => None,
        };
        // Between complex and other numbers only constants convert, of their default type, to type parameters.
        match (from.is_complex(), part) {
            (true, Some((_, ty))) => {
                return Val::two(self.float_to(val.at(0), ty), self.float_to(val.at(1), ty));
            }
            (false, Some((kind, ty))) => {
                let re = self.convert_number(val.scalar(), from, kind, ty);
                return Val::two(re, self.b.fconst(ty, 0.0));
            }
            (true, None) => {
                let kind = match from {
                    BasicKind::Complex64 => BasicKind::Float32,
                    _ => BasicKind::Float64,
                };
                return self.convert_basic(Val::one(val.at(0)), kind, to);
            }
            (false, None) => {}
        }
        let ty = crate::repr::basic_type(to).expect("numeric kind of one scalar");
        Val::one(self.convert_number(val.scalar(), from, to, ty))
    }

    fn convert_number(&mut self, v: Value, from: BasicKind, to: BasicKind, ty: Type) -> Value {
        let have = self.b.func.ty(v);
        match (from.is_float(), to.is_float()) {
            (true, true) => self.float_to(v, ty),
            (false, true) => self.int_to_float(v, from, ty),
            (true, false) => {
                let wide = self.float_to(v, Type::F64);
                // What does not fit depends on the width of the conversion, which official Go chooses so.
                let (op, int) = match to {
                    BasicKind::Uint64 | BasicKind::Uint | BasicKind::Uintptr => {
                        (ConvertOp::FloatToUint, Type::I64)
                    }
                    BasicKind::Int64 | BasicKind::Int | BasicKind::Uint32 => {
                        (ConvertOp::FloatToSint, Type::I64)
                    }
                    _ => (ConvertOp::FloatToSint, Type::I32),
                };
                let int = self.b.convert(op, int, wide);
                self.int_to_int(int, false, ty)
            }
            (false, false) if have == Type::Ptr || ty == Type::Ptr => {
                if have == ty {
                    return v;
                }
                self.b.convert(ConvertOp::Bitcast, ty, v)
            }
            (false, false) => self.int_to_int(v, from.is_unsigned(), ty),
        }
    }

    fn int_to_float(&mut self, v: Value, from: BasicKind, ty: Type) -> Value {
        let unsigned = from.is_unsigned();
        let narrow = self.b.func.ty(v) != Type::I64;
        let v = self.widen(v, unsigned);
        let op = if unsigned && !narrow {
            ConvertOp::UintToFloat
        } else {
            ConvertOp::SintToFloat
        };
        self.b.convert(op, ty, v)
    }

    /// Extend or truncate an integer.
    pub fn int_to_int(&mut self, v: Value, unsigned: bool, ty: Type) -> Value {
        let have = self.b.func.ty(v);
        if have.size() == ty.size() {
            return v;
        }
        let op = match (have.size() > ty.size(), unsigned) {
            (true, _) => ConvertOp::Itrunc,
            (false, true) => ConvertOp::Zext,
            (false, false) => ConvertOp::Sext,
        };
        self.b.convert(op, ty, v)
    }
}
