//! `gort env`

use std::process::ExitCode;

/// The help text.
pub const HELP: &str = "usage: gort env [var ...]

Env prints Go environment information: all of it as shell assignments, or the values of the named
variables, one a line.
";

/// Run the command.
pub fn main(args: &[String]) -> ExitCode {
    let goroot = gort_load::goroot::find();
    let path = |p: &std::path::Path| p.display().to_string();
    let version = goroot
        .as_ref()
        .ok()
        .and_then(|r| gort_load::goroot::version(r))
        .unwrap_or_default();
    let gomod = std::env::current_dir()
        .ok()
        .and_then(|d| gort_load::gomod::find_up(&d, "go.mod"));
    let vars = [
        ("CGO_ENABLED", "0".to_string()),
        ("GOARCH", "amd64".to_string()),
        ("GOMOD", gomod.map_or("/dev/null".into(), |m| path(&m))),
        ("GOOS", "linux".to_string()),
        ("GOROOT", goroot.as_ref().map_or(String::new(), |r| path(r))),
        ("GORTVERSION", env!("CARGO_PKG_VERSION").to_string()),
        ("GOVERSION", version),
    ];
    if args.is_empty() {
        for (name, value) in &vars {
            println!("{name}='{value}'");
        }
        return ExitCode::SUCCESS;
    }
    for arg in args {
        match vars.iter().find(|(name, _)| name == arg) {
            Some((_, value)) => println!("{value}"),
            None => println!("{}", std::env::var(arg).unwrap_or_default()),
        }
    }
    ExitCode::SUCCESS
}
