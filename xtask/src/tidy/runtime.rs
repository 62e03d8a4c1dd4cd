//! Directions inside the runtime: `api`, `lang` → `wait` → `sched` → `gmp` → `lock`, `os`, `arch`.
//! `see` is used by all and uses only what is below `sched`.

use std::path::Path;

/// Layers from the bottom; a module may use its own layer and those below it.
const LAYERS: &[&[&str]] = &[
    &["sync", "arch", "os", "lock"],
    &["gmp", "see", "mem", "symtab"],
    &["sched"],
    &["wait"],
    &["lang", "api"],
    &["boot"],
];

/// Uses that go up, each with its reason.
const EXCEPTIONS: &[(&str, &str)] = &[];

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|l| l.contains(&module))
}

/// Check the `use` lines of every module.
pub fn check(root: &Path, problems: &mut Vec<String>) {
    let src = root.join("crates/gort-rt/src");
    for path in super::walk(&src) {
        let Ok(rel) = path.strip_prefix(&src) else { continue };
        let own = rel.components().next().map_or(String::new(), |c| c.as_os_str().to_string_lossy().into_owned());
        let own = own.trim_end_matches(".rs");
        let Some(own_layer) = layer(own) else { continue };
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for (n, line) in text.lines().enumerate() {
            let Some(rest) = line.trim().strip_prefix("use crate::") else { continue };
            let used = rest.split([':', ';', '{', ' ']).next().unwrap_or("");
            let up = layer(used).is_some_and(|l| l > own_layer);
            let name = rel.display().to_string();
            if up && !EXCEPTIONS.iter().any(|(file, to)| *file == name && *to == used) {
                problems.push(format!("crates/gort-rt/src/{name}:{}: {own} may not use {used}", n + 1));
            }
        }
    }
}
