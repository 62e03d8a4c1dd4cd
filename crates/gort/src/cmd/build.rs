//! `gort build`

use crate::flags::{self, Parsed, Spec, switch, value};
use crate::front::{self, Failure, Request};
use crate::pipeline::{self, BuildFlags, WorkFolder};
use gort_load::Query;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The help text.
pub const HELP: &str = "usage: gort build [-o output] [build flags] [package | file.go...]

Build compiles the named package, with all that it imports. A main package becomes a static
executable; of any other package the result is discarded: the build checks that it compiles.

	-o output
		write the executable to this file, or into this folder if it exists
	-e
		report all errors, not only the first ten
	-tags tag,list
		a comma-separated list of additional build tags
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
    value("dump-ir"),
    value("passes-off"),
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
    let flags = build_flags(&parsed);
    match build(&parsed, &flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            front::report(&failure, flags.e);
            ExitCode::from(1)
        }
    }
}

/// The build flags of a command line.
pub fn build_flags(parsed: &Parsed) -> BuildFlags {
    let list = |flag| {
        let names = parsed.get(flag).unwrap_or("").split([',', ' ']);
        names.filter(|n| !n.is_empty()).map(String::from).collect()
    };
    BuildFlags {
        x: parsed.on("x"),
        work: parsed.on("work"),
        v: parsed.on("v"),
        e: parsed.on("e"),
        tags: list("tags"),
        dump_ir: parsed.get("dump-ir").map(String::from),
        passes_off: list("passes-off"),
    }
}

fn build(parsed: &Parsed, flags: &BuildFlags) -> Result<(), Failure> {
    let (query, used) = front::query(&parsed.args).map_err(Failure::Plain)?;
    if used < parsed.args.len() {
        return Err(Failure::Plain(
            "gort: building several packages at once is not supported yet".into(),
        ));
    }
    let default = default_output(&query);
    let checked = front::check(&Request::program(query, flags.tags.clone()))?;
    let root = &checked.loaded.packages[checked.loaded.root];
    let work = WorkFolder::new(flags)?;
    if root.name != "main" {
        pipeline::compile(&checked, flags, work.as_ref())?;
        return Ok(());
    }
    let bytes = pipeline::build(&checked, flags, work.as_ref())?;
    let name = default
        .or_else(|| root.path.rsplit('/').next().map(PathBuf::from))
        .unwrap_or("a.out".into());
    let output = match parsed.get("o") {
        Some(o) if o.ends_with('/') || Path::new(o).is_dir() => Path::new(o).join(&name),
        Some(o) => PathBuf::from(o),
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

/// The name of the executable, where the arguments decide it: the first file without `.go`, or the folder.
fn default_output(query: &Query) -> Option<PathBuf> {
    match query {
        Query::Files(list) => list.first().and_then(|f| f.file_stem()).map(PathBuf::from),
        _ => None,
    }
}
