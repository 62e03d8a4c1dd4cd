//! Terminating statements: functions with results must end in one.

use crate::check::Checker;
use crate::exprstring::unparen;
use gort_syntax::Symbol;
use gort_syntax::ast::*;

impl<'a> Checker<'a> {
    pub(crate) fn is_terminating_list(&self, list: &'a [StmtRef<'a>]) -> bool {
        let last = list
            .iter()
            .rev()
            .find(|s| !matches!(s.kind, StmtKind::Empty));
        last.is_some_and(|s| self.is_terminating(s, None))
    }

    fn is_terminating(&self, s: StmtRef<'a>, label: Option<Symbol>) -> bool {
        match s.kind {
            StmtKind::Labeled { label, stmt } => self.is_terminating(stmt, Some(label.name)),
            StmtKind::Expr(e) => self.env.panics.contains(&unparen(e).id),
            StmtKind::Return(_) => true,
            StmtKind::Branch { tok, .. } => {
                matches!(tok, BranchKind::Goto | BranchKind::Fallthrough)
            }
            StmtKind::Block(b) => self.is_terminating_list(b.stmts),
            StmtKind::If { then, els, .. } => els.is_some_and(|els| {
                self.is_terminating_list(then.stmts) && self.is_terminating(els, None)
            }),
            StmtKind::Switch { clauses, .. } | StmtKind::TypeSwitch { clauses, .. } => {
                clauses.iter().any(|c| c.is_default)
                    && clauses.iter().all(|c| {
                        self.is_terminating_list(c.body) && !has_break_list(c.body, label, true)
                    })
            }
            StmtKind::Select { clauses, .. } => clauses
                .iter()
                .all(|c| self.is_terminating_list(c.body) && !has_break_list(c.body, label, true)),
            StmtKind::For {
                cond: None, body, ..
            } => !has_break_list(body.stmts, label, true),
            _ => false,
        }
    }
}

/// Whether there is a break that leaves the statement labelled `label`, or (if `implicit`) one without label.
fn has_break(s: StmtRef<'_>, label: Option<Symbol>, implicit: bool) -> bool {
    match s.kind {
        StmtKind::Labeled { stmt, .. } => has_break(stmt, label, implicit),
        StmtKind::Branch {
            tok: BranchKind::Break,
            label: target,
        } => match target {
            None => implicit,
            Some(t) => Some(t.name) == label,
        },
        StmtKind::Block(b) => has_break_list(b.stmts, label, implicit),
        StmtKind::If { then, els, .. } => {
            has_break_list(then.stmts, label, implicit)
                || els.is_some_and(|e| has_break(e, label, implicit))
        }
        StmtKind::Switch { clauses, .. } | StmtKind::TypeSwitch { clauses, .. } => {
            label.is_some() && clauses.iter().any(|c| has_break_list(c.body, label, false))
        }
        StmtKind::Select { clauses, .. } => {
            label.is_some() && clauses.iter().any(|c| has_break_list(c.body, label, false))
        }
        StmtKind::For { body, .. } | StmtKind::Range { body, .. } => {
            label.is_some() && has_break_list(body.stmts, label, false)
        }
        _ => false,
    }
}

fn has_break_list(list: &[StmtRef<'_>], label: Option<Symbol>, implicit: bool) -> bool {
    list.iter().any(|s| has_break(s, label, implicit))
}
