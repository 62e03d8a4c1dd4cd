//! Explicit conversions `T(x)`.

use crate::check::Checker;
use crate::constant::Value;
use crate::constants::representable;
use crate::info::Mode;
use crate::operand::Operand;
use crate::types::*;

impl<'a> Checker<'a> {
    fn const_convertible(&self, x: &Operand<'a>, to: Ty) -> Option<Value> {
        let kind = self.store.basic(to)?;
        if let Some(v) = representable(&x.val, kind) {
            return Some(v);
        }
        if self.store.is_basic(x.ty, BasicKind::is_integer) && kind.is_string() {
            let c = x
                .val
                .to_u64()
                .and_then(|n| u32::try_from(n).ok())
                .and_then(char::from_u32);
            let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
            return Some(Value::from_str_bytes(c.encode_utf8(&mut [0; 4]).as_bytes()));
        }
        None
    }

    pub(crate) fn conversion(&mut self, x: &mut Operand<'a>, to: Ty) {
        let s = self.store;
        let const_arg = x.mode == Mode::Const;
        let const_type = s.is_basic(to, BasicKind::is_const_type);
        let mut cause = String::new();
        let mut ok = false;
        if const_arg && const_type {
            match self.const_convertible(x, to) {
                Some(v) => {
                    x.val = v;
                    ok = true;
                }
                None => {
                    if s.is_basic(x.ty, BasicKind::is_integer)
                        && s.is_basic(to, BasicKind::is_integer)
                    {
                        let msg = format!("constant {} overflows {}", x.val, self.ts(to));
                        self.error(x.pos(), "InvalidConversion", msg);
                        x.invalidate();
                        return;
                    }
                }
            }
        } else if const_arg && s.is_type_param(to) {
            let y = x.clone();
            ok = self.under_is(to, |c, u| {
                let Some(u) = u else {
                    cause = format!("{} does not contain specific types", c.ts(to));
                    return false;
                };
                if c.store.is_basic(y.ty, BasicKind::is_string) && c.is_bytes_or_runes(u) {
                    return true;
                }
                if c.const_convertible(&y, u).is_none() {
                    let ints = c.store.is_basic(y.ty, BasicKind::is_integer)
                        && c.store.is_basic(u, BasicKind::is_integer);
                    cause = if ints {
                        format!("constant {} overflows {} (in {})", y.val, c.ts(u), c.ts(to))
                    } else {
                        format!(
                            "cannot convert {} to type {} (in {})",
                            c.op_string(&y),
                            c.ts(u),
                            c.ts(to)
                        )
                    };
                    return false;
                }
                true
            });
            x.mode = Mode::Value;
        } else if self.convertible(x, to, &mut cause) {
            ok = true;
            x.mode = Mode::Value;
        }
        if !ok {
            let mut msg = format!(
                "cannot convert {} to type {}",
                self.op_string(x),
                self.ts(to)
            );
            if !cause.is_empty() {
                msg = format!("{msg}: {cause}");
            }
            self.error(x.pos(), "InvalidConversion", msg);
            x.invalidate();
            return;
        }
        if s.is_untyped(x.ty) {
            let mut last = to;
            if x.ty == Ty::UNTYPED_NIL {
            } else if s.is_plain_interface(to) || const_arg && !const_type {
                last = s.default_type(x.ty);
            } else if x.mode == Mode::Const
                && s.is_basic(x.ty, BasicKind::is_integer)
                && s.all_basic(to, BasicKind::is_string)
            {
                last = x.ty;
            }
            self.update_operand_type(x, last, true);
        }
        x.ty = to;
    }

    fn is_bytes_or_runes(&self, ty: Ty) -> bool {
        match self.store.under_kind(ty) {
            TyKind::Slice(elem) => {
                matches!(
                    self.store.basic(*elem),
                    Some(BasicKind::Uint8 | BasicKind::Int32)
                )
            }
            _ => false,
        }
    }

    /// Whether a non-constant operand can be converted to `to`.
    pub(crate) fn convertible(&mut self, x: &Operand<'a>, to: Ty, cause: &mut String) -> bool {
        if self.assignable(x, to, cause).is_ok() {
            return true;
        }
        let s = self.store;
        let (v, t) = (s.unalias(x.ty), s.unalias(to));
        let (vu, tu) = (s.under(v), s.under(t));
        let (vp, tp) = (s.is_type_param(v), s.is_type_param(t));
        if !vp && !tp && s.identical_ignore_tags(vu, tu) {
            return true;
        }
        if let (TyKind::Pointer(a), TyKind::Pointer(b)) = (s.raw_kind(v), s.raw_kind(t))
            && !s.is_type_param(*a)
            && !s.is_type_param(*b)
            && s.identical_ignore_tags(s.under(*a), s.under(*b))
        {
            return true;
        }
        let kinds = match (s.raw_kind(vu), s.raw_kind(tu)) {
            (TyKind::Basic(a), TyKind::Basic(b)) => Some((*a, *b)),
            _ => None,
        };
        if let Some((a, b)) = kinds {
            let real = |k: BasicKind| k.is_integer() || k.is_float();
            if real(a) && real(b)
                || a.is_complex() && b.is_complex()
                || a.is_integer() && b.is_string()
                || a.is_string() && b.is_string()
                || a == BasicKind::Uintptr && b == BasicKind::UnsafePointer
                || a == BasicKind::UnsafePointer && b == BasicKind::Uintptr
            {
                return true;
            }
        }
        let string = |t: Ty| s.is_basic(t, BasicKind::is_string);
        let unsafe_ptr = |t: Ty| s.basic(t) == Some(BasicKind::UnsafePointer);
        let pointer = |t: Ty| matches!(s.raw_kind(t), TyKind::Pointer(_));
        if self.is_bytes_or_runes(vu) && string(tu)
            || string(vu) && self.is_bytes_or_runes(tu)
            || pointer(vu) && unsafe_ptr(tu)
            || unsafe_ptr(vu) && pointer(tu)
        {
            return true;
        }
        if let TyKind::Slice(elem) = s.raw_kind(vu) {
            let (array, minor, what) = match s.raw_kind(tu) {
                TyKind::Array { elem, .. } => (Some(*elem), 20, "array"),
                TyKind::Pointer(base) => match s.under_kind(*base) {
                    TyKind::Array { elem, .. } => (Some(*elem), 17, "array pointer"),
                    _ => (None, 0, ""),
                },
                _ => (None, 0, ""),
            };
            if let Some(a) = array
                && s.identical(*elem, a)
            {
                if self.allow_version(minor) {
                    return true;
                }
                *cause = format!("conversion of slice to {what} requires go1.{minor} or later");
                return false;
            }
        }
        if !vp && !tp {
            return false;
        }
        self.convertible_params(x, v, t, to, cause)
    }

    /// Conversions where a side is a type parameter: all its types must be convertible.
    fn convertible_params(
        &mut self,
        x: &Operand<'a>,
        v: Ty,
        t: Ty,
        orig: Ty,
        cause: &mut String,
    ) -> bool {
        let s = self.store;
        let one = |ty: Ty| Some(vec![(ty, ty)]);
        let (vp, tp) = (s.is_type_param(v), s.is_type_param(t));
        let from = if vp {
            self.specific_terms(v)
        } else {
            one(x.ty)
        };
        let to = if tp { self.specific_terms(t) } else { one(t) };
        let (Some(from), Some(to)) = (from, to) else {
            return false;
        };
        let mut y = x.clone();
        for &(a, _) in &from {
            y.ty = a;
            for &(b, _) in &to {
                if self.convertible(&y, b, cause) {
                    continue;
                }
                let msg = match (vp, tp) {
                    (true, true) => format!(
                        "cannot convert {} (in {}) to type {} (in {})",
                        self.ts(a),
                        self.ts(v),
                        self.ts(b),
                        self.ts(t)
                    ),
                    (true, false) => format!(
                        "cannot convert {} (in {}) to type {}",
                        self.ts(a),
                        self.ts(v),
                        self.ts(orig)
                    ),
                    _ => format!(
                        "cannot convert {} to type {} (in {})",
                        self.ts(x.ty),
                        self.ts(b),
                        self.ts(t)
                    ),
                };
                *cause = if cause.is_empty() {
                    msg
                } else {
                    format!("{msg}\n\t{cause}")
                };
                return false;
            }
        }
        true
    }
}
