//! What goes from the cache: once a day what has not been used for five days, and whenever it has grown beyond [`LIMIT`]
//! what was used longest ago, down to three quarters. `gort clean` takes all.
//!
//! Tools, which lie beside the cache, go by age as well.
//!
//! How much there is is kept as an estimate in `size.txt`, to which each executable adds itself; builds at the same time
//! may lose each other's sums, which the next count puts right.

use super::store;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// More bytes than this are not kept for long.
const LIMIT: u64 = 2 << 30;

/// Time without use after which a file goes, besides the hour by which its last use may be off.
const AGE: Duration = Duration::from_secs((5 * 24 + 1) * 60 * 60);

/// Time after which files go that somebody did not finish writing.
const UNFINISHED: Duration = Duration::from_secs(60 * 60);

/// Time from one look to the next.
const INTERVAL: Duration = Duration::from_secs(24 * 60 * 60);

/// Add to the estimate.
pub fn grown(dir: &Path, bytes: u64) {
    let size = estimate(dir).saturating_add(bytes);
    if size > LIMIT {
        trim(dir, LIMIT, SystemTime::now());
    } else {
        store::write(&dir.join("size.txt"), format!("{size}\n").as_bytes(), 0o666);
    }
}

fn estimate(dir: &Path) -> u64 {
    let text = std::fs::read_to_string(dir.join("size.txt"));
    text.ok().and_then(|t| t.trim().parse().ok()).unwrap_or(0)
}

/// Once a day, look at what is there.
pub fn trim_if_due(dir: &Path) {
    let last = dir.join("trim.txt");
    let age = last.metadata().and_then(|m| m.modified()).ok();
    let age = age.map(|t| t.elapsed().unwrap_or_default());
    if age.is_some_and(|age| age < INTERVAL) {
        return;
    }
    // Whoever comes next need not do the same.
    if store::write(
        &last,
        b"The time of this file is that of the last trim.\n",
        0o666,
    ) && age.is_some()
    {
        trim(dir, LIMIT, SystemTime::now());
    }
}

/// Remove what is old, and what is too much.
fn trim(dir: &Path, limit: u64, now: SystemTime) {
    let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
    let mut size = 0;
    let tools = dir.with_file_name("tools");
    for tool in list(&tools).iter().flat_map(|folder| list(folder)) {
        let used = tool.metadata().and_then(|m| m.modified()).unwrap_or(now);
        if now.duration_since(used).is_ok_and(|age| age > AGE) {
            let _ = std::fs::remove_file(&tool);
            // Unless another tool is in it.
            let _ = tool.parent().map(std::fs::remove_dir);
        }
    }
    for file in folders(dir)
        .iter()
        .flat_map(std::fs::read_dir)
        .flatten()
        .flatten()
    {
        let Ok(meta) = file.metadata() else { continue };
        let used = meta.modified().unwrap_or(now);
        let path = file.path();
        let unfinished = path.extension().is_some_and(|e| e == store::UNFINISHED);
        let age = now.duration_since(used).unwrap_or_default();
        if age > if unfinished { UNFINISHED } else { AGE } {
            let _ = std::fs::remove_file(&path);
            continue;
        }
        size += meta.len();
        files.push((used, meta.len(), path));
    }
    if size > limit {
        files.sort();
        for (_, bytes, path) in files {
            if size <= limit / 4 * 3 {
                break;
            }
            if std::fs::remove_file(path).is_ok() {
                size -= bytes;
            }
        }
    }
    store::write(&dir.join("size.txt"), format!("{size}\n").as_bytes(), 0o666);
}

/// The folders `00` to `ff` that there are, sorted.
pub fn folders(dir: &Path) -> Vec<PathBuf> {
    let hex = |b: &u8| b.is_ascii_digit() || (b'a'..=b'f').contains(b);
    let is_ours = |p: &PathBuf| {
        let name = p.file_name().unwrap_or_default().as_encoded_bytes();
        name.len() == 2 && name.iter().all(hex)
    };
    let mut found = list(dir);
    found.retain(is_ours);
    found.sort();
    found
}

fn list(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|e| e.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_old_or_too_much_goes() {
        let dir = std::env::temp_dir().join(format!("gort-trim-{}", std::process::id()));
        let now = SystemTime::now();
        std::fs::create_dir_all(dir.join("ab")).unwrap();
        let file = |name: &str, hours: u64| {
            let path = dir.join("ab").join(name);
            std::fs::write(&path, [0; 100]).unwrap();
            let used = now - Duration::from_secs(hours * 3600 + 60);
            std::fs::File::options()
                .append(true)
                .open(&path)
                .unwrap()
                .set_modified(used)
                .unwrap();
        };
        for (name, hours) in [
            ("a.x", 1),
            ("b.x", 100),
            ("c.m", 122),
            ("d.1-0.tmp", 2),
            ("e.2-0.tmp", 0),
            ("f.x", 2),
        ] {
            file(name, hours);
        }
        let left = |limit| {
            trim(&dir, limit, now);
            let entries = std::fs::read_dir(dir.join("ab")).unwrap();
            let mut names: Vec<_> = entries
                .map(|e| e.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names.join(" ")
        };
        assert_eq!(left(1000), "a.x b.x e.2-0.tmp f.x");
        assert_eq!(estimate(&dir), 400);
        assert_eq!(left(399), "a.x e.2-0.tmp");
        assert_eq!(estimate(&dir), 200);
        std::fs::remove_dir_all(dir).unwrap();
    }
}
