//! The parser: recursive descent over the scanner's tokens.
//!
//! It accepts what Go's compiler accepts and complains in the same words at the same places. After an error
//! it skips to a token from which the construct at hand can go on ([`Parser::advance`]), so one file
//! can give several errors. Nesting is limited ([`MAX_DEPTH`]), so that no input overflows the stack.
//!
//! State worth knowing: `xnest` counts expression nesting and is negative in the header of a control
//! clause, where `{` begins the body and not a composite literal; `fnest` counts function bodies, in which
//! statement keywords are points to resume at.

mod branches;
mod decl;
mod expr;
mod known;
mod param;
mod simple;
mod stmt;
mod typ;

use crate::ast::{Decl, ExprId, ExprKind, ExprRef, File, Ident};
use crate::constraint::Constraint;
use crate::directive::{self, Directive, Place};
use crate::pos::LineDirective;
use crate::scanner::{Event, Scanner, Source};
use crate::token::Tok;
use crate::{Diagnostic, FileSet, Pos, Symbol};
use bumpalo::Bump;
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// How deep expressions, types and statements may nest.
const MAX_DEPTH: u32 = 10_000;

/// How much of a file to parse.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Everything.
    Full,
    /// The package clause and the imports: what a loader needs.
    Imports,
}

/// Parse a file. The tree lives in `arena` and refers to `src`; the file is added to `files`.
///
/// A file with an error in its package clause has no declarations.
pub fn parse_file<'a>(
    arena: &'a Bump,
    files: &FileSet,
    name: &str,
    src: &'a [u8],
    mode: Mode,
) -> (File<'a>, Vec<Diagnostic>) {
    let source = Source::new(src);
    let text: &'a str = match source.text {
        Cow::Borrowed(text) => text,
        Cow::Owned(text) => arena.alloc_str(&text),
    };
    parse(arena, files, name, (text, source.errors), mode, None)
}

/// Parse a text, with the errors of its bytes. `known` is the same text if bodies in it may be read later.
fn parse<'a>(
    arena: &'a Bump,
    files: &FileSet,
    name: &str,
    (text, bad_bytes): (&'a str, Vec<(u32, &'static str)>),
    mode: Mode,
    known: Option<&'static str>,
) -> (File<'a>, Vec<Diagnostic>) {
    let base = files.add_file(name, text.len());
    let lines: Vec<u32> = std::iter::once(0)
        .chain(
            text.bytes()
                .enumerate()
                .filter(|(_, b)| *b == b'\n')
                .map(|(i, _)| i as u32 + 1),
        )
        .collect();
    let mut parser = Parser::new(arena, name, text, base, lines, bad_bytes);
    parser.known = known;
    parser.next();
    let file = parser.file(mode);
    let Parser {
        lines,
        line_directives,
        errors,
        ..
    } = parser;
    let errors = one_syntax_error_a_line(errors, base, &lines);
    files.set_lines(base, lines, line_directives);
    (file, errors)
}

/// Sort errors by position; of the syntax errors on one line keep the first.
fn one_syntax_error_a_line(
    mut errors: Vec<Diagnostic>,
    base: u32,
    lines: &[u32],
) -> Vec<Diagnostic> {
    errors.sort_by_key(|e| e.pos);
    let mut last = None;
    errors.retain(|e| {
        if !e.msg.starts_with("syntax error") {
            return true;
        }
        let line = lines.partition_point(|&l| l <= e.pos.0 - base);
        last.replace(line) != Some(line)
    });
    errors
}

pub(crate) use known::body;
pub use known::parse_known;

struct Parser<'a> {
    sc: Scanner<'a>,
    arena: &'a Bump,
    file_name: String,
    /// Position of the file's first byte.
    base: u32,
    size: u32,
    lines: Vec<u32>,
    line_directives: Vec<LineDirective>,
    /// Errors of single bytes, in reverse order, reported when the scanner has passed them.
    bad_bytes: Vec<(u32, &'static str)>,
    errors: Vec<Diagnostic>,
    error_memory: crate::diag::Memory,
    ids: u32,
    fnest: u32,
    xnest: i32,
    depth: u32,
    /// Offset of the end of the token before the current one.
    prev_end: usize,
    names: FxHashMap<&'a str, Symbol>,
    /// Directives waiting for the declaration they belong to.
    pragmas: Vec<(Pos, &'a str)>,
    file_directives: Vec<(Pos, &'a str)>,
    local_types: Vec<Pos>,
    go_version: Option<(u32, u32)>,
    /// Before the package clause.
    top: bool,
    /// The text, if bodies in it may be read later.
    known: Option<&'static str>,
}

impl<'a> Parser<'a> {
    fn new(
        arena: &'a Bump,
        name: &str,
        text: &'a str,
        base: u32,
        lines: Vec<u32>,
        mut bad_bytes: Vec<(u32, &'static str)>,
    ) -> Parser<'a> {
        bad_bytes.reverse();
        Parser {
            sc: Scanner::new(text),
            arena,
            file_name: name.to_string(),
            base,
            size: text.len() as u32,
            lines,
            line_directives: Vec::new(),
            bad_bytes,
            errors: Vec::new(),
            ids: 0,
            error_memory: Default::default(),
            fnest: 0,
            xnest: 0,
            depth: 0,
            prev_end: 0,
            names: FxHashMap::default(),
            pragmas: Vec::new(),
            file_directives: Vec::new(),
            local_types: Vec::new(),
            go_version: None,
            top: true,
            known: None,
        }
    }

    // ---- the file

    fn file(&mut self, mode: Mode) -> File<'a> {
        let mut decls = Vec::new();
        self.top = false;
        let pragmas = std::mem::take(&mut self.pragmas);
        let package = self.package_clause();
        if let Some(package) = package
            && self.errors.is_empty()
        {
            self.check_pragmas(&pragmas, Place::Package);
            self.declarations(mode, &mut decls);
            return self.finish(package, decls);
        }
        let nameless = Ident {
            name: Symbol::BLANK,
            pos: self.pos(),
            id: self.new_id(),
        };
        self.finish(package.unwrap_or(nameless), decls)
    }

    fn finish(&mut self, package: Ident, decls: Vec<Decl<'a>>) -> File<'a> {
        File {
            package,
            decls,
            directives: std::mem::take(&mut self.file_directives),
            local_types: std::mem::take(&mut self.local_types),
            go_version: self.go_version,
            first_id: self.base,
            id_count: self.ids.min(self.size + 1),
            eof: Pos(self.base + self.size),
        }
    }

    fn package_clause(&mut self) -> Option<Ident> {
        if !self.got(Tok::Package) {
            self.syntax_error("package statement must be first");
            return None;
        }
        let name = self.name();
        self.want(Tok::Semi);
        Some(name)
    }

    // ---- tokens

    fn tok(&self) -> Tok {
        self.sc.tok
    }

    /// Position of the current token.
    fn pos(&self) -> Pos {
        Pos(self.base + self.sc.offset as u32)
    }

    /// Position of the end of the token before the current one.
    fn prev_end(&self) -> Pos {
        Pos(self.base + self.prev_end as u32)
    }

    fn next(&mut self) {
        self.prev_end = self.sc.token_end();
        self.sc.next();
        let scanned = self.sc.token_end() as u32;
        while let Some((offset, message)) = self.bad_bytes.pop_if(|(offset, _)| *offset < scanned) {
            self.error_at(Pos(self.base + offset), message);
        }
        if !self.sc.events.is_empty() {
            for event in std::mem::take(&mut self.sc.events) {
                match event {
                    Event::Error(offset, message) => {
                        self.error_at(Pos(self.base + offset), message)
                    }
                    Event::Comment {
                        offset,
                        text,
                        own_line,
                    } => self.comment(offset, text, own_line),
                }
            }
        }
    }

    fn got(&mut self, tok: Tok) -> bool {
        let hit = self.tok() == tok;
        if hit {
            self.next();
        }
        hit
    }

    fn want(&mut self, tok: Tok) {
        if !self.got(tok) {
            self.syntax_error(&format!("expected {}", tok.describe()));
            self.advance(&[]);
        }
    }

    /// `=`; a `:=` in its place is an error but taken for it.
    fn got_assign(&mut self) -> bool {
        if self.tok() == Tok::Define {
            self.syntax_error("expected =");
        }
        let hit = matches!(self.tok(), Tok::Assign | Tok::Define);
        if hit {
            self.next();
        }
        hit
    }

    // ---- directives

    fn comment(&mut self, offset: u32, text: &'a str, own_line: bool) {
        let at_line_start = self.lines.binary_search(&offset).is_ok();
        if let Some(directive) = text[2..].strip_prefix("line ") {
            let block = text.starts_with("/*");
            if !block && !at_line_start {
                return;
            }
            let (directive, target) = if block {
                (
                    directive.strip_suffix("*/").unwrap_or(directive),
                    offset + text.len() as u32,
                )
            } else {
                let line = self.lines.partition_point(|&l| l <= offset);
                (
                    directive,
                    self.lines.get(line).copied().unwrap_or(self.size),
                )
            };
            match directive::parse_line(directive, &self.file_name) {
                Directive::None => {}
                Directive::Line { file, line, col } => {
                    self.line_directives.push(LineDirective {
                        offset: target,
                        file,
                        line,
                        col,
                    });
                }
                Directive::Error { index, message } => {
                    self.error_at(Pos(self.base + offset + 7 + index as u32), message);
                }
            }
            return;
        }
        if self.top
            && let Some(Ok(c)) = Constraint::parse(text)
        {
            self.go_version = c.go_version();
        }
        let pos = Pos(self.base + offset + 2);
        if text.starts_with("//go:linkname") {
            self.file_directives.push((pos, &text[2..]));
        } else if text.starts_with("//go:debug ") && self.top {
            self.file_directives.push((pos, &text[2..]));
            self.pragmas.push((pos, &text[2..]));
        } else if !own_line {
            self.error_at(pos, "misplaced compiler directive");
        } else {
            self.pragmas.push((pos, &text[2..]));
        }
    }

    /// The directives before what stands at `place`, with an error for those that do not belong there.
    fn take_pragmas(&mut self, place: Place) -> &'a [(Pos, &'a str)] {
        if self.pragmas.is_empty() {
            return &[];
        }
        let pragmas = std::mem::take(&mut self.pragmas);
        self.check_pragmas(&pragmas, place);
        self.arena.alloc_slice_copy(&pragmas)
    }

    fn check_pragmas(&mut self, pragmas: &[(Pos, &'a str)], place: Place) {
        for &(pos, text) in pragmas {
            if let Some(message) = directive::misplaced(text, place) {
                self.error_at(pos, message);
            }
        }
    }

    /// Drop directives that belong to nothing.
    fn clear_pragmas(&mut self) {
        self.take_pragmas(Place::Nowhere);
    }

    // ---- errors

    fn error_at(&mut self, pos: Pos, message: impl Into<String>) {
        let mut error = Diagnostic::new(pos, "Syntax", message);
        if self.error_memory.admit(&mut error) {
            self.errors.push(error);
        }
    }

    fn syntax_error(&mut self, message: &str) {
        self.syntax_error_at(self.pos(), message);
    }

    /// A syntax error. A message that begins with `in`, `at`, `after` or `expected` is about the current
    /// token, which is named before it.
    fn syntax_error_at(&mut self, pos: Pos, message: &str) {
        if self.tok() == Tok::Eof && !self.errors.is_empty() {
            return; // whatever is missing here is missing because of an earlier error
        }
        let glue = match message.split(' ').next() {
            Some("in" | "at" | "after") => " ",
            Some("expected") => ", ",
            _ => return self.error_at(pos, format!("syntax error: {message}")),
        };
        let found = match self.tok() {
            Tok::Name => format!("name {}", self.sc.lit),
            Tok::Semi => self.sc.lit.to_string(),
            Tok::Literal => format!("literal {}", self.sc.lit),
            Tok::Operator => self.sc.op.spelling().to_string(),
            Tok::AssignOp => format!("{}=", self.sc.op.spelling()),
            Tok::IncOp => self.sc.op.spelling().repeat(2),
            tok => tok.describe(),
        };
        self.error_at(
            pos,
            format!("syntax error: unexpected {found}{glue}{message}"),
        );
    }

    /// Skip to a token of `follow`, in a function body also to a keyword that begins a statement. Without
    /// `follow` skip one token.
    fn advance(&mut self, follow: &[Tok]) {
        const STATEMENTS: u64 = Tok::Break.bit()
            | Tok::Const.bit()
            | Tok::Continue.bit()
            | Tok::Defer.bit()
            | Tok::Fallthrough.bit()
            | Tok::For.bit()
            | Tok::Go.bit()
            | Tok::Goto.bit()
            | Tok::If.bit()
            | Tok::Return.bit()
            | Tok::Select.bit()
            | Tok::Switch.bit()
            | Tok::Type.bit()
            | Tok::Var.bit();
        if follow.is_empty() {
            if self.tok() != Tok::Eof {
                self.next();
            }
            return;
        }
        let mut set = Tok::Eof.bit() | follow.iter().fold(0, |set, t| set | t.bit());
        if self.fnest > 0 {
            set |= STATEMENTS;
        }
        while set & self.tok().bit() == 0 {
            self.next();
        }
    }

    /// Go one level down. False, and the rest of the file is given up, if that is too deep.
    fn descend(&mut self) -> bool {
        self.depth += 1;
        if self.depth <= MAX_DEPTH {
            return true;
        }
        if self.tok() != Tok::Eof {
            self.error_at(self.pos(), "exceeded max nesting depth");
            self.sc.stop();
            self.next();
        }
        false
    }

    fn ascend(&mut self) {
        self.depth -= 1;
    }

    // ---- lists and names

    /// `{ element sep } close`. `element` returns true to end the list early. Returns the position of the
    /// closing token, which is consumed.
    fn list(
        &mut self,
        context: &str,
        sep: Tok,
        close: Tok,
        mut element: impl FnMut(&mut Self) -> bool,
    ) -> Pos {
        let mut done = false;
        while self.tok() != Tok::Eof && self.tok() != close && !done {
            done = element(self);
            if !self.got(sep) && self.tok() != close {
                let (sep, end) = (sep.describe(), close.describe());
                self.syntax_error(&format!("in {context}; possibly missing {sep} or {end}"));
                self.advance(&[Tok::Rparen, Tok::Rbrack, Tok::Rbrace]);
                if self.tok() != close {
                    return self.pos();
                }
            }
        }
        let pos = self.pos();
        self.want(close);
        pos
    }

    fn new_id(&mut self) -> ExprId {
        let id = self.next_id();
        self.ids += 1;
        id
    }

    /// The identity of the expression that comes next.
    fn next_id(&self) -> ExprId {
        // A broken file can have more (bad) expressions than bytes: those share the last identity.
        ExprId(self.base + self.ids.min(self.size))
    }

    fn symbol(&mut self, name: &'a str) -> Symbol {
        *self
            .names
            .entry(name)
            .or_insert_with(|| Symbol::intern(name))
    }

    fn name(&mut self) -> Ident {
        let (pos, id) = (self.pos(), self.new_id());
        if self.tok() == Tok::Name {
            let name = self.symbol(self.sc.lit);
            self.next();
            return Ident { name, pos, id };
        }
        self.syntax_error("expected name");
        self.advance(&[]);
        Ident {
            name: Symbol::BLANK,
            pos,
            id,
        }
    }

    /// The names of `first, b, c`.
    fn name_list(&mut self, first: Ident) -> &'a [Ident] {
        if self.tok() != Tok::Comma {
            return self.arena.alloc_slice_copy(&[first]);
        }
        let mut names = vec![first];
        while self.got(Tok::Comma) {
            names.push(self.name());
        }
        self.arena.alloc_slice_copy(&names)
    }

    // ---- nodes

    /// A node that begins at `pos` and ends before the current token.
    fn node(&mut self, pos: Pos, kind: ExprKind<'a>) -> ExprRef<'a> {
        self.node_at(pos, pos, kind)
    }

    /// As [`Parser::node`], with the position of its operator.
    fn node_at(&mut self, pos: Pos, op_pos: Pos, kind: ExprKind<'a>) -> ExprRef<'a> {
        let id = self.new_id();
        let end = self.prev_end().max(pos);
        self.arena.alloc(crate::ast::Expr {
            id,
            pos,
            op_pos,
            end,
            kind,
        })
    }

    fn name_expr(&mut self, name: Ident) -> ExprRef<'a> {
        let end = Pos(name.pos.0 + name.name.as_str().len() as u32);
        let kind = ExprKind::Name(name.name);
        self.arena.alloc(crate::ast::Expr {
            id: name.id,
            pos: name.pos,
            op_pos: name.pos,
            end,
            kind,
        })
    }

    fn bad_expr(&mut self) -> ExprRef<'a> {
        let pos = self.pos();
        self.node(pos, ExprKind::Bad)
    }

    /// A node of the tree for something that is no expression.
    fn alloc<T>(&self, value: T) -> &'a T {
        self.arena.alloc(value)
    }
}

/// `x` as a name.
fn as_name(x: ExprRef<'_>) -> Option<Ident> {
    match x.kind {
        ExprKind::Name(name) => Some(Ident {
            name,
            pos: x.pos,
            id: x.id,
        }),
        _ => None,
    }
}

/// `x` without its parentheses.
fn unparen(mut x: ExprRef<'_>) -> ExprRef<'_> {
    while let ExprKind::Paren(inner) = x.kind {
        x = inner;
    }
    x
}
