//! Operands: intermediate results of checking expressions, and whether they can be assigned.

use crate::check::Checker;
use crate::constant::Value;
use crate::exprstring::{expr_string, start_pos};
use crate::info::Mode;
use crate::object::Builtin;
use crate::types::*;
use gort_syntax::Pos;
use gort_syntax::ast::ExprRef;

/// What an operand came from.
#[derive(Clone)]
pub(crate) enum Source<'a> {
    None,
    Expr(ExprRef<'a>),
    /// A description in place of an expression (`1st function result`).
    Text(Pos, String),
}

/// An intermediate result. `Mode::None` marks an invalid one.
#[derive(Clone)]
pub(crate) struct Operand<'a> {
    pub mode: Mode,
    pub src: Source<'a>,
    pub ty: Ty,
    pub val: Value,
    pub builtin: Option<Builtin>,
}

impl<'a> Operand<'a> {
    pub(crate) fn invalid() -> Operand<'a> {
        Operand {
            mode: Mode::None,
            src: Source::None,
            ty: Ty::INVALID,
            val: Value::Unknown,
            builtin: None,
        }
    }
    pub(crate) fn value(src: Source<'a>, ty: Ty) -> Operand<'a> {
        Operand {
            mode: Mode::Value,
            src,
            ty,
            ..Operand::invalid()
        }
    }
    pub(crate) fn is_valid(&self) -> bool {
        self.mode != Mode::None
    }
    pub(crate) fn invalidate(&mut self) {
        self.mode = Mode::None;
    }
    pub(crate) fn is_nil(&self) -> bool {
        self.mode == Mode::Nil
    }
    pub(crate) fn expr(&self) -> Option<ExprRef<'a>> {
        match self.src {
            Source::Expr(e) => Some(e),
            _ => None,
        }
    }
    pub(crate) fn set_expr(&mut self, e: ExprRef<'a>) {
        self.src = Source::Expr(e);
    }
    /// Where errors about it are reported.
    pub(crate) fn pos(&self) -> Pos {
        match &self.src {
            Source::None => Pos::NONE,
            Source::Expr(e) => start_pos(e),
            Source::Text(pos, _) => *pos,
        }
    }
    /// The text of what it came from.
    pub(crate) fn text(&self) -> String {
        match &self.src {
            Source::None => String::new(),
            Source::Expr(e) => expr_string(e),
            Source::Text(_, text) => text.clone(),
        }
    }
}

fn mode_text(mode: Mode) -> &'static str {
    match mode {
        Mode::None => "invalid operand",
        Mode::NoValue => "no value",
        Mode::Builtin => "built-in",
        Mode::Type => "type",
        Mode::Const => "constant",
        Mode::Variable => "variable",
        Mode::MapIndex => "map index expression",
        Mode::Value => "value",
        Mode::Nil => "nil",
        Mode::CommaOk => "comma, ok expression",
    }
}

impl<'a> Checker<'a> {
    /// An operand as messages show it.
    pub(crate) fn op_string(&self, x: &Operand<'a>) -> String {
        let store = self.store;
        if x.is_nil() {
            return match x.ty {
                Ty::INVALID => "nil (with invalid type)".into(),
                Ty::UNTYPED_NIL => "nil".into(),
                t => format!("nil (of type {})", self.ts(t)),
            };
        }
        let mut expr = x.text();
        if matches!(x.src, Source::None) {
            match x.mode {
                Mode::Builtin => expr = x.builtin.map_or("", |b| b.name()).into(),
                Mode::Type => expr = self.ts(x.ty),
                Mode::Const => expr = x.val.to_string(),
                _ => {}
            }
        }
        let mut out = String::new();
        if !expr.is_empty() {
            out.push_str(&expr);
            out.push_str(" (");
        }
        let mut has_type = false;
        if !matches!(
            x.mode,
            Mode::None | Mode::NoValue | Mode::Builtin | Mode::Type
        ) {
            if store.is_untyped(x.ty) {
                out.push_str(&self.ts(x.ty));
                out.push(' ');
            } else {
                has_type = true;
            }
        }
        out.push_str(mode_text(x.mode));
        if x.mode == Mode::Const {
            let s = x.val.to_string();
            if s != expr {
                out.push(' ');
                out.push_str(&s);
            }
        }
        if has_type {
            if store.unalias(x.ty).is_valid() {
                let mut desc = String::new();
                if store.is_generic(x.ty) {
                    desc.push_str("generic ");
                }
                let tpar = store.is_type_param(x.ty);
                if !tpar && matches!(store.raw_kind(x.ty), TyKind::Alias(_) | TyKind::Named(_)) {
                    let what = self.composite_kind(x.ty);
                    if what.is_empty() {
                        desc.push_str(&self.ts(store.under(x.ty)));
                    } else {
                        desc.push_str(what);
                    }
                    desc.push(' ');
                }
                out.push_str(" of ");
                out.push_str(&desc);
                out.push_str("type ");
                out.push_str(&self.ts(x.ty));
                if tpar {
                    out.push_str(" constrained by ");
                    out.push_str(&self.ts(store.bound(store.unalias(x.ty))));
                    if self.has_empty_type_set(x.ty) {
                        out.push_str(" with empty type set");
                    }
                }
            } else {
                out.push_str(" with invalid type");
            }
        }
        if !expr.is_empty() {
            out.push(')');
        }
        out
    }

    pub(crate) fn has_empty_type_set(&self, ty: Ty) -> bool {
        self.store.is_type_param(ty)
            && self
                .store
                .type_set(ty)
                .terms
                .as_ref()
                .is_some_and(|t| t.is_empty())
    }

    /// `struct`, `slice` and so on; empty for basic types.
    pub(crate) fn composite_kind(&self, ty: Ty) -> &'static str {
        match self.store.under_kind(ty) {
            TyKind::Array { .. } => "array",
            TyKind::Slice(_) => "slice",
            TyKind::Struct(_) => "struct",
            TyKind::Pointer(_) => "pointer",
            TyKind::Signature(_) => "func",
            TyKind::Interface(_) => "interface",
            TyKind::Map { .. } => "map",
            TyKind::Chan { .. } => "chan",
            TyKind::Tuple(_) => "tuple",
            TyKind::Union(_) => "union",
            _ => "",
        }
    }

    /// Whether `x` can be assigned to a variable of type `to`; else the error's code.
    pub(crate) fn assignable(
        &mut self,
        x: &Operand<'a>,
        to: Ty,
        cause: &mut String,
    ) -> Result<(), &'static str> {
        let s = self.store;
        if !x.is_valid() || !s.unalias(to).is_valid() {
            return Ok(());
        }
        let (v, t) = (s.unalias(x.ty), s.unalias(to));
        if s.identical(v, t) {
            return Ok(());
        }
        let (vu, tu) = (s.under(v), s.under(t));
        let (vp, tp) = (s.is_type_param(v), s.is_type_param(t));
        if s.is_untyped(vu) {
            if tp {
                return match self.specific_terms(t) {
                    Some(terms) if terms.iter().all(|&(t, _)| self.implicit_type(x, t).is_ok()) => {
                        Ok(())
                    }
                    _ => Err("IncompatibleAssign"),
                };
            }
            return match self.implicit_type(x, t) {
                Ok(_) => Ok(()),
                Err(_) => Err("IncompatibleAssign"),
            };
        }
        if !vp && !tp && (!s.has_name(v) || !s.has_name(t)) && s.identical(vu, tu) {
            return Ok(());
        }
        if s.is_plain_interface(t) || self.is_interface_ptr(tu) {
            if self.implements(v, t, false, cause) {
                return Ok(());
            }
            if !vp {
                return Err("InvalidIfaceAssign");
            }
            cause.clear();
        }
        if s.is_plain_interface(v) && self.implements(t, v, false, &mut String::new()) {
            *cause = "need type assertion".into();
            return Err("IncompatibleAssign");
        }
        if let (
            TyKind::Chan {
                dir: ChanDir::Both,
                elem: a,
            },
            TyKind::Chan { elem: b, .. },
        ) = (s.raw_kind(vu), s.raw_kind(tu))
            && s.identical(*a, *b)
        {
            return if !s.has_name(v) || !s.has_name(t) {
                Ok(())
            } else {
                Err("InvalidChanAssign")
            };
        }
        if !vp && !tp {
            return Err("IncompatibleAssign");
        }
        let wrap = |msg: String, cause: &mut String| {
            *cause = if cause.is_empty() {
                msg
            } else {
                format!("{msg}\n\t{cause}")
            };
        };
        if !s.has_name(v) && tp {
            let Some(terms) = self.specific_terms(t) else {
                return Err("IncompatibleAssign");
            };
            for (term, _) in terms {
                if let Err(code) = self.assignable(x, term, cause) {
                    let msg = format!(
                        "cannot assign {} to {} (in {})",
                        self.ts(x.ty),
                        self.ts(term),
                        self.ts(t)
                    );
                    wrap(msg, cause);
                    return Err(code);
                }
            }
            return Ok(());
        }
        if vp && !s.has_name(t) {
            let Some(terms) = self.specific_terms(v) else {
                return Err("IncompatibleAssign");
            };
            let mut y = x.clone();
            for (term, _) in terms {
                y.ty = term;
                if let Err(code) = self.assignable(&y, t, cause) {
                    let msg = format!(
                        "cannot assign {} (in {}) to {}",
                        self.ts(term),
                        self.ts(v),
                        self.ts(to)
                    );
                    wrap(msg, cause);
                    return Err(code);
                }
            }
            return Ok(());
        }
        Err("IncompatibleAssign")
    }
}
