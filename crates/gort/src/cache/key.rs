//! What a command asks for, as a digest: gort itself, the flags that change what is built, the environment, the folder and
//! the names. What the files hold is not in it: that is the manifest's.

use super::{What, place};
use crate::cover::Cover;
use crate::front;
use crate::pipeline::BuildFlags;
use gort_load::Query;
use gort_load::files::{self, Digest};
use std::fmt::Write;

/// Variables for programs that run, and of caches and places for temporary files: they change nothing that is built.
const OTHERS: &[&str] = &[
    "GOCACHE",
    "GODEBUG",
    "GOGC",
    "GOMAXPROCS",
    "GOMEMLIMIT",
    "GOTMPDIR",
    "GOTRACEBACK",
    "GORT_CACHE",
    "GORT_TEST_COVER",
    "GORT_TEST_PART",
    "GORT_TEST_PROFILE",
];

/// The key; nothing where there is no folder to be in or no executable to be. Of PATH and HOME it has what the command
/// takes from them: which GOROOT, which module cache.
pub fn key(what: What, query: &Query, flags: &BuildFlags) -> Option<Digest> {
    let identity = place::gort_identity()?;
    let mut text = String::from("gort cache 1\n");
    // No name is that of the working folder.
    let here = Query::Patterns(vec![".".into()]);
    let query = match query {
        Query::Patterns(list) if list.is_empty() => &here,
        query => query,
    };
    writeln!(text, "{identity:x?}\n{what:?} {query:?}").ok()?;
    writeln!(text, "{:?}", std::env::current_dir().ok()?).ok()?;
    // Named one by one, so that a new flag must be placed here or there.
    let BuildFlags {
        x: _,
        n: _,
        all: _,
        json: _,
        work: _,
        v: _,
        timings: _,
        e: _,
        dump_ir: _,
        assembler: _,
        tags,
        strip,
        check_linkname,
        variables,
        trimpath,
        vet,
        cover,
        passes_off,
    } = flags;
    writeln!(text, "{tags:?} {strip:?} {check_linkname} {variables:?}").ok()?;
    writeln!(text, "{trimpath} {passes_off:?} {vet:?}").ok()?;
    if let Some(cover) = cover {
        let Cover {
            mode,
            patterns,
            tests,
            selected,
        } = cover;
        let selected = selected.as_ref().map(|s| (&s.packages, s.digest));
        writeln!(text, "{mode} {patterns:?} {tests} {selected:?}").ok()?;
    }
    writeln!(text, "{:?}", front::module_flags()).ok()?;
    let goroot = gort_load::goroot::find();
    writeln!(text, "{goroot:?} {:?}", gort_load::modcache::folder()).ok()?;
    for (name, value) in environment() {
        writeln!(text, "{name}={value:?}").ok()?;
    }
    Some(files::digest(text.as_bytes()))
}

/// The variables that may matter, sorted. Which of those in GO… do is not looked at more closely: another value costs a
/// build.
fn environment() -> Vec<(String, std::ffi::OsString)> {
    let mut found: Vec<_> = std::env::vars_os()
        .filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            (name.starts_with("GO") && !OTHERS.contains(&name.as_str()) && !value.is_empty())
                .then_some((name, value))
        })
        .collect();
    found.sort();
    found
}
