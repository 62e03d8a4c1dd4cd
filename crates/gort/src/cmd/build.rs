//! `gort build`

use super::download;
use super::program::program;
use crate::buildflags::{SPECS, build_flags};
use crate::cache::{Asked, Outcome, What};
use crate::environ;
use crate::flags::{Error, Parsed};
use crate::front;
use crate::pipeline::{self, BuildFlags};
use crate::progress;
use crate::report;
use crate::request::Failure;
use crate::timings;
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
	-a
		build what is in the cache too
	-asmflags '[pattern=]arg list'
		arguments for the assembler, for the named packages or with the pattern all for all
	-cover
		count which statements run; the executable writes to the folder $GOCOVERDIR what it has counted
	-covermode set|count|atomic
		whether they run, how often, and how often with counters that goroutines may share; implies -cover
	-coverpkg pattern,list
		cover these packages, not those of the main module; implies -cover
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
	-timings
		print what the steps took
	-dump-ir folder
		write the intermediate form of each package to this folder
	-passes-off name,list
		leave out these passes over the intermediate form

The other flags of go build are refused by name, unless they ask for what gort does in any case: -buildmode=exe,
-buildvcs=false, -compiler=gc, -pgo=off, -installsuffix, -modcacherw, of -gcflags -N, -l, -dwarf, -c and -e, and of
-ldflags -buildid=, -extldflags and -linkmode=internal.

What is built is kept in the cache, $GORT_CACHE/build, and found there as long as nothing changes from which it was made:
see 'gort help clean'.
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
    let again = |failure| download::or_start_over(failure, &parsed.args, &parsed);
    let done = build(&parsed, &flags).map_err(again);
    ended(done, &flags)
}

/// What is said at the end of a build, and the exit code.
pub fn ended(done: Result<(), Failure>, flags: &BuildFlags) -> ExitCode {
    progress::clear();
    if flags.timings {
        timings::print();
    }
    match done {
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
    if !front::may_be_several(&query) {
        return one(parsed, flags, query);
    }
    let asked = Asked::new(What::Packages, &query, flags);
    if let Some(found) = asked.find() {
        let folder = output_folder(parsed)?;
        return write_mains(flags, folder, &found.outcome.mains);
    }
    match front::names(&query, &flags.tags)?.as_slice() {
        [] => Ok(()),
        [name] => one(parsed, flags, Query::Patterns(vec![name.clone()])),
        several => many(parsed, flags, several, &asked),
    }
}

/// The folder that `-o` names for the executables of several packages.
fn output_folder(parsed: &Parsed) -> Result<Option<PathBuf>, Failure> {
    match parsed.get("o") {
        Some("/dev/null") | None => Ok(None),
        Some(o) if is_folder(o) => Ok(Some(PathBuf::from(o))),
        Some(o) => {
            let text = "go: cannot write multiple packages to non-directory";
            Err(Failure::Plain(format!("{text} {o}")))
        }
    }
}

/// Build several packages: executables are written only where `-o` names a folder for them.
fn many(
    parsed: &Parsed,
    flags: &BuildFlags,
    paths: &[String],
    asked: &Asked,
) -> Result<(), Failure> {
    let folder = output_folder(parsed)?;
    let mains = check_all(flags, paths, asked)?;
    write_mains(flags, folder, &mains)
}

/// Check several packages, and find the main ones among them.
///
/// # Errors
/// What is wrong with their sources.
pub fn mains_of(flags: &BuildFlags, paths: &[String]) -> Result<Vec<String>, Failure> {
    let asked = Asked::new(What::Packages, &Query::Patterns(paths.to_vec()), flags);
    match asked.find() {
        Some(found) => Ok(found.outcome.mains),
        None => check_all(flags, paths, &asked),
    }
}

/// Check several packages; the main ones among them.
fn check_all(flags: &BuildFlags, paths: &[String], asked: &Asked) -> Result<Vec<String>, Failure> {
    // All errors are shown before anything is compiled.
    let all = Query::Patterns(paths.to_vec());
    let checked = front::check_for(all, flags)?;
    let roots = checked.loaded.roots.iter();
    let mains = roots
        .map(|&r| &checked.loaded.packages[r])
        .filter(|p| p.name == "main");
    let outcome = Outcome {
        mains: mains.map(|p| p.path.clone()).collect(),
        ..Outcome::default()
    };
    Ok(asked.keep(outcome, None).mains)
}

/// Write the executables of main packages into a folder, if there is one to write to.
fn write_mains(
    flags: &BuildFlags,
    folder: Option<PathBuf>,
    mains: &[String],
) -> Result<(), Failure> {
    if folder.is_some() && mains.is_empty() {
        return Err(Failure::Plain("go: no main packages to build".into()));
    }
    let Some(folder) = folder.filter(|_| !flags.n) else {
        return Ok(());
    };
    mains.iter().try_for_each(|path| {
        let query = Query::Patterns(vec![path.clone()]);
        let program = program(query, flags, &|_| Ok(()))?;
        let file = folder.join(executable_name(path));
        pipeline::install_executable(&file, &program.executable)
    })
}

fn one(parsed: &Parsed, flags: &BuildFlags, query: Query) -> Result<(), Failure> {
    let default = default_output(&query);
    let admit = |outcome: &Outcome| match outcome.is_main() {
        // That build mode is of main packages alone; there is one to name the executable of.
        false
            if parsed
                .get("o")
                .is_some_and(|o| is_folder(o) || parsed.get("buildmode") == Some("exe")) =>
        {
            Err(Failure::Plain("go: no main packages to build".into()))
        }
        _ => Ok(()),
    };
    let program = program(query, flags, &admit)?;
    if !program.outcome.is_main() {
        return Ok(());
    }
    let name = default.unwrap_or_else(|| executable_name(&program.outcome.path));
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
        if is_precious(&output) {
            return Err(Failure::Plain(format!(
                "go: build output {:?} already exists and is not an object file",
                output.display().to_string()
            )));
        }
        pipeline::install_executable(&output, &program.executable)?;
    }
    if !flags.work {
        pipeline::step(flags, "rm -rf $WORK/b001/");
    }
    Ok(())
}

/// Whether a file is there that no build has left: not an executable, an object, or an archive, of whatever system.
fn is_precious(file: &Path) -> bool {
    const STARTS: &[&[u8]] = &[
        b"!<arch>\n",
        b"<bigaf>\n",
        b"\x7fELF",
        b"\xfe\xed\xfa\xce",
        b"\xfe\xed\xfa\xcf",
        b"\xce\xfa\xed\xfe",
        b"\xcf\xfa\xed\xfe",
        b"MZ\x90\0\x03\0",
        b"MZ\x78\0\x01\0",
        b"\0asm",
        b"\x01\xdf",
    ];
    if !file.metadata().is_ok_and(|m| m.is_file() && m.len() > 0) {
        return false;
    }
    let mut start = Vec::new();
    let read = std::fs::File::open(file)
        .and_then(|f| std::io::Read::read_to_end(&mut std::io::Read::take(f, 8), &mut start));
    read.is_err() || !STARTS.iter().any(|s| start.starts_with(s))
}

/// Whether `-o` names a folder.
fn is_folder(o: &str) -> bool {
    o != "/dev/null" && (o.ends_with('/') || Path::new(o).is_dir())
}

/// The name of a package's executable: the last element of its path, or the one before it if that is a major version.
pub fn executable_name(path: &str) -> PathBuf {
    let mut elements = path.rsplit('/');
    let last = elements.next().unwrap_or("a.out");
    let digits = last.strip_prefix('v').unwrap_or("");
    let version = digits != "1" && !digits.starts_with('0');
    let version = version && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let name = if version { elements.next() } else { None };
    name.unwrap_or(last).into()
}

/// The name of the executable, where the arguments decide it: the first file without `.go`, or the folder.
pub fn default_output(query: &Query) -> Option<PathBuf> {
    match query {
        Query::Files(list) => list.first().and_then(|f| f.file_stem()).map(PathBuf::from),
        _ => None,
    }
}
