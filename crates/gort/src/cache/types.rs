//! What importers can see of packages, as `gortvet` keeps it (`goroot/cmd/gortvet/encode.go`): under which names. It writes
//! and reads the files itself.
//!
//! A name is a digest of the package's files and of all that it imports, as with [`super::lowered`]; not of where they are, for positions
//! are not kept.

use super::code::Writer;
use super::{place, store};
use gort_load::LoadedPackage;
use gort_load::files::{self, Digest};
use rustc_hash::FxHashSet;
use std::path::{Path, PathBuf};

/// The names for one gort and one GOROOT.
pub struct TypeNames {
    /// The folder that has the files.
    pub folder: PathBuf,
    base: Digest,
}

impl TypeNames {
    /// The names that this tool uses, whose place says which gort and GOROOT there are; none without a cache.
    pub fn new(tool: &Path) -> Option<TypeNames> {
        let mut w = Writer::default();
        w.raw(&place::gort_identity()?);
        w.bytes(tool.as_os_str().as_encoded_bytes());
        Some(TypeNames {
            folder: place::folder()?,
            base: files::digest(&w.0),
        })
    }

    /// The name that others are made from.
    pub fn base(&self) -> String {
        store::hex(&self.base)
    }

    /// The names of packages. What is built for a test has none, nor what the test is of (`tested`), nor what imports these;
    /// nor has anything if two have the same path.
    pub fn of(&self, packages: &[LoadedPackage], tested: &[usize]) -> Vec<Option<String>> {
        let mut paths = FxHashSet::default();
        let unique = packages.iter().all(|p| paths.insert(&p.path));
        let mut digests: Vec<Option<Digest>> = Vec::with_capacity(packages.len());
        for (i, p) in packages.iter().enumerate() {
            let kept = unique && p.for_test.is_none() && !tested.contains(&i);
            digests.push(kept.then(|| self.digest(p, &digests)).flatten());
        }
        let name = |d: Option<Digest>| d.as_ref().map(store::hex);
        digests.into_iter().map(name).collect()
    }

    fn digest(&self, p: &LoadedPackage, before: &[Option<Digest>]) -> Option<Digest> {
        let mut w = Writer::default();
        w.raw(&self.base);
        w.bytes(p.path.as_bytes());
        w.number(u64::from(p.go.0));
        w.number(u64::from(p.go.1));
        p.digests.iter().for_each(|d| w.raw(d));
        for (path, dep) in &p.deps {
            w.bytes(path.as_bytes());
            w.raw(before[*dep].as_ref()?);
        }
        Some(files::digest(&w.0))
    }
}
