//! The order of evaluation, where the specification leaves it open, as official Go's compiler has it.
//!
//! Of an expression's parts, those that cannot be undone or need a temporary come first, from left to right: calls,
//! receives, `append`, `len`, slicing, `&&` and `||`, … ([`FuncLower::is_step`]). What remains, variables above all, is
//! read after them, so that `x + f()` sees what f does to x. Where nothing has an effect, and no slice expression or assertion may
//! panic beside something else that may, there is nothing to order.

use crate::analysis::Effects;
use crate::func::{FuncLower, Storage};
use crate::place::unparen;
use crate::value::Val;
use gort_syntax::ast::*;
use gort_types::{Builtin, Mode, SelectionKind, Ty, TyKind};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// How far the evaluation of an expression has come.
#[derive(Default)]
pub struct Steps {
    /// Values of steps that have been taken.
    done: FxHashMap<ExprId, Val>,
    /// All steps of what is being evaluated have been taken.
    settled: bool,
}

/// Expressions, with the type that each is converted to where that is known to matter.
type Operands<'a> = SmallVec<[(ExprRef<'a>, Option<Ty>); 4]>;

impl<'a> FuncLower<'_, 'a> {
    /// Take the steps among the operands in order, then do what uses them.
    pub fn in_order<T>(
        &mut self,
        operands: &[ExprRef<'a>],
        then: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let operands: Operands<'a> = operands.iter().map(|&e| (e, None)).collect();
        self.ordered(&operands, then)
    }

    fn ordered<T>(
        &mut self,
        operands: &[(ExprRef<'a>, Option<Ty>)],
        then: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let effects = operands.iter().map(|(e, _)| self.effects(e));
        let effects = effects.fold(Effects::default(), Effects::and);
        if self.steps.settled || !effects.need_order() {
            return then(self);
        }
        let outer = std::mem::take(&mut self.steps);
        for &(e, target) in operands {
            self.take_steps(e, target);
        }
        self.steps.settled = true;
        let out = then(self);
        self.steps = outer;
        out
    }

    /// The same for the sides of an assignment.
    pub fn sides_in_order<T>(
        &mut self,
        lhs: &[ExprRef<'a>],
        rhs: &[ExprRef<'a>],
        then: impl FnOnce(&mut Self) -> T,
    ) -> T {
        if let ([], [single]) = (lhs, rhs) {
            // One value for a new variable, or several of one call.
            return self.parts_in_order(single, then);
        }
        let mut operands: Operands<'a> = lhs.iter().map(|&l| (l, None)).collect();
        for (i, &r) in rhs.iter().enumerate() {
            let l = lhs.get(i).filter(|_| lhs.len() == rhs.len());
            operands.push((r, l.and_then(|l| self.lhs_type(l))));
        }
        self.ordered(&operands, then)
    }

    /// The same for what a function returns.
    pub fn results_in_order<T>(
        &mut self,
        vals: &[ExprRef<'a>],
        then: impl FnOnce(&mut Self) -> T,
    ) -> T {
        if let [single] = vals {
            return self.parts_in_order(single, then);
        }
        let types = self.results.iter().map(|r| Some(r.ty));
        let operands: Operands<'a> = vals.iter().copied().zip(types).collect();
        self.ordered(&operands, then)
    }

    /// The same for the parts of an expression.
    pub fn parts_in_order<T>(&mut self, e: ExprRef<'a>, then: impl FnOnce(&mut Self) -> T) -> T {
        if self.steps.settled || !self.effects(e).need_order() {
            return then(self);
        }
        let operands = self.operands(e);
        self.ordered(&operands, then)
    }

    /// The value of a step that has been taken.
    pub fn step_taken(&self, e: ExprRef<'a>) -> Option<&Val> {
        if self.steps.done.is_empty() {
            return None;
        }
        self.steps.done.get(&unparen(e).id)
    }

    /// What evaluating an expression may do.
    fn effects(&self, e: ExprRef<'a>) -> Effects {
        let known = self.analysis.effects.get(&unparen(e).id);
        known.copied().unwrap_or_default()
    }

    fn take_steps(&mut self, e: ExprRef<'a>, target: Option<Ty>) {
        let e = unparen(e);
        if self.info().value(e.id).is_some() || self.mode(e) == Mode::Nil {
            return;
        }
        if self.is_step(e) {
            let steps = std::mem::take(&mut self.steps);
            let val = self.expr(e);
            self.steps = steps;
            self.steps.done.insert(e.id, val);
            return;
        }
        for (part, target) in self.operands(e) {
            self.take_steps(part, target);
        }
        if target.is_some_and(|t| self.cx.store.is_interface(t)) && self.is_copied_early(e) {
            let settled = std::mem::replace(&mut self.steps.settled, true);
            let ty = self.ty(e);
            let val = self.expr(e);
            let val = self.snapshot(ty, val);
            self.steps.settled = settled;
            self.steps.done.insert(e.id, val);
        }
    }

    /// Whether official Go copies a value before what else is in the statement, as it becomes an interface by way of its
    /// address. What has an address already needs no copy.
    fn is_copied_early(&mut self, e: ExprRef<'a>) -> bool {
        let ty = self.ty(e);
        if self.cx.store.is_interface(ty) || matches!(e.kind, ExprKind::FuncLit { .. }) {
            return false;
        }
        if self.mode(e) == Mode::Variable && !self.is_in_registers(e) {
            return false;
        }
        let repr = self.repr(ty);
        match self.under(ty) {
            TyKind::Slice(_) | TyKind::Tuple(_) => false,
            TyKind::Basic(k) if k.is_string() => false,
            _ => repr.pointers || !matches!((repr.size, repr.align), (2, 2) | (4, 4) | (8, 8)),
        }
    }

    /// Whether official Go evaluates an expression before what else is in the same statement.
    fn is_step(&self, e: ExprRef<'a>) -> bool {
        match e.kind {
            ExprKind::Slice { .. } => true,
            ExprKind::Unary { op, .. } => {
                op == Op::Recv && !matches!(self.under(self.ty(e)), TyKind::Tuple(_))
            }
            ExprKind::Binary { op, .. } => matches!(op, Op::AndAnd | Op::OrOr),
            ExprKind::TypeAssert { .. } => !matches!(
                self.under(self.ty(e)),
                TyKind::Pointer(_)
                    | TyKind::Map { .. }
                    | TyKind::Chan { .. }
                    | TyKind::Signature(_)
                    | TyKind::Tuple(_)
            ),
            ExprKind::Composite { .. } => matches!(self.under(self.ty(e)), TyKind::Map { .. }),
            ExprKind::Call { fun, args, .. } => {
                let f = unparen(fun);
                if self.mode(f) == Mode::Type {
                    // From a string to a slice; the other conversions wait.
                    return matches!(self.under(self.ty(e)), TyKind::Slice(_))
                        && matches!(self.under(self.ty(args[0])), TyKind::Basic(_));
                }
                match self.builtin_of(f) {
                    Some(b) => is_step(b),
                    None => !matches!(self.under(self.ty(e)), TyKind::Tuple(_)),
                }
            }
            _ => false,
        }
    }

    /// Whether a variable, or the one that it is a part of, is a local one that needs no memory.
    fn is_in_registers(&mut self, e: ExprRef<'a>) -> bool {
        let e = unparen(e);
        match e.kind {
            ExprKind::Name(_) => {
                let obj = self.info().obj(e.id).map(|o| o.0);
                let storage = obj.and_then(|o| self.vars.get(&o));
                matches!(storage, Some(Storage::Ssa(_)))
            }
            ExprKind::Selector { x, .. } => match self.info().selection(e.id) {
                Some(s) if s.kind == SelectionKind::FieldVal && !s.indirect => {
                    self.is_in_registers(x)
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// The parts of an expression that are evaluated, from left to right.
    fn operands(&self, e: ExprRef<'a>) -> Operands<'a> {
        let e = unparen(e);
        let mut out = Operands::new();
        match e.kind {
            ExprKind::Selector { x, .. } => match self.info().selection(e.id) {
                Some(s)
                    if matches!(s.kind, SelectionKind::Qualified | SelectionKind::MethodExpr) => {}
                _ => out.push((x, None)),
            },
            ExprKind::Star(x) | ExprKind::Unary { x, .. } | ExprKind::TypeAssert { x, .. } => {
                out.push((x, None));
            }
            // Each side of `&&` and `||` is evaluated for itself.
            ExprKind::Binary { op, x, y, .. } if !matches!(op, Op::AndAnd | Op::OrOr) => {
                out.extend([(x, None), (y, None)]);
            }
            ExprKind::Index { x, indices }
                if !matches!(self.under(self.ty(x)), TyKind::Signature(_)) =>
            {
                out.extend([(x, None), (indices[0], None)]);
            }
            ExprKind::Slice { x, lo, hi, max, .. } => {
                out.push((x, None));
                out.extend([lo, hi, max].into_iter().flatten().map(|e| (e, None)));
            }
            ExprKind::Call {
                fun,
                args,
                has_dots,
                ..
            } => {
                let f = unparen(fun);
                match (self.builtin_of(f), args) {
                    _ if self.mode(f) == Mode::Type => out.push((args[0], Some(self.ty(f)))),
                    // `append(s, make([]T, n)...)` makes nothing but room.
                    (Some(Builtin::Append), [s, t]) if self.made_length(t).is_some() => {
                        out.push((s, None));
                        out.extend(self.made_length(t).map(|n| (n, None)));
                    }
                    (Some(_), _) => {
                        let values = args.iter().filter(|a| self.mode(unparen(a)) != Mode::Type);
                        out.extend(values.map(|&a| (a, None)));
                    }
                    (None, _) => {
                        out.push((f, None));
                        let types = self.parameter_types(f, args.len(), has_dots);
                        out.extend(args.iter().copied().zip(types));
                    }
                }
            }
            ExprKind::Composite { elems, .. } => self.element_operands(e, elems, &mut out),
            _ => {}
        }
        out
    }

    /// The types that arguments are converted to.
    fn parameter_types(&self, f: ExprRef<'a>, args: usize, has_dots: bool) -> Vec<Option<Ty>> {
        let store = self.cx.store;
        let Some(sig) = store.sig(self.ty(f)) else {
            return vec![None; args];
        };
        let last = sig.params.len().saturating_sub(1);
        let param = |i: usize| {
            let ty = sig.params.get(i.min(last))?.ty;
            let list = sig.variadic && !has_dots && i >= last;
            match self.under(ty) {
                TyKind::Slice(elem) if list => Some(*elem),
                _ => Some(ty),
            }
        };
        (0..args).map(param).collect()
    }

    fn element_operands(&self, e: ExprRef<'a>, elems: &'a [ExprRef<'a>], out: &mut Operands<'a>) {
        let ty = self.ty(e);
        let ty = match self.under(ty) {
            TyKind::Pointer(base) => *base,
            _ => ty,
        };
        match self.under(ty) {
            TyKind::Struct(s) => {
                for (path, value) in self.cx.struct_elems(self.unit, ty, elems) {
                    let field = path.first().map(|&i| s.fields[i as usize].ty);
                    out.push((value, field));
                }
            }
            TyKind::Map { key: k, elem: v } => {
                for elem in elems {
                    if let ExprKind::KeyValue { key, value } = elem.kind {
                        out.extend([(key, Some(*k)), (value, Some(*v))]);
                    }
                }
            }
            TyKind::Slice(t) | TyKind::Array { elem: t, .. } => {
                for elem in elems {
                    let value = match elem.kind {
                        ExprKind::KeyValue { value, .. } => value,
                        _ => elem,
                    };
                    out.push((value, Some(*t)));
                }
            }
            _ => {}
        }
    }
}

fn is_step(b: Builtin) -> bool {
    matches!(
        b,
        Builtin::Append
            | Builtin::Cap
            | Builtin::Complex
            | Builtin::Copy
            | Builtin::Imag
            | Builtin::Len
            | Builtin::Make
            | Builtin::Max
            | Builtin::Min
            | Builtin::New
            | Builtin::Real
            | Builtin::Recover
    )
}
