//! `//go:embed`: the files that a package's directives name, by the rules of package embed's documentation.

use crate::files::{self, Kind, Which};
use crate::loaded::LoadedPackage;
use gort_syntax::ast::{Decl, File, VarDecl};
use gort_syntax::{Diagnostic, Pos};
use std::path::Path;

/// A variable with `//go:embed` directives.
#[derive(Debug)]
pub struct Embed {
    /// Its name.
    pub var: String,
    /// Where the first directive is.
    pub pos: Pos,
    /// The files: slash-separated names below the package's folder, sorted, and their contents.
    pub files: Vec<(String, Vec<u8>)>,
}

/// Read the files that a package embeds.
///
/// # Errors
/// Directives that stand before something else, patterns that match nothing, files that cannot be read.
pub fn read(package: &LoadedPackage) -> Result<Vec<Embed>, Vec<Diagnostic>> {
    let mut out = Vec::new();
    let mut problems = Vec::new();
    for file in package.files {
        for decl in &file.decls {
            let Decl::Var(var) = decl else { continue };
            let directives: Vec<(Pos, &str)> = var
                .pragmas
                .iter()
                .filter_map(|&(pos, text)| Some((pos, text.strip_prefix("go:embed")?)))
                .collect();
            let Some(&(pos, _)) = directives.first() else {
                continue;
            };
            if let Some(msg) = misplaced(file, var) {
                problems.push(Diagnostic::new(pos, "BadEmbed", msg));
                continue;
            }
            match files_of(&package.dir, &directives) {
                Ok(files) => out.push(Embed {
                    var: var.names[0].name.as_str().to_string(),
                    pos,
                    files,
                }),
                Err(d) => problems.push(d),
            }
        }
    }
    if problems.is_empty() {
        Ok(out)
    } else {
        Err(problems)
    }
}

/// What is wrong with a directive before this declaration, in the compiler's words.
fn misplaced(file: &File<'_>, var: &VarDecl<'_>) -> Option<&'static str> {
    let imports_embed = file.decls.iter().any(|d| match d {
        Decl::Import(i) => i.path.trim_matches(['"', '`']) == "embed",
        _ => false,
    });
    if !imports_embed {
        Some("go:embed requires import \"embed\" (or import _ \"embed\", if package is not used)")
    } else if var.names.len() > 1 {
        Some("go:embed cannot apply to multiple vars")
    } else if !var.values.is_empty() {
        Some("go:embed cannot apply to var with initializer")
    } else if var.typ.is_none() {
        Some("go:embed cannot apply to var without type")
    } else {
        None
    }
}

fn files_of(dir: &Path, directives: &[(Pos, &str)]) -> Result<Vec<(String, Vec<u8>)>, Diagnostic> {
    let mut names: Vec<String> = Vec::new();
    for &(pos, text) in directives {
        let patterns = patterns(text).ok_or_else(|| {
            Diagnostic::new(
                pos,
                "BadEmbed",
                format!("invalid quoted string in //go:embed: {}", text.trim()),
            )
        })?;
        if patterns.is_empty() {
            return Err(Diagnostic::new(
                pos,
                "BadEmbed",
                "usage: //go:embed pattern...",
            ));
        }
        for (offset, p) in patterns {
            let at = Pos(pos.0 + ("go:embed".len() + offset) as u32);
            let found = expand(dir, &p);
            let found =
                found.map_err(|e| Diagnostic::new(at, "BadEmbed", format!("pattern {p}: {e}")))?;
            names.extend(found);
        }
    }
    // Folder by folder, as package embed searches.
    names.sort_by(|a, b| key(a).cmp(&key(b)));
    names.dedup();
    let read = |name: String| match files::read(&dir.join(&name)) {
        Ok(bytes) => Ok((name, bytes)),
        Err(e) => Err(Diagnostic::new(
            directives[0].0,
            "BadEmbed",
            format!("open {name}: {e}"),
        )),
    };
    names.into_iter().map(read).collect()
}

fn key(name: &str) -> (&str, &str) {
    name.rsplit_once('/').unwrap_or((".", name))
}

/// The patterns of a directive, separated by spaces or quoted as Go strings, with the offset of each.
fn patterns(text: &str) -> Option<Vec<(usize, String)>> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let (pattern, tail) = match c {
            '`' => {
                let (p, tail) = rest[1..].split_once('`')?;
                (p.to_string(), tail)
            }
            '"' => {
                let end = (1..rest.len()).find(|&i| {
                    let b = rest.as_bytes();
                    b[i] == b'"' && b[i - 1] != b'\\'
                })?;
                (
                    rest[1..end].replace("\\\"", "\"").replace("\\\\", "\\"),
                    &rest[end + 1..],
                )
            }
            _ => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                (rest[..end].to_string(), &rest[end..])
            }
        };
        if !tail.is_empty() && !tail.starts_with(char::is_whitespace) {
            return None;
        }
        out.push((text.len() - rest.len(), pattern));
        rest = tail.trim_start();
    }
    Some(out)
}

/// The files that a pattern names: files themselves, and all below folders.
fn expand(dir: &Path, pattern: &str) -> Result<Vec<String>, String> {
    let (pattern, all) = match pattern.strip_prefix("all:") {
        Some(p) => (p, true),
        None => (pattern, false),
    };
    let elements: Vec<&str> = pattern.split('/').collect();
    let valid = |e: &&str| !e.is_empty() && *e != "..";
    if pattern != "." && !elements.iter().all(|e| valid(e) && *e != ".") {
        return Err("invalid pattern syntax".into());
    }
    let mut matches = vec![String::new()];
    for element in elements.iter().filter(|e| **e != ".") {
        let mut next = Vec::new();
        for base in matches {
            let found = names(&dir.join(&base), Which::Matching(element.to_string()));
            next.extend(found.iter().map(|name| join(&base, name)));
        }
        matches = next;
    }
    if matches.is_empty() {
        return Err("no matching files found".into());
    }
    let mut out = Vec::new();
    for name in matches {
        let path = dir.join(&name);
        let kind = files::link_kind(&path).map_err(|e| e.to_string())?;
        if kind == Kind::File {
            out.push(name);
        } else if kind == Kind::Folder {
            let before = out.len();
            below(dir, &name, all, &mut out);
            if out.len() == before {
                return Err(format!(
                    "cannot embed directory {name}: contains no embeddable files"
                ));
            }
        } else {
            return Err(format!("cannot embed irregular file {name}"));
        }
    }
    Ok(out)
}

/// All files below a folder, but hidden ones and other modules.
fn below(dir: &Path, base: &str, all: bool, out: &mut Vec<String>) {
    for name in names(&dir.join(base), Which::All) {
        let path = join(base, &name);
        let hidden = name.starts_with(['.', '_']) && !all;
        let control = matches!(
            name.as_str(),
            ".git" | ".hg" | ".svn" | ".bzr" | "vendor.zip"
        );
        let Ok(kind) = files::link_kind(&dir.join(&path)) else {
            continue;
        };
        if hidden || control {
            continue;
        }
        if kind == Kind::File {
            out.push(path);
        } else if kind == Kind::Folder && files::kind(&dir.join(&path).join("go.mod")).is_none() {
            below(dir, &path, all, out);
        }
    }
}

fn join(base: &str, name: &str) -> String {
    if base.is_empty() {
        name.to_string()
    } else {
        format!("{base}/{name}")
    }
}

fn names(dir: &Path, which: Which) -> Vec<String> {
    let entries = files::entries(dir, which).unwrap_or_default();
    entries.into_iter().map(|e| e.name).collect()
}

/// One element of a path against one of a pattern, as Go's path.Match: `*`, `?`, `[a-z]`, `[^a]`, `\c`.
pub(crate) fn glob(pattern: &[u8], name: &[u8]) -> bool {
    let Some((&p, rest)) = pattern.split_first() else {
        return name.is_empty();
    };
    match p {
        b'*' => (0..=name.len()).any(|n| glob(rest, &name[n..])),
        b'?' => !name.is_empty() && glob(rest, &name[width(name)..]),
        b'[' => class(rest, name),
        b'\\' if !rest.is_empty() => name.first() == rest.first() && glob(&rest[1..], &name[1..]),
        p => name.first() == Some(&p) && glob(rest, &name[1..]),
    }
}

/// Bytes of the first character.
fn width(name: &[u8]) -> usize {
    (1..name.len())
        .find(|&i| name[i] & 0xc0 != 0x80)
        .unwrap_or(name.len())
}

fn class(pattern: &[u8], name: &[u8]) -> bool {
    let Some(&c) = name.first() else { return false };
    let (negated, mut rest) = match pattern.strip_prefix(b"^") {
        Some(r) => (true, r),
        None => (false, pattern),
    };
    let mut hit = false;
    let mut first = true;
    while let Some((&lo, tail)) = rest.split_first() {
        if lo == b']' && !first {
            return hit != negated && glob(tail, &name[1..]);
        }
        first = false;
        let (hi, tail) = match tail {
            [b'-', hi, tail @ ..] if *hi != b']' => (*hi, tail),
            _ => (lo, tail),
        };
        hit |= (lo..=hi).contains(&c);
        rest = tail;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_directives() {
        let found = patterns(" a b/*.txt \"c d\" `e`").unwrap();
        let want = [(1, "a"), (3, "b/*.txt"), (11, "c d"), (17, "e")];
        assert_eq!(found, want.map(|(n, p)| (n, p.to_string())));
        assert_eq!(patterns(" \"open"), None);
        assert_eq!(patterns(" `a`b"), None);
        assert_eq!(patterns(""), Some(Vec::new()));
    }

    #[test]
    fn globs_one_element() {
        let g = |p: &str, n: &str| glob(p.as_bytes(), n.as_bytes());
        assert!(g("*.t[xy]t", "a.txt") && g("a?c", "aéc") && g("[^b]", "a") && g("\\*", "*"));
        assert!(!g("*.t[xy]t", "a.tzt") && !g("[a-c]", "d") && !g("", "x"));
    }

    #[test]
    fn walks_folders() {
        let dir = std::env::temp_dir().join(format!("gort-embed-{}", std::process::id()));
        std::fs::create_dir_all(dir.join("d/e")).unwrap();
        for name in ["x.txt", "d/a", "d/.h", "d/e/b"] {
            std::fs::write(dir.join(name), name).unwrap();
        }
        assert_eq!(expand(&dir, "d").unwrap(), ["d/a", "d/e/b"]);
        assert_eq!(expand(&dir, "all:d").unwrap(), ["d/.h", "d/a", "d/e/b"]);
        assert_eq!(expand(&dir, "*/.h").unwrap(), ["d/.h"]);
        assert_eq!(expand(&dir, "y").unwrap_err(), "no matching files found");
        assert_eq!(expand(&dir, "../x").unwrap_err(), "invalid pattern syntax");
        std::fs::remove_dir_all(dir).unwrap();
    }
}
