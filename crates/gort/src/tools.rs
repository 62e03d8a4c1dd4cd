//! Tools of official Go, compiled by gort from GOROOT when they are first needed, and kept: `$GORT_CACHE/tools`, a folder
//! for each gort, GOROOT and version of it. That GOROOT has the same sources of tools then is taken for granted.

use crate::cache;
use crate::environ;
use crate::request::Failure;
use std::hash::Hasher;
use std::io::{IsTerminal, stderr};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Tools of gort's own, which consist of packages of GOROOT for the most part.
const OWN: &[&str] = &["gortvet"];

/// The executable of a tool, `asm` for `cmd/asm`.
///
/// # Errors
/// When its sources are not there, cannot be compiled, or the result cannot be kept.
pub fn find(name: &str) -> Result<PathBuf, Failure> {
    find_or(name, || {})
}

/// The same; whoever waits for it at a terminal is told why.
///
/// # Errors
/// As for [`find`].
pub fn find_and_say(name: &str) -> Result<PathBuf, Failure> {
    find_or(name, || {
        if stderr().is_terminal() {
            crate::progress::clear();
            eprintln!("gort: compiling cmd/{name}, once");
        }
    })
}

/// The same; `making` is called if it has to be compiled first.
///
/// # Errors
/// As for [`find`].
fn find_or(name: &str, making: impl FnOnce()) -> Result<PathBuf, Failure> {
    let fail = |what: String| Failure::Plain(format!("gort: making the tool {name}: {what}"));
    // A GOROOT that is not one is for the tool to speak of.
    let goroot =
        gort_load::goroot::find().or_else(|e| gort_load::goroot::elsewhere().map_err(|_| e));
    let goroot = goroot.map_err(Failure::Plain)?;
    let goroot = std::path::absolute(&goroot).unwrap_or(goroot);
    // Those of gort's own are in the overlay only.
    let own = OWN.contains(&name);
    let sources = goroot.join("src/cmd").join(if own { "" } else { name });
    if !sources.is_dir() {
        return Err(fail(format!("{} is not there", sources.display())));
    }
    let gort = std::env::current_exe().map_err(|e| fail(e.to_string()))?;
    let base = gort_load::goroot::cache_base();
    let base = base.ok_or_else(|| fail("neither GORT_CACHE nor HOME is set".into()))?;
    let key = key(&goroot).map_err(|e| fail(e.to_string()))?;
    let folder = base.join("tools").join(format!("{key:016x}"));
    let tool = folder.join(name);
    if cache::is_used(&tool) {
        return Ok(tool);
    }
    making();
    std::fs::create_dir_all(&folder).map_err(|e| fail(format!("{}: {e}", folder.display())))?;
    // Several gorts may be at it at once: the last one to rename wins, and all are the same.
    let made = folder.join(format!("{name}.{}", std::process::id()));
    let mut build = Command::new(&gort);
    build.args(["build", "-o"]).arg(&made);
    build.arg(match own {
        true => format!("cmd/{name}"),
        false => ".".into(),
    });
    build.current_dir(&sources).env("GOROOT", &goroot);
    // What the user builds may be for elsewhere, and otherwise.
    for variable in ["GOFLAGS", "GODEBUG"]
        .into_iter()
        .chain(environ::restricted())
    {
        build.env_remove(variable);
    }
    build.env("GOENV", "off").env("GOWORK", "off");
    // What cmd/go would be asked for must not need cmd/go.
    build.env(crate::cmd::download::AGAIN, "1");
    let done = build.output().map_err(|e| fail(e.to_string()))?;
    if !done.status.success() {
        return Err(fail(String::from_utf8_lossy(&done.stderr).into_owned()));
    }
    std::fs::rename(&made, &tool).map_err(|e| fail(format!("{}: {e}", tool.display())))?;
    Ok(tool)
}

/// A number for this gort and this GOROOT.
fn key(goroot: &Path) -> std::io::Result<u64> {
    use std::os::unix::ffi::OsStrExt;
    let mut hash = rustc_hash::FxHasher::default();
    let identity = cache::gort_identity();
    hash.write(&identity.ok_or(std::io::ErrorKind::NotFound)?);
    hash.write(goroot.as_os_str().as_bytes());
    hash.write(&std::fs::read(goroot.join("VERSION"))?);
    Ok(hash.finish())
}
