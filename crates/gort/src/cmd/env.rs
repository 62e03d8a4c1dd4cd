//! `gort env`

use super::upstream;
use crate::environ;
use crate::flags::{self, Error, Spec, switch};
use crate::render::quote;
use std::path::Path;
use std::process::ExitCode;

/// The help text.
pub const HELP: &str = "usage: gort env [-json] [-changed] [-u] [-w] [var ...]

Env prints Go environment information: all that mean something to gort as shell assignments, or the values of the named
variables, one a line.

	-json
		print it as a JSON object
	-changed
		print only what is not the default
	-u var...
		forget what was set for these variables with -w
	-w var=value...
		set the defaults of variables, in the file $GOENV

Variables that mean nothing to gort, and the last three flags, are official Go's own command's, which gort compiles when
it is first used.
";

const USAGE: &str =
    "usage: gort env [-json] [-changed] [-u] [-w] [var ...]\nRun 'gort help env' for details.";

/// Its flags.
pub const SPECS: &[Spec] = &[switch("json"), switch("w"), switch("u"), switch("changed")];

/// Run the command.
pub fn main(args: &[String]) -> ExitCode {
    let parsed = match flags::parse(args, SPECS, false) {
        Ok(p) => p,
        Err(Error::Help) => return Error::Help.report(USAGE),
        Err(_) => return upstream::instead("env", args, |_| {}),
    };
    let vars = variables();
    let known = |name: &String| {
        let found = vars.iter().find(|(n, _)| n == name);
        // Of these official Go says more than their value: which it does not know, where a folder is none.
        let checked = matches!(name.as_str(), "GOEXPERIMENT" | "GOROOT");
        found.is_some_and(|(_, value)| !checked || (name == "GOROOT") != value.is_empty())
    };
    // Values that are none are errors, in official Go's words.
    let wrong = environ::check().is_err();
    if wrong || ["w", "u", "changed"].into_iter().any(|n| parsed.on(n)) {
        return upstream::instead("env", args, |_| {});
    }
    if !parsed.args.iter().all(known) {
        // What gort builds is without cgo; its own variable says so.
        let cgo = std::env::var_os("CGO_ENABLED").unwrap_or("0".into());
        return upstream::instead("env", args, |go| _ = go.env("CGO_ENABLED", cgo));
    }
    let json = parsed.on("json");
    let value = |name: &str| {
        let known = vars.iter().find(|(n, _)| *n == name);
        known.map_or(String::new(), |(_, v)| v.clone())
    };
    if !parsed.args.is_empty() && !json {
        parsed
            .args
            .iter()
            .for_each(|name| println!("{}", value(name)));
        return ExitCode::SUCCESS;
    }
    let named = parsed.args.iter().map(|n| (n.as_str(), value(n)));
    let mut shown: Vec<(&str, String)> = named.collect();
    if shown.is_empty() {
        shown = vars.iter().map(|(n, v)| (*n, v.clone())).collect();
    }
    if !json {
        for (name, value) in shown {
            // As a shell reads it.
            println!("{name}='{}'", value.replace('\'', "'\\''"));
        }
        return ExitCode::SUCCESS;
    }
    shown.sort();
    let lines: Vec<String> = shown
        .iter()
        .map(|(name, value)| format!("\t{}: {}", quote(name), quote(value)))
        .collect();
    println!("{{\n{}\n}}", lines.join(",\n"));
    ExitCode::SUCCESS
}

/// The variables that mean something to gort, by name.
fn variables() -> Vec<(&'static str, String)> {
    let goroot = gort_load::goroot::find();
    let path = |p: &Path| p.display().to_string();
    let version = goroot
        .as_ref()
        .ok()
        .and_then(|r| gort_load::goroot::version(r))
        .unwrap_or_default();
    let cwd = std::env::current_dir().ok();
    let up = |name| {
        cwd.as_ref()
            .and_then(|d| gort_load::gomod::find_up(d, name))
    };
    let set = |name: &str, default: &str| {
        let value = std::env::var(name).unwrap_or_default();
        if value.is_empty() {
            default.to_string()
        } else {
            value
        }
    };
    let gowork = match set("GOWORK", "").as_str() {
        "" => up("go.work").map_or(String::new(), |f| path(&f)),
        file => file.to_string(),
    };
    let without = cwd.as_deref().is_some_and(gort_load::gopath::in_force);
    let home = set("HOME", "");
    vec![
        ("CGO_ENABLED", "0".into()),
        ("GO111MODULE", set("GO111MODULE", "")),
        ("GOAMD64", set("GOAMD64", "v1")),
        ("GOARCH", set("GOARCH", "amd64")),
        ("GOENV", environ::file().map_or("off".into(), |f| path(&f))),
        ("GOEXE", String::new()),
        ("GOEXPERIMENT", set("GOEXPERIMENT", "")),
        ("GOFIPS140", set("GOFIPS140", "off")),
        ("GOFLAGS", set("GOFLAGS", "")),
        ("GOHOSTARCH", "amd64".into()),
        ("GOHOSTOS", "linux".into()),
        (
            "GOMOD",
            match up("go.mod") {
                _ if without => String::new(),
                found => found.map_or("/dev/null".into(), |m| path(&m)),
            },
        ),
        ("GOMODCACHE", path(&gort_load::modcache::folder())),
        ("GOOS", set("GOOS", "linux")),
        ("GOPATH", set("GOPATH", &format!("{home}/go"))),
        ("GOROOT", goroot.as_ref().map_or(String::new(), |r| path(r))),
        ("GORTVERSION", env!("CARGO_PKG_VERSION").into()),
        ("GOTMPDIR", set("GOTMPDIR", "")),
        ("GOTOOLCHAIN", "local".into()),
        ("GOVERSION", version),
        ("GOWORK", gowork),
    ]
}
