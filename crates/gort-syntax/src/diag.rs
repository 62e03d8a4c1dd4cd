//! Diagnostics as data. They are rendered in one place, by the command.

use crate::pos::Pos;

/// Memory for the errors of one file's syntax, or of one package's types: an error takes a hundred times the memory of
/// a short line that has one, and more if it names a large type.
const MOST: usize = 1 << 20;

/// How much memory errors have taken so far.
#[derive(Clone, Copy, Default, Debug)]
pub struct Memory(usize);

impl Memory {
    /// Whether there is room for an error. The first one for which there is none becomes one that says so.
    pub fn admit(&mut self, d: &mut Diagnostic) -> bool {
        if self.0 >= MOST {
            return false;
        }
        let text = |m: &String| m.len() + size_of::<(Pos, String)>();
        self.0 += size_of::<Diagnostic>() + text(&d.msg);
        self.0 += d.related.iter().map(|(_, m)| text(m)).sum::<usize>();
        if self.0 >= MOST {
            *d = Diagnostic::new(d.pos, "TooManyErrors", "too many errors");
        }
        true
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_error_says_that_there_are_more() {
        let mut memory = Memory::default();
        let mut kept = Vec::new();
        for n in 0..100 {
            let mut d = Diagnostic::new(Pos(n + 1), "Syntax", "x".repeat(1 << 16));
            if memory.admit(&mut d) {
                kept.push(d);
            }
        }
        assert!((14..18).contains(&kept.len()), "{}", kept.len());
        let last = kept.pop().expect("an error");
        assert_eq!(last.msg, "too many errors");
        assert!(kept.iter().all(|d| d.msg.len() == 1 << 16));
    }
}
