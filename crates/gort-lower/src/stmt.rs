//! Statements: the dispatcher, declarations, labels and branches.

mod assign;
mod chan;
mod clear;
mod control;
mod range;
pub mod rangefunc;
mod select;
mod switch;
mod typeswitch;

use crate::func::{Dest, FuncLower, Storage};
use crate::place::unparen;
use gort_syntax::Symbol;
use gort_syntax::ast::*;
use gort_types::{ObjId, Ty};

impl<'a> FuncLower<'_, 'a> {
    /// A list of statements.
    pub fn stmts(&mut self, list: &[StmtRef<'a>]) {
        for s in list {
            self.stmt(s);
        }
    }

    /// One statement.
    pub fn stmt(&mut self, s: StmtRef<'a>) {
        self.at(s.pos);
        let label = self.pending_label.take();
        match s.kind {
            StmtKind::Bad => self.unsupported(s.pos, "this statement"),
            StmtKind::Empty => {}
            StmtKind::Expr(e) => self.expr_stmt(e),
            StmtKind::Send { ch, value, arrow } => self.send(ch, value, arrow),
            StmtKind::IncDec { x, op, op_pos } => self.inc_dec(x, op, op_pos),
            StmtKind::Assign {
                lhs,
                rhs,
                op: Some(op),
                op_pos,
            } => self.in_order(&[lhs[0], rhs[0]], |f| {
                f.op_assign(lhs[0], op, rhs[0], op_pos)
            }),
            StmtKind::Assign {
                lhs,
                rhs,
                op: None,
                op_pos,
            } => self.sides_in_order(lhs, rhs, |f| f.assign_stmt(lhs, rhs, op_pos)),
            StmtKind::Define { lhs, rhs, op_pos } => {
                self.sides_in_order(&[], rhs, |f| f.define_stmt(lhs, rhs, op_pos));
            }
            StmtKind::Go(call) => self.parts_in_order(unparen(call), |f| f.go_stmt(s.pos, call)),
            StmtKind::Defer(call) => {
                self.parts_in_order(unparen(call), |f| f.defer_stmt(s.pos, call));
            }
            StmtKind::Return(vals) => self.results_in_order(vals, |f| f.return_stmt(s, vals)),
            StmtKind::Branch { tok, label } => self.branch_stmt(s, tok, label),
            StmtKind::Block(b) => self.stmts(b.stmts),
            StmtKind::If {
                init,
                cond,
                then,
                els,
            } => self.if_stmt(init, cond, then, els),
            StmtKind::Switch {
                init, tag, clauses, ..
            } => self.switch_stmt(label, init, tag, clauses),
            StmtKind::TypeSwitch {
                init, x, clauses, ..
            } => self.type_switch(label, init, x, clauses),
            StmtKind::Select { clauses, .. } => self.select_stmt(s.pos, label, clauses),
            StmtKind::For {
                init,
                cond,
                post,
                body,
            } => self.for_stmt(label, init, cond, post, body),
            StmtKind::Range {
                key,
                value,
                define,
                x,
                body,
                ..
            } => {
                self.range_stmt(s.pos, label, [key, value], define, x, body);
            }
            StmtKind::Labeled { label, stmt } => self.labeled(label, stmt),
            StmtKind::Decl(decls) => {
                for d in decls {
                    if let Decl::Var(v) = d {
                        self.var_decl(v);
                    }
                }
            }
        }
    }

    fn expr_stmt(&mut self, e: ExprRef<'a>) {
        let e = unparen(e);
        match e.kind {
            ExprKind::Call { .. } => {
                self.call_multi(e);
            }
            ExprKind::Unary { op: Op::Recv, x } => {
                self.receive(e, x, false);
            }
            _ => {
                self.expr(e);
            }
        }
    }

    fn var_decl(&mut self, v: &'a VarDecl<'a>) {
        self.at(v.pos);
        let objs: Vec<Option<ObjId>> = v.names.iter().map(|n| self.info().def(n.id)).collect();
        if v.values.is_empty() {
            for obj in objs.into_iter().flatten() {
                self.declare_zero(obj);
            }
            return;
        }
        self.sides_in_order(&[], v.values, |f| f.define_values(&objs, v.values));
    }

    /// Declare a variable with its zero value.
    pub fn declare_zero(&mut self, obj: ObjId) {
        if self.cx.store.obj(obj).name.is_blank() {
            return;
        }
        let ty = self.obj_ty(obj);
        let storage = self.new_storage(obj, ty);
        match &storage {
            Storage::Ssa(_) => {
                let zero = self.zero(ty);
                self.init_storage(&storage, ty, &zero);
            }
            _ if self.is_boxed(obj) => {} // fresh memory is zero
            _ => {
                let addr = self.box_pointer(&storage);
                self.clear(ty, addr, false);
            }
        }
        self.vars.insert(obj, storage);
    }

    /// Declare a variable with a value.
    pub fn declare(&mut self, obj: ObjId, ty: Ty, val: &crate::value::Val) {
        if self.cx.store.obj(obj).name.is_blank() {
            return;
        }
        let storage = self.new_storage(obj, ty);
        self.init_storage(&storage, ty, val);
        self.vars.insert(obj, storage);
    }

    fn return_stmt(&mut self, s: StmtRef<'a>, vals: &[ExprRef<'a>]) {
        if self.range_body.is_some() {
            return self.return_from_body(vals);
        }
        if vals.is_empty() {
            self.return_bare();
            return;
        }
        let types: Vec<Ty> = self.results.iter().map(|r| r.ty).collect();
        if let ([single], true) = (vals, types.len() > 1)
            && let Some(spread) = self.spread(single)
        {
            self.at(s.pos);
            let vals: Vec<_> = spread
                .into_iter()
                .zip(&types)
                .map(|((v, from), &to)| self.convert_assign(v, from, to))
                .collect();
            self.return_values(&vals);
            return;
        }
        let many = vals.len() > 1;
        let vals: Vec<_> = vals
            .iter()
            .zip(&types)
            .map(|(&e, &ty)| {
                let v = self.expr_as(e, ty);
                if many { self.snapshot(ty, v) } else { v }
            })
            .collect();
        self.at(s.pos);
        self.return_values(&vals);
    }

    fn labeled(&mut self, label: Ident, stmt: StmtRef<'a>) {
        if label.name.is_blank() {
            // No label at all: nothing can name it, and a function may have several.
            return self.stmt(stmt);
        }
        let block = self.label_block(label.name);
        self.b.jump(block, &[]);
        self.b.switch_to(block);
        self.pending_label = Some(label.name);
        self.stmt(stmt);
        self.pending_label = None;
    }

    /// The block of a label; its predecessors are known at the end of the function only.
    pub fn label_block(&mut self, name: Symbol) -> gort_ir::Block {
        if let Some(&b) = self.labels.get(&name) {
            return b;
        }
        let b = self.b.block();
        self.labels.insert(name, b);
        b
    }

    fn branch_stmt(&mut self, s: StmtRef<'a>, tok: BranchKind, label: Option<Ident>) {
        let name = label.map(|l| l.name);
        let dest = match tok {
            BranchKind::Goto => name.map(|n| self.goto_dest(n)),
            BranchKind::Fallthrough => self.fallthrough.map(Dest::Block),
            BranchKind::Break | BranchKind::Continue => {
                let wanted = |t: &&crate::func::Target| match name {
                    Some(n) => t.label == Some(n),
                    None => tok == BranchKind::Break || t.cont.is_some(),
                };
                let target = self.targets.iter().rev().find(wanted);
                target.and_then(|t| {
                    if tok == BranchKind::Break {
                        Some(t.brk)
                    } else {
                        t.cont
                    }
                })
            }
        };
        match dest {
            Some(d) => self.go_to(d),
            None => self.unsupported(s.pos, "this branch"),
        }
    }

    /// The language version of the file that a position is in.
    pub fn go_version(&self, id: ExprId) -> (u32, u32) {
        let unit = &self.cx.units[self.unit];
        let file = unit
            .files
            .iter()
            .position(|f| f.first_id <= id.0 && id.0 < f.first_id + f.id_count);
        file.and_then(|i| unit.info.file_versions.get(i).copied())
            .unwrap_or((1, 27))
    }
}
