//! go.mod: the module, its language version, what it requires, replaces and excludes.

use crate::modfile::{self, Line};
use crate::semver;
use std::path::{Path, PathBuf};

/// The newest language version that gort knows.
pub const NEWEST: (u32, u32) = (1, 27);

/// What a go.mod without `go` line means.
pub const UNSTATED: (u32, u32) = (1, 16);

/// A module with its version: empty for main modules, and in `replace` lines where all versions are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Module path, or the folder that replaces a module.
    pub path: String,
    /// Version.
    pub version: String,
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.version.as_str() {
            "" => f.write_str(&self.path),
            v => write!(f, "{}@{v}", self.path),
        }
    }
}

/// A `replace` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replace {
    /// What is replaced.
    pub old: Version,
    /// By what: another module, or a folder if the version is empty.
    pub new: Version,
    /// The folder of the file that says so: folders are relative to it.
    pub base: PathBuf,
}

/// A go.mod or go.work file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModFile {
    /// Module path; empty in go.work.
    pub path: String,
    /// The `go` line as written.
    pub go: Option<String>,
    /// Required modules.
    pub require: Vec<Version>,
    /// Versions that are passed over.
    pub exclude: Vec<Version>,
    /// Replaced modules.
    pub replace: Vec<Replace>,
    /// Folders of go.work's modules.
    pub uses: Vec<String>,
    /// GODEBUG defaults of programs.
    pub godebug: Vec<(String, String)>,
    /// The lines of these.
    pub godebug_lines: Vec<usize>,
    /// Folders that patterns pass over: `./x` below the module's root, `x` anywhere.
    pub ignore: Vec<String>,
}

impl ModFile {
    /// Language version.
    pub fn language(&self) -> (u32, u32) {
        self.go.as_deref().and_then(version).unwrap_or(UNSTATED)
    }
}

/// A module of a build, with its folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Module path.
    pub path: String,
    /// Version; empty for main modules.
    pub version: String,
    /// Its folder, or why it has none.
    pub place: Result<PathBuf, String>,
    /// Language version.
    pub go: (u32, u32),
}

impl Module {
    /// Its folder; that of no files if it is not there.
    pub fn dir(&self) -> &Path {
        self.place.as_deref().unwrap_or(Path::new(""))
    }
}

/// The nearest file of a name at or above a folder.
pub fn find_up(dir: &Path, name: &str) -> Option<PathBuf> {
    let mut files = dir.ancestors().map(|d| d.join(name));
    files.find(|f| crate::files::is_file(f))
}

/// The path of the module that a folder is in.
pub fn module_path(dir: &Path) -> Option<String> {
    let file = find_up(dir, "go.mod")?;
    read(&file, "go.mod", false).ok().map(|m| m.path)
}

/// Read a go.mod or go.work file. `strict` refuses directives that are not known, as `go` does for main modules but not
/// for dependencies.
///
/// # Errors
/// In the words of `go`, without position of its own; `shown` is the file's name in it.
pub fn read(file: &Path, shown: &str, strict: bool) -> Result<ModFile, String> {
    let text = crate::files::read_to_string(file)
        .map_err(|e| format!("open {}: {}", file.display(), crate::package::io_text(&e)))?;
    let base = file.parent().unwrap_or(Path::new("."));
    let errors = match parse(&text, base, strict) {
        Ok(m) => return Ok(m),
        Err(errors) => errors,
    };
    let mut out = format!("go: errors parsing {shown}:");
    for (line, text) in errors {
        out.push_str(&format!("\n{shown}:{line}: {text}"));
    }
    Err(out)
}

/// Parse the text of a file in the folder `base`.
///
/// # Errors
/// Line numbers and texts.
pub fn parse(text: &str, base: &Path, strict: bool) -> Result<ModFile, Vec<(usize, String)>> {
    let mut file = ModFile::default();
    let mut errors = Vec::new();
    for line in modfile::lines(text)? {
        if let Err(e) = statement(&mut file, &line, base, strict) {
            errors.push((line.number, e));
        }
    }
    if errors.is_empty() || !strict {
        Ok(file)
    } else {
        Err(errors)
    }
}

fn statement(file: &mut ModFile, line: &Line, base: &Path, strict: bool) -> Result<(), String> {
    let args: Vec<&str> = line.args.iter().map(String::as_str).collect();
    match (line.verb.as_str(), args.as_slice()) {
        ("module", [path, ..]) if file.path.is_empty() => file.path = path.to_string(),
        ("module", [_, ..]) => return Err("repeated module statement".into()),
        ("module", _) => return Err("usage: module module/path".into()),
        ("go", _) if file.go.is_some() => return Err("repeated go statement".into()),
        ("go", [v]) if version(v).is_some() => file.go = Some(v.to_string()),
        ("go", [v]) => return Err(format!("invalid go version '{v}': must match format 1.23")),
        ("go", _) => return Err("go directive expects exactly one argument".into()),
        ("require", [path, v]) => file.require.push(module(path, v)?),
        ("exclude", [path, v]) => file.exclude.push(module(path, v)?),
        ("require" | "exclude", _) => {
            return Err(format!("usage: {} module/path v1.2.3", line.verb));
        }
        ("replace", args) => file.replace.push(replace(args, base)?),
        ("use", [dir]) => file.uses.push(dir.to_string()),
        ("use", _) => return Err("usage: use local/dir".into()),
        ("godebug", [setting]) if let Some((key, value)) = setting.split_once('=') => {
            file.godebug.push((key.to_string(), value.to_string()));
            file.godebug_lines.push(line.number);
        }
        ("godebug", _) => return Err("usage: godebug key=value".into()),
        ("ignore", [folder]) => file.ignore.push(folder.to_string()),
        ("ignore", _) => return Err("usage: ignore local/dir".into()),
        ("toolchain" | "retract" | "tool", _) => {}
        (verb, _) if strict => return Err(format!("unknown directive: {verb}")),
        _ => {}
    }
    Ok(())
}

fn module(path: &str, v: &str) -> Result<Version, String> {
    let first = path.split('/').next().unwrap_or(path);
    if !first.contains('.') {
        return Err(format!(
            "malformed module path {path:?}: missing dot in first path element"
        ));
    }
    if !semver::is_valid(v) {
        return Err(format!(
            "{path}: invalid module version {v:?}: must be of the form v1.2.3"
        ));
    }
    Ok(Version {
        path: path.to_string(),
        version: v.to_string(),
    })
}

fn replace(args: &[&str], base: &Path) -> Result<Replace, String> {
    let usage = || {
        "usage: replace module/path [v1.2.3] => other/module v1.4\n\t or replace module/path [v1.2.3] => ../local/directory".to_string()
    };
    let version = |parts: &[&str]| -> Option<Version> {
        let (path, version) = match parts {
            [path] => (path, ""),
            [path, version] => (path, *version),
            _ => return None,
        };
        Some(Version {
            path: path.to_string(),
            version: version.to_string(),
        })
    };
    let arrow = args.iter().position(|a| *a == "=>").ok_or_else(usage)?;
    let old = version(&args[..arrow]).ok_or_else(usage)?;
    let new = version(&args[arrow + 1..]).ok_or_else(usage)?;
    let folder = crate::patterns::is_local(&new.path);
    if new.version.is_empty() && !folder {
        return Err("replacement module without version must be directory path (rooted or starting with . or ..)".into());
    }
    if !new.version.is_empty() && folder {
        return Err(format!(
            "replacement module directory path {:?} cannot have version",
            new.path
        ));
    }
    let base = base.to_path_buf();
    Ok(Replace { old, new, base })
}

/// `1.21`, `1.21.3` or `1.21rc1` as (1, 21).
pub fn version(text: &str) -> Option<(u32, u32)> {
    let (major, rest) = text.split_once('.')?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let tail = &rest[end..];
    let patch = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_alphanumeric());
    if !tail.is_empty()
        && !tail.strip_prefix('.').is_some_and(patch)
        && !tail.starts_with(['r', 'b'])
    {
        return None;
    }
    Some((major.parse().ok()?, rest[..end].parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole() {
        let text = "module example.com/m // c\n\ngo 1.22.1\nrequire a.b/c v1.0.0 // indirect\nreplace a.b/c => ../c\nreplace a.b/d v1.1.0 => a.b/e v1.2.0\n";
        let m = parse(text, Path::new("/x"), true).unwrap();
        assert_eq!((m.path.as_str(), m.language()), ("example.com/m", (1, 22)));
        assert_eq!(m.require[0].to_string(), "a.b/c@v1.0.0");
        assert_eq!(m.replace[0].new.to_string(), "../c");
        assert_eq!(m.replace[1].old.to_string(), "a.b/d@v1.1.0");
    }

    #[test]
    fn wrong() {
        let text = "module m\nfoox bar\nrequire example.com/r\nrequire x v1\ngo 1.2\ngo 1.3\n";
        let errors = parse(text, Path::new("/x"), true).unwrap_err();
        let lines: Vec<usize> = errors.iter().map(|e| e.0).collect();
        assert_eq!(lines, [2, 3, 4, 6]);
        assert_eq!(errors[1].1, "usage: require module/path v1.2.3");
    }
}
