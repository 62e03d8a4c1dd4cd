//! The environment variables of `go help environment`, from the environment or the file that `go env -w` writes: those
//! that say what gort cannot do are refused by name; GOFLAGS goes before the command line.
//!
//! Variables of the network (GOPROXY, GOSUMDB, …), of caches and tools that gort does not have, and of cgo say nothing to
//! a command that downloads, caches and calls nothing.

use crate::cmd::test::several;
use crate::cover::{profile, selected};
use crate::flags::{self, Parsed, Spec};
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// The names that were taken from the file: programs that gort runs do not see them.
static FROM_FILE: OnceLock<Vec<String>> = OnceLock::new();

/// Variables of which gort has some values only: name, the values, what else they would ask for.
const VALUES: &[(&str, &[&str], &str)] = &[
    ("GOOS", &["linux"], "other systems than linux"),
    ("GOARCH", &["amd64"], "other processors than amd64"),
    ("GOAMD64", &["v1", "v2"], "code for newer processors only"),
    ("CGO_ENABLED", &["0"], "cgo"),
    ("GOEXPERIMENT", &["none"], "experiments"),
    ("GOFIPS140", &["off"], "FIPS 140 mode"),
    ("GO_EXTLINK_ENABLED", &["0"], "other linkers"),
    (
        "GOTOOLCHAIN",
        &["auto", "local", "path"],
        "other toolchains",
    ),
];

/// Take over what the file `$GOENV` sets and the environment does not. Called once, before there are threads.
pub fn init() {
    let mut names = Vec::new();
    let text = file().and_then(|f| std::fs::read_to_string(f).ok());
    for line in text.unwrap_or_default().lines() {
        let Some((name, value)) = line.split_once('=') else {
            continue;
        };
        let is_name = name.starts_with(|c: char| c.is_ascii_uppercase());
        if is_name && std::env::var_os(name).is_none_or(|v| v.is_empty()) {
            // SAFETY: there is one thread.
            unsafe { std::env::set_var(name, value) };
            names.push(name.to_string());
        }
    }
    let _ = FROM_FILE.set(names);
}

/// The file that `go env -w` writes.
pub fn file() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty());
    match set("GOENV") {
        Some(v) if v == "off" => None,
        Some(v) => Some(v.into()),
        None => {
            let config = set("XDG_CONFIG_HOME").map(PathBuf::from);
            let config = config.or_else(|| Some(PathBuf::from(set("HOME")?).join(".config")));
            Some(config?.join("go/env"))
        }
    }
}

/// The environment of a program that gort runs: without what was taken from the file; as with `go`, programs and tests that
/// call the go command find that of GOROOT, if it is there.
pub fn prepare(command: &mut Command) {
    crate::memory::as_found();
    for name in FROM_FILE.get().into_iter().flatten() {
        command.env_remove(name);
    }
    // Of this command's own processes, not of a gort that the program runs.
    for name in [several::PART, selected::FOLDER, profile::PART] {
        command.env_remove(name);
    }
    command.env_remove(crate::cmd::download::AGAIN);
    let Ok(goroot) = gort_load::goroot::find() else {
        return;
    };
    let bin = goroot.join("bin");
    if bin.join("go").is_file() {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(bin).chain(std::env::split_paths(&path));
        if let Ok(path) = std::env::join_paths(folders) {
            command.env("PATH", path);
        }
    }
}

/// The variables of which gort has some values only.
pub fn restricted() -> impl Iterator<Item = &'static str> {
    VALUES.iter().map(|(name, _, _)| *name)
}

/// Refuse what gort does not have.
///
/// # Errors
/// The variable, and what it asks for.
pub fn check() -> Result<(), String> {
    for (name, values, what) in VALUES {
        let value = std::env::var(name).unwrap_or_default();
        let this = *name == "GOTOOLCHAIN" && (value == "go1.27" || value.starts_with("go1.27."));
        if !value.is_empty() && !values.contains(&value.as_str()) && !this {
            return Err(format!("gort does not support {what}: {name}={value}"));
        }
    }
    Ok(())
}

/// The folder for temporary files.
pub fn temp_dir() -> PathBuf {
    match std::env::var_os("GOTMPDIR").filter(|v| !v.is_empty()) {
        Some(dir) => dir.into(),
        None => std::env::temp_dir(),
    }
}

/// The flags of `$GOFLAGS` that a command knows; `known` are all that any command has.
///
/// # Errors
/// In the words of `go`.
pub fn goflags(specs: &[Spec], known: &[&[Spec]]) -> Result<Vec<String>, String> {
    let value = std::env::var("GOFLAGS").unwrap_or_default();
    let wrong = |e: String| format!("go: parsing $GOFLAGS: {e}");
    let words = flags::words(&value).map_err(wrong)?;
    let mut out = Vec::new();
    for word in words {
        let flag = word.strip_prefix("--").or_else(|| word.strip_prefix('-'));
        let flag = flag.filter(|f| !f.is_empty() && !f.starts_with(['-', '=']));
        let Some(flag) = flag else {
            return Err(wrong(format!("non-flag {word:?}")));
        };
        let name = flag.split('=').next().unwrap_or(flag);
        let has = |list: &[Spec]| list.iter().any(|s| s.name == name);
        if has(specs) {
            out.push(word);
        } else if !known.iter().any(|list| has(list)) {
            return Err(wrong(format!("unknown flag -{name}")));
        }
    }
    Ok(out)
}

/// Parse a command line with what `$GOFLAGS` says before it, once what the environment asks for has been found possible.
///
/// # Errors
/// As for [`check`], [`goflags`] and [`flags::parse`].
pub fn parse(args: &[String], specs: &[Spec], anywhere: bool) -> Result<Parsed, flags::Error> {
    check().map_err(flags::Error::Refused)?;
    let known = [
        crate::buildflags::SPECS,
        crate::testing::flags::SPECS,
        crate::cmd::check::SPECS,
    ];
    let mut all = goflags(specs, &known).map_err(flags::Error::Refused)?;
    all.extend(args.iter().cloned());
    flags::parse(&all, specs, anywhere)
}
