//! Commands that official Go's own `cmd/go` does, compiled by gort from GOROOT when one is first used
//! ([`crate::tools`]): what looks at modules, packages and sources. Nothing of them is written again, so flags, texts and exit codes
//! are official Go's.
//!
//! What of them asks for a tool (`vet`, `fix`, `list -export`, `tool pprof`) gets that of GOROOT's `pkg/tool`; where it is missing,
//! `cmd/go` comes back and asks gort to compile it ([`tool_path`]; the asking end is `goroot/cmd/go/internal/base`). So types of
//! imports go from official Go's compiler to its checkers, in its own format, as `-vettool` and readers of `-export` want it. `build`,
//! `run` and `test` stay gort's own.
//!
//! Rejected: `gortvet`, which `gort test` has, for `vet` as well. Flags, `-json`, `-vettool`, `fix` would be written again.

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

/// The command by which `cmd/go` asks for a tool; it is in no list, and for nobody else.
pub const TOOL_PATH: &str = "tool-path";

/// Names this executable to a `cmd/go` that gort has compiled.
const MAKER: &str = "GORT_MAKES";

/// Print where a tool of official Go is, compiled if it was not.
pub fn tool_path(args: &[String]) -> ExitCode {
    let [name] = args else {
        return ExitCode::from(2);
    };
    match tools::find_and_say(name) {
        Ok(path) => println!("{}", path.display()),
        Err(failure) => {
            report::report(&failure, false);
            return ExitCode::from(1);
        }
    }
    ExitCode::SUCCESS
}

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
    if let Ok(gort) = std::env::current_exe() {
        go.env(MAKER, gort);
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
