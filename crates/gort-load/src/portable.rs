//! Packages of modules that have assembly, which gort does not read: which tags make them do without.
//!
//! Such packages nearly always have the same in Go, behind a tag. There is no rule for its name, so the customary ones
//! are tried, one more at a time, until all functions have bodies. Only the package itself is given the tags: others may mean
//! something else by them (with `purego`, go-cmp compares no unexported fields). A package whose functions in assembly
//! the library stands in for, and one that has no way without assembly, stay as they are.

use crate::constraint::Tags;
use crate::context::Context;
use bumpalo::Bump;
use gort_syntax::FileSet;
use gort_syntax::ast::Decl;
use std::path::Path;

/// The tags, in the order in which they are tried.
const PORTABLE: &[&str] = &["purego", "noasm", "appengine", "generic", "nosimd"];

/// How the files of a package are chosen.
pub struct Choice {
    /// The tags.
    pub tags: Tags,
    /// Those of them that are there to keep assembly away.
    pub portable: Vec<&'static str>,
    /// The files in assembly that the tags still admit.
    pub assembly: Vec<String>,
}

/// Choose the tags of a package; `names` are the files of its folder.
pub fn choose(ctx: &Context, path: &str, dir: &Path, names: &[String]) -> Choice {
    let files: Vec<Assembly> = names
        .iter()
        .filter(|n| n.ends_with(".s") && !n.starts_with(['_', '.']))
        .filter_map(|n| Assembly::read(dir, n))
        .collect();
    let choice = |tags: Tags, portable| Choice {
        assembly: admitted(&files, &tags).map(|a| a.name.clone()).collect(),
        tags,
        portable,
    };
    let plain = || choice(ctx.tags.clone(), Vec::new());
    let is_known = ctx.known_assembly.is_some_and(|known| known(path));
    if is_known || !admitted(&files, &ctx.tags).any(|a| a.code) {
        return plain();
    }
    let complete = |tags: &Tags| is_complete(dir, names, tags);
    if complete(&ctx.tags) {
        return plain();
    }
    // Without `gc` a package must do with what every compiler can read.
    let mut without_gc = ctx.tags.clone();
    without_gc.0.remove("gc");
    for base in [&ctx.tags, &without_gc] {
        for n in 1..=PORTABLE.len() {
            let tags = base.and(&PORTABLE[..n]);
            if complete(&tags) {
                return choice(tags, PORTABLE[..n].to_vec());
            }
        }
    }
    plain()
}

/// Whether the package has files, and all their functions have bodies, or are those of other packages.
fn is_complete(dir: &Path, names: &[String], tags: &Tags) -> bool {
    let mut files = 0;
    for name in names {
        if !crate::package::is_go(name) || name.ends_with("_test.go") || !tags.matches_name(name) {
            continue;
        }
        let Ok(bytes) = std::fs::read(dir.join(name)) else {
            continue;
        };
        if tags.matches_source(&bytes) == Ok(true) {
            files += 1;
            if has_bodyless(name, &bytes) {
                return false;
            }
        }
    }
    files > 0
}

fn has_bodyless(name: &str, bytes: &[u8]) -> bool {
    let (arena, set) = (Bump::new(), FileSet::default());
    let (file, _) = gort_syntax::parse_file(&arena, &set, name, bytes, gort_syntax::Mode::Full);
    let linked = |name: &str| {
        let mut words = file.directives.iter().map(|d| d.1.split_whitespace());
        words.any(|mut w| w.next() == Some("go:linkname") && w.next() == Some(name))
    };
    let bodyless = |d: &Decl<'_>| match d {
        Decl::Func(f) => f.body.is_none() && !linked(f.name.name.as_str()),
        _ => false,
    };
    file.decls.iter().any(bodyless)
}

/// A file in assembly.
struct Assembly {
    name: String,
    bytes: Vec<u8>,
    /// Whether it defines functions. An empty one only says that declarations may have no body.
    code: bool,
}

impl Assembly {
    fn read(dir: &Path, name: &str) -> Option<Assembly> {
        let bytes = std::fs::read(dir.join(name)).ok()?;
        let mut lines = bytes.split(|&b| b == b'\n').map(<[u8]>::trim_ascii_start);
        let code = lines.any(|l| l.starts_with(b"TEXT"));
        let name = name.to_string();
        Some(Assembly { name, bytes, code })
    }
}

fn admitted<'a>(files: &'a [Assembly], tags: &'a Tags) -> impl Iterator<Item = &'a Assembly> {
    let admits =
        |a: &&Assembly| tags.matches_name(&a.name) && tags.matches_source(&a.bytes) == Ok(true);
    files.iter().filter(admits)
}
