//! go.mod, as far as it decides import paths and the language version.

use std::path::{Path, PathBuf};

/// A main module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Module path.
    pub path: String,
    /// Folder of the go.mod file.
    pub dir: PathBuf,
    /// Language version of the `go` line, as (major, minor).
    pub go: Option<(u32, u32)>,
}

/// The module that a folder is in: that of the nearest go.mod at or above it.
///
/// # Errors
/// A go.mod that cannot be read or has no module line.
pub fn find(dir: &Path) -> Result<Option<Module>, String> {
    for d in dir.ancestors() {
        let file = d.join("go.mod");
        if file.is_file() {
            let text = std::fs::read_to_string(&file)
                .map_err(|e| format!("reading {}: {e}", file.display()))?;
            return parse(&text, d)
                .map(Some)
                .map_err(|e| format!("{}: {e}", file.display()));
        }
    }
    Ok(None)
}

fn parse(text: &str, dir: &Path) -> Result<Module, String> {
    let mut path = None;
    let mut go = None;
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or("").trim();
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (Some("module"), Some(p)) => path = Some(p.trim_matches(['"', '`']).to_string()),
            (Some("go"), Some(v)) => go = version(v),
            _ => {}
        }
    }
    let path = path.ok_or("no module declaration in go.mod. To specify the module path:\n\tgo mod edit -module=example.com/mod")?;
    Ok(Module {
        path,
        dir: dir.to_path_buf(),
        go,
    })
}

/// `1.21`, `1.21.3` or `1.21rc1` as (1, 21).
pub fn version(text: &str) -> Option<(u32, u32)> {
    let (major, rest) = text.split_once('.')?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    Some((major.parse().ok()?, rest[..end].parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn module_and_version() {
        let m = parse("module example.com/m // c\n\ngo 1.22.1\n", Path::new("/x")).unwrap();
        assert_eq!((m.path.as_str(), m.go), ("example.com/m", Some((1, 22))));
        assert!(parse("go 1.22\n", Path::new("/x")).is_err());
    }
}
