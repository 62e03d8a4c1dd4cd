//! Type switches.

use crate::func::{Dest, FuncLower, Target};
use crate::value::Val;
use gort_ir::{IntCc, Value};
use gort_syntax::Symbol;
use gort_syntax::ast::*;
use gort_types::{Mode, Ty};

impl<'a> FuncLower<'_, 'a> {
    /// `switch init; bind := x.(type) { clauses }`
    pub fn type_switch(
        &mut self,
        label: Option<Symbol>,
        init: Option<StmtRef<'a>>,
        x: ExprRef<'a>,
        clauses: &'a [CaseClause<'a>],
    ) {
        if let Some(s) = init {
            self.stmt(s);
        }
        let xt = self.ty(x);
        let val = self.expr(x);
        let brk = self.b.block();
        let mut default = None;
        let mut pending = Vec::new();
        // Tests first, each going to the start of its clause; the clauses follow.
        for c in clauses {
            let block = self.b.block();
            if c.is_default {
                default = Some(block);
            }
            let mut bound = None;
            for &e in c.exprs {
                self.at(e.op_pos);
                let next = self.b.block();
                let (holds, v) = self.case_test(&val, xt, e);
                if c.exprs.len() == 1 {
                    bound = v.map(|(v, ty)| (v, ty, e));
                }
                self.b.branch(holds, block, next);
                self.enter(next);
            }
            pending.push((c, block, bound));
        }
        self.b.jump(default.unwrap_or(brk), &[]);
        self.targets.push(Target {
            label,
            brk: Dest::Block(brk),
            cont: None,
        });
        for (c, block, bound) in pending {
            self.enter(block);
            if let Some(obj) = self.info().case_var(c.pos) {
                let ty = self.obj_ty(obj);
                let v = match bound {
                    Some((Some(v), _, _)) => v,
                    Some((None, ty, _)) => self.unpack(&val, ty),
                    None => val.clone(),
                };
                self.declare(obj, ty, &v);
            }
            self.stmts(c.body);
            self.b.jump(brk, &[]);
        }
        self.targets.pop();
        self.enter(brk);
    }

    /// Whether the value has the case's type. With it, for a type: the value as that type if it is an interface
    /// (its itab is known from the test), else nothing (it is unpacked in the clause), and the type.
    #[allow(clippy::type_complexity)]
    fn case_test(
        &mut self,
        val: &Val,
        xt: Ty,
        e: ExprRef<'a>,
    ) -> (Value, Option<(Option<Val>, Ty)>) {
        if self.mode(crate::place::unparen(e)) == Mode::Nil {
            return (self.b.icmp_imm(IntCc::Eq, val.at(0), 0), None);
        }
        let to = self.ty(e);
        if !self.cx.store.is_interface(to) {
            return (self.has_type(val, xt, to), Some((None, to)));
        }
        let t = self.dynamic_type(val, xt);
        if self.is_eface(to) {
            let holds = self.b.icmp_imm(IntCc::Ne, t, 0);
            return (holds, Some((Some(Val::two(t, val.at(1))), to)));
        }
        let tab = self.find_itab(to, t);
        let holds = self.b.icmp_imm(IntCc::Ne, tab, 0);
        (holds, Some((Some(Val::two(tab, val.at(1))), to)))
    }
}
