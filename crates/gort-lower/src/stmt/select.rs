//! `select`.
//!
//! No case blocks for ever; one case alone is the plain operation; one case and a default is a non-blocking one.
//! Everything else fills an array of `{channel, element}` (sends first, then receives) and calls `selectgo`.

use crate::func::{Dest, FuncLower, Target};
use crate::place::unparen;
use crate::value::Val;
use gort_ir::{Block as IrBlock, BlockCall, InstData, Type, Value};
use gort_syntax::ast::*;
use gort_syntax::{Pos, Symbol};
use gort_types::Ty;

/// What a clause waits for, operands evaluated.
struct Case<'a> {
    clause: &'a CommClause<'a>,
    send: bool,
    chan: Value,
    /// The value to send, or where a received one goes.
    elem_addr: Value,
    elem: Ty,
}

impl<'a> FuncLower<'_, 'a> {
    /// `select { clauses }`
    pub fn select_stmt(&mut self, pos: Pos, label: Option<Symbol>, clauses: &'a [CommClause<'a>]) {
        let default = clauses.iter().find(|c| c.comm.is_none());
        let cases: Vec<Case<'a>> = clauses
            .iter()
            .filter_map(|c| c.comm.map(|s| self.comm_case(c, s)))
            .collect();
        self.at(pos);
        let brk = self.b.block();
        self.targets.push(Target {
            label,
            brk: Dest::Block(brk),
            cont: None,
        });
        match (cases.as_slice(), default) {
            ([], None) => self.rt_noreturn("block", &[]),
            ([], Some(d)) => self.stmts(d.body),
            ([case], None) => {
                let ok = self.plain_case(case);
                self.clause_body(case, ok);
            }
            ([case], Some(d)) => self.non_blocking(case, d, brk),
            _ => self.general_select(&cases, default, brk),
        }
        self.targets.pop();
        self.b.jump(brk, &[]);
        self.enter(brk);
    }

    /// Evaluate the operands of a clause.
    fn comm_case(&mut self, clause: &'a CommClause<'a>, comm: StmtRef<'a>) -> Case<'a> {
        self.at(comm.pos);
        if let StmtKind::Send { ch, value, .. } = comm.kind {
            let elem = self.chan_elem(ch);
            let chan = self.expr(ch).scalar();
            let v = self.expr_as(value, elem);
            let v = self.snapshot(elem, v);
            let elem_addr = self.spill(elem, &v);
            return Case {
                clause,
                send: true,
                chan,
                elem_addr,
                elem,
            };
        }
        let recv = received(comm);
        let ExprKind::Unary { x, .. } = recv.kind else {
            unreachable!("checked: a receive")
        };
        let elem = self.chan_elem(x);
        let chan = self.expr(x).scalar();
        let elem_addr = self.temp(elem);
        Case {
            clause,
            send: false,
            chan,
            elem_addr,
            elem,
        }
    }

    fn plain_case(&mut self, case: &Case<'a>) -> Value {
        if case.send {
            self.rt("chansend1", &[case.chan, case.elem_addr]);
            return self.b.iconst(Type::I8, 1);
        }
        self.rt("chanrecv2", &[case.chan, case.elem_addr])[0]
    }

    fn non_blocking(&mut self, case: &Case<'a>, default: &'a CommClause<'a>, brk: IrBlock) {
        let (selected, ok) = if case.send {
            let s = self.rt("selectnbsend", &[case.chan, case.elem_addr])[0];
            (s, s)
        } else {
            let r = self.rt("selectnbrecv", &[case.elem_addr, case.chan]);
            (r[0], r[1])
        };
        let (yes, no) = (self.b.block(), self.b.block());
        self.b.branch(selected, yes, no);
        self.enter(yes);
        self.clause_body(case, ok);
        self.b.jump(brk, &[]);
        self.enter(no);
        self.stmts(default.body);
    }

    fn general_select(
        &mut self,
        cases: &[Case<'a>],
        default: Option<&'a CommClause<'a>>,
        brk: IrBlock,
    ) {
        let n = cases.len();
        let sends = cases.iter().filter(|c| c.send);
        let order: Vec<&Case<'a>> = sends.chain(cases.iter().filter(|c| !c.send)).collect();
        let nsends = cases.iter().filter(|c| c.send).count();
        let scases = self.b.func.add_slot(16 * n as u32, 8);
        let orders = self.b.func.add_slot(4 * n as u32, 8);
        let base = self.b.slot_addr(scases, 0);
        for (i, c) in order.iter().enumerate() {
            self.b.store(c.chan, base, 16 * i as i32, false);
            self.b.store(c.elem_addr, base, 16 * i as i32 + 8, false);
        }
        let order_addr = self.b.slot_addr(orders, 0);
        let ns = self.b.iconst(Type::I64, nsends as i64);
        let nr = self.b.iconst(Type::I64, (n - nsends) as i64);
        let block = self.b.iconst(Type::I8, default.is_none() as i64);
        let r = self.rt("selectgo", &[base, order_addr, ns, nr, block]);
        let (index, ok) = (r[0], r[1]);
        let blocks: Vec<IrBlock> = order.iter().map(|_| self.b.block()).collect();
        let other = self.b.block();
        let target = |block| BlockCall::to(block);
        let table = blocks
            .iter()
            .enumerate()
            .map(|(i, &b)| (i as i64, target(b)))
            .collect();
        self.b.emit(
            InstData::Switch {
                val: index,
                cases: table,
                default: target(other),
            },
            &[],
        );
        for (c, block) in order.iter().zip(blocks) {
            self.enter(block);
            self.clause_body(c, ok);
            self.b.jump(brk, &[]);
        }
        self.enter(other);
        match default {
            Some(d) => self.stmts(d.body),
            None => {
                self.b.emit(InstData::Unreachable, &[]);
            }
        }
    }

    /// Assign what was received, then run the clause.
    fn clause_body(&mut self, case: &Case<'a>, ok: Value) {
        if let Some(comm) = case.clause.comm
            && !case.send
        {
            let vals = [(case.elem_addr, case.elem)];
            let (addr, elem) = vals[0];
            self.at(comm.pos);
            match comm.kind {
                StmtKind::Define { lhs, .. } => {
                    for (i, l) in lhs.iter().enumerate() {
                        if let Some(obj) = self.info().def(l.id) {
                            let v = self.comm_value(i, addr, elem, ok);
                            let ty = self.obj_ty(obj);
                            self.declare(obj, ty, &v);
                        }
                    }
                }
                StmtKind::Assign { lhs, .. } => {
                    for (i, l) in lhs.iter().enumerate() {
                        if matches!(unparen(l).kind, ExprKind::Name(n) if n.is_blank()) {
                            continue;
                        }
                        let v = self.comm_value(i, addr, elem, ok);
                        let from = if i == 0 { elem } else { Ty::BOOL };
                        let ty = match self.info().obj(unparen(l).id) {
                            Some((obj, _)) => self.obj_ty(obj),
                            None => self.ty(l),
                        };
                        let place = self.place(l);
                        let v = self.convert_assign(v, from, ty);
                        self.assign(&place, ty, &v);
                    }
                }
                _ => {}
            }
            self.forget(elem, addr);
        }
        self.stmts(case.clause.body);
    }

    fn comm_value(&mut self, i: usize, addr: Value, elem: Ty, ok: Value) -> Val {
        if i == 0 {
            self.load(elem, addr, 0)
        } else {
            Val::one(ok)
        }
    }
}

/// The receive expression of a communication that is not a send.
fn received<'a>(comm: StmtRef<'a>) -> ExprRef<'a> {
    match comm.kind {
        StmtKind::Expr(e) => unparen(e),
        StmtKind::Define { rhs, .. } | StmtKind::Assign { rhs, .. } => unparen(rhs[0]),
        _ => unreachable!("the parser admits no other communication"),
    }
}
