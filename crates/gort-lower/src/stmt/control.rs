//! `if` and `for`.

use crate::func::{Dest, FuncLower, Storage, Target};
use gort_ir::Block as IrBlock;
use gort_syntax::Symbol;
use gort_syntax::ast::*;
use gort_types::ObjId;
use rustc_hash::FxHashSet;

impl<'a> FuncLower<'_, 'a> {
    /// `if init; cond { then } else els`
    pub fn if_stmt(
        &mut self,
        init: Option<StmtRef<'a>>,
        cond: ExprRef<'a>,
        then: &Block<'a>,
        els: Option<StmtRef<'a>>,
    ) {
        if let Some(s) = init {
            self.stmt(s);
        }
        // What a constant condition excludes is not even lowered, so that it reaches nothing.
        if let Some(known) = self
            .info()
            .value(crate::place::unparen(cond).id)
            .and_then(|v| v.as_bool())
            && self.labels_free(then, els)
        {
            if known {
                self.stmts(then.stmts);
            } else if let Some(els) = els {
                self.stmt(els);
            }
            return;
        }
        let (yes, join) = (self.b.block(), self.b.block());
        let no = if els.is_some() { self.b.block() } else { join };
        self.cond(cond, yes, no);
        self.b.seal(yes);
        self.b.switch_to(yes);
        self.stmts(then.stmts);
        self.b.jump(join, &[]);
        if let Some(els) = els {
            self.b.seal(no);
            self.b.switch_to(no);
            self.stmt(els);
            self.b.jump(join, &[]);
        }
        self.enter(join);
    }

    /// Whether no label is declared in the branches of an `if`, so that nothing can jump into them.
    fn labels_free(&self, then: &Block<'a>, els: Option<StmtRef<'a>>) -> bool {
        then.stmts.iter().all(|s| no_labels(s)) && els.is_none_or(no_labels)
    }

    /// Continue in a block all of whose jumps are known; if there are none, in unreachable code.
    pub fn enter(&mut self, block: IrBlock) {
        self.b.seal(block);
        self.b.switch_to(block);
    }

    /// `for init; cond; post { body }`, tested at the bottom where the condition may be written twice.
    pub fn for_stmt(
        &mut self,
        label: Option<Symbol>,
        init: Option<StmtRef<'a>>,
        cond: Option<ExprRef<'a>>,
        post: Option<StmtRef<'a>>,
        body: &'a Block<'a>,
    ) {
        if let Some(s) = init {
            self.stmt(s);
        }
        let copied = self.per_iteration(init);
        let (head, cont, brk) = (self.b.block(), self.b.block(), self.b.block());
        let twice = cond.filter(|c| is_simple(c));
        let top = match (cond, twice) {
            (Some(c), Some(_)) => {
                self.cond(c, head, brk);
                self.b.switch_to(head);
                None
            }
            (Some(c), None) => {
                let top = self.b.block();
                self.b.jump(top, &[]);
                self.b.switch_to(top);
                self.cond(c, head, brk);
                self.enter(head);
                Some(top)
            }
            (None, _) => {
                self.b.jump(head, &[]);
                self.b.switch_to(head);
                None
            }
        };
        self.targets.push(Target {
            label,
            brk: Dest::Block(brk),
            cont: Some(Dest::Block(cont)),
        });
        self.stmts(body.stmts);
        self.targets.pop();
        self.b.jump(cont, &[]);
        self.enter(cont);
        for obj in copied {
            self.rebox(obj);
        }
        if let Some(s) = post {
            self.stmt(s);
        }
        match (twice, top) {
            (Some(c), _) => self.cond(c, head, brk),
            (None, Some(top)) => {
                self.b.jump(top, &[]);
                self.b.seal(top);
            }
            (None, None) => self.b.jump(head, &[]),
        }
        self.b.seal(head);
        self.enter(brk);
    }

    /// Variables of a three-clause loop that need a fresh box in each iteration (Go 1.22).
    fn per_iteration(&self, init: Option<StmtRef<'a>>) -> Vec<ObjId> {
        let Some(Stmt {
            kind: StmtKind::Define { lhs, .. },
            ..
        }) = init
        else {
            return Vec::new();
        };
        lhs.iter()
            .filter(|l| self.go_version(l.id) >= (1, 22))
            .filter_map(|l| self.info().def(l.id))
            .filter(|&o| self.is_boxed(o))
            .collect()
    }

    /// Move a variable to a fresh box with the same value.
    fn rebox(&mut self, obj: ObjId) {
        let ty = self.obj_ty(obj);
        let Some(Storage::Boxed(var, _)) = self.vars.get(&obj).cloned() else {
            return;
        };
        let place = self.var_place(obj);
        let val = self.read(&place, ty);
        let fresh = self.alloc(ty);
        self.store(ty, &val, fresh, 0, true);
        self.b.def(var, fresh);
    }
}

/// Whether an expression is short and free of calls, so that it may be emitted twice.
fn is_simple(e: ExprRef<'_>) -> bool {
    match e.kind {
        ExprKind::Name(_) | ExprKind::Lit { .. } => true,
        ExprKind::Paren(x) | ExprKind::Selector { x, .. } | ExprKind::Star(x) => is_simple(x),
        ExprKind::Unary { op, x } => op != Op::Recv && is_simple(x),
        ExprKind::Binary { x, y, .. } => is_simple(x) && is_simple(y),
        ExprKind::Index { x, indices } => is_simple(x) && indices.iter().all(|i| is_simple(i)),
        ExprKind::Call { fun, args, .. } => {
            matches!(fun.kind, ExprKind::Name(n) if n.as_str() == "len")
                && args.iter().all(|a| is_simple(a))
        }
        _ => false,
    }
}

/// The labels that statements declare, outside of function literals.
pub fn labels_of(stmts: &[StmtRef<'_>]) -> FxHashSet<Symbol> {
    let mut found = FxHashSet::default();
    stmts.iter().for_each(|s| collect_labels(s, &mut found));
    found
}

/// Whether a statement declares no label.
fn no_labels(s: StmtRef<'_>) -> bool {
    labels_of(&[s]).is_empty()
}

fn collect_labels(s: StmtRef<'_>, found: &mut FxHashSet<Symbol>) {
    let mut all = |stmts: &[StmtRef<'_>]| stmts.iter().for_each(|s| collect_labels(s, found));
    match s.kind {
        StmtKind::Labeled { label, stmt } => {
            found.insert(label.name);
            collect_labels(stmt, found);
        }
        StmtKind::Block(b) => all(b.stmts),
        StmtKind::If { then, els, .. } => {
            all(then.stmts);
            if let Some(els) = els {
                collect_labels(els, found);
            }
        }
        StmtKind::For { body, .. } | StmtKind::Range { body, .. } => all(body.stmts),
        StmtKind::Switch { clauses, .. } | StmtKind::TypeSwitch { clauses, .. } => {
            clauses.iter().for_each(|c| all(c.body));
        }
        StmtKind::Select { clauses, .. } => clauses.iter().for_each(|c| all(c.body)),
        _ => {}
    }
}
