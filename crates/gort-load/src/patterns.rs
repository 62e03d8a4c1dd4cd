//! Package patterns: `./...`, `std`, `cmd`, `net/...`, import paths and folders, as `go list` resolves them.

use crate::context::Context;
use crate::files::{self, Which};
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
    /// Patterns that cannot be resolved, and why, as `go` words it.
    pub errors: Vec<(String, String)>,
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
                out.errors.push((pattern.clone(), e));
                continue;
            }
        };
        // A folder that is named itself must be a package.
        if let [m] = found.as_slice()
            && m.literal
            && is_local(pattern)
            && !m.place.owner.is_goroot()
            && !resolve::has_go_files(&m.place.dir)
        {
            let text = format!("no Go files in {}", m.place.dir.display());
            out.errors.push((pattern.clone(), text));
            continue;
        }
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
            p if p.contains('@') => {
                return Err(format!(
                    "package {p}: can only use path@version syntax with 'go get' and 'go install' in module-aware mode"
                ));
            }
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
        "all" => {
            if modules.gopath.is_some() && ctx.goroot.is_some() {
                goroot(ctx, false, &mut |_| true, &mut found);
                goroot(ctx, true, &mut |_| true, &mut found);
            }
            in_modules(modules, &mut |_| true, &mut found);
        }
        _ if ctx.goroot.is_none() => return Err(crate::goroot::MISSING.into()),
        _ => goroot(ctx, pattern == "cmd", &mut |_| true, &mut found),
    }
    Ok(found)
}

/// Packages of the modules that are being worked on, or of $GOPATH.
fn in_modules(modules: &Modules, keep: &mut dyn FnMut(&str) -> bool, found: &mut Vec<Match>) {
    for root in modules.gopath.iter().flat_map(|g| &g.roots) {
        let mut walk = Walk {
            owner: Owner::Gopath,
            ignored: &|_| false,
            keep: &mut *keep,
            found: &mut *found,
        };
        walk.folder(&root.join("src"), "", true);
    }
    for (root, dir, m) in modules.roots() {
        let ignored = |d: &Path| ignores(&modules.files[m].ignore, &dir, d);
        let mut walk = Walk {
            owner: Owner::Module(m),
            ignored: &ignored,
            keep: &mut *keep,
            found: &mut *found,
        };
        walk.folder(&dir, root, true);
    }
}

/// Whether an `ignore` line of the module in `root` names a folder.
fn ignores(lines: &[String], root: &Path, dir: &Path) -> bool {
    let Ok(rest) = dir.strip_prefix(root) else {
        return false;
    };
    lines.iter().any(|line| match line.strip_prefix("./") {
        Some(line) => rest == Path::new(line),
        None => rest.ends_with(line),
    })
}

/// Packages of GOROOT: the commands, or all but the commands.
fn goroot(ctx: &Context, cmd: bool, keep: &mut dyn FnMut(&str) -> bool, found: &mut Vec<Match>) {
    let src = ctx.src();
    let (dir, path, owner) = match cmd {
        true => (src.join("cmd"), "cmd", Owner::Cmd),
        false => (src, "", Owner::Std),
    };
    let is_cmd = |p: &str| p == "cmd" || p.starts_with("cmd/");
    let mut keep = |p: &str| p != "builtin" && is_cmd(p) == cmd && keep(p);
    let mut walk = Walk {
        owner,
        ignored: &|_| false,
        keep: &mut keep,
        found,
    };
    walk.folder(&dir, path, true);
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
    if !files::is_folder(&dir) {
        let shown = start.trim_end_matches('/');
        return Err(format!(
            "pattern {pattern}: lstat {shown}/: no such file or directory"
        ));
    }
    // A folder of GOROOT is walked as such; everything else must be in a main module.
    let dir = files::canonical(&dir).unwrap_or(dir);
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
    let top = !files::is_file(&dir.join("go.mod"));
    let ignored = |d: &Path| match place.owner {
        Owner::Module(m) if m < modules.mains => {
            let root = files::canonical(modules.get(m).dir()).unwrap_or_default();
            ignores(&modules.files[m].ignore, &root, d)
        }
        _ => false,
    };
    let mut walk = Walk {
        owner: place.owner,
        ignored: &ignored,
        keep: &mut keep,
        found,
    };
    walk.folder(&place.dir, &place.path, !top);
    Ok(())
}

/// Goes through a tree of folders: not `testdata` and `vendor`, nor those whose names start with `_` or `.`, nor other
/// modules, nor what go.mod says is to be ignored.
struct Walk<'w> {
    owner: Owner,
    ignored: &'w dyn Fn(&Path) -> bool,
    keep: &'w mut dyn FnMut(&str) -> bool,
    found: &'w mut Vec<Match>,
}

impl Walk<'_> {
    /// The packages in a folder; `module` says that it is a module's root.
    fn folder(&mut self, dir: &Path, path: &str, module: bool) {
        let another = !module && self.owner != Owner::Gopath;
        if (self.ignored)(dir) || another && files::is_file(&dir.join("go.mod")) {
            return;
        }
        let Ok(entries) = files::entries(dir, Which::Tree) else {
            return;
        };
        let mut folders: Vec<(String, PathBuf)> = Vec::new();
        let mut has_go = false;
        for e in entries {
            if e.folder {
                let sub = dir.join(&e.name);
                folders.push((e.name, sub));
            } else {
                has_go |= package::is_go(&e.name);
            }
        }
        if has_go && !path.is_empty() && (self.keep)(path) {
            self.found.push(Match {
                place: Place {
                    path: path.to_string(),
                    dir: dir.to_path_buf(),
                    owner: self.owner,
                },
                literal: false,
            });
        }
        folders.sort();
        for (name, sub) in folders {
            // GOROOT's own vendor folders hold packages of the distribution; without modules, patterns may name those.
            let vendor = name == "vendor" && matches!(self.owner, Owner::Module(_) | Owner::None);
            if name == "testdata" || vendor || name.starts_with(['_', '.']) {
                continue;
            }
            let below = if path.is_empty() {
                name
            } else {
                format!("{path}/{name}")
            };
            self.folder(&sub, &below, false);
        }
    }
}

/// Whether a pattern means a package, whether or not it would have found it; `here` is the working folder.
pub fn means(pattern: &str, here: &Path, place: &Place) -> bool {
    if is_local(pattern) {
        let (dir, rest) = match pattern.find("...") {
            None => return resolve::clean(&here.join(pattern)) == place.dir,
            Some(at) => pattern.split_at(pattern[..at].rfind('/').map_or(0, |slash| slash + 1)),
        };
        let below = place.dir.strip_prefix(resolve::clean(&here.join(dir)));
        return below.is_ok_and(|below| match below.as_os_str().is_empty() {
            true => matches(rest, "."),
            false => matches(rest, &below.to_string_lossy()),
        });
    }
    match pattern {
        "all" => true,
        "std" => place.owner.is_goroot(),
        "cmd" => place.owner.is_goroot() && place.path.starts_with("cmd/"),
        _ => matches(pattern, &place.path),
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
    fn patterns_mean_packages() {
        let place = |path: &str, dir: &str, owner| Place {
            path: path.into(),
            dir: dir.into(),
            owner,
        };
        let own = place("m/a/b", "/w/a/b", Owner::Module(0));
        let fmt = place("fmt", "/go/src/fmt", Owner::Std);
        for (pattern, of_own, of_fmt) in [
            ("./...", true, false),
            ("./a/...", true, false),
            ("./a/b", true, false),
            ("./a", false, false),
            ("./x/...", false, false),
            ("../...", true, false),
            ("m/...", true, false),
            ("fmt", false, true),
            ("all", true, true),
            ("std", false, true),
        ] {
            let here = Path::new("/w");
            assert_eq!(means(pattern, here, &own), of_own, "{pattern}");
            if pattern != "../..." {
                assert_eq!(means(pattern, here, &fmt), of_fmt, "{pattern}");
            }
        }
    }

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
