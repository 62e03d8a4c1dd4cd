//! GODEBUG defaults of an executable: what older language versions mean, `godebug` lines of go.mod, `//go:debug`
//! lines of the main package, each before the next, as `go help buildconstraint` and go.dev/doc/godebug say.

use crate::checking::Checked;
use gort_load::godebugs::{self, Setting};
use gort_load::{LoadedPackage, gomod};
use gort_syntax::{Diagnostic, Pos};
use std::collections::BTreeMap;

/// The package that decides: of a test executable, the one under test.
fn deciding(checked: &Checked) -> &LoadedPackage {
    let root = &checked.loaded.packages[checked.loaded.root];
    let mut packages = checked.loaded.packages.iter();
    let tested = packages.find(|p| p.for_test.is_some() && Some(&p.path) == root.for_test.as_ref());
    tested.unwrap_or(root)
}

/// The settings as `name=value,name=value`, sorted.
pub fn defaults(checked: &Checked) -> String {
    let package = deciding(checked);
    let mut given = BTreeMap::new();
    // As for every program, the main module decides, whoever's the package is.
    let (mut minor, mut from_module) = (package.go.1, false);
    let cwd = std::env::current_dir().unwrap_or_default();
    if gort_load::gopath::in_force(&cwd) {
        minor = 20;
    }
    if let Some(module) = &checked.loaded.module
        && let Ok(file) = gomod::read(&module.dir().join("go.mod"), "go.mod", false)
    {
        minor = file.language().1;
        from_module = true;
        given.extend(file.godebug);
    }
    given.extend(lines(checked).into_iter().map(|(_, k, v)| (k, v)));
    if let Some(version) = given.remove("default") {
        let version = version.trim_start_matches("go").to_string();
        if let Some((1, n)) = gomod::version(&version) {
            minor = n;
        }
    }
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    if let Ok(goroot) = gort_load::goroot::find() {
        // Programs outside of modules, and those of the time before, are as of Go 1.20.
        let minor = if from_module { minor.max(20) } else { minor };
        all = old(&godebugs::table(&goroot), minor);
    }
    all.extend(given);
    let settings: Vec<_> = all.iter().map(|(k, v)| format!("{k}={v}")).collect();
    settings.join(",")
}

/// The `//go:debug` lines of the main package or of tests: position, name, value.
fn lines(checked: &Checked) -> Vec<(Pos, String, String)> {
    let root = &checked.loaded.packages[checked.loaded.root];
    let of_test = |p: &&LoadedPackage| match &root.for_test {
        Some(tested) => {
            p.for_test.as_ref() == Some(tested)
                && (p.path == *tested || p.path == format!("{tested}_test"))
        }
        None => std::ptr::eq(*p, root) && p.name == "main",
    };
    let packages = checked.loaded.packages.iter().filter(of_test);
    let directives = packages.flat_map(|p| p.files).flat_map(|f| &f.directives);
    let lines = directives.filter_map(|(pos, text)| Some((*pos, text.strip_prefix("go:debug ")?)));
    let line = |(pos, text): (Pos, &str)| {
        let (name, value) = text.trim().split_once('=').unwrap_or((text.trim(), "\0"));
        (pos, name.to_string(), value.to_string())
    };
    lines.map(line).collect()
}

/// What is wrong with the `//go:debug` lines, as official Go finds it.
pub fn problems(checked: &Checked) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    let lines = lines(checked);
    let Some(goroot) = gort_load::goroot::find().ok().filter(|_| !lines.is_empty()) else {
        return out;
    };
    let table = godebugs::table(&goroot);
    // The position is that of the comment, two slashes before the directive.
    let start = |pos: Pos| Pos(pos.0 - 2);
    for (i, (pos, name, value)) in lines.iter().enumerate() {
        let problem = match value.as_str() {
            "\0" => Some("missing key=value".to_string()),
            _ => godebugs::problem(&table, &goroot, "//go:debug setting", name, value),
        };
        if let Some(text) = problem {
            let text = format!("invalid //go:debug: {text}");
            out.push(Diagnostic::new(start(*pos), "BadDirective", text));
        } else if let Some((before, ..)) = lines[..i].iter().find(|l| l.1 == *name) {
            let text = format!("repeated //go:debug for {name}");
            let mut d = Diagnostic::new(start(*pos), "BadDirective", text);
            d.related
                .push((start(*before), "previous //go:debug".into()));
            out.push(d);
        }
    }
    out
}

/// What the table has for programs of version 1.`minor`.
fn old(table: &[Setting], minor: u32) -> BTreeMap<String, String> {
    let old = table.iter().filter_map(|s| {
        let (changed, value) = s.old.as_ref()?;
        (minor < *changed).then(|| (s.name.clone(), value.clone()))
    });
    old.collect()
}
