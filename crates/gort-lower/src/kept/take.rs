//! Taking what was kept, and repeating its effects.

use super::Kept;
use super::put::{EventTag, read_data};
use crate::init;
use crate::program::Cx;
use gort_abi::ABI0_SUFFIX;
use gort_ir::form::Digest;
use gort_ir::form::read::Reader;
use gort_ir::passes::again::Lowered;
use gort_ir::passes::again::record::{Stub, read_texts};
use gort_syntax::Symbol;
use gort_types::{ObjData, TypeStore};

/// What taking something still has to do.
pub struct Effects<'a> {
    /// What it asked for.
    symbols: Vec<&'a str>,
    /// What happened, each in bytes.
    events: Vec<&'a [u8]>,
}

impl<'a> Effects<'a> {
    /// The variables whose initial values have been copied.
    fn copies(&self) -> impl Iterator<Item = &'a str> {
        self.events.iter().filter_map(|e| {
            let name = e.strip_prefix(&[EventTag::Copy as u8])?;
            std::str::from_utf8(name).ok()
        })
    }
}

/// A kept function, or data.
enum Thing<'a> {
    Func {
        digest: Digest,
        uses: &'a [u8],
        function: &'a [u8],
    },
    Data(&'a [u8]),
}

/// What was kept of a symbol.
struct Record<'a> {
    home: &'a str,
    effects: Effects<'a>,
    thing: Thing<'a>,
}

impl<'a> Record<'a> {
    fn read(bytes: &'a [u8]) -> Option<Record<'a>> {
        let mut r = Reader(bytes);
        let r = &mut r;
        let n = r.count()?;
        let home = std::str::from_utf8(r.take(n)?).ok()?;
        let symbols = read_texts(r)?;
        let events = r.list(|r| {
            let n = r.count()?;
            r.take(n)
        })?;
        let thing = match r.byte()? {
            0 => {
                let digest = r.take(32)?.try_into().ok()?;
                let n = r.count()?;
                let uses = r.take(n)?;
                let function = r.0;
                Thing::Func {
                    digest,
                    uses,
                    function,
                }
            }
            _ => Thing::Data(r.0),
        };
        let effects = Effects { symbols, events };
        Some(Record {
            home,
            effects,
            thing,
        })
    }
}

impl<'a> Cx<'a> {
    /// Take what was kept under a symbol that is asked for; whether there was anything.
    pub fn take_kept(&mut self, symbol: &str) -> bool {
        self.take(symbol).is_some()
    }

    fn take(&mut self, symbol: &str) -> Option<()> {
        let kept: &'a dyn Kept = self.keeper.kept?;
        if self.initial.contains_key(symbol) {
            return None;
        }
        let record = Record::read(kept.get(symbol)?)?;
        if record
            .effects
            .copies()
            .any(|s| self.initial.contains_key(s))
        {
            return None;
        }
        let unit = *self.keeper.units.get(record.home)?;
        let module = &mut self.modules[unit];
        match record.thing {
            Thing::Func {
                digest,
                uses,
                function,
            } => {
                let stub = Stub::read(function, module)?;
                let stands = Some((uses, stub.code()));
                module.funcs.push(stub.func);
                let known = Lowered { digest, stands };
                self.keeper.known.insert(symbol.to_string(), known);
            }
            Thing::Data(bytes) => {
                let data = read_data(bytes, module, symbol)?;
                module.data.push(data);
            }
        }
        self.keeper.taken.insert(self.requested[symbol]);
        self.keeper.effects.push_back(record.effects);
        Some(())
    }

    /// Repeat the effects of what was taken.
    pub fn follow_kept(&mut self) {
        while let Some(effects) = self.keeper.effects.pop_front() {
            for symbol in effects.symbols {
                if !self.requested.contains_key(symbol) && self.find(symbol).is_none() {
                    self.keeper.lost = true;
                }
            }
            for event in effects.events {
                if self.keeper.repeated.insert(event) && self.repeat(event).is_none() {
                    self.keeper.lost = true;
                }
            }
        }
    }

    /// Ask for a symbol by its name.
    fn find(&mut self, symbol: &str) -> Option<()> {
        if let Some(name) = symbol.strip_suffix(ABI0_SUFFIX) {
            self.reach_assembly(name);
            return Some(());
        }
        if self.keeper.kept?.get(symbol).is_some() && self.claim(symbol) {
            if self.take(symbol).is_some() {
                return Some(());
            }
            // The build gives it a value of its own.
            self.requested.remove(symbol);
        }
        let obj = self.go_object(symbol)?;
        let found = match self.store.obj(obj).data {
            ObjData::Var { .. } => self.global(obj),
            _ => self.need_func(obj, &[]).0,
        };
        (found == symbol).then_some(())
    }

    /// Let an event happen again.
    fn repeat(&mut self, event: &[u8]) -> Option<()> {
        let (&tag, mut rest) = event.split_first()?;
        let store: &'a TypeStore = self.store;
        let units = self.units;
        let by_path = &self.keeper.units;
        let packages = |path: &str| by_path.get(path).map(|&u| units[u].pkg);
        let mut ty = || store.read_portable(&mut rest, &packages);
        match EventTag::of(tag)? {
            EventTag::Type => {
                let ty = ty()?;
                self.type_descriptor(ty);
            }
            EventTag::Reach => {
                let ty = ty()?;
                self.reach_type(ty);
            }
            EventTag::Itab => {
                let (ty, iface) = (ty()?, ty()?);
                self.itab_symbol(ty, iface);
            }
            EventTag::Method => {
                let sig = ty()?;
                let pkg = TypeStore::read_package(&mut rest, &packages)?;
                let name = Symbol::intern(std::str::from_utf8(rest).ok()?);
                self.reach_called(name, pkg, sig);
            }
            // That has been looked at.
            EventTag::Copy => {}
            EventTag::Reflection => self.reach_by_reflection(),
            EventTag::Quiet => {
                let n = u32::from_le_bytes(rest.split_off(..4)?.try_into().ok()?);
                let unit = *by_path.get(std::str::from_utf8(rest).ok()?)?;
                init::want(self, unit, n as usize);
            }
        }
        Some(())
    }
}
