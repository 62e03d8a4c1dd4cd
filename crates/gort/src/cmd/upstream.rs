//! Commands that official Go's own `cmd/go` does, compiled by gort from GOROOT when one is first used
//! ([`crate::tools`]): what looks at modules, packages and sources. Nothing of them is written again, so flags, texts and exit codes
//! are official Go's.
//!
//! What of them asks for a compiler or a checker (`vet`, `list -export`) gets those of GOROOT's `pkg/tool`, and says that there is no
//! such tool where that is missing: `cmd/go` looks nowhere else. `build`, `run` and `test` stay gort's own.

use crate::request::Failure;
use crate::{environ, report, tools};
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Their names.
pub const COMMANDS: &[&str] = &[
    "bug",
    "doc",
    "fix",
    "fmt",
    "generate",
    "get",
    "list",
    "mod",
    "telemetry",
    "tool",
    "vet",
    "work",
];

/// Run `go` with these arguments, the first of which is the command.
pub fn main(args: &[String]) -> ExitCode {
    instead(&args[0], &args[1..], |_| {})
}

/// The same for a command of gort's, called with flags or arguments that gort has nothing of its own for; `prepare` adds to
/// the process.
pub fn instead(name: &str, args: &[String], prepare: impl FnOnce(&mut Command)) -> ExitCode {
    let all: Vec<String> = std::iter::once(name.to_string())
        .chain(args.iter().cloned())
        .collect();
    match command(&all) {
        Ok(mut go) => {
            prepare(&mut go);
            become_it(go)
        }
        Err(failure) => {
            report::report(&failure, false);
            ExitCode::from(1)
        }
    }
}

fn become_it(mut go: Command) -> ExitCode {
    // Only where it could not be started.
    let e = go.exec();
    eprintln!("gort: {}: {e}", go.get_program().display());
    ExitCode::from(1)
}

/// The process that does it, not yet started.
///
/// # Errors
/// When there is no GOROOT, or `cmd/go` cannot be made.
pub fn command(args: &[String]) -> Result<Command, Failure> {
    let mut go = Command::new(tools::find_and_say("go")?);
    go.args(args);
    environ::prepare(&mut go);
    let goroot = gort_load::goroot::find().unwrap_or_default();
    if std::env::var_os("GOROOT").is_none_or(|r| r.is_empty()) {
        go.env("GOROOT", &goroot);
    }
    // Another version would be another `go`.
    if std::env::var_os("GOTOOLCHAIN").is_none() {
        go.env("GOTOOLCHAIN", "local");
    }
    let name = args[0].as_str();
    if name == "fmt" && !goroot.join("bin/gofmt").is_file() {
        let gofmt = tools::find_and_say("gofmt")?;
        go.env("PATH", with_folder_of(&gofmt));
    }
    Ok(go)
}

fn with_folder_of(program: &Path) -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(program.parent().map(Path::to_path_buf));
    std::env::join_paths(folders).unwrap_or(path)
}
