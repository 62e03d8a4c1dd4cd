//! `gort version`

use crate::flags::{self, Error, switch};
use std::process::ExitCode;

/// The help text.
pub const HELP: &str = "usage: gort version

Version prints the version of gort, the version of the Go library that it finds, and the target. It does not look into
files.
";

const USAGE: &str = "usage: gort version\nRun 'gort help version' for details.";

/// Run the command.
pub fn main(args: &[String]) -> ExitCode {
    let specs = [switch("m"), switch("v"), switch("json")];
    let parsed = match flags::parse(args, &specs, false) {
        Ok(p) => p,
        Err(e) => return e.report(USAGE),
    };
    let given = ["m", "v", "json"].iter().any(|n| parsed.on(n));
    if given || !parsed.args.is_empty() {
        let text = "gort version does not look into files";
        return Error::Refused(text.into()).report(USAGE);
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
