//! Itabs of pairs that conversions name statically: {interface type, type, hash, code…}.

use super::Blob;
use crate::kept::Event;
use crate::program::Cx;
use gort_ir::Section;
use gort_types::Ty;

/// Stands where a method is never called.
const UNREACHED: &str = "runtime.unreachableMethod";

impl Cx<'_> {
    /// The symbol of the itab of a concrete type for an interface type, for a value that becomes one.
    pub fn itab(&mut self, ty: Ty, iface: Ty) -> String {
        self.reach_type(ty);
        self.itab_symbol(ty, iface)
    }

    /// The symbol of an itab, to compare with.
    pub fn itab_symbol(&mut self, ty: Ty, iface: Ty) -> String {
        let iface = self.store.under(iface);
        let key = (self.store.canon(ty), self.store.canon(iface));
        self.keeper.note(Event::Itab(key.0, key.1));
        if let Some(s) = self.data.itab_names.get(&key) {
            return s.clone();
        }
        let symbol = format!("go:itab.{},{}", self.type_name(ty), self.type_name(iface));
        self.data.itab_names.insert(key, symbol.clone());
        self.data.itabs.push((symbol.clone(), key.0, key.1));
        self.type_descriptor(ty);
        self.type_descriptor(iface);
        symbol
    }

    /// Whether a concrete type has all methods of an interface type.
    pub fn implements(&self, ty: Ty, iface: Ty) -> bool {
        let store = self.store;
        let set = store.method_set(ty);
        store.type_set(iface).methods.iter().all(|w| {
            set.iter().any(|m| {
                m.name == w.name
                    && (m.name.is_exported() || m.pkg == w.pkg)
                    && store.identical(m.sig, w.sig)
            })
        })
    }

    /// The code of each method of the interface, receiver word first; none for one that is never called.
    fn itab_methods(&self, ty: Ty, iface: Ty) -> Vec<Option<String>> {
        let store = self.store;
        let set = store.method_set(ty);
        let wanted = &store.type_set(iface).methods;
        wanted
            .iter()
            .filter_map(|w| {
                let m = set
                    .iter()
                    .find(|m| m.name == w.name && (m.name.is_exported() || m.pkg == w.pkg))?;
                Some(self.method_reached(ty, m).map(|code| code.word))
            })
            .collect()
    }

    /// Write an itab.
    pub fn write_itab(&mut self, symbol: &str, ty: Ty, iface: Ty) {
        let mut blob = Blob::default();
        let (t, i) = (self.type_descriptor(ty), self.type_descriptor(iface));
        let methods = self.itab_methods(ty, iface);
        blob.addr(Some(i));
        blob.addr(Some(t));
        blob.u32(self.type_hash(ty));
        blob.u32(0);
        for code in methods {
            // An itab without first method would say that the type does not implement the interface.
            blob.addr(Some(code.unwrap_or_else(|| UNREACHED.to_string())));
        }
        let unit = self.type_unit(ty);
        self.add_blob(unit, symbol, Section::Rodata, 8, blob);
    }
}
