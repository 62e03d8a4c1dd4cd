//! Assignments, initialisations and short variable declarations.

use crate::check::Checker;
use crate::errors::Report;
use crate::expr::Desc;
use crate::exprstring::{expr_string, start_pos, unparen};
use crate::info::Mode;
use crate::object::*;
use crate::operand::{Operand, Source};
use crate::signature::measure;
use crate::types::*;
use gort_syntax::ast::*;
use gort_syntax::{Pos, Symbol};

impl<'a> Checker<'a> {
    /// Whether (and make) `x` assignable to `to`; `None` for a variable whose type is that of `x`.
    pub(crate) fn assignment(&mut self, x: &mut Operand<'a>, to: Option<Ty>, context: &str) {
        self.assignment_in(x, to, &|| context.into());
    }

    /// Like [`Checker::assignment`], where the context is costly to describe.
    pub(crate) fn assignment_in(
        &mut self,
        x: &mut Operand<'a>,
        to: Option<Ty>,
        context: &dyn Fn() -> String,
    ) {
        self.single_value(x);
        let s = self.store;
        match x.mode {
            Mode::None => return,
            Mode::Nil
            | Mode::Const
            | Mode::Variable
            | Mode::MapIndex
            | Mode::Value
            | Mode::CommaOk => {}
            _ => {
                let to = to.map_or(String::new(), |t| self.ts(t));
                let msg = format!(
                    "cannot assign {} to {to} in {}",
                    self.op_string(x),
                    context()
                );
                self.error(x.pos(), "IncompatibleAssign", msg);
                x.invalidate();
                return;
            }
        }
        if s.is_untyped(x.ty) {
            let target = match to {
                None if x.is_nil() => {
                    let msg = format!("use of untyped nil in {}", context());
                    self.error(x.pos(), "UntypedNilUse", msg);
                    x.invalidate();
                    return;
                }
                None => s.default_type(x.ty),
                Some(t) if !x.is_nil() && s.is_plain_interface(t) => s.default_type(x.ty),
                Some(t) => t,
            };
            match self.implicit_type(x, target) {
                Err(code) => {
                    let mut msg = format!(
                        "cannot use {} as {} value in {}",
                        self.op_string(x),
                        self.ts(target),
                        context()
                    );
                    let code = match code {
                        "TruncatedFloat" => {
                            msg.push_str(" (truncated)");
                            code
                        }
                        "NumericOverflow" => {
                            msg.push_str(" (overflows)");
                            code
                        }
                        _ => "IncompatibleAssign",
                    };
                    self.error(x.pos(), code, msg);
                    x.invalidate();
                    return;
                }
                Ok((ty, val)) => self.set_implicit(x, ty, val),
            }
        }
        if let TyKind::Signature(sig) = s.raw_kind(x.ty)
            && !sig.tparams.is_empty()
        {
            // The context's name is only needed in messages of inference.
            let target = to.and_then(|t| self.new_target(Some(t), Desc::Str("assignment")));
            self.non_generic(target, x);
            if !x.is_valid() {
                return;
            }
            // The expression's type is the instantiated one.
            self.record(x);
        } else {
            self.non_generic(None, x);
        }
        let Some(to) = to else { return };
        if !x.is_valid() {
            return;
        }
        let mut cause = String::new();
        if let Err(code) = self.assignable(x, to, &mut cause) {
            let mut msg = format!(
                "cannot use {} as {} value in {}",
                self.op_string(x),
                self.ts(to),
                context()
            );
            if !cause.is_empty() {
                msg = format!("{msg}: {cause}");
            }
            self.error(x.pos(), code, msg);
            x.invalidate();
        }
    }

    pub(crate) fn init_const(&mut self, obj: ObjId, x: &mut Operand<'a>) {
        let o = self.store.obj(obj);
        let bad_lhs =
            o.ty.get()
                .is_some_and(|t| !self.store.unalias(t).is_valid());
        if !x.is_valid() || !self.store.unalias(x.ty).is_valid() || bad_lhs {
            if o.ty.get().is_none() {
                o.ty.set(Ty::INVALID);
            }
            return;
        }
        if x.mode != Mode::Const {
            let msg = format!("{} is not constant", self.op_string(x));
            self.error(x.pos(), "InvalidConstInit", msg);
            if o.ty.get().is_none() {
                o.ty.set(Ty::INVALID);
            }
            return;
        }
        if o.ty.get().is_none() {
            o.ty.set(x.ty);
        }
        self.assignment(x, Some(o.ty()), "constant declaration");
        if x.is_valid() {
            o.set_const(x.val.clone());
        }
    }

    pub(crate) fn init_var(&mut self, obj: ObjId, x: &mut Operand<'a>, context: &str) {
        let o = self.store.obj(obj);
        let bad_lhs =
            o.ty.get()
                .is_some_and(|t| !self.store.unalias(t).is_valid());
        if !x.is_valid() || !self.store.unalias(x.ty).is_valid() || bad_lhs {
            if o.ty.get().is_none() {
                o.ty.set(Ty::INVALID);
            }
            x.invalidate();
            return;
        }
        if o.ty.get().is_none() {
            if x.ty == Ty::UNTYPED_NIL {
                let msg = format!("use of untyped nil in {context}");
                self.error(x.pos(), "UntypedNilUse", msg);
                o.ty.set(Ty::INVALID);
                x.invalidate();
                return;
            }
            o.ty.set(self.store.default_type(x.ty));
        }
        self.assignment(x, Some(o.ty()), context);
    }

    /// The type of an assignment's target; `None` for `_`, [`Ty::INVALID`] after an error.
    fn lhs_var(&mut self, lhs: ExprRef<'a>) -> Option<Ty> {
        let inner = unparen(lhs);
        let mut var = None;
        if let ExprKind::Name(name) = inner.kind {
            if name.is_blank() {
                return None;
            }
            // Being assigned to does not count as use.
            var = self.own_var(name);
        }
        let mut x = Operand::invalid();
        self.expr(None, &mut x, lhs);
        self.restore_used(var);
        if !x.is_valid() || !self.store.unalias(x.ty).is_valid() {
            return Some(Ty::INVALID);
        }
        if matches!(x.mode, Mode::Variable | Mode::MapIndex) {
            return Some(x.ty);
        }
        if let Some(e) = x.expr()
            && let ExprKind::Selector { x: base, .. } = e.kind
        {
            let mut op = Operand::invalid();
            self.expr(None, &mut op, base);
            if op.mode == Mode::MapIndex {
                let msg = format!("cannot assign to struct field {} in map", expr_string(e));
                self.error(x.pos(), "UnaddressableFieldAssign", msg);
                return Some(Ty::INVALID);
            }
        }
        let msg = format!(
            "cannot assign to {} (neither addressable nor a map index expression)",
            x.text()
        );
        self.error(x.pos(), "UnassignableOperand", msg);
        Some(Ty::INVALID)
    }

    /// `lhs = rhs`, or `lhs = x` for an operand that has been checked.
    pub(crate) fn assign_var(
        &mut self,
        lhs: ExprRef<'a>,
        rhs: Option<ExprRef<'a>>,
        x: Option<&mut Operand<'a>>,
        context: &str,
    ) {
        let to = self.lhs_var(lhs);
        if to == Some(Ty::INVALID) {
            match (x, rhs) {
                (Some(x), _) => x.invalidate(),
                (None, Some(rhs)) => {
                    self.use_exprs(&[rhs]);
                }
                _ => {}
            }
            return;
        }
        let context = if to.is_none() && context == "assignment" {
            "assignment to _ identifier"
        } else {
            context
        };
        match (x, rhs) {
            (Some(x), _) => self.assignment(x, to, context),
            (None, Some(rhs)) => {
                let target = match to {
                    Some(t) if self.store.sig(t).is_some() => self.new_target(to, Desc::Expr(lhs)),
                    _ => None,
                };
                let mut x = Operand::invalid();
                self.expr(target, &mut x, rhs);
                self.assignment(&mut x, to, context);
            }
            _ => {}
        }
    }

    /// Types as `have` and `want` lines show them.
    pub(crate) fn types_summary(&self, list: &[Ty], variadic: bool, dots: bool) -> String {
        let s = self.store;
        let mut out = vec![];
        for (i, &t) in list.iter().enumerate() {
            let mut text = if !s.unalias(t).is_valid() {
                "unknown type".into()
            } else if s.is_untyped(t) {
                if s.is_basic(t, BasicKind::is_numeric) {
                    "number".into()
                } else {
                    self.ts(t).replace("untyped ", "")
                }
            } else {
                self.ts(t)
            };
            if i + 1 == list.len() {
                if variadic {
                    if let TyKind::Slice(elem) = s.raw_kind(t) {
                        text = self.ts(*elem);
                    }
                    text = format!("...{text}");
                } else if dots {
                    text.push_str("...");
                }
            }
            out.push(text);
        }
        format!("({})", out.join(", "))
    }

    fn assign_error(&mut self, rhs: &[ExprRef<'a>], l: usize, r: usize) {
        let (vars, vals) = (measure(l, "variable"), measure(r, "value"));
        let pos = start_pos(rhs[0]);
        if rhs.len() == 1
            && let ExprKind::Call { fun, .. } = unparen(rhs[0]).kind
        {
            let msg = format!(
                "assignment mismatch: {vars} but {} returns {vals}",
                expr_string(fun)
            );
            self.error(pos, "WrongAssignCount", msg);
            return;
        }
        self.error(
            pos,
            "WrongAssignCount",
            format!("assignment mismatch: {vars} but {vals}"),
        );
    }

    fn return_error(&mut self, at: Pos, lhs: &[ObjId], rhs: &[Operand<'a>]) {
        let (l, r) = (lhs.len(), rhs.len());
        let (at, qualifier) = if r > l {
            (rhs[l].pos(), "too many")
        } else if r > 0 {
            (rhs[r - 1].pos(), "not enough")
        } else {
            (at, "not enough")
        };
        let have: Vec<Ty> = rhs.iter().map(|x| x.ty).collect();
        let want: Vec<Ty> = lhs.iter().map(|&v| self.store.obj(v).ty()).collect();
        let r = Report::new(at, "WrongResultCount", format!("{qualifier} return values"))
            .note(
                Pos::NONE,
                format!("have {}", self.types_summary(&have, false, false)),
            )
            .note(
                Pos::NONE,
                format!("want {}", self.types_summary(&want, false, false)),
            );
        self.report(r);
    }

    fn invalidate_vars(&mut self, lhs: &[ObjId]) {
        for &v in lhs {
            let o = self.store.obj(v);
            if o.ty.get().is_none() {
                o.ty.set(Ty::INVALID);
            }
        }
    }

    /// Initialise variables; `ret` is the position of a return statement whose results they are.
    pub(crate) fn init_vars(&mut self, lhs: &[ObjId], rhs: &[ExprRef<'a>], ret: Option<Pos>) {
        let (l, r) = (lhs.len(), rhs.len());
        let context = match ret {
            Some(_) => "return statement",
            None if l > 1 => "multiple assignment",
            None => "assignment",
        };
        let is_call = r == 1 && matches!(unparen(rhs[0]).kind, ExprKind::Call { .. });
        if l == r && !is_call {
            let mut x = Operand::invalid();
            for (&v, &e) in lhs.iter().zip(rhs) {
                let o = self.store.obj(v);
                let target = self.new_target(o.ty.get(), Desc::Name(o.name));
                self.expr(target, &mut x, e);
                self.init_var(v, &mut x, context);
            }
            return;
        }
        if r != 1 {
            if self.use_exprs(rhs) {
                match ret {
                    Some(pos) => {
                        let ops = self.expr_list(rhs);
                        self.return_error(pos, lhs, &ops);
                    }
                    None if r > 0 => self.assign_error(rhs, l, r),
                    None => {}
                }
            }
            self.invalidate_vars(lhs);
            return;
        }
        let (mut ops, comma_ok) = self.multi_expr(rhs[0], l == 2 && ret.is_none());
        if ops.len() == l {
            for (&v, x) in lhs.iter().zip(&mut ops) {
                self.init_var(v, x, context);
            }
            if comma_ok && ops[0].is_valid() && ops[1].is_valid() {
                self.record_comma_ok(rhs[0], ops[0].ty, ops[1].ty);
            }
            return;
        }
        if ops.first().is_none_or(|x| x.is_valid()) {
            match ret {
                Some(pos) => self.return_error(pos, lhs, &ops),
                None => self.assign_error(rhs, l, ops.len()),
            }
        }
        self.invalidate_vars(lhs);
    }

    /// `lhs = rhs`
    pub(crate) fn assign_vars(&mut self, lhs: &[ExprRef<'a>], rhs: &[ExprRef<'a>]) {
        let (l, r) = (lhs.len(), rhs.len());
        let context = if l > 1 {
            "multiple assignment"
        } else {
            "assignment"
        };
        let is_call = r == 1 && matches!(unparen(rhs[0]).kind, ExprKind::Call { .. });
        if l == r && !is_call {
            for (&v, &e) in lhs.iter().zip(rhs) {
                self.assign_var(v, Some(e), None, context);
            }
            return;
        }
        if r != 1 {
            let ok_lhs = self.use_lhs(lhs);
            let ok_rhs = self.use_exprs(rhs);
            if ok_lhs && ok_rhs && r > 0 {
                self.assign_error(rhs, l, r);
            }
            return;
        }
        let (mut ops, comma_ok) = self.multi_expr(rhs[0], l == 2);
        if ops.len() == l {
            for (&v, x) in lhs.iter().zip(&mut ops) {
                self.assign_var(v, None, Some(x), context);
            }
            if comma_ok && ops[0].is_valid() && ops[1].is_valid() {
                self.record_comma_ok(rhs[0], ops[0].ty, ops[1].ty);
            }
            return;
        }
        if ops.first().is_none_or(|x| x.is_valid()) {
            self.assign_error(rhs, l, ops.len());
        }
        self.use_lhs(lhs);
    }

    /// A comma-ok form has two values.
    fn record_comma_ok(&mut self, mut e: ExprRef<'a>, a: Ty, b: Ty) {
        let tuple = self.store.tuple(&[a, b]);
        loop {
            self.info.record_type(e.id, tuple);
            match e.kind {
                ExprKind::Paren(x) => e = x,
                _ => return,
            }
        }
    }

    /// `lhs := rhs`
    pub(crate) fn short_var_decl(
        &mut self,
        pos: Pos,
        lhs: &'a [ExprRef<'a>],
        rhs: &'a [ExprRef<'a>],
    ) {
        let top = self.delayed.len();
        let Some(scope) = self.env.scope else { return };
        let mut vars: Vec<ObjId> = Vec::with_capacity(lhs.len());
        let mut fresh: Vec<ObjId> = vec![];
        let mut seen: Vec<Symbol> = vec![];
        let mut failed = false;
        for &e in lhs {
            let ExprKind::Name(name) = e.kind else {
                self.use_lhs(&[e]);
                let msg = format!("non-name {} on left side of :=", expr_string(e));
                self.error(start_pos(e), "BadDecl", msg);
                failed = true;
                vars.push(self.dummy_var(e.pos));
                continue;
            };
            if !name.is_blank() {
                if seen.contains(&name) {
                    let msg = format!("{name} repeated on left side of :=");
                    self.error(e.pos, "RepeatedDecl", msg);
                    failed = true;
                    vars.push(self.dummy_var(e.pos));
                    continue;
                }
                seen.push(name);
            }
            if let Some(alt) = self.scopes.get(scope, name) {
                self.info.record_obj(e.id, alt, false);
                if self.store.obj(alt).var_kind().is_some() {
                    vars.push(alt);
                } else {
                    let msg = format!("cannot assign to {name}");
                    self.error(e.pos, "UnassignableOperand", msg);
                    failed = true;
                    vars.push(self.dummy_var(e.pos));
                }
                continue;
            }
            let obj = self
                .store
                .new_var(VarKind::Local, name, e.pos, Some(self.pkg), None);
            vars.push(obj);
            if !name.is_blank() {
                fresh.push(obj);
            }
            self.info.record_obj(e.id, obj, true);
        }
        self.init_vars(&vars, rhs, None);
        self.process_delayed(top);
        if fresh.is_empty() && !failed {
            self.soft_error(pos, "NoNewVar", "no new variables on left side of :=");
            return;
        }
        for obj in fresh {
            self.declare(None, obj, pos);
        }
    }

    pub(crate) fn dummy_var(&self, pos: Pos) -> ObjId {
        self.store
            .new_var(VarKind::Local, Symbol::BLANK, pos, Some(self.pkg), None)
    }

    /// Operands of a list of expressions; a single call may yield several.
    pub(crate) fn expr_list(&mut self, list: &[ExprRef<'a>]) -> Vec<Operand<'a>> {
        if let [e] = list {
            return self.multi_expr(e, false).0;
        }
        list.iter()
            .map(|&e| {
                let mut x = Operand::invalid();
                self.expr(None, &mut x, e);
                x
            })
            .collect()
    }

    /// An operand that stands for the value of an iteration variable.
    pub(crate) fn loop_value(&self, e: ExprRef<'a>, ty: Ty) -> Operand<'a> {
        Operand::value(Source::Expr(e), ty)
    }
}
