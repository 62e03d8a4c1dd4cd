//! Modules that are missing. gort's loader reads the module cache and go.mod, and writes neither; official Go's own does, so what
//! its `go list` brings is taken: it downloads, writes go.mod and go.sum under `-mod=mod`, and says in its own words what cannot be found.
//! Then the command starts over as a new process: much of what it has read is not true any more, and forgetting it piece by piece
//! would be forgetting some of it.
//!
//! Only after the load has failed for such a reason. To ask first would make a process more of each build, and every first build wait
//! for `cmd/go` to be compiled.

use super::upstream;
use crate::flags::Parsed;
use crate::report;
use crate::request::Failure;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// Set for the command that starts over, which does not do so again.
pub const AGAIN: &str = "GORT_STARTED_OVER";

/// The command line, without `-C`; nothing if this is not to start over.
static COMMAND_LINE: OnceLock<Option<Vec<String>>> = OnceLock::new();

/// What to start over with: the command and its arguments, in the folder that is current now.
pub fn remember(command: &str, rest: &[String]) {
    let line = std::env::var_os(AGAIN).is_none().then(|| {
        let command = std::iter::once(command.to_string());
        command.chain(rest.iter().cloned()).collect()
    });
    let _ = COMMAND_LINE.set(line);
}

/// Called with what kept the packages of `patterns` from being loaded. If it was about modules, and official Go's loader has
/// mended it, the command starts over, and this does not return; if it was not, or has not, what is to be said.
pub fn or_start_over(failure: Failure, patterns: &[String], parsed: &Parsed) -> Failure {
    match asked(&failure, patterns, parsed, &["list", "-deps"]) {
        Some(Ok(text)) => {
            let warnings = |line: &&str| !line.starts_with("go: warning:");
            text.lines().filter(warnings).for_each(|l| eprintln!("{l}"));
            start_over();
            failure
        }
        Some(Err(text)) => Failure::Plain(text),
        None => failure,
    }
}

/// The same for packages that are tested: each has its own line if it fails, so only what is downloaded counts. Called before
/// a failure is shown; once one has been, there is no starting over.
pub fn start_over_for_tests(failure: &Failure, patterns: &[String], parsed: &Parsed) {
    static SHOWN: AtomicBool = AtomicBool::new(false);
    if SHOWN.swap(true, Ordering::Relaxed) {
        return;
    }
    let list = ["list", "-e", "-test", "-deps"];
    if let Some(Ok(text)) = asked(failure, patterns, parsed, &list) {
        let downloads = |line: &&str| line.starts_with("go: downloading ");
        text.lines()
            .filter(downloads)
            .for_each(|l| eprintln!("{l}"));
        start_over();
    }
}

/// What official Go's loader says, with and without success; nothing if it need not or cannot be asked.
fn asked(
    failure: &Failure,
    patterns: &[String],
    parsed: &Parsed,
    list: &[&str],
) -> Option<Result<String, String>> {
    COMMAND_LINE.get()?.as_ref()?;
    if !is_of_modules(failure) {
        return None;
    }
    let mut args: Vec<String> = list.iter().map(|s| s.to_string()).collect();
    for name in ["mod", "modfile", "tags"] {
        args.extend(parsed.get(name).map(|value| format!("-{name}={value}")));
    }
    if parsed.on("modcacherw") {
        args.push("-modcacherw".into());
    }
    args.push("--".into());
    args.extend(patterns.iter().cloned());
    // Without GOROOT's sources of cmd/go, gort's own words do.
    let mut go = upstream::command(&args).ok()?;
    go.env("CGO_ENABLED", "0").stdout(Stdio::null());
    let done = go.output().ok()?;
    let text = String::from_utf8_lossy(&done.stderr).trim_end().to_string();
    Some(if done.status.success() {
        Ok(text)
    } else {
        Err(text)
    })
}

fn is_of_modules(failure: &Failure) -> bool {
    let is_load = matches!(failure, Failure::Load { .. } | Failure::Plain(_));
    let texts = || report::texts(failure, true, false);
    is_load
        && texts()
            .iter()
            .any(|(_, t)| gort_load::modules::is_of_modules(t))
}

fn start_over() {
    let (Some(Some(line)), Ok(gort)) = (COMMAND_LINE.get(), std::env::current_exe()) else {
        return;
    };
    crate::progress::clear();
    let e = Command::new(gort).args(line).env(AGAIN, "1").exec();
    eprintln!("gort: starting over: {e}");
}
