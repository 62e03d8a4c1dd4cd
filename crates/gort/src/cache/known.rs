//! Files that are known to have no errors in their syntax: what they hold in bodies of functions is read
//! when somebody asks for it ([`gort_syntax::Later`]). A file that has changed has another digest, and is read whole.
//!
//! And packages that are known to have no errors at all, by a digest of their files and of all that they import: their bodies are checked
//! when somebody asks for them, as those of the library are.

use super::{place, store};
use gort_load::files::{self, Digest};
use gort_load::{Loaded, LoadedPackage};
use std::path::PathBuf;

/// So much of a digest is kept.
const PART: usize = 16;

type Part = [u8; PART];

/// So many digests are kept at most; then those of this build are the first of a new list.
const MOST: usize = 1 << 17;

/// The files and packages that are known.
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

    /// Whether a file or a package is known.
    pub fn has(&self, digest: &Digest) -> bool {
        self.list.binary_search(&part(digest)).is_ok()
    }

    /// Take note of files that have been read without errors, and of packages that have none.
    pub fn add(mut self, loaded: &Loaded, packages: &[Digest]) {
        let good = |p: &&LoadedPackage| p.diagnostics.is_empty();
        let good_files = loaded.packages.iter().filter(good);
        let all = good_files.flat_map(|p| &p.digests).chain(packages);
        let new: Vec<Part> = all.filter(|d| !self.has(d)).map(part).collect();
        if !new.is_empty() {
            if self.list.len() + new.len() > MOST {
                self.list.clear();
            }
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
