//! Load, parse and check: what every command does first.

use crate::embedded;
use gort_load::constraint::Tags;
use gort_load::{Context, LoadError, Loaded, Query};
use gort_syntax::{Diagnostic, FileSet};
use gort_types::{Config, Importer, Info, PackageInput, PkgId, TypeStore};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A checked program or package with its imports.
pub struct Checked {
    /// Types and objects.
    pub store: &'static TypeStore,
    /// Positions.
    pub files: &'static FileSet,
    /// The packages, imports first.
    pub loaded: &'static Loaded,
    /// Package and tables of each.
    pub units: Vec<(PkgId, Info<'static>)>,
}

/// Why there is nothing to go on with.
pub enum Failure {
    /// Errors in a package's source.
    Source {
        package: String,
        diags: Vec<Diagnostic>,
        files: &'static FileSet,
    },
    /// Anything else.
    Plain(String),
}

/// What to check, and how.
pub struct Request {
    /// The package.
    pub query: Query,
    /// Additional build tags.
    pub tags: Vec<String>,
    /// Language version instead of the module's.
    pub lang: Option<(u32, u32)>,
    /// Check types even after syntax errors.
    pub keep_going: bool,
    /// Predeclare `assert` and `trace`.
    pub test_builtins: bool,
    /// Load package runtime too, for programs that will be compiled.
    pub runtime: bool,
}

impl Request {
    /// A request for a program with defaults.
    pub fn program(query: Query, tags: Vec<String>) -> Request {
        Request {
            query,
            tags,
            lang: None,
            keep_going: false,
            test_builtins: false,
            runtime: true,
        }
    }
}

/// What the arguments of a command name: Go files, or one package folder or path.
///
/// # Errors
/// Several packages, or files mixed with others.
pub fn query(args: &[String]) -> Result<(Query, usize), String> {
    let n = args.iter().take_while(|a| a.ends_with(".go")).count();
    if n > 0 {
        let folder = |a: &String| Path::new(a).parent().map(Path::to_path_buf);
        if let Some(other) = args[..n].iter().find(|a| folder(a) != folder(&args[0])) {
            let dir = |p: Option<PathBuf>| match p {
                Some(d) if !d.as_os_str().is_empty() => d.display().to_string(),
                _ => "./".into(),
            };
            let (a, b) = (dir(folder(&args[0])), dir(folder(other)));
            return Err(format!(
                "named files must all be in one directory; have {a} and {b}"
            ));
        }
        return Ok((
            Query::Files(args[..n].iter().map(PathBuf::from).collect()),
            n,
        ));
    }
    let Some(first) = args.first() else {
        return Ok((Query::Folder(".".into()), 0));
    };
    if first.starts_with(['.', '/']) {
        return Ok((Query::Folder(first.into()), 1));
    }
    Ok((Query::Path(first.clone()), 1))
}

/// The packages checked so far.
#[derive(Default)]
struct Imports {
    by_path: RefCell<HashMap<String, PkgId>>,
}

impl Importer for Imports {
    fn import(&self, path: &str) -> Result<PkgId, String> {
        if path == "unsafe" {
            return Ok(PkgId::UNSAFE);
        }
        self.by_path
            .borrow()
            .get(path)
            .copied()
            .ok_or_else(|| format!("package {path} is not in std"))
    }
}

/// Load and check.
///
/// # Errors
/// The first package with errors, or what kept the sources from being read.
pub fn check(request: &Request) -> Result<Checked, Failure> {
    let (checked, diags) = check_all(request)?;
    match diags {
        Some((package, diags)) => Err(Failure::Source {
            package,
            diags,
            files: checked.files,
        }),
        None => Ok(checked),
    }
}

/// Load and check; with the errors of the named package, or of an import of it, comes what is known all the same.
///
/// # Errors
/// What kept the sources from being read.
#[allow(clippy::type_complexity)]
pub fn check_all(
    request: &Request,
) -> Result<(Checked, Option<(String, Vec<Diagnostic>)>), Failure> {
    let cwd = std::env::current_dir().map_err(|e| Failure::Plain(format!("gort: {e}")))?;
    let goroot = match gort_load::goroot::find() {
        Ok(root) => Some(root),
        Err(e) if e == gort_load::goroot::MISSING => None,
        Err(e) => return Err(Failure::Plain(e)),
    };
    let recipes = gort_load::recipe::parse(embedded::OVERLAY).map_err(Failure::Plain)?;
    let ctx = Context {
        goroot,
        tags: Tags::new(&request.tags),
        recipes,
        overlay: embedded::OVERLAY,
        cwd,
    };
    let files: &'static FileSet = Box::leak(Box::default());
    let always: &[&str] = if request.runtime { &["runtime"] } else { &[] };
    let loaded = gort_load::load(&ctx, files, &request.query, always).map_err(|e| match e {
        LoadError::Plain(text) => Failure::Plain(text),
        LoadError::At(diags) => Failure::Source {
            package: String::new(),
            diags,
            files,
        },
    })?;
    let loaded: &'static Loaded = Box::leak(Box::new(loaded));
    let store: &'static TypeStore = Box::leak(Box::new(TypeStore::new()));
    let imports: &'static Imports = Box::leak(Box::default());
    let mut units = Vec::new();
    let mut found = None;
    for (i, p) in loaded.packages.iter().enumerate() {
        let root = i == loaded.root;
        let tolerated = root && request.keep_going;
        if !p.diagnostics.is_empty() && !tolerated {
            found = Some((p.path.clone(), p.diagnostics.clone()));
            break;
        }
        let config = Config {
            go_version: request.lang.filter(|_| root).unwrap_or(p.go),
            bodies: true,
            test_builtins: request.test_builtins && root,
            allow_bodyless: p.standard || !request.runtime,
        };
        let config: &'static Config = Box::leak(Box::new(config));
        let path = if p.name == "main" && root {
            "main"
        } else {
            &p.path
        };
        let input = PackageInput {
            path,
            files: &p.files,
            importer: imports,
            config,
        };
        let (pkg, info, mut diags) = gort_types::check_package(store, files, input);
        if root && request.keep_going {
            diags.extend(p.diagnostics.iter().cloned());
        }
        imports.by_path.borrow_mut().insert(p.path.clone(), pkg);
        units.push((pkg, info));
        if !diags.is_empty() {
            found = Some((p.path.clone(), diags));
            break;
        }
    }
    Ok((
        Checked {
            store,
            files,
            loaded,
            units,
        },
        found,
    ))
}

/// Print a failure as the go command does.
pub fn report(failure: &Failure, all: bool) {
    match failure {
        Failure::Plain(text) => eprintln!("{text}"),
        Failure::Source {
            package,
            diags,
            files,
        } => {
            if !package.is_empty() {
                eprintln!("# {package}");
            }
            let text = crate::render::text(files, diags, all);
            // Problems with imports come from the go command, which prints names without "./".
            let text = if package.is_empty() {
                text.replace("./", "")
            } else {
                text
            };
            eprint!("{text}");
        }
    }
}
