//! Range clauses.

use crate::check::Checker;
use crate::constant::Value;
use crate::exprstring::{expr_string, start_pos, unparen};
use crate::info::Mode;
use crate::object::{ObjId, VarKind};
use crate::operand::Operand;
use crate::types::*;
use gort_syntax::Pos;
use gort_syntax::ast::*;

/// Key and value type of a range expression, or why it is none (perhaps without words).
type KeyVal = Result<(Option<Ty>, Option<Ty>), String>;

impl<'a> Checker<'a> {
    /// The part of a range statement before its body; the scope is open.
    pub(crate) fn range_stmt(
        &mut self,
        pos: Pos,
        key: Option<ExprRef<'a>>,
        value: Option<ExprRef<'a>>,
        extra: Option<ExprRef<'a>>,
        define: bool,
        range: ExprRef<'a>,
    ) {
        let s = self.store;
        let mut x = Operand::invalid();
        self.env.has_call_or_recv = false;
        let scope = self.env.scope;
        self.env.scope = scope.and_then(|s| self.scopes.parent(s));
        self.expr(None, &mut x, range);
        self.env.scope = scope;
        if x.is_valid() && value.is_none() && !self.env.has_call_or_recv {
            // Only the length matters, which is constant.
            let under = s.under(x.ty);
            if let TyKind::Array { len, .. } = s.raw_kind(self.array_ptr_deref(under)) {
                let mut c = x.clone();
                c.mode = Mode::Const;
                c.ty = Ty::INT;
                c.val = Value::Int(*len);
                c.set_expr(unparen(range));
                self.record(&c);
            }
        }
        let mut types: [Option<Ty>; 2] = [None, None];
        if x.is_valid() {
            let text = |c: &Self| c.op_string(&x);
            match self.range_key_val(x.ty) {
                Err(cause) => {
                    let mut msg = format!("cannot range over {}", text(self));
                    if !cause.is_empty() {
                        msg = format!("{msg}: {cause}");
                    }
                    self.soft_error(x.pos(), "InvalidRangeExpr", msg);
                    types = [Some(Ty::INVALID); 2];
                }
                Ok((k, v)) => {
                    let problem = match (key, value, extra) {
                        (Some(e), ..) if k.is_none() => {
                            let msg =
                                format!("range over {} permits no iteration variables", text(self));
                            Some((e, msg))
                        }
                        (_, Some(e), _) if v.is_none() => Some((
                            e,
                            format!(
                                "range over {} permits only one iteration variable",
                                text(self)
                            ),
                        )),
                        (.., Some(e)) => Some((
                            e,
                            "range clause permits at most two iteration variables".into(),
                        )),
                        _ => None,
                    };
                    if let Some((e, msg)) = problem {
                        self.soft_error(start_pos(e), "InvalidIterVar", msg);
                    }
                    types = [k, v];
                }
            }
        }
        let over_int = x.is_valid() && s.is_basic(x.ty, BasicKind::is_integer);
        if define {
            self.define_range_vars(pos, [key, value], types, &mut x, over_int);
        } else if key.is_some() {
            for (e, ty) in [key, value].into_iter().zip(types) {
                let (Some(e), Some(ty)) = (e, ty) else {
                    continue;
                };
                if ty == Ty::INVALID {
                    continue;
                }
                if over_int {
                    self.assign_var(e, None, Some(&mut x), "range clause");
                    if x.is_valid() && !s.is_basic(x.ty, BasicKind::is_integer) {
                        let msg =
                            format!("cannot use iteration variable of type {}", self.ts(x.ty));
                        self.soft_error(start_pos(e), "InvalidRangeExpr", msg);
                    }
                } else {
                    let mut y = self.loop_value(e, ty);
                    self.assign_var(e, None, Some(&mut y), "assignment");
                }
            }
        } else if over_int {
            self.assignment(&mut x, None, "range clause");
        }
    }

    fn define_range_vars(
        &mut self,
        pos: Pos,
        lhs: [Option<ExprRef<'a>>; 2],
        types: [Option<Ty>; 2],
        x: &mut Operand<'a>,
        over_int: bool,
    ) {
        let mut vars: Vec<ObjId> = vec![];
        for (e, ty) in lhs.into_iter().zip(types) {
            let Some(e) = e else { continue };
            let obj = if let ExprKind::Name(name) = e.kind {
                let obj = self
                    .store
                    .new_var(VarKind::Local, name, e.pos, Some(self.pkg), None);
                self.info.record_obj(e.id, obj, true);
                if !name.is_blank() {
                    vars.push(obj);
                }
                obj
            } else {
                let msg = format!("cannot declare {}", expr_string(e));
                self.error(start_pos(e), "InvalidSyntaxTree", msg);
                self.dummy_var(e.pos)
            };
            let o = self.store.obj(obj);
            match ty {
                Some(ty) if ty != Ty::INVALID => {
                    if over_int {
                        self.init_var(obj, x, "range clause");
                    } else {
                        let mut y = self.loop_value(e, ty);
                        self.init_var(obj, &mut y, "assignment");
                    }
                }
                _ => {
                    o.ty.set(Ty::INVALID);
                    o.set_used();
                }
            }
        }
        if vars.is_empty() {
            self.error(pos, "NoNewVar", "no new variables on left side of :=");
        }
        for obj in vars {
            self.declare(None, obj, pos);
        }
    }

    /// The array of a pointer to array; others are returned as they are.
    pub(crate) fn array_ptr_deref(&self, ty: Ty) -> Ty {
        if let TyKind::Pointer(b) = self.store.kind(ty) {
            let under = self.store.under(*b);
            if matches!(self.store.raw_kind(under), TyKind::Array { .. }) {
                return under;
            }
        }
        ty
    }

    fn range_key_val(&mut self, ty: Ty) -> KeyVal {
        let s = self.store;
        let rtyp = self.common_under_if(ty, |c, t, u| match u.map(|u| c.store.raw_kind(u)) {
            Some(TyKind::Chan {
                dir: ChanDir::Send, ..
            }) => Err(format!("receive from send-only channel {}", c.ts(t))),
            _ => Ok(()),
        })?;
        match s.raw_kind(self.array_ptr_deref(rtyp)) {
            TyKind::Basic(k) if k.is_string() => Ok((Some(Ty::INT), Some(Ty::RUNE))),
            TyKind::Basic(k) if k.is_integer() => {
                if !self.allow_version(22) {
                    return Err("requires go1.22 or later".into());
                }
                Ok((Some(ty), None))
            }
            TyKind::Array { elem, .. } | TyKind::Slice(elem) => Ok((Some(Ty::INT), Some(*elem))),
            TyKind::Map { key, elem } => Ok((Some(*key), Some(*elem))),
            TyKind::Chan { elem, .. } => Ok((Some(*elem), None)),
            TyKind::Signature(sig) => {
                if !self.allow_version(23) {
                    return Err("requires go1.23 or later".into());
                }
                self.range_func(sig)
            }
            _ => Err(String::new()),
        }
    }

    fn range_func(&self, sig: &Signature) -> KeyVal {
        let s = self.store;
        let bad = |why: &str| Err(format!("func must be func(yield func(...) bool): {why}"));
        if sig.params.len() != 1 {
            return bad("wrong argument count");
        }
        if !sig.results.is_empty() {
            return bad("unexpected results");
        }
        let cb = match self.common_under_if(sig.params[0].ty, |_, _, _| Ok(())) {
            Err(why) => return bad(&format!("in yield type, {why}")),
            Ok(u) => match s.raw_kind(u) {
                TyKind::Signature(cb) => cb,
                _ => return bad("argument is not func"),
            },
        };
        if cb.params.len() > 2 {
            return bad("yield func has too many parameters");
        }
        match &cb.results[..] {
            [r] if s.identical(r.ty, Ty::BOOL) => {}
            [r] if s.is_basic(r.ty, BasicKind::is_boolean) => {
                return bad("yield func returns user-defined boolean, not bool");
            }
            _ => return bad("yield func does not return bool"),
        }
        if cb.variadic {
            let ty = self.ts(sig.params[0].ty);
            return Err(format!("yield func of type {ty} cannot be variadic"));
        }
        Ok((
            cb.params.first().map(|p| p.ty),
            cb.params.get(1).map(|p| p.ty),
        ))
    }
}
