//! The expected output of an example: the last comment of its body, if it starts with `Output:` or
//! `Unordered output:` (package testing's documentation).

/// What an example is expected to print.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expected {
    /// The text, as package testing compares it.
    pub output: String,
    /// Whether the order of lines does not matter.
    pub unordered: bool,
}

/// The expected output in the text of a function's body; `None` if its last comment says nothing of it.
pub fn expected_output(body: &str) -> Option<Expected> {
    let text = last_comment(body)?;
    let trimmed = text.trim_start();
    let lower = trimmed.to_ascii_lowercase();
    let (unordered, rest) = match lower.strip_prefix("unordered ") {
        Some(rest) => (true, rest),
        None => (false, lower.as_str()),
    };
    let rest = rest.strip_prefix("output:")?;
    let output = trimmed[trimmed.len() - rest.len()..].trim_start_matches(' ');
    let output = output.strip_prefix('\n').unwrap_or(output);
    Some(Expected {
        output: output.to_string(),
        unordered,
    })
}

/// The text of the last group of comments: those with nothing but one line end between them. A comment behind code
/// has only those of its own line with it (go/parser).
fn last_comment(body: &str) -> Option<String> {
    let mut group: Vec<&str> = Vec::new();
    let mut end = 0;
    let mut behind_code = false;
    for (start, stop) in comments(body) {
        let between = &body[end..start];
        // A line comment's range leaves its line end to what follows.
        let lines = between.matches('\n').count();
        let adjacent = between.trim().is_empty() && lines <= usize::from(!behind_code);
        if !adjacent || group.is_empty() {
            group.clear();
            let line = body[..start].rfind('\n').map_or(0, |n| n + 1);
            behind_code = !body[line..start].trim().is_empty();
        }
        group.push(&body[start..stop]);
        end = stop;
    }
    if group.is_empty() {
        return None;
    }
    Some(group_text(&group))
}

/// The ranges of all comments, strings and runes skipped.
fn comments(text: &str) -> Vec<(usize, usize)> {
    let b = text.as_bytes();
    let mut out = Vec::new();
    let mut i = 0;
    while i < b.len() {
        let rest = &text[i..];
        if rest.starts_with("//") {
            let n = rest.find('\n').unwrap_or(rest.len());
            out.push((i, i + n));
            i += n;
        } else if rest.starts_with("/*") {
            let n = rest.find("*/").map_or(rest.len(), |n| n + 2);
            out.push((i, i + n));
            i += n;
        } else if b[i] == b'`' {
            i += rest[1..].find('`').map_or(rest.len(), |n| n + 2);
        } else if b[i] == b'"' || b[i] == b'\'' {
            let quote = b[i];
            i += 1;
            while i < b.len() && b[i] != quote {
                i += if b[i] == b'\\' { 2 } else { 1 };
            }
            i += 1;
        } else {
            i += 1;
            while i < b.len() && !text.is_char_boundary(i) {
                i += 1;
            }
        }
        while i < b.len() && !text.is_char_boundary(i) {
            i += 1;
        }
    }
    out
}

/// The words of comments without their markers: directives left out, space at line ends cut, no empty lines at
/// either end and never two in a row.
fn group_text(group: &[&str]) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for c in group {
        if let Some(inner) = c.strip_prefix("/*") {
            lines.extend(inner.strip_suffix("*/").unwrap_or(inner).split('\n'));
            continue;
        }
        let inner = &c[2..];
        match inner.strip_prefix(' ') {
            Some(rest) => lines.push(rest),
            None if is_directive(inner) => {}
            None => lines.push(inner),
        }
    }
    let mut out: Vec<&str> = Vec::new();
    for line in lines {
        let line = line.trim_end_matches([' ', '\t', '\r', '\n']);
        if !line.is_empty() || out.last().is_some_and(|l| !l.is_empty()) {
            out.push(line);
        }
    }
    while out.last().is_some_and(|l| l.is_empty()) {
        out.pop();
    }
    out.iter().flat_map(|l| [l, "\n"]).collect()
}

/// `line …`, `extern …`, `export …`, and `tool:name`.
fn is_directive(text: &str) -> bool {
    if ["line ", "extern ", "export "]
        .iter()
        .any(|p| text.starts_with(p))
    {
        return true;
    }
    let Some((tool, name)) = text.split_once(':') else {
        return false;
    };
    let word = |s: &str| {
        s.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()) && !s.is_empty()
    };
    word(name)
        && !tool.is_empty()
        && tool
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_behind_code_are_apart() {
        let body = "{\n\tf() // don't\n\t// Output:\n\t// 3\n}";
        let expected = expected_output(body).map(|e| e.output);
        assert_eq!(expected.as_deref(), Some("3\n"));
        assert!(expected_output("{\n\tf() /* Output: */ // x\n}").is_some());
        assert!(expected_output("{\n\tf() // Output: 1\n\n}").is_some());
    }

    fn output(body: &str) -> Option<(String, bool)> {
        expected_output(body).map(|e| (e.output, e.unordered))
    }

    #[test]
    fn forms() {
        assert_eq!(
            output("{ f(\"// Output: no\")\n\t// Output: a\n\t// b\n}"),
            Some(("a\nb\n".into(), false))
        );
        assert_eq!(
            output("{\n// Unordered output:\n// x\n//\n//\n// y\n}"),
            Some(("x\n\ny\n".into(), true))
        );
        assert_eq!(output("{ /* Output:\nx */ }"), Some(("x\n".into(), false)));
        assert_eq!(output("{\n// Output:\n}"), Some((String::new(), false)));
    }

    #[test]
    fn only_the_last_group_counts() {
        assert_eq!(output("{\n// Output: a\n\n// other\n}"), None);
        assert_eq!(output("{\n// Output: a\nf()\n// other\n}"), None);
        assert_eq!(output("{ f('\"') /* é */ }"), None);
        assert_eq!(output("{}"), None);
    }
}
