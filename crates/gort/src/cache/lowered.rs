//! What lowering has made of the functions and data of packages, a pack a package ([`gort_lower::Kept`]).
//!
//! Other than what the passes make of a function, this is not found by what it was before: not to have to know that is the point. It
//! holds as long as its package and those that the package imports, directly or not, are the same, and those of which its name
//! speaks: a *stamp* says which they were. What has another stamp is dropped when the pack is written next; what speaks of packages
//! that this build does not have stays.

use super::code::{Reader, Writer};
use super::packs::Packs;
use super::store;
use gort_load::files::{self, Digest};
use gort_load::{Loaded, LoadedPackage};
use gort_lower::{Kept, New};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::path::PathBuf;

/// What decides what lowering makes of a package, besides its files and imports.
pub struct Settings<'s> {
    /// The working folder.
    pub cwd: &'s str,
    /// Whether file names are those of import paths.
    pub trimpath: bool,
}

/// The packs of the packages of a program.
pub struct LoweredPacks<'p> {
    packs: &'p Packs,
    /// Of each unit: nothing if nothing may be kept of it.
    units: Vec<Option<Unit>>,
    /// What holds, by symbol.
    index: FxHashMap<&'static str, &'static [u8]>,
}

struct Unit {
    /// The path that its symbols start with.
    path: String,
    /// The digest of all that it depends on.
    key: Digest,
    file: PathBuf,
    entries: Vec<Entry>,
}

/// Something that was kept.
struct Entry {
    symbol: &'static str,
    of: Vec<&'static str>,
    stamp: Digest,
    bytes: &'static [u8],
}

impl Entry {
    fn read(r: &mut Reader<'static>) -> Option<Entry> {
        let text = |r: &mut Reader<'static>| std::str::from_utf8(r.bytes()?).ok();
        let symbol = text(r)?;
        let of = (0..r.number()?).map(|_| text(r));
        Some(Entry {
            symbol,
            of: of.collect::<Option<_>>()?,
            stamp: r.raw()?,
            bytes: r.bytes()?,
        })
    }

    fn write(w: &mut Writer, symbol: &str, of: &[&str], stamp: &Digest, bytes: &[u8]) {
        w.bytes(symbol.as_bytes());
        w.number(of.len() as u64);
        of.iter().for_each(|path| w.bytes(path.as_bytes()));
        w.raw(stamp);
        w.bytes(bytes);
    }
}

impl<'p> LoweredPacks<'p> {
    /// The packs of what was loaded. `paths` are what the symbols of the packages start with.
    pub fn open(
        packs: &'p Packs,
        loaded: &Loaded,
        paths: &[String],
        settings: &Settings<'_>,
    ) -> LoweredPacks<'p> {
        let keys = keys(loaded, settings);
        let all = loaded.packages.par_iter().zip(paths).zip(keys).enumerate();
        let unit = |(i, ((p, path), key)): (usize, ((&LoadedPackage, &String), Digest))| {
            if loaded.roots.contains(&i) || !is_plain(p) {
                return None;
            }
            let dir = match p.standard {
                true => PathBuf::new(),
                false => p.dir.clone(),
            };
            let file = packs.file(path, &dir, store::LOWERED);
            let mut entries = Vec::new();
            if let Some(bytes) = store::read_checked(&file) {
                store::touch(&file);
                // It is referred to until the build is done.
                let mut r = Reader(Box::leak(Box::new(bytes)));
                while let Some(entry) = Entry::read(&mut r) {
                    entries.push(entry);
                }
            }
            Some(Unit {
                path: path.clone(),
                key,
                file,
                entries,
            })
        };
        let mut all = LoweredPacks {
            packs,
            units: all.map(unit).collect(),
            index: FxHashMap::default(),
        };
        if packs.looks() {
            let keys = all.by_path();
            let mut index = FxHashMap::default();
            for unit in all.units.iter().flatten() {
                // Most speak of no other package, and the others of a few.
                let mut stamps: FxHashMap<&[&str], Option<Digest>> = FxHashMap::default();
                for e in &unit.entries {
                    let stamp = stamps
                        .entry(&e.of)
                        .or_insert_with(|| stamp(&unit.key, &e.of, &keys));
                    if *stamp == Some(e.stamp) {
                        index.insert(e.symbol, e.bytes);
                    }
                }
            }
            all.index = index;
        }
        all
    }

    /// Whether something is kept of a unit.
    pub fn keeps(&self, unit: usize) -> bool {
        self.units[unit].is_some()
    }

    fn by_path(&self) -> FxHashMap<&str, &Digest> {
        let units = self.units.iter().flatten();
        units.map(|u| (u.path.as_str(), &u.key)).collect()
    }

    /// Keep what is new.
    pub fn write(&self, new: Vec<New>) {
        let mut by_unit: FxHashMap<usize, Vec<New>> = FxHashMap::default();
        for one in new {
            by_unit.entry(one.unit).or_default().push(one);
        }
        let keys = self.by_path();
        by_unit.into_par_iter().for_each(|(unit, new)| {
            if let Some(unit) = &self.units[unit] {
                self.write_unit(unit, &new, &keys);
            }
        });
    }

    fn write_unit(&self, unit: &Unit, new: &[New], keys: &FxHashMap<&str, &Digest>) {
        let mut w = Writer::default();
        let mut done: FxHashSet<&str> = FxHashSet::default();
        for one in new {
            let of = one.of.iter().filter_map(|&u| self.units[u].as_ref());
            let of: Vec<&str> = of.map(|u| u.path.as_str()).collect();
            if let Some(stamp) = stamp(&unit.key, &of, keys) {
                done.insert(&one.symbol);
                Entry::write(&mut w, &one.symbol, &of, &stamp, &one.bytes);
            }
        }
        let mut old_size = 0;
        for old in &unit.entries {
            old_size += old.bytes.len();
            let holds = stamp(&unit.key, &old.of, keys).is_none_or(|s| s == old.stamp);
            if holds && !done.contains(old.symbol) {
                Entry::write(&mut w, old.symbol, &old.of, &old.stamp, old.bytes);
            }
        }
        if store::write_checked(&unit.file, &w.0) {
            let grown = w.0.len().saturating_sub(old_size);
            self.packs.grown(grown as u64);
        }
    }
}

impl Kept for LoweredPacks<'_> {
    fn get(&self, symbol: &str) -> Option<&[u8]> {
        self.index.get(symbol).copied()
    }
}

/// Of the package and those that a name speaks of; nothing if this build does not have them all.
fn stamp(key: &Digest, of: &[&str], keys: &FxHashMap<&str, &Digest>) -> Option<Digest> {
    if of.is_empty() {
        return Some(*key);
    }
    let mut all = key.to_vec();
    for path in of {
        all.extend(*keys.get(path)?);
    }
    Some(files::digest(&all))
}

/// Whether what is made of a package is decided by it and its imports. `//go:linkname` joins it to others, and assembly of modules
/// decides how it is called.
fn is_plain(p: &LoadedPackage) -> bool {
    let joins = |text: &str| text.starts_with("go:linkname");
    let mut directives = p.files.iter().flat_map(|f| &f.directives);
    p.for_test.is_none()
        && (p.standard || p.assembly.is_empty() && !directives.any(|(_, text)| joins(text)))
}

/// A digest of each package and all that it imports, for questions that do not depend on where anything is.
pub fn package_keys(loaded: &Loaded) -> Vec<Digest> {
    let settings = Settings {
        cwd: "",
        trimpath: false,
    };
    keys(loaded, &settings)
}

/// A digest of each package and all that it imports; all import package runtime.
fn keys(loaded: &Loaded, settings: &Settings<'_>) -> Vec<Digest> {
    let mut own: Vec<Digest> = Vec::with_capacity(loaded.packages.len());
    for p in &loaded.packages {
        let mut w = Writer::default();
        w.bytes(p.path.as_bytes());
        w.bytes(p.for_test.as_deref().unwrap_or_default().as_bytes());
        w.bytes(&[u8::from(p.standard), u8::from(settings.trimpath)]);
        if !p.standard {
            // File names may be relative to it.
            w.bytes(settings.cwd.as_bytes());
        }
        w.number(u64::from(p.go.0));
        w.number(u64::from(p.go.1));
        for (name, digest) in p.names.iter().zip(&p.digests) {
            w.bytes(name.as_bytes());
            w.raw(digest);
        }
        w.number(p.assembly.len() as u64);
        p.assembly.iter().for_each(|name| w.bytes(name.as_bytes()));
        for (path, dep) in &p.deps {
            w.bytes(path.as_bytes());
            w.raw(&own[*dep]);
        }
        own.push(files::digest(&w.0));
    }
    let runtime = loaded.packages.iter().position(|p| p.path == "runtime");
    let runtime = runtime.map_or(Digest::default(), |i| own[i]);
    let with = |own: Digest| files::digest(&[&own[..], &runtime].concat());
    own.into_iter().map(with).collect()
}
