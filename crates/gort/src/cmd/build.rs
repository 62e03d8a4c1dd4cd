//! `gort build`

use crate::flags::{self, Parsed, Spec, switch, value};
use crate::front::{self, Failure, Request};
use crate::pipeline::{self, BuildFlags, Strip, WorkFolder};
use gort_load::Query;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The help text.
pub const HELP: &str = "usage: gort build [-o output] [build flags] [packages | file.go...]

Build compiles the named packages, with all that they import. A single main package becomes a static
executable; of other packages the result is discarded: the build checks that they compile. Of several
packages, the main ones are written as executables if -o names a folder.

	-o output
		write the executable to this file, or into this folder if it exists
	-e
		report all errors, not only the first ten
	-tags tag,list
		a comma-separated list of additional build tags
	-ldflags '[-s] [-w] [-X package.name=value]...'
		give string variables of packages a value; -s and -w have no effect
	-trimpath
		remove file system paths from the executable
	-v
		print the names of packages as they are compiled
	-work
		print the name of the temporary work folder and do not delete it
	-x
		print the steps
	-dump-ir folder
		write the intermediate form of each package to this folder
	-passes-off name,list
		leave out these passes over the intermediate form
";

/// Flags of build and run.
pub const SPECS: &[Spec] = &[
    value("o"),
    switch("x"),
    switch("work"),
    switch("v"),
    switch("e"),
    value("tags"),
    value("mod"),
    value("dump-ir"),
    value("passes-off"),
    value("ldflags"),
    switch("trimpath"),
];

/// Run the command.
pub fn main(args: &[String]) -> ExitCode {
    let parsed = match flags::parse(args, SPECS, false) {
        Ok(p) => p,
        Err(e) => {
            eprintln!(
                "{e}\nusage: gort build [-o output] [build flags] [packages]\nRun 'gort help build' for details."
            );
            return ExitCode::from(2);
        }
    };
    let flags = match build_flags(&parsed) {
        Ok(f) => f,
        Err(e) => {
            eprintln!("{e}");
            return ExitCode::from(1);
        }
    };
    match build(&parsed, &flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            front::report(&failure, flags.e);
            ExitCode::from(1)
        }
    }
}

/// The build flags of a command line.
///
/// # Errors
/// Linker flags that gort does not have.
pub fn build_flags(parsed: &Parsed) -> Result<BuildFlags, String> {
    front::set_mod_flag(parsed);
    let list = |flag| {
        let names = parsed.get(flag).unwrap_or("").split([',', ' ']);
        names.filter(|n| !n.is_empty()).map(String::from).collect()
    };
    let link = link_flags(parsed.get("ldflags").unwrap_or(""))?;
    Ok(BuildFlags {
        variables: link.variables,
        strip: link.strip,
        check_linkname: link.check_linkname,
        trimpath: parsed.on("trimpath"),
        x: parsed.on("x"),
        work: parsed.on("work"),
        v: parsed.on("v"),
        e: parsed.on("e"),
        tags: list("tags"),
        dump_ir: parsed.get("dump-ir").map(String::from),
        passes_off: list("passes-off"),
    })
}

/// What the linker's flags say.
struct LinkFlags {
    /// `-X package.name=value`
    variables: Vec<(String, String)>,
    /// `-s` and `-w`
    strip: Strip,
    /// `-checklinkname`
    check_linkname: bool,
}

/// The linker flags. Words may be quoted.
fn link_flags(text: &str) -> Result<LinkFlags, String> {
    let mut out = LinkFlags {
        variables: Vec::new(),
        strip: Strip::default(),
        check_linkname: true,
    };
    let mut words = words(text)?.into_iter();
    while let Some(word) = words.next() {
        let flag = word.strip_prefix("--").or(word.strip_prefix('-'));
        let definition = match flag {
            Some("s" | "s=1" | "s=true") => {
                out.strip = Strip {
                    debug: true,
                    symbols: true,
                };
                continue;
            }
            Some("w" | "w=1" | "w=true") => {
                out.strip.debug = true;
                continue;
            }
            Some("w=0" | "w=false") => {
                out.strip.debug = false;
                continue;
            }
            Some("checklinkname" | "checklinkname=1" | "checklinkname=true") => continue,
            Some("checklinkname=0" | "checklinkname=false") => {
                out.check_linkname = false;
                continue;
            }
            Some("X") => words.next().ok_or("flag needs an argument: -X")?,
            Some(f) if f.starts_with("X=") => f[2..].to_string(),
            _ => return Err(format!("gort does not support the linker flag {word:?}")),
        };
        let parts = definition.split_once('=').and_then(|(name, value)| {
            name.rfind('.').filter(|&dot| dot > 0)?;
            Some((name.to_string(), value.to_string()))
        });
        out.variables.push(parts.ok_or_else(|| {
            format!(
                "-X flag requires argument of the form importpath.name=value, not {definition:?}"
            )
        })?);
    }
    Ok(out)
}

/// Words separated by space; one that starts with a quote goes to the next such quote.
fn words(text: &str) -> Result<Vec<String>, String> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let (word, tail) = if c == '"' || c == '\'' {
            let rest = &rest[1..];
            rest.split_once(c)
                .ok_or_else(|| format!("unterminated {c} string"))?
        } else {
            rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len()))
        };
        out.push(word.to_string());
        rest = tail.trim_start();
    }
    Ok(out)
}

fn build(parsed: &Parsed, flags: &BuildFlags) -> Result<(), Failure> {
    let query = front::queries(&parsed.args).map_err(Failure::Plain)?;
    let names = front::names(&query, &flags.tags)?;
    match names.as_slice() {
        [] => Ok(()),
        [_] if matches!(query, Query::Files(_)) => one(parsed, flags, query),
        [_] => one(parsed, flags, Query::Patterns(names)),
        several => many(parsed, flags, several),
    }
}

/// Build several packages: executables are written only where `-o` names a folder for them.
fn many(parsed: &Parsed, flags: &BuildFlags, paths: &[String]) -> Result<(), Failure> {
    let folder = match parsed.get("o") {
        Some("/dev/null") | None => None,
        Some(o) if o.ends_with('/') || Path::new(o).is_dir() => Some(PathBuf::from(o)),
        Some(o) => {
            let text = "go: cannot write multiple packages to non-directory";
            return Err(Failure::Plain(format!("{text} {o}")));
        }
    };
    // All errors are shown before anything is compiled.
    let all = Query::Patterns(paths.to_vec());
    let checked = front::check(&Request::program(all, flags.tags.clone()))?;
    let roots = checked.loaded.roots.iter();
    let mut mains = roots
        .map(|&r| &checked.loaded.packages[r])
        .filter(|p| p.name == "main");
    if folder.is_some() && mains.clone().next().is_none() {
        return Err(Failure::Plain("go: no main packages to build".into()));
    }
    let Some(folder) = folder else { return Ok(()) };
    std::fs::create_dir_all(&folder)
        .map_err(|e| Failure::Plain(format!("gort: {}: {e}", folder.display())))?;
    mains.try_for_each(|p| {
        let query = Query::Patterns(vec![p.path.clone()]);
        let checked = front::check(&Request::program(query, flags.tags.clone()))?;
        let work = WorkFolder::new(flags)?;
        let bytes = pipeline::build(&checked, flags, work.as_ref())?;
        pipeline::write_executable(&folder.join(executable_name(&p.path)), &bytes)
    })
}

fn one(parsed: &Parsed, flags: &BuildFlags, query: Query) -> Result<(), Failure> {
    let default = default_output(&query);
    let checked = front::check(&Request::program(query, flags.tags.clone()))?;
    let root = &checked.loaded.packages[checked.loaded.root];
    let work = WorkFolder::new(flags)?;
    if root.name != "main" {
        pipeline::compile(&checked, flags, work.as_ref())?;
        return Ok(());
    }
    let bytes = pipeline::build(&checked, flags, work.as_ref())?;
    let name = default.unwrap_or_else(|| executable_name(&root.path));
    let output = match parsed.get("o") {
        Some(o) if o.ends_with('/') || Path::new(o).is_dir() => Path::new(o).join(&name),
        Some(o) => PathBuf::from(o),
        None if name.is_dir() => {
            return Err(Failure::Plain(format!(
                "go: build output {:?} already exists and is a directory",
                name.display().to_string()
            )));
        }
        None => name,
    };
    pipeline::step(
        flags,
        &format!("mv $WORK/b001/exe/a.out {}", output.display()),
    );
    pipeline::write_executable(&output, &bytes)?;
    if !flags.work {
        pipeline::step(flags, "rm -rf $WORK/b001/");
    }
    Ok(())
}

/// The name of a package's executable: the last element of its path, or the one before it if that is a major version.
fn executable_name(path: &str) -> PathBuf {
    let mut elements = path.rsplit('/');
    let last = elements.next().unwrap_or("a.out");
    let digits = last.strip_prefix('v').unwrap_or("");
    let version = digits != "1" && !digits.starts_with('0');
    let version = version && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let name = if version { elements.next() } else { None };
    name.unwrap_or(last).into()
}

/// The name of the executable, where the arguments decide it: the first file without `.go`, or the folder.
fn default_output(query: &Query) -> Option<PathBuf> {
    match query {
        Query::Files(list) => list.first().and_then(|f| f.file_stem()).map(PathBuf::from),
        _ => None,
    }
}
