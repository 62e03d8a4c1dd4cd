//! `gort version`

use std::process::ExitCode;

/// The help text.
pub const HELP: &str = "usage: gort version

Version prints the version of gort, the Go language version it implements, and the target.
";

/// Run the command.
pub fn main(_args: &[String]) -> ExitCode {
    println!(
        "gort version {} go1.27 linux/amd64",
        env!("CARGO_PKG_VERSION")
    );
    ExitCode::SUCCESS
}
