//! Calls, and instantiation of the generic functions they call or pass.

use crate::check::Checker;
use crate::errors::Report;
use crate::expr::{Desc, ExprSort, Target};
use crate::exprstring::{expr_string, start_pos};
use crate::info::{Instance, Mode};
use crate::object::{Builtin, BuiltinUse};
use crate::operand::{Operand, Source};
use crate::types::*;
use gort_syntax::Pos;
use gort_syntax::ast::*;

impl<'a> Checker<'a> {
    /// Instantiate the generic function `x` with the type arguments of `inst` and those that can be inferred from
    /// `target`. With `infer` unset, returns the type arguments if they are too few.
    pub(crate) fn func_inst(
        &mut self,
        target: Option<Target<'a>>,
        pos: Pos,
        x: &mut Operand<'a>,
        inst: Option<(ExprRef<'a>, &'a [ExprRef<'a>])>,
        infer: bool,
    ) -> Option<Vec<Ty>> {
        let err_pos = inst.map_or(pos, |i| i.0.pos);
        if let Some((e, _)) = inst {
            x.set_expr(e);
        }
        let version_ok = self.verify_version(err_pos, 18, |_| "function instantiation".into());
        let xlist: &'a [ExprRef<'a>] = inst.map_or(&[], |i| i.1);
        let mut targs = vec![];
        if inst.is_some() {
            match self.type_list(xlist) {
                Some(list) => targs = list,
                None => {
                    x.invalidate();
                    return None;
                }
            }
        }
        let store = self.store;
        let Some(sig) = store.sig(x.ty) else {
            x.invalidate();
            return None;
        };
        let sig_ty = store.under(x.ty);
        let (got, want) = (targs.len(), sig.tparams.len());
        if got > want {
            let msg = format!("got {got} type arguments but want {want}");
            self.error(start_pos(xlist[got - 1]), "WrongTypeArgCount", msg);
            x.invalidate();
            return None;
        }
        if got < want {
            if !infer {
                return Some(targs);
            }
            let mut params: Vec<Ty> = vec![];
            let mut args: Vec<Operand<'a>> = vec![];
            if let Some(t) = target {
                if version_ok && !self.allow_version(21) {
                    let what = if inst.is_some() {
                        "partially instantiated function in assignment"
                    } else {
                        "implicitly instantiated function in assignment"
                    };
                    self.version_error(err_pos, 21, what);
                }
                // The function's type against the target's, as if it were a parameter.
                let plain =
                    store.signature(sig.params.to_vec(), sig.results.to_vec(), sig.variadic);
                params.push(plain);
                args.push(Operand::value(Source::Text(x.pos(), t.desc.text()), t.sig));
            }
            let (tparams, params) = self.rename_tparams(&sig.tparams, &params);
            let list: Vec<Option<Ty>> = targs.iter().map(|&t| Some(t)).collect();
            let pos = inst.map_or(pos, |i| i.0.op_pos);
            match self.infer(pos, &tparams, list, &params, &args, target.is_some()) {
                Ok(list) => targs = list,
                Err(report) => {
                    if let Some(r) = report {
                        self.report(r);
                    }
                    x.invalidate();
                    return None;
                }
            }
        }
        let e = x.expr();
        x.ty = self.instantiate_signature(x.pos(), e, sig_ty, &targs, xlist);
        x.mode = Mode::Value;
        None
    }

    /// The instantiated signature; that the arguments satisfy their constraints is verified later.
    pub(crate) fn instantiate_signature(
        &mut self,
        pos: Pos,
        e: Option<ExprRef<'a>>,
        generic: Ty,
        targs: &[Ty],
        xlist: &'a [ExprRef<'a>],
    ) -> Ty {
        let store = self.store;
        let TyKind::Signature(sig) = store.raw_kind(generic) else {
            return Ty::INVALID;
        };
        let inst = self.subst_sig(sig, targs);
        if let Some(id) = e.and_then(instantiated_ident) {
            self.info.record_instance(
                id,
                Instance {
                    targs: targs.into(),
                    ty: inst,
                },
            );
        }
        let targs = targs.to_vec();
        let tparams: &'a [Ty] = &sig.tparams;
        self.later(move |c| match c.verify_instance(tparams, &targs) {
            Err((i, why)) => {
                let pos = xlist.get(i).map_or(pos, |e| start_pos(e));
                c.soft_error(pos, "InvalidTypeArg", why);
            }
            Ok(()) => c.mono_instance(pos, tparams, &targs, xlist),
        });
        inst
    }

    fn subst_sig(&self, sig: &Signature, targs: &[Ty]) -> Ty {
        let store = self.store;
        let sub = crate::subst::Subst::new(store, &sig.tparams, targs);
        let list = |ps: &[Param]| -> Vec<Param> {
            ps.iter()
                .map(|p| Param {
                    name: p.name,
                    ty: sub.ty(p.ty),
                })
                .collect()
        };
        store.signature(list(&sig.params), list(&sig.results), sig.variadic)
    }

    pub(crate) fn call_expr(&mut self, x: &mut Operand<'a>, call: ExprRef<'a>) -> ExprSort {
        let ExprKind::Call {
            fun,
            args: arg_list,
            has_dots,
            ..
        } = call.kind
        else {
            return ExprSort::Statement;
        };
        let mut inst = None;
        if let ExprKind::Index { indices, .. } = fun.kind {
            if self.index_expr(x, fun) {
                inst = Some(indices);
            }
            x.set_expr(fun);
            self.record(x);
        } else {
            self.expr_or_type(x, fun, true);
        }
        match x.mode {
            Mode::None => {
                self.use_exprs(arg_list);
                x.set_expr(call);
                return ExprSort::Statement;
            }
            Mode::Type => {
                self.non_generic(None, x);
                if x.is_valid() {
                    self.convert_call(x, call, arg_list, has_dots);
                }
                x.set_expr(call);
                return ExprSort::Conversion;
            }
            Mode::Builtin => {
                let id = x.builtin.unwrap_or(Builtin::Len);
                if !self.builtin_call(x, call, id) {
                    x.invalidate();
                }
                x.set_expr(call);
                if x.is_valid() && x.mode != Mode::Const {
                    self.env.has_call_or_recv = true;
                }
                return match id.stmt_kind() {
                    BuiltinUse::Expression => ExprSort::Expression,
                    BuiltinUse::Statement => ExprSort::Statement,
                };
            }
            _ => {}
        }
        self.function_call(x, call, fun, arg_list, has_dots, inst);
        x.set_expr(call);
        ExprSort::Statement
    }

    fn convert_call(
        &mut self,
        x: &mut Operand<'a>,
        call: ExprRef<'a>,
        args: &'a [ExprRef<'a>],
        has_dots: bool,
    ) {
        let to = x.ty;
        x.invalidate();
        if !self.is_complete(to) {
            return;
        }
        match args {
            [] => {
                let msg = format!("missing argument in conversion to {}", self.ts(to));
                self.error(start_pos(call), "WrongArgCount", msg);
            }
            [arg] => {
                let target = self.new_target(Some(to), Desc::Str("conversion"));
                self.expr(target, x, arg);
                if !x.is_valid() {
                    return;
                }
                if self.store.is_plain_interface(to) && !self.is_method_set(to) {
                    let msg = format!(
                        "cannot use interface {} in conversion (contains specific type constraints or is comparable)",
                        self.ts(to)
                    );
                    self.error(start_pos(call), "MisplacedConstraintIface", msg);
                    x.invalidate();
                    return;
                }
                if has_dots {
                    let msg = format!("invalid use of ... in conversion to {}", self.ts(to));
                    self.error(start_pos(arg), "BadDotDotDotSyntax", msg);
                    x.invalidate();
                    return;
                }
                self.conversion(x, to);
            }
            list => {
                self.use_exprs(list);
                let msg = format!("too many arguments in conversion to {}", self.ts(to));
                self.error(start_pos(list[list.len() - 1]), "WrongArgCount", msg);
            }
        }
    }

    fn function_call(
        &mut self,
        x: &mut Operand<'a>,
        call: ExprRef<'a>,
        fun: ExprRef<'a>,
        arg_list: &'a [ExprRef<'a>],
        has_dots: bool,
        inst: Option<&'a [ExprRef<'a>]>,
    ) {
        let store = self.store;
        let found = self.common_under_if(x.ty, |c, t, u| match u {
            Some(u) if !matches!(c.store.raw_kind(u), TyKind::Signature(_)) => {
                Err(format!("{} is not a function", c.ts(t)))
            }
            _ => Ok(()),
        });
        let sig_ty = match found {
            Ok(u) => u,
            Err(cause) => {
                if x.ty != Ty::INVALID {
                    let msg = format!(
                        "invalid operation: cannot call {}: {cause}",
                        self.op_string(x)
                    );
                    self.error(x.pos(), "InvalidCall", msg);
                }
                self.use_exprs(arg_list);
                x.invalidate();
                return;
            }
        };
        let TyKind::Signature(mut_sig) = store.raw_kind(sig_ty) else {
            x.invalidate();
            return;
        };
        let was_generic = !mut_sig.tparams.is_empty();
        let mut sig_ty = sig_ty;
        let mut targs: Vec<Ty> = vec![];
        let mut xlist: &'a [ExprRef<'a>] = &[];
        if let Some(list) = inst {
            xlist = list;
            match self.type_list(list) {
                Some(t) => targs = t,
                None => {
                    self.use_exprs(arg_list);
                    x.invalidate();
                    return;
                }
            }
            let (got, want) = (targs.len(), mut_sig.tparams.len());
            if got > want {
                let msg = format!("got {got} type arguments but want {want}");
                self.error(start_pos(list[want]), "WrongTypeArgCount", msg);
                self.use_exprs(arg_list);
                x.invalidate();
                return;
            }
            if got == want && want > 0 {
                self.verify_version(fun.pos, 18, |_| "function instantiation".into());
                sig_ty = self.instantiate_signature(fun.pos, Some(fun), sig_ty, &targs, list);
                targs.clear();
                xlist = &[];
            }
        }
        let (args, atargs) = self.generic_expr_list(arg_list);
        let sig_ty = self.arguments(call, fun, has_dots, sig_ty, targs, xlist, args, atargs);
        let Some(sig) = store.sig(sig_ty) else {
            x.invalidate();
            return;
        };
        if was_generic && sig.tparams.is_empty() {
            // The callee's type is the instantiated one.
            let mut f = fun;
            loop {
                self.info.record(f.id, Mode::Value, sig_ty, None);
                match f.kind {
                    ExprKind::Paren(inner) => f = inner,
                    _ => break,
                }
            }
        }
        match &sig.results[..] {
            [] => {
                x.mode = Mode::NoValue;
            }
            [r] => {
                if !self.is_complete(r.ty) {
                    x.invalidate();
                    return;
                }
                x.mode = Mode::Value;
                x.ty = r.ty;
            }
            list => {
                x.mode = Mode::Value;
                let list: Vec<Ty> = list.iter().map(|r| r.ty).collect();
                x.ty = store.tuple(&list);
            }
        }
        self.env.has_call_or_recv = true;
        if x.mode == Mode::Value
            && !sig.tparams.is_empty()
            && self.is_parameterized(&sig.tparams, x.ty)
        {
            x.invalidate();
        }
    }

    /// Arguments of a call, which may be generic functions; those with too few type arguments come with them.
    fn generic_expr_list(&mut self, list: &'a [ExprRef<'a>]) -> (Vec<Operand<'a>>, Vec<Vec<Ty>>) {
        let infer = list.is_empty() || !self.allow_version(21);
        let mut ops = Vec::with_capacity(list.len());
        let mut targs = vec![];
        for &e in list {
            let mut x = Operand::invalid();
            let mut partial = vec![];
            let mut done = false;
            if let ExprKind::Index { indices, .. } = e.kind {
                if self.index_expr(&mut x, e) {
                    let pos = x.pos();
                    match self.func_inst(None, pos, &mut x, Some((e, indices)), infer) {
                        Some(t) => {
                            partial = t;
                            x.set_expr(e);
                        }
                        None => self.record(&x),
                    }
                    done = true;
                } else {
                    // Already checked as an ordinary index expression.
                    x.set_expr(e);
                    self.record(&x);
                    self.exclude(&mut x, &[Mode::NoValue, Mode::Builtin, Mode::Type]);
                    self.single_value(&mut x);
                    done = true;
                }
            }
            if !done {
                self.raw_expr(None, &mut x, e, None, true);
                self.exclude(&mut x, &[Mode::NoValue, Mode::Builtin, Mode::Type]);
                if list.len() == 1
                    && x.is_valid()
                    && let TyKind::Tuple(types) = self.store.raw_kind(x.ty)
                {
                    let ops = types
                        .iter()
                        .map(|&t| Operand::value(Source::Expr(e), t))
                        .collect();
                    return (ops, vec![]);
                }
                self.single_value(&mut x);
            }
            ops.push(x);
            targs.push(partial);
        }
        (ops, targs)
    }

    /// Match arguments with parameters, inferring type arguments; returns the (instantiated) signature.
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn arguments(
        &mut self,
        call: ExprRef<'a>,
        fun: ExprRef<'a>,
        has_dots: bool,
        sig_ty: Ty,
        targs: Vec<Ty>,
        xlist: &'a [ExprRef<'a>],
        mut args: Vec<Operand<'a>>,
        atargs: Vec<Vec<Ty>>,
    ) -> Ty {
        let store = self.store;
        let Some(sig) = store.sig(sig_ty) else {
            return sig_ty;
        };
        let ExprKind::Call { args: arg_list, .. } = call.kind else {
            return sig_ty;
        };
        let nargs = args.len();
        let mut params: Vec<Ty> = sig.params.iter().map(|p| p.ty).collect();
        let mut adjusted = false;
        let mut npars = params.len();
        if sig.variadic {
            if has_dots {
                if arg_list.len() == 1 && nargs > 1 {
                    let msg = format!(
                        "cannot use ... with {nargs}-valued {}",
                        expr_string(arg_list[0])
                    );
                    self.error(start_pos(call), "InvalidDotDotDot", msg);
                    return sig_ty;
                }
            } else if nargs + 1 >= npars {
                if let Some(last) = params.pop()
                    && let TyKind::Slice(elem) = store.raw_kind(last)
                {
                    params.resize(nargs, *elem);
                }
                adjusted = true;
                npars = nargs;
            } else {
                npars -= 1;
            }
        } else if has_dots {
            let msg = format!(
                "cannot use ... in call to non-variadic {}",
                expr_string(fun)
            );
            self.error(start_pos(call), "NonVariadicDotDotDot", msg);
            return sig_ty;
        }
        if nargs != npars {
            let (pos, qualifier) = if nargs > npars {
                (args[npars].pos(), "too many")
            } else if nargs > 0 {
                (args[nargs - 1].pos(), "not enough")
            } else {
                (start_pos(call), "not enough")
            };
            let have: Vec<Ty> = args.iter().map(|a| a.ty).collect();
            let want: Vec<Ty> = sig.params.iter().map(|p| p.ty).collect();
            let msg = format!("{qualifier} arguments in call to {}", expr_string(fun));
            let r = Report::new(pos, "WrongArgCount", msg)
                .note(
                    Pos::NONE,
                    format!("have {}", self.types_summary(&have, false, has_dots)),
                )
                .note(
                    Pos::NONE,
                    format!("want {}", self.types_summary(&want, sig.variadic, false)),
                );
            self.report(r);
            return sig_ty;
        }
        let mut rsig = sig_ty;
        let n = sig.tparams.len();
        let mut tparams: Vec<Ty> = vec![];
        let mut targs: Vec<Option<Ty>> = targs.into_iter().map(Some).collect();
        if n > 0 {
            if !self.allow_version(18) {
                let (pos, what) = match fun.kind {
                    ExprKind::Index { .. } => (fun.pos, "function instantiation"),
                    _ => (start_pos(call), "implicit function instantiation"),
                };
                self.version_error(pos, 18, what);
            }
            (tparams, params) = self.rename_tparams(&sig.tparams, &params);
            targs.resize(n, None);
        }
        // Generic functions as arguments bring type parameters of their own.
        let mut generic_args: Vec<(usize, usize)> = vec![];
        for (i, arg) in args.iter_mut().enumerate() {
            let TyKind::Signature(asig) = store.raw_kind(arg.ty) else {
                continue;
            };
            if asig.tparams.is_empty() || !arg.is_valid() {
                continue;
            }
            let plain = store.signature(asig.params.to_vec(), asig.results.to_vec(), asig.variadic);
            let (own, renamed) = self.rename_tparams(&asig.tparams, &[plain]);
            if let TyKind::Signature(r) = store.raw_kind(renamed[0]) {
                arg.ty = store.intern(TyKind::Signature(Signature {
                    tparams: own.clone().into(),
                    params: r.params.clone(),
                    results: r.results.clone(),
                    variadic: r.variadic,
                }));
            }
            tparams.extend(&own);
            if let Some(partial) = atargs.get(i) {
                targs.extend(partial.iter().map(|&t| Some(t)));
            }
            targs.resize(tparams.len(), None);
            generic_args.push((i, own.len()));
        }
        if let Some(&(i, _)) = generic_args.first() {
            let pos = args[i].pos();
            self.verify_version(pos, 21, |_| {
                "implicitly instantiated function as argument".into()
            });
        }
        if !tparams.is_empty() {
            let pos = call.op_pos;
            let inferred = match self.infer(pos, &tparams, targs, &params, &args, false) {
                Ok(list) => list,
                Err(report) => {
                    if let Some(r) = report {
                        self.report(r.prefixed(&format!("in call to {}, ", expr_string(fun))));
                    }
                    return sig_ty;
                }
            };
            if n > 0 {
                rsig = self.instantiate_signature(pos, Some(fun), sig_ty, &inferred[..n], xlist);
                if adjusted {
                    let sub = crate::subst::Subst::new(store, &tparams[..n], &inferred[..n]);
                    params = params.iter().map(|&p| sub.ty(p)).collect();
                } else if let Some(s) = store.sig(rsig) {
                    params = s.params.iter().map(|p| p.ty).collect();
                }
            }
            let mut j = n;
            for (i, count) in generic_args {
                let (pos, e) = (args[i].pos(), args[i].expr());
                let list = &inferred[j..j + count];
                args[i].ty = self.instantiate_signature(pos, e, args[i].ty, list, &[]);
                let arg = args[i].clone();
                self.record(&arg);
                j += count;
            }
        }
        for (i, a) in args.iter_mut().enumerate() {
            self.assignment_in(a, Some(params[i]), &|| {
                format!("argument to {}", expr_string(fun))
            });
        }
        rsig
    }
}

/// The identifier that names an instantiated function or type.
fn instantiated_ident(e: ExprRef<'_>) -> Option<ExprId> {
    match e.kind {
        ExprKind::Name(_) => Some(e.id),
        ExprKind::Selector { sel, .. } => Some(sel.id),
        ExprKind::Index { x, .. } | ExprKind::Paren(x) => instantiated_ident(x),
        _ => None,
    }
}
