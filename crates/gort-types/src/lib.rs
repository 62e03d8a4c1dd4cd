//! The Go type checker.
//!
//! [`check_package`] takes the trees of one package and a way to find imported packages, and returns what it
//! found out about every expression and identifier ([`Info`]) along with diagnostics. It never fails and never
//! panics on bad input. Types, objects and packages of a whole compilation live in one [`TypeStore`].
//!
//! Names of files follow the official checker, so that a reader who knows one finds his way in the other.

mod assignments;
mod binary;
mod builtins;
mod call;
pub mod check;
pub mod constant;
mod constants;
mod conversions;
mod cycles;
mod decl;
mod directives;
mod errors;
mod expr;
mod exprstring;
mod identical;
mod index;
mod infer;
pub mod info;
mod initorder;
mod instantiate;
mod interface;
mod literals;
pub mod lookup;
mod mono;
mod numeric_builtins;
pub mod object;
mod operand;
pub mod predicates;
mod range;
mod resolver;
mod returns;
mod scope;
mod selector;
mod signature;
pub mod sizes;
mod stmt;
pub mod store;
mod structs;
pub mod subst;
mod switch;
pub mod types;
pub mod typeset;
pub mod typestring;
mod typexpr;
mod under;
mod unify;
mod universe;
mod unsafe_builtins;
mod untyped;

#[cfg(test)]
mod tests;

pub use check::{Config, Importer, PackageCheck, PackageInput, check_package};
pub use constant::Value;
pub use info::{Info, Mode, Selection, SelectionKind, TypeAndMode};
pub use lookup::{Lookup, MethodEntry};
pub use object::{Builtin, ObjData, ObjId, Object, Package, PkgId, VarKind};
pub use sizes::Layout;
pub use store::TypeStore;
pub use types::{BasicKind, ChanDir, Ty, TyKind};
pub use typestring::Form;
