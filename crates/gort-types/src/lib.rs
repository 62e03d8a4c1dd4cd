//! The Go type checker.
//!
//! [`check_package`] takes the trees of one package and a way to find imported packages, and returns what it
//! found out about every expression and identifier ([`Info`]) along with diagnostics. It never fails and never
//! panics on bad input. Types, objects and packages of a whole compilation live in one [`TypeStore`].
//!
//! Names of files follow the official checker, so that a reader who knows one finds his way in the other.

pub mod check;
pub mod constant;
pub mod info;
pub mod lookup;
pub mod object;
pub mod predicates;
pub mod sizes;
pub mod store;
pub mod subst;
pub mod types;
pub mod typeset;
pub mod typestring;
mod universe;

pub use check::{Config, Importer, PackageInput, check_package};
pub use constant::Value;
pub use info::{Info, Mode, Selection, SelectionKind, TypeAndMode};
pub use lookup::{Lookup, MethodEntry};
pub use object::{Builtin, ObjData, ObjId, Object, Package, PkgId, VarKind};
pub use sizes::Layout;
pub use store::TypeStore;
pub use types::{BasicKind, ChanDir, Ty, TyKind};
pub use typestring::Form;
