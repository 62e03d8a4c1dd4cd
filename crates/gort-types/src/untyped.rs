//! Untyped expressions: they get their final type from the context, and then so do their operands.

use crate::check::{Checker, Untyped};
use crate::constant::Value;
use crate::exprstring::start_pos;
use crate::info::Mode;
use crate::operand::Operand;
use crate::types::*;
use gort_syntax::ast::*;

impl<'a> Checker<'a> {
    /// Record an operand's type and value, for now if it is untyped.
    pub(crate) fn record(&mut self, x: &Operand<'a>) {
        let Some(e) = x.expr() else { return };
        let ty = match x.mode {
            Mode::None => return,
            Mode::NoValue => Ty::EMPTY_TUPLE,
            _ => x.ty,
        };
        let val = (x.mode == Mode::Const).then(|| x.val.clone());
        if self.store.is_untyped(ty) {
            let u = Untyped {
                is_lhs: false,
                mode: x.mode,
                ty,
                val,
            };
            self.untyped.insert(e.id, u);
        } else {
            self.info.record(e.id, x.mode, ty, val);
        }
    }

    /// At the end: what nothing gave a type keeps its untyped kind.
    pub(crate) fn record_untyped(&mut self) {
        for (id, u) in std::mem::take(&mut self.untyped) {
            self.info.record(id, u.mode, u.ty, u.val);
        }
    }

    /// Give an untyped expression another type, which is its last if it is `last` or typed.
    pub(crate) fn update_expr_type(&mut self, e: ExprRef<'a>, ty: Ty, last: bool) {
        let Some(old) = self.untyped.get(&e.id) else {
            return;
        };
        let old = old.clone();
        match e.kind {
            ExprKind::Paren(x) => self.update_expr_type(x, ty, last),
            ExprKind::Unary { x, .. } => {
                // Operands of constant expressions keep their types.
                if old.val.is_none() {
                    self.update_expr_type(x, ty, last);
                }
            }
            ExprKind::Binary { op, x, y, .. } if old.val.is_none() => match op {
                Op::Eql | Op::Neq | Op::Lss | Op::Leq | Op::Gtr | Op::Geq => {
                    // The result's type says nothing about the operands.
                }
                Op::Shl | Op::Shr => self.update_expr_type(x, ty, last),
                _ => {
                    self.update_expr_type(x, ty, last);
                    self.update_expr_type(y, ty, last);
                }
            },
            ExprKind::Name(_)
            | ExprKind::Lit { .. }
            | ExprKind::Selector { .. }
            | ExprKind::Call { .. }
            | ExprKind::Binary { .. } => {}
            _ => return,
        }
        if !last && self.store.is_untyped(ty) {
            if let Some(u) = self.untyped.get_mut(&e.id) {
                u.ty = self.store.under(ty);
            }
            return;
        }
        self.untyped.remove(&e.id);
        if old.is_lhs && !self.store.all_basic(ty, BasicKind::is_integer) {
            let msg = format!(
                "invalid operation: shifted operand {} (type {}) must be integer",
                crate::exprstring::expr_string(e),
                self.ts(ty)
            );
            self.error(start_pos(e), "InvalidShiftOperand", msg);
            return;
        }
        let mut val = old.val;
        if let Some(v) = &val {
            let mut c = Operand::invalid();
            c.mode = old.mode;
            c.ty = old.ty;
            c.val = v.clone();
            c.set_expr(e);
            self.convert_untyped(&mut c, ty);
            if !c.is_valid() {
                return;
            }
            if self.store.is_basic(ty, BasicKind::is_const_type) {
                val = Some(c.val);
            }
        }
        self.info.record(e.id, old.mode, ty, val);
    }

    pub(crate) fn update_operand_type(&mut self, x: &Operand<'a>, ty: Ty, last: bool) {
        if let Some(e) = x.expr() {
            self.update_expr_type(e, ty, last);
        }
    }

    fn update_expr_val(&mut self, x: &Operand<'a>, val: &Value) {
        if let Some(e) = x.expr()
            && let Some(u) = self.untyped.get_mut(&e.id)
        {
            u.val = Some(val.clone());
        }
    }

    /// The type (and rounded constant) that an untyped operand has when converted implicitly to `target`.
    pub(crate) fn implicit_type(
        &mut self,
        x: &Operand<'a>,
        target: Ty,
    ) -> Result<(Ty, Option<Value>), &'static str> {
        const BAD: &str = "InvalidUntypedConversion";
        let s = self.store;
        if !x.is_valid() || !s.is_untyped(x.ty) || !s.unalias(target).is_valid() {
            return Ok((x.ty, None));
        }
        if s.is_untyped(target) {
            return max_type(x.ty, target).map(|t| (t, None)).ok_or(BAD);
        }
        if x.is_nil() {
            return if s.has_nil(target) {
                Ok((target, None))
            } else {
                Err(BAD)
            };
        }
        match s.under_kind(target) {
            TyKind::Basic(kind) => {
                if x.mode == Mode::Const {
                    let v = self.representation(x, *kind)?;
                    return Ok((target, Some(v)));
                }
                let ok = match x.ty {
                    Ty::UNTYPED_BOOL => kind.is_boolean(),
                    Ty::UNTYPED_INT
                    | Ty::UNTYPED_RUNE
                    | Ty::UNTYPED_FLOAT
                    | Ty::UNTYPED_COMPLEX => kind.is_numeric(),
                    Ty::UNTYPED_STRING => kind.is_string(),
                    _ => false,
                };
                if ok { Ok((target, None)) } else { Err(BAD) }
            }
            TyKind::Interface(_) => {
                if s.is_type_param(target) {
                    let ok = self.under_is(target, |c, u| {
                        u.is_some_and(|u| c.implicit_type(x, u).is_ok())
                    });
                    return if ok { Ok((target, None)) } else { Err(BAD) };
                }
                let set = s.type_set(target);
                if !set.methods.is_empty() || set.terms.is_some() || set.comparable {
                    return Err(BAD);
                }
                Ok((s.default_type(x.ty), None))
            }
            _ => Err(BAD),
        }
    }

    /// Convert an untyped operand to `target`, with an error if that is not possible.
    pub(crate) fn convert_untyped(&mut self, x: &mut Operand<'a>, target: Ty) {
        match self.implicit_type(x, target) {
            Err(code) => {
                let t = if self.store.is_type_param(target) {
                    target
                } else {
                    self.store.under(target)
                };
                self.invalid_conversion(code, x, t);
                x.invalidate();
            }
            Ok((ty, val)) => self.set_implicit(x, ty, val),
        }
    }

    /// Carry out what [`Checker::implicit_type`] found.
    pub(crate) fn set_implicit(&mut self, x: &mut Operand<'a>, ty: Ty, val: Option<Value>) {
        if let Some(v) = val {
            self.update_expr_val(x, &v);
            x.val = v;
        }
        if ty != x.ty {
            x.ty = ty;
            self.update_operand_type(x, ty, false);
        }
    }
}

/// The larger of two untyped kinds.
pub(crate) fn max_type(x: Ty, y: Ty) -> Option<Ty> {
    if x == y {
        return Some(x);
    }
    let numeric = |t: Ty| t >= Ty::UNTYPED_INT && t <= Ty::UNTYPED_COMPLEX;
    (numeric(x) && numeric(y)).then(|| x.max(y))
}
