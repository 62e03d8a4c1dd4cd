//! The map part of a type descriptor: how groups of slots are laid out (internal/abi's MapType).

use super::Blob;
use crate::program::Cx;
use gort_syntax::Symbol;
use gort_types::types::Field;
use gort_types::{BasicKind, Ty, TyKind};

/// Slots of a group.
const GROUP_SLOTS: i64 = 8;
/// Keys and elements above this size are kept by pointer.
const MAX_INLINE: i64 = 128;

const NEED_KEY_UPDATE: u32 = 1;
const HASH_MIGHT_PANIC: u32 = 2;
const INDIRECT_KEY: u32 = 4;
const INDIRECT_ELEM: u32 = 8;

impl Cx<'_> {
    fn map_parts(&self, ty: Ty) -> (Ty, Ty) {
        match self.store.kind(self.store.under(ty)) {
            TyKind::Map { key, elem } => (*key, *elem),
            _ => unreachable!("a map type"),
        }
    }

    /// Key and element as they are kept in a slot.
    fn slot_parts(&self, ty: Ty) -> (Ty, Ty) {
        let store = self.store;
        let (key, elem) = self.map_parts(ty);
        let kept = |t: Ty| {
            if store.size_of(t) > MAX_INLINE {
                store.pointer(t)
            } else {
                t
            }
        };
        (kept(key), kept(elem))
    }

    fn slot_type(&self, ty: Ty) -> Ty {
        let (key, elem) = self.slot_parts(ty);
        self.plain_struct(&[("key", key), ("elem", elem)])
    }

    /// `struct { ctrl uint64; slots [8]struct{ key K; elem E } }`
    pub fn group_type(&mut self, ty: Ty) -> Ty {
        let slots = self.store.array(self.slot_type(ty), GROUP_SLOTS);
        self.plain_struct(&[("ctrl", Ty::UINT64), ("slots", slots)])
    }

    fn plain_struct(&self, fields: &[(&str, Ty)]) -> Ty {
        let obj = self
            .store
            .universe(Symbol::intern("nil"))
            .expect("predeclared");
        let pkg = Some(self.units[self.runtime_unit()].pkg);
        let field = |&(name, ty): &(&str, Ty)| Field {
            name: Symbol::intern(name),
            pkg,
            ty,
            embedded: false,
            tag: Symbol::EMPTY,
            obj,
        };
        self.store.struct_type(fields.iter().map(field).collect())
    }

    /// What follows the header of a map type's descriptor.
    pub fn map_part(&mut self, b: &mut Blob, ty: Ty) {
        let store = self.store;
        let (key, elem) = self.map_parts(ty);
        let (group, slot) = (self.group_type(ty), self.slot_type(ty));
        for t in [key, elem, group] {
            let d = self.type_descriptor(t);
            b.addr(Some(d));
        }
        let hasher = self.hash_closure(key);
        b.addr(Some(hasher));
        let field_offset = |t: Ty, i: usize| match store.kind(t) {
            TyKind::Struct(s) => store.offsets_of(s)[i] as u64,
            _ => unreachable!("a struct type"),
        };
        let stride = store.size_of(slot) as u64;
        let (keys, elem_off) = (field_offset(group, 1), field_offset(slot, 1));
        b.u64(store.size_of(group) as u64);
        b.u64(keys);
        b.u64(stride);
        b.u64(keys + elem_off);
        b.u64(stride);
        b.u64(elem_off);
        let mut flags = 0;
        for (on, bit) in [
            (self.needs_key_update(key), NEED_KEY_UPDATE),
            (self.hash_might_panic(key), HASH_MIGHT_PANIC),
            (store.size_of(key) > MAX_INLINE, INDIRECT_KEY),
            (store.size_of(elem) > MAX_INLINE, INDIRECT_ELEM),
        ] {
            if on {
                flags |= bit;
            }
        }
        b.u32(flags);
        b.u32(0);
    }

    /// Whether equal keys may differ in their bits.
    fn needs_key_update(&self, ty: Ty) -> bool {
        let store = self.store;
        match store.kind(store.under(ty)) {
            TyKind::Basic(k) => {
                k.is_float() || k.is_complex() || k.is_string() || *k == BasicKind::Invalid
            }
            TyKind::Interface(_) => true,
            TyKind::Array { elem, .. } => self.needs_key_update(*elem),
            TyKind::Struct(s) => s.fields.iter().any(|f| self.needs_key_update(f.ty)),
            _ => false,
        }
    }

    /// Whether a key may hold a value without hash.
    fn hash_might_panic(&self, ty: Ty) -> bool {
        let store = self.store;
        match store.kind(store.under(ty)) {
            TyKind::Interface(_) => true,
            TyKind::Array { elem, .. } => self.hash_might_panic(*elem),
            TyKind::Struct(s) => s.fields.iter().any(|f| self.hash_might_panic(f.ty)),
            _ => false,
        }
    }
}
