//! Package patterns: `./...`, `std`, `cmd`, `net/...`, import paths and folders, as `go list` resolves them.

use crate::context::Context;
use crate::modules::Modules;
use crate::package;
use crate::resolve::{self, Owner, Place};
use std::path::{Path, PathBuf};

/// A package that a pattern names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Where it is.
    pub place: Place,
    /// Whether it was named itself: a pattern with `...` passes over folders that hold nothing to build.
    pub literal: bool,
}

/// What patterns name, without repetitions.
#[derive(Debug, Default)]
pub struct Matches {
    /// The packages in the order of the patterns, below a pattern by folder.
    pub packages: Vec<Match>,
    /// Warnings, as `go` prints them.
    pub warnings: Vec<String>,
    /// Patterns that cannot be resolved, as `go` words it.
    pub errors: Vec<String>,
}

/// Resolve patterns; none means the working folder.
pub fn expand(ctx: &Context, modules: &Modules, patterns: &[String]) -> Matches {
    let mut out = Matches::default();
    let here = [".".to_string()];
    let patterns = if patterns.is_empty() {
        &here[..]
    } else {
        patterns
    };
    for pattern in patterns {
        let found = match one(ctx, modules, pattern) {
            Ok(found) => found,
            Err(e) => {
                out.errors.push(e);
                continue;
            }
        };
        let holds = |m: &Match| m.literal || package::is_buildable(ctx, &m.place);
        let found: Vec<Match> = found.into_iter().filter(holds).collect();
        if found.is_empty() {
            out.warnings
                .push(format!("go: warning: {pattern:?} matched no packages"));
        }
        for m in found {
            if !out.packages.iter().any(|p| p.place.path == m.place.path) {
                out.packages.push(m);
            }
        }
    }
    out
}

/// Whether an argument names a folder rather than an import path.
pub fn is_local(pattern: &str) -> bool {
    matches!(pattern, "." | "..")
        || pattern.starts_with("./")
        || pattern.starts_with("../")
        || pattern.starts_with('/')
}

fn one(ctx: &Context, modules: &Modules, pattern: &str) -> Result<Vec<Match>, String> {
    let wild = pattern.contains("...");
    if !wild {
        let place = match pattern {
            "std" | "cmd" | "all" => return meta(ctx, modules, pattern),
            p if is_local(p) => resolve::folder(ctx, modules, p)?,
            p => {
                let p = p.strip_suffix('/').unwrap_or(p);
                resolve::import(ctx, modules, p, Owner::None, None)?
            }
        };
        return Ok(vec![Match {
            place,
            literal: true,
        }]);
    }
    let mut found = Vec::new();
    if is_local(pattern) {
        local(ctx, modules, pattern, &mut found)?;
        return Ok(found);
    }
    let glob = |path: &str| matches(pattern, path);
    // Only a pattern that starts with cmd means the commands.
    if ctx.goroot.is_some() {
        let cmd = pattern.starts_with("cmd");
        goroot(ctx, cmd, &mut |p| glob(p), &mut found);
    }
    in_modules(modules, &mut |p| glob(p), &mut found);
    Ok(found)
}

fn meta(ctx: &Context, modules: &Modules, pattern: &str) -> Result<Vec<Match>, String> {
    let mut found = Vec::new();
    match pattern {
        "all" => in_modules(modules, &mut |_| true, &mut found),
        _ if ctx.goroot.is_none() => return Err(crate::goroot::MISSING.into()),
        _ => goroot(ctx, pattern == "cmd", &mut |_| true, &mut found),
    }
    Ok(found)
}

/// Packages of the modules that are being worked on.
fn in_modules(modules: &Modules, keep: &mut dyn FnMut(&str) -> bool, found: &mut Vec<Match>) {
    for (root, dir, m) in modules.roots() {
        walk(&dir, root, Owner::Module(m), true, keep, found);
    }
}

/// Packages of GOROOT: the commands, or all but the commands.
fn goroot(ctx: &Context, cmd: bool, keep: &mut dyn FnMut(&str) -> bool, found: &mut Vec<Match>) {
    let src = ctx.src();
    if cmd {
        walk(&src.join("cmd"), "cmd", Owner::Cmd, true, keep, found);
        return;
    }
    let mut keep = |p: &str| p != "builtin" && p != "cmd" && !p.starts_with("cmd/") && keep(p);
    walk(&src, "", Owner::Std, true, &mut keep, found);
}

/// Packages below a folder that a pattern like `./a/...` starts with.
fn local(
    ctx: &Context,
    modules: &Modules,
    pattern: &str,
    found: &mut Vec<Match>,
) -> Result<(), String> {
    // The folder is what stands before the element with the dots.
    let cut = pattern.find("...").unwrap_or(0);
    let start = pattern[..cut].rfind('/').map_or("", |i| &pattern[..=i]);
    let start = if start.is_empty() { "." } else { start };
    let dir = resolve::clean(&ctx.cwd.join(start));
    if !dir.is_dir() {
        let shown = start.trim_end_matches('/');
        return Err(format!(
            "pattern {pattern}: lstat {shown}/: no such file or directory"
        ));
    }
    // A folder of GOROOT is walked as such; everything else must be in a main module.
    let dir = dir.canonicalize().unwrap_or(dir);
    let place = resolve::folder(ctx, modules, &dir.display().to_string()).map_err(|e| {
        if !e.starts_with("go: ") {
            let shown = start.trim_end_matches('/');
            format!(
                "pattern {pattern}: directory prefix {shown} does not contain {} or their selected dependencies", modules.scope()
            )
        } else {
            format!("pattern {pattern}: {}", e.trim_start_matches("go: "))
        }
    })?;
    let glob = resolve::clean(&ctx.cwd.join(pattern)).display().to_string();
    let base = resolve::clean(&ctx.cwd.join(start));
    let root = place.path.clone();
    let mut keep = |path: &str| {
        let rest = crate::modules::below(path, &root).unwrap_or(path);
        let full = if rest.is_empty() {
            base.clone()
        } else {
            base.join(rest)
        };
        matches(&glob, &full.display().to_string())
    };
    let top = !dir.join("go.mod").is_file();
    walk(&place.dir, &place.path, place.owner, !top, &mut keep, found);
    Ok(())
}

/// The packages in a tree of folders: not in `testdata` and `vendor`, nor in folders whose names start with `_` or
/// `.`, nor in other modules. `module` says that the folder itself is a module's root.
fn walk(
    dir: &Path,
    path: &str,
    owner: Owner,
    module: bool,
    keep: &mut dyn FnMut(&str) -> bool,
    found: &mut Vec<Match>,
) {
    if !module && dir.join("go.mod").is_file() {
        return;
    }
    let Ok(entries) = std::fs::read_dir(dir) else {
        return;
    };
    let mut folders: Vec<(String, PathBuf)> = Vec::new();
    let mut has_go = false;
    for e in entries.flatten() {
        let Ok(name) = e.file_name().into_string() else {
            continue;
        };
        let is_dir = e.file_type().is_ok_and(|t| t.is_dir());
        if is_dir {
            folders.push((name, e.path()));
        } else {
            has_go |= name.ends_with(".go") && !name.starts_with(['_', '.']);
        }
    }
    if has_go && !path.is_empty() && keep(path) {
        found.push(Match {
            place: Place {
                path: path.to_string(),
                dir: dir.to_path_buf(),
                owner,
            },
            literal: false,
        });
    }
    folders.sort();
    for (name, sub) in folders {
        // GOROOT's own vendor folders hold packages of the distribution.
        let vendor = name == "vendor" && !owner.is_goroot();
        if name == "testdata" || vendor || name.starts_with(['_', '.']) {
            continue;
        }
        let below = if path.is_empty() {
            name
        } else {
            format!("{path}/{name}")
        };
        walk(&sub, &below, owner, false, keep, found);
    }
}

/// Whether a path matches a pattern in which `...` stands for any text. As `go help packages` says, `/...` at the end
/// may match nothing, and no `...` matches an element `vendor` unless the pattern names it.
pub fn matches(pattern: &str, path: &str) -> bool {
    if let Some(prefix) = pattern.strip_suffix("/...")
        && !prefix.contains("...")
        && path == prefix
    {
        return true;
    }
    let vendored = |p: &str| p.split('/').any(|e| e == "vendor");
    if vendored(path)
        && !path.starts_with("vendor/")
        && !path.starts_with("cmd/vendor/")
        && !vendored(pattern)
    {
        return false;
    }
    let parts: Vec<&str> = pattern.split("...").collect();
    glob(&parts, path)
}

fn glob(parts: &[&str], text: &str) -> bool {
    let Some(rest) = text.strip_prefix(parts[0]) else {
        return false;
    };
    if parts.len() == 1 {
        return rest.is_empty();
    }
    // What the dots swallow: any number of characters.
    let starts = rest.char_indices().map(|(i, _)| i).chain([rest.len()]);
    starts.into_iter().any(|i| glob(&parts[1..], &rest[i..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots() {
        for (pattern, path, want) in [
            ("net/...", "net", true),
            ("net/...", "net/http", true),
            ("net/...", "netip", false),
            ("net...", "netip", true),
            (".../http", "net/http", true),
            ("a/.../b", "a/x/y/b", true),
            ("a/.../b", "a/b", false),
            ("...", "x", true),
        ] {
            assert_eq!(matches(pattern, path), want, "{pattern} {path}");
        }
    }
}
