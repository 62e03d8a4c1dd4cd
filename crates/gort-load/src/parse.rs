//! From source files to a package with trees.
//!
//! Sources and trees live until the process ends (they are leaked on purpose: a build is one pass and
//! every later phase refers to them), so all trees are `'static`.

use crate::context::Context;
use crate::files::{self as fs, Digest};
use crate::loaded::{LoadedPackage, imports};
use crate::loader::Known;
use crate::package::Source;
use crate::resolve::{Owner, Place};
use bumpalo::Bump;
use gort_syntax::ast::{Decl, File};
use gort_syntax::{Diagnostic, FileSet, Mode};
use rayon::prelude::*;
use std::path::Path;

/// A file, parsed.
pub struct Parsed {
    /// Its name, as [`file_name`] gives it.
    pub name: String,
    /// Its tree.
    pub file: File<'static>,
    /// Its syntax errors.
    pub diagnostics: Vec<Diagnostic>,
    /// Digest of its text.
    digest: Digest,
}

/// Parse files, in parallel.
/// Bodies in files that are `known` to have no errors may be read later.
pub fn files(
    ctx: &Context,
    set: &FileSet,
    sources: Vec<Source>,
    owner: Owner,
    known: Option<&Known<'_>>,
) -> Vec<Parsed> {
    let parse = |s: Source| {
        let name = file_name(&ctx.cwd, &s.path, owner.is_goroot());
        let arena: &'static Bump = Box::leak(Box::new(Bump::new()));
        let bytes: &'static [u8] = Box::leak(s.bytes.into_boxed_slice());
        let digest = fs::digest(bytes);
        let (file, diagnostics) = match known.is_some_and(|known| known(&digest)) {
            true => gort_syntax::parse_known(arena, set, &name, bytes),
            false => gort_syntax::parse_file(arena, set, &name, bytes, Mode::Full),
        };
        Parsed {
            name,
            file,
            diagnostics,
            digest,
        }
    };
    sources.into_par_iter().map(parse).collect()
}

/// Make a package of parsed files.
pub fn package(
    place: &Place,
    parsed: Vec<Parsed>,
    go: (u32, u32),
    has_maps: bool,
) -> LoadedPackage {
    let mut diagnostics = Vec::new();
    let (mut names, mut files, mut digests) = (Vec::new(), Vec::new(), Vec::new());
    for p in parsed {
        names.push(p.name);
        diagnostics.extend(p.diagnostics);
        files.push(p.file);
        digests.push(p.digest);
    }
    let name = files
        .first()
        .map_or(String::new(), |f| f.package.name.to_string());
    let imports = imports(&files, &names)
        .into_iter()
        .map(|i| i.path)
        .collect();
    LoadedPackage {
        path: place.path.clone(),
        for_test: None,
        name,
        dir: place.dir.clone(),
        files: files.leak(),
        names,
        digests,
        imports,
        deps: Vec::new(),
        diagnostics,
        standard: place.owner.is_goroot(),
        own: false,
        go,
        has_maps,
        assembly: Vec::new(),
    }
}

/// Whether a source may use maps: then the program needs their implementation.
pub fn mentions_maps(sources: &[Source]) -> bool {
    mention(sources, b"map[")
}

/// Whether a source has `//go:linkname`, which may take what maps need.
pub fn mentions_linknames(sources: &[Source]) -> bool {
    mention(sources, b"//go:linkname ")
}

fn mention(sources: &[Source], text: &[u8]) -> bool {
    let text = memchr::memmem::Finder::new(text);
    sources.iter().any(|s| text.find(&s.bytes).is_some())
}

/// Whether a file imports "C".
pub fn imports_c(f: &File<'_>) -> bool {
    let mut decls = f.decls.iter();
    decls.any(|d| matches!(d, Decl::Import(i) if i.path.trim_matches(['"', '`']) == "C"))
}

/// The text of a file by the name that [`file_name`] gave it, if it is still there.
pub fn text(name: &str) -> Option<String> {
    crate::files::read_to_string(Path::new(name)).ok()
}

/// The name by which a file is known: `./a/x.go` for files below the working folder, which keeps machine paths out of
/// the data that is common to all machines; the absolute name for others.
pub fn file_name(cwd: &Path, path: &Path, standard: bool) -> String {
    match path.strip_prefix(cwd) {
        Ok(rest) if !standard => format!("./{}", rest.display()),
        _ => path.display().to_string(),
    }
}
