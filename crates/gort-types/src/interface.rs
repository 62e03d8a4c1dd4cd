//! Interface types and their elements, with the errors about their type sets.

use crate::check::Checker;
use crate::errors::Report;
use crate::exprstring::{expr_string, start_pos};
use crate::object::*;
use crate::types::*;
use crate::typeset::MAX_TERMS;
use gort_syntax::ast::*;
use gort_syntax::{Pos, Symbol};
use rustc_hash::FxHashMap;

impl<'a> Checker<'a> {
    pub(crate) fn interface_type(
        &mut self,
        _pos: Pos,
        elems: &'a [InterfaceElem<'a>],
        def: Option<ObjId>,
    ) -> Ty {
        let store = self.store;
        if elems.is_empty() {
            return Ty::EMPTY_INTERFACE;
        }
        let mut methods: Vec<IfaceMethod> = vec![];
        let mut dups: Vec<(Pos, Symbol, Pos)> = vec![];
        let mut embeds: Vec<(Ty, Pos)> = vec![];
        for elem in elems {
            match elem {
                InterfaceElem::Embedded(e) => {
                    let ty = self.parse_union(e);
                    embeds.push((ty, start_pos(e)));
                }
                InterfaceElem::Method { name, sig } => {
                    if name.name.is_blank() {
                        let msg = "methods must have a unique non-blank name";
                        self.error(name.pos, "BlankIfaceMethod", msg);
                        continue;
                    }
                    let sig = self.func_type(None, sig, None, false).sig;
                    let func = FuncData::default();
                    let recv = def.and_then(|d| store.obj(d).ty.get());
                    let _ = func.recv.set(recv.unwrap_or(Ty::EMPTY_INTERFACE));
                    let obj =
                        Object::blank(name.name, name.pos, Some(self.pkg), ObjData::Func(func));
                    obj.ty.set(sig);
                    let obj = store.new_obj(obj);
                    self.info.record_obj(name.id, obj, true);
                    let pkg = (!name.name.is_exported()).then_some(self.pkg);
                    if let Some(other) = methods.iter().find(|m| m.name == name.name) {
                        dups.push((name.pos, name.name, store.obj(other.obj).pos));
                        continue;
                    }
                    methods.push(IfaceMethod {
                        name: name.name,
                        pkg,
                        sig,
                        obj,
                    });
                }
            }
        }
        methods.sort_by(|a, b| store.cmp_ids((a.name, a.pkg), (b.name, b.pkg)));
        // Before type sets, elements other than interfaces are errors and count for nothing.
        let old = !self.allow_version(18);
        let counts = |t: Ty| {
            matches!(
                store.raw_kind(t),
                TyKind::Named(_) | TyKind::Alias(_) | TyKind::Interface(_) | TyKind::TypeParam(_)
            )
        };
        let types = embeds
            .iter()
            .map(|e| e.0)
            .filter(|&t| !old || counts(t))
            .collect();
        let ty = store.interface(methods, types, false);
        self.check_interface_later(ty, embeds, dups);
        ty
    }

    /// Report what is wrong with an interface once all types are known.
    pub(crate) fn check_interface_later(
        &mut self,
        ty: Ty,
        embeds: Vec<(Ty, Pos)>,
        dups: Vec<(Pos, Symbol, Pos)>,
    ) {
        if embeds.is_empty() && dups.is_empty() {
            return;
        }
        self.later(move |c| {
            for (pos, name, other) in dups {
                c.duplicate_method(pos, name, other);
            }
            c.check_embeds(ty, &embeds);
        });
    }

    fn duplicate_method(&mut self, pos: Pos, name: Symbol, other: Pos) {
        let r = Report::new(pos, "DuplicateDecl", format!("duplicate method {name}"))
            .note(other, format!("other declaration of method {name}"));
        self.report(r);
    }

    fn check_embeds(&mut self, ty: Ty, embeds: &[(Ty, Pos)]) {
        let store = self.store;
        let TyKind::Interface(iface) = store.raw_kind(ty) else {
            return;
        };
        let mut all: FxHashMap<(Symbol, Option<PkgId>), (IfaceMethod, Pos)> = FxHashMap::default();
        for m in &iface.methods {
            all.insert((m.name, m.pkg), (*m, store.obj(m.obj).pos));
        }
        for &(embed, pos) in embeds {
            match store.under_kind(embed) {
                TyKind::Interface(_) => {
                    if self.is_imported_constraint(embed) {
                        let ok = self.verify_version(pos, 18, |c| {
                            format!("embedding constraint interface {}", c.ts(embed))
                        });
                        if !ok {
                            continue;
                        }
                    }
                    for m in &store.type_set(embed).methods {
                        let Some(&(other, other_pos)) = all.get(&(m.name, m.pkg)) else {
                            all.insert((m.name, m.pkg), (*m, pos));
                            continue;
                        };
                        if !self.allow_version(14) || !store.identical(m.sig, other.sig) {
                            self.duplicate_method(pos, m.name, other_pos);
                        }
                    }
                }
                TyKind::Union(list) => {
                    if store.union_len(list) > MAX_TERMS {
                        let msg = format!(
                            "cannot handle more than {MAX_TERMS} union terms (implementation limitation)"
                        );
                        self.error(pos, "InvalidUnion", msg);
                    }
                    self.verify_version(pos, 18, |c| {
                        format!("embedding interface element {}", c.ts(embed))
                    });
                }
                TyKind::Basic(BasicKind::Invalid) => {}
                _ => {
                    self.verify_version(pos, 18, |c| {
                        format!("embedding non-interface type {}", c.ts(embed))
                    });
                }
            }
        }
    }

    /// An interface element: a type, `~T` or a union.
    pub(crate) fn parse_union(&mut self, e: ExprRef<'a>) -> Ty {
        let mut exprs = vec![];
        let mut ops = vec![];
        flatten_union(e, &mut ops, &mut exprs);
        let store = self.store;
        let mut terms: Vec<Term> = vec![];
        let mut too_many = false;
        for (i, &x) in exprs.iter().enumerate() {
            let term = self.parse_tilde(x);
            if exprs.len() == 1 && !term.tilde {
                return term.ty;
            }
            if terms.len() >= MAX_TERMS {
                if !too_many {
                    let msg = format!(
                        "cannot handle more than {MAX_TERMS} union terms (implementation limitation)"
                    );
                    self.error(start_pos(x), "InvalidUnion", msg);
                    too_many = true;
                }
            } else {
                terms.push(term);
            }
            if i > 0 {
                let u = store.intern(TyKind::Union(terms.clone().into()));
                self.record_type(ops[i - 1], u);
            }
        }
        if too_many {
            return Ty::INVALID;
        }
        let union = store.intern(TyKind::Union(terms.clone().into()));
        self.later(move |c| c.check_union(&terms, &exprs));
        union
    }

    fn check_union(&mut self, terms: &[Term], exprs: &[ExprRef<'a>]) {
        let store = self.store;
        for (i, t) in terms.iter().enumerate() {
            if !store.unalias(t.ty).is_valid() {
                continue;
            }
            let pos = start_pos(exprs[i]);
            let under = store.under(t.ty);
            let iface = matches!(store.raw_kind(under), TyKind::Interface(_));
            if t.tilde {
                if iface {
                    let msg = format!("invalid use of ~ ({} is an interface)", self.ts(t.ty));
                    self.error(pos, "InvalidUnion", msg);
                    continue;
                }
                if !store.identical(under, t.ty) {
                    let msg = format!(
                        "invalid use of ~ (underlying type of {} is {})",
                        self.ts(t.ty),
                        self.ts(under)
                    );
                    self.error(pos, "InvalidUnion", msg);
                    continue;
                }
            }
            if iface {
                let set = store.type_set(t.ty);
                let text = self.path_term(*t);
                if !set.methods.is_empty() {
                    let msg = format!("cannot use {text} in union ({text} contains methods)");
                    self.error(pos, "InvalidUnion", msg);
                } else if t.ty == Ty::COMPARABLE {
                    self.error(pos, "InvalidUnion", "cannot use comparable in union");
                } else if set.comparable {
                    let msg = format!("cannot use {text} in union ({text} embeds comparable)");
                    self.error(pos, "InvalidUnion", msg);
                }
                continue;
            }
            let overlap = terms[..i]
                .iter()
                .find(|o| !store.is_interface(o.ty) && !self.store.disjoint_terms(**o, *t));
            if let Some(o) = overlap {
                let msg = format!(
                    "overlapping terms {} and {}",
                    self.path_term(*t),
                    self.path_term(*o)
                );
                self.soft_error(pos, "InvalidUnion", msg);
            }
        }
    }

    fn parse_tilde(&mut self, e: ExprRef<'a>) -> Term {
        let (tilde, x) = match e.kind {
            ExprKind::Unary { op: Op::Tilde, x } => (true, x),
            _ => (false, e),
        };
        let mut ty = self.typ(x);
        if self.store.is_type_param(ty) {
            if tilde {
                let msg = format!("type in term {} cannot be a type parameter", expr_string(e));
                self.error(start_pos(x), "MisplacedTypeParam", msg);
            } else {
                let msg = "term cannot be a type parameter";
                self.error(start_pos(x), "MisplacedTypeParam", msg);
            }
            ty = Ty::INVALID;
        }
        let term = Term { tilde, ty };
        if tilde {
            let u = self.store.intern(TyKind::Union(Box::new([term])));
            self.record_type(e, u);
        }
        term
    }
}

fn flatten_union<'a>(e: ExprRef<'a>, ops: &mut Vec<ExprRef<'a>>, terms: &mut Vec<ExprRef<'a>>) {
    let mut chain = vec![];
    let mut x = e;
    while let ExprKind::Binary {
        op: Op::Or,
        x: l,
        y,
        ..
    } = x.kind
    {
        chain.push((x, y));
        x = l;
    }
    terms.push(x);
    for (op, y) in chain.into_iter().rev() {
        ops.push(op);
        terms.push(y);
    }
}
