//! What is kept of single functions, a pack a package: what the build of a changed program finds again. Machine code is found
//! by the form of the function (`gort-ir/src/form.rs`), what the passes over the IR made of it by what it was before
//! (`gort-ir/src/passes/again.rs`), so it does not matter which program or which version of it they were made for.
//!
//! A pack is written anew when there is something new to put in. What this build has used comes first, then what was there
//! before, as far as there is room: so what was used longest ago falls out at the end.

use super::code::{Reader, Writer};
use super::{place, store};
use gort_codegen::Kept;
use gort_ir::Module;
use gort_ir::passes::again::Earlier;
use gort_load::files::{self, Digest};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The packs of a cache.
pub struct Packs {
    dir: PathBuf,
    gort: Digest,
    /// Whether what is there counts.
    look: bool,
}

/// Something of a function that is used: the digest by which it is found, and what is to be kept unless that is there already.
pub type Entry = (Digest, Option<Vec<u8>>);

/// A package's pack.
pub struct Pack {
    path: PathBuf,
    bytes: Option<&'static store::Checked>,
    /// Where in the bytes the entry of a digest is.
    index: FxHashMap<Digest, Range<usize>>,
    /// The digests in order.
    order: Vec<Digest>,
    look: bool,
}

impl Packs {
    /// The packs of the cache, if there is one.
    pub fn open(look: bool) -> Option<Packs> {
        Some(Packs {
            dir: place::folder()?,
            gort: place::gort_identity()?,
            look,
        })
    }

    /// The machine code of a package's functions.
    pub fn code(&self, package: &str) -> Pack {
        self.pack(package, store::CODE)
    }

    /// Whether what is there counts.
    pub fn looks(&self) -> bool {
        self.look
    }

    /// The file of a pack: of a package, and where it is if there may be another of its name.
    pub fn file(&self, package: &str, dir: &Path, kind: &str) -> PathBuf {
        let of = dir.as_os_str().as_encoded_bytes();
        let name = files::digest(&[&self.gort[..], package.as_bytes(), b"\0", of].concat());
        store::path(&self.dir, &name, kind)
    }

    /// So many bytes have been added.
    pub fn grown(&self, bytes: u64) {
        super::trim::grown(&self.dir, bytes);
    }

    fn pack(&self, package: &str, kind: &str) -> Pack {
        // Every program has a package of this name: they would drive each other's code out.
        let of = match package {
            "main" => std::env::current_dir().unwrap_or_default(),
            _ => PathBuf::new(),
        };
        let mut pack = Pack {
            path: self.file(package, &of, kind),
            bytes: None,
            index: FxHashMap::default(),
            order: Vec::new(),
            look: self.look,
        };
        if let Some(bytes) = store::read_checked(&pack.path)
            && let Some((index, order)) = parse(&bytes)
        {
            // It is referred to until the build is done.
            pack.bytes = Some(Box::leak(Box::new(bytes)));
            (pack.index, pack.order) = (index, order);
            store::touch(&pack.path);
        }
        pack
    }

    /// What the passes made of the functions of modules.
    pub fn of_passes(&self, modules: &[Module]) -> PassPacks<'_> {
        let pack = |m: &Module| {
            let pack = self.pack(&m.package, store::PASSES);
            (m.package.clone(), (pack, Mutex::default()))
        };
        PassPacks {
            packs: self,
            of: modules.par_iter().map(pack).collect(),
        }
    }

    /// Put in what is new of a package's functions.
    pub fn add(&self, pack: &Pack, entries: &[Entry]) {
        if entries.iter().all(|(_, new)| new.is_none()) {
            return;
        }
        let mut w = Writer::default();
        let mut done: FxHashSet<Digest> = FxHashSet::default();
        let mut entry = |w: &mut Writer, digest: &Digest, bytes: &[u8]| {
            if done.insert(*digest) {
                w.raw(digest);
                w.bytes(bytes);
            }
        };
        for (digest, new) in entries {
            if let Some(bytes) = new.as_deref().or_else(|| pack.old(digest)) {
                entry(&mut w, digest, bytes);
            }
        }
        let limit = w.0.len() * (1 + UNUSED) + ROOM;
        for digest in &pack.order {
            let bytes = pack.old(digest).unwrap_or_default();
            if w.0.len() + bytes.len() > limit {
                break;
            }
            entry(&mut w, digest, bytes);
        }
        if store::write_checked(&pack.path, &w.0) {
            let before = pack.bytes.map_or(0, |b| b.len());
            let grown = w.0.len().saturating_sub(before);
            self.grown(grown as u64);
        }
    }
}

impl Pack {
    fn old(&self, digest: &Digest) -> Option<&'static [u8]> {
        Some(&self.bytes?[self.index.get(digest)?.clone()])
    }

    /// What is kept under a digest, if that counts.
    fn look(&self, digest: &Digest) -> Option<&'static [u8]> {
        self.old(digest).filter(|_| self.look)
    }
}

/// What the passes made of functions, and what this build has to say of it.
pub struct PassPacks<'p> {
    packs: &'p Packs,
    of: FxHashMap<String, (Pack, Mutex<Vec<Entry>>)>,
}

impl PassPacks<'_> {
    /// Keep what is new.
    pub fn write(self) {
        let packs = self.packs;
        let all = self.of.into_par_iter();
        all.for_each(|(_, (pack, entries))| {
            let mut entries = entries.into_inner().unwrap_or_else(|e| e.into_inner());
            // Threads have brought them in any order.
            entries.sort_unstable_by_key(|e| e.0);
            packs.add(&pack, &entries);
        });
    }
}

impl Earlier for PassPacks<'_> {
    fn get(&self, package: &str, key: &Digest) -> &'static [u8] {
        let pack = self.of.get(package);
        pack.and_then(|(pack, _)| pack.look(key))
            .unwrap_or_default()
    }

    fn put(&self, package: &str, key: &Digest, new: Option<Vec<u8>>) {
        if let Some((_, entries)) = self.of.get(package) {
            let mut entries = entries.lock().unwrap_or_else(|e| e.into_inner());
            entries.push((*key, new));
        }
    }
}

/// So many times what a build uses, and so many bytes, are kept of what it does not use.
const UNUSED: usize = 2;
const ROOM: usize = 256 << 10;

type Index = (FxHashMap<Digest, Range<usize>>, Vec<Digest>);

fn parse(bytes: &[u8]) -> Option<Index> {
    let (mut index, mut order) = (FxHashMap::default(), Vec::new());
    let mut r = Reader(bytes);
    while !r.0.is_empty() {
        let digest: Digest = r.raw()?;
        let entry = r.bytes()?;
        let end = bytes.len() - r.0.len();
        index.insert(digest, end - entry.len()..end);
        order.push(digest);
    }
    Some((index, order))
}

impl Kept for Pack {
    fn get(&self, form: &Digest) -> Option<&[u8]> {
        self.look(form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_keep_what_was_used() {
        let dir = std::env::temp_dir().join(format!("gort-packs-{}", std::process::id()));
        let packs = Packs {
            dir: dir.clone(),
            gort: [1; 32],
            look: true,
        };
        let kind = |n: u8, size: usize| ([n; 32], Some(vec![n; size]));
        let open = |package| packs.code(package);
        packs.add(&open("a"), &[kind(1, 10), kind(2, 20), kind(1, 10)]);
        let pack = open("a");
        assert_eq!(pack.get(&[2; 32]), Some(&[2; 20][..]));
        assert_eq!(open("b").get(&[2; 32]), None);
        let used = ([2; 32], None);
        packs.add(&pack, &[kind(3, 2 * ROOM), used]);
        let pack = open("a");
        assert_eq!(pack.order, [[3; 32], [2; 32], [1; 32]]);
        // Too much, most of which is not used.
        packs.add(&pack, &[kind(4, 1)]);
        assert_eq!(open("a").order, [[4; 32]]);
        std::fs::remove_dir_all(dir).unwrap();
    }
}
