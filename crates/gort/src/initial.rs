//! What a build knows and a program may ask for: embedded files, `-X` values, module information, GODEBUG defaults.

use crate::checking::Checked;
use crate::godebug;
use crate::pipeline::BuildFlags;
use crate::request::Failure;
use gort_load::gomod::Version;
use gort_load::loaded::Dep;
use gort_load::modules::below;
use gort_load::{LoadedPackage, Problem};
use gort_lower::Initial;
use rustc_hash::FxHashMap;
use std::fmt::Write;

/// Contents of package variables, by symbol.
///
/// # Errors
/// `//go:embed` directives that name nothing.
pub fn initial(
    checked: &Checked,
    flags: &BuildFlags,
) -> Result<FxHashMap<String, Initial>, Failure> {
    let mut out = FxHashMap::default();
    let root = &checked.loaded.packages[checked.loaded.root];
    for (symbol, value) in &flags.variables {
        out.insert(symbol.clone(), Initial::Text(value.clone()));
    }
    let debug = godebug::defaults(checked);
    let info = build_info(checked, root, flags, &debug);
    out.insert("runtime.modinfo".into(), Initial::Text(framed(&info)));
    if let Ok(goroot) = gort_load::goroot::find() {
        let mut set = |symbol: &str, text: String| {
            out.entry(symbol.into()).or_insert(Initial::Text(text));
        };
        if !flags.trimpath {
            set("runtime.defaultGOROOT", goroot.display().to_string());
        }
        if let Some(version) = gort_load::goroot::version(&goroot) {
            set("runtime.buildVersion", version);
        }
    }
    if root.for_test.is_some() {
        out.insert("testing.testBinary".into(), Initial::Text("1".into()));
    }
    if !debug.is_empty() {
        out.insert("runtime.godebugDefault".into(), Initial::Text(debug));
    }
    for package in &checked.loaded.packages {
        let embeds = gort_load::embed::read(package).map_err(|diags| Failure::Load {
            problems: diags.into_iter().map(Problem::At).collect(),
            files: checked.files,
        })?;
        let path = symbol_path(package, root);
        for e in embeds {
            let files = Initial::Files {
                pos: e.pos,
                files: e.files,
            };
            out.insert(format!("{path}.{}", e.var), files);
        }
    }
    Ok(out)
}

fn symbol_path<'p>(package: &'p LoadedPackage, root: &LoadedPackage) -> &'p str {
    if package.name == "main" && package.path == root.path {
        "main"
    } else {
        &package.path
    }
}

/// The text of debug.ReadBuildInfo.
fn build_info(
    checked: &Checked,
    root: &LoadedPackage,
    flags: &BuildFlags,
    godebug: &str,
) -> String {
    let mut out = format!("path\t{}\n", root.path);
    let mut packages = checked.loaded.packages.iter();
    let own = packages.any(|p| p.own && (p.path == root.path || p.for_test == root.for_test));
    if let Some(module) = checked.loaded.module.as_ref().filter(|_| own) {
        writeln!(out, "mod\t{}\t(devel)\t", module.path).unwrap();
    }
    // A main package of another module: that is the one the information is about.
    let has_root = |d: &&Dep| !own && below(&root.path, &d.module.path).is_some();
    let deps = &checked.loaded.deps;
    let main = deps.iter().filter(has_root);
    let main = main.max_by_key(|d| d.module.path.len());
    if let Some(Dep { module, sum, .. }) = main {
        writeln!(out, "mod\t{}\t{}\t{sum}", module.path, module.version).unwrap();
    }
    for dep in deps.iter().filter(|d| main.is_none_or(|m| *d != m)) {
        let Version { path, version } = &dep.module;
        match &dep.replace {
            None => writeln!(out, "dep\t{path}\t{version}\t{}", dep.sum).unwrap(),
            Some((new, sum)) => {
                let folder = new.version.is_empty();
                let shown = if folder { "(devel)" } else { &new.version };
                writeln!(out, "dep\t{path}\t{version}").unwrap();
                writeln!(out, "=>\t{}\t{shown}\t{sum}", new.path).unwrap();
            }
        }
    }
    let mut setting = |key: &str, value: &str| writeln!(out, "build\t{key}={value}").unwrap();
    setting("-buildmode", "exe");
    setting("-compiler", "gort");
    if flags.cover.is_some() {
        setting("-cover", "true");
    }
    if !flags.tags.is_empty() {
        setting("-tags", &flags.tags.join(","));
    }
    if flags.trimpath {
        setting("-trimpath", "true");
    }
    if !godebug.is_empty() {
        setting("DefaultGODEBUG", godebug);
    }
    setting("CGO_ENABLED", "0");
    setting("GOARCH", "amd64");
    setting("GOOS", "linux");
    setting("GOAMD64", "v1");
    out
}

/// The text between the marks that package debug cuts off, 16 bytes each.
fn framed(info: &str) -> String {
    let (start, end) = ("gort build info:", ":gort build info");
    debug_assert!(start.len() == 16 && end.len() == 16);
    format!("{start}{info}{end}")
}
