//! Which local variables of a function need a cell of their own in memory.
//!
//! A variable whose address is taken, or that a closure uses while it may still change, lives in a *box* that
//! all users share. A variable that is only read after its declaration is captured by value.
//! The pass that moves boxes to the frame where nothing escapes comes later, on the IR.

use crate::place::unparen;
use gort_syntax::ast::*;
use gort_types::{
    Builtin, Info, Mode, ObjData, ObjId, SelectionKind, Ty, TyKind, TypeStore, VarKind,
};
use rustc_hash::{FxHashMap, FxHashSet};

/// What is known of a local variable.
#[derive(Clone, Copy, Default, Debug)]
pub struct VarFacts {
    /// `&x`, `x[:]`, or a method with pointer receiver called on it.
    pub addr_taken: bool,
    /// Used in a function literal inside the one that declares it.
    pub captured: bool,
    /// Assigned other than at its declaration.
    pub reassigned: bool,
}

/// What evaluating an expression may do beyond giving its value.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Effects {
    /// It may change something: there is a call, a receive or the like in it.
    pub changes: bool,
    /// It may panic where official Go evaluates it before what else is in the statement.
    pub panics_early: bool,
    /// It may panic where it stands.
    pub panics: bool,
}

impl Effects {
    /// Of two expressions.
    pub fn and(self, other: Effects) -> Effects {
        Effects {
            changes: self.changes || other.changes,
            panics_early: self.panics_early || other.panics_early,
            panics: self.panics || other.panics,
        }
    }

    /// Whether it shows in what order parts are evaluated.
    pub fn need_order(self) -> bool {
        self.changes || self.panics_early && self.panics
    }
}

/// Facts about the variables of a function, its literals included.
#[derive(Default, Debug)]
pub struct Analysis {
    /// By variable.
    pub vars: FxHashMap<ObjId, VarFacts>,
    /// Variables that each function literal uses from outside itself, in order of first use,
    /// by the literal's expression.
    pub captures: FxHashMap<ExprId, Vec<ObjId>>,
    /// Function literals that defer, and the function itself under its own key; `true` if a deferred call
    /// may be waiting while the statement defers the next, or is deferred by the body of a range over a function.
    pub defers: FxHashMap<Option<ExprId>, bool>,
    /// What evaluating an expression may do beyond giving its value, if anything.
    pub effects: FxHashMap<ExprId, Effects>,
    /// Functions that jump with `goto`.
    pub jumps: FxHashSet<Option<ExprId>>,
}

impl Analysis {
    /// Whether a function defers.
    pub fn defers(&self, function: Option<ExprId>) -> bool {
        self.defers.contains_key(&function)
    }

    /// Whether each `defer` statement of a function runs at most once, in the function itself.
    pub fn defers_once(&self, function: Option<ExprId>) -> bool {
        self.defers.get(&function) == Some(&false) && !self.jumps.contains(&function)
    }
}

struct Walker<'w, 'a> {
    store: &'w TypeStore,
    info: &'w Info<'a>,
    out: Analysis,
    /// The literals around the current point, outermost first, each with the variables declared in it.
    lits: Vec<(Option<ExprId>, FxHashSet<ObjId>)>,
    /// Of each real function around: its depth in `lits` and its results.
    functions: Vec<(usize, Vec<ObjId>)>,
    /// Loops around the current point, in its function.
    loops: u32,
    /// What the expression that is being walked may do so far.
    effect: Effects,
}

/// The key of the function literal that the body of a range over a function becomes.
pub fn body_key(body: &Block<'_>) -> ExprId {
    ExprId(body.lbrace.0 | 1 << 31)
}

/// Analyse a function: its parameter objects and its body.
pub fn analyse<'a>(
    store: &TypeStore,
    info: &Info<'a>,
    params: &[ObjId],
    results: &[ObjId],
    body: &Block<'a>,
) -> Analysis {
    let lits = vec![(None, params.iter().copied().collect())];
    let functions = vec![(0, results.to_vec())];
    let mut w = Walker {
        store,
        info,
        out: Analysis::default(),
        lits,
        functions,
        loops: 0,
        effect: Effects::default(),
    };
    w.block(body);
    w.out
}

/// Analyse the initialiser of a package variable.
pub fn analyse_expr<'a>(store: &TypeStore, info: &Info<'a>, e: ExprRef<'a>) -> Analysis {
    let mut w = Walker {
        store,
        info,
        out: Analysis::default(),
        lits: vec![(None, FxHashSet::default())],
        functions: Vec::new(),
        loops: 0,
        effect: Effects::default(),
    };
    w.expr(e);
    w.out
}

impl<'a> Walker<'_, 'a> {
    fn declare(&mut self, id: ExprId) {
        if let Some(obj) = self.info.def(id) {
            self.declare_obj(obj);
        }
    }

    fn declare_obj(&mut self, obj: ObjId) {
        self.lits
            .last_mut()
            .expect("inside a function")
            .1
            .insert(obj);
    }

    /// A use of a variable: note the literals that capture it.
    fn use_var(&mut self, obj: ObjId) {
        let ObjData::Var { kind, .. } = self.store.obj(obj).data else {
            return;
        };
        if matches!(kind, VarKind::Package | VarKind::Field) {
            return;
        }
        for n in (0..self.lits.len()).rev() {
            if self.lits[n].1.contains(&obj) {
                if n + 1 < self.lits.len() {
                    self.out.vars.entry(obj).or_default().captured = true;
                }
                return;
            }
            if let Some(lit) = self.lits[n].0 {
                let list = self.out.captures.entry(lit).or_default();
                if !list.contains(&obj) {
                    list.push(obj);
                }
            }
        }
    }

    /// The local variable that a place is part of.
    fn root(&self, e: ExprRef<'a>) -> Option<ObjId> {
        match e.kind {
            ExprKind::Name(_) => self.info.use_of(e.id).or_else(|| self.info.def(e.id)),
            ExprKind::Paren(x) => self.root(x),
            ExprKind::Selector { x, .. } => {
                let sel = self.info.selection(e.id)?;
                if sel.kind != SelectionKind::FieldVal || sel.indirect {
                    return None;
                }
                self.root(x)
            }
            ExprKind::Index { x, .. } => self.is_array(x).then(|| self.root(x)).flatten(),
            _ => None,
        }
    }

    fn is_array(&self, e: ExprRef<'a>) -> bool {
        matches!(
            self.store.kind(self.store.under(self.info.ty(e.id))),
            TyKind::Array { .. }
        )
    }

    fn take_address(&mut self, e: ExprRef<'a>) {
        if let Some(obj) = self.root(e) {
            self.out.vars.entry(obj).or_default().addr_taken = true;
        }
    }

    fn assign(&mut self, e: ExprRef<'a>) {
        if let Some(obj) = self.root(e) {
            self.out.vars.entry(obj).or_default().reassigned = true;
        }
        self.expr(e);
    }

    fn block(&mut self, b: &Block<'a>) {
        self.stmts(b.stmts);
    }

    fn stmts(&mut self, list: &[StmtRef<'a>]) {
        for s in list {
            self.stmt(s);
        }
    }

    fn opt_stmt(&mut self, s: Option<StmtRef<'a>>) {
        if let Some(s) = s {
            self.stmt(s);
        }
    }

    fn stmt(&mut self, s: StmtRef<'a>) {
        match s.kind {
            StmtKind::Branch { tok, .. } => {
                if tok == BranchKind::Goto {
                    let depth = self.functions.last().map_or(0, |f| f.0);
                    self.out.jumps.insert(self.lits[depth].0);
                }
            }
            StmtKind::Bad | StmtKind::Empty => {}
            StmtKind::Expr(e) | StmtKind::Go(e) => self.expr(e),
            StmtKind::Defer(e) => {
                // A defer in the body of a range over a function is its function's.
                let depth = self.functions.last().map_or(0, |f| f.0);
                let repeats = self.loops > 0 || depth + 1 < self.lits.len();
                *self.out.defers.entry(self.lits[depth].0).or_default() |= repeats;
                self.expr(e);
            }
            StmtKind::Send { ch, value, .. } => {
                self.expr(ch);
                self.expr(value);
            }
            StmtKind::IncDec { x, .. } => self.assign(x),
            StmtKind::Assign { lhs, rhs, .. } => {
                lhs.iter().for_each(|e| self.assign(e));
                rhs.iter().for_each(|e| self.expr(e));
            }
            StmtKind::Define { lhs, rhs, .. } => {
                rhs.iter().for_each(|e| self.expr(e));
                for e in lhs {
                    if self.info.def(e.id).is_some() {
                        self.declare(e.id);
                    } else {
                        self.assign(e);
                    }
                }
            }
            StmtKind::Return(list) => {
                list.iter().for_each(|e| self.expr(e));
                self.return_from_body();
            }
            StmtKind::Block(b) => self.block(b),
            StmtKind::If {
                init,
                cond,
                then,
                els,
            } => {
                self.opt_stmt(init);
                self.expr(cond);
                self.block(then);
                self.opt_stmt(els);
            }
            StmtKind::Switch {
                init, tag, clauses, ..
            } => {
                self.opt_stmt(init);
                tag.into_iter().for_each(|e| self.expr(e));
                for c in clauses {
                    c.exprs.iter().for_each(|e| self.expr(e));
                    self.stmts(c.body);
                }
            }
            StmtKind::TypeSwitch {
                init, x, clauses, ..
            } => {
                self.opt_stmt(init);
                self.expr(x);
                for c in clauses {
                    if let Some(obj) = self.info.case_var(c.pos) {
                        self.declare_obj(obj);
                    }
                    self.stmts(c.body);
                }
            }
            StmtKind::Select { clauses, .. } => {
                for c in clauses {
                    self.opt_stmt(c.comm);
                    self.stmts(c.body);
                }
            }
            StmtKind::For {
                init,
                cond,
                post,
                body,
            } => {
                self.opt_stmt(init);
                self.loops += 1;
                cond.into_iter().for_each(|e| self.expr(e));
                self.opt_stmt(post);
                self.block(body);
                self.loops -= 1;
            }
            StmtKind::Range {
                key,
                value,
                define,
                x,
                body,
                ..
            } => {
                self.expr(x);
                let over_func = matches!(
                    self.store.under_kind(self.info.ty(x.id)),
                    TyKind::Signature(_) | TyKind::Interface(_)
                );
                if over_func {
                    // The body becomes a function literal (of a type parameter's core type, too).
                    let id = body_key(body);
                    self.out.captures.entry(id).or_default();
                    self.lits.push((Some(id), FxHashSet::default()));
                }
                for e in [key, value].into_iter().flatten() {
                    if define && self.info.def(e.id).is_some() {
                        self.declare(e.id);
                    } else {
                        self.assign(e);
                    }
                }
                self.loops += 1;
                self.block(body);
                self.loops -= 1;
                if over_func {
                    self.lits.pop();
                }
            }
            StmtKind::Labeled { stmt, .. } => self.stmt(stmt),
            StmtKind::Decl(decls) => {
                for d in decls {
                    if let Decl::Var(v) = d {
                        v.values.iter().for_each(|e| self.expr(e));
                        for name in v.names {
                            self.declare(name.id);
                            // `var x T` and a later assignment is how closures refer to themselves.
                        }
                    }
                }
            }
        }
    }

    /// A return in the body of a range over a function stores to the results of the function around.
    fn return_from_body(&mut self) {
        let Some((depth, results)) = self.functions.last().cloned() else {
            return;
        };
        if depth + 1 == self.lits.len() {
            return;
        }
        for obj in results {
            self.out.vars.entry(obj).or_default().addr_taken = true;
            self.use_var(obj);
        }
    }

    fn expr(&mut self, e: ExprRef<'a>) {
        let before = std::mem::take(&mut self.effect);
        self.expr_parts(e);
        self.effect = self.effect.and(self.effect_of(e));
        if self.effect != Effects::default() {
            self.out.effects.insert(e.id, self.effect);
        }
        self.effect = self.effect.and(before);
    }

    /// What an expression itself may do, beside its parts.
    fn effect_of(&self, e: ExprRef<'a>) -> Effects {
        let indirect = |id| self.info.selection(id).is_some_and(|s| s.indirect);
        Effects {
            changes: self.changes(e),
            panics_early: matches!(e.kind, ExprKind::Slice { .. } | ExprKind::TypeAssert { .. }),
            panics: match e.kind {
                ExprKind::Index { .. } | ExprKind::Star(_) | ExprKind::TypeAssert { .. } => true,
                ExprKind::Selector { .. } => indirect(e.id),
                ExprKind::Binary { op, .. } => matches!(op, Op::Div | Op::Rem | Op::Shl | Op::Shr),
                _ => false,
            },
        }
    }

    /// Whether an expression may change something.
    fn changes(&self, e: ExprRef<'a>) -> bool {
        match e.kind {
            ExprKind::Unary { op, .. } => op == Op::Recv,
            ExprKind::Call { fun, .. } => {
                let f = unparen(fun);
                let conversion = self.info.expr(f.id).is_some_and(|m| m.mode == Mode::Type);
                match builtin_of(self.store, self.info, f) {
                    _ if conversion || self.info.value(e.id).is_some() => false,
                    Some(b) => matches!(b, Builtin::Append | Builtin::Copy),
                    None => true,
                }
            }
            _ => false,
        }
    }

    fn expr_parts(&mut self, e: ExprRef<'a>) {
        match e.kind {
            ExprKind::Name(_) => {
                if let Some(obj) = self.info.use_of(e.id) {
                    self.use_var(obj);
                }
            }
            ExprKind::Paren(x) | ExprKind::Star(x) => self.expr(x),
            ExprKind::FuncLit { sig, body } => {
                self.func_lit(e.id, sig, body);
                self.effect = Effects::default(); // not yet
            }
            ExprKind::Composite { elems, typ, .. } => {
                let is_struct = matches!(
                    self.store
                        .kind(self.store.under(deref(self.store, self.info.ty(e.id)))),
                    TyKind::Struct(_)
                );
                typ.into_iter().for_each(|t| self.expr(t));
                for elem in elems {
                    match elem.kind {
                        ExprKind::KeyValue { value, .. } if is_struct => self.expr(value),
                        ExprKind::KeyValue { key, value } => {
                            self.expr(key);
                            self.expr(value);
                        }
                        _ => self.expr(elem),
                    }
                }
            }
            ExprKind::KeyValue { key, value } => {
                self.expr(key);
                self.expr(value);
            }
            ExprKind::Selector { x, .. } => {
                if let Some(sel) = self.info.selection(e.id) {
                    let pointer_recv =
                        sel.kind == SelectionKind::MethodVal && self.wants_pointer(sel.obj);
                    if pointer_recv && !sel.indirect {
                        self.take_address(x);
                    }
                }
                self.expr(x);
            }
            ExprKind::Index { x, indices } => {
                self.expr(x);
                indices.iter().for_each(|i| self.expr(i));
            }
            ExprKind::Slice { x, lo, hi, max, .. } => {
                if self.is_array(x) {
                    self.take_address(x);
                }
                self.expr(x);
                [lo, hi, max]
                    .into_iter()
                    .flatten()
                    .for_each(|i| self.expr(i));
            }
            ExprKind::TypeAssert { x, .. } => self.expr(x),
            ExprKind::Call { fun, args, .. } => {
                self.expr(fun);
                args.iter().for_each(|a| self.expr(a));
            }
            ExprKind::Unary { op, x } => {
                if op == Op::And {
                    self.take_address(x);
                }
                self.expr(x);
            }
            ExprKind::Binary { x, y, .. } => {
                self.expr(x);
                self.expr(y);
            }
            _ => {}
        }
    }

    fn func_lit(&mut self, id: ExprId, sig: &FuncType<'a>, body: &Block<'a>) {
        self.out.captures.entry(id).or_default();
        let mut declared = FxHashSet::default();
        let mut results = Vec::new();
        if let Some(objs) = self.info.params(sig.pos) {
            declared.extend(objs.params.iter().chain(&objs.results).copied());
            results = objs.results.to_vec();
        }
        self.functions.push((self.lits.len(), results));
        self.lits.push((Some(id), declared));
        let loops = std::mem::take(&mut self.loops);
        self.block(body);
        self.loops = loops;
        self.lits.pop();
        self.functions.pop();
    }

    fn wants_pointer(&self, method: ObjId) -> bool {
        let recv = self.store.obj(method).func().and_then(|f| f.recv());
        recv.is_some_and(|r| matches!(self.store.kind(r), TyKind::Pointer(_)))
    }
}

fn deref(store: &TypeStore, ty: Ty) -> Ty {
    match store.kind(store.under(ty)) {
        TyKind::Pointer(t) => *t,
        _ => ty,
    }
}

/// The built-in function that a callee, without parentheses, is.
pub fn builtin_of(store: &TypeStore, info: &Info<'_>, f: ExprRef<'_>) -> Option<Builtin> {
    let id = match f.kind {
        ExprKind::Selector { sel, .. } => sel.id,
        _ => f.id,
    };
    match store.obj(info.use_of(id)?).data {
        ObjData::Builtin(b) => Some(b),
        _ => None,
    }
}
