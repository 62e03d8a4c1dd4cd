//! What is kept of functions and data, in bytes.
//!
//! In order: the path of the home unit; the symbols asked for; the events, each behind its length; a function (0: its digest, how it
//! uses symbols, the function as [`gort_ir::passes::again::record`] writes it) or data (1).

use super::New;
use super::note::{Event, Note};
use crate::program::Cx;
use gort_abi::ABI0_SUFFIX;
use gort_ir::form::number;
use gort_ir::form::read::Reader;
use gort_ir::passes::again::Lowered;
use gort_ir::passes::again::record::{self, Writer, read_texts, texts};
use gort_ir::{Data, Module, Pointers, Reloc, RelocKind, Section, Sym};
use gort_types::portable;
use rustc_hash::{FxHashMap, FxHashSet};

/// What the first byte of an event says.
#[derive(Clone, Copy)]
#[repr(u8)]
pub enum EventTag {
    Type,
    Reach,
    Itab,
    Method,
    Reflection,
    Quiet,
    Copy,
}

impl EventTag {
    /// The tag of a byte.
    pub fn of(byte: u8) -> Option<EventTag> {
        use EventTag::*;
        let all = [Type, Reach, Itab, Method, Reflection, Quiet, Copy];
        all.get(usize::from(byte)).copied()
    }
}

/// Something that may be kept.
struct Candidate {
    unit: usize,
    of: Vec<usize>,
    /// What it asks for.
    symbols: Vec<u32>,
    /// What follows these in what is kept.
    rest: Vec<u8>,
}

impl Cx<'_> {
    /// What is to be kept of this build.
    pub fn keep(&mut self) -> Vec<New> {
        if !self.keeper.noting {
            return Vec::new();
        }
        let mut all: FxHashMap<u32, Candidate> = FxHashMap::default();
        let names = self.names_of_others();
        let mut writer = Writer::default();
        for unit in 0..self.units.len() {
            if !self.units[unit].keep {
                continue;
            }
            let module = &self.modules[unit];
            let own = &self.units[unit].path;
            let of = |symbol: &str| named_units(symbol, own, &names);
            for func in &module.funcs {
                let name = module.name(func.name);
                let Some(&n) = self.requested.get(name) else {
                    continue;
                };
                if self.keeper.taken.contains(&n) {
                    continue;
                }
                let file = |f: u32| module.files.get(f as usize).map_or("", String::as_str);
                let bytes = writer.write(func, &|s| module.name(s), &file);
                let digest = record::digest(&bytes);
                let known = Lowered {
                    digest,
                    stands: None,
                };
                self.keeper.known.insert(name.to_string(), known);
                let Some(of) = of(name) else { continue };
                let uses = writer.uses(func);
                let mut rest = vec![0];
                rest.extend(digest);
                number(&mut rest, uses.len() as u64);
                rest.extend(uses);
                rest.extend(bytes);
                let refs = func.insts.iter().filter_map(|i| i.symbol());
                let one = self.candidate(unit, n, of, refs, rest);
                all.extend(one.map(|c| (n, c)));
            }
            for data in &module.data {
                let name = module.name(data.name);
                let Some(&n) = self.requested.get(name) else {
                    continue;
                };
                if self.keeper.taken.contains(&n) || self.initial.contains_key(name) {
                    continue;
                }
                let Some(of) = of(name) else { continue };
                let mut rest = vec![1];
                write_data(&mut rest, data, module);
                let relocs = data.relocs.iter().map(|r| r.sym);
                let refs = relocs.chain(data.pointers.iter().map(|p| p.mask));
                let one = self.candidate(unit, n, of, refs, rest);
                all.extend(one.map(|c| (n, c)));
            }
        }
        self.drop_unfounded(&mut all);
        self.drop_unasked(&mut all);
        self.write(all)
    }

    /// Paths of units, and which they are; none for those of which nothing is kept.
    fn names_of_others(&self) -> FxHashMap<String, Option<usize>> {
        let mut names = FxHashMap::default();
        for (i, unit) in self.units.iter().enumerate() {
            let path = self.store.package(unit.pkg).path.to_string();
            for path in [unit.path.clone(), path] {
                let known = names.entry(path).or_insert(Some(i));
                if !unit.keep || *known != Some(i) {
                    *known = None;
                }
            }
        }
        names
    }

    fn candidate(
        &self,
        unit: usize,
        n: u32,
        mut of: Vec<usize>,
        refs: impl Iterator<Item = Sym>,
        rest: Vec<u8>,
    ) -> Option<Candidate> {
        let module = &self.modules[unit];
        let asked = refs.filter_map(|s| self.requested.get(module.name(s)).copied());
        let mut symbols: Vec<u32> = asked.collect();
        let mut all = Vec::new();
        let none = Note::default();
        let note = self.keeper.notes.get(&n).unwrap_or(&none);
        if note.spoiled || note.units.iter().any(|&u| !self.units[u].keep) {
            return None;
        }
        of.extend(&note.units);
        of.sort_unstable();
        of.dedup();
        symbols.extend(&note.symbols);
        symbols.sort_unstable();
        symbols.dedup();
        symbols.retain(|&s| s != n);
        let mut seen: FxHashSet<Event> = FxHashSet::default();
        let events = note.events.iter().filter(|e| seen.insert(**e));
        let events: Option<Vec<Vec<u8>>> = events.map(|e| self.event(e)).collect();
        let events = events?;
        number(&mut all, events.len() as u64);
        for event in events {
            number(&mut all, event.len() as u64);
            all.extend(event);
        }
        all.extend(rest);
        Some(Candidate {
            unit,
            of,
            symbols,
            rest: all,
        })
    }

    /// An event in bytes; nothing if another build could not read it.
    fn event(&self, event: &Event) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let store = self.store;
        let mut tag = |t: EventTag| out.push(t as u8);
        match *event {
            Event::Type(ty) => {
                tag(EventTag::Type);
                store.write_portable(ty, &mut out)?;
            }
            Event::Reach(ty) => {
                tag(EventTag::Reach);
                store.write_portable(ty, &mut out)?;
            }
            Event::Itab(ty, iface) => {
                tag(EventTag::Itab);
                store.write_portable(ty, &mut out)?;
                store.write_portable(iface, &mut out)?;
            }
            Event::Method(name, pkg, sig) => {
                tag(EventTag::Method);
                store.write_portable(sig, &mut out)?;
                store.write_package(pkg, &mut out);
                out.extend(name.as_str().as_bytes());
            }
            Event::Reflection => tag(EventTag::Reflection),
            Event::Copy(obj) => {
                tag(EventTag::Copy);
                out.extend(self.global_symbol(obj).as_bytes());
            }
            Event::Quiet(unit, n) => {
                tag(EventTag::Quiet);
                out.extend((n as u32).to_le_bytes());
                out.extend(self.units[unit].path.as_bytes());
            }
        }
        Some(out)
    }

    /// Drop what asks for something that another build could not find by its name.
    fn drop_unfounded(&self, all: &mut FxHashMap<u32, Candidate>) {
        let mut names: Vec<&str> = vec![""; self.requested.len()];
        for (name, &n) in &self.requested {
            names[n as usize] = name;
        }
        let mut founded: FxHashMap<u32, bool> = FxHashMap::default();
        let mut is_founded = |n: u32| {
            *founded.entry(n).or_insert_with(|| {
                let name = names[n as usize];
                self.keeper.taken.contains(&n)
                    || name.ends_with(ABI0_SUFFIX)
                    || self.go_object(name).is_some()
            })
        };
        let mut askers: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        let mut gone = Vec::new();
        for (&n, one) in all.iter() {
            for &s in &one.symbols {
                if all.contains_key(&s) {
                    askers.entry(s).or_default().push(n);
                } else if !is_founded(s) {
                    gone.push(n);
                }
            }
        }
        while let Some(n) = gone.pop() {
            if all.remove(&n).is_some() && !is_founded(n) {
                gone.extend(askers.remove(&n).unwrap_or_default());
            }
        }
    }

    /// Drop what only functions ask for that are not kept: parts of them, strings and masks, which are named by what is in them.
    fn drop_unasked(&self, all: &mut FxHashMap<u32, Candidate>) {
        let shared = |name: &str| name.starts_with("go:") || name.starts_with("runtime.gcbits.");
        let named = self.requested.iter().filter(|(name, _)| shared(name));
        let mut waiting: FxHashSet<u32> = named.map(|(_, &n)| n).collect();
        waiting.extend(&self.keeper.parts);
        let mut todo: Vec<u32> = all.keys().copied().collect();
        todo.retain(|n| !waiting.contains(n));
        while let Some(n) = todo.pop() {
            let asked = all.get(&n).map_or(&[][..], |c| &c.symbols);
            todo.extend(asked.iter().filter(|&s| waiting.remove(s)));
        }
        all.retain(|n, _| !waiting.contains(n));
    }

    fn write(&self, all: FxHashMap<u32, Candidate>) -> Vec<New> {
        let mut names: Vec<&str> = vec![""; self.requested.len()];
        for (name, &n) in &self.requested {
            names[n as usize] = name;
        }
        let new = |(n, one): (u32, Candidate)| {
            let mut bytes = Vec::with_capacity(one.rest.len() + 32 * one.symbols.len());
            portable::text(&mut bytes, &self.units[one.unit].path);
            texts(&mut bytes, one.symbols.iter().map(|&s| names[s as usize]));
            bytes.extend(one.rest);
            New {
                unit: one.unit,
                symbol: names[n as usize].to_string(),
                of: one.of,
                bytes,
            }
        };
        let mut new: Vec<New> = all.into_iter().map(new).collect();
        new.sort_unstable_by(|a, b| a.symbol.cmp(&b.symbol));
        new
    }
}

/// The units that a symbol speaks of, besides its own; nothing if there is one among them of which nothing is kept.
///
/// Names of types with their packages stand in symbols of instances and wrappers. What looks like a path but is
/// none of a unit's is part of a struct's tag, or of the name of something else.
fn named_units(
    symbol: &str,
    own: &str,
    units: &FxHashMap<String, Option<usize>>,
) -> Option<Vec<usize>> {
    let mut found = Vec::new();
    let in_path = |c: char| c.is_alphanumeric() || "_./~-%+".contains(c);
    for word in symbol.split(|c| !in_path(c)) {
        let folder = word.rfind('/').map_or(0, |i| i + 1);
        let Some(dot) = word[folder..].find('.') else {
            continue;
        };
        // The last element of a path may have dots of its own.
        let mut end = folder + dot;
        loop {
            let path = &word[..end];
            if path != own
                && let Some(unit) = units.get(path)
            {
                found.push((*unit)?);
            }
            match word[end + 1..].find('.') {
                Some(next) => end += 1 + next,
                None => break,
            }
        }
    }
    Some(found)
}

fn write_data(out: &mut Vec<u8>, data: &Data, module: &Module) {
    let relocs = data.relocs.iter().map(|r| module.name(r.sym));
    let masks = data.pointers.iter().map(|p| module.name(p.mask));
    let names: Vec<&str> = relocs.chain(masks).collect();
    texts(out, names.into_iter());
    out.push(data.section as u8);
    number(out, u64::from(data.align));
    number(out, data.size);
    number(out, data.relocs.len() as u64);
    for r in &data.relocs {
        number(out, u64::from(r.offset));
        out.push(r.kind as u8);
        out.extend(r.addend.to_le_bytes());
    }
    for p in &data.pointers {
        for n in [p.offset, p.words, p.stride, p.count] {
            number(out, u64::from(n));
        }
    }
    out.extend(&data.bytes);
}

/// Data that [`write_data`] has written.
pub fn read_data(bytes: &[u8], module: &mut Module, symbol: &str) -> Option<Data> {
    let mut r = Reader(bytes);
    let r = &mut r;
    let names = read_texts(r)?;
    let mut names = names.into_iter().map(|n| module.sym(n));
    let section = match r.byte()? {
        n if n == Section::Rodata as u8 => Section::Rodata,
        n if n == Section::Data as u8 => Section::Data,
        n if n == Section::Bss as u8 => Section::Bss,
        _ => return None,
    };
    let (align, size) = (r.number()?, r.long()?);
    let mut relocs = Vec::new();
    for _ in 0..r.number()? {
        relocs.push(Reloc {
            offset: r.number()?,
            kind: match r.byte()? {
                n if n == RelocKind::Abs64 as u8 => RelocKind::Abs64,
                _ => RelocKind::Abs32,
            },
            addend: i64::from_le_bytes(r.take(8)?.try_into().ok()?),
            sym: names.next()?,
        });
    }
    let mut pointers = Vec::new();
    for mask in names {
        pointers.push(Pointers {
            mask,
            offset: r.number()?,
            words: r.number()?,
            stride: r.number()?,
            count: r.number()?,
        });
    }
    Some(Data {
        name: module.sym(symbol),
        section,
        align,
        bytes: r.0.to_vec(),
        size,
        relocs,
        pointers,
    })
}
