//! Parse every `.go` file below the given folders, outside `testdata`, on all cores, and report errors and
//! speed: `cargo run --release -p gort-syntax --example parse_all -- "$GOROOT/src"`.

use bumpalo::Bump;
use gort_syntax::{FileSet, Mode, parse_file};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

fn collect(dir: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return;
    };
    for path in entries.flatten().map(|e| e.path()) {
        if path.is_dir() {
            if path.file_name().is_none_or(|n| n != "testdata") {
                collect(&path, files);
            }
        } else if path.extension().is_some_and(|e| e == "go") {
            files.push(path);
        }
    }
}

fn main() {
    let mut paths = Vec::new();
    for dir in std::env::args_os().skip(1) {
        collect(Path::new(&dir), &mut paths);
    }
    paths.sort();
    let sources: Vec<(String, Vec<u8>)> = paths
        .iter()
        .filter_map(|p| Some((p.display().to_string(), std::fs::read(p).ok()?)))
        .collect();
    let bytes: usize = sources.iter().map(|(_, s)| s.len()).sum();
    let (next, errors) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let set = FileSet::new();
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut arena = Bump::new();
                while let Some((name, src)) = sources.get(next.fetch_add(1, Ordering::Relaxed)) {
                    arena.reset();
                    let (_, diagnostics) = parse_file(&arena, &set, name, src, Mode::Full);
                    for d in &diagnostics {
                        let at = set
                            .position(d.pos)
                            .map(|p| format!("{}:{}:{}", p.file, p.line, p.col));
                        println!("{}: {}", at.unwrap_or_default(), d.msg);
                    }
                    errors.fetch_add(diagnostics.len(), Ordering::Relaxed);
                }
            });
        }
    });
    let seconds = start.elapsed().as_secs_f64();
    let errors = errors.into_inner();
    println!(
        "{} files, {:.1} MB, {errors} errors, {:.0} ms, {:.0} MB/s on {threads} threads",
        sources.len(),
        bytes as f64 / 1e6,
        seconds * 1e3,
        bytes as f64 / 1e6 / seconds
    );
    std::process::exit(i32::from(errors > 0));
}
