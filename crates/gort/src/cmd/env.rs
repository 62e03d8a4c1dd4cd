//! `gort env`

use crate::environ;
use crate::flags::{self, Spec, switch};
use crate::render::quote;
use std::path::Path;
use std::process::ExitCode;

/// The help text.
pub const HELP: &str = "usage: gort env [-json] [var ...]

Env prints Go environment information: all of it as shell assignments, or the values of the named
variables, one a line.

	-json
		print it as a JSON object

gort env does not change settings: -w, -u and -changed are refused. It reads the file that 'go env -w' writes.
";

const USAGE: &str = "usage: gort env [-json] [var ...]\nRun 'gort help env' for details.";

/// Its flags.
pub const SPECS: &[Spec] = &[switch("json"), switch("w"), switch("u"), switch("changed")];

/// Run the command.
pub fn main(args: &[String]) -> ExitCode {
    let parsed = match flags::parse(args, SPECS, false) {
        Ok(p) => p,
        Err(e) => return e.report(USAGE),
    };
    if let Some(name) = ["w", "u", "changed"].into_iter().find(|n| parsed.on(n)) {
        eprintln!("gort env does not change settings and does not compare them: -{name}");
        return ExitCode::from(1);
    }
    let vars = variables();
    let value = |name: &str| {
        let known = vars.iter().find(|(n, _)| *n == name);
        known.map_or_else(
            || std::env::var(name).unwrap_or_default(),
            |(_, v)| v.clone(),
        )
    };
    let json = parsed.on("json");
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
            println!("{name}='{value}'");
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
            up("go.mod").map_or("/dev/null".into(), |m| path(&m)),
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
