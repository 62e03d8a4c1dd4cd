//! Conversions between strings and slices of bytes that need no copy: nothing that runs while the result is in use
//! could change the bytes or tell the result from a copy.
//!
//! The cases are official Go's: operands of comparisons, keys of map lookups, tags of switches over constants, parts
//! of concatenations that surely make a new string, what a range goes over, what `append` copies, `len`, and the argument of
//! `unique.Make`, which copies what it keeps.

use crate::func::FuncLower;
use crate::place::unparen;
use crate::value::Val;
use gort_syntax::ast::*;
use gort_types::{BasicKind, Builtin, Mode, Ty, TyKind};

/// What a conversion makes of what.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Copying {
    /// `string(b)` of bytes.
    BytesToString,
    /// `[]byte(s)`
    StringToBytes,
    /// `[]rune(s)`
    StringToRunes,
}

impl<'a> FuncLower<'_, 'a> {
    /// The operand of a conversion that copies, and which it is.
    pub fn copying(&self, e: ExprRef<'a>) -> Option<(ExprRef<'a>, Copying)> {
        let e = unparen(e);
        let ExprKind::Call { fun, args, .. } = e.kind else {
            return None;
        };
        let known = self.info().value(e.id).is_some() || self.step_taken(e).is_some();
        if known || self.mode(unparen(fun)) != Mode::Type {
            return None;
        }
        let x = args[0];
        if self.mode(unparen(x)) == Mode::Nil {
            return None;
        }
        let is_string = |t: Ty| matches!(self.under(t), TyKind::Basic(k) if k.is_string());
        let elem = |t: Ty| match self.under(t) {
            TyKind::Slice(elem) => Some(self.basic(*elem)),
            _ => None,
        };
        let (from, to) = (self.ty(x), self.ty(e));
        let copying = match (elem(from), elem(to)) {
            (Some(BasicKind::Uint8), None) if is_string(to) => Copying::BytesToString,
            (None, Some(BasicKind::Uint8)) if is_string(from) => Copying::StringToBytes,
            (None, Some(BasicKind::Int32)) if is_string(from) => Copying::StringToRunes,
            _ => return None,
        };
        Some((x, copying))
    }

    /// Whether it is `string(b)` of bytes.
    pub fn is_copied_string(&self, e: ExprRef<'a>) -> bool {
        matches!(self.copying(e), Some((_, Copying::BytesToString)))
    }

    /// Evaluating the expression runs no code that could change bytes: no calls but conversions and
    /// built-ins that only look.
    pub fn is_quiet(&self, e: ExprRef<'a>) -> bool {
        let e = unparen(e);
        if self.info().value(e.id).is_some() {
            return true;
        }
        let quiet = |e: &Option<ExprRef<'a>>| e.is_none_or(|e| self.is_quiet(e));
        match e.kind {
            ExprKind::Name(_) | ExprKind::Lit { .. } => true,
            ExprKind::Selector { x, .. } | ExprKind::Star(x) => self.is_quiet(x),
            ExprKind::Slice { x, lo, hi, max, .. } => {
                self.is_quiet(x) && quiet(&lo) && quiet(&hi) && quiet(&max)
            }
            ExprKind::Index { x, indices } => {
                // The keys of a map may have methods of their own to compare; not so those of arrays.
                !matches!(self.under(self.ty(x)), TyKind::Map { .. })
                    && self.is_quiet(x)
                    && indices.iter().all(|i| self.is_quiet(i))
            }
            ExprKind::Binary { x, y, .. } => self.is_quiet(x) && self.is_quiet(y),
            ExprKind::Unary { op, x } => op != Op::Recv && self.is_quiet(x),
            ExprKind::Call { fun, args, .. } => {
                let f = unparen(fun);
                let looks = self.mode(f) == Mode::Type
                    || matches!(self.builtin_of(f), Some(Builtin::Len | Builtin::Cap));
                looks && args.iter().all(|a| self.is_quiet(a))
            }
            _ => false,
        }
    }

    /// A string expression as type `ty`, which may be the bytes of a slice themselves.
    pub fn borrowed_string(&mut self, e: ExprRef<'a>, ty: Ty) -> Val {
        match self.copying(e) {
            Some((b, Copying::BytesToString)) => {
                let b = self.expr(b);
                Val::two(b.at(0), b.at(1))
            }
            _ => self.expr_as(e, ty),
        }
    }

    /// A slice expression, which may be the bytes of a string themselves.
    pub fn borrowed_bytes(&mut self, e: ExprRef<'a>) -> Val {
        match self.copying(e) {
            Some((s, Copying::StringToBytes)) => {
                let s = self.expr(s);
                let (ptr, len) = (s.at(0), s.at(1));
                Val::three(ptr, len, len)
            }
            _ => self.expr(e),
        }
    }

    /// The key of a map lookup, as type `ty`.
    pub fn lookup_key(&mut self, e: ExprRef<'a>, ty: Ty) -> Val {
        if matches!(self.under(ty), TyKind::Basic(k) if k.is_string()) {
            self.borrowed_string(e, ty)
        } else {
            self.expr_as(e, ty)
        }
    }

    /// `len(x)` of a conversion.
    pub fn length_of_copy(&mut self, x: ExprRef<'a>) -> Option<Val> {
        let (of, copying) = self.copying(x)?;
        // A conversion of a conversion is none.
        let v = match copying {
            Copying::BytesToString => self.borrowed_bytes(of),
            Copying::StringToBytes | Copying::StringToRunes => {
                let ty = self.ty(of);
                self.borrowed_string(of, ty)
            }
        };
        Some(match copying {
            Copying::BytesToString | Copying::StringToBytes => Val::one(v.at(1)),
            Copying::StringToRunes => {
                self.at(x.op_pos);
                Val::one(self.rt("countrunes", &v.scalars()[..2])[0])
            }
        })
    }
}
