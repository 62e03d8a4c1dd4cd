//! `gort check`

use crate::flags::{self, switch, value};
use crate::front::{self, Failure, Request};
use crate::render;
use std::process::ExitCode;

/// The help text.
pub const HELP: &str =
    "usage: gort check [-json] [-e] [-lang go1.N] [-keep-going] [package | file.go...]

Check parses and type-checks a package without compiling it.

	-tags tag,list
		a comma-separated list of additional build tags
	-json
		report all errors: print a line {\"file\": ..., \"line\": ..., \"col\": ..., \"msg\": ...} for each error
	-e
		report all errors, not only the first ten
	-lang go1.N
		check for this language version
	-keep-going
		check types even after syntax errors
	-test-builtins
		predeclare assert and trace, which the tests of Go's type checkers use
";

/// Run the command.
pub fn main(args: &[String]) -> ExitCode {
    let specs = [
        switch("json"),
        switch("e"),
        value("lang"),
        switch("keep-going"),
        switch("test-builtins"),
        value("tags"),
    ];
    let parsed = match flags::parse(args, &specs, true) {
        Ok(p) => p,
        Err(e) => {
            eprintln!(
                "{e}\nusage: gort check [flags] [packages]\nRun 'gort help check' for details."
            );
            return ExitCode::from(2);
        }
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
    let query = match front::query(&parsed.args) {
        Ok((q, used)) if used == parsed.args.len() => q,
        Ok(_) => {
            eprintln!("gort check: checking several packages at once is not supported yet");
            return ExitCode::from(2);
        }
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
    };
    let failure = match front::check(&request) {
        Ok(_) => return ExitCode::SUCCESS,
        Err(f) => f,
    };
    match &failure {
        Failure::Source { diags, files, .. } if parsed.on("json") => {
            print!("{}", render::json(files, diags))
        }
        Failure::Plain(text) if parsed.on("json") => {
            println!(
                "{{\"file\":\"\",\"line\":0,\"col\":0,\"msg\":{}}}",
                render::quote(text)
            );
        }
        _ => front::report(&failure, parsed.on("e")),
    }
    ExitCode::from(1)
}
