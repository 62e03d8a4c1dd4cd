//! Built-in functions on numbers: complex, real, imag, min, max.

use crate::builtins::BuiltinCall;
use crate::check::Checker;
use crate::constant::{self, Value};
use crate::exprstring::{expr_string, start_pos};
use crate::info::Mode;
use crate::object::Builtin;
use crate::operand::Operand;
use crate::types::*;
use gort_syntax::ast::*;

impl<'a> Checker<'a> {
    pub(crate) fn b_complex(&mut self, x: &mut Operand<'a>, mut b: BuiltinCall<'a>) -> bool {
        let s = self.store;
        let mut y = b.args.swap_remove(1);
        match (s.is_untyped(x.ty), s.is_untyped(y.ty)) {
            (false, false) => {}
            (true, false) => self.convert_untyped(x, y.ty),
            (false, true) => self.convert_untyped(&mut y, x.ty),
            (true, true) if x.mode == Mode::Const && y.mode == Mode::Const => {
                for v in [&mut *x, &mut y] {
                    if s.is_basic(v.ty, BasicKind::is_numeric) && v.val.imag().sign() == 0 {
                        v.ty = Ty::UNTYPED_FLOAT;
                    }
                }
            }
            _ => {
                self.convert_untyped(x, Ty::FLOAT64);
                self.convert_untyped(&mut y, Ty::FLOAT64);
            }
        }
        if !x.is_valid() || !y.is_valid() {
            return false;
        }
        if !s.identical(x.ty, y.ty) {
            let msg = format!(
                "invalid operation: {} (mismatched types {} and {})",
                expr_string(b.call),
                self.ts(x.ty),
                self.ts(y.ty)
            );
            self.error(x.pos(), "InvalidComplex", msg);
            return false;
        }
        let result = self.apply_type_func(x, b.id, |k| match k {
            BasicKind::Float32 => Some(Ty::COMPLEX64),
            BasicKind::Float64 => Some(Ty::COMPLEX128),
            BasicKind::UntypedFloat => Some(Ty::UNTYPED_COMPLEX),
            _ => None,
        });
        let Some(result) = result else {
            let msg = format!(
                "invalid argument: arguments have type {}, expected floating-point",
                self.ts(x.ty)
            );
            self.error(x.pos(), "InvalidComplex", msg);
            return false;
        };
        if x.mode == Mode::Const && y.mode == Mode::Const {
            x.val = Value::complex(x.val.to_float().real(), y.val.to_float().real());
        } else {
            x.mode = Mode::Value;
            self.record_builtin(&b, Some(result), &[x.ty, x.ty]);
        }
        x.ty = result;
        true
    }

    pub(crate) fn b_real(&mut self, x: &mut Operand<'a>, b: &BuiltinCall<'a>) -> bool {
        let s = self.store;
        if s.is_untyped(x.ty) {
            if x.mode == Mode::Const {
                if s.is_basic(x.ty, BasicKind::is_numeric) {
                    x.ty = Ty::UNTYPED_COMPLEX;
                }
            } else {
                self.convert_untyped(x, Ty::COMPLEX128);
                if !x.is_valid() {
                    return false;
                }
            }
        }
        let result = self.apply_type_func(x, b.id, |k| match k {
            BasicKind::Complex64 => Some(Ty::FLOAT32),
            BasicKind::Complex128 => Some(Ty::FLOAT64),
            BasicKind::UntypedComplex => Some(Ty::UNTYPED_FLOAT),
            _ => None,
        });
        let Some(result) = result else {
            let code = if b.id == Builtin::Real {
                "InvalidReal"
            } else {
                "InvalidImag"
            };
            let msg = format!(
                "invalid argument: argument has type {}, expected complex type",
                self.ts(x.ty)
            );
            self.error(x.pos(), code, msg);
            return false;
        };
        if x.mode == Mode::Const {
            x.val = if b.id == Builtin::Real {
                x.val.real()
            } else {
                x.val.imag()
            };
        } else {
            x.mode = Mode::Value;
            self.record_builtin(b, Some(result), &[x.ty]);
        }
        x.ty = result;
        true
    }

    /// Map a type, or all types of a type parameter (which is then not supported).
    fn apply_type_func(
        &mut self,
        x: &Operand<'a>,
        id: Builtin,
        f: fn(BasicKind) -> Option<Ty>,
    ) -> Option<Ty> {
        let s = self.store;
        if !s.is_type_param(x.ty) {
            return f(s.basic(x.ty)?);
        }
        let terms = s.type_set(x.ty).terms.as_ref().filter(|t| !t.is_empty())?;
        let mut mapped = vec![];
        for t in terms.iter() {
            mapped.push(Term {
                tilde: t.tilde,
                ty: f(s.basic(t.ty)?)?,
            });
        }
        let code = match id {
            Builtin::Real => "InvalidReal",
            Builtin::Imag => "InvalidImag",
            _ => "InvalidComplex",
        };
        let msg = format!(
            "{} not supported as argument to built-in {} for go1.18 (see go.dev/issue/50937)",
            self.op_string(x),
            id.name()
        );
        self.soft_error(x.pos(), code, msg);
        let union = s.intern(TyKind::Union(mapped.into()));
        let iface = s.interface(vec![], vec![union], false);
        let fresh = crate::subst::clone_tparam(s, s.unalias(x.ty));
        crate::decl::set_bound(s, fresh, iface);
        Some(fresh)
    }

    pub(crate) fn b_max(&mut self, x: &mut Operand<'a>, mut b: BuiltinCall<'a>) -> bool {
        let s = self.store;
        let name = b.id.name();
        self.verify_version(start_pos(b.fun), 21, |_| format!("built-in {name}"));
        let op = if b.id == Builtin::Max {
            Op::Gtr
        } else {
            Op::Lss
        };
        for i in 0..b.args.len() {
            let a = &mut b.args[i];
            if !s.all_basic(a.ty, BasicKind::is_ordered) {
                let msg = format!("invalid argument: {} cannot be ordered", self.op_string(a));
                self.error(a.pos(), "InvalidMinMaxOperand", msg);
                return false;
            }
            if i == 0 {
                continue;
            }
            self.match_types(x, a);
            if !x.is_valid() {
                return false;
            }
            if !s.identical(x.ty, a.ty) {
                let msg = format!(
                    "invalid argument: mismatched types {} (previous argument) and {} (type of {})",
                    self.ts(x.ty),
                    self.ts(a.ty),
                    a.text()
                );
                self.error(a.pos(), "MismatchedTypes", msg);
                return false;
            }
            if x.mode == Mode::Const && a.mode == Mode::Const {
                if constant::compare(&a.val, op, &x.val) {
                    *x = a.clone();
                }
            } else {
                x.mode = Mode::Value;
            }
        }
        if x.mode != Mode::Const {
            x.mode = Mode::Value;
            // Untyped operands get their default type.
            let context = format!("argument to built-in {name}");
            self.assignment(x, Some(Ty::EMPTY_INTERFACE), &context);
            if !x.is_valid() {
                return false;
            }
        }
        for a in &b.args {
            self.update_operand_type(a, x.ty, true);
        }
        if x.mode != Mode::Const {
            let types = vec![x.ty; b.args.len()];
            self.record_builtin(&b, Some(x.ty), &types);
        }
        true
    }
}
