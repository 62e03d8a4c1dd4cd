//! What checking finds out about a package's trees, by [`ExprId`].
//!
//! The [tables](crate::tables) are one per file, or one per body where those are checked on demand.
//! Types of untyped expressions are final: what conversion made of them, or their default type.

use crate::constant::Value;
use crate::object::{ObjId, PkgId};
use crate::tables::{Table, Tables};
use crate::types::Ty;
use gort_syntax::Pos;
use gort_syntax::ast::{ExprId, ExprRef, File, FuncDecl};
use gort_syntax::table::Table as SourceTable;
use rustc_hash::{FxHashMap, FxHashSet};

/// How an expression may be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub enum Mode {
    /// Nothing is recorded.
    #[default]
    None,
    /// A call without results.
    NoValue,
    /// A built-in function; only as the callee of a call.
    Builtin,
    /// A type.
    Type,
    /// A constant.
    Const,
    /// An addressable variable.
    Variable,
    /// A map index expression: assignable, not addressable, and may be used with comma-ok.
    MapIndex,
    /// A computed value.
    Value,
    /// `nil`; its type is that of the context.
    Nil,
    /// A receive, type assertion that may be used with comma-ok. Where it is used so, the type is a 2-tuple.
    CommaOk,
}

/// Type, mode and constant value of an expression.
#[derive(Clone, Copy, Debug)]
pub struct TypeAndMode<'i> {
    /// Type; [`Ty::EMPTY_TUPLE`] for `NoValue`, the call's special signature for `Builtin`.
    pub ty: Ty,
    /// Mode.
    pub mode: Mode,
    /// The value of a constant.
    pub value: Option<&'i Value>,
}

/// What a selector expression means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SelectionKind {
    /// `x.f`, a field.
    FieldVal,
    /// `x.m`, a method of a value (called or not).
    MethodVal,
    /// `T.m`
    MethodExpr,
    /// `pkg.Name`
    Qualified,
}

/// The meaning of a selector expression, by the id of the selector expression.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Sort.
    pub kind: SelectionKind,
    /// Type of `x` in `x.f` (or `T`); `Ty::INVALID` for qualified names.
    pub recv: Ty,
    /// The field, method or member.
    pub obj: ObjId,
    /// Path from `recv`: field indices, the last one being the field or (of a concrete type) the method in
    /// declaration order, or (of an interface) the method in type-set order. Embedded pointers on the way are
    /// dereferenced implicitly.
    pub index: Box<[u32]>,
    /// Whether there was a pointer indirection on the path (of `recv` itself included).
    pub indirect: bool,
    /// The type of the expression `x.f` (before instantiation of a generic method).
    pub ty: Ty,
}

/// An instantiation at an identifier (of a generic function or type).
#[derive(Clone, Debug)]
pub struct Instance {
    /// Type arguments, all of them.
    pub targs: Box<[Ty]>,
    /// The instantiated type.
    pub ty: Ty,
}

/// One step of package initialisation: `lhs… = rhs`. Blank variables are objects too.
#[derive(Clone, Debug)]
pub struct Initializer<'a> {
    /// Variables.
    pub lhs: Vec<ObjId>,
    /// Value; with several variables a call or comma-ok form.
    pub rhs: ExprRef<'a>,
}

/// A declared function or method with its tree.
#[derive(Clone, Copy, Debug)]
pub struct FuncInfo<'a> {
    /// The object.
    pub obj: ObjId,
    /// The declaration.
    pub decl: &'a FuncDecl<'a>,
    /// Index of the file in the package.
    pub file: u32,
}

/// Everything known about one package's trees. What belongs to bodies that are checked on demand is filled in while
/// others read.
#[derive(Default)]
pub struct Info<'a> {
    tables: Tables,
    /// Package-level variables in initialisation order.
    pub init_order: Vec<Initializer<'a>>,
    /// All functions and methods with their trees, `init` and blank functions included, in source order.
    pub funcs: Vec<FuncInfo<'a>>,
    /// The tree of a function object.
    pub func_decls: FxHashMap<ObjId, FuncInfo<'a>>,
    /// Language version in force per file, as (major, minor): decides e.g. loop variable semantics.
    pub file_versions: Vec<(u32, u32)>,
    /// The package name objects of imports without a name of their own, by import position.
    pub import_objs: FxHashMap<Pos, ObjId>,
    /// Directly imported packages.
    pub imports: Vec<PkgId>,
    /// Values of variables that are put off.
    put_off: FxHashSet<ExprId>,
}

/// The objects of a function's signature.
#[derive(Clone, Debug, Default)]
pub struct FuncObjs {
    /// The receiver.
    pub recv: Option<ObjId>,
    /// Parameters.
    pub params: Box<[ObjId]>,
    /// Results.
    pub results: Box<[ObjId]>,
}

impl<'a> Info<'a> {
    /// Tables for the expressions of `files`; if `lazy`, the bodies of functions get theirs when they are checked.
    pub(crate) fn new(files: &[File<'a>], lazy: bool) -> Info<'a> {
        Info {
            tables: Tables::new(files, lazy),
            ..Info::default()
        }
    }

    /// Type, mode and value of an expression; `None` if nothing is recorded
    /// (erroneous or unchecked expressions, and identifiers that are not operands).
    pub fn expr(&self, id: ExprId) -> Option<TypeAndMode<'_>> {
        self.tables.expr(id)
    }

    /// The type of an expression, [`Ty::INVALID`] if nothing is recorded.
    pub fn ty(&self, id: ExprId) -> Ty {
        self.expr(id).map_or(Ty::INVALID, |e| e.ty)
    }

    /// The value of a constant expression.
    pub fn value(&self, id: ExprId) -> Option<&Value> {
        self.expr(id)?.value
    }

    /// The object that an identifier defines.
    pub fn def(&self, id: ExprId) -> Option<ObjId> {
        self.obj(id).filter(|o| o.1).map(|o| o.0)
    }

    /// The object that an identifier refers to.
    pub fn use_of(&self, id: ExprId) -> Option<ObjId> {
        self.obj(id).filter(|o| !o.1).map(|o| o.0)
    }

    /// The object that an identifier defines or refers to, and whether it defines it.
    pub fn obj(&self, id: ExprId) -> Option<(ObjId, bool)> {
        self.tables.obj(id)
    }

    /// Whether some identifier of the package refers to an object.
    pub fn refers_to(&self, obj: ObjId) -> bool {
        self.tables.refers_to(obj)
    }

    /// What a selector expression means, or a key of a struct literal that names a promoted field.
    pub fn selection(&self, id: ExprId) -> Option<&Selection> {
        self.tables.at_id(id)?.selections.get(&id)
    }

    /// The instantiation at an identifier that names a generic.
    pub fn instance(&self, id: ExprId) -> Option<&Instance> {
        self.tables.at_id(id)?.instances.get(&id)
    }

    /// The variable of a type switch clause, by the clause's position.
    pub fn case_var(&self, clause: Pos) -> Option<ObjId> {
        self.tables.at_pos(clause)?.case_vars.get(&clause).copied()
    }

    /// Receiver, parameter and result objects of a function or literal in order, unnamed ones included, by
    /// position of the [`FuncType`](gort_syntax::ast::FuncType).
    pub fn params(&self, sig: Pos) -> Option<&FuncObjs> {
        self.tables.at_pos(sig)?.params.get(&sig)
    }

    /// Whether the value of a variable is a table of numbers and texts that is checked on demand.
    pub fn is_put_off(&self, value: ExprId) -> bool {
        self.put_off.contains(&value)
    }

    pub(crate) fn put_off(&mut self, value: ExprId) {
        self.put_off.insert(value);
    }

    /// Take what was found out about a table.
    pub(crate) fn set_table(&self, of: &SourceTable, table: Table) {
        self.tables.set_table(of, table);
    }

    /// Whether the body of a function has been checked.
    pub fn has_body(&self, decl: &FuncDecl<'_>) -> bool {
        self.tables.has_body(decl)
    }

    pub(crate) fn tables(&mut self) -> &mut Tables {
        &mut self.tables
    }

    /// Take what was found out about a body.
    pub(crate) fn set_body(&self, decl: &FuncDecl<'_>, table: Table) {
        self.tables.set_body(decl, table);
    }

    pub(crate) fn record(&mut self, id: ExprId, mode: Mode, ty: Ty, value: Option<Value>) {
        if let Some((table, i)) = self.tables.slot_mut(id) {
            table.record(i, mode, ty, value);
        }
    }

    pub(crate) fn record_type(&mut self, id: ExprId, ty: Ty) {
        if let Some((table, i)) = self.tables.slot_mut(id) {
            table.record_type(i, ty);
        }
    }

    pub(crate) fn record_obj(&mut self, id: ExprId, obj: ObjId, def: bool) {
        if let Some((table, i)) = self.tables.slot_mut(id) {
            table.record_obj(i, obj, def);
        }
    }

    pub(crate) fn record_selection(&mut self, id: ExprId, selection: Selection) {
        if let Some((table, _)) = self.tables.slot_mut(id) {
            table.selections.insert(id, selection);
        }
    }

    pub(crate) fn record_instance(&mut self, id: ExprId, instance: Instance) {
        if let Some((table, _)) = self.tables.slot_mut(id) {
            table.instances.insert(id, instance);
        }
    }

    pub(crate) fn record_case_var(&mut self, clause: Pos, obj: ObjId) {
        if let Some(table) = self.tables.at_pos_mut(clause) {
            table.case_vars.insert(clause, obj);
        }
    }

    pub(crate) fn record_params(&mut self, sig: Pos, objs: FuncObjs) {
        if let Some(table) = self.tables.at_pos_mut(sig) {
            table.params.insert(sig, objs);
        }
    }
}
