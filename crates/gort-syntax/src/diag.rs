//! Diagnostics as data. They are rendered in one place, by the command.

use crate::pos::Pos;

/// Errors of one file's syntax, or of one package's types, after which no more are kept: an error takes a hundred times
/// the memory of a short line that has one.
pub const MOST: usize = 2000;

/// An error (or note) about the source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// Where: the position that Go's compiler reports.
    pub pos: Pos,
    /// End of the span, for excerpts; `Pos::NONE` if unknown.
    pub end: Pos,
    /// What phase and kind of error, in the words of types2's codes (`UndeclaredName`); `Syntax` for the parser's.
    pub code: &'static str,
    /// The text, without position; may hold several lines, later ones start with a tab.
    pub msg: String,
    /// Whether the error is only worth showing when there is no other (unused variables and imports).
    pub soft: bool,
    /// Other positions that explain this one (`other declaration of x`).
    pub related: Vec<(Pos, String)>,
}

impl Diagnostic {
    /// A plain error at `pos`.
    pub fn new(pos: Pos, code: &'static str, msg: impl Into<String>) -> Diagnostic {
        Diagnostic {
            pos,
            end: Pos::NONE,
            code,
            msg: msg.into(),
            soft: false,
            related: Vec::new(),
        }
    }
}
