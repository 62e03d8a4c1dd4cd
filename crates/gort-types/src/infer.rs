//! Type inference: from function arguments, then from constraints, then from untyped constants.

use crate::check::Checker;
use crate::decl::set_bound;
use crate::errors::Report;
use crate::exprstring::start_pos;
use crate::operand::Operand;
use crate::subst::{Subst, clone_tparam};
use crate::types::*;
use crate::unify::{ASSIGN, EXACT, INEXACT, Unifier};
use crate::untyped::max_type;
use gort_syntax::Pos;
use gort_syntax::ast::ExprRef;

impl<'a> Checker<'a> {
    /// Fresh type parameters for a call, so that a recursive call does not confuse its own with the function's.
    pub(crate) fn rename_tparams(&self, tparams: &[Ty], types: &[Ty]) -> (Vec<Ty>, Vec<Ty>) {
        let store = self.store;
        let fresh: Vec<Ty> = tparams.iter().map(|&p| clone_tparam(store, p)).collect();
        let sub = Subst::new(store, tparams, &fresh);
        for (&new, &old) in fresh.iter().zip(tparams) {
            set_bound(store, new, sub.ty(store.bound(old)));
        }
        let types = types.iter().map(|&t| sub.ty(t)).collect();
        (fresh, types)
    }

    /// Find the type arguments that are missing in `targs`. An error comes without report where an operand is
    /// invalid already.
    pub(crate) fn infer(
        &mut self,
        pos: Pos,
        tparams: &[Ty],
        mut targs: Vec<Option<Ty>>,
        params: &[Ty],
        args: &[Operand<'a>],
        reverse: bool,
    ) -> Result<Vec<Ty>, Option<Report>> {
        const CODE: &str = "CannotInferTypeArgs";
        let store = self.store;
        targs.resize(tparams.len(), None);
        if targs.iter().all(|t| t.is_some()) {
            return Ok(targs.into_iter().flatten().collect());
        }
        if args.iter().any(|a| !a.is_valid()) {
            return Err(None);
        }
        for &p in tparams {
            self.wrap_bound(p);
        }
        // Use what is known before unifying anything.
        let params = self.subst_known(tparams, &targs, params);
        let mut u = Unifier::new(tparams, &targs, self.allow_version(21));
        let mut untyped = vec![];
        for (i, (arg, &par)) in args.iter().zip(&params).enumerate() {
            let generic =
                self.is_parameterized(tparams, par) || self.is_parameterized(tparams, arg.ty);
            if !generic {
                continue;
            }
            if !store.is_untyped(arg.ty) {
                if !u.unify(self, par, arg.ty, ASSIGN) {
                    let r = self.mismatch(&u, tparams, par, arg, reverse);
                    return Err(Some(r));
                }
            } else if store.is_type_param(par) && !arg.is_nil() {
                // Untyped constants come last.
                untyped.push(i);
            }
        }
        loop {
            let unknowns = u.unknowns();
            for &p in tparams {
                let tx = u.at(p);
                if let Some((core, tilde, single)) = self.core_term(p) {
                    if let Some(tx) = tx {
                        if !u.unify(self, tx, core, INEXACT) {
                            let msg = format!(
                                "{} (type {}) does not satisfy {}",
                                self.ts(p),
                                self.ts(tx),
                                self.ts(store.bound(p))
                            );
                            return Err(Some(Report::new(pos, CODE, msg)));
                        }
                    } else if single && !tilde {
                        u.set(p, core);
                    }
                }
                if let Some(tx) = tx
                    && !self.is_parameterized(tparams, tx)
                {
                    // Methods of the constraint may say something about other type parameters.
                    let mut cause = String::new();
                    let ok = self.has_all_methods_by(
                        tx,
                        p,
                        true,
                        &mut |c, a, b| u.unify(c, a, b, EXACT),
                        &mut cause,
                    );
                    if !ok {
                        let msg = format!(
                            "{} (type {}) does not satisfy {} {cause}",
                            self.ts(p),
                            self.ts(tx),
                            self.ts(store.bound(p))
                        );
                        return Err(Some(Report::new(pos, CODE, msg)));
                    }
                }
            }
            if u.unknowns() == unknowns {
                break;
            }
        }
        // Type parameters that only untyped arguments speak of get the default type of the largest kind.
        let mut largest: Vec<(Ty, Ty)> = vec![];
        for i in untyped {
            let (par, arg) = (store.unalias(params[i]), &args[i]);
            if u.at(par).is_some() {
                continue;
            }
            match largest.iter_mut().find(|l| l.0 == par) {
                None => largest.push((par, arg.ty)),
                Some(l) => match max_type(l.1, arg.ty) {
                    Some(max) => l.1 = max,
                    None => {
                        let msg = format!(
                            "mismatched types {} and {} (cannot infer {})",
                            self.ts(l.1),
                            self.ts(arg.ty),
                            self.ts(par)
                        );
                        return Err(Some(Report::new(arg.pos(), CODE, msg)));
                    }
                },
            }
        }
        for (par, ty) in largest {
            u.set(par, store.default_type(ty));
        }
        let inferred = self.simplify(tparams, &targs, u.inferred(tparams));
        let mut out = Vec::with_capacity(tparams.len());
        for (&p, t) in tparams.iter().zip(inferred) {
            match t {
                Some(t) if !self.is_parameterized(tparams, t) => out.push(t),
                _ => {
                    let TyKind::TypeParam(tp) = store.raw_kind(p) else {
                        return Err(None);
                    };
                    let o = store.obj(tp.obj);
                    let at = self.pos_string(o.pos);
                    let msg = format!("cannot infer {} (declared at {at})", o.name);
                    return Err(Some(Report::new(pos, CODE, msg)));
                }
            }
        }
        Ok(out)
    }

    fn subst_known(&self, tparams: &[Ty], targs: &[Option<Ty>], types: &[Ty]) -> Vec<Ty> {
        let (from, to): (Vec<Ty>, Vec<Ty>) = tparams
            .iter()
            .zip(targs)
            .filter_map(|(&p, t)| Some((p, (*t)?)))
            .unzip();
        if from.is_empty() {
            return types.to_vec();
        }
        let sub = Subst::new(self.store, &from, &to);
        types.iter().map(|&t| sub.ty(t)).collect()
    }

    fn mismatch(
        &self,
        u: &Unifier,
        tparams: &[Ty],
        par: Ty,
        arg: &Operand<'a>,
        reverse: bool,
    ) -> Report {
        let targs = u.inferred(tparams);
        let (targ, text, par_s) = (self.ts(arg.ty), arg.text(), self.ts(par));
        let msg = if targs.iter().all(|t| t.is_none()) {
            let list = self.tparams_string(tparams);
            format!("type {targ} of {text} does not match {par_s} (cannot infer {list})")
        } else {
            let inferred = self.subst_known(tparams, &targs, &[par])[0];
            let inf = self.ts(inferred);
            if inferred == par {
                format!("type {targ} of {text} does not match {par_s}")
            } else if reverse {
                format!("inferred type {inf} for {par_s} does not match type {targ} of {text}")
            } else {
                format!("type {targ} of {text} does not match inferred type {inf} for {par_s}")
            }
        };
        Report::new(arg.pos(), "CannotInferTypeArgs", msg)
    }

    fn tparams_string(&self, tparams: &[Ty]) -> String {
        let names: Vec<String> = tparams.iter().map(|&p| self.ts(p)).collect();
        match &names[..] {
            [] => String::new(),
            [a] => a.clone(),
            [a, b] => format!("{a} and {b}"),
            [init @ .., last] => format!("{}, and {last}", init.join(", ")),
        }
    }

    /// The single type of a constraint, or the underlying type that all its types share: type, whether any of
    /// them has a tilde, whether it is the only one.
    fn core_term(&self, tparam: Ty) -> Option<(Ty, bool, bool)> {
        let terms = self.store.type_set(tparam).terms.as_ref()?;
        if let [t] = &terms[..] {
            return Some((t.ty, t.tilde, true));
        }
        let core = self.common_under(tparam)?;
        Some((core, terms.iter().any(|t| t.tilde), false))
    }

    /// Replace type parameters within the inferred types until nothing changes. Cyclic ones are dropped.
    fn simplify(
        &self,
        tparams: &[Ty],
        targs: &[Option<Ty>],
        mut inferred: Vec<Option<Ty>>,
    ) -> Vec<Option<Ty>> {
        for i in 0..tparams.len() {
            if self.reaches_itself(tparams, &inferred, i) {
                inferred[i] = None;
            }
        }
        let mut dirty: Vec<usize> = (0..tparams.len())
            .filter(|&i| inferred[i].is_some() && targs[i].is_none())
            .collect();
        let mut rounds = 0;
        while !dirty.is_empty() && rounds < 2 * tparams.len() + 2 {
            rounds += 1;
            let known = inferred.clone();
            dirty.retain(|&i| {
                let Some(t0) = inferred[i] else { return false };
                let t1 = self.subst_known(tparams, &known, &[t0])[0];
                if t1 == t0 {
                    return false;
                }
                // A generic function's type that has become concrete is not generic any more.
                let plain = match self.store.raw_kind(t1) {
                    TyKind::Signature(s)
                        if !s.tparams.is_empty() && !self.is_parameterized(tparams, t1) =>
                    {
                        self.store
                            .signature(s.params.to_vec(), s.results.to_vec(), s.variadic)
                    }
                    _ => t1,
                };
                inferred[i] = Some(plain);
                true
            });
        }
        inferred
    }

    fn reaches_itself(&self, tparams: &[Ty], inferred: &[Option<Ty>], start: usize) -> bool {
        let mut todo: Vec<Ty> = inferred[start].into_iter().collect();
        let mut seen = vec![false; tparams.len()];
        while let Some(t) = todo.pop() {
            for (i, &p) in tparams.iter().enumerate() {
                if !seen[i] && self.is_parameterized(&[p], t) {
                    if i == start {
                        return true;
                    }
                    seen[i] = true;
                    todo.extend(inferred[i]);
                }
            }
        }
        false
    }

    /// Whether a type mentions any of the type parameters.
    pub(crate) fn is_parameterized(&self, tparams: &[Ty], ty: Ty) -> bool {
        let s = self.store;
        if !s.has_tparams(ty) {
            return false;
        }
        let is = |t: Ty| self.is_parameterized(tparams, t);
        match s.kind(ty) {
            TyKind::TypeParam(_) => tparams.contains(&s.unalias(ty)),
            TyKind::Pointer(t) | TyKind::Slice(t) => is(*t),
            TyKind::Array { elem, .. } | TyKind::Chan { elem, .. } => is(*elem),
            TyKind::Map { key, elem } => is(*key) || is(*elem),
            TyKind::Struct(st) => st.fields.iter().any(|f| is(f.ty)),
            TyKind::Tuple(l) => l.iter().any(|&t| is(t)),
            TyKind::Signature(f) => f.params.iter().chain(&f.results).any(|p| is(p.ty)),
            TyKind::Interface(i) => {
                i.methods.iter().any(|m| is(m.sig)) || i.embeds.iter().any(|&t| is(t))
            }
            TyKind::Union(l) => l.iter().any(|t| is(t.ty)),
            TyKind::Named(n) => n.targs.iter().any(|&t| is(t)),
            TyKind::Basic(_) | TyKind::Alias(_) => false,
        }
    }

    /// Note an instantiation for the check that instantiation ends.
    pub(crate) fn mono_instance(
        &mut self,
        pos: Pos,
        tparams: &[Ty],
        targs: &[Ty],
        xlist: &[ExprRef<'a>],
    ) {
        for (i, (&p, &t)) in tparams.iter().zip(targs).enumerate() {
            let pos = xlist.get(i).map_or(pos, |e| start_pos(e));
            self.mono_assign(pos, p, t);
        }
    }
}
