//! Expression and type switches.

use crate::check::Checker;
use crate::constant::{Kind, Value};
use crate::errors::Report;
use crate::exprstring::{start_pos, unparen};
use crate::info::Mode;
use crate::literals::{ConstKey, const_key};
use crate::object::{ObjData, ObjId, VarKind};
use crate::operand::{Operand, Source};
use crate::types::*;
use gort_syntax::Pos;
use gort_syntax::ast::*;
use rustc_hash::FxHashMap;

type Seen = FxHashMap<ConstKey, Vec<(Pos, Ty)>>;

impl<'a> Checker<'a> {
    fn multiple_defaults(&mut self, clauses: &'a [CaseClause<'a>]) {
        let mut first: Option<Pos> = None;
        for c in clauses.iter().filter(|c| c.is_default) {
            match first {
                Some(pos) => {
                    let msg = format!("multiple defaults (first at {})", self.pos_string(pos));
                    self.error(c.pos, "DuplicateDefault", msg);
                }
                None => first = Some(c.pos),
            }
        }
    }

    pub(crate) fn switch_stmt(
        &mut self,
        tag: Option<ExprRef<'a>>,
        clauses: &'a [CaseClause<'a>],
        rbrace: Pos,
    ) {
        let mut x = Operand::invalid();
        match tag {
            Some(tag) => {
                self.expr(None, &mut x, tag);
                // A constant or nil gets its type here.
                self.assignment(&mut x, None, "switch expression");
                if x.is_valid() && !self.store.comparable(x.ty) && !self.store.has_nil(x.ty) {
                    let msg = format!(
                        "cannot switch on {} ({} is not comparable)",
                        self.op_string(&x),
                        self.ts(x.ty)
                    );
                    self.error(x.pos(), "InvalidExprSwitch", msg);
                    x.invalidate();
                }
            }
            None => {
                let pos = clauses.first().map_or(rbrace, |c| c.pos);
                x.mode = Mode::Const;
                x.ty = Ty::BOOL;
                x.val = Value::Bool(true);
                x.src = Source::Text(pos, "true".into());
            }
        }
        self.multiple_defaults(clauses);
        let mut seen = Seen::default();
        for c in clauses {
            self.case_values(&x, c.exprs, &mut seen);
            self.open_scope();
            self.stmt_list(c.body);
            self.close_scope();
        }
    }

    fn case_values(&mut self, x: &Operand<'a>, values: &'a [ExprRef<'a>], seen: &mut Seen) {
        for &e in values {
            let mut v = Operand::invalid();
            self.expr(None, &mut v, e);
            if !x.is_valid() || !v.is_valid() {
                continue;
            }
            self.convert_untyped(&mut v, x.ty);
            if !v.is_valid() {
                continue;
            }
            let mut res = v.clone();
            let mut y = x.clone();
            self.comparison(&mut res, &mut y, Op::Eql, true);
            if !res.is_valid() || v.mode != Mode::Const {
                continue;
            }
            // Booleans may be repeated: they are conditions.
            if matches!(v.val.kind(), Kind::Bool | Kind::Unknown | Kind::Complex) {
                continue;
            }
            let list = seen.entry(const_key(&v.val)).or_default();
            if let Some(&(pos, _)) = list.iter().find(|s| self.store.identical(s.1, v.ty)) {
                let msg = format!("duplicate case {} in expression switch", self.op_string(&v));
                let r = Report::new(v.pos(), "DuplicateCase", msg).note(pos, "previous case");
                self.report(r);
                continue;
            }
            list.push((v.pos(), v.ty));
        }
    }

    fn is_nil_name(&self, e: ExprRef<'a>) -> bool {
        match unparen(e).kind {
            ExprKind::Name(name) => self
                .lookup_name(name)
                .is_some_and(|o| matches!(self.store.obj(o).data, ObjData::Nil)),
            _ => false,
        }
    }

    /// Types of a clause; returns the type of the clause's variable.
    fn case_types(
        &mut self,
        x: Option<&Operand<'a>>,
        types: &'a [ExprRef<'a>],
        seen: &mut Vec<(Option<Ty>, Pos)>,
    ) -> Ty {
        let mut last: Option<Ty> = None;
        for &e in types {
            let t = if self.is_nil_name(e) {
                let mut dummy = Operand::invalid();
                self.expr(None, &mut dummy, e);
                None
            } else {
                let t = self.var_type(e);
                last = Some(t);
                if !self.store.unalias(t).is_valid() {
                    continue;
                }
                Some(t)
            };
            last = t;
            let dup = seen.iter().find(|(s, _)| match (s, t) {
                (None, None) => true,
                (Some(a), Some(b)) => self.store.identical(*a, b),
                _ => false,
            });
            if let Some(&(_, pos)) = dup {
                let text = t.map_or("nil".into(), |t| self.ts(t));
                let msg = format!("duplicate case {text} in type switch");
                let r = Report::new(start_pos(e), "DuplicateCase", msg).note(pos, "previous case");
                self.report(r);
                continue;
            }
            seen.push((t, start_pos(e)));
            if let (Some(x), Some(t)) = (x, t) {
                self.type_assertion(e, x, t, true);
            }
        }
        match (types.len(), last) {
            (1, Some(t)) => t,
            _ => x.map_or(Ty::INVALID, |x| x.ty),
        }
    }

    pub(crate) fn type_switch_stmt(
        &mut self,
        bind: Option<Ident>,
        operand: ExprRef<'a>,
        clauses: &'a [CaseClause<'a>],
    ) {
        let mut bind = bind;
        if let Some(b) = bind
            && b.name.is_blank()
        {
            self.soft_error(b.pos, "NoNewVar", "no new variable on left side of :=");
            bind = None;
        }
        let mut x = Operand::invalid();
        self.expr(None, &mut x, operand);
        let mut valid = false;
        if x.is_valid() {
            if self.store.is_type_param(x.ty) {
                let msg = format!(
                    "cannot use type switch on type parameter value {}",
                    self.op_string(&x)
                );
                self.error(x.pos(), "InvalidTypeSwitch", msg);
            } else if self.store.is_interface(x.ty) {
                valid = true;
            } else {
                let msg = format!("{} is not an interface", self.op_string(&x));
                self.error(x.pos(), "InvalidTypeSwitch", msg);
            }
        }
        self.multiple_defaults(clauses);
        let mut vars: Vec<ObjId> = vec![];
        let mut seen = vec![];
        for c in clauses {
            let ty = self.case_types(valid.then_some(&x), c.exprs, &mut seen);
            self.open_scope();
            if let Some(b) = bind {
                let obj =
                    self.store
                        .new_var(VarKind::Local, b.name, b.pos, Some(self.pkg), Some(ty));
                self.declare(None, obj, c.colon);
                // Use is judged over all clauses together.
                self.env.locals.pop();
                self.info.record_case_var(c.pos, obj);
                vars.push(obj);
            }
            self.stmt_list(c.body);
            self.close_scope();
        }
        if let Some(b) = bind {
            // Function literals of the clauses have been checked by now.
            if !vars.iter().any(|&v| self.store.obj(v).is_used()) {
                let msg = format!("declared and not used: {}", b.name);
                self.soft_error(b.pos, "UnusedVar", msg);
            }
        }
    }
}
