//! What the front end reads of the file system goes through one door, which keeps the record that the cache depends on:
//! a look that goes past it could change without a build noticing.

use std::path::Path;

/// The door.
const DOOR: &str = "crates/gort-load/src/files.rs";

/// Where nothing else may look.
const WATCHED: &[&str] = &[
    "crates/gort-load/src/",
    "crates/gort/src/assembling.rs",
    "crates/gort/src/asminclude.rs",
    "crates/gort/src/testing/discover.rs",
];

/// What looking is called.
const LOOKS: &[&str] = &[
    "std::fs::read",
    "fs::metadata",
    "fs::symlink_metadata",
    "File::open",
    ".is_file()",
    ".is_dir()",
    ".exists()",
    ".canonicalize()",
    ".metadata()",
    ".read_dir()",
];

/// An object that the assembler has just made is no source.
const ALLOWED: &[&str] = &["std::fs::read(&object)"];

/// Check the watched files, without their tests.
pub fn check(root: &Path, problems: &mut Vec<String>) {
    for path in super::walk(&root.join("crates")) {
        let shown = path
            .strip_prefix(root)
            .unwrap_or(&path)
            .display()
            .to_string();
        if shown == DOOR || !WATCHED.iter().any(|w| shown.starts_with(w)) {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let code = text.split("#[cfg(test)]").next().unwrap_or("");
        for (i, line) in code.lines().enumerate() {
            let line = ALLOWED
                .iter()
                .fold(line.to_string(), |l, a| l.replace(a, ""));
            if let Some(look) = LOOKS.iter().find(|l| line.contains(*l)) {
                problems.push(format!(
                    "{shown}:{}: {look} goes past {DOOR}, so that the cache would not notice a change",
                    i + 1
                ));
            }
        }
    }
}
