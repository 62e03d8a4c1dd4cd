//! Import comments: `package x // import "a/x"` says by which path a package must be imported. They count without modules
//! only.

use crate::package::Source;
use crate::resolve::Place;

/// What is wrong with the comments of a package, as `go` says it.
pub fn problem(place: &Place, sources: &[Source]) -> Option<String> {
    let mut first: Option<(String, String)> = None;
    for s in sources {
        let name = s.path.file_name()?.to_string_lossy().into_owned();
        let Some((line, quoted)) = comment(&s.bytes) else {
            continue;
        };
        let Some(path) = unquoted(&quoted) else {
            let file = s.path.display();
            return Some(format!("{file}:{line}: cannot parse import comment"));
        };
        match &first {
            None => first = Some((path, name)),
            Some((other, file)) if *other != path => {
                return Some(format!(
                    "found import comments {other:?} ({file}) and {path:?} ({name}) in {}",
                    place.dir.display()
                ));
            }
            Some(_) => {}
        }
    }
    let (path, _) = first?;
    let vendored = crate::gopath::without_vendor(&place.path).is_some();
    (path != place.path && !vendored).then(|| {
        format!(
            "code in directory {} expects import {path:?}",
            place.dir.display()
        )
    })
}

/// The line of the import comment, and what stands in it as path.
fn comment(source: &[u8]) -> Option<(usize, String)> {
    let rest = skip(source, true);
    let rest = rest.strip_prefix(b"package")?;
    let rest = skip(rest, true);
    let word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80;
    let end = rest.iter().position(|b| !word(b)).unwrap_or(rest.len());
    let rest = skip(&rest[end..], false);
    let before = &source[..source.len() - rest.len()];
    let line = 1 + before.iter().filter(|b| **b == b'\n').count();
    let text = match rest {
        [b'/', b'/', text @ ..] => text.split(|b| *b == b'\n').next()?,
        [b'/', b'*', text @ ..] => {
            let end = text.windows(2).position(|w| w == b"*/")?;
            // Of several lines, it is something else.
            Some(&text[..end]).filter(|t| !t.contains(&b'\n'))?
        }
        _ => return None,
    };
    let text = String::from_utf8_lossy(text);
    let path = text.trim().strip_prefix("import")?;
    path.starts_with([' ', '\t', '"', '`'])
        .then(|| (line, path.trim().to_string()))
}

/// What follows blanks; also after lines and comments, if `all`.
fn skip(mut text: &[u8], all: bool) -> &[u8] {
    loop {
        text = match text {
            [b' ' | b'\t', rest @ ..] => rest,
            [b'\n' | b'\r', rest @ ..] if all => rest,
            [b'/', b'/', ..] if all => {
                let end = text.iter().position(|b| *b == b'\n');
                &text[end.unwrap_or(text.len())..]
            }
            [b'/', b'*', rest @ ..] if all => {
                let end = rest.windows(2).position(|w| w == b"*/");
                end.map_or(&[], |end| &rest[end + 2..])
            }
            _ => return text,
        };
    }
}

fn unquoted(text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '`'))?;
    let inner = text[1..].strip_suffix(quote)?;
    (!inner.contains([quote, '\\'])).then(|| inner.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments() {
        let of = |text: &str| comment(text.as_bytes());
        let found = |line, path: &str| Some((line, path.to_string()));
        assert_eq!(of("package x // import \"a/x\"\n"), found(1, "\"a/x\""));
        assert_eq!(
            of("// Package x.\n/* y */ package x /* import `a` */ // z\n"),
            found(2, "`a`")
        );
        assert_eq!(of("package x\n// import \"a\"\n"), None);
        assert_eq!(of("package x // imports\n"), None);
        assert_eq!(of("package x // import x\n"), found(1, "x"));
        assert_eq!(unquoted("\"a/b\"").as_deref(), Some("a/b"));
        assert_eq!(unquoted("x"), None);
        assert_eq!(unquoted("\""), None);
    }
}
