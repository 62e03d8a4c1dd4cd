//! `gort check`

use crate::environ;
use crate::flags::{Spec, switch, value};
use crate::front;
use crate::render;
use crate::report;
use crate::request::{Failure, Request};
use gort_load::Problem;
use std::process::ExitCode;

/// The help text.
pub const HELP: &str =
    "usage: gort check [-tests] [-json] [-e] [-lang go1.N] [-keep-going] [packages | file.go...]

Check parses and type-checks packages without compiling them. Packages are named as for the go command: by import path
or folder, by patterns such as ./... and net/..., and by std and cmd for those of the Go distribution.

	-tests
		check the test files of the packages too
	-tags tag,list
		a comma-separated list of additional build tags
	-mod mode
		module download mode to use: readonly, vendor, or mod
	-modfile file
		read this file in place of go.mod
	-p n
		the number of threads
	-json
		report all errors: print a line {\"file\": ..., \"line\": ..., \"col\": ..., \"msg\": ..., \"end\": ...,
		\"code\": ..., \"related\": [...]} for each error, and one for each related position, whose msg starts with a tab
	-e
		report all errors, not only the first ten
	-lang go1.N
		check for this language version
	-keep-going
		check types even after syntax errors
	-test-builtins
		predeclare assert and trace, which the tests of Go's type checkers use
";

const USAGE: &str = "usage: gort check [flags] [packages]\nRun 'gort help check' for details.";

/// Its flags.
pub const SPECS: &[Spec] = &[
    switch("json"),
    switch("tests"),
    switch("e"),
    value("lang"),
    switch("keep-going"),
    switch("test-builtins"),
    value("tags"),
    value("mod"),
    value("modfile"),
    value("p"),
];

/// Run the command.
pub fn main(args: &[String]) -> ExitCode {
    let parsed = match environ::parse(args, SPECS, true) {
        Ok(p) => p,
        Err(e) => return e.report(USAGE),
    };
    let lang = match parsed
        .get("lang")
        .map(|l| (l, l.strip_prefix("go").and_then(gort_load::gomod::version)))
    {
        Some((text, None)) => {
            eprintln!(
                "gort check: invalid value {text:?} for -lang: should be something like \"go1.12\""
            );
            return ExitCode::from(2);
        }
        Some((_, v)) => v,
        None => None,
    };
    front::set_module_flags(&parsed);
    if let Err(e) = front::start_workers(parsed.get("p")) {
        eprintln!("{e}");
        return ExitCode::from(2);
    }
    let query = match front::queries(&parsed.args) {
        Ok(q) => q,
        Err(e) => {
            eprintln!("{e}");
            return ExitCode::from(1);
        }
    };
    let request = Request {
        query,
        tags: parsed
            .get("tags")
            .unwrap_or("")
            .split(',')
            .filter(|t| !t.is_empty())
            .map(String::from)
            .collect(),
        lang,
        keep_going: parsed.on("keep-going"),
        test_builtins: parsed.on("test-builtins"),
        runtime: false,
        tests: parsed.on("tests"),
        missing_imports: parsed.on("json"),
    };
    let failure = match front::check(&request) {
        Ok(_) => return ExitCode::SUCCESS,
        Err(f) => f,
    };
    if parsed.on("json") {
        print!("{}", json(&failure));
    } else {
        report::report(&failure, parsed.on("e"));
    }
    ExitCode::from(1)
}

/// A failure as records, one a line.
fn json(failure: &Failure) -> String {
    match failure {
        Failure::Source { diags, files, .. } => render::json(files, diags),
        Failure::Packages { packages, files } => {
            packages.iter().map(|p| render::json(files, &p.1)).collect()
        }
        Failure::Load { problems, files } => {
            let record = |p: &Problem| match p {
                Problem::Plain(text) => render::plain_record(text),
                Problem::At(d) | Problem::Import(_, d) => {
                    render::json(files, std::slice::from_ref(d))
                }
            };
            problems.iter().map(record).collect()
        }
        Failure::Plain(text) => render::plain_record(text),
        Failure::Said(said) => said.iter().map(|(_, t)| render::plain_record(t)).collect(),
    }
}
