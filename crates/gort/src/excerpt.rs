//! The source line of an error, with a mark under the text that it is about.

use gort_syntax::{Diagnostic, FileSet, Pos, token_end};

/// Where the text ends that an error is about: what the error says, else the end of the token at its position.
pub fn end(files: &FileSet, d: &Diagnostic) -> Option<Pos> {
    if d.end.is_known() {
        return Some(d.end);
    }
    let file = files.file(d.pos)?;
    let text = gort_load::text(&file.name)?;
    let end = token_end(&text, (d.pos.0 - file.base) as usize);
    Some(Pos(file.base + (end as u32).min(file.size)))
}

/// The line that an error is in, with its number, and a line that marks the place.
pub fn excerpt(files: &FileSet, d: &Diagnostic) -> Option<String> {
    let file = files.file(d.pos)?;
    let text = gort_load::text(&file.name)?;
    let start = (d.pos.0 - file.base) as usize;
    let end = (end(files, d)?.0 - file.base) as usize;
    let (line, _) = file.line_col(start as u32);
    let from = file.lines[line as usize - 1] as usize;
    marked(line, text.get(from..)?, start - from, end - from)
}

/// The first line of `text`, with a mark from byte `start` to byte `end` of it.
fn marked(number: u32, text: &str, start: usize, end: usize) -> Option<String> {
    let line = text.lines().next().unwrap_or("");
    let before = line.get(..start)?;
    let about = line.get(start..end.min(line.len())).unwrap_or("");
    // A tab stays one, so that the mark stands where the text does.
    let indent: String = before
        .chars()
        .map(|c| if c == '\t' { c } else { ' ' })
        .collect();
    let rest = about.chars().count().saturating_sub(1);
    let number = number.to_string();
    Some(format!(
        "{number:>5} | {line}\n{:>5} | {indent}^{}\n",
        "",
        "~".repeat(rest)
    ))
}

#[cfg(test)]
mod tests {
    use super::marked;

    #[test]
    fn marks_stand_under_the_text() {
        let text = "\tx := über + 1\nnext";
        let got = marked(12, text, 6, 11).expect("the place is in the line");
        assert_eq!(got, "   12 | \tx := über + 1\n      | \t     ^~~~\n");
        let end = marked(3, "f(", 2, 2).expect("the end of a line is a place");
        assert_eq!(end, "    3 | f(\n      |   ^\n");
        assert_eq!(marked(1, "a", 5, 6), None);
    }
}
