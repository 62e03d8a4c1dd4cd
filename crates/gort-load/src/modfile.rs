//! The text form that go.mod and go.work share: lines of words, some of them in parenthesised blocks.

/// A statement: a directive with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Line number, from 1.
    pub number: usize,
    /// The directive, that of the block for lines in one.
    pub verb: String,
    /// The words after it, without quotes.
    pub args: Vec<String>,
}

/// Cut a file into statements.
///
/// # Errors
/// Lines that are not formed as they should be: number and text.
pub fn lines(text: &str) -> Result<Vec<Line>, Vec<(usize, String)>> {
    let mut out = Vec::new();
    let mut errors = Vec::new();
    let mut block: Option<String> = None;
    for (i, line) in text.lines().enumerate() {
        let number = i + 1;
        let words = match words(line) {
            Ok(words) => words,
            Err(e) => {
                errors.push((number, e));
                continue;
            }
        };
        match (&block, words.as_slice()) {
            (_, []) => {}
            (Some(_), [close]) if close == ")" => block = None,
            (Some(verb), args) => out.push(Line {
                number,
                verb: verb.clone(),
                args: args.to_vec(),
            }),
            (None, [verb, open]) if open == "(" => block = Some(verb.clone()),
            (None, [verb, args @ ..]) => out.push(Line {
                number,
                verb: verb.clone(),
                args: args.to_vec(),
            }),
        }
    }
    if block.is_some() {
        errors.push((
            text.lines().count(),
            "syntax error (unterminated block started here)".into(),
        ));
    }
    if errors.is_empty() {
        Ok(out)
    } else {
        Err(errors)
    }
}

/// The words of a line, comments left out. Brackets of version intervals stay with their words.
fn words(line: &str) -> Result<Vec<String>, String> {
    let mut out = Vec::new();
    let mut rest = line.trim_start();
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("//") {
            break;
        }
        let n = match c {
            '(' | ')' => 1,
            '"' | '`' => match rest[1..].find(c) {
                Some(end) => {
                    out.push(rest[1..1 + end].to_string());
                    rest = rest[end + 2..].trim_start();
                    continue;
                }
                None => return Err("unexpected newline in string".into()),
            },
            _ => rest
                .find(|c: char| c.is_whitespace() || c == '(' || c == ')')
                .unwrap_or(rest.len()),
        };
        // A comment may follow a word at once.
        let n = rest[..n].find("//").filter(|&i| i > 0).unwrap_or(n);
        out.push(rest[..n].to_string());
        rest = rest[n..].trim_start();
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks() {
        let text = "module m // c\nrequire (\n\ta v1 // indirect\n\n\t\"b\" v2\n)\ngo 1.2\n";
        let lines = lines(text).unwrap();
        let shown: Vec<String> = lines
            .iter()
            .map(|l| format!("{} {} {}", l.number, l.verb, l.args.join(" ")))
            .collect();
        assert_eq!(
            shown,
            ["1 module m", "3 require a v1", "5 require b v2", "7 go 1.2"]
        );
    }
}
