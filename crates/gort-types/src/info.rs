//! What checking finds out about a package's trees, by [`ExprId`].
//!
//! Types and objects are kept in dense tables, one per file, since nearly every expression has an entry.
//! Types of untyped expressions are final: what conversion made of them, or their default type.

use crate::constant::Value;
use crate::object::{ObjId, PkgId};
use crate::types::Ty;
use gort_syntax::Pos;
use gort_syntax::ast::{ExprId, ExprRef, File, FuncDecl};
use rustc_hash::FxHashMap;

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

#[derive(Clone, Copy)]
struct Rec {
    ty: Ty,
    /// Index into `values` plus one.
    value: u32,
}

struct FileTable {
    first: u32,
    recs: Vec<Rec>,
    modes: Vec<Mode>,
    /// Object plus [`DEF`] bit for definitions.
    objs: Vec<u32>,
}

const DEF: u32 = 1 << 31;

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

/// Everything known about one package's trees.
#[derive(Default)]
pub struct Info<'a> {
    files: Vec<FileTable>,
    values: Vec<Value>,
    /// Selector expressions, by the selector expression's id.
    pub selections: FxHashMap<ExprId, Selection>,
    /// Instantiations, by the id of the identifier that names the generic.
    pub instances: FxHashMap<ExprId, Instance>,
    /// The variable of a type switch clause, by the clause's position.
    pub case_vars: FxHashMap<Pos, ObjId>,
    /// Receiver, parameter and result objects of functions and literals in order, unnamed ones included, by
    /// position of the [`FuncType`](gort_syntax::ast::FuncType).
    pub params: FxHashMap<Pos, FuncObjs>,
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
    /// Tables for the expressions of `files`.
    pub fn new(files: &[File<'a>]) -> Info<'a> {
        let mut info = Info::default();
        for f in files {
            let n = f.id_count as usize;
            info.files.push(FileTable {
                first: f.first_id,
                recs: vec![
                    Rec {
                        ty: Ty::INVALID,
                        value: 0
                    };
                    n
                ],
                modes: vec![Mode::None; n],
                objs: vec![0; n],
            });
        }
        info.files.sort_by_key(|f| f.first);
        info
    }

    fn slot(&self, id: ExprId) -> Option<(usize, usize)> {
        let f = self
            .files
            .partition_point(|f| f.first <= id.0)
            .checked_sub(1)?;
        let i = (id.0 - self.files[f].first) as usize;
        (i < self.files[f].modes.len()).then_some((f, i))
    }

    /// Type, mode and value of an expression; `None` if nothing is recorded
    /// (erroneous or unchecked expressions, and identifiers that are not operands).
    pub fn expr(&self, id: ExprId) -> Option<TypeAndMode<'_>> {
        let (f, i) = self.slot(id)?;
        let file = &self.files[f];
        let (rec, mode) = (file.recs[i], file.modes[i]);
        if mode == Mode::None {
            return None;
        }
        let value = rec.value.checked_sub(1).map(|v| &self.values[v as usize]);
        Some(TypeAndMode {
            ty: rec.ty,
            mode,
            value,
        })
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
        let (f, i) = self.slot(id)?;
        let n = self.files[f].objs[i];
        Some((ObjId(std::num::NonZeroU32::new(n & !DEF)?), n & DEF != 0))
    }

    pub(crate) fn record(&mut self, id: ExprId, mode: Mode, ty: Ty, value: Option<Value>) {
        let Some((f, i)) = self.slot(id) else { return };
        let value = match value {
            Some(v) => {
                self.values.push(v);
                self.values.len() as u32
            }
            None => 0,
        };
        self.files[f].recs[i] = Rec { ty, value };
        self.files[f].modes[i] = mode;
    }

    pub(crate) fn record_type(&mut self, id: ExprId, ty: Ty) {
        if let Some((f, i)) = self.slot(id) {
            self.files[f].recs[i].ty = ty;
        }
    }

    pub(crate) fn record_obj(&mut self, id: ExprId, obj: ObjId, def: bool) {
        if let Some((f, i)) = self.slot(id) {
            self.files[f].objs[i] = obj.0.get() | if def { DEF } else { 0 };
        }
    }
}
