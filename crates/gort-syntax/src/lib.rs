//! Positions, scanner, parser and tree of the Go language.
//!
//! The parser never fails: it returns a tree and a list of diagnostics.

pub mod ast;
pub mod constraint;
pub mod diag;
mod directive;
mod later;
pub mod letters;
mod parser;
pub mod pos;
pub mod print;
mod scanner;
pub mod symbol;
pub mod table;
mod token;

pub use diag::Diagnostic;
pub use later::Later;
pub use parser::{Mode, parse_file, parse_known};
pub use pos::{FileSet, Pos, Position};
pub use scanner::token_end;
pub use symbol::Symbol;
