//! Scopes inside functions. File and package scopes are maps of their own in the checker.

use crate::check::Checker;
use crate::errors::Report;
use crate::object::{ObjData, ObjId, VarKind};
use gort_syntax::ast::ExprId;
use gort_syntax::{Pos, Symbol};
use rustc_hash::FxHashMap;
use std::sync::atomic::Ordering;

/// A scope of a function: block, clause or signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ScopeId(u32);

#[derive(Default)]
struct Scope {
    parent: Option<ScopeId>,
    names: Vec<(Symbol, ObjId)>,
    /// For scopes with many names.
    map: FxHashMap<Symbol, ObjId>,
}

/// All function scopes of a package.
#[derive(Default)]
pub(crate) struct Scopes {
    list: Vec<Scope>,
}

const SMALL: usize = 12;

impl Scopes {
    pub(crate) fn open(&mut self, parent: Option<ScopeId>) -> ScopeId {
        self.list.push(Scope {
            parent,
            ..Scope::default()
        });
        ScopeId(self.list.len() as u32 - 1)
    }

    pub(crate) fn parent(&self, scope: ScopeId) -> Option<ScopeId> {
        self.list[scope.0 as usize].parent
    }

    /// Look up in this scope alone.
    pub(crate) fn get(&self, scope: ScopeId, name: Symbol) -> Option<ObjId> {
        let s = &self.list[scope.0 as usize];
        if s.map.is_empty() {
            s.names.iter().find(|n| n.0 == name).map(|n| n.1)
        } else {
            s.map.get(&name).copied()
        }
    }

    /// Add a name; returns the object that has it already.
    fn insert(&mut self, scope: ScopeId, name: Symbol, obj: ObjId) -> Option<ObjId> {
        if let Some(alt) = self.get(scope, name) {
            return Some(alt);
        }
        let s = &mut self.list[scope.0 as usize];
        s.names.push((name, obj));
        if s.names.len() > SMALL {
            if s.map.is_empty() {
                s.map.extend(s.names.iter().copied());
            } else {
                s.map.insert(name, obj);
            }
        }
        None
    }
}

impl<'a> Checker<'a> {
    pub(crate) fn open_scope(&mut self) {
        self.env.scope = Some(self.scopes.open(self.env.scope));
    }

    pub(crate) fn close_scope(&mut self) {
        self.env.scope = self.env.scope.and_then(|s| self.scopes.parent(s));
    }

    /// Find a name from the innermost scope outwards. For a name from a dot import, also its package name.
    pub(crate) fn lookup_full(&self, name: Symbol) -> Option<(ObjId, Option<ObjId>)> {
        let mut scope = self.env.scope;
        while let Some(s) = scope {
            if let Some(obj) = self.scopes.get(s, name) {
                return Some((obj, None));
            }
            scope = self.scopes.parent(s);
        }
        if let Some(found) = self
            .file_scopes
            .get(self.env.file as usize)
            .and_then(|f| f.get(&name))
        {
            return Some(*found);
        }
        if let Some(&obj) = self.pkg_scope.get(&name) {
            return Some((obj, None));
        }
        let obj = self.store.universe(name)?;
        if let ObjData::Builtin(b) = &self.store.obj(obj).data
            && matches!(
                b,
                crate::object::Builtin::Assert | crate::object::Builtin::Trace
            )
            && !self.config.test_builtins
        {
            return None;
        }
        Some((obj, None))
    }

    pub(crate) fn lookup_name(&self, name: Symbol) -> Option<ObjId> {
        self.lookup_full(name).map(|f| f.0)
    }

    /// Declare an object in the innermost function scope.
    pub(crate) fn declare(&mut self, id: Option<ExprId>, obj: ObjId, scope_pos: Pos) {
        let o = self.store.obj(obj);
        if !o.name.is_blank() {
            let Some(scope) = self.env.scope else { return };
            if let Some(alt) = self.scopes.insert(scope, o.name, obj) {
                let r = Report::new(
                    o.pos,
                    "DuplicateDecl",
                    format!("{} redeclared in this block", o.name),
                );
                let r = self.alt_decl(r, alt);
                self.report(r);
                return;
            }
            o.scope_pos.store(scope_pos.0, Ordering::Relaxed);
            if o.var_kind() == Some(VarKind::Local) {
                self.env.locals.push(obj);
            }
        }
        if let Some(id) = id {
            self.info.record_obj(id, obj, true);
        }
    }
}
