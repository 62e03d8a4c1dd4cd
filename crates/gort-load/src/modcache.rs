//! The module cache: where the go command keeps what it has downloaded. gort reads it and never writes it.

use crate::gomod::Version;
use std::path::PathBuf;

/// `$GOMODCACHE`, else `pkg/mod` in the first folder of `$GOPATH`, which is `~/go` if it is not set.
pub fn folder() -> PathBuf {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty());
    if let Some(dir) = set("GOMODCACHE") {
        return dir.into();
    }
    let gopath = set("GOPATH").and_then(|v| std::env::split_paths(&v).next());
    let gopath =
        gopath.unwrap_or_else(|| PathBuf::from(set("HOME").unwrap_or_default()).join("go"));
    gopath.join("pkg/mod")
}

/// The folder of a module's source.
pub fn source(m: &Version) -> PathBuf {
    folder().join(format!("{}@{}", escape(&m.path), escape(&m.version)))
}

/// The file with a module's go.mod.
pub fn go_mod(m: &Version) -> PathBuf {
    let name = format!("{}.mod", escape(&m.version));
    folder()
        .join("cache/download")
        .join(escape(&m.path))
        .join("@v")
        .join(name)
}

/// Paths may differ in case alone, file names on some systems not: a capital letter is written as `!` and the small one.
pub fn escape(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        if c.is_ascii_uppercase() {
            out.push('!');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals() {
        assert_eq!(
            escape("github.com/BurntSushi/toml"),
            "github.com/!burnt!sushi/toml"
        );
    }
}
