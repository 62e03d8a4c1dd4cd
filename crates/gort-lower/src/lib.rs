//! Checked Go trees to IR: one file a language feature.
//!
//! Lowering starts at the runtime's entry, `main.main` and the init functions, and follows what they reach:
//! calls, function values, methods of types that meet interfaces ([`reach`]). Each function is lowered once
//! into the module of its package.
//!
//! - [`program`]: input, shared state, the work list
//! - [`abi0`]: functions of modules in assembly; [`assembly`]: those that the runtime has
//! - [`linkname`]: what `//go:linkname` joins
//! - [`symbol`]: names of functions, types and data
//! - [`repr`]: how values of a type are held: a few scalars, or memory
//! - [`analysis`]: which variables of a function need a heap cell
//! - [`func`]: the state of one function's lowering; [`mod@stmt`] and [`mod@expr`] fill it in
//! - [`mod@data`]: type descriptors, itabs, strings, generated equality functions
//! - [`init`]: package variables and init tasks

mod abi0;
mod analysis;
mod assembly;
mod call;
mod closure;
mod conv;
mod data;
mod defer;
mod env;
mod expr;
mod filenames;
mod frame;
mod func;
mod init;
mod keep;
mod kept;
mod linkname;
mod opendefer;
mod order;
mod place;
mod program;
mod reach;
mod repr;
mod stmt;
mod symbol;
mod value;
mod wrapper;

pub use abi0::{AsmSymbol, Assembly};
pub use data::Initial;
pub use kept::{Kept, New};
pub use program::{Bodies, Lowered, Program, Unit, lower};
