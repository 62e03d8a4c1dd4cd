//! Documents: every path of the repository that a page names exists.

use std::path::Path;

/// Folders in which paths in pages are looked up, besides the root and the page's own.
const BASES: &[&str] = &[
    "",
    "crates/gort-rt/src",
    "crates/gort-ir/src",
    "crates/gort-lower/src",
    "crates/gort-types/src",
    "crates/gort-codegen/src",
    "crates/gort-load/src",
    "crates/gort/src",
    "crates/gort-link/src",
    "crates",
    "goroot",
];

/// Check all pages.
pub fn check(root: &Path, problems: &mut Vec<String>) {
    for path in super::walk(root) {
        if path.extension().is_none_or(|e| e != "md") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let shown = path
            .strip_prefix(root)
            .unwrap_or(&path)
            .display()
            .to_string();
        let own = path.parent().unwrap_or(root);
        for (n, line) in text.lines().enumerate() {
            let mut report =
                |name: &str| problems.push(format!("{shown}:{}: there is no {name}", n + 1));
            for target in line.split("](").skip(1).filter_map(|r| r.split(')').next()) {
                let file = target.split('#').next().unwrap_or("");
                if !file.is_empty() && !file.contains("://") && !own.join(file).exists() {
                    report(file);
                }
            }
            for word in line.split('`').skip(1).step_by(2) {
                let file = [".rs", ".md", ".py", ".toml"]
                    .iter()
                    .any(|e| word.ends_with(e));
                let plain = word
                    .chars()
                    .all(|c| c.is_alphanumeric() || "_-./".contains(c));
                if !file || !plain || !word.contains('/') || word.starts_with(['/', '.']) {
                    continue;
                }
                let there = BASES.iter().any(|b| root.join(b).join(word).exists())
                    || own.join(word).exists();
                if !there {
                    report(word);
                }
            }
        }
    }
}
