//! Positions, scanner, parser and tree of the Go language.
//!
//! The parser never fails: it returns a tree and a list of diagnostics.

pub mod ast;
pub mod diag;
pub mod pos;
pub mod symbol;

pub use diag::Diagnostic;
pub use pos::{FileSet, Pos, Position};
pub use symbol::Symbol;
