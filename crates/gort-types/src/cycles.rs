//! Cycles among declarations, and types that would contain themselves.

use crate::check::Checker;
use crate::errors::Report;
use crate::object::{ObjData, ObjId, Object};
use crate::resolver::DeclKind;
use crate::types::*;
use gort_syntax::Pos;
use gort_syntax::ast::ExprKind;
use rustc_hash::FxHashMap;

impl<'a> Checker<'a> {
    /// Find cycles of type declarations that are nothing but names: `type A B; type B A`.
    pub(crate) fn direct_cycles(&mut self) {
        let mut state: FxHashMap<ObjId, Option<usize>> = FxHashMap::default();
        for start in self.obj_list.clone() {
            if !self.store.obj(start).is_type_name() {
                continue;
            }
            let mut path: Vec<ObjId> = vec![];
            let mut tname = start;
            loop {
                match state.get(&tname) {
                    Some(None) => break,
                    Some(&Some(i)) => {
                        self.store.obj(tname).ty.set(Ty::INVALID);
                        let cycle = path[i..].to_vec();
                        let first = self.first_in_source(&cycle);
                        self.cycle_error(&cycle, first);
                        break;
                    }
                    None => {}
                }
                state.insert(tname, Some(path.len()));
                path.push(tname);
                let Some(&decl) = self.decl_of.get(&tname) else {
                    break;
                };
                let DeclKind::Type(d) = &self.decls[decl].kind else {
                    break;
                };
                let ExprKind::Name(rhs) = d.typ.kind else {
                    break;
                };
                match self.pkg_scope.get(&rhs) {
                    Some(&next) if self.store.obj(next).is_type_name() => tname = next,
                    _ => break,
                }
            }
            for t in path {
                state.insert(t, None);
            }
        }
    }

    /// Whether the cycle through `obj`, which is being resolved, is allowed; reports it if not.
    pub(crate) fn valid_cycle(&mut self, obj: ObjId) -> bool {
        let Some(&start) = self.path_index.get(&obj) else {
            return true;
        };
        let cycle = self.path[start..].to_vec();
        let (mut values, mut types) = (0, 0);
        for &obj in &cycle {
            let o = self.store.obj(obj);
            match o.data {
                ObjData::Const { .. } | ObjData::Var { .. } => values += 1,
                ObjData::TypeName { alias } => {
                    if self.env.in_tparam_list && self.store.is_generic(o.ty()) {
                        return true;
                    }
                    if !alias {
                        types += 1;
                    }
                }
                _ => {}
            }
        }
        // Cycles of values are found by the initialisation order.
        if values == cycle.len() || values == 0 && types > 0 {
            return true;
        }
        let first = self.first_in_source(&cycle);
        self.cycle_error(&cycle, first);
        false
    }

    pub(crate) fn cycle_error(&mut self, cycle: &[ObjId], start: usize) {
        let obj = cycle[start];
        let o = self.store.obj(obj);
        if o.is_type_name()
            && let TyKind::Alias(a) = self.store.raw_kind(o.ty())
        {
            a.rhs.set(Ty::INVALID);
        }
        let name = |o: &Object| match o.pkg {
            Some(p) if p != self.pkg => format!("{}.{}", self.store.package(p).name(), o.name),
            _ => o.name.to_string(),
        };
        let items: Vec<(String, Pos)> = cycle
            .iter()
            .map(|&o| {
                let o = self.store.obj(o);
                (name(o), o.pos)
            })
            .collect();
        self.report_cycle(&items, start, o.is_type_name());
    }

    /// Report a cycle of types, instances under their full names where they are made.
    pub(crate) fn type_cycle_error(&mut self, cycle: &[Ty]) {
        let store = self.store;
        let items: Vec<(String, Pos)> = cycle
            .iter()
            .filter_map(|&t| {
                let n = store.named(t)?;
                let o = store.obj(n.obj);
                let name = if n.origin.is_some() {
                    self.ts(t)
                } else {
                    o.name.to_string()
                };
                Some((name, self.instance_pos.get(&t).copied().unwrap_or(o.pos)))
            })
            .collect();
        if !items.is_empty() {
            self.report_cycle(&items, 0, true);
        }
    }

    fn report_cycle(&mut self, items: &[(String, Pos)], start: usize, is_type: bool) {
        const CODE: &str = "InvalidDeclCycle";
        let (what, pos) = &items[start];
        if items.len() == 1 {
            let kind = if is_type {
                "recursive type"
            } else {
                "cycle in declaration"
            };
            self.error(
                *pos,
                CODE,
                format!("invalid {kind}: {what} refers to itself"),
            );
            return;
        }
        let msg = if is_type {
            format!("invalid recursive type {what}")
        } else {
            format!("invalid cycle in declaration of {what}")
        };
        let mut r = Report::new(*pos, CODE, msg);
        let mut cur = start;
        for i in 0..items.len() {
            let next = (start + i + 1) % items.len();
            let text = format!("{} refers to {}", items[cur].0, items[next].0);
            r = r.note(items[cur].1, text);
            cur = next;
        }
        self.report(r);
    }

    pub(crate) fn first_in_source(&self, path: &[ObjId]) -> usize {
        let pos = |i: &usize| self.store.obj(path[*i]).pos;
        (0..path.len()).min_by_key(pos).unwrap_or(0)
    }

    /// Whether the size and parts of a type are known; reports a cycle if it is still being declared.
    pub(crate) fn is_complete(&mut self, ty: Ty) -> bool {
        let mut ty = ty;
        for _ in 0..1000 {
            let (obj, rhs) = match self.store.raw_kind(ty) {
                TyKind::Alias(a) => (a.obj, a.rhs.get()),
                // What an instance is made of shows when it is expanded.
                TyKind::Named(n) if n.origin.is_none() => (n.obj, n.rhs.get()),
                _ => return true,
            };
            if let Some(&i) = self.path_index.get(&obj) {
                let cycle = self.path[i..].to_vec();
                let first = self.first_in_source(&cycle);
                self.cycle_error(&cycle, first);
                return false;
            }
            match rhs {
                Some(rhs) => ty = rhs,
                None => return true,
            }
        }
        true
    }

    /// Report a type that contains itself.
    pub(crate) fn valid_type(&mut self, ty: Ty) {
        self.valid_type_in(ty, &mut vec![], &mut vec![]);
    }

    fn valid_type_in(&mut self, ty: Ty, nest: &mut Vec<Ty>, path: &mut Vec<Ty>) -> bool {
        let store = self.store;
        let ty = store.unalias(ty);
        match store.raw_kind(ty) {
            TyKind::Array { elem, .. } => self.valid_type_in(*elem, nest, path),
            TyKind::Struct(s) => s
                .fields
                .iter()
                .all(|f| self.valid_type_in(f.ty, nest, path)),
            TyKind::Union(l) => l.iter().all(|t| self.valid_type_in(t.ty, nest, path)),
            TyKind::Interface(i) => i.embeds.iter().all(|&t| self.valid_type_in(t, nest, path)),
            TyKind::Named(n) => {
                if self.valid_types.contains(&ty) {
                    return true;
                }
                if n.origin.is_none() && store.obj(n.obj).pkg != Some(self.pkg) {
                    return true;
                }
                if nest.iter().any(|&e| store.identical(e, ty)) {
                    let origin = n.origin.unwrap_or(ty);
                    if let TyKind::Named(o) = store.raw_kind(origin) {
                        o.rhs.set(Ty::INVALID);
                        o.under.set(Ty::INVALID);
                    }
                    let start = path
                        .iter()
                        .position(|&p| store.identical(p, ty))
                        .unwrap_or(0);
                    let cycle = path[start..].to_vec();
                    self.type_cycle_error(&cycle);
                    return false;
                }
                if nest.len() > crate::expr::MAX_DEPTH as usize {
                    self.too_deep(store.obj(n.obj).pos);
                    return false;
                }
                let origin = n.origin.unwrap_or(ty);
                let rhs = match store.raw_kind(origin) {
                    TyKind::Named(o) => o.rhs.get(),
                    _ => None,
                };
                let Some(rhs) = rhs else { return true };
                nest.push(ty);
                path.push(ty);
                let ok = self.valid_type_in(rhs, nest, path);
                nest.pop();
                path.pop();
                if ok && n.origin.is_none() && store.type_params(ty).is_empty() {
                    self.valid_types.insert(ty);
                }
                ok
            }
            TyKind::TypeParam(_) => {
                // A type parameter stands for the argument of the instance around.
                let Some(&inst) = nest.last() else {
                    return true;
                };
                let Some(n) = store.named(inst) else {
                    return true;
                };
                let Some(origin) = n.origin else { return true };
                let index = store.type_params(origin).iter().position(|&p| p == ty);
                let Some(&targ) = index.and_then(|i| n.targs.get(i)) else {
                    return true;
                };
                nest.pop();
                let ok = self.valid_type_in(targ, nest, path);
                nest.push(inst);
                ok
            }
            _ => true,
        }
    }
}
