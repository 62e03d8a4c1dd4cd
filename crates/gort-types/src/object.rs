//! Declared things: objects, packages and scopes of packages.
//!
//! Objects live in the `TypeStore` beside the types and are named by [`ObjId`].

use crate::constant::Value;
use crate::types::{Ty, TyCell};
use gort_syntax::{Pos, Symbol};
use rustc_hash::FxHashMap;
use std::num::NonZeroU32;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32};

/// A handle of an object. `Option<ObjId>` is as small.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ObjId(pub NonZeroU32);

/// A handle of a package.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct PkgId(pub u32);

impl PkgId {
    /// Package unsafe, which every store has.
    pub const UNSAFE: PkgId = PkgId(0);
}

/// A package. Name, scope and imports are there once it has been collected.
pub struct Package {
    /// Import path.
    pub path: Box<str>,
    pub(crate) name: OnceLock<Symbol>,
    pub(crate) scope: OnceLock<FxHashMap<Symbol, ObjId>>,
    pub(crate) imports: OnceLock<Box<[PkgId]>>,
    /// Numbers of the defined types that its functions declare, from 1, by the position of their names.
    pub(crate) local_types: OnceLock<FxHashMap<Pos, u32>>,
    /// Set for a stand-in of a package that could not be imported: every member is accepted silently.
    pub(crate) fake: AtomicBool,
}

impl Package {
    /// The name of its package clauses.
    pub fn name(&self) -> Symbol {
        self.name.get().copied().unwrap_or(Symbol::EMPTY)
    }
    /// A package-level object.
    pub fn lookup(&self, name: Symbol) -> Option<ObjId> {
        self.scope.get()?.get(&name).copied()
    }
    /// All package-level objects, in no order.
    pub fn scope(&self) -> impl Iterator<Item = (Symbol, ObjId)> + '_ {
        self.scope
            .get()
            .into_iter()
            .flatten()
            .map(|(&n, &o)| (n, o))
    }
    /// Directly imported packages, sorted by path.
    pub fn imports(&self) -> &[PkgId] {
        self.imports.get().map_or(&[], |i| i)
    }
}

/// A declared thing.
pub struct Object {
    /// Its name.
    pub name: Symbol,
    /// Where its name is declared.
    pub pos: Pos,
    /// Its package; `None` for predeclared objects.
    pub pkg: Option<PkgId>,
    /// What sort of object it is.
    pub data: ObjData,
    pub(crate) ty: TyCell,
    /// Where its scope begins.
    pub(crate) scope_pos: AtomicU32,
    /// Source order within a package, 0 if not at package level.
    pub(crate) order: AtomicU32,
    /// Whether it has been used.
    pub(crate) used: AtomicBool,
}

/// The sorts of objects.
pub enum ObjData {
    /// A package, as named in a file.
    PkgName {
        /// The imported package.
        imported: PkgId,
    },
    /// A constant.
    Const {
        /// Its value, once known.
        value: OnceLock<Value>,
    },
    /// A type: defined, alias or type parameter.
    TypeName {
        /// Whether it is an alias.
        alias: bool,
    },
    /// A variable, parameter, result or field.
    Var {
        /// Which of them.
        kind: VarKind,
        /// Of a field: whether it is embedded.
        embedded: bool,
    },
    /// A function, or a concrete or interface method.
    Func(FuncData),
    /// A label.
    Label,
    /// A predeclared function, or one of package unsafe.
    Builtin(Builtin),
    /// `nil`
    Nil,
}

/// Kinds of variables.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VarKind {
    /// At package level.
    Package,
    /// In a function.
    Local,
    /// A receiver.
    Recv,
    /// A parameter.
    Param,
    /// A result.
    Result,
    /// A struct field.
    Field,
}

/// What is particular to functions.
#[derive(Default)]
pub struct FuncData {
    /// The receiver's type of a method (`T`, `*T`, or the interface); `None` for functions.
    pub(crate) recv: OnceLock<Ty>,
    /// The generic declaration that a method of an instantiated type stems from.
    pub origin: Option<ObjId>,
    /// The receiver's name, for messages.
    pub(crate) recv_name: OnceLock<Symbol>,
    /// Whether the receiver is a pointer, known from the syntax before the type is.
    pub(crate) ptr_recv: AtomicBool,
}

impl FuncData {
    /// The receiver's type of a method (`T`, `*T`, or the interface); `None` for functions.
    pub fn recv(&self) -> Option<Ty> {
        self.recv.get().copied()
    }
}

impl Object {
    /// The type. [`Ty::INVALID`] before it is known or after an error.
    pub fn ty(&self) -> Ty {
        self.ty.get().unwrap_or(Ty::INVALID)
    }
    /// The value of a constant.
    pub fn const_value(&self) -> Option<&Value> {
        match &self.data {
            ObjData::Const { value } => value.get(),
            _ => None,
        }
    }
    /// The kind of a variable.
    pub fn var_kind(&self) -> Option<VarKind> {
        match self.data {
            ObjData::Var { kind, .. } => Some(kind),
            _ => None,
        }
    }
    /// The function data of a function or method.
    pub fn func(&self) -> Option<&FuncData> {
        match &self.data {
            ObjData::Func(f) => Some(f),
            _ => None,
        }
    }
    /// Whether this is a type.
    pub fn is_type_name(&self) -> bool {
        matches!(self.data, ObjData::TypeName { .. })
    }
}

macro_rules! builtins {
    ($($(#[$m:meta])* $variant:ident $name:literal $nargs:literal $variadic:literal $kind:ident;)*) => {
        /// Predeclared functions and those of package unsafe.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[allow(missing_docs)]
        pub enum Builtin { $($(#[$m])* $variant),* }

        impl Builtin {
            /// All of them.
            pub const ALL: &[Builtin] = &[$(Builtin::$variant),*];
            /// Its name without package.
            pub fn name(self) -> &'static str {
                match self { $(Builtin::$variant => $name),* }
            }
            /// Least number of arguments.
            pub(crate) fn nargs(self) -> usize {
                match self { $(Builtin::$variant => $nargs),* }
            }
            /// Whether more arguments are accepted.
            pub(crate) fn variadic(self) -> bool {
                match self { $(Builtin::$variant => $variadic),* }
            }
            pub(crate) fn stmt_kind(self) -> BuiltinUse {
                match self { $(Builtin::$variant => BuiltinUse::$kind),* }
            }
        }
    };
}

/// Whether a built-in may stand as a statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum BuiltinUse {
    Expression,
    Statement,
}

builtins! {
    Append "append" 1 true Expression;
    Cap "cap" 1 false Expression;
    Clear "clear" 1 false Statement;
    Close "close" 1 false Statement;
    Complex "complex" 2 false Expression;
    Copy "copy" 2 false Statement;
    Delete "delete" 2 false Statement;
    Imag "imag" 1 false Expression;
    Len "len" 1 false Expression;
    Make "make" 1 true Expression;
    Max "max" 1 true Expression;
    Min "min" 1 true Expression;
    New "new" 1 false Expression;
    Panic "panic" 1 false Statement;
    Print "print" 0 true Statement;
    Println "println" 0 true Statement;
    Real "real" 1 false Expression;
    Recover "recover" 0 false Statement;
    Add "Add" 2 false Expression;
    Alignof "Alignof" 1 false Expression;
    Offsetof "Offsetof" 1 false Expression;
    Sizeof "Sizeof" 1 false Expression;
    Slice "Slice" 2 false Expression;
    SliceData "SliceData" 1 false Expression;
    String "String" 2 false Expression;
    StringData "StringData" 1 false Expression;
    /// Only with `--test-builtins`.
    Assert "assert" 1 false Statement;
    /// Only with `--test-builtins`.
    Trace "trace" 0 true Expression;
}

impl Builtin {
    /// Its name as messages show it.
    pub(crate) fn full_name(self) -> String {
        if self.in_unsafe() {
            format!("unsafe.{}", self.name())
        } else {
            self.name().into()
        }
    }

    /// Whether it belongs to package unsafe.
    pub fn in_unsafe(self) -> bool {
        use Builtin::*;
        matches!(
            self,
            Add | Alignof | Offsetof | Sizeof | Slice | SliceData | String | StringData
        )
    }
}
