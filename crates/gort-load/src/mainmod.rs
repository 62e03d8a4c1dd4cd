//! Finds the main modules of a build: go.work or go.mod, `vendor/`, and what they say.

use crate::context::Context;
use crate::files;
use crate::gomod::{self, ModFile, Module, Version};
use crate::gopath::Gopath;
use crate::modules::Modules;
use crate::vendor::Vendor;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The modules that a command started in `start` works with.
///
/// # Errors
/// What is wrong with go.mod, go.work or `vendor/`, in the words of `go`.
pub fn find(ctx: &Context, start: &Path) -> Result<Modules, String> {
    if let Some(gopath) = Gopath::find(&ctx.cwd) {
        return without_modules(ctx, gopath);
    }
    let mode = mode(ctx)?;
    let work = match std::env::var("GOWORK").unwrap_or_default().as_str() {
        "off" => None,
        "" => gomod::find_up(start, "go.work"),
        file => Some(PathBuf::from(file)),
    };
    let mut modules = Modules::default();
    if work.is_some() && ctx.mod_file.is_some() {
        return Err("go: -modfile cannot be used in workspace mode".into());
    }
    let root = match work {
        Some(file) => workspace(ctx, &mut modules, &file)?,
        None => match gomod::find_up(start, "go.mod") {
            Some(file) => {
                let dir = file.parent().unwrap_or(Path::new("/")).to_path_buf();
                main_module(ctx, &mut modules, &dir, "go.mod")?;
                dir
            }
            None => return Ok(modules),
        },
    };
    modules.mains = modules.list.len();
    for f in &modules.files {
        modules.sources.exclude.extend(f.exclude.iter().cloned());
        modules.sources.replace.extend(f.replace.iter().cloned());
    }
    if let Some(reason) = vendor_reason(&modules, &root, mode.as_deref()) {
        return vendored(modules, &root, reason);
    }
    let sum = |m: &Module| match &ctx.mod_file {
        Some(file) => ctx.cwd.join(file).with_extension("sum"),
        None => m.dir().join("go.sum"),
    };
    let roots = modules.list.iter().map(sum);
    let sums: Vec<PathBuf> = roots.chain([root.join("go.work.sum")]).collect();
    modules.sources.sums = sums.iter().flat_map(|f| read_sums(f)).collect();
    modules.sources.sums_may_lack = mode.as_deref() == Some("mod");
    required(modules)
}

fn without_modules(ctx: &Context, gopath: Gopath) -> Result<Modules, String> {
    // What GOFLAGS says is for builds with modules.
    let flags = std::env::var("GOFLAGS").unwrap_or_default();
    let mode = ctx.mod_flag.as_deref().unwrap_or("");
    if !mode.is_empty() && !flags.contains("-mod=") {
        return Err(format!(
            "build flag -mod={mode} only valid when using modules"
        ));
    }
    if ctx.mod_file.is_some() && !flags.contains("-modfile=") {
        return Err("build flag -modfile only valid when using modules".into());
    }
    Ok(Modules {
        gopath: Some(gopath),
        ..Modules::default()
    })
}

/// The `-mod` flag.
fn mode(ctx: &Context) -> Result<Option<String>, String> {
    match ctx.mod_flag.as_deref() {
        None | Some("" | "mod" | "readonly" | "vendor") => Ok(ctx.mod_flag.clone()),
        Some(other) => Err(format!(
            "-mod={other} not supported (can be '', 'mod', 'readonly', or 'vendor')"
        )),
    }
}

fn main_module(
    ctx: &Context,
    modules: &mut Modules,
    dir: &Path,
    shown: &str,
) -> Result<(), String> {
    let (file, shown) = match &ctx.mod_file {
        Some(other) => (ctx.cwd.join(other), other.display().to_string()),
        None => (dir.join("go.mod"), shown.to_string()),
    };
    let shown = shown.as_str();
    if ctx.mod_file.is_some() && !files::is_file(&file) {
        return Err(format!("go: open {shown}: no such file or directory"));
    }
    let mut file = gomod::read(&file, shown, true)?;
    // Folders in it are relative to the module, wherever the file is.
    file.replace
        .iter_mut()
        .for_each(|r| r.base = dir.to_path_buf());
    if file.path.is_empty() {
        return Err("go: error reading go.mod: missing module declaration. To specify the module path:\n\tgo mod edit -module=example.com/mod".into());
    }
    too_new(ctx, &file, shown)?;
    check_godebug(ctx, &file, shown)?;
    modules.list.push(Module {
        path: file.path.clone(),
        version: String::new(),
        place: Ok(dir.to_path_buf()),
        go: file.language(),
    });
    modules.files.push(file);
    Ok(())
}

/// Check the settings of GODEBUG.
fn check_godebug(ctx: &Context, file: &ModFile, shown: &str) -> Result<(), String> {
    let Some(goroot) = ctx.goroot.as_deref().filter(|_| !file.godebug.is_empty()) else {
        return Ok(());
    };
    let table = crate::godebugs::table(goroot);
    for ((key, value), line) in file.godebug.iter().zip(&file.godebug_lines) {
        let problem = crate::godebugs::problem(&table, goroot, "godebug", key, value);
        if let Some(e) = problem {
            return Err(format!("go: error loading {shown}:\n{shown}:{line}: {e}"));
        }
    }
    Ok(())
}

fn too_new(ctx: &Context, file: &ModFile, shown: &str) -> Result<(), String> {
    let running = ctx.goroot.as_deref().and_then(crate::goroot::version);
    let running = running.unwrap_or("go1.27".into());
    let patch = |v: &str| v.splitn(3, '.').nth(2).and_then(|p| p.parse::<u32>().ok());
    let go = file.go.as_deref().unwrap_or("");
    let newer = match file.language().cmp(&gomod::NEWEST) {
        Ordering::Less => false,
        Ordering::Equal => patch(go) > patch(&running),
        Ordering::Greater => true,
    };
    if !newer {
        return Ok(());
    }
    Err(format!(
        "go: {shown} requires go >= {} (running go {}; GOTOOLCHAIN=local)",
        go,
        running.trim_start_matches("go")
    ))
}

/// Read go.work and its modules; its folder.
fn workspace(ctx: &Context, modules: &mut Modules, file: &Path) -> Result<PathBuf, String> {
    let root = file.parent().unwrap_or(Path::new("/")).to_path_buf();
    let work = gomod::read(file, "go.work", true)?;
    too_new(ctx, &work, "go.work")?;
    for dir in &work.uses {
        let dir = crate::resolve::clean(&root.join(dir));
        let shown = dir.join("go.mod");
        let short = crate::resolve::short(&ctx.cwd, &dir);
        if let Err(e) = files::read(&shown) {
            let short_file = Path::new(&short).join("go.mod");
            return Err(format!(
                "go: cannot load module {short} listed in go.work file: open {}: {}",
                short_file.display(),
                crate::package::io_text(&e)
            ));
        }
        main_module(ctx, modules, &dir, &crate::resolve::short(&ctx.cwd, &shown))?;
    }
    // What go.work replaces goes before what the modules replace.
    modules.sources.replace = work.replace;
    modules.workspace = Some(root.clone());
    Ok(root)
}

/// Why the vendor folder is used, if it is: empty where a flag says so.
fn vendor_reason(modules: &Modules, root: &Path, mode: Option<&str>) -> Option<String> {
    match mode {
        Some("vendor") => return Some(String::new()),
        Some("mod" | "readonly") => return None,
        _ => {}
    }
    let go = modules.list.first().map_or((1, 16), |m| m.go);
    let has_vendor = files::is_folder(&root.join("vendor"));
    let listed = || files::is_file(&root.join("vendor/modules.txt"));
    match (has_vendor, &modules.workspace) {
        (true, None) if go >= (1, 14) => {
            Some("\n\t(Go version in go.mod is at least 1.14 and vendor directory exists.)".into())
        }
        (true, Some(_)) if go >= (1, 22) && listed() => {
            Some("\n\t(Go version in go.work is at least 1.22 and vendor directory exists.)".into())
        }
        _ => None,
    }
}

fn vendored(mut modules: Modules, root: &Path, reason: String) -> Result<Modules, String> {
    let vendor = Vendor::read(&root.join("vendor"));
    vendor.check(&modules.files, root, modules.workspace.is_some())?;
    for (m, go) in &vendor.modules {
        modules.list.push(Module {
            path: m.path.clone(),
            version: m.version.clone(),
            // Packages are looked up by path, whatever their module.
            place: Err("vendored".into()),
            go: *go,
        });
    }
    modules.further = OnceLock::from(Ok(Vec::new()));
    modules.vendor = Some((vendor, reason));
    Ok(modules)
}

/// Add what the main modules require. In a module of Go 1.17 or newer this list is enough for nearly all builds, so
/// that no other go.mod is read before it is needed. Under `-mod=mod`, where `go` would bring go.mod up to date, the list
/// may be behind: then what the cache has of the other go.mod files decides.
fn required(mut modules: Modules) -> Result<Modules, String> {
    let one = modules.files.len() == 1 && modules.files[0].language() >= (1, 17);
    let selected = match one && !modules.sources.sums_may_lack {
        true => None,
        false => match crate::modgraph::select(&modules.files, &modules.sources) {
            Err(_) if one => None,
            selected => Some(selected?),
        },
    };
    let list: Vec<Version> = match selected {
        None => modules.files[0].require.clone(),
        Some(selected) => {
            modules.further = OnceLock::from(Ok(Vec::new()));
            let version = |(path, version)| Version { path, version };
            selected.into_iter().map(version).collect()
        }
    };
    let excluded = &modules.sources.exclude;
    let list = list.into_iter().filter(|m| !excluded.contains(m));
    let found: Vec<Module> = list.map(|m| modules.module(m)).collect();
    modules.list.extend(found);
    Ok(modules)
}

fn read_sums(file: &Path) -> HashMap<String, String> {
    let text = files::read_to_string(file).unwrap_or_default();
    let line = |l: &str| {
        let mut words = l.split_whitespace();
        let module = format!("{} {}", words.next()?, words.next()?);
        Some((module, words.next().unwrap_or("").to_string()))
    };
    text.lines().filter_map(line).collect()
}
