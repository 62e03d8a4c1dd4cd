//! Expression switches.

use crate::func::{Dest, FuncLower, Target};
use crate::place::unparen;
use crate::value::Val;
use gort_ir::{Block as IrBlock, BlockCall, InstData, IntCc, Value};
use gort_syntax::Symbol;
use gort_syntax::ast::*;
use gort_types::{Mode, Ty, TyKind};
use rustc_hash::FxHashSet;

/// Integer cases from which on a jump table or search is better than a chain of tests.
const TABLE_CASES: usize = 5;

impl<'a> FuncLower<'_, 'a> {
    /// `switch init; tag { clauses }`
    pub fn switch_stmt(
        &mut self,
        label: Option<Symbol>,
        init: Option<StmtRef<'a>>,
        tag: Option<ExprRef<'a>>,
        clauses: &'a [CaseClause<'a>],
    ) {
        if let Some(s) = init {
            self.stmt(s);
        }
        let brk = self.b.block();
        let blocks: Vec<IrBlock> = clauses.iter().map(|_| self.b.block()).collect();
        let default = clauses
            .iter()
            .position(|c| c.is_default)
            .map_or(brk, |i| blocks[i]);
        match tag {
            Some(tag) => {
                let ty = self.cx.store.default_type(self.ty(tag));
                let constant = |e: &ExprRef<'a>| self.info().value(unparen(e).id).is_some();
                let borrow = matches!(self.under(ty), TyKind::Basic(k) if k.is_string())
                    && clauses.iter().all(|c| c.exprs.iter().all(constant));
                let val = match borrow {
                    true => self.borrowed_string(tag, ty),
                    false => self.expr_as(tag, ty),
                };
                let val = self.snapshot(ty, val);
                if !self.integer_switch(&val, ty, clauses, &blocks, default) {
                    self.chain(Some((tag, val, ty)), clauses, &blocks, default);
                }
            }
            None => self.chain(None, clauses, &blocks, default),
        }
        self.targets.push(Target {
            label,
            brk: Dest::Block(brk),
            cont: None,
        });
        let outer = self.fallthrough;
        // A block can be entered by falling through from the one before it: seal late.
        for (i, c) in clauses.iter().enumerate() {
            self.fallthrough = blocks.get(i + 1).copied();
            self.enter(blocks[i]);
            self.stmts(c.body);
            self.b.jump(brk, &[]);
        }
        self.fallthrough = outer;
        self.targets.pop();
        self.enter(brk);
    }

    /// Tests in order; the cursor ends after the jump to `default`.
    fn chain(
        &mut self,
        tag: Option<(ExprRef<'a>, Val, Ty)>,
        clauses: &'a [CaseClause<'a>],
        blocks: &[IrBlock],
        default: IrBlock,
    ) {
        for (c, &block) in clauses.iter().zip(blocks) {
            for &e in c.exprs {
                self.at(e.op_pos);
                let next = self.b.block();
                match &tag {
                    Some((tag_expr, val, ty)) => {
                        let eq = self.case_equal(tag_expr, val, *ty, e);
                        self.b.branch(eq, block, next);
                    }
                    None => self.cond(e, block, next),
                }
                self.enter(next);
            }
        }
        self.b.jump(default, &[]);
    }

    fn case_equal(&mut self, _tag: ExprRef<'a>, val: &Val, ty: Ty, e: ExprRef<'a>) -> Value {
        if self.mode(crate::place::unparen(e)) == Mode::Nil {
            return self.b.icmp_imm(IntCc::Eq, val.at(0), 0);
        }
        let store = self.cx.store;
        let et = self.ty(e);
        if store.is_interface(et) && !store.is_interface(ty) {
            let converted = self.convert_assign(val.clone(), ty, et);
            let v = self.expr(e);
            return self.equal(et, &converted, &v);
        }
        let v = self.expr_as(e, ty);
        self.equal(ty, val, &v)
    }

    /// Use the IR's switch where all cases are distinct integer constants.
    fn integer_switch(
        &mut self,
        val: &Val,
        ty: Ty,
        clauses: &'a [CaseClause<'a>],
        blocks: &[IrBlock],
        default: IrBlock,
    ) -> bool {
        if !self.is_integer(ty) {
            return false;
        }
        let mut cases = Vec::new();
        let mut seen = FxHashSet::default();
        for (c, &block) in clauses.iter().zip(blocks) {
            for e in c.exprs {
                let Some(v) = self.info().value(e.id) else {
                    return false;
                };
                let v = v.to_int();
                let Some(k) = v.to_i64().or_else(|| v.to_u64().map(|u| u as i64)) else {
                    return false;
                };
                if !seen.insert(k) {
                    return false;
                }
                cases.push((k, BlockCall::to(block)));
            }
        }
        if cases.len() < TABLE_CASES {
            return false;
        }
        let default = BlockCall::to(default);
        self.b.emit(
            InstData::Switch {
                val: val.scalar(),
                cases: cases.into(),
                default,
            },
            &[],
        );
        true
    }
}
