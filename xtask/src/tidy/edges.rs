//! Which crate may use which: the table of ARCHITECTURE.md, against every Cargo.toml.

use std::path::Path;

/// Crate, and the crates of this workspace that it may use.
const ALLOWED: &[(&str, &[&str])] = &[
    ("gort-abi", &[]),
    ("gort-syntax", &[]),
    ("gort-types", &["gort-syntax"]),
    ("gort-ir", &["gort-abi"]),
    (
        "gort-lower",
        &["gort-types", "gort-syntax", "gort-ir", "gort-abi"],
    ),
    ("gort-codegen", &["gort-ir", "gort-abi"]),
    ("gort-link", &["gort-abi"]),
    ("gort-load", &["gort-syntax"]),
    ("gort-rt", &["gort-abi"]),
    (
        "gort",
        &[
            "gort-syntax",
            "gort-types",
            "gort-load",
            "gort-ir",
            "gort-lower",
            "gort-codegen",
            "gort-link",
        ],
    ),
];

/// Foreign crates that only one crate may know: (prefix of the name, the crate).
const DOORS: &[(&str, &[&str])] = &[
    ("cranelift", &["gort-codegen"]),
    ("object", &["gort-codegen", "gort-link"]),
    ("num-", &["gort-types"]),
];

/// Check every crate's dependencies.
pub fn check(root: &Path, problems: &mut Vec<String>) {
    for entry in std::fs::read_dir(root.join("crates"))
        .into_iter()
        .flatten()
        .flatten()
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Ok(text) = std::fs::read_to_string(entry.path().join("Cargo.toml")) else {
            continue;
        };
        let Some((_, allowed)) = ALLOWED.iter().find(|(n, _)| *n == name) else {
            problems.push(format!("crates/{name}: not in the table of crate edges"));
            continue;
        };
        for dep in dependencies(&text) {
            if dep.starts_with("gort") && !allowed.contains(&dep.as_str()) {
                problems.push(format!("crates/{name}: may not use {dep}"));
            }
            for (prefix, crates) in DOORS {
                if dep.starts_with(prefix) && !crates.contains(&name.as_str()) {
                    problems.push(format!(
                        "crates/{name}: {dep} belongs to {}",
                        crates.join(" and ")
                    ));
                }
            }
            if name == "gort-rt" && dep != "gort-abi" {
                problems.push(format!(
                    "crates/gort-rt: {dep}: the runtime uses gort-abi alone"
                ));
            }
        }
    }
}

/// Names in the `[dependencies]` and `[build-dependencies]` tables.
fn dependencies(toml: &str) -> Vec<String> {
    let mut inside = false;
    let mut names = Vec::new();
    for line in toml.lines() {
        let line = line.split('#').next().unwrap_or("").trim();
        if line.starts_with('[') {
            inside = line == "[dependencies]" || line == "[build-dependencies]";
        } else if inside && let Some(end) = line.find(['=', '.', ' ']) {
            names.push(line[..end].to_string());
        }
    }
    names
}
