//! Statements.

use crate::check::Checker;
use crate::errors::Report;
use crate::expr::{ExprSort, MAX_DEPTH};
use crate::exprstring::{expr_string, op_str, start_pos, unparen};
use crate::info::Mode;
use crate::operand::Operand;
use crate::types::*;
use gort_syntax::Pos;
use gort_syntax::ast::*;

impl<'a> Checker<'a> {
    pub(crate) fn stmt_list(&mut self, list: &'a [StmtRef<'a>]) {
        for s in list {
            self.stmt(s);
        }
    }

    pub(crate) fn stmt(&mut self, s: StmtRef<'a>) {
        let top = self.delayed.len();
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.too_deep(s.pos);
        } else {
            self.stmt_kind(s);
        }
        self.depth -= 1;
        self.process_delayed(top);
    }

    fn block(&mut self, b: &'a Block<'a>) {
        let top = self.delayed.len();
        self.open_scope();
        self.stmt_list(b.stmts);
        self.close_scope();
        self.process_delayed(top);
    }

    fn condition(&mut self, e: ExprRef<'a>, what: &str) {
        let mut x = Operand::invalid();
        self.expr(None, &mut x, e);
        if x.is_valid() && !self.store.all_basic(x.ty, BasicKind::is_boolean) {
            let msg = format!("non-boolean condition in {what} statement");
            self.error(start_pos(e), "InvalidCond", msg);
        }
    }

    fn stmt_kind(&mut self, s: StmtRef<'a>) {
        match s.kind {
            // Labels, and targets of branches, are the parser's business.
            StmtKind::Bad | StmtKind::Empty | StmtKind::Branch { .. } => {}
            StmtKind::Decl(list) => self.decl_stmt(list),
            StmtKind::Labeled { stmt, .. } => self.stmt(stmt),
            StmtKind::Expr(e) => self.expr_stmt(e),
            StmtKind::Send { ch, value, .. } => {
                let (mut c, mut v) = (Operand::invalid(), Operand::invalid());
                self.expr(None, &mut c, ch);
                self.generic_expr(&mut v, value, None);
                if !c.is_valid() || !v.is_valid() {
                    return;
                }
                if let Some(elem) = self.chan_elem(start_pos(ch), &c, false) {
                    self.assignment(&mut v, Some(elem), "send");
                }
            }
            StmtKind::IncDec { x: e, op, .. } => {
                let mut x = Operand::invalid();
                self.expr(None, &mut x, e);
                if !x.is_valid() {
                    return;
                }
                if !self.store.all_basic(x.ty, BasicKind::is_numeric) {
                    let (text, op) = (expr_string(e), op_str(op));
                    let msg = format!(
                        "invalid operation: {text}{op}{op} (non-numeric type {})",
                        self.ts(x.ty)
                    );
                    self.error(start_pos(e), "NonNumericIncDec", msg);
                    return;
                }
                self.assign_var(e, None, Some(&mut x), "assignment");
            }
            StmtKind::Assign {
                lhs, rhs, op: None, ..
            } => self.assign_vars(lhs, rhs),
            StmtKind::Assign {
                lhs,
                rhs,
                op: Some(op),
                ..
            } => {
                if lhs.len() != 1 || rhs.len() != 1 {
                    let msg = format!(
                        "assignment operation {}= requires single-valued expressions",
                        op_str(op)
                    );
                    self.error(s.pos, "MultiValAssignOp", msg);
                    return;
                }
                let mut x = Operand::invalid();
                self.binary_assign(&mut x, lhs[0], rhs[0], op);
                self.assign_var(lhs[0], None, Some(&mut x), "assignment");
            }
            StmtKind::Define { lhs, rhs, op_pos } => self.short_var_decl(op_pos, lhs, rhs),
            StmtKind::Go(call) => self.suspended_call("go", call),
            StmtKind::Defer(call) => self.suspended_call("defer", call),
            StmtKind::Return(results) => self.return_stmt(s.pos, results),
            StmtKind::Block(b) => self.block(b),
            StmtKind::If { .. } => self.if_chain(s),
            StmtKind::Switch {
                init,
                tag,
                clauses,
                rbrace,
                ..
            } => {
                self.open_scope();
                if let Some(init) = init {
                    self.stmt(init);
                }
                self.switch_stmt(tag, clauses, rbrace);
                self.close_scope();
            }
            StmtKind::TypeSwitch {
                init,
                bind,
                x,
                clauses,
                ..
            } => {
                self.open_scope();
                if let Some(init) = init {
                    self.stmt(init);
                }
                self.type_switch_stmt(bind, x, clauses);
                self.close_scope();
            }
            StmtKind::Select { clauses, .. } => self.select_stmt(clauses),
            StmtKind::For {
                init,
                cond,
                post,
                body,
            } => {
                self.open_scope();
                if let Some(init) = init {
                    self.stmt(init);
                }
                if let Some(cond) = cond {
                    self.condition(cond, "for");
                }
                if let Some(post) = post {
                    self.stmt(post);
                    if let StmtKind::Define { lhs, .. } = post.kind {
                        self.use_exprs(lhs);
                    }
                }
                self.block(body);
                self.close_scope();
            }
            StmtKind::Range {
                key,
                value,
                extra,
                define,
                x,
                body,
            } => {
                self.open_scope();
                self.range_stmt(s.pos, key, value, extra, define, x);
                self.block(body);
                self.close_scope();
            }
        }
    }

    /// `if … else if … else …`, without recursion from one to the next.
    fn if_chain(&mut self, s: StmtRef<'a>) {
        let scope = self.env.scope;
        let mut cur = s;
        while let StmtKind::If {
            init,
            cond,
            then,
            els,
        } = cur.kind
        {
            self.open_scope();
            if let Some(init) = init {
                self.stmt(init);
            }
            self.condition(cond, "if");
            self.block(then);
            let Some(els) = els else { break };
            if !matches!(els.kind, StmtKind::If { .. }) {
                self.stmt(els);
            }
            cur = els;
        }
        self.env.scope = scope;
    }

    fn expr_stmt(&mut self, e: ExprRef<'a>) {
        let mut x = Operand::invalid();
        let sort = self.raw_expr(None, &mut x, e, None, false);
        let (msg, code) = match x.mode {
            Mode::Builtin => ("must be called", "UncalledBuiltin"),
            Mode::Type => ("is not an expression", "NotAnExpr"),
            _ if sort == ExprSort::Statement || !x.is_valid() => return,
            _ => ("is not used", "UnusedExpr"),
        };
        let msg = format!("{} {msg}", self.op_string(&x));
        self.error(x.pos(), code, msg);
    }

    fn suspended_call(&mut self, keyword: &str, call: ExprRef<'a>) {
        let mut code = if keyword == "go" {
            "InvalidGo"
        } else {
            "InvalidDefer"
        };
        if !matches!(call.kind, ExprKind::Call { .. }) {
            let msg = format!("expression in {keyword} must be function call");
            self.error(start_pos(call), code, msg);
            self.use_exprs(&[call]);
            return;
        }
        let mut x = Operand::invalid();
        let msg = match self.raw_expr(None, &mut x, call, None, false) {
            ExprSort::Conversion => "requires function call, not conversion",
            ExprSort::Expression => {
                code = "UnusedResults";
                "discards result of"
            }
            ExprSort::Statement => return,
        };
        let msg = format!("{keyword} {msg} {}", self.op_string(&x));
        self.error(x.pos(), code, msg);
    }

    fn return_stmt(&mut self, pos: Pos, results: &'a [ExprRef<'a>]) {
        let Some(sig) = self.env.sig.clone() else {
            return;
        };
        let vars = &sig.objs.results;
        let named = vars
            .first()
            .is_some_and(|&v| self.store.obj(v).name != gort_syntax::Symbol::EMPTY);
        if results.is_empty() && named {
            for &v in vars.iter() {
                let name = self.store.obj(v).name;
                let Some(alt) = self.lookup_name(name) else {
                    continue;
                };
                if alt != v {
                    let o = self.store.obj(alt);
                    let what = self.object_string(alt);
                    let msg = format!("result parameter {name} not in scope at return");
                    let r = Report::new(pos, "OutOfScopeResult", msg)
                        .note(o.pos, format!("inner declaration of {what}"));
                    self.report(r);
                }
            }
        } else if !vars.is_empty() || !results.is_empty() {
            if vars.is_empty() {
                // Not even the number can be right.
                if self.use_exprs(results) {
                    let msg = "too many return values";
                    let ops = self.expr_list(results);
                    let have: Vec<Ty> = ops.iter().map(|x| x.ty).collect();
                    let r = Report::new(start_pos(results[0]), "WrongResultCount", msg)
                        .note(
                            Pos::NONE,
                            format!("have {}", self.types_summary(&have, false, false)),
                        )
                        .note(Pos::NONE, "want ()");
                    self.report(r);
                }
                return;
            }
            self.init_vars(vars, results, Some(pos));
        }
    }

    fn object_string(&self, obj: crate::object::ObjId) -> String {
        let o = self.store.obj(obj);
        let kind = if o.is_type_name() {
            "type"
        } else if o.const_value().is_some() {
            "const"
        } else {
            "var"
        };
        format!("{kind} {} {}", o.name, self.ts(o.ty()))
    }

    fn select_stmt(&mut self, clauses: &'a [CommClause<'a>]) {
        let mut first: Option<Pos> = None;
        for c in clauses.iter().filter(|c| c.comm.is_none()) {
            match first {
                Some(pos) => {
                    let msg = format!("multiple defaults (first at {})", self.pos_string(pos));
                    self.error(c.pos, "DuplicateDefault", msg);
                }
                None => first = Some(c.pos),
            }
        }
        for c in clauses {
            let receive =
                |e: ExprRef<'a>| matches!(unparen(e).kind, ExprKind::Unary { op: Op::Recv, .. });
            let valid = match c.comm.map(|s| s.kind) {
                None | Some(StmtKind::Send { .. }) => true,
                Some(
                    StmtKind::Assign {
                        rhs: [e], op: None, ..
                    }
                    | StmtKind::Define { rhs: [e], .. },
                ) => receive(e),
                Some(StmtKind::Expr(e)) => receive(e),
                _ => false,
            };
            if !valid {
                let pos = c.comm.map_or(c.pos, |s| s.pos);
                let msg = "select case must be send or receive (possibly with assignment)";
                self.error(pos, "InvalidSelectCase", msg);
                continue;
            }
            self.open_scope();
            if let Some(comm) = c.comm {
                self.stmt(comm);
            }
            self.stmt_list(c.body);
            self.close_scope();
        }
    }
}
