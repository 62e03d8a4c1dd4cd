//! The Go type checker.
//!
//! [`check_package`] takes the trees of one package and a way to find imported packages, and returns what it
//! found out about every expression and identifier ([`Info`]) along with diagnostics. It never fails and never
//! panics on bad input. Types, objects and packages of a whole compilation live in one [`TypeStore`].
//!
//! How a package is checked:
//!
//! 1. `resolver.rs` collects the package-level names of all files, imports included.
//! 2. `decl.rs` resolves each declaration on first use; `cycles.rs` finds those that lead back to themselves.
//!    Conditions that need complete types, and bodies, are put off (`Checker::later`).
//! 3. Types come from `typexpr.rs`, `signature.rs`, `structs.rs`, `interface.rs`; expressions go through
//!    `expr.rs` to `binary.rs`, `call.rs`, `selector.rs`, `index.rs`, `literals.rs`, `builtins.rs` and
//!    `conversions.rs`, carrying an `Operand`; statements through `stmt.rs`, `switch.rs`, `range.rs` and
//!    `assignments.rs`.
//! 4. Untyped expressions wait in `untyped.rs` for the type that their context gives them.
//! 5. Generic functions are instantiated by `infer.rs` and `unify.rs`; constraints are checked by
//!    `instantiate.rs` with the type sets of `typeset.rs`; `mono.rs` refuses instantiation without end.
//! 6. `initorder.rs` orders the package's variables.
//!
//! *Invariant*: types are compared by [`TypeStore::identical`] or by canonical handle
//! ([`TypeStore::canon`]), never by plain handle: equal handles mean equal spelling, not the reverse.
//!
//! Labels and the targets of branches are checked by the parser. Names of files follow the official checker, so that a reader who knows one finds his way in the other.

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
pub mod portable;
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
mod tables;
pub mod types;
pub mod typeset;
pub mod typestring;
mod typexpr;
mod under;
mod unify;
mod universe;
mod unsafe_builtins;
mod untyped;
mod vartables;

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
