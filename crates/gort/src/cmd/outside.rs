//! Packages with a version, as in `gort install example.com/cmd/hello@v1.2.3`: no module is the main one. Official Go's
//! own `cmd/go`, compiled by gort, finds the version and downloads what is missing, for a module in a temporary folder
//! that requires nothing else; there the packages are built as those of any module in the module cache.

use crate::cmd::upstream;
use crate::environ;
use crate::interrupt::Folder;
use crate::request::Failure;
use gort_load::gomod::{self, Version};
use gort_load::{modcache, resolve};
use std::path::{Path, PathBuf};
use std::process::Output;

/// Main packages of one module, and the folder in which they can be built, which goes with this.
pub struct Outside {
    /// Import paths.
    pub mains: Vec<String>,
    _folder: Folder,
    before: PathBuf,
}

/// Whether an argument names a version.
pub fn has_version(arg: &str) -> bool {
    arg.contains('@') && !gort_load::patterns::is_local(arg)
}

impl Outside {
    /// Find the packages, and make the folder the working folder. `writable` is whether what is downloaded may be changed
    /// (`-modcacherw`).
    ///
    /// # Errors
    /// In the words of `go`.
    pub fn enter(args: &[String], writable: bool) -> Result<Outside, Failure> {
        let (patterns, version) = patterns(args).map_err(|e| Failure::Plain(format!("go: {e}")))?;
        let io = |e: std::io::Error| Failure::Plain(format!("gort: {e}"));
        let before = std::env::current_dir().map_err(io)?;
        let name = format!("gort-install{}", std::process::id());
        let folder = Folder::new(environ::temp_dir().join(name)).map_err(io)?;
        let release = "module outside\n\ngo 1.27\n";
        std::fs::write(folder.path().join("go.mod"), release).map_err(io)?;
        std::env::set_current_dir(folder.path()).map_err(io)?;
        let mut outside = Outside {
            mains: Vec::new(),
            _folder: folder,
            before,
        };
        let wanted = patterns.iter().map(|p| format!("{p}@{version}"));
        let flag = format!("-modcacherw={writable}");
        let got = go("get", std::iter::once(flag).chain(wanted))?;
        let said = text(&got.stderr);
        let (shown, rest): (Vec<&str>, Vec<&str>) = said
            .lines()
            .partition(|line| line.starts_with("go: downloading "));
        shown.iter().for_each(|line| eprintln!("{line}"));
        if !got.status.success() {
            let text = rest.join("\n");
            let text = text.strip_prefix("go: ").unwrap_or(&text);
            return Err(Failure::Plain(format!("go: {}: {text}", args[0])));
        }
        // What it says of the go.mod is of no interest.
        let changes = ["go: added ", "go: upgraded ", "go: downgraded "];
        let kept = |line: &&&str| !changes.iter().any(|c| line.starts_with(c));
        rest.iter()
            .filter(kept)
            .for_each(|line| eprintln!("{line}"));
        outside.find(args, &patterns)?;
        Ok(outside)
    }

    /// Go back to the working folder from before.
    ///
    /// # Errors
    /// When it is not there any more.
    pub fn leave(&self) -> Result<(), Failure> {
        std::env::set_current_dir(&self.before).map_err(|e| Failure::Plain(format!("gort: {e}")))
    }

    /// Find the main packages that the patterns mean.
    fn find(&mut self, args: &[String], patterns: &[String]) -> Result<(), Failure> {
        let fail = |text: String| Err(Failure::Plain(text));
        let mut root: Option<Version> = None;
        for pattern in patterns {
            let form = "{{.Name}}\t{{.ImportPath}}\t{{with .Module}}{{.Path}}\t{{.Version}}{{end}}";
            let listed = go(
                "list",
                ["-mod=mod", "-f", form, "--", pattern.as_str()].map(String::from),
            )?;
            if !listed.status.success() {
                return fail(text(&listed.stderr));
            }
            let listing = text(&listed.stdout);
            let mut any = false;
            for line in listing.lines() {
                let [name, path, rest @ ..] = &line.split('\t').collect::<Vec<_>>()[..] else {
                    continue;
                };
                let module = match rest {
                    [path, version] => Version {
                        path: path.to_string(),
                        version: version.to_string(),
                    },
                    _ => return fail(format!("package {path} not provided by a module")),
                };
                let first = root.get_or_insert_with(|| module.clone());
                if *first != module {
                    return fail(format!(
                        "package {path} provided by module {}@{}\n\tAll packages must be provided by the same module ({}@{}).",
                        module.path, module.version, first.path, first.version
                    ));
                }
                any |= *name == "main";
                match *name {
                    "main" => self.mains.push(path.to_string()),
                    _ if pattern.contains("...") => {}
                    _ => return fail(format!("package {path} is not a main package")),
                }
            }
            if !any && !listing.is_empty() {
                eprintln!("go: warning: {pattern:?} matched only non-main packages");
            }
        }
        match root {
            Some(root) => plain(&args[0], &root),
            None => Ok(()),
        }
    }
}

/// The patterns, and the version that all of them have.
fn patterns(args: &[String]) -> Result<(Vec<String>, String), String> {
    let version = args.iter().find_map(|a| Some(a.split_once('@')?.1));
    let version = version.unwrap_or("");
    let mut out = Vec::new();
    for arg in args {
        if version.is_empty() {
            let first = args.iter().find(|a| a.contains('@')).unwrap_or(arg);
            return Err(format!("{first}: version must not be empty"));
        }
        let Some(p) = arg.strip_suffix(&format!("@{version}")) else {
            return Err(format!(
                "{arg}: all arguments must refer to packages in the same module at the same version (@{version})"
            ));
        };
        let must = match p {
            _ if p.starts_with('/') => "be a package path, not an absolute path",
            _ if gort_load::patterns::is_local(p) => "be a package path, not a relative path",
            "all" | "std" | "cmd" | "tool" | "work" => "be a package path, not a meta-package",
            _ if resolve::clean(Path::new(p)) != Path::new(p) || p.ends_with('/') => {
                "be a clean package path"
            }
            _ if !p.contains("...") && is_standard(p) => "not be a package in the standard library",
            _ => {
                out.push(p.to_string());
                continue;
            }
        };
        return Err(format!("{arg}: argument must {must}"));
    }
    Ok((out, version.to_string()))
}

fn is_standard(path: &str) -> bool {
    let goroot = gort_load::goroot::find();
    resolve::is_std_form(path)
        && goroot.is_ok_and(|root| resolve::has_go_files(&root.join("src").join(path)))
}

/// Refuse a module that says more than a dependency can.
fn plain(arg: &str, module: &Version) -> Result<(), Failure> {
    let file = modcache::go_mod(module);
    let text = gort_load::files::read_to_string(&file).unwrap_or_default();
    let Ok(said) = gomod::parse(&text, Path::new("."), false) else {
        return Ok(());
    };
    let directives = [
        ("replace", said.replace.is_empty()),
        ("exclude", said.exclude.is_empty()),
    ];
    match directives.into_iter().find(|(_, none)| !none) {
        None => Ok(()),
        Some((name, _)) => Err(Failure::Plain(format!(
            "go: {arg} (in {}@{}):\n\tThe go.mod file for the module providing named packages contains one or\n\tmore {name} directives. It must not contain directives that would cause\n\tit to be interpreted differently than if it were the main module.",
            module.path, module.version
        ))),
    }
}

/// Run a command of official Go's.
fn go(command: &str, args: impl IntoIterator<Item = String>) -> Result<Output, Failure> {
    let args: Vec<String> = std::iter::once(command.to_string()).chain(args).collect();
    let mut go = upstream::command(&args)?;
    go.env("GOWORK", "off").env("GOFLAGS", "");
    go.output()
        .map_err(|e| Failure::Plain(format!("gort: go {command}: {e}")))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_string()
}
