//! Which files belong to a package.

use crate::context::Context;
use crate::recipe::Recipe;
use std::path::{Path, PathBuf};

/// A source file, read.
#[derive(Debug)]
pub struct Source {
    /// Where it is (or, for the overlay, below which name it is shown).
    pub path: PathBuf,
    /// Its contents.
    pub bytes: Vec<u8>,
}

/// The Go files of a folder that the build takes, by name, without tests.
///
/// # Errors
/// A folder or file that cannot be read; a folder without Go files.
pub fn folder(ctx: &Context, dir: &Path) -> Result<Vec<Source>, String> {
    recipe_folder(ctx, dir, None)
}

/// The files of a package of GOROOT, with what overlay.toml drops and adds.
///
/// # Errors
/// As for [`folder`].
pub fn standard(ctx: &Context, import_path: &str, dir: &Path) -> Result<Vec<Source>, String> {
    let recipe = ctx.recipes.get(import_path);
    let mut sources = recipe_folder(ctx, dir, recipe)?;
    if recipe.is_some() {
        sources.extend(overlay_files(ctx, import_path));
        sources.sort_by(|a, b| a.path.cmp(&b.path));
    }
    Ok(sources)
}

fn recipe_folder(
    ctx: &Context,
    dir: &Path,
    recipe: Option<&Recipe>,
) -> Result<Vec<Source>, String> {
    let entries =
        std::fs::read_dir(dir).map_err(|e| format!("open {}: {}", dir.display(), io_text(&e)))?;
    let mut names: Vec<String> = entries
        .filter_map(|e| e.ok()?.file_name().into_string().ok())
        .filter(|n| n.ends_with(".go") && !n.starts_with(['_', '.']) && !n.ends_with("_test.go"))
        .collect();
    names.sort();
    if names.is_empty() {
        return Err(format!("no Go files in {}", dir.display()));
    }
    let mut sources = Vec::new();
    for name in names {
        let added = recipe.is_some_and(|r| r.add.contains(&name));
        let dropped = recipe.is_some_and(|r| r.drop.contains(&name));
        if dropped || !(added || ctx.tags.matches_name(&name)) {
            continue;
        }
        let path = dir.join(&name);
        let bytes = read(&path)?;
        if added || ctx.tags.matches_source(&bytes) {
            sources.push(Source { path, bytes });
        }
    }
    if sources.is_empty() {
        return Err(format!(
            "build constraints exclude all Go files in {}",
            dir.display()
        ));
    }
    Ok(sources)
}

/// The files of a package that the overlay replaces as a whole.
pub fn overlay(ctx: &Context, import_path: &str) -> Option<Vec<Source>> {
    if ctx.recipes.contains_key(import_path) {
        return None;
    }
    let sources = overlay_files(ctx, import_path);
    (!sources.is_empty()).then_some(sources)
}

fn overlay_files(ctx: &Context, import_path: &str) -> Vec<Source> {
    let mut sources: Vec<Source> = ctx
        .overlay
        .iter()
        .filter(|(path, _)| {
            path.rsplit_once('/')
                .is_some_and(|(dir, f)| dir == import_path && f.ends_with(".go"))
        })
        .map(|(path, bytes)| Source {
            path: ctx.src().join(path),
            bytes: bytes.to_vec(),
        })
        .collect();
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

/// Read one file.
///
/// # Errors
/// As `go` words it.
pub fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|e| format!("open {}: {}", path.display(), io_text(&e)))
}

/// An I/O error in the words of Go's syscall package.
pub fn io_text(e: &std::io::Error) -> String {
    match e.kind() {
        std::io::ErrorKind::NotFound => "no such file or directory".into(),
        std::io::ErrorKind::PermissionDenied => "permission denied".into(),
        _ => e.to_string(),
    }
}
