//! The module cache: where the go command keeps what it has downloaded. gort reads it and never writes it.

use crate::gomod::Version;
use sha2::{Digest, Sha256};
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
    download(m, "mod")
}

/// The file with the hash of a module's source.
pub fn hash(m: &Version) -> PathBuf {
    download(m, "ziphash")
}

/// The hash that go.sum has for a go.mod file: that of a list of one file.
pub fn hash_of_go_mod(text: &[u8]) -> String {
    let hex: String = Sha256::digest(text)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let list = format!("{hex}  go.mod\n");
    format!("h1:{}", base64(&Sha256::digest(list)))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, i| {
            bits << 8 | u32::from(*group.get(i).unwrap_or(&0))
        });
        for i in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * i) & 63) as usize];
            out.push(if i <= group.len() {
                char::from(digit)
            } else {
                '='
            });
        }
    }
    out
}

fn download(m: &Version, ending: &str) -> PathBuf {
    let name = format!("{}.{ending}", escape(&m.version));
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
    fn hashes() {
        let hash = hash_of_go_mod(b"module example.com/good\n");
        assert_eq!(hash, "h1:90aHwNynRv8Hms0SnTjX1L9SGX8Yz19R/TPw057PfZg=");
    }

    #[test]
    fn capitals() {
        assert_eq!(
            escape("github.com/BurntSushi/toml"),
            "github.com/!burnt!sushi/toml"
        );
    }
}
