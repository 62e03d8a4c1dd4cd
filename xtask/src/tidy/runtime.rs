//! Directions inside the runtime: `api`, `lang` → `wait` → `sched` → `gmp` → `lock`, `os`, `arch`.
//! `simd` is at the bottom: computations that know nothing of the rest.
//! `gc`, what depends on reachability, stands beside `sched`.
//! `see` is used by all and uses only what is below `sched`. Every `crate::…` path counts, not only `use`.

use std::path::Path;

/// Layers from the bottom; a module may use its own layer and those below it.
///
/// `arch` shares a layer with `gmp`: the assembly addresses the fields of G, M and stack segments by
/// `offset_of!`, and everybody reaches the current M through `arch::getm`, locks to note what the thread holds.
const LAYERS: &[&[&str]] = &[
    &[
        "sync", "os", "barrier", "chaos", "rank", "text", "debug", "simd",
    ],
    // The heap is in this layer, too: a P has its cache, and allocating may begin a cycle, which stops the world.
    &[
        "arch",
        "lock",
        "lock_model",
        "gmp",
        "see",
        "mem",
        "gc",
        "sched",
        "symtab",
    ],
    &["wait"],
    &["lang", "api"],
    &["boot"],
];

/// Ends of the line: they never return, so nothing above them can be waiting for the caller. Everybody
/// may call them.
const ENDS: &[&str] = &["lang::throw"];

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|l| l.contains(&module))
}

/// Check the paths of every module.
pub fn check(root: &Path, problems: &mut Vec<String>) {
    let src = root.join("crates/gort-rt/src");
    for path in super::walk(&src) {
        let Ok(rel) = path.strip_prefix(&src) else {
            continue;
        };
        let own = rel.components().next().map_or(String::new(), |c| {
            c.as_os_str().to_string_lossy().into_owned()
        });
        let own = own.trim_end_matches(".rs");
        if own == "lib" {
            continue;
        }
        let name = rel.display().to_string();
        let Some(own_layer) = layer(own) else {
            problems.push(format!(
                "crates/gort-rt/src/{name}: module {own} is in no layer"
            ));
            continue;
        };
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        for (n, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or("");
            for rest in code.split("crate::").skip(1) {
                let used = rest
                    .split(|c: char| !c.is_alphanumeric() && c != '_')
                    .next()
                    .unwrap_or("");
                let up = layer(used).is_some_and(|l| l > own_layer);
                if up && !ENDS.iter().any(|end| rest.starts_with(end)) {
                    problems.push(format!(
                        "crates/gort-rt/src/{name}:{}: {own} may not use {used}",
                        n + 1
                    ));
                }
            }
        }
    }
}
