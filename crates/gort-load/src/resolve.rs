//! Which folder an import path or a folder argument means.
//!
//! Standard packages come from GOROOT or the overlay, and import what GOROOT vendors by its short path; all other
//! packages belong to a module (`modules.rs`).

use crate::context::Context;
use crate::files::{self, Which};
use crate::modules::Modules;
use crate::package;
use std::path::{Path, PathBuf};

/// Whose a package is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// The standard library or the overlay.
    Std,
    /// The commands in GOROOT/src/cmd.
    Cmd,
    /// A module, by its index in [`Modules::list`].
    Module(usize),
    /// No module, where builds are without.
    Gopath,
    /// No module: files named on the command line outside of any.
    None,
}

impl Owner {
    /// Whether it is part of the Go distribution.
    pub fn is_goroot(self) -> bool {
        matches!(self, Owner::Std | Owner::Cmd)
    }
}

/// Where a package is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its import path, with `vendor/` in front for what GOROOT vendors.
    pub path: String,
    /// Its folder.
    pub dir: PathBuf,
    /// Whose it is.
    pub owner: Owner,
}

/// What an import path means in a package of `from`; `importer` is that package's path.
///
/// # Errors
/// In the words of `go`: which package is missing and, where a command helps, which.
pub fn import(
    ctx: &Context,
    modules: &Modules,
    path: &str,
    from: Owner,
    importer: Option<&str>,
) -> Result<Place, String> {
    if let Some(gopath) = modules.gopath.as_ref().filter(|_| !from.is_goroot()) {
        return gopath.import(ctx, path, None);
    }
    if let Some(place) = goroot(ctx, path, from) {
        return Ok(place);
    }
    if from.is_goroot() {
        return Err(not_in_std(ctx, path));
    }
    modules.import(ctx, path, importer)
}

/// The text about a path that only the standard library could have.
pub fn not_in_std(ctx: &Context, path: &str) -> String {
    if ctx.goroot.is_none() {
        return crate::goroot::MISSING.to_string();
    }
    format!(
        "package {path} is not in std ({})",
        ctx.src().join(path).display()
    )
}

/// Whether a path can be one of the standard library: its first element has no dot.
pub fn is_std_form(path: &str) -> bool {
    !path.split('/').next().unwrap_or(path).contains('.')
}

/// A package of GOROOT or of the overlay.
pub fn goroot(ctx: &Context, path: &str, from: Owner) -> Option<Place> {
    let src = ctx.src();
    let owner = match path {
        "cmd" => Owner::Cmd,
        p if p.starts_with("cmd/") => Owner::Cmd,
        _ => Owner::Std,
    };
    let place = |path: String, dir: PathBuf, owner| Some(Place { path, dir, owner });
    let vendor = match from {
        Owner::Std => Some(("vendor", Owner::Std)),
        Owner::Cmd => Some(("cmd/vendor", Owner::Cmd)),
        _ => None,
    };
    if let Some((folder, owner)) = vendor {
        let dir = src.join(folder).join(path);
        if !is_std_form(path) && files::is_folder(&dir) {
            return place(format!("{folder}/{path}"), dir, owner);
        }
    }
    let dir = src.join(path);
    if is_std_form(path) && (package::is_replaced(ctx, path) || has_go_files(&dir)) {
        return place(path.to_string(), dir, owner);
    }
    None
}

/// Whether a package may import one that has an element `internal` in its path: only below the parent of that element,
/// and what the distribution keeps for itself only there.
pub fn may_use_internal(importer: &str, from: Owner, imported: &Place) -> bool {
    let path = &imported.path;
    let Some(at) = internal_at(path) else {
        return true;
    };
    if imported.owner.is_goroot() {
        let vendored = path.starts_with("vendor/") || path.starts_with("cmd/vendor/");
        if !from.is_goroot() || vendored {
            return from.is_goroot();
        }
    }
    // Below GOROOT/src everything may use what is at its top.
    let parent = path[..at].trim_end_matches('/');
    // Files named on the command line are judged by their module, external tests by the package they test.
    let importer = importer.strip_suffix("_test").unwrap_or(importer);
    parent.is_empty() || crate::modules::below(importer, parent).is_some()
}

/// Where the last element `internal` of a path starts.
pub fn internal_at(path: &str) -> Option<usize> {
    let mut at = path.len();
    for element in path.rsplit('/') {
        at -= element.len();
        if element == "internal" {
            return Some(at);
        }
        at = at.saturating_sub(1);
    }
    None
}

/// Whether a folder holds a Go file: only then is it a package.
pub fn has_go_files(dir: &Path) -> bool {
    let entries = files::entries(dir, Which::Sources).unwrap_or_default();
    entries.iter().any(|e| e.name.ends_with(".go") && !e.folder)
}

/// What a folder named on the command line means.
///
/// # Errors
/// A folder that does not exist or that no module has, as `go` says it.
pub fn folder(ctx: &Context, modules: &Modules, arg: &str) -> Result<Place, String> {
    let joined = clean(&ctx.cwd.join(arg));
    let Ok(dir) = files::canonical(&joined) else {
        if let Some(gopath) = &modules.gopath {
            return gopath.folder(ctx, &joined);
        }
        return Err(format!("stat {}: directory not found", joined.display()));
    };
    let src = ctx.src();
    let src = files::canonical(&src).unwrap_or(src);
    if let Ok(rest) = dir.strip_prefix(&src) {
        let path = rest.to_string_lossy().into_owned();
        let cmd = path.starts_with("cmd/");
        return Ok(Place {
            path,
            dir,
            owner: if cmd { Owner::Cmd } else { Owner::Std },
        });
    }
    match &modules.gopath {
        Some(gopath) => gopath.folder(ctx, &joined),
        None => modules.folder(ctx, &dir, arg),
    }
}

/// The shorter of a path and the same as seen from a folder; both are absolute.
pub fn short(from: &Path, path: &Path) -> String {
    let full = path.display().to_string();
    let same = from.components().zip(path.components());
    let common = same.take_while(|(a, b)| a == b).count();
    let ups = from.components().count() - common;
    let mut parts = vec!["..".to_string(); ups];
    let rest = path.components().skip(common);
    parts.extend(rest.map(|c| c.as_os_str().display().to_string()));
    let relative = parts.join("/");
    match relative.len() < full.len() {
        true if relative.is_empty() => ".".into(),
        true => relative,
        false => full,
    }
}

/// A path without `.` and `..` elements, as far as that can be told from its text.
pub fn clean(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut out = PathBuf::new();
    for c in path.components() {
        match c {
            Component::CurDir => {}
            Component::ParentDir => {
                if !out.pop() {
                    out.push("..");
                }
            }
            other => out.push(other),
        }
    }
    out
}
