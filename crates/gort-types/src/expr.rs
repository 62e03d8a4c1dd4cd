//! Expressions: the dispatch by kind, and the forms in which callers want the result.

use crate::check::Checker;
use crate::exprstring::{expr_string, start_pos};
use crate::info::Mode;
use crate::operand::{Operand, Source};
use crate::types::*;
use gort_syntax::ast::*;
use gort_syntax::{Pos, Symbol};

/// Nesting beyond this is not followed.
pub(crate) const MAX_DEPTH: u32 = 10_000;

/// What sort of expression it was, for expression statements.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExprSort {
    Conversion,
    Expression,
    Statement,
}

/// How a target is called in messages.
#[derive(Clone, Copy)]
pub(crate) enum Desc<'a> {
    Name(Symbol),
    Str(&'static str),
    Expr(ExprRef<'a>),
}

/// The function type that an expression will be assigned to: makes generic functions infer their arguments.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    pub sig: Ty,
    pub desc: Desc<'a>,
}

impl Desc<'_> {
    pub(crate) fn text(&self) -> String {
        match self {
            Desc::Name(s) if *s == Symbol::EMPTY => "result variable".into(),
            Desc::Name(s) => s.to_string(),
            Desc::Str(s) => (*s).into(),
            Desc::Expr(e) => expr_string(e),
        }
    }
}

impl<'a> Checker<'a> {
    pub(crate) fn new_target(&self, ty: Option<Ty>, desc: Desc<'a>) -> Option<Target<'a>> {
        let sig = self.common_under(ty?)?;
        matches!(self.store.raw_kind(sig), TyKind::Signature(_)).then_some(Target { sig, desc })
    }

    /// Check an expression of any mode and record the result.
    pub(crate) fn raw_expr(
        &mut self,
        target: Option<Target<'a>>,
        x: &mut Operand<'a>,
        e: ExprRef<'a>,
        hint: Option<Ty>,
        allow_generic: bool,
    ) -> ExprSort {
        self.depth += 1;
        let sort = if self.depth > MAX_DEPTH {
            self.too_deep(e.pos);
            *x = Operand::invalid();
            x.set_expr(e);
            ExprSort::Statement
        } else {
            self.expr_internal(target, x, e, hint)
        };
        self.depth -= 1;
        if !allow_generic {
            self.non_generic(target, x);
        }
        self.record(x);
        sort
    }

    /// Declarations that lead from one to the next can nest deeper than any source text.
    pub(crate) fn too_deep(&mut self, pos: Pos) {
        if !self.reported_depth {
            self.reported_depth = true;
            self.error(pos, "Syntax", "exceeded max nesting depth");
        }
    }

    /// A generic function or type must be instantiated, which a target may do.
    pub(crate) fn non_generic(&mut self, target: Option<Target<'a>>, x: &mut Operand<'a>) {
        if !x.is_valid() || x.mode == Mode::NoValue {
            return;
        }
        let what = match self.store.raw_kind(x.ty) {
            TyKind::Alias(_) | TyKind::Named(_) if self.store.is_generic(x.ty) => "type",
            TyKind::Signature(s) if !s.tparams.is_empty() => {
                if target.is_some() {
                    let pos = x.pos();
                    self.func_inst(target, pos, x, None, true);
                    return;
                }
                "function"
            }
            _ => return,
        };
        let text = x.text();
        let msg = format!("cannot use generic {what} {text} without instantiation");
        self.error(x.pos(), "WrongTypeArgCount", msg);
        x.invalidate();
        x.ty = Ty::INVALID;
    }

    fn expr_internal(
        &mut self,
        target: Option<Target<'a>>,
        x: &mut Operand<'a>,
        e: ExprRef<'a>,
        hint: Option<Ty>,
    ) -> ExprSort {
        x.invalidate();
        x.ty = Ty::INVALID;
        let ok = match e.kind {
            ExprKind::Bad => false,
            ExprKind::Name(name) => {
                self.ident(x, e, name, false);
                true
            }
            ExprKind::DotsType { .. } => {
                self.error(e.pos, "InvalidSyntaxTree", "invalid use of ...");
                false
            }
            ExprKind::Lit { kind, text, bad } => {
                if !bad {
                    self.basic_lit(x, e, kind, text);
                }
                x.is_valid()
            }
            ExprKind::FuncLit { sig, body } => {
                self.func_lit(x, sig, body);
                true
            }
            ExprKind::Composite {
                typ, elems, rbrace, ..
            } => {
                self.composite_lit(x, e, typ, elems, rbrace, hint);
                x.is_valid()
            }
            ExprKind::Paren(inner) => {
                let sort = self.raw_expr(None, x, inner, None, false);
                x.set_expr(e);
                return sort;
            }
            ExprKind::Selector { x: base, sel } => {
                self.selector(x, e, base, sel, false);
                true
            }
            ExprKind::Index { indices, .. } => {
                if self.index_expr(x, e) {
                    self.func_inst(target, e.pos, x, Some((e, indices)), true);
                }
                x.is_valid()
            }
            ExprKind::Slice { .. } => {
                self.slice_expr(x, e);
                x.is_valid()
            }
            ExprKind::TypeAssert { x: operand, typ } => self.type_assert(x, e, operand, typ),
            ExprKind::Call { .. } => return self.call_expr(x, e),
            ExprKind::Star(inner) => self.star(x, inner),
            ExprKind::Unary { op, x: inner } => {
                self.unary(x, e, op, inner);
                if x.is_valid() && op == Op::Recv {
                    x.set_expr(e);
                    return ExprSort::Statement;
                }
                x.is_valid()
            }
            ExprKind::Binary { .. } => {
                self.binary_chain(x, e);
                x.is_valid()
            }
            ExprKind::KeyValue { .. } => {
                self.error(start_pos(e), "InvalidSyntaxTree", "no key:value expected");
                false
            }
            ExprKind::ArrayType { .. }
            | ExprKind::SliceType { .. }
            | ExprKind::StructType { .. }
            | ExprKind::FuncType(_)
            | ExprKind::InterfaceType { .. }
            | ExprKind::MapType { .. }
            | ExprKind::ChanType { .. } => {
                x.ty = self.typ(e);
                x.mode = Mode::Type;
                true
            }
        };
        x.set_expr(e);
        if ok {
            ExprSort::Expression
        } else {
            x.invalidate();
            ExprSort::Statement
        }
    }

    fn type_assert(
        &mut self,
        x: &mut Operand<'a>,
        e: ExprRef<'a>,
        operand: ExprRef<'a>,
        typ: Option<ExprRef<'a>>,
    ) -> bool {
        self.expr(None, x, operand);
        if !x.is_valid() {
            return false;
        }
        let Some(typ) = typ else {
            let msg = "invalid syntax tree: use of .(type) outside type switch";
            self.error(start_pos(e), "InvalidSyntaxTree", msg);
            return false;
        };
        if self.store.is_type_param(x.ty) {
            let msg = format!(
                "invalid operation: cannot use type assertion on type parameter value {}",
                self.op_string(x)
            );
            self.error(x.pos(), "InvalidAssert", msg);
            return false;
        }
        if !self.store.is_interface(x.ty) {
            let msg = format!(
                "invalid operation: {} is not an interface",
                self.op_string(x)
            );
            self.error(x.pos(), "InvalidAssert", msg);
            return false;
        }
        let t = self.var_type(typ);
        if !self.store.unalias(t).is_valid() || !self.is_complete(t) {
            return false;
        }
        self.type_assertion(e, x, t, false);
        x.mode = Mode::CommaOk;
        x.ty = t;
        true
    }

    /// Complain about an assertion that cannot succeed.
    pub(crate) fn type_assertion(
        &mut self,
        e: ExprRef<'a>,
        x: &Operand<'a>,
        t: Ty,
        type_switch: bool,
    ) {
        let mut cause = String::new();
        if self.store.is_interface(t) || self.has_all_methods(t, x.ty, false, &mut cause) {
            return;
        }
        let msg = if type_switch {
            format!(
                "impossible type switch case: {}\n\t{} cannot have dynamic type {} {cause}",
                expr_string(e),
                self.op_string(x),
                self.ts(t)
            )
        } else {
            format!(
                "impossible type assertion: {}\n\t{} does not implement {} {cause}",
                expr_string(e),
                self.ts(t),
                self.ts(x.ty)
            )
        };
        self.error(start_pos(e), "ImpossibleAssert", msg);
    }

    /// `*x`
    fn star(&mut self, x: &mut Operand<'a>, inner: ExprRef<'a>) -> bool {
        self.expr_or_type(x, inner, false);
        match x.mode {
            Mode::None => return false,
            Mode::Type => {
                self.valid_var_type(inner, x.ty);
                x.ty = self.store.pointer(x.ty);
                return true;
            }
            _ => {}
        }
        let mut base: Option<Ty> = None;
        let y = x.clone();
        let ok = self.under_is(x.ty, |c, u| {
            let b = u.and_then(|u| match c.store.raw_kind(u) {
                TyKind::Pointer(b) => Some(*b),
                _ => None,
            });
            let Some(b) = b else {
                let msg = format!("invalid operation: cannot indirect {}", c.op_string(&y));
                c.error(y.pos(), "InvalidIndirection", msg);
                return false;
            };
            if base.is_some_and(|base| !c.store.identical(b, base)) {
                let msg = format!(
                    "invalid operation: pointers of {} must have identical base types",
                    c.op_string(&y)
                );
                c.error(y.pos(), "InvalidIndirection", msg);
                return false;
            }
            base = Some(b);
            true
        });
        match base {
            Some(base) if ok && self.is_complete(base) => {
                x.mode = Mode::Variable;
                x.ty = base;
                true
            }
            _ => false,
        }
    }

    /// A single value.
    pub(crate) fn expr(&mut self, target: Option<Target<'a>>, x: &mut Operand<'a>, e: ExprRef<'a>) {
        self.raw_expr(target, x, e, None, false);
        self.exclude(x, &[Mode::NoValue, Mode::Builtin, Mode::Type]);
        self.single_value(x);
    }

    /// A single value that may be a generic function.
    pub(crate) fn generic_expr(&mut self, x: &mut Operand<'a>, e: ExprRef<'a>, hint: Option<Ty>) {
        self.raw_expr(None, x, e, hint, true);
        self.exclude(x, &[Mode::NoValue, Mode::Builtin, Mode::Type]);
        self.single_value(x);
    }

    /// One or more values; with `comma_ok` also the second value of a comma-ok form.
    pub(crate) fn multi_expr(
        &mut self,
        e: ExprRef<'a>,
        comma_ok: bool,
    ) -> (Vec<Operand<'a>>, bool) {
        let mut x = Operand::invalid();
        self.raw_expr(None, &mut x, e, None, false);
        self.exclude(&mut x, &[Mode::NoValue, Mode::Builtin, Mode::Type]);
        if x.is_valid()
            && let TyKind::Tuple(list) = self.store.raw_kind(x.ty)
        {
            let pos = start_pos(e);
            let text = |i: usize| Source::Text(pos, nth(i + 1, "function result"));
            let list = list
                .iter()
                .enumerate()
                .map(|(i, &t)| Operand::value(text(i), t))
                .collect();
            return (list, false);
        }
        if comma_ok && matches!(x.mode, Mode::MapIndex | Mode::CommaOk) {
            let src = Source::Text(start_pos(e), "ok value of (comma, ok) expression".into());
            return (vec![x, Operand::value(src, Ty::UNTYPED_BOOL)], true);
        }
        (vec![x], false)
    }

    /// A value or a type.
    pub(crate) fn expr_or_type(
        &mut self,
        x: &mut Operand<'a>,
        e: ExprRef<'a>,
        allow_generic: bool,
    ) {
        self.raw_expr(None, x, e, None, allow_generic);
        self.exclude(x, &[Mode::NoValue]);
        self.single_value(x);
    }

    /// Refuse operands of some modes.
    pub(crate) fn exclude(&mut self, x: &mut Operand<'a>, modes: &[Mode]) {
        if !modes.contains(&x.mode) {
            return;
        }
        let text = self.op_string(x);
        let (msg, code) = match x.mode {
            Mode::NoValue if modes.contains(&Mode::Type) => {
                (format!("{text} used as value"), "TooManyValues")
            }
            Mode::NoValue => (format!("{text} used as value or type"), "TooManyValues"),
            Mode::Builtin => (format!("{text} must be called"), "UncalledBuiltin"),
            _ => (format!("{text} is not an expression"), "NotAnExpr"),
        };
        self.error(x.pos(), code, msg);
        x.invalidate();
    }

    pub(crate) fn single_value(&mut self, x: &mut Operand<'a>) {
        if x.mode == Mode::Value && matches!(self.store.raw_kind(x.ty), TyKind::Tuple(_)) {
            let msg = format!(
                "multiple-value {} in single-value context",
                self.op_string(x)
            );
            self.error(x.pos(), "TooManyValues", msg);
            x.invalidate();
        }
    }

    /// Check expressions for their own errors, after an error around them.
    pub(crate) fn use_exprs(&mut self, list: &[ExprRef<'a>]) -> bool {
        self.use_all(list, false)
    }

    /// Like [`Checker::use_exprs`] for assignment targets, which do not count as used.
    pub(crate) fn use_lhs(&mut self, list: &[ExprRef<'a>]) -> bool {
        self.use_all(list, true)
    }

    fn use_all(&mut self, list: &[ExprRef<'a>], lhs: bool) -> bool {
        let mut ok = true;
        for e in list {
            ok &= self.use_expr(e, lhs);
        }
        ok
    }

    fn use_expr(&mut self, e: ExprRef<'a>, lhs: bool) -> bool {
        let mut x = Operand::invalid();
        let inner = crate::exprstring::unparen(e);
        match inner.kind {
            ExprKind::Name(name) if name.is_blank() => return true,
            ExprKind::Name(name) => {
                let var = if lhs { self.own_var(name) } else { None };
                self.expr_or_type(&mut x, inner, true);
                self.restore_used(var);
            }
            ExprKind::KeyValue { value, .. } => return self.use_expr(value, lhs),
            _ => {
                self.raw_expr(None, &mut x, e, None, true);
            }
        }
        x.is_valid()
    }

    /// A variable of this package with its use mark, to be restored after an assignment.
    pub(crate) fn own_var(&self, name: Symbol) -> Option<(crate::object::ObjId, bool)> {
        let obj = self.lookup_name(name)?;
        let o = self.store.obj(obj);
        (o.var_kind().is_some() && o.pkg == Some(self.pkg)).then(|| (obj, o.is_used()))
    }

    pub(crate) fn restore_used(&self, var: Option<(crate::object::ObjId, bool)>) {
        if let Some((v, used)) = var {
            self.store
                .obj(v)
                .used
                .store(used, std::sync::atomic::Ordering::Relaxed);
        }
    }

    /// A literal.
    fn basic_lit(&mut self, x: &mut Operand<'a>, e: ExprRef<'a>, kind: LitKind, text: &str) {
        if matches!(kind, LitKind::Int | LitKind::Float | LitKind::Imag) {
            self.lang_compat(e.pos, kind, text);
            if text.len() > 10000 {
                let msg = format!(
                    "excessively long constant: {}... ({} chars)",
                    &text[..10],
                    text.len()
                );
                self.error(e.pos, "InvalidConstVal", msg);
                return;
            }
        }
        let val = crate::constant::make_from_literal(text, kind);
        if val.is_unknown() {
            self.error(
                e.pos,
                "InvalidConstVal",
                format!("malformed constant: {text}"),
            );
            return;
        }
        x.mode = Mode::Const;
        x.val = val;
        x.ty = match kind {
            LitKind::Int => Ty::UNTYPED_INT,
            LitKind::Float => Ty::UNTYPED_FLOAT,
            LitKind::Imag => Ty::UNTYPED_COMPLEX,
            LitKind::Rune => Ty::UNTYPED_RUNE,
            LitKind::String => Ty::UNTYPED_STRING,
        };
        x.set_expr(e);
        self.overflow(x, e.pos);
    }

    /// Number literals that older language versions do not have.
    fn lang_compat(&mut self, pos: Pos, kind: LitKind, text: &str) {
        if text.len() <= 2 || self.allow_version(13) {
            return;
        }
        let b = text.as_bytes();
        let what = if text.contains('_') {
            "underscore in numeric literal"
        } else if b[0] != b'0' {
            return;
        } else {
            match b[1] {
                b'b' | b'B' => "binary literal",
                b'o' | b'O' => "0o/0O-style octal literal",
                b'x' | b'X' if kind != LitKind::Int => "hexadecimal floating-point literal",
                _ => return,
            }
        };
        self.version_error(pos, 13, what);
    }

    fn func_lit(&mut self, x: &mut Operand<'a>, sig: &'a FuncType<'a>, body: &'a Block<'a>) {
        let mut parts = self.func_type(None, sig, None, true);
        x.mode = Mode::Value;
        x.ty = parts.sig;
        if !self.config.bodies && !self.lazy {
            return;
        }
        parts.tparams = self.env.outer_tparams.clone();
        let (decl, iota) = (self.env.decl, self.env.iota.clone());
        self.later(move |c| c.func_body(decl, parts, body, iota));
    }
}

fn nth(n: usize, what: &str) -> String {
    let ext = match n {
        1 => "st",
        2 => "nd",
        3 => "rd",
        _ => "th",
    };
    format!("{n}{ext} {what}")
}
