//! Files of the library that are known to have no errors in their syntax: what they hold in bodies of functions is read
//! when somebody asks for it ([`gort_syntax::Later`]). A file that has changed has another digest, and is read whole.

use super::{place, store};
use gort_load::Loaded;
use gort_load::files::{self, Digest};
use std::path::PathBuf;

/// So much of a digest is kept.
const PART: usize = 16;

type Part = [u8; PART];

/// The files that are known.
pub struct KnownFiles {
    path: PathBuf,
    /// Parts of their digests, sorted.
    list: Vec<Part>,
}

impl KnownFiles {
    /// What the cache knows, if there is one.
    pub fn open() -> Option<KnownFiles> {
        let name = [&place::gort_identity()?[..], b"known"].concat();
        let path = store::path(&place::folder()?, &files::digest(&name), store::KNOWN);
        let bytes = store::read_checked(&path);
        let bytes = bytes.as_deref().unwrap_or_default();
        store::touch(&path);
        let list = bytes.as_chunks().0.to_vec();
        Some(KnownFiles { path, list })
    }

    /// Whether a file is known.
    pub fn has(&self, file: &Digest) -> bool {
        self.list.binary_search(&part(file)).is_ok()
    }

    /// Take note of files that have been read without errors.
    pub fn add(mut self, loaded: &Loaded) {
        let good = |p: &&gort_load::LoadedPackage| p.standard && p.diagnostics.is_empty();
        let packages = loaded.packages.iter().filter(good);
        let read = packages.flat_map(|p| &p.digests);
        let new: Vec<Part> = read.filter(|d| !self.has(d)).map(part).collect();
        if !new.is_empty() {
            self.list.extend(new);
            self.list.sort_unstable();
            self.list.dedup();
            store::write_checked(&self.path, self.list.as_flattened());
        }
    }
}

fn part(digest: &Digest) -> Part {
    let (part, _) = digest.split_first_chunk().expect("it is longer");
    *part
}
