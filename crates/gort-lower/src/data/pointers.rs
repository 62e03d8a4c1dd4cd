//! Where values hold pointers: the masks of type descriptors, and the records of variables, which are the
//! collector's roots.
//!
//! A variable's record names a mask, not a type: descriptors of all variables' types, with all that they name, would
//! be in every program otherwise. Arrays have one record for all elements, so that a table of a million pointers
//! needs no mask of that length.

use super::Blob;
use crate::program::Cx;
use gort_ir::{Pointers, Section};
use gort_types::{Ty, TyKind};

/// Masks above this many words are built by the runtime when they are needed.
pub const MAX_MASK_WORDS: u64 = 1 << 16;

/// Arrays with more words than this have a record for their elements, not a mask for the whole.
const LONG_ARRAY: u64 = 64;

impl Cx<'_> {
    /// The records of a variable of that type in the module of `unit`.
    pub fn pointers(&mut self, unit: usize, ty: Ty) -> Vec<Pointers> {
        let mut records = Vec::new();
        self.put_pointers(&mut records, unit, 0, ty);
        records
    }

    fn put_pointers(&mut self, records: &mut Vec<Pointers>, unit: usize, offset: u64, ty: Ty) {
        let store = self.store;
        let (words, size) = (self.last_pointer(ty), store.size_of(ty) as u64);
        if words == 0 {
            return;
        }
        match store.kind(store.under(ty)) {
            TyKind::Array { elem, len } if words > LONG_ARRAY => {
                let (step, first) = (store.size_of(*elem) as u64, records.len());
                self.put_pointers(records, unit, offset, *elem);
                if let [one] = &mut records[first..]
                    && u64::from(one.stride) * u64::from(one.count) == step
                {
                    one.count *= *len as u32;
                    return;
                }
                for i in 1..*len as u64 {
                    self.put_pointers(records, unit, offset + i * step, *elem);
                }
            }
            TyKind::Struct(s) if words > LONG_ARRAY => {
                for (field, at) in s.fields.iter().zip(store.offsets_of(s)) {
                    self.put_pointers(records, unit, offset + at as u64, field.ty);
                }
            }
            _ => {
                let mut mask = Vec::new();
                self.pointer_words(ty, &mut mask);
                let mask = self.mask_data(&mask);
                records.push(Pointers {
                    offset: offset as u32,
                    mask: self.sym(unit, &mask),
                    words: words as u32,
                    stride: size as u32,
                    count: 1,
                });
            }
        }
    }

    /// The pointer mask's symbol.
    pub(super) fn gc_data(&mut self, ty: Ty, words: u64, mask: &[u8]) -> Option<String> {
        if words == 0 {
            return None;
        }
        if words > MAX_MASK_WORDS {
            let symbol = format!("type:.gcslot.{}", self.type_name(ty));
            let mut slot = Blob::default();
            slot.u64(0);
            let unit = self.type_unit(ty);
            self.add_blob(unit, &symbol, Section::Data, 8, slot);
            return Some(symbol);
        }
        Some(self.mask_data(mask))
    }

    /// The symbol of a mask: equal ones are one object.
    fn mask_data(&mut self, mask: &[u8]) -> String {
        // newobject reads the masks of small objects as one word.
        let mut mask = mask.to_vec();
        mask.resize(mask.len().next_multiple_of(8), 0);
        let hex: String = mask.iter().map(|b| format!("{b:02x}")).collect();
        let symbol = format!("runtime.gcbits.{hex}");
        if self.request(&symbol) {
            let unit = self.runtime_unit();
            self.add_blob(
                unit,
                &symbol,
                Section::Rodata,
                1,
                Blob {
                    bytes: mask,
                    ..Blob::default()
                },
            );
        }
        symbol
    }

    /// Length in words of the prefix that holds pointers; `mask` gets a bit a word.
    pub(super) fn pointer_words(&mut self, ty: Ty, mask: &mut Vec<u8>) -> u64 {
        let words = self.last_pointer(ty);
        if words <= MAX_MASK_WORDS {
            mask.resize(words.div_ceil(8) as usize, 0);
            self.mark_pointers(ty, 0, mask);
        }
        words
    }

    fn last_pointer(&self, ty: Ty) -> u64 {
        let store = self.store;
        if !crate::repr::has_pointers(store, ty) {
            return 0;
        }
        match store.kind(store.under(ty)) {
            TyKind::Interface(_) => 2,
            TyKind::Array { elem, len } => {
                (*len as u64 - 1) * (store.size_of(*elem) as u64 / 8) + self.last_pointer(*elem)
            }
            TyKind::Struct(s) => {
                let offsets = store.offsets_of(s);
                let ends =
                    s.fields
                        .iter()
                        .zip(offsets)
                        .map(|(f, off)| match self.last_pointer(f.ty) {
                            0 => 0,
                            n => off as u64 / 8 + n,
                        });
                ends.max().unwrap_or(0)
            }
            _ => 1,
        }
    }

    fn mark_pointers(&self, ty: Ty, at: u64, mask: &mut [u8]) {
        let store = self.store;
        if !crate::repr::has_pointers(store, ty) {
            return;
        }
        let mut set = |word: u64| mask[(word / 8) as usize] |= 1 << (word % 8);
        match store.kind(store.under(ty)) {
            TyKind::Interface(_) => {
                set(at);
                set(at + 1);
            }
            TyKind::Array { elem, len } => {
                let step = store.size_of(*elem) as u64 / 8;
                for i in 0..*len as u64 {
                    self.mark_pointers(*elem, at + i * step, mask);
                }
            }
            TyKind::Struct(s) => {
                for (f, off) in s.fields.iter().zip(store.offsets_of(s)) {
                    self.mark_pointers(f.ty, at + off as u64 / 8, mask);
                }
            }
            _ => set(at),
        }
    }
}
