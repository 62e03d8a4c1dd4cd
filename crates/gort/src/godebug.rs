//! GODEBUG defaults of an executable: what older language versions mean, `godebug` lines of go.mod, `//go:debug`
//! lines of the main package, each before the next, as `go help buildconstraint` and go.dev/doc/godebug say.

use crate::checking::Checked;
use gort_load::{LoadedPackage, gomod};
use std::collections::BTreeMap;

/// The settings as `name=value,name=value`, sorted.
pub fn defaults(checked: &Checked, root: &LoadedPackage) -> String {
    let mut given = BTreeMap::new();
    if root.own
        && checked.loaded.module.is_some()
        && let Some(file) = gomod::find_up(&root.dir, "go.mod")
        && let Ok(module) = gomod::read(&file, "go.mod", false)
    {
        given.extend(module.godebug);
    }
    let directives = root.files.iter().flat_map(|f| &f.directives);
    let lines = directives.filter_map(|(_, text)| text.strip_prefix("go:debug "));
    given.extend(lines.filter_map(setting));
    let (_, mut minor) = root.go;
    if let Some(version) = given.remove("default") {
        let version = version.trim_start_matches("go").to_string();
        if let Some((1, n)) = gomod::version(&version) {
            minor = n;
        }
    }
    let table = checked
        .loaded
        .packages
        .iter()
        .find(|p| p.standard && p.path == "internal/godebugs")
        .and_then(|p| std::fs::read_to_string(p.dir.join("table.go")).ok());
    let mut all: BTreeMap<String, String> = table.map_or_else(BTreeMap::new, |t| old(&t, minor));
    all.extend(given);
    let settings: Vec<_> = all.iter().map(|(k, v)| format!("{k}={v}")).collect();
    settings.join(",")
}

/// `name=value`
fn setting(text: &str) -> Option<(String, String)> {
    let (name, value) = text.trim().split_once('=')?;
    Some((name.to_string(), value.to_string()))
}

/// What the table of settings (internal/godebugs/table.go) has for programs of version 1.`minor`.
fn old(table: &str, minor: u32) -> BTreeMap<String, String> {
    let field = |line: &str, name: &str| -> Option<String> {
        let rest = line.split(&format!("{name}: ")).nth(1)?;
        let end = rest.find([',', '}'])?;
        Some(rest[..end].trim_matches('"').to_string())
    };
    let entries = table
        .lines()
        .map(str::trim)
        .filter(|l| l.starts_with("{Name:"));
    let old = entries.filter_map(|line| {
        let changed: u32 = field(line, "Changed")?.parse().ok()?;
        let value = field(line, "Old")?;
        (minor < changed).then(|| Some((field(line, "Name")?, value)))?
    });
    old.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_versions() {
        let table = "\t{Name: \"a\", Package: \"p\"},\n\t{Name: \"b\", Package: \"p\", Changed: 23, Old: \"1\"},
\t//{Name: \"c\", Package: \"p\", Changed: 23, Old: \"1\"},\n\t{Name: \"d\", Package: \"p\", Changed: 25, Old: \"x\", Opaque: true},";
        let names = |minor| old(table, minor).into_iter().collect::<Vec<_>>();
        let d = ("d".to_string(), "x".to_string());
        assert_eq!(names(22), [("b".into(), "1".into()), d.clone()]);
        assert_eq!(names(23), [d]);
        assert_eq!(names(27), []);
    }
}
