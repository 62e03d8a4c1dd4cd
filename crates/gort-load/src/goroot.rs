//! Where the sources of the standard library are.

use crate::files;
use std::path::{Path, PathBuf};

/// Said when no GOROOT is found.
pub const MISSING: &str = "gort: cannot find the Go 1.27 standard library: set GOROOT to a Go 1.27 distribution, of which only the sources are needed, or install Go 1.27";

/// Where gort keeps things: `$GORT_CACHE`, or `~/.cache/gort`.
pub fn cache_base() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|v| !v.is_empty());
    let default = || Some(PathBuf::from(set("HOME")?).join(".cache/gort"));
    let base = set("GORT_CACHE").map(PathBuf::from).or_else(default)?;
    std::path::absolute(base).ok()
}

/// The folder that `make goroot` unpacks to, in [`cache_base`].
pub fn cache_folder() -> Option<PathBuf> {
    Some(cache_base()?.join("goroot"))
}

/// Find GOROOT: `$GOROOT`, the cache folder, then that of an installed `go` on the path, each only if it is Go 1.27.
///
/// # Errors
/// One line that says how to get it.
pub fn find() -> Result<PathBuf, String> {
    if let Some(root) = std::env::var_os("GOROOT").filter(|r| !r.is_empty()) {
        let root = PathBuf::from(root);
        return match version(&root) {
            Some(v) if is_1_27(&v) => Ok(root),
            Some(v) => Err(format!(
                "gort: GOROOT={} is {v}, but gort needs go1.27",
                root.display()
            )),
            None => Err(format!(
                "gort: GOROOT={} does not hold a Go distribution",
                root.display()
            )),
        };
    }
    elsewhere()
}

/// That which is found where `$GOROOT` is not asked.
///
/// # Errors
/// As for [`find`].
pub fn elsewhere() -> Result<PathBuf, String> {
    let mut candidates: Vec<PathBuf> = cache_folder().into_iter().collect();
    for dir in std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()) {
        if let Ok(go) = files::canonical(&dir.join("go"))
            && let Some(root) = go.parent().and_then(Path::parent)
        {
            candidates.push(root.to_path_buf());
        }
    }
    candidates.push("/usr/local/go".into());
    let good = |root: &PathBuf| version(root).is_some_and(|v| is_1_27(&v));
    candidates
        .into_iter()
        .find(good)
        .ok_or_else(|| MISSING.to_string())
}

/// The first line of the VERSION file: `go1.27.3`.
pub fn version(root: &Path) -> Option<String> {
    if !files::is_folder(&root.join("src/unsafe")) {
        return None;
    }
    let text = files::read_to_string(&root.join("VERSION")).ok()?;
    Some(text.lines().next()?.trim().to_string())
}

fn is_1_27(version: &str) -> bool {
    version == "go1.27" || version.starts_with("go1.27.") || version.starts_with("go1.27rc")
}
