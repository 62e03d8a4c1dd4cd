//! What every command does first: what the arguments name is loaded, parsed and checked.

use crate::cache::KnownFiles;
use crate::checking::{self, Checked};
use crate::cover::instrument::Instrumenter;
use crate::embedded;
use crate::pipeline::BuildFlags;
use crate::progress;
use crate::request::{Failure, Request};
use crate::timings;
use gort_load::constraint::Tags;
use gort_load::files::Digest;
use gort_load::{Candidate, Context, Instrument, LoadError, Options, Problem, Query};
use gort_syntax::FileSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// What the arguments of a command that takes one package name: Go files, or one package folder or path. With the number
/// of arguments that say it.
///
/// # Errors
/// Files of several folders.
pub fn query(args: &[String]) -> Result<(Query, usize), String> {
    let n = args.iter().take_while(|a| a.ends_with(".go")).count();
    if n > 0 {
        return Ok((files_query(&args[..n])?, n));
    }
    let n = args.len().min(1);
    Ok((Query::Patterns(args[..n].to_vec()), n))
}

/// What the arguments of a command that takes packages name: Go files, or patterns.
///
/// # Errors
/// Files of several folders, files mixed with patterns.
pub fn queries(args: &[String]) -> Result<Query, String> {
    let is_file = |a: &String| a.ends_with(".go") && Path::new(a).is_file();
    if !args.first().is_some_and(is_file) {
        return Ok(Query::Patterns(args.to_vec()));
    }
    if let Some(other) = args.iter().find(|a| !is_file(a)) {
        return Err(format!("named files must be .go files: {other}"));
    }
    files_query(args)
}

fn files_query(args: &[String]) -> Result<Query, String> {
    let folder = |a: &String| {
        let folder = Path::new(a).parent().map(gort_load::resolve::clean);
        let folder = folder.filter(|d| !d.as_os_str().is_empty());
        folder.unwrap_or_else(|| ".".into())
    };
    if let Some(other) = args.iter().find(|a| folder(a) != folder(&args[0])) {
        let (a, b) = (folder(&args[0]), folder(other));
        let (a, b) = (a.display(), b.display());
        return Err(format!(
            "named files must all be in one directory; have {a} and {b}"
        ));
    }
    Ok(Query::Files(args.iter().map(PathBuf::from).collect()))
}

/// Print warnings, which a cache would not.
pub fn warn(warnings: &[String]) {
    if !warnings.is_empty() {
        progress::clear();
    }
    warnings.iter().for_each(|w| eprintln!("{w}"));
    if !warnings.is_empty() {
        crate::cache::has_warned();
    }
}

/// Load and check.
///
/// # Errors
/// The packages with errors, or what kept the sources from being read.
pub fn check(request: &Request) -> Result<Checked, Failure> {
    check_with(request, None)
}

/// The same, with other files in place of those of some packages.
///
/// # Errors
/// As for [`check`].
pub fn check_with(
    request: &Request,
    instrument: Option<&Instrument<'_>>,
) -> Result<Checked, Failure> {
    timings::step("loading packages");
    let context = context(&request.tags)?;
    let files: &'static FileSet = Box::leak(Box::default());
    // What is not compiled is wanted with its bodies.
    let known = request.runtime.then(KnownFiles::open).flatten();
    let is_known = |file: &Digest| known.as_ref().is_some_and(|k| k.has(file));
    let options = Options {
        always: if request.runtime { &["runtime"] } else { &[] },
        tests: request.tests,
        instrument,
        known: Some(&is_known),
    };
    let loaded = gort_load::load(&context, files, &request.query, options)
        .map_err(|e| load_failure(e, files))?;
    checking::check_loaded(request, files, loaded, known)
}

/// Load and check what is to be built with these flags.
///
/// # Errors
/// As for [`check`]; what cannot be covered.
pub fn check_for(query: Query, flags: &BuildFlags) -> Result<Checked, Failure> {
    let request = Request::program(query, flags.tags.clone());
    match Instrumenter::new(flags)? {
        None => check(&request),
        Some(i) => {
            let checked = check_with(&request, Some(&|c: &Candidate<'_>| i.instrument(c)));
            let unmatched = if checked.is_ok() {
                i.unmatched()
            } else {
                Vec::new()
            };
            let warning = "warning: no packages being built depend on matches for pattern";
            let warnings: Vec<String> =
                unmatched.iter().map(|p| format!("{warning} {p}")).collect();
            warn(&warnings);
            checked
        }
    }
}

/// Whether a query may name several packages.
pub fn may_be_several(query: &Query) -> bool {
    let wild = |p: &String| p.contains("...") || matches!(p.as_str(), "std" | "cmd" | "all");
    match query {
        Query::Files(_) => false,
        Query::Patterns(list) => list.len() > 1 || list.iter().any(wild),
    }
}

/// The import paths of the packages that a query names.
///
/// # Errors
/// Patterns that cannot be resolved.
pub fn names(query: &Query, tags: &[String]) -> Result<Vec<String>, Failure> {
    let list = match query {
        Query::Files(_) => return Ok(vec!["command-line-arguments".into()]),
        Query::Patterns(list) => list,
    };
    if !may_be_several(query) {
        // What it is shows when it is loaded.
        return Ok(vec![list.first().cloned().unwrap_or(".".into())]);
    }
    let files: &'static FileSet = Box::leak(Box::default());
    let matches = gort_load::list(&context(tags)?, query).map_err(|e| load_failure(e, files))?;
    warn(&matches.warnings);
    if !matches.errors.is_empty() {
        let texts = matches.errors.into_iter().map(|(_, text)| text);
        let problems = texts.map(Problem::Plain).collect();
        return Err(Failure::Load { problems, files });
    }
    Ok(matches.packages.into_iter().map(|m| m.place.path).collect())
}

/// Which go.mod and which modules the flags say: it holds for all that the command loads.
#[derive(Default, Debug)]
pub struct ModuleFlags {
    /// `-mod`
    mode: Option<String>,
    /// `-modfile`
    file: Option<PathBuf>,
}

static MODULE_FLAGS: OnceLock<ModuleFlags> = OnceLock::new();

/// What `-mod` and `-modfile` say.
pub fn module_flags() -> Option<&'static ModuleFlags> {
    MODULE_FLAGS.get()
}

/// Take note of `-mod` and `-modfile`.
pub fn set_module_flags(parsed: &crate::flags::Parsed) {
    let _ = MODULE_FLAGS.set(ModuleFlags {
        mode: parsed.get("mod").map(String::from),
        file: parsed
            .get("modfile")
            .filter(|f| !f.is_empty())
            .map(PathBuf::from),
    });
}

/// Start the threads that work in parallel: as many as there are processors, or `-p`. Sources may be nested deeply, so they
/// have room; it is only set aside.
///
/// # Errors
/// In the words of `go`.
pub fn start_workers(p: Option<&str>) -> Result<(), String> {
    let n: usize = match p.map(str::parse::<i64>) {
        None => 0,
        Some(Ok(n)) if n > 0 => n as usize,
        Some(Ok(n)) => return Err(format!("go: -p must be a positive integer: {n}")),
        Some(Err(_)) => {
            let p = p.unwrap_or("");
            return Err(format!("invalid value {p:?} for flag -p: parse error"));
        }
    };
    let workers = rayon::ThreadPoolBuilder::new().num_threads(n);
    let _ = workers.stack_size(256 << 20).build_global();
    Ok(())
}

/// The settings of a build.
///
/// # Errors
/// A GOROOT that is not one.
pub fn context(tags: &[String]) -> Result<Context, Failure> {
    let cwd = std::env::current_dir().map_err(|e| Failure::Plain(format!("gort: {e}")))?;
    let goroot = match gort_load::goroot::find() {
        Ok(root) => Some(root),
        Err(e) if e == gort_load::goroot::MISSING => None,
        Err(e) => return Err(Failure::Plain(e)),
    };
    let flags = MODULE_FLAGS.get();
    let recipes = gort_load::recipe::parse(embedded::OVERLAY).map_err(Failure::Plain)?;
    Ok(Context {
        goroot,
        tags: Tags::new(tags),
        library: Tags::library(tags),
        recipes,
        overlay: embedded::OVERLAY,
        cwd,
        mod_flag: flags.and_then(|f| f.mode.clone()),
        mod_file: flags.and_then(|f| f.file.clone()),
    })
}

/// A failure of the loader.
pub fn load_failure(e: LoadError, files: &'static FileSet) -> Failure {
    Failure::Load {
        problems: e.0,
        files,
    }
}
