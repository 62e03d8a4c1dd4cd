//! `gort clean`

use crate::cache::{self, results, trim};
use crate::environ;
use crate::flags::{Spec, switch};
use std::path::PathBuf;
use std::process::ExitCode;

/// The help text.
pub const HELP: &str = "usage: gort clean [-cache] [-testcache] [-fuzzcache] [-n] [-x]

Clean removes what gort keeps from one build to the next.

	-cache
		remove all that builds and tests have left in the cache, $GORT_CACHE/build
	-testcache
		let all test results in it expire
	-fuzzcache
		remove what fuzzing has found interesting, $GORT_CACHE/fuzz
	-n
		print the commands that would be run, but do not run them
	-x
		print the commands as they are run

Nothing else is removed: gort leaves no objects beside sources, and the module cache is not gort's. Packages and the flags
-i, -r and -modcache of go clean are refused.
";

const USAGE: &str = "usage: gort clean [-cache] [-testcache] [-fuzzcache] [-n] [-x]\nRun 'gort help clean' for details.";

/// Its flags.
pub const SPECS: &[Spec] = &[
    switch("cache"),
    switch("testcache"),
    switch("n"),
    switch("x"),
    switch("i"),
    switch("r"),
    switch("modcache"),
    switch("fuzzcache"),
];

/// Run the command.
pub fn main(args: &[String]) -> ExitCode {
    let parsed = match environ::parse(args, SPECS, false) {
        Ok(p) => p,
        Err(e) => return e.report(USAGE),
    };
    let fail = |text: String| {
        eprintln!("{text}");
        ExitCode::from(1)
    };
    let refused = ["i", "r", "modcache"];
    if let Some(name) = refused.into_iter().find(|n| parsed.on(n)) {
        return fail(format!(
            "gort clean removes from gort's cache only: -{name}"
        ));
    }
    let wanted = ["cache", "testcache", "fuzzcache"]
        .into_iter()
        .find(|n| parsed.on(n));
    match wanted {
        None => {
            return fail(
                "gort clean removes from gort's cache only: say -cache, -testcache or -fuzzcache"
                    .into(),
            );
        }
        Some(flag) if !parsed.args.is_empty() => {
            return fail(format!(
                "go: clean -{flag} cannot be used with package arguments"
            ));
        }
        Some(_) => {}
    }
    let (only_show, show) = (parsed.on("n"), parsed.on("n") || parsed.on("x"));
    let done = match parsed.on("cache") {
        true => {
            // Not the cache itself: it may have been made with care.
            let folders = cache::folder().map(|dir| trim::folders(&dir));
            remove(&folders.unwrap_or_default(), only_show, show)
        }
        false if only_show || !parsed.on("testcache") => Ok(()),
        false => results::expire(),
    };
    let fuzz = cache::folder_of_fuzzing().filter(|_| parsed.on("fuzzcache"));
    let done = done.and_then(|()| remove(fuzz.as_slice(), only_show, show));
    done.map_or_else(fail, |()| ExitCode::SUCCESS)
}

/// Remove folders, and say so if that is asked for.
fn remove(folders: &[PathBuf], only_show: bool, show: bool) -> Result<(), String> {
    if show && !folders.is_empty() {
        let names: Vec<String> = folders.iter().map(|f| f.display().to_string()).collect();
        println!("rm -rf {}", names.join(" "));
    }
    for folder in folders.iter().filter(|_| !only_show) {
        let text = |e: std::io::Error| {
            format!(
                "go: {}: {}",
                folder.display(),
                gort_load::package::io_text(&e)
            )
        };
        match std::fs::remove_dir_all(folder) {
            // Somebody else is at it too.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            done => done.map_err(text)?,
        }
    }
    Ok(())
}
