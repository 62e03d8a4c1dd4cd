//! What a test has read, as a digest: the log that the test executable writes (`-test.testlogfile`) names the variables
//! and files; official Go's rules say which of them count. Files count by size, mode and time, not by what they hold; those
//! outside of the module or GOROOT do not count; a file that was young when it was read keeps the result from being kept.

use gort_load::files::{self, Digest};
use std::fmt::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How the log begins.
pub const MAGIC: &str = "# test log\n";

/// A file that has changed within this time may change again without a sign.
const YOUNG: Duration = Duration::from_secs(2);

/// The digest of what the log names, for a package in `dir` below `root`; nothing where the log says too little or too
/// much.
pub fn digest(log: &str, dir: &Path, root: &Path) -> Option<Digest> {
    let log = log.strip_prefix(MAGIC)?;
    let mut text = String::new();
    // The runtime reads it without a line in the log.
    variable(&mut text, "GODEBUG");
    let mut cwd = dir.to_path_buf();
    for line in log.lines().filter(|l| !l.is_empty()) {
        let (op, name) = line.split_once(' ')?;
        let path = cwd.join(name);
        match op {
            "getenv" => variable(&mut text, name),
            "chdir" => {
                cwd = PathBuf::from(name);
                looked_at(&mut text, &cwd);
            }
            "stat" if is_inside(&path, root) => looked_at(&mut text, &path),
            "open" if is_inside(&path, root) => opened(&mut text, &path)?,
            "stat" | "open" => {}
            _ => return None,
        }
    }
    Some(files::digest(text.as_bytes()))
}

fn variable(text: &mut String, name: &str) {
    let _ = writeln!(text, "env {name} {:?}", std::env::var_os(name));
}

fn looked_at(text: &mut String, path: &Path) {
    let _ = writeln!(text, "stat {path:?}");
    describe(text, path.metadata());
    describe(text, path.symlink_metadata());
}

/// Nothing for a file that is too young.
fn opened(text: &mut String, path: &Path) -> Option<()> {
    let _ = writeln!(text, "open {path:?}");
    let meta = path.metadata();
    if let Ok(meta) = &meta {
        let age = || SystemTime::now().duration_since(meta.modified().ok()?).ok();
        if meta.is_file() && age().is_none_or(|age| age < YOUNG) {
            return None;
        }
        if meta.is_dir() {
            let mut names: Vec<PathBuf> = std::fs::read_dir(path)
                .into_iter()
                .flatten()
                .filter_map(|e| Some(e.ok()?.path()))
                .collect();
            names.sort();
            for name in names {
                let _ = writeln!(text, "file {name:?}");
                describe(text, name.symlink_metadata());
            }
        }
    }
    describe(text, meta);
    Some(())
}

fn describe(text: &mut String, meta: std::io::Result<std::fs::Metadata>) {
    let _ = match meta {
        Ok(m) => writeln!(
            text,
            "{} {:o} {} {}",
            m.size(),
            m.mode(),
            m.mtime(),
            m.mtime_nsec()
        ),
        Err(e) => writeln!(text, "{:?}", e.kind()),
    };
}

/// Whether a path is below a folder, as written or with links followed.
fn is_inside(path: &Path, root: &Path) -> bool {
    let path = gort_load::resolve::clean(path);
    if path.starts_with(root) {
        return true;
    }
    let real = |p: &Path| p.canonicalize().unwrap_or_else(|_| p.to_path_buf());
    real(&path).starts_with(real(root))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts() {
        let dir = std::env::temp_dir().join(format!("gort-inputs-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let of = |lines: &str| digest(&format!("{MAGIC}{lines}"), &dir, &dir);
        let outside = of("stat /etc/passwd\nopen /etc/passwd\n");
        assert_eq!(outside, of(""));
        assert_ne!(of("getenv HOME\n"), outside);
        assert_eq!(of("read x\n"), None);
        assert_eq!(digest("getenv HOME\n", &dir, &dir), None);
        let missing = of("open data\n");
        assert!(missing.is_some());
        std::fs::write(dir.join("data"), "x").unwrap();
        assert_eq!(of("open data\n"), None);
        let old = SystemTime::now() - Duration::from_secs(60);
        let set = |time| {
            let file = std::fs::File::options().append(true).open(dir.join("data"));
            file.unwrap().set_modified(time).unwrap();
        };
        set(old);
        let there = of("open data\n");
        assert!(there.is_some() && there != missing);
        set(old - YOUNG);
        assert_ne!(of("open data\n"), there);
        std::fs::remove_dir_all(dir).unwrap();
    }
}
