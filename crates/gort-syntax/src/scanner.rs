//! The scanner: source text to tokens, with automatic semicolons.
//!
//! It works on text that [`Source`] has made valid: bytes that Go forbids (NUL, broken UTF-8, a byte
//! order mark after the start) are blanked out with an error each, so offsets stay those of the file.
//! Errors and directive comments are queued as [`Event`]s, which the parser takes after each token.

mod literal;

use crate::ast::{LitKind, Op};
use crate::letters::{is_digit, is_letter};
use crate::token::{Tok, prec};
use std::borrow::Cow;

/// A source text fit for scanning, and what was wrong with the bytes.
pub struct Source<'a> {
    /// The text, as long as the file.
    pub text: Cow<'a, str>,
    /// Offset and message of each bad byte.
    pub errors: Vec<(u32, &'static str)>,
}

impl<'a> Source<'a> {
    /// Check `bytes` and blank out what may not stand in a Go file.
    pub fn new(bytes: &'a [u8]) -> Source<'a> {
        const BOM: &[u8] = "\u{feff}".as_bytes();
        if let Ok(text) = std::str::from_utf8(bytes)
            && !bytes.contains(&0)
            && !bytes.contains(&BOM[0])
        {
            return Source {
                text: Cow::Borrowed(text),
                errors: Vec::new(),
            };
        }
        let mut text = String::with_capacity(bytes.len());
        let mut errors = Vec::new();
        for chunk in bytes.utf8_chunks() {
            for c in chunk.valid().chars() {
                let message = match c {
                    '\0' => "invalid NUL character",
                    '\u{feff}' if text.is_empty() => "",
                    '\u{feff}' => "invalid BOM in the middle of the file",
                    c => {
                        text.push(c);
                        continue;
                    }
                };
                if !message.is_empty() {
                    errors.push((text.len() as u32, message));
                }
                text.extend(std::iter::repeat_n(' ', c.len_utf8()));
            }
            for _ in chunk.invalid() {
                errors.push((text.len() as u32, "invalid UTF-8 encoding"));
                text.push(' ');
            }
        }
        Source {
            text: Cow::Owned(text),
            errors,
        }
    }
}

/// Something that turned up between or in tokens.
#[derive(Debug)]
pub enum Event<'a> {
    /// An error at an offset.
    Error(u32, String),
    /// A comment `//go:…`, `//line …` or `/*line …*/`, whole, with its offset.
    /// `own_line` if nothing but blanks stands before it.
    Comment {
        offset: u32,
        text: &'a str,
        own_line: bool,
    },
}

/// The scanner's state is the token just read.
pub struct Scanner<'a> {
    src: &'a str,
    /// Offset of the next unread byte.
    at: usize,
    /// Whether a newline here ends a statement.
    nlsemi: bool,
    /// The token.
    pub tok: Tok,
    /// Its offset.
    pub offset: usize,
    /// Its operator, for `Operator`, `AssignOp`, `IncOp`, `Star`.
    pub op: Op,
    /// The operator's binding strength as a binary operator.
    pub prec: u8,
    /// Spelling of a name or literal; for `Semi` one of `semicolon`, `newline`, `EOF`.
    pub lit: &'a str,
    /// Kind of a literal.
    pub kind: LitKind,
    /// Whether the literal is malformed.
    pub bad: bool,
    /// What turned up since the parser looked last.
    pub events: Vec<Event<'a>>,
}

/// Offset just after the token that starts at `offset`, or `offset` if none does.
pub fn token_end(src: &str, offset: usize) -> usize {
    match src.get(offset..) {
        Some(rest) if !rest.starts_with(char::is_whitespace) => {
            let mut scanner = Scanner::new(rest);
            scanner.next();
            offset + scanner.token_end().min(rest.len())
        }
        _ => offset,
    }
}

impl<'a> Scanner<'a> {
    /// A scanner before the first token of `src`.
    pub fn new(src: &'a str) -> Scanner<'a> {
        Scanner {
            src,
            at: 0,
            nlsemi: false,
            tok: Tok::Eof,
            offset: 0,
            op: Op::Not,
            prec: 0,
            lit: "",
            kind: LitKind::Int,
            bad: false,
            events: Vec::new(),
        }
    }

    /// The text.
    pub fn source(&self) -> &'a [u8] {
        self.src.as_bytes()
    }

    /// Go on at an offset, where no token is under way.
    pub fn go_to(&mut self, offset: usize) {
        self.at = offset;
        self.nlsemi = false;
    }

    /// Offset just after the token.
    pub fn token_end(&self) -> usize {
        self.at
    }

    /// Pretend that the source ends here.
    pub fn stop(&mut self) {
        self.at = self.src.len();
        self.nlsemi = false;
    }

    fn peek(&self) -> u8 {
        *self.src.as_bytes().get(self.at).unwrap_or(&0)
    }

    fn at_end(&self) -> bool {
        self.at >= self.src.len()
    }

    fn peek_char(&self) -> Option<char> {
        self.src[self.at..].chars().next()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let hit = self.peek() == byte && !self.at_end();
        self.at += usize::from(hit);
        hit
    }

    fn error_at(&mut self, offset: usize, message: impl Into<String>) {
        self.events
            .push(Event::Error(offset as u32, message.into()));
    }

    fn error(&mut self, message: impl Into<String>) {
        self.error_at(self.at, message);
    }

    /// Read the next token.
    pub fn next(&mut self) {
        let nlsemi = std::mem::take(&mut self.nlsemi);
        loop {
            while matches!(self.peek(), b' ' | b'\t' | b'\r') || self.peek() == b'\n' && !nlsemi {
                self.at += 1;
            }
            self.offset = self.at;
            let Some(&byte) = self.src.as_bytes().get(self.at) else {
                (self.tok, self.lit) = if nlsemi {
                    (Tok::Semi, "EOF")
                } else {
                    (Tok::Eof, "")
                };
                return;
            };
            self.at += 1;
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => return self.ident(),
                b'\n' => {
                    (self.tok, self.lit) = (Tok::Semi, "newline");
                    return;
                }
                b'/' if self.peek() == b'/' => self.line_comment(),
                b'/' if self.peek() == b'*' => {
                    let multiline = self.full_comment();
                    if multiline && nlsemi {
                        (self.tok, self.lit) = (Tok::Semi, "newline");
                        return;
                    }
                }
                0x80.. => {
                    self.at -= 1;
                    self.ident_char(true);
                    return self.ident();
                }
                _ => {
                    if self.punctuation(byte) {
                        return;
                    }
                    self.error_at(
                        self.offset,
                        format!("invalid character {}", unicode(byte as char)),
                    );
                }
            }
        }
    }

    /// The rest of an identifier or keyword whose first character is consumed.
    fn ident(&mut self) {
        loop {
            while matches!(self.peek(), b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'0'..=b'9') {
                self.at += 1;
            }
            if self.peek() < 0x80 || !self.ident_char(false) {
                break;
            }
        }
        let text = &self.src[self.offset..self.at];
        if (2..=11).contains(&text.len())
            && let Some(tok) = Tok::keyword(text.as_bytes())
        {
            self.nlsemi = matches!(
                tok,
                Tok::Break | Tok::Continue | Tok::Fallthrough | Tok::Return
            );
            self.tok = tok;
            return;
        }
        self.nlsemi = true;
        self.lit = text;
        self.tok = Tok::Name;
    }

    /// Consume a non-ASCII character of an identifier, right or wrong.
    fn ident_char(&mut self, first: bool) -> bool {
        let Some(c) = self.peek_char() else {
            return false;
        };
        if is_letter(c) {
        } else if is_digit(c) {
            if first {
                self.error(format!("identifier cannot begin with digit {}", unicode(c)));
            }
        } else {
            self.error(format!("invalid character {} in identifier", unicode(c)));
        }
        self.at += c.len_utf8();
        true
    }

    /// Numbers, strings and operators; false if `byte`, already consumed, begins none.
    fn punctuation(&mut self, byte: u8) -> bool {
        match byte {
            b'0'..=b'9' => {
                self.at -= 1;
                self.number(false);
            }
            b'"' => self.string(),
            b'`' => self.raw_string(),
            b'\'' => self.rune(),
            b'(' => self.tok = Tok::Lparen,
            b'[' => self.tok = Tok::Lbrack,
            b'{' => self.tok = Tok::Lbrace,
            b',' => self.tok = Tok::Comma,
            b';' => (self.tok, self.lit) = (Tok::Semi, "semicolon"),
            b')' => self.closing(Tok::Rparen),
            b']' => self.closing(Tok::Rbrack),
            b'}' => self.closing(Tok::Rbrace),
            b':' => {
                self.tok = if self.eat(b'=') {
                    Tok::Define
                } else {
                    Tok::Colon
                }
            }
            b'.' if self.peek().is_ascii_digit() => self.number(true),
            b'.' if self.src[self.at..].starts_with("..") => {
                self.at += 2;
                self.tok = Tok::DotDotDot;
            }
            b'.' => self.tok = Tok::Dot,
            b'+' => self.sign(b'+', Op::Add),
            b'-' => self.sign(b'-', Op::Sub),
            b'*' => {
                (self.op, self.prec) = (Op::Mul, prec::MUL);
                self.tok = if self.eat(b'=') {
                    Tok::AssignOp
                } else {
                    Tok::Star
                };
            }
            b'/' => self.assignable(Op::Div, prec::MUL),
            b'%' => self.assignable(Op::Rem, prec::MUL),
            b'&' if self.eat(b'&') => self.operator(Op::AndAnd, prec::AND_AND),
            b'&' if self.eat(b'^') => self.assignable(Op::AndNot, prec::MUL),
            b'&' => self.assignable(Op::And, prec::MUL),
            b'|' if self.eat(b'|') => self.operator(Op::OrOr, prec::OR_OR),
            b'|' => self.assignable(Op::Or, prec::ADD),
            b'^' => self.assignable(Op::Xor, prec::ADD),
            b'<' if self.eat(b'=') => self.operator(Op::Leq, prec::CMP),
            b'<' if self.eat(b'<') => self.assignable(Op::Shl, prec::MUL),
            b'<' if self.eat(b'-') => self.tok = Tok::Arrow,
            b'<' => self.operator(Op::Lss, prec::CMP),
            b'>' if self.eat(b'=') => self.operator(Op::Geq, prec::CMP),
            b'>' if self.eat(b'>') => self.assignable(Op::Shr, prec::MUL),
            b'>' => self.operator(Op::Gtr, prec::CMP),
            b'=' if self.eat(b'=') => self.operator(Op::Eql, prec::CMP),
            b'=' => self.tok = Tok::Assign,
            b'!' if self.eat(b'=') => self.operator(Op::Neq, prec::CMP),
            b'!' => self.operator(Op::Not, 0),
            b'~' => self.operator(Op::Tilde, 0),
            _ => return false,
        }
        true
    }

    fn closing(&mut self, tok: Tok) {
        self.tok = tok;
        self.nlsemi = true;
    }

    fn operator(&mut self, op: Op, prec: u8) {
        (self.tok, self.op, self.prec) = (Tok::Operator, op, prec);
    }

    /// An operator that may be followed by `=`.
    fn assignable(&mut self, op: Op, prec: u8) {
        self.operator(op, prec);
        if self.eat(b'=') {
            self.tok = Tok::AssignOp;
        }
    }

    /// `+`, `-`, doubled or before `=`.
    fn sign(&mut self, byte: u8, op: Op) {
        if self.eat(byte) {
            (self.op, self.prec) = (op, prec::ADD);
            self.closing(Tok::IncOp);
        } else {
            self.assignable(op, prec::ADD);
        }
    }

    /// Skip a `//` comment, whose first slash is consumed, up to its newline.
    fn line_comment(&mut self) {
        let rest = &self.src[self.offset..];
        let length = rest.bytes().position(|b| b == b'\n').unwrap_or(rest.len());
        self.at = self.offset + length;
        let text = &rest[..length];
        if text.starts_with("//go:") || text.starts_with("//line ") {
            self.comment(text.strip_suffix('\r').unwrap_or(text));
        }
    }

    /// Skip a `/*` comment, whose slash is consumed; tells whether it holds a newline.
    fn full_comment(&mut self) -> bool {
        let rest = &self.src[self.offset..];
        let Some(length) = rest[2..].find("*/") else {
            self.error_at(self.offset, "comment not terminated");
            self.at = self.src.len();
            return rest.contains('\n');
        };
        let text = &rest[..length + 4];
        self.at = self.offset + text.len();
        if text.starts_with("/*line ") {
            self.comment(text);
        }
        text.contains('\n')
    }

    fn comment(&mut self, text: &'a str) {
        let before = self.src[..self.offset]
            .bytes()
            .rev()
            .find(|b| !matches!(b, b' ' | b'\t' | b'\r'));
        let own_line = before.is_none_or(|b| b == b'\n');
        self.events.push(Event::Comment {
            offset: self.offset as u32,
            text,
            own_line,
        });
    }
}

/// A character as messages name it: `U+0040 '@'`.
fn unicode(c: char) -> String {
    if c.is_control() {
        format!("U+{:04X}", c as u32)
    } else {
        format!("U+{:04X} '{c}'", c as u32)
    }
}
