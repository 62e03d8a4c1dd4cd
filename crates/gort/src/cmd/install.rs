//! `gort install`

use super::build::{self, executable_name};
use super::download;
use super::outside::{Outside, has_version};
use super::program::program;
use crate::buildflags::{SPECS, build_flags};
use crate::cache::Outcome;
use crate::environ;
use crate::flags::{Error, Parsed, Spec};
use crate::front;
use crate::pipeline::{self, BuildFlags};
use crate::request::Failure;
use gort_load::gopath::Gopath;
use gort_load::{Problem, Query};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::ExitCode;

/// The help text.
pub const HELP: &str = "usage: gort install [build flags] [packages]

Install builds the named packages, as build does, and puts the executables of the main ones into the folder $GOBIN, or
where that is not set into $GOPATH/bin ($HOME/go/bin if GOPATH is not set either).

Packages may have a version: gort install example.com/hello@v1.2.3, or @latest. Then the go.mod of the working folder
does not count; the module is found and downloaded as 'gort get' does it. All packages must be of one module at one
version, and its go.mod must have no replace or exclude directives.

Commands of the distribution (cmd/...) are not installed. See 'gort help build' for the build flags.
";

const USAGE: &str =
    "usage: gort install [build flags] [packages]\nRun 'gort help install' for details.";

/// Run the command.
pub fn main(args: &[String]) -> ExitCode {
    let specs: Vec<Spec> = SPECS.iter().filter(|s| s.name != "o").copied().collect();
    let parsed = match environ::parse(args, &specs, false) {
        Ok(p) => p,
        Err(e) => return e.report(USAGE),
    };
    let flags = match build_flags(&parsed) {
        Ok(f) => f,
        Err(e) => return Error::of(e).report(USAGE),
    };
    let done = match parsed.args.iter().any(|a| has_version(a)) {
        true => with_version(&parsed, &flags),
        false => install(&parsed, &flags),
    };
    build::ended(done, &flags)
}

/// Where executables go: without modules, where no variable says so, beside what they are built from.
fn folder_of(outcome: &Outcome) -> Result<PathBuf, Failure> {
    let cwd = std::env::current_dir().unwrap_or_default();
    let gopath = match Gopath::find(&cwd) {
        Some(gopath) if std::env::var_os("GOBIN").is_none_or(|v| v.is_empty()) => gopath,
        _ => return folder(),
    };
    match gopath.root_of(&outcome.dir) {
        _ if outcome.path == "command-line-arguments" => Err(Failure::Plain(
            "go: no install location for .go files listed on command line (GOBIN not set)".into(),
        )),
        Some(root) => Ok(root.join("bin")),
        None => Err(Failure::Plain(format!(
            "go: no install location for directory {} outside GOPATH\n\tFor more details see: 'go help gopath'",
            outcome.dir.display()
        ))),
    }
}

/// Where executables go if they are of modules.
fn folder() -> Result<PathBuf, Failure> {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty());
    if let Some(bin) = set("GOBIN").map(PathBuf::from) {
        return match bin.is_absolute() {
            true => Ok(bin),
            false => Err(Failure::Plain(
                "cannot install, GOBIN must be an absolute path".into(),
            )),
        };
    }
    let gopath = set("GOPATH").and_then(|v| std::env::split_paths(&v).next());
    let home = || Some(PathBuf::from(set("HOME")?).join("go"));
    match gopath.or_else(home) {
        Some(path) => Ok(path.join("bin")),
        None => Err(Failure::Plain(
            "gort: none of GOBIN, GOPATH and HOME says where to install".into(),
        )),
    }
}

fn install(parsed: &Parsed, flags: &BuildFlags) -> Result<(), Failure> {
    let query = front::queries(&parsed.args).map_err(Failure::Plain)?;
    let done = match front::may_be_several(&query) {
        false => one(query, flags).map(Some),
        true => match front::names(&query, &flags.tags)?.as_slice() {
            [] => Ok(None),
            names => several(flags, names).map(|()| None),
        },
    };
    let again = |e| download::or_start_over(hinted(&parsed.args, e), &parsed.args, parsed);
    let installed = done.map_err(again)?;
    // An executable that an earlier build has left here is not what will be run.
    if let Some(Some(installed)) = installed.filter(|_| parsed.args.is_empty() && !flags.n) {
        let here = std::env::current_dir().unwrap_or_default();
        let here = here.join(installed.file_name().unwrap_or_default());
        let meta = here.symlink_metadata();
        let executable = meta.is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0);
        if executable && here != installed {
            let _ = std::fs::remove_file(here);
        }
    }
    Ok(())
}

/// Build and install several packages. Errors in one do not keep the others from being installed.
fn several(flags: &BuildFlags, paths: &[String]) -> Result<(), Failure> {
    let install = |path: &String| one(Query::Patterns(vec![path.clone()]), flags);
    let failure = match build::mains_of(flags, paths) {
        Ok(mains) => return mains.iter().try_for_each(|path| install(path).map(|_| ())),
        Err(failure) => failure,
    };
    if let Failure::Packages { packages, .. } = &failure {
        for path in paths {
            if !packages.iter().any(|(broken, _)| broken == path) {
                // What is wrong is said already.
                let _ = install(path);
            }
        }
    }
    Err(failure)
}

/// Build and install one package; its executable, if it has one.
fn one(query: Query, flags: &BuildFlags) -> Result<Option<PathBuf>, Failure> {
    let default = build::default_output(&query);
    let admit = |outcome: &Outcome| match outcome.path.starts_with("cmd/") {
        true => Err(Failure::Plain(format!(
            "gort does not install commands of the distribution: {}",
            outcome.path
        ))),
        false => Ok(()),
    };
    let program = program(query, flags, &admit)?;
    if !program.outcome.is_main() {
        return Ok(None);
    }
    let name = default.unwrap_or_else(|| executable_name(&program.outcome.path));
    let bin = folder_of(&program.outcome)?;
    let target = bin.join(name);
    pipeline::step(flags, &format!("mkdir -p {}/", bin.display()));
    pipeline::step(
        flags,
        &format!("mv $WORK/b001/exe/a.out {}", target.display()),
    );
    if !flags.n {
        let io = |e: std::io::Error| Failure::Plain(format!("gort: {}: {e}", bin.display()));
        std::fs::create_dir_all(&bin).map_err(io)?;
        pipeline::write_executable(&target, &program.executable)?;
    }
    Ok(Some(target))
}

fn with_version(parsed: &Parsed, flags: &BuildFlags) -> Result<(), Failure> {
    for name in ["modfile", "mod"] {
        let value = parsed.get(name).unwrap_or("");
        if !matches!((name, value), (_, "") | ("mod", "readonly" | "mod")) {
            return Err(Failure::Plain(format!(
                "gort does not support -{name}={value} for packages with a version"
            )));
        }
    }
    folder()?;
    let outside = Outside::enter(&parsed.args, parsed.on("modcacherw"))?;
    for path in &outside.mains {
        one(Query::Patterns(vec![path.clone()]), flags)?;
    }
    outside.leave()
}

/// Outside of a module, what has not been found may be meant with a version.
fn hinted(args: &[String], failure: Failure) -> Failure {
    let cwd = std::env::current_dir().unwrap_or_default();
    let module = gort_load::gomod::find_up(&cwd, "go.mod").is_some();
    let missing = |p: &Problem| match p {
        Problem::Plain(text) => text.starts_with("no required module provides package"),
        _ => false,
    };
    match &failure {
        Failure::Load { problems, .. }
            if !module && !problems.is_empty() && problems.iter().all(missing) =>
        {
            let latest: Vec<String> = args.iter().map(|a| format!("{a}@latest")).collect();
            Failure::Plain(format!(
                "go: 'go install' requires a version when current directory is not in a module\n\tTry 'go install {}' to install the latest version",
                latest.join(" ")
            ))
        }
        _ => failure,
    }
}
