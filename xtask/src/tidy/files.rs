//! Rules for each file: length, head comment, words.

use std::path::Path;

/// No source file is longer.
const MAX_LINES: usize = 610;

/// Check all files of the repository.
pub fn check(root: &Path, problems: &mut Vec<String>) {
    for path in super::walk(root) {
        let shown = path
            .strip_prefix(root)
            .unwrap_or(&path)
            .display()
            .to_string();
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        let source = [".rs", ".go", ".py", ".md"]
            .iter()
            .any(|e| shown.ends_with(e));
        if source && text.lines().count() > MAX_LINES {
            problems.push(format!(
                "{shown}: {} lines, more than {MAX_LINES}",
                text.lines().count()
            ));
        }
        if shown.ends_with(".rs") && !text.starts_with("//!") && !text.starts_with("#!") {
            problems.push(format!("{shown}: starts without a head comment"));
        }
        if source && !shown.starts_with("xtask") {
            for word in FORBIDDEN {
                if let Some(n) = text.lines().position(|l| l.contains(word)) {
                    problems.push(format!("{shown}:{}: {word:?} has no place here", n + 1));
                }
            }
        }
    }
}

/// Machine paths and leftovers.
const FORBIDDEN: &[&str] = &["/work/", "/root/", "TODO", "FIXME", "XXX"];

/// The longest Rust file.
pub fn longest(root: &Path) -> (usize, String) {
    let count = |p: &Path| std::fs::read_to_string(p).map_or(0, |t| t.lines().count());
    super::walk(root)
        .into_iter()
        .filter(|p| p.extension().is_some_and(|e| e == "rs"))
        .map(|p| {
            (
                count(&p),
                p.strip_prefix(root).unwrap_or(&p).display().to_string(),
            )
        })
        .max()
        .unwrap_or_default()
}
