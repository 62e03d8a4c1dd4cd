//! Machine code of functions, a pack a package: what the build of a changed program finds again. A function's code is found
//! by its form (`gort-codegen/src/form.rs`), so it does not matter which program or which version of it the code was made for.
//!
//! A pack is written anew when there is something new to put in. What this build has used comes first, then what was there
//! before, as far as there is room: so what was used longest ago falls out at the end.

use super::code::{Reader, Writer};
use super::{place, store};
use gort_codegen::{Kept, Kind};
use gort_load::files::{self, Digest};
use rustc_hash::FxHashMap;
use std::ops::Range;
use std::path::PathBuf;

/// The packs of a cache.
pub struct Packs {
    dir: PathBuf,
    gort: Digest,
    /// Whether what is there counts.
    look: bool,
}

/// A package's pack.
pub struct Pack {
    path: PathBuf,
    bytes: Vec<u8>,
    /// Where in the bytes the code of a form is.
    index: FxHashMap<Digest, Range<usize>>,
    /// The forms in order.
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

    /// The pack of a package.
    pub fn pack(&self, package: &str) -> Pack {
        // Every program has a package of this name: they would drive each other's code out.
        let of = match package {
            "main" => std::env::current_dir().unwrap_or_default(),
            _ => PathBuf::new(),
        };
        let of = of.as_os_str().as_encoded_bytes();
        let name = files::digest(&[&self.gort[..], package.as_bytes(), b"\0", of].concat());
        let mut pack = Pack {
            path: store::path(&self.dir, &name, store::CODE),
            bytes: Vec::new(),
            index: FxHashMap::default(),
            order: Vec::new(),
            look: self.look,
        };
        if let Some(bytes) = store::read_checked(&pack.path)
            && let Some((index, order)) = parse(&bytes)
        {
            (pack.bytes, pack.index, pack.order) = (bytes, index, order);
            store::touch(&pack.path);
        }
        pack
    }

    /// Put in what is new of a package's functions.
    pub fn add(&self, pack: &Pack, kinds: &[Kind]) {
        if kinds.iter().all(|k| k.new.is_none()) {
            return;
        }
        let mut w = Writer::default();
        let mut done: FxHashMap<Digest, ()> = FxHashMap::default();
        let mut entry = |w: &mut Writer, form: &Digest, code: &[u8]| {
            if done.insert(*form, ()).is_none() {
                w.raw(form);
                w.bytes(code);
            }
        };
        let old = |form: &Digest| pack.index.get(form).map(|r| &pack.bytes[r.clone()]);
        for kind in kinds {
            if let Some(code) = kind.new.as_deref().or_else(|| old(&kind.form)) {
                entry(&mut w, &kind.form, code);
            }
        }
        let limit = w.0.len() * (1 + UNUSED) + ROOM;
        for form in &pack.order {
            let code = old(form).unwrap_or_default();
            if w.0.len() + code.len() > limit {
                break;
            }
            entry(&mut w, form, code);
        }
        if store::write_checked(&pack.path, &w.0) {
            let grown = w.0.len().saturating_sub(pack.bytes.len());
            super::trim::grown(&self.dir, grown as u64);
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
        let form: Digest = r.raw()?;
        let code = r.bytes()?;
        let end = bytes.len() - r.0.len();
        index.insert(form, end - code.len()..end);
        order.push(form);
    }
    Some((index, order))
}

impl Kept for Pack {
    fn get(&self, form: &Digest) -> Option<&[u8]> {
        let range = self.index.get(form).filter(|_| self.look)?;
        Some(&self.bytes[range.clone()])
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
        let kind = |n: u8, size: usize| Kind {
            form: [n; 32],
            new: Some(vec![n; size]),
        };
        packs.add(&packs.pack("a"), &[kind(1, 10), kind(2, 20), kind(1, 10)]);
        let pack = packs.pack("a");
        assert_eq!(pack.get(&[2; 32]), Some(&[2; 20][..]));
        assert_eq!(packs.pack("b").get(&[2; 32]), None);
        let used = Kind {
            form: [2; 32],
            new: None,
        };
        packs.add(&pack, &[kind(3, 2 * ROOM), used]);
        let pack = packs.pack("a");
        assert_eq!(pack.order, [[3; 32], [2; 32], [1; 32]]);
        // Too much, most of which is not used.
        packs.add(&pack, &[kind(4, 1)]);
        assert_eq!(packs.pack("a").order, [[4; 32]]);
        std::fs::remove_dir_all(dir).unwrap();
    }
}
