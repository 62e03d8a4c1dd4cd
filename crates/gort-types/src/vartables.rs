//! Large [tables](gort_syntax::table) that package variables are initialised with, where bodies are checked on demand: so are they.
//!
//! A table refers to no variable and no function, so the initialisation order does not depend on it, and where its type has room for nothing but
//! numbers and texts, the variable's initial value is known at build time. What is left to find out is the types of its
//! elements, and only who makes the variable's data asks for these. Package unicode is little else.

use crate::check::Checker;
use crate::object::ObjId;
use crate::tables::{Table, large};
use crate::types::*;
use gort_syntax::ast::*;
use gort_syntax::table::{Keys, Table as SourceTable};

/// The largest value, in bytes, of which is said beforehand that it is known at build time.
const MAX_SIZE: i64 = 1 << 20;
/// Types within types are looked at up to this depth.
const MAX_DEPTH: u32 = 8;

/// A table that has not been checked yet.
pub(crate) struct PendingTable<'a> {
    decl: usize,
    init: ExprRef<'a>,
    table: SourceTable,
}

impl<'a> Checker<'a> {
    /// Checks a table later if its type has room for nothing but numbers and texts; then the variable has its type.
    fn put_off(&mut self, obj: ObjId, init: ExprRef<'a>, table: SourceTable) -> bool {
        // Asked for by a type that is not complete yet, of which its own may be a part.
        if self.path.len() > 1 {
            return false;
        }
        let store = self.store;
        let (inner, pointer) = match init.kind {
            ExprKind::Unary { x, .. } => (x, true),
            _ => (init, false),
        };
        let ExprKind::Composite {
            typ: Some(typ),
            elems,
            ..
        } = inner.kind
        else {
            return false;
        };
        let ty = match typ.kind {
            ExprKind::ArrayType { len: None, elem } => {
                let elem = self.var_type(elem);
                store.array(elem, elems.len() as i64)
            }
            _ => self.typ(typ),
        };
        let keys = match (table.keys, store.kind(store.under(ty))) {
            (Keys::None, _) | (Keys::Names, TyKind::Struct(_)) => true,
            // Of slices they say how long they are.
            (Keys::Numbers, TyKind::Array { .. }) => {
                !matches!(typ.kind, ExprKind::ArrayType { len: None, .. })
            }
            _ => false,
        };
        let size = self.most(ty, table.count.max(elems.len()) as i64, 0);
        if !keys || size.is_none_or(|size| size > MAX_SIZE) {
            return false;
        }
        let o = store.obj(obj);
        let own = if pointer { store.pointer(ty) } else { ty };
        match o.ty.get() {
            None => {
                o.ty.set(own);
            }
            // A conversion to an interface, say.
            Some(declared) if store.canon(declared) != store.canon(own) => return false,
            Some(_) => {}
        }
        let Some(decl) = self.env.decl else {
            return false;
        };
        self.pending_tables
            .insert(obj, PendingTable { decl, init, table });
        self.info.put_off(init.id);
        true
    }

    /// How large a value of the type is at most, with what it leads to, in a literal of so many parts. Nothing if it may hold
    /// something else than numbers and texts.
    fn most(&self, ty: Ty, parts: i64, depth: u32) -> Option<i64> {
        let store = self.store;
        if depth > MAX_DEPTH {
            return None;
        }
        let part = |ty| self.most(ty, parts, depth + 1);
        match store.kind(store.under(ty)) {
            TyKind::Basic(BasicKind::UnsafePointer) => None,
            TyKind::Basic(_) => Some(store.size_of(ty)),
            TyKind::Array { elem, len } => part(*elem)?.checked_mul((*len).max(1)),
            TyKind::Slice(elem) => part(*elem)?.checked_mul(parts),
            TyKind::Pointer(elem) => part(*elem)?.checked_add(8),
            TyKind::Struct(s) => s.fields.iter().try_fold(0i64, |sum, f| {
                (!f.embedded).then_some(())?;
                sum.checked_add(part(f.ty)?)
            }),
            _ => None,
        }
    }

    /// Check a table if that has not happened yet; what was found out.
    pub(crate) fn check_pending_table(&mut self, obj: ObjId) -> Option<(SourceTable, Table)> {
        let p = self.pending_tables.remove(&obj)?;
        let file = self.decls[p.decl].file;
        self.env = crate::check::Env::new(file, self.info.file_versions[file as usize]);
        self.env.decl = Some(p.decl);
        Some((p.table, self.check_table(obj, p.init, &p.table, true)?))
    }

    /// What is found out about a table; what is put off meanwhile waits for the end of the package's declarations, unless this comes
    /// behind it (`on_demand`).
    fn check_table(
        &mut self,
        obj: ObjId,
        init: ExprRef<'a>,
        of: &SourceTable,
        on_demand: bool,
    ) -> Option<Table> {
        self.record_untyped();
        self.info.tables().begin_table(of);
        self.value_of_var(obj, init);
        if on_demand {
            self.process_delayed(0);
        }
        self.record_untyped();
        self.info.tables().end()
    }

    /// The value of a package variable, which is put off if that is possible.
    pub(crate) fn package_var(&mut self, obj: ObjId, init: ExprRef<'a>) {
        let Some(table) = large(init) else {
            return self.value_of_var(obj, init);
        };
        if self.put_off(obj, init, table) {
            return;
        }
        // It has a place of its own, which is filled at once.
        if let Some(found) = self.check_table(obj, init, &table, false) {
            self.info.set_table(&table, found);
        }
    }
}
