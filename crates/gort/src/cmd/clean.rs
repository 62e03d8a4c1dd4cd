//! `gort clean`: gort's cache; all else official Go's own command removes.

use super::upstream;
use crate::cache::{self, results, trim};
use crate::environ;
use crate::flags::{Error, Parsed, Spec, switch};
use std::path::PathBuf;
use std::process::ExitCode;

/// The help text.
pub const HELP: &str = "usage: gort clean [-i] [-r] [-cache] [-testcache] [-modcache] [-fuzzcache] [-n] [-x] [build flags] [packages]

Clean removes what builds leave behind.

	-cache
		remove all that builds and tests have left in gort's cache, $GORT_CACHE/build
	-testcache
		let all test results in it expire
	-fuzzcache
		remove what fuzzing has found interesting, $GORT_CACHE/fuzz
	-n
		print the commands that would be run, but do not run them
	-x
		print the commands as they are run

The rest, executables beside sources and the module cache (-modcache), is removed by official Go's own command, which gort
compiles when it is first used: see 'go help clean'.
";

const USAGE: &str = "usage: gort clean [-i] [-r] [-cache] [-testcache] [-modcache] [-fuzzcache] [-n] [-x] [build flags] [packages]\nRun 'gort help clean' for details.";

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
    // Flags that are not of gort's cache are looked at by the one who takes them.
    let parsed = match environ::parse(args, SPECS, false) {
        Ok(parsed) => parsed,
        Err(help @ Error::Help) => return help.report(USAGE),
        Err(_) => return upstream::instead("clean", args, |_| {}),
    };
    let own = ["cache", "testcache", "fuzzcache"]
        .into_iter()
        .any(|n| parsed.on(n));
    let more = ["i", "r", "modcache"].into_iter().any(|n| parsed.on(n));
    if !parsed.args.is_empty() || !own {
        return upstream::instead("clean", args, |_| {});
    }
    let done = clean(&parsed);
    if more && done.is_ok() {
        return upstream::instead("clean", args, |_| {});
    }
    done.map_or_else(|e| fail(&e), |()| ExitCode::SUCCESS)
}

fn fail(text: &str) -> ExitCode {
    eprintln!("{text}");
    ExitCode::from(1)
}

/// What is asked of gort's cache.
fn clean(parsed: &Parsed) -> Result<(), String> {
    let (only_show, show) = (parsed.on("n"), parsed.on("n") || parsed.on("x"));
    match parsed.on("cache") {
        true => {
            // Not the cache itself: it may have been made with care.
            let folders = cache::folder().map(|dir| trim::folders(&dir));
            remove(&folders.unwrap_or_default(), only_show, show)?;
        }
        false if only_show || !parsed.on("testcache") => {}
        false => results::expire()?,
    }
    let fuzz = cache::folder_of_fuzzing().filter(|_| parsed.on("fuzzcache"));
    remove(fuzz.as_slice(), only_show, show)
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
