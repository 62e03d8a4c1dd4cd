//! `gort build`

use crate::buildflags::{SPECS, build_flags};
use crate::environ;
use crate::flags::{Error, Parsed};
use crate::front;
use crate::pipeline::{self, BuildFlags, WorkFolder};
use crate::report;
use crate::request::{Failure, Request};
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
	-C dir
		change to dir first; must be the first flag
	-asmflags '[pattern=]arg list'
		arguments for the assembler, for the named packages or with the pattern all for all
	-e
		report all errors, not only the first ten
	-json
		print errors as JSON events
	-ldflags '[-s] [-w] [-X package.name=value] [-checklinkname=0]...'
		leave out the symbol table and debug information, or the latter; give string variables a value; let
		//go:linkname take anything
	-mod mode
		module download mode to use: readonly, vendor, or mod
	-modfile file
		read this file in place of go.mod
	-n
		print the steps but do not carry them out
	-p n
		the number of threads, and of test executables, that work at a time
	-tags tag,list
		a comma-separated list of additional build tags
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

The other flags of go build are refused by name, unless they ask for what gort does in any case: -a, -buildmode=exe,
-buildvcs=false, -compiler=gc, -pgo=off, -installsuffix, -modcacherw, of -gcflags -N, -l, -dwarf, -c and -e, and of
-ldflags -buildid=, -extldflags and -linkmode=internal.
$GOFLAGS goes before the command line.
";

const USAGE: &str =
    "usage: gort build [-o output] [build flags] [packages]\nRun 'gort help build' for details.";

/// Run the command.
pub fn main(args: &[String]) -> ExitCode {
    let parsed = match environ::parse(args, SPECS, false) {
        Ok(p) => p,
        Err(e) => return e.report(USAGE),
    };
    let flags = match build_flags(&parsed) {
        Ok(f) => f,
        Err(e) => return Error::of(e).report(USAGE),
    };
    match build(&parsed, &flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if flags.json => {
            print!("{}", report::build_events(&failure, flags.e));
            ExitCode::from(1)
        }
        Err(failure) => {
            report::report(&failure, flags.e);
            ExitCode::from(1)
        }
    }
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
        Some(o) if is_folder(o) => Some(PathBuf::from(o)),
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
    let Some(folder) = folder.filter(|_| !flags.n) else {
        return Ok(());
    };
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
        if parsed.get("o").is_some_and(is_folder) {
            return Err(Failure::Plain("go: no main packages to build".into()));
        }
        pipeline::compile(&checked, flags, work.as_ref())?;
        return Ok(());
    }
    let bytes = pipeline::build(&checked, flags, work.as_ref())?;
    let name = default.unwrap_or_else(|| executable_name(&root.path));
    let output = match parsed.get("o") {
        Some(o) if is_folder(o) => Path::new(o).join(&name),
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
    if !flags.n {
        pipeline::write_executable(&output, &bytes)?;
    }
    if !flags.work {
        pipeline::step(flags, "rm -rf $WORK/b001/");
    }
    Ok(())
}

/// Whether `-o` names a folder.
fn is_folder(o: &str) -> bool {
    o != "/dev/null" && (o.ends_with('/') || Path::new(o).is_dir())
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
