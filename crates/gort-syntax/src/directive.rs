//! Directive comments: `//line` and the `//go:` ones that must precede a declaration.

use std::sync::Arc;

/// What the text after `line ` says.
#[derive(Debug, PartialEq, Eq)]
pub enum Directive {
    /// It is no line directive after all.
    None,
    /// What follows is `file:line:col`; `col` is 0 if not given.
    Line {
        file: Option<Arc<str>>,
        line: u32,
        col: u32,
    },
    /// A malformed number at byte `index` of the text.
    Error { index: usize, message: String },
}

/// The largest line and column that Go's compiler accepts.
const MAX: u64 = 1 << 30;

/// Parse `[file:]line[:col]`. Relative file names are relative to the folder of `current`.
pub fn parse_line(text: &str, current: &str) -> Directive {
    let text = text.strip_suffix('\r').unwrap_or(text);
    let Some((head, last)) = trailing_number(text) else {
        return Directive::None;
    };
    let error = |what: &str, from: usize| Directive::Error {
        index: from,
        message: format!("invalid {what} number: {}", &text[from..]),
    };
    let Some(last) = last else {
        return error("line", head + 1);
    };
    let (name_end, line, col) = match trailing_number(&text[..head]) {
        Some((name_end, Some(line))) => {
            if last == 0 || last > MAX {
                return error("column", head + 1);
            }
            (name_end, line, last)
        }
        _ => (head, last, 0),
    };
    if line == 0 || line > MAX {
        return error("line", name_end + 1);
    }
    let name = &text[..name_end];
    let file = match name {
        "" if col > 0 => None,
        "" => Some("".into()),
        _ => Some(resolve(name, current).into()),
    };
    Directive::Line {
        file,
        line: line as u32,
        col: col as u32,
    }
}

/// The index of the last colon, and the number after it if it is one.
fn trailing_number(text: &str) -> Option<(usize, Option<u64>)> {
    let colon = text.rfind(':')?;
    let digits = &text[colon + 1..];
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    Some((colon, if plain { digits.parse().ok() } else { None }))
}

/// `name` without `.` and `..` steps; if relative, in the folder of the file `current`.
fn resolve(name: &str, current: &str) -> String {
    let full = match current.rsplit_once('/') {
        Some((dir, _)) if !name.starts_with('/') => format!("{dir}/{name}"),
        _ => name.to_string(),
    };
    let rooted = full.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in full.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|&p| p != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".into(),
        (false, false) => joined,
    }
}

/// What a directive stands before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// The package clause.
    Package,
    /// A function.
    Func,
    /// A variable.
    Var,
    /// Another declaration.
    Other,
    /// Nothing that could have one.
    Nowhere,
}

/// The complaint about a `go:` directive that does not belong to `place`.
pub fn misplaced(text: &str, place: Place) -> Option<&'static str> {
    let verb = text.split([' ', '\t']).next().unwrap_or(text);
    let fine = match verb {
        "go:build" => place == Place::Package,
        "go:embed" if place != Place::Var => return Some("misplaced go:embed directive"),
        "go:noescape"
        | "go:norace"
        | "go:nosplit"
        | "go:noinline"
        | "go:nocheckptr"
        | "go:systemstack"
        | "go:nowritebarrier"
        | "go:nowritebarrierrec"
        | "go:yeswritebarrierrec"
        | "go:cgo_unsafe_args"
        | "go:uintptrkeepalive"
        | "go:uintptrescapes"
        | "go:registerparams" => place == Place::Func,
        _ => true,
    };
    (!fine).then_some("misplaced compiler directive")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Directive) {
        assert_eq!(parse_line(text, "dir/a.go"), expected, "{text}");
    }

    #[test]
    fn line_directives() {
        let line = |file: Option<&str>, line, col| Directive::Line {
            file: file.map(Into::into),
            line,
            col,
        };
        check("b.y:10", line(Some("dir/b.y"), 10, 0));
        check("/x/../b.y:10:5", line(Some("/b.y"), 10, 5));
        check(":7:3", line(None, 7, 3));
        check(":7", line(Some(""), 7, 0));
        check("no number", Directive::None);
        check(
            "b:0",
            Directive::Error {
                index: 2,
                message: "invalid line number: 0".into(),
            },
        );
        check(
            "b:x",
            Directive::Error {
                index: 2,
                message: "invalid line number: x".into(),
            },
        );
        check(
            "b:1:0",
            Directive::Error {
                index: 4,
                message: "invalid column number: 0".into(),
            },
        );
    }
}
