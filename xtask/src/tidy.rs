//! The rules of the layout, checked: crate edges, directions inside the runtime, file length, head comments,
//! words that have no place in the repository, the border between Go and the runtime, paths in pages, gofmt.

mod border;
mod docs;
mod edges;
mod files;
mod gofmt;
mod golang;
mod looks;
mod passes;
mod runtime;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Run all checks from the root of the repository.
pub fn main() -> ExitCode {
    // `cargo run` says where it runs; the one it was compiled for may be another checkout with the same target folder.
    let own = std::env::var("CARGO_MANIFEST_DIR");
    let own = own.unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_string());
    let root = Path::new(&own)
        .parent()
        .expect("xtask is in the repository");
    let mut problems = Vec::new();
    border::check(root, &mut problems);
    docs::check(root, &mut problems);
    edges::check(root, &mut problems);
    files::check(root, &mut problems);
    gofmt::check(root, &mut problems);
    looks::check(root, &mut problems);
    passes::check(root, &mut problems);
    runtime::check(root, &mut problems);
    for p in &problems {
        eprintln!("tidy: {p}");
    }
    let longest = files::longest(root);
    println!(
        "tidy: {} problems; longest file: {} lines, {}",
        problems.len(),
        longest.0,
        longest.1
    );
    if problems.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// All files below a folder, sorted, without what git ignores.
pub fn walk(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(dir) else {
        return found;
    };
    let mut paths: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    paths.sort();
    for p in paths {
        let name = p
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name == ".git" || name.starts_with("target") || name == "__pycache__" {
            continue;
        }
        if p.is_dir() {
            found.extend(walk(&p));
        } else {
            found.push(p);
        }
    }
    found
}
