//! `gort inspect`

use std::process::ExitCode;

/// The help text.
pub const HELP: &str = "usage: gort inspect executable

Inspect shows what an executable is made of: its ELF header, the entry point with its symbol, segments
and sections with the part that each plays, and the build ID.
";

/// Run the command.
pub fn main(args: &[String]) -> ExitCode {
    let _ = args;
    ExitCode::from(2)
}
