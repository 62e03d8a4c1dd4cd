//! What a type is: the handle [`Ty`] and the data behind it.
//!
//! Types live in a [`TypeStore`](crate::store::TypeStore) and are named by [`Ty`], a small number.
//! Equal spellings of a composite type share one handle. Two handles may still mean *identical* types in
//! Go's sense, where they differ in something that only messages show: a parameter name, an alias,
//! the order of interface methods. [`TypeStore::canon`](crate::store::TypeStore::canon) maps every type
//! to the one handle of its identity class, so
//!
//! ```text
//! identical(a, b)  ⇔  canon(a) == canon(b)
//! ```
//!
//! Later phases should work on canonical handles only.
//!
//! *Invariant*: data behind a handle never moves and never changes, except for cells that are written once
//! while a declaration is being resolved ([`TyCell`], `OnceLock`). Reading takes no lock.

use crate::object::{ObjId, PkgId};
use gort_syntax::Symbol;
pub use gort_syntax::ast::ChanDir;
use std::hash::{Hash, Hasher};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A handle of a type in a `TypeStore`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Ty(pub u32);

macro_rules! basics {
    ($($konst:ident = $n:literal, $kind:ident, $name:literal;)*) => {
        /// The kinds of basic types.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        #[allow(missing_docs)]
        pub enum BasicKind { $($kind),* }

        #[allow(missing_docs)]
        impl Ty { $(pub const $konst: Ty = Ty($n);)* }

        /// All basic types in the order of their handles.
        pub(crate) const BASICS: &[(Ty, BasicKind, &str)] = &[$((Ty($n), BasicKind::$kind, $name)),*];
    };
}

basics! {
    INVALID = 0, Invalid, "invalid type";
    BOOL = 1, Bool, "bool";
    INT = 2, Int, "int";
    INT8 = 3, Int8, "int8";
    INT16 = 4, Int16, "int16";
    INT32 = 5, Int32, "int32";
    INT64 = 6, Int64, "int64";
    UINT = 7, Uint, "uint";
    UINT8 = 8, Uint8, "uint8";
    UINT16 = 9, Uint16, "uint16";
    UINT32 = 10, Uint32, "uint32";
    UINT64 = 11, Uint64, "uint64";
    UINTPTR = 12, Uintptr, "uintptr";
    FLOAT32 = 13, Float32, "float32";
    FLOAT64 = 14, Float64, "float64";
    COMPLEX64 = 15, Complex64, "complex64";
    COMPLEX128 = 16, Complex128, "complex128";
    STRING = 17, String, "string";
    UNSAFE_POINTER = 18, UnsafePointer, "unsafe.Pointer";
    UNTYPED_BOOL = 19, UntypedBool, "untyped bool";
    UNTYPED_INT = 20, UntypedInt, "untyped int";
    UNTYPED_RUNE = 21, UntypedRune, "untyped rune";
    UNTYPED_FLOAT = 22, UntypedFloat, "untyped float";
    UNTYPED_COMPLEX = 23, UntypedComplex, "untyped complex";
    UNTYPED_STRING = 24, UntypedString, "untyped string";
    UNTYPED_NIL = 25, UntypedNil, "untyped nil";
}

impl Ty {
    /// `byte`: identical to `uint8`, but printed under its own name.
    pub const BYTE: Ty = Ty(26);
    /// `rune`: identical to `int32`, but printed under its own name.
    pub const RUNE: Ty = Ty(27);
    /// The empty tuple: the type of a call without results.
    pub const EMPTY_TUPLE: Ty = Ty(28);
    /// `interface{}` as a literal.
    pub const EMPTY_INTERFACE: Ty = Ty(29);
    /// `any`, an alias of the empty interface.
    pub const ANY: Ty = Ty(30);
    /// `error`
    pub const ERROR: Ty = Ty(31);
    /// `comparable`
    pub const COMPARABLE: Ty = Ty(32);
    /// `[]byte`
    pub const BYTES: Ty = Ty(33);

    /// Whether this is not the type of an erroneous expression.
    pub fn is_valid(self) -> bool {
        self != Ty::INVALID
    }
}

impl BasicKind {
    /// Whether constants of this kind have no type yet.
    pub fn is_untyped(self) -> bool {
        self >= BasicKind::UntypedBool
    }
    /// bool
    pub fn is_boolean(self) -> bool {
        matches!(self, BasicKind::Bool | BasicKind::UntypedBool)
    }
    /// Any integer, untyped rune included.
    pub fn is_integer(self) -> bool {
        (self >= BasicKind::Int && self <= BasicKind::Uintptr)
            || matches!(self, BasicKind::UntypedInt | BasicKind::UntypedRune)
    }
    /// Unsigned integers.
    pub fn is_unsigned(self) -> bool {
        self >= BasicKind::Uint && self <= BasicKind::Uintptr
    }
    /// Floats.
    pub fn is_float(self) -> bool {
        matches!(
            self,
            BasicKind::Float32 | BasicKind::Float64 | BasicKind::UntypedFloat
        )
    }
    /// Complex numbers.
    pub fn is_complex(self) -> bool {
        matches!(
            self,
            BasicKind::Complex64 | BasicKind::Complex128 | BasicKind::UntypedComplex
        )
    }
    /// Integers, floats and complex numbers.
    pub fn is_numeric(self) -> bool {
        self.is_integer() || self.is_float() || self.is_complex()
    }
    /// string
    pub fn is_string(self) -> bool {
        matches!(self, BasicKind::String | BasicKind::UntypedString)
    }
    /// Types with `<`.
    pub fn is_ordered(self) -> bool {
        self.is_integer() || self.is_float() || self.is_string()
    }
    /// Types that constants can have.
    pub fn is_const_type(self) -> bool {
        self.is_boolean() || self.is_numeric() || self.is_string()
    }
}

/// A type that is set once, or nothing yet. Writing again is allowed: the last one counts.
pub struct TyCell(AtomicU32);

impl TyCell {
    const UNSET: u32 = u32::MAX;

    /// A cell without a type.
    pub fn empty() -> TyCell {
        TyCell(AtomicU32::new(Self::UNSET))
    }
    /// A cell that holds `ty`.
    pub fn new(ty: Ty) -> TyCell {
        TyCell(AtomicU32::new(ty.0))
    }
    /// The type, if set.
    pub fn get(&self) -> Option<Ty> {
        match self.0.load(Ordering::Acquire) {
            Self::UNSET => None,
            n => Some(Ty(n)),
        }
    }
    /// Set the type.
    pub fn set(&self, ty: Ty) {
        self.0.store(ty.0, Ordering::Release);
    }
}

/// What a type is made of.
pub enum TyKind {
    /// A predeclared basic type, `unsafe.Pointer`, an untyped kind or the invalid type.
    Basic(BasicKind),
    /// `*T`
    Pointer(Ty),
    /// `[]T`
    Slice(Ty),
    /// `[len]T`; `len` is negative after an error.
    Array {
        /// Element type.
        elem: Ty,
        /// Number of elements.
        len: i64,
    },
    /// `map[key]elem`
    Map {
        /// Key type.
        key: Ty,
        /// Element type.
        elem: Ty,
    },
    /// `chan T`
    Chan {
        /// Allowed direction.
        dir: ChanDir,
        /// Element type.
        elem: Ty,
    },
    /// `struct{…}`
    Struct(StructType),
    /// `func(…) …`, without receiver.
    Signature(Signature),
    /// `interface{…}`
    Interface(InterfaceType),
    /// Several values: what a call with other than one result has as its type, or a comma-ok form.
    Tuple(Box<[Ty]>),
    /// A defined type, generic type or instance.
    Named(NamedType),
    /// A type parameter.
    TypeParam(TypeParam),
    /// `~A | B` as an interface element.
    Union(Box<[Term]>),
    /// An alias; [`TypeStore::kind`](crate::store::TypeStore::kind) looks through it.
    Alias(AliasType),
}

/// A struct type.
#[derive(PartialEq, Eq, Hash)]
pub struct StructType {
    /// The fields in order.
    pub fields: Box<[Field]>,
}

/// A field.
#[derive(Clone, Copy)]
pub struct Field {
    /// Its name (of an embedded field: the type's).
    pub name: Symbol,
    /// The package of an unexported field; `None` if exported.
    pub pkg: Option<PkgId>,
    /// Its type.
    pub ty: Ty,
    /// Whether it is embedded.
    pub embedded: bool,
    /// The tag's value, unquoted; empty if there is none.
    pub tag: Symbol,
    /// The declaring object. Not part of the type's identity: of equal structs the first one's.
    pub obj: ObjId,
}

impl PartialEq for Field {
    fn eq(&self, o: &Field) -> bool {
        (self.name, self.pkg, self.ty, self.embedded, self.tag)
            == (o.name, o.pkg, o.ty, o.embedded, o.tag)
    }
}
impl Eq for Field {}
impl Hash for Field {
    fn hash<H: Hasher>(&self, h: &mut H) {
        (self.name, self.pkg, self.ty, self.embedded, self.tag).hash(h);
    }
}

/// A parameter or result: its name is [`Symbol::EMPTY`] if there is none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Param {
    /// Name, only for messages.
    pub name: Symbol,
    /// Type; that of a variadic parameter is the slice.
    pub ty: Ty,
}

/// A function type. Receivers are not part of it: they are with the [`Func`](crate::object::ObjData::Func) object.
#[derive(PartialEq, Eq, Hash)]
pub struct Signature {
    /// Type parameters ([`TyKind::TypeParam`] handles); empty for a non-generic or instantiated function.
    pub tparams: Box<[Ty]>,
    /// Parameters.
    pub params: Box<[Param]>,
    /// Results.
    pub results: Box<[Param]>,
    /// Whether the last parameter is variadic (its type is then a slice, or string for `append`).
    pub variadic: bool,
}

/// A method of an interface.
#[derive(Clone, Copy, Debug)]
pub struct IfaceMethod {
    /// Name.
    pub name: Symbol,
    /// Package of an unexported method; `None` if exported.
    pub pkg: Option<PkgId>,
    /// Signature.
    pub sig: Ty,
    /// The declaring object; not part of identity.
    pub obj: ObjId,
}

impl PartialEq for IfaceMethod {
    fn eq(&self, o: &IfaceMethod) -> bool {
        (self.name, self.pkg, self.sig) == (o.name, o.pkg, o.sig)
    }
}
impl Eq for IfaceMethod {}
impl Hash for IfaceMethod {
    fn hash<H: Hasher>(&self, h: &mut H) {
        (self.name, self.pkg, self.sig).hash(h);
    }
}

/// An interface type as written; [`TypeStore::type_set`](crate::store::TypeStore::type_set) gives its meaning.
pub struct InterfaceType {
    /// Methods as written.
    pub methods: Box<[IfaceMethod]>,
    /// Embedded elements.
    pub embeds: Box<[Ty]>,
    /// Whether it stands for a bare constraint literal such as `[P ~int]`.
    pub implicit: bool,
    /// Computed on demand.
    pub(crate) tset: OnceLock<Box<TypeSet>>,
}

impl PartialEq for InterfaceType {
    fn eq(&self, o: &InterfaceType) -> bool {
        self.methods == o.methods && self.embeds == o.embeds && self.implicit == o.implicit
    }
}

/// The meaning of an interface: all its methods and the types that it admits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeSet {
    /// All methods, embedded ones included, in the order of Go's descriptors
    /// (exported first, then by name, then by package path).
    pub methods: Box<[IfaceMethod]>,
    /// The admitted types; `None` for all types. Normalised; empty for the empty set.
    pub terms: Option<Box<[Term]>>,
    /// Whether only comparable types are admitted (set only where `terms` is `None`).
    pub comparable: bool,
}

/// `T` or `~T`
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Term {
    /// Whether all types with that underlying type are meant.
    pub tilde: bool,
    /// The type.
    pub ty: Ty,
}

/// A defined type, or an instance of a generic one.
pub struct NamedType {
    /// The declared [`TypeName`](crate::object::ObjData::TypeName) object (an instance has its generic type's).
    pub obj: ObjId,
    /// The generic type of an instance.
    pub origin: Option<Ty>,
    /// Type arguments of an instance.
    pub targs: Box<[Ty]>,
    /// Type parameters of a generic type.
    pub(crate) tparams: OnceLock<Box<[Ty]>>,
    /// The right-hand side of the declaration, which may be another named type.
    pub(crate) rhs: TyCell,
    /// The underlying type, once known.
    pub(crate) under: TyCell,
    /// Declared methods (not for instances).
    pub(crate) methods: OnceLock<Box<[ObjId]>>,
    /// Methods of an instance, made on demand; same order as the origin's.
    pub(crate) inst_methods: OnceLock<Box<[AtomicU32]>>,
    /// Type parameters of the functions around a local type: part of its identity when functions are
    /// instantiated.
    pub outer_tparams: OnceLock<Box<[Ty]>>,
}

/// A type parameter.
pub struct TypeParam {
    /// Its name.
    pub obj: ObjId,
    /// Its index in its list.
    pub index: u32,
    /// Its constraint as written.
    pub(crate) bound: TyCell,
}

/// An alias declaration or an instance of a generic one.
pub struct AliasType {
    /// The declared name.
    pub obj: ObjId,
    /// The generic alias of an instance.
    pub origin: Option<Ty>,
    /// Type arguments of an instance.
    pub targs: Box<[Ty]>,
    /// Type parameters of a generic alias.
    pub(crate) tparams: OnceLock<Box<[Ty]>>,
    /// What it stands for.
    pub(crate) rhs: TyCell,
}
