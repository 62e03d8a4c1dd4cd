//! Bodies that are read when somebody asks for them.
//!
//! Most of a program's text is in bodies of functions that it does not reach, or of which all is known. Where a file is known to be
//! without errors, its parser passes over bodies and leaves one of these. Nothing else changes: positions are those of the file, and
//! so are the identities of expressions, which begin where the body does (there are never more of them than bytes in front).
//!
//! A body that declares types is read at once, since local types are numbered through the file; so is one with directives.

use crate::ast::{Block, ExprId};
use crate::parser;
use crate::scanner::Scanner;
use crate::token::Tok;
use bumpalo::Bump;
use std::sync::OnceLock;

/// A body that has been passed over.
pub struct Later {
    /// The text of the file.
    text: &'static str,
    /// Position of its first byte.
    base: u32,
    /// Offsets of the braces.
    braces: (usize, usize),
    read: OnceLock<(&'static Block<'static>, u32)>,
}

thread_local! {
    /// Bodies live until the process ends.
    static ARENA: &'static Bump = Box::leak(Box::default());
}

impl Later {
    /// A body between braces at these offsets.
    pub(crate) fn new(text: &'static str, base: u32, braces: (usize, usize)) -> Later {
        let read = OnceLock::new();
        Later {
            text,
            base,
            braces,
            read,
        }
    }

    /// Positions of the braces.
    pub(crate) fn braces(&self) -> (u32, u32) {
        (
            self.base + self.braces.0 as u32,
            self.base + self.braces.1 as u32,
        )
    }

    fn read(&self) -> &(&'static Block<'static>, u32) {
        self.read.get_or_init(|| {
            let arena = ARENA.with(|a| *a);
            parser::body(arena, self.text, self.base, self.braces.0)
        })
    }

    /// The body.
    pub(crate) fn block(&self) -> &'static Block<'static> {
        self.read().0
    }

    /// The first identity of its expressions, and the one after the last.
    pub(crate) fn ids(&self) -> (ExprId, ExprId) {
        let first = self.braces().0;
        (ExprId(first), ExprId(first + self.read().1))
    }
}

impl std::fmt::Debug for Later {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{{ {:?} }}", self.braces)
    }
}

impl Scanner<'_> {
    /// With a `{` as the token: the offset of the `}` that belongs to it, if nothing between them must be read now.
    pub(crate) fn end_of_block(&self) -> Option<usize> {
        debug_assert_eq!(self.tok, Tok::Lbrace);
        let text = self.source();
        let mut at = self.token_end();
        let mut depth = 1u32;
        let find = |from: usize, byte: u8| {
            let found = text[from..].iter().position(|&b| b == byte)?;
            Some(from + found)
        };
        loop {
            let next = text[at..].iter().position(|&b| STOPS[usize::from(b)])?;
            at += next + 1;
            match text[at - 1] {
                b'{' => depth += 1,
                b'}' if depth == 1 => return Some(at - 1),
                b'}' => depth -= 1,
                b'`' => at = find(at, b'`')? + 1,
                quote @ (b'"' | b'\'') => loop {
                    match *text.get(at)? {
                        b'\\' => at += 2,
                        b'\n' => return None,
                        b if b == quote => {
                            at += 1;
                            break;
                        }
                        _ => at += 1,
                    }
                },
                b'/' => {
                    let rest = &text[at..];
                    if rest.starts_with(b"/go:") || rest[1..].starts_with(b"line ") {
                        return None;
                    } else if rest[0] == b'/' {
                        at = find(at, b'\n')?;
                    } else if rest[0] == b'*' {
                        at += 1;
                        at += text[at..].windows(2).position(|w| w == b"*/")? + 2;
                    }
                }
                _ => {
                    // A `t`.
                    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80;
                    let rest = &text[at - 1..];
                    let is_type = rest.starts_with(b"type") && !word(*rest.get(4)?);
                    if is_type && !word(text[at - 2]) && *rest.get(4)? != b')' {
                        return None;
                    }
                }
            }
        }
    }
}

/// The bytes at which something may begin that matters.
const STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    let mut i = 0;
    while i < 8 {
        stops[b"{}`\"'/tt"[i] as usize] = true;
        i += 1;
    }
    stops
};

#[cfg(test)]
mod tests {
    use crate::ast::{Body, Decl, FuncDecl};
    use crate::{FileSet, Mode, parse_file, parse_known};
    use bumpalo::Bump;

    const SRC: &str = r#"package p

func none()

func empty() {}

func (t *T) texts(c byte) string {
	s := "}\"{" + `}
{` // }
	if c == '{' || c == '\'' || c == '"' { /* } */ return s[1:]
	}
	switch any(c).(type) { case int: }
	typed, éttype := 1, 2
	return func() string { return s }()
}

func types() int { type t int; return 1 }

func directive() {
//line b.go:7
	_ = 1
}

var v = func() { x := 1 }

func last(a, b int) int { return a / b }
"#;

    /// A tree as text, but for identities.
    fn text(decl: &FuncDecl<'_>) -> String {
        let text = format!("{:?}", decl.body());
        let mut parts = text.split("ExprId(");
        let first = parts.next().unwrap_or_default().to_string();
        parts.fold(first, |all, part| {
            all + part.split_once(')').map_or(part, |p| p.1)
        })
    }

    #[test]
    fn a_body_is_the_same_later() {
        let arena: &Bump = Box::leak(Box::default());
        let set = FileSet::new();
        let (now, errors) = parse_file(arena, &set, "a.go", SRC.as_bytes(), Mode::Full);
        let (later, none) = parse_known(arena, &set, "a.go", SRC.as_bytes());
        assert_eq!(none, []);
        assert_eq!(errors.len(), 0);
        let (mut waiting, mut last) = (Vec::new(), later.first_id);
        let moved = later.first_id - now.first_id;
        assert_eq!(now.decls.len(), later.decls.len());
        for (a, b) in now.decls.iter().zip(&later.decls) {
            let (Decl::Func(a), Decl::Func(b)) = (a, b) else {
                continue;
            };
            if let Some(Body::Later(_)) = b.body {
                waiting.push(b.name.name.as_str());
            }
            let (first, end) = (b.ids().0.0, b.ids().1.0);
            let room = b.id_room();
            assert!(
                last <= first && first <= end && end <= room.1.0,
                "{}",
                b.name.name
            );
            assert_eq!(end - first, a.ids().1.0 - a.ids().0.0);
            last = room.1.0;
            let at = |f: &FuncDecl<'_>| f.braces().map(|(open, close)| (open.0, close.0));
            let there = at(a).map(|(open, close)| (open + moved, close + moved));
            assert_eq!(there, at(b));
        }
        assert_eq!(waiting, ["empty", "texts", "last"]);
        assert!(last <= later.first_id + later.id_count);
        assert_eq!(now.local_types.len(), later.local_types.len());
        // In a set of their own, positions are the same as well.
        let (again, _) = parse_known(arena, &FileSet::new(), "a.go", SRC.as_bytes());
        for (a, b) in now.decls.iter().zip(&again.decls) {
            if let (Decl::Func(a), Decl::Func(b)) = (a, b) {
                assert_eq!(text(a), text(b));
            }
        }
    }
}
