//! The settings of GODEBUG that the library knows: the table in GOROOT's package internal/godebugs.

use std::path::Path;

/// A setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// What it was in versions before 1.N: N, and the value.
    pub old: Option<(u32, String)>,
}

/// Read the table.
pub fn table(goroot: &Path) -> Vec<Setting> {
    let file = goroot.join("src/internal/godebugs/table.go");
    parse(&crate::files::read_to_string(&file).unwrap_or_default())
}

fn parse(text: &str) -> Vec<Setting> {
    let field = |line: &str, name: &str| -> Option<String> {
        let rest = line.split(&format!("{name}: ")).nth(1)?;
        let end = rest.find([',', '}'])?;
        Some(rest[..end].trim_matches('"').to_string())
    };
    let entries = text.lines().map(str::trim);
    let entries = entries.filter(|l| l.starts_with("{Name:"));
    let setting = |line| {
        let changed = field(line, "Changed").and_then(|c| c.parse().ok());
        Some(Setting {
            name: field(line, "Name")?,
            old: changed.zip(field(line, "Old")),
        })
    };
    entries.filter_map(setting).collect()
}

/// What is wrong with a setting of go.mod or of a `//go:debug` line; `kind` says which.
pub fn problem(
    table: &[Setting],
    goroot: &Path,
    kind: &str,
    key: &str,
    value: &str,
) -> Option<String> {
    if key == "default" {
        let version = value.strip_prefix("go").and_then(crate::gomod::version);
        let Some(version) = version else {
            return Some(format!("value for default={value} must be goVERSION"));
        };
        let running = crate::goroot::version(goroot).unwrap_or("go1.27".into());
        let too_new = version > crate::gomod::NEWEST;
        return too_new.then(|| format!("default={value} too new (toolchain is {running})"));
    }
    let known = table.is_empty() || table.iter().any(|s| s.name == key);
    (!known).then(|| format!("unknown {kind} {key:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries() {
        let table = "\t{Name: \"a\", Package: \"p\"},\n\t{Name: \"b\", Package: \"p\", Changed: 23, Old: \"1\"},
\t//{Name: \"c\", Package: \"p\", Changed: 23, Old: \"1\"},\n\t{Name: \"d\", Package: \"p\", Changed: 25, Old: \"x\", Opaque: true},";
        let old: Vec<_> = parse(table).into_iter().map(|s| (s.name, s.old)).collect();
        let of = |v, s: &str| Some((v, s.to_string()));
        let want = [("a", None), ("b", of(23, "1")), ("d", of(25, "x"))];
        assert_eq!(old, want.map(|(n, o)| (n.to_string(), o)));
    }
}
