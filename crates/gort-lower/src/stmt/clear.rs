//! Loops that only clear what they range over are no loops: `for i := range s { s[i] = 0 }` and
//! `for k := range m { delete(m, k) }`, as in official Go.

use crate::func::FuncLower;
use crate::place::unparen;
use gort_syntax::ast::*;
use gort_types::{Builtin, Mode, ObjId, Ty, TyKind};

impl<'a> FuncLower<'_, 'a> {
    /// Lower a range whose whole body clears what it ranges over. Says whether it was one.
    pub fn clearing_range(
        &mut self,
        key: ExprRef<'a>,
        x: ExprRef<'a>,
        body: &'a Block<'a>,
    ) -> bool {
        let (Some(key), Some(obj), [stmt]) =
            (self.info().def(key.id), self.variable(x), body.stmts)
        else {
            return false;
        };
        let xt = self.ty(x);
        let clears = match (self.under(xt), stmt.kind) {
            (
                TyKind::Slice(elem),
                StmtKind::Assign {
                    lhs: [place],
                    rhs: [val],
                    op: None,
                    ..
                },
            ) => match unparen(place).kind {
                ExprKind::Index { x, indices: [i] } => {
                    self.variable(x) == Some(obj)
                        && self.variable(i) == Some(key)
                        && self.is_zero_constant(val, *elem)
                }
                _ => false,
            },
            (TyKind::Map { key: kt, .. }, StmtKind::Expr(call)) => match unparen(call).kind {
                ExprKind::Call {
                    fun, args: [m, k], ..
                } => {
                    self.builtin_of(unparen(fun)) == Some(Builtin::Delete)
                        && self.variable(m) == Some(obj)
                        && self.variable(k) == Some(key)
                        && self.is_reflexive(*kt)
                }
                _ => false,
            },
            _ => false,
        };
        if clears {
            let v = self.expr(x);
            self.at(stmt.pos);
            self.clear_value(xt, &v);
        }
        clears
    }

    /// The variable that an expression names.
    fn variable(&self, e: ExprRef<'a>) -> Option<ObjId> {
        let e = unparen(e);
        match e.kind {
            ExprKind::Name(_) if self.mode(e) == Mode::Variable => self.info().use_of(e.id),
            _ => None,
        }
    }

    /// Whether a constant, or nil, is the zero value of the type that it is assigned to.
    fn is_zero_constant(&self, e: ExprRef<'a>, ty: Ty) -> bool {
        let e = unparen(e);
        if self.mode(e) == Mode::Nil {
            return true;
        }
        let Some(v) = self.info().value(e.id) else {
            return false;
        };
        // A constant in an interface is not zero.
        if self.cx.store.is_interface(ty) {
            return false;
        }
        match v.as_bool() {
            Some(b) => !b,
            None => match v.as_bytes() {
                Some(s) => s.is_empty(),
                None => v.real().to_f64() == 0.0 && v.imag().to_f64() == 0.0,
            },
        }
    }

    /// Whether each key is equal to itself: a NaN cannot be deleted.
    fn is_reflexive(&self, ty: Ty) -> bool {
        match self.under(ty) {
            TyKind::Basic(k) => !k.is_float() && !k.is_complex(),
            TyKind::Interface(_) => false,
            TyKind::Array { elem, .. } => self.is_reflexive(*elem),
            TyKind::Struct(s) => s.fields.iter().all(|f| self.is_reflexive(f.ty)),
            _ => true,
        }
    }
}
