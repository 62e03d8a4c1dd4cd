//! Files that are known to have no errors in their syntax: bodies of functions are passed over, and read when they are asked for.

use super::{Mode, Parser, parse, parse_file};
use crate::ast::{Block, File};
use crate::later::Later;
use crate::scanner::Source;
use crate::token::Tok;
use crate::{Diagnostic, FileSet};
use bumpalo::Bump;
use std::borrow::Cow;

/// Parse a file that is known to have no errors in its syntax: what can wait is read later ([`Later`]).
pub fn parse_known(
    arena: &'static Bump,
    files: &FileSet,
    name: &str,
    src: &'static [u8],
) -> (File<'static>, Vec<Diagnostic>) {
    let source = Source::new(src);
    match source.text {
        Cow::Borrowed(text) => parse(
            arena,
            files,
            name,
            (text, source.errors),
            Mode::Full,
            Some(text),
        ),
        Cow::Owned(_) => parse_file(arena, files, name, src, Mode::Full),
    }
}

/// Read the body that begins at an offset of a text without errors; with the number of its expressions.
pub(crate) fn body(
    arena: &'static Bump,
    text: &'static str,
    base: u32,
    lbrace: usize,
) -> (&'static Block<'static>, u32) {
    let mut parser = Parser::new(arena, "", text, base, Vec::new(), Vec::new());
    parser.top = false;
    parser.ids = lbrace as u32;
    parser.sc.go_to(lbrace);
    parser.next();
    let block = parser.func_body();
    (block, parser.ids - lbrace as u32)
}

impl Parser<'_> {
    /// Pass over a function's body, if it can be read later.
    pub(super) fn later(&mut self) -> Option<&'static Later> {
        let text = self.known.filter(|_| self.tok() == Tok::Lbrace)?;
        let open = self.sc.offset;
        let close = self.sc.end_of_block()?;
        self.sc.go_to(close);
        self.next();
        // The identities of the body's expressions begin where it does, those behind it where it ends.
        self.ids = self.ids.max(close as u32);
        self.want(Tok::Rbrace);
        Some(Box::leak(Box::new(Later::new(
            text,
            self.base,
            (open, close),
        ))))
    }
}
