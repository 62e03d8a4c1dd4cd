//! `gort version`

use super::upstream;
use crate::flags::{self, switch};
use std::process::ExitCode;

/// The help text.
pub const HELP: &str = "usage: gort version [-m] [-v] [-json] [file ...]

Version prints the version of gort, the version of the Go library that it finds, and the target. Of files, and of
executables in folders, it prints what Go version they were built with, and with -m the modules, as 'go version' does:
that is done by official Go's own command, which gort compiles when it is first used.
";

const USAGE: &str =
    "usage: gort version [-m] [-v] [-json] [file ...]\nRun 'gort help version' for details.";

/// Run the command.
pub fn main(args: &[String]) -> ExitCode {
    let specs = [switch("m"), switch("v"), switch("json")];
    let parsed = match flags::parse(args, &specs, false) {
        Ok(p) => p,
        Err(e) => return e.report(USAGE),
    };
    let given = ["m", "v", "json"].iter().any(|n| parsed.on(n));
    if given || !parsed.args.is_empty() {
        return upstream::instead("version", args, |_| {});
    }
    let goroot = gort_load::goroot::find().ok();
    let library = goroot.and_then(|r| gort_load::goroot::version(&r));
    println!(
        "gort version {} {} linux/amd64",
        env!("CARGO_PKG_VERSION"),
        library.unwrap_or("go1.27".into())
    );
    ExitCode::SUCCESS
}
