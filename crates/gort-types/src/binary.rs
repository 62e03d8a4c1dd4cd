//! Unary and binary operators, comparisons and shifts.

use crate::check::Checker;
use crate::constant::{self, Kind, Value};
use crate::exprstring::{expr_string, op_pos, op_str};
use crate::info::Mode;
use crate::operand::Operand;
use crate::types::*;
use gort_syntax::Pos;
use gort_syntax::ast::*;
use rustc_hash::FxHashSet;

fn is_comparison(op: Op) -> bool {
    matches!(
        op,
        Op::Eql | Op::Neq | Op::Lss | Op::Leq | Op::Gtr | Op::Geq
    )
}

fn add_ok(k: BasicKind) -> bool {
    k.is_numeric() || k.is_string()
}

impl<'a> Checker<'a> {
    /// Whether an operator is defined on an operand.
    fn op_defined(&mut self, x: &Operand<'a>, op: Op, unary: bool) -> bool {
        let pred: fn(BasicKind) -> bool = match op {
            Op::Add if unary => BasicKind::is_numeric,
            Op::Add => add_ok,
            Op::Sub | Op::Mul | Op::Div => BasicKind::is_numeric,
            Op::Rem | Op::And | Op::Or | Op::Xor | Op::AndNot => BasicKind::is_integer,
            _ => BasicKind::is_boolean,
        };
        if self.store.all_basic(x.ty, pred) {
            return true;
        }
        let msg = format!(
            "invalid operation: operator {} not defined on {}",
            op_str(op),
            self.op_string(x)
        );
        self.error(x.pos(), "UndefinedOp", msg);
        false
    }

    pub(crate) fn unary(
        &mut self,
        x: &mut Operand<'a>,
        e: ExprRef<'a>,
        op: Op,
        inner: ExprRef<'a>,
    ) {
        self.expr(None, x, inner);
        if !x.is_valid() {
            return;
        }
        let mut op = op;
        match op {
            Op::And => {
                let literal = matches!(
                    crate::exprstring::unparen(inner).kind,
                    ExprKind::Composite { .. }
                );
                if !literal && x.mode != Mode::Variable {
                    let msg = format!(
                        "invalid operation: cannot take address of {}",
                        self.op_string(x)
                    );
                    self.error(x.pos(), "UnaddressableOperand", msg);
                    x.invalidate();
                    return;
                }
                x.mode = Mode::Value;
                x.ty = self.store.pointer(x.ty);
                return;
            }
            Op::Recv => {
                match self.chan_elem(x.pos(), x, true) {
                    Some(elem) if self.is_complete(elem) => {
                        x.mode = Mode::CommaOk;
                        x.ty = elem;
                        self.env.has_call_or_recv = true;
                    }
                    _ => x.invalidate(),
                }
                return;
            }
            Op::Tilde => {
                if !self.store.all_basic(x.ty, BasicKind::is_integer) {
                    let msg = "cannot use ~ outside of interface or type constraint";
                    self.error(e.pos, "UndefinedOp", msg);
                    x.invalidate();
                    return;
                }
                let msg = "cannot use ~ outside of interface or type constraint (use ^ for bitwise complement)";
                self.error(e.pos, "UndefinedOp", msg);
                op = Op::Xor;
            }
            _ => {}
        }
        if !self.op_defined(x, op, true) {
            x.invalidate();
            return;
        }
        if x.mode == Mode::Const {
            if x.val.is_unknown() {
                return;
            }
            let mut bits = 0;
            if self.store.is_basic(x.ty, BasicKind::is_unsigned) {
                bits = self.store.size_of(x.ty) as u32 * 8;
            }
            x.val = constant::unary_op(op, &x.val, bits);
            x.set_expr(e);
            self.overflow(x, e.pos);
            return;
        }
        x.mode = Mode::Value;
    }

    /// The element type of a channel that is received from or sent to.
    pub(crate) fn chan_elem(&mut self, pos: Pos, x: &Operand<'a>, recv: bool) -> Option<Ty> {
        let found = self.common_under_if(x.ty, |c, t, u| {
            let Some(u) = u else {
                return Err("no specific channel type".into());
            };
            match c.store.raw_kind(u) {
                TyKind::Chan {
                    dir: ChanDir::Send, ..
                } if recv => Err(format!("send-only channel {}", c.ts(t))),
                TyKind::Chan {
                    dir: ChanDir::Recv, ..
                } if !recv => Err(format!("receive-only channel {}", c.ts(t))),
                TyKind::Chan { .. } => Ok(()),
                _ => Err(format!("non-channel {}", c.ts(t))),
            }
        });
        let cause = match found {
            Ok(u) => match self.store.raw_kind(u) {
                TyKind::Chan { elem, .. } => return Some(*elem),
                _ => return None,
            },
            Err(cause) => cause,
        };
        let (what, code) = if recv {
            ("receive from", "InvalidReceive")
        } else {
            ("send to", "InvalidSend")
        };
        let text = self.op_string(x);
        let msg = if self.store.is_type_param(x.ty) {
            format!("invalid operation: cannot {what} {text}: {cause}")
        } else {
            format!("invalid operation: cannot {what} {cause} {text}")
        };
        self.error(pos, code, msg);
        None
    }

    /// A binary expression. Long chains of left operands are followed without recursion.
    pub(crate) fn binary_chain(&mut self, x: &mut Operand<'a>, e: ExprRef<'a>) {
        let mut spine = vec![];
        let mut left = e;
        while let ExprKind::Binary { x: l, .. } = left.kind {
            spine.push(left);
            left = l;
        }
        self.expr(None, x, left);
        while let Some(node) = spine.pop() {
            let ExprKind::Binary {
                op, x: lhs, y: rhs, ..
            } = node.kind
            else {
                continue;
            };
            let mut y = Operand::invalid();
            self.expr(None, &mut y, rhs);
            self.binary(x, &mut y, Some(node), lhs, rhs, op);
            if !spine.is_empty() {
                // What a recursive call would have done.
                if !x.is_valid() {
                    x.invalidate();
                }
                x.set_expr(node);
                self.record(x);
            }
        }
    }

    /// `x op= y`
    pub(crate) fn binary_assign(
        &mut self,
        x: &mut Operand<'a>,
        lhs: ExprRef<'a>,
        rhs: ExprRef<'a>,
        op: Op,
    ) {
        let mut y = Operand::invalid();
        self.expr(None, x, lhs);
        self.expr(None, &mut y, rhs);
        self.binary(x, &mut y, None, lhs, rhs, op);
    }

    fn binary(
        &mut self,
        x: &mut Operand<'a>,
        y: &mut Operand<'a>,
        e: Option<ExprRef<'a>>,
        lhs: ExprRef<'a>,
        rhs: ExprRef<'a>,
        op: Op,
    ) {
        if !x.is_valid() {
            return;
        }
        if !y.is_valid() {
            x.invalidate();
            x.src = y.src.clone();
            return;
        }
        if matches!(op, Op::Shl | Op::Shr) {
            self.shift(x, y, e, op);
            return;
        }
        self.match_types(x, y);
        if !x.is_valid() {
            return;
        }
        if is_comparison(op) {
            self.comparison(x, y, op, false);
            return;
        }
        let s = self.store;
        if !s.identical(x.ty, y.ty) {
            if s.unalias(x.ty).is_valid() && s.unalias(y.ty).is_valid() {
                let what = match e {
                    Some(e) => expr_string(e),
                    None => format!("{} {}= {}", expr_string(lhs), op_str(op), expr_string(rhs)),
                };
                let msg = format!(
                    "invalid operation: {what} (mismatched types {} and {})",
                    self.ts(x.ty),
                    self.ts(y.ty)
                );
                self.error(x.pos(), "MismatchedTypes", msg);
            }
            x.invalidate();
            return;
        }
        if !self.op_defined(x, op, false) {
            x.invalidate();
            return;
        }
        if matches!(op, Op::Div | Op::Rem) {
            let zero = y.mode == Mode::Const
                && !y.val.is_unknown()
                && (x.mode == Mode::Const || s.all_basic(x.ty, BasicKind::is_integer))
                && y.val.sign() == 0;
            // Squares may vanish where the number does not.
            let zero = zero
                || x.mode == Mode::Const
                    && y.mode == Mode::Const
                    && !y.val.is_unknown()
                    && s.is_basic(x.ty, BasicKind::is_complex)
                    && [y.val.real(), y.val.imag()]
                        .iter()
                        .all(|v| constant::binary_op(v, Op::Mul, v, false).sign() == 0);
            if zero {
                self.error(y.pos(), "DivByZero", "invalid operation: division by zero");
                x.invalidate();
                return;
            }
        }
        if x.mode == Mode::Const && y.mode == Mode::Const {
            if x.val.is_unknown() || y.val.is_unknown() {
                x.val = Value::Unknown;
                return;
            }
            let int_div = s.is_basic(x.ty, BasicKind::is_integer);
            x.val = constant::binary_op(&x.val, op, &y.val, int_div);
            if let Some(e) = e {
                x.set_expr(e);
            }
            let pos = e.map_or_else(|| x.pos(), op_pos);
            self.overflow(x, pos);
            return;
        }
        x.mode = Mode::Value;
    }

    /// Convert untyped operands so that both have the same type, where that may be possible.
    pub(crate) fn match_types(&mut self, x: &mut Operand<'a>, y: &mut Operand<'a>) {
        if !self.may_convert(x, y) {
            return;
        }
        self.convert_untyped(x, y.ty);
        if !x.is_valid() {
            return;
        }
        self.convert_untyped(y, x.ty);
        if !y.is_valid() {
            x.invalidate();
        }
    }

    fn may_convert(&self, x: &Operand<'a>, y: &Operand<'a>) -> bool {
        let s = self.store;
        if !s.is_untyped(x.ty) && !s.is_untyped(y.ty) {
            return false;
        }
        let differ =
            |pred: fn(BasicKind) -> bool| s.all_basic(x.ty, pred) != s.all_basic(y.ty, pred);
        let iface = s.is_plain_interface(x.ty) || s.is_plain_interface(y.ty);
        if differ(BasicKind::is_numeric) {
            return false;
        }
        if iface {
            return true;
        }
        if differ(BasicKind::is_boolean) || differ(BasicKind::is_string) {
            return false;
        }
        if x.is_nil() {
            return s.has_nil(y.ty);
        }
        if y.is_nil() {
            return s.has_nil(x.ty);
        }
        let is_ptr = |t: Ty| matches!(s.under_kind(t), TyKind::Pointer(_));
        !is_ptr(x.ty) && !is_ptr(y.ty)
    }

    /// `x op y` for a comparison; in a switch case with `switch_case`.
    pub(crate) fn comparison(
        &mut self,
        x: &mut Operand<'a>,
        y: &mut Operand<'a>,
        op: Op,
        switch_case: bool,
    ) {
        let s = self.store;
        if !s.unalias(x.ty).is_valid() || !s.unalias(y.ty).is_valid() {
            x.invalidate();
            return;
        }
        let op = if switch_case { Op::Eql } else { op };
        let mut why = String::new();
        let ok = self.assignable(x, y.ty, &mut why).is_ok()
            || self.assignable(y, x.ty, &mut why).is_ok();
        // Which operand is to blame, and why.
        let mut fault: Option<(bool, String)> = None;
        let mut code = "UndefinedOp";
        if !ok {
            code = "MismatchedTypes";
            fault = Some((
                false,
                format!("mismatched types {} and {}", self.ts(x.ty), self.ts(y.ty)),
            ));
        } else if matches!(op, Op::Eql | Op::Neq) {
            if x.is_nil() || y.is_nil() {
                let ty = if x.is_nil() { y.ty } else { x.ty };
                if !s.has_nil(ty) {
                    fault = Some((false, String::new()));
                }
            } else if !s.comparable(x.ty) {
                fault = Some((true, self.incomparable_cause(x.ty)));
            } else if !s.comparable(y.ty) {
                fault = Some((false, self.incomparable_cause(y.ty)));
            }
        } else if !s.all_basic(x.ty, BasicKind::is_ordered) {
            fault = Some((true, String::new()));
        } else if !s.all_basic(y.ty, BasicKind::is_ordered) {
            fault = Some((false, String::new()));
        }
        if let Some((mut left, mut cause)) = fault {
            if cause.is_empty() {
                if s.is_type_param(x.ty) || s.is_type_param(y.ty) {
                    if !s.is_type_param(x.ty) {
                        left = false;
                    }
                    let ty = if left { x.ty } else { y.ty };
                    cause = format!(
                        "type parameter {} cannot use operator {}",
                        self.ts(ty),
                        op_str(op)
                    );
                } else {
                    let ty = if left { x.ty } else { y.ty };
                    let kind = self.composite_kind(ty);
                    let what = if kind.is_empty() {
                        self.ts(ty)
                    } else {
                        kind.into()
                    };
                    cause = format!("operator {} not defined on {what}", op_str(op));
                }
            }
            if switch_case {
                let msg = format!(
                    "invalid case {} in switch on {} ({cause})",
                    x.text(),
                    y.text()
                );
                self.error(x.pos(), code, msg);
            } else {
                let pos = if left { x.pos() } else { y.pos() };
                let msg = format!(
                    "invalid operation: {} {} {} ({cause})",
                    x.text(),
                    op_str(op),
                    y.text()
                );
                self.error(pos, code, msg);
            }
            x.invalidate();
            return;
        }
        if x.mode == Mode::Const && y.mode == Mode::Const {
            x.val = Value::Bool(constant::compare(&x.val, op, &y.val));
        } else {
            x.mode = Mode::Value;
            // The operands are evaluated at run time: they need a type.
            let (xt, yt) = (s.default_type(x.ty), s.default_type(y.ty));
            self.update_operand_type(x, xt, true);
            self.update_operand_type(y, yt, true);
        }
        x.ty = Ty::UNTYPED_BOOL;
    }

    fn incomparable_cause(&self, ty: Ty) -> String {
        match self.store.under_kind(ty) {
            TyKind::Slice(_) | TyKind::Signature(_) | TyKind::Map { .. } => {
                format!("{} can only be compared to nil", self.composite_kind(ty))
            }
            _ => self.comparable_cause(ty, true),
        }
    }

    /// Why a type is not comparable.
    pub(crate) fn comparable_cause(&self, ty: Ty, dynamic: bool) -> String {
        let s = self.store;
        match s.under_kind(ty) {
            TyKind::Struct(st) => st
                .fields
                .iter()
                .find(|f| !s.comparable_type(f.ty, dynamic, &mut FxHashSet::default()))
                .map_or(String::new(), |f| {
                    format!("struct containing {} cannot be compared", self.ts(f.ty))
                }),
            TyKind::Array { .. } => format!("{} cannot be compared", self.ts(ty)),
            TyKind::Interface(_) => {
                if s.type_set(ty).terms.as_ref().is_some_and(|t| t.is_empty()) {
                    "empty type set".into()
                } else {
                    "incomparable types in type set".into()
                }
            }
            _ => String::new(),
        }
    }

    fn shift(&mut self, x: &mut Operand<'a>, y: &mut Operand<'a>, e: Option<ExprRef<'a>>, op: Op) {
        let s = self.store;
        let xval = if x.mode == Mode::Const {
            x.val.to_int()
        } else {
            Value::Unknown
        };
        let untyped_int = s.is_untyped(x.ty)
            && (xval.kind() == Kind::Int || x.mode == Mode::Const && x.val.is_unknown());
        if !s.all_basic(x.ty, BasicKind::is_integer) && !untyped_int {
            let msg = format!(
                "invalid operation: shifted operand {} must be integer",
                self.op_string(x)
            );
            self.error(x.pos(), "InvalidShiftOperand", msg);
            x.invalidate();
            return;
        }
        let mut yval = Value::Unknown;
        if y.mode == Mode::Const {
            yval = y.val.to_int();
            if yval.kind() == Kind::Int && yval.sign() < 0 {
                let msg = format!(
                    "invalid operation: negative shift count {}",
                    self.op_string(y)
                );
                self.error(y.pos(), "InvalidShiftCount", msg);
                x.invalidate();
                return;
            }
            if s.is_untyped(y.ty) {
                // Only then is it certain that the count fits a uint.
                self.representable(y, Ty::UINT);
                if !y.is_valid() {
                    x.invalidate();
                    return;
                }
            }
            // A typed count has to be an integer all the same.
            if !s.is_untyped(y.ty)
                && !s.all_basic(y.ty, BasicKind::is_integer)
                && yval.kind() != Kind::Int
            {
                let msg = format!(
                    "invalid operation: shift count {} must be integer",
                    self.op_string(y)
                );
                self.error(y.pos(), "InvalidShiftCount", msg);
                x.invalidate();
                return;
            }
        } else if s.all_basic(y.ty, BasicKind::is_integer) {
            if !s.all_basic(y.ty, BasicKind::is_unsigned) {
                let text =
                    |c: &Self| format!("invalid operation: signed shift count {}", c.op_string(y));
                if !self.verify_version(y.pos(), 13, text) {
                    x.invalidate();
                    return;
                }
            }
        } else if s.is_untyped(y.ty) {
            self.convert_untyped(y, Ty::UINT);
            if !y.is_valid() {
                x.invalidate();
                return;
            }
        } else {
            let msg = format!(
                "invalid operation: shift count {} must be integer",
                self.op_string(y)
            );
            self.error(y.pos(), "InvalidShiftCount", msg);
            x.invalidate();
            return;
        }
        if x.mode == Mode::Const {
            if y.mode == Mode::Const {
                let is_int = s.is_basic(x.ty, BasicKind::is_integer);
                if x.val.is_unknown() || y.val.is_unknown() {
                    x.val = Value::Unknown;
                    if !is_int {
                        x.ty = Ty::UNTYPED_INT;
                    }
                    return;
                }
                const BOUND: u64 = 1023 - 1 + 52;
                let Some(n) = yval.to_u64().filter(|&n| n <= BOUND) else {
                    let msg = format!(
                        "invalid operation: invalid shift count {}",
                        self.op_string(y)
                    );
                    self.error(y.pos(), "InvalidShiftCount", msg);
                    x.invalidate();
                    return;
                };
                if !is_int {
                    x.ty = Ty::UNTYPED_INT;
                }
                x.val = constant::shift(&xval, op, n);
                if let Some(e) = e {
                    x.set_expr(e);
                }
                let pos = e.map_or_else(|| x.pos(), op_pos);
                self.overflow(x, pos);
                return;
            }
            // A constant shifted by a variable gets its type from the context.
            if s.is_untyped(x.ty) {
                if let Some(e) = x.expr()
                    && let Some(u) = self.untyped.get_mut(&e.id)
                {
                    u.is_lhs = true;
                }
                x.mode = Mode::Value;
                return;
            }
        }
        if !s.all_basic(x.ty, BasicKind::is_integer) {
            let msg = format!(
                "invalid operation: shifted operand {} must be integer",
                self.op_string(x)
            );
            self.error(x.pos(), "InvalidShiftOperand", msg);
            x.invalidate();
            return;
        }
        x.mode = Mode::Value;
    }
}
