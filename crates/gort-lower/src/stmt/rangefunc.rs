//! `for … range f` where f is a function: the body becomes a function literal that f calls.
//!
//! A record in memory joins loop and body: `{state, next, frame, mark}`. `state` tells misuse (an iterator that
//! calls the body after it is over); `next` tells where the body wants to go when it leaves for good: 0 nowhere,
//! -1 return, others a statement further out. `frame` is the frame pointer of the function around, which
//! owns the body's deferred calls; `mark` the newest deferred call when the loop began, above which only the
//! iterator's own are. Both are only set if the body asks for them: a function that looks at its own frame cannot be
//! inlined.

use super::control::labels_of;
use crate::analysis::body_key;
use crate::closure::Capture;
use crate::conv::ResultConv;
use crate::func::{Dest, FuncLower, Storage, Target};
use crate::value::Val;
use gort_ir::{BlockCall, Callee, InstData, IntCc, Type, Value};
use gort_syntax::ast::*;
use gort_syntax::{Pos, Symbol};
use gort_types::{ObjId, Ty};
use rustc_hash::FxHashSet;

const STATE: i32 = 0;
const NEXT: i32 = 8;
const FRAME: i32 = 16;
const MARK: i32 = 24;

/// States of a loop, as internal/abi numbers them.
const DONE: i64 = 0;
const READY: i64 = 1;
const PANIC: i64 = 2;
const EXHAUSTED: i64 = 3;
const MISSING_PANIC: i64 = 4;

const RETURN: i64 = -1;

/// What the body of a range over a function knows of the function around.
pub struct RangeBody {
    /// The loop's record.
    record: Storage,
    /// The results of the function around.
    results: Vec<(Option<ObjId>, Ty)>,
    /// Numbers of destinations further out, and where they are in the function around.
    used: Vec<(i64, Dest)>,
    /// Labels further out that the body jumps to, with their numbers.
    gotos: Vec<(i64, Symbol)>,
    /// Labels in the body itself.
    labels: FxHashSet<Symbol>,
    /// Whether the body returns from the function around.
    returns: bool,
    /// Whether the body, or one in it, wants to know the frame of the function around.
    framed: bool,
    /// The next free number.
    next_code: i64,
}

impl<'a> FuncLower<'_, 'a> {
    /// The loop.
    pub fn range_func(
        &mut self,
        pos: Pos,
        label: Option<Symbol>,
        vars: [Option<ExprRef<'a>>; 2],
        define: bool,
        x: ExprRef<'a>,
        body: &'a Block<'a>,
    ) {
        let sig = self.ty(x);
        let iterator = self.expr(x).scalar();
        self.at(pos);
        let record_ty = self.cx.store.array(Ty::UNSAFE_POINTER, 4);
        let record = self.alloc(record_ty);
        self.start_record(record);
        let yield_ty = self.yield_type(sig);
        let (closure, exits) = self.range_body(label, vars, define, yield_ty, record, body);
        self.at(pos);
        if exits.framed {
            self.tell_frame(record);
        }
        let code = self.b.load(Type::Ptr, iterator, 0);
        self.b
            .call(Callee::Indirect(code), &[iterator, closure], &[]);
        self.after_loop(record, exits);
    }

    fn yield_type(&self, sig: Ty) -> Ty {
        match self.cx.store.sig(sig) {
            Some(s) => s.params[0].ty,
            None => unreachable!("checked: a function"),
        }
    }

    fn start_record(&mut self, record: Value) {
        let ready = self.b.iconst(Type::I64, READY);
        self.b.store(ready, record, STATE, false);
    }

    /// Note whose the deferred calls of the body are.
    fn tell_frame(&mut self, record: Value) {
        match &self.range_body {
            Some(_) => {
                let outer = self.framed_record();
                for field in [FRAME, MARK] {
                    let v = self.b.load(Type::I64, outer, field);
                    self.b.store(v, record, field, false);
                }
            }
            None => {
                let fp = self.frame_pointer();
                self.b.store(fp, record, FRAME, false);
                let mark = self.rt("defermark", &[])[0];
                self.b.store(mark, record, MARK, false);
                self.keep_recovery(record);
            }
        }
    }

    /// A function whose only defers are in loop bodies still needs its recovery block, which hangs on a call of
    /// deferproc: make one that is never reached (the frame pointer in the record is not 0).
    fn keep_recovery(&mut self, record: Value) {
        if !self.defers {
            return;
        }
        let fp = self.b.load(Type::I64, record, FRAME);
        let (never, go_on) = (self.b.cold_block(), self.b.block());
        let zero = self.b.icmp_imm(IntCc::Eq, fp, 0);
        self.b.branch(zero, never, go_on);
        self.enter(never);
        let nil = self.b.iconst(Type::Ptr, 0);
        self.rt("deferproc", &[nil, fp]);
        self.b.jump(go_on, &[]);
        self.enter(go_on);
    }

    /// Lower the body as a function; its closure and how it may leave.
    fn range_body(
        &mut self,
        label: Option<Symbol>,
        vars: [Option<ExprRef<'a>>; 2],
        define: bool,
        yield_ty: Ty,
        record: Value,
        body: &'a Block<'a>,
    ) -> (Value, RangeBody) {
        let key = body_key(body);
        let n = self.counts.entry("range").or_insert(0);
        *n += 1;
        let name = format!("{}-range{n}", self.name);
        let symbol = self.own_symbol(&name);
        let mut captures: Vec<Capture> = self.captures(key);
        let known_captures = self.known_captures(&mut captures);
        let layout = self.closure_type(&captures);
        // The record's address follows the captures.
        let whole = self.cx.store.array(
            Ty::UNSAFE_POINTER,
            1 + self.repr(layout).size.div_ceil(8) as i64,
        );
        let object = self.captured_object(&symbol, &captures, layout, whole);
        let record_off = self.repr(whole).size as i32 - 8;
        self.b.store(record, object, record_off, true);
        let conv = self.cx.conv(yield_ty);
        let results = self.outer_results();
        let outer_targets = self.outer_targets();
        let next_code = self.range_body.as_ref().map_or(1, |r| r.next_code);
        let mut f = FuncLower::new(self.cx, self.unit, &symbol, vec![Type::I8], body.lbrace);
        f.env = self.env.clone();
        f.analysis = self.analysis.clone();
        f.lit = Some(key);
        f.show_as(name);
        f.b.func.flags.closure = true;
        let ctx = f.b.param(Type::Ptr);
        let args: Vec<Val> = conv.params.iter().map(|&p| f.incoming(p)).collect();
        f.bind_captures(ctx, &captures, layout);
        f.bind_known(&known_captures);
        let record = f.b.load(Type::Ptr, ctx, record_off);
        let record = Storage::Boxed(f.ssa(record), true);
        let mut known = Vec::new();
        let mut code = next_code;
        for t in outer_targets {
            let mut number = |d: Dest| {
                let n = match d {
                    Dest::Code(n) => n,
                    _ => {
                        code += 1;
                        code
                    }
                };
                known.push((n, d));
                Dest::Code(n)
            };
            let (brk, cont) = (number(t.brk), t.cont.map(&mut number));
            f.targets.push(Target {
                label: t.label,
                brk,
                cont,
            });
        }
        f.targets.push(Target {
            label,
            brk: Dest::Leave(false),
            cont: Some(Dest::Leave(true)),
        });
        f.range_body = Some(RangeBody {
            record,
            results,
            used: known,
            gotos: Vec::new(),
            labels: labels_of(body.stmts),
            returns: false,
            framed: false,
            next_code: code,
        });
        f.result_conv = ResultConv::Registers(vec![Type::I8]);
        f.enter_body();
        for (i, val) in args.iter().enumerate() {
            f.set_var(vars[i], define, val, conv.params[i]);
        }
        f.stmts(body.stmts);
        f.at(body.rbrace);
        f.go_to(Dest::Leave(true));
        let exits = f.range_body.take().expect("set above");
        f.finish();
        (object, exits)
    }

    /// Result objects of the real function around, with their types.
    fn outer_results(&self) -> Vec<(Option<ObjId>, Ty)> {
        match &self.range_body {
            Some(r) => r.results.clone(),
            None => self.results.iter().map(|r| (r.obj, r.ty)).collect(),
        }
    }

    fn outer_targets(&self) -> Vec<Target> {
        self.targets
            .iter()
            .map(|t| Target {
                label: t.label,
                brk: t.brk,
                cont: t.cont,
            })
            .collect()
    }

    /// The start of a body: it may only be called while the loop is ready for it.
    fn enter_body(&mut self) {
        let record = self.record();
        let state = self.b.load(Type::I64, record, STATE);
        let (bad, good) = (self.b.cold_block(), self.b.block());
        let ready = self.b.icmp_imm(IntCc::Eq, state, READY);
        self.b.branch(ready, good, bad);
        self.enter(bad);
        self.rt_noreturn("panicrangestate", &[state]);
        self.enter(good);
        let panicking = self.b.iconst(Type::I64, PANIC);
        self.b.store(panicking, record, STATE, false);
    }

    fn record(&mut self) -> Value {
        let record = self
            .range_body
            .as_ref()
            .expect("in a loop body")
            .record
            .clone();
        self.box_pointer(&record)
    }

    /// The record, for its frame and mark.
    fn framed_record(&mut self) -> Value {
        if let Some(body) = &mut self.range_body {
            body.framed = true;
        }
        self.record()
    }

    /// Where `goto` leads: to a block of this function, or out of the loop body that it is.
    pub fn goto_dest(&mut self, label: Symbol) -> Dest {
        match &mut self.range_body {
            Some(body) if !body.labels.contains(&label) => {
                if let Some(&(n, _)) = body.gotos.iter().find(|(_, name)| *name == label) {
                    return Dest::Code(n);
                }
                body.next_code += 1;
                body.gotos.push((body.next_code, label));
                Dest::Code(body.next_code)
            }
            _ => Dest::Block(self.label_block(label)),
        }
    }

    /// Go where a branch statement says.
    pub fn go_to(&mut self, dest: Dest) {
        if !self.b.reachable() {
            return;
        }
        match dest {
            Dest::Block(b) => self.b.jump(b, &[]),
            Dest::Leave(more) => {
                let record = self.record();
                let state = self.b.iconst(Type::I64, if more { READY } else { DONE });
                self.b.store(state, record, STATE, false);
                let result = self.b.iconst(Type::I8, more as i64);
                self.b.ret(&[result]);
            }
            Dest::Code(n) => {
                let record = self.record();
                let n = self.b.iconst(Type::I64, n);
                self.b.store(n, record, NEXT, false);
                self.go_to(Dest::Leave(false));
            }
        }
    }

    /// `return` in a body: store the results, then leave.
    pub fn return_from_body(&mut self, vals: &[ExprRef<'a>]) {
        let results = self
            .range_body
            .as_ref()
            .expect("in a loop body")
            .results
            .clone();
        let types: Vec<Ty> = results.iter().map(|r| r.1).collect();
        let values: Vec<Val> = match vals {
            [] => Vec::new(),
            [single] if types.len() > 1 => {
                let spread = self.spread(single).unwrap_or_default();
                spread
                    .into_iter()
                    .zip(&types)
                    .map(|((v, from), &to)| self.convert_assign(v, from, to))
                    .collect()
            }
            _ => vals
                .iter()
                .zip(&types)
                .map(|(&e, &ty)| {
                    let v = self.expr_as(e, ty);
                    self.snapshot(ty, v)
                })
                .collect(),
        };
        for ((obj, ty), v) in results.iter().zip(&values) {
            if let Some(obj) = obj {
                let place = self.var_place(*obj);
                self.assign(&place, *ty, v);
            }
        }
        if let Some(r) = &mut self.range_body {
            r.returns = true;
        }
        self.go_to(Dest::Code(RETURN));
    }

    /// After the iterator has returned: was the loop used properly, and where did the body want to go?
    fn after_loop(&mut self, record: Value, exits: RangeBody) {
        let state = self.b.load(Type::I64, record, STATE);
        let (bad, good) = (self.b.cold_block(), self.b.block());
        let panicking = self.b.icmp_imm(IntCc::Eq, state, PANIC);
        self.b.branch(panicking, bad, good);
        self.enter(bad);
        let missing = self.b.iconst(Type::I64, MISSING_PANIC);
        self.rt_noreturn("panicrangestate", &[missing]);
        self.enter(good);
        let over = self.b.iconst(Type::I64, EXHAUSTED);
        self.b.store(over, record, STATE, false);
        let next = self.b.load(Type::I64, record, NEXT);
        let done = self.b.block();
        let mut cases = Vec::new();
        let mut blocks = Vec::new();
        let mut exits_list = exits.used.clone();
        if exits.returns {
            exits_list.push((RETURN, Dest::Code(RETURN)));
        }
        // The destination is looked up where the jump is made.
        let gotos = exits.gotos.iter().map(|&(n, _)| (n, Dest::Code(n)));
        exits_list.extend(gotos);
        for (n, dest) in exits_list {
            let block = self.b.block();
            cases.push((n, BlockCall::to(block)));
            blocks.push((block, n, dest));
        }
        let default = BlockCall::to(done);
        self.b.emit(
            InstData::Switch {
                val: next,
                cases: cases.into(),
                default,
            },
            &[],
        );
        for (block, n, dest) in blocks {
            self.enter(block);
            let label = exits.gotos.iter().find(|(number, _)| *number == n);
            let dest = label.map_or(dest, |&(_, name)| self.goto_dest(name));
            match (n, self.range_body.is_some()) {
                (RETURN, false) => self.return_bare(),
                (RETURN, true) => {
                    if let Some(r) = &mut self.range_body {
                        r.returns = true;
                    }
                    self.go_to(Dest::Code(RETURN));
                }
                _ => self.go_to(dest),
            }
        }
        self.enter(done);
    }

    /// The frame that owns deferred calls and recovers: the function's, also from a loop body.
    pub fn function_frame(&mut self) -> Value {
        if self.range_body.is_none() {
            return self.frame_pointer();
        }
        let record = self.framed_record();
        self.b.load(Type::I64, record, FRAME)
    }

    /// `defer` in a body.
    pub fn defer_from_body(&mut self, closure: Value) {
        let record = self.framed_record();
        let fp = self.b.load(Type::I64, record, FRAME);
        let mark = self.b.load(Type::Ptr, record, MARK);
        self.rt("deferprocat", &[closure, fp, mark]);
    }
}
