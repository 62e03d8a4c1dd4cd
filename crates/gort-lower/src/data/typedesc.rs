//! Type descriptors, in the layout of internal/abi.

use super::{Blob, name::NameParts, pointers::MAX_MASK_WORDS};
use crate::kept::Event;
use crate::program::Cx;
use gort_abi::types::{self as abi, kind};
use gort_ir::Section;
use gort_syntax::Symbol;
use gort_types::lookup::MethodEntry;
use gort_types::{BasicKind, ChanDir, Form, Ty, TyKind};

impl Cx<'_> {
    /// The symbol of a type's descriptor, which is written at the end.
    pub fn type_descriptor(&mut self, ty: Ty) -> String {
        let ty = self.store.canon(ty);
        self.keeper.note(Event::Type(ty));
        if self.data.wanted.insert(ty) {
            self.data.types.push(ty);
        }
        format!("type:{}", self.type_name(ty))
    }

    /// The hash in descriptor and itabs: FNV-1a of the unique name.
    pub fn type_hash(&mut self, ty: Ty) -> u32 {
        let name = self.type_name(ty);
        name.bytes()
            .fold(0x811c_9dc5, |h, b| (h ^ b as u32).wrapping_mul(0x0100_0193))
    }

    /// Ask for the descriptors and functions that a descriptor will refer to.
    pub fn scan_type(&mut self, ty: Ty) {
        for part in self.parts(ty) {
            self.type_descriptor(part);
        }
        self.equal_closure(ty);
    }

    /// The types that a descriptor names directly.
    pub fn parts(&mut self, ty: Ty) -> Vec<Ty> {
        let mut parts = self.direct_parts(ty);
        // Reflection takes the address of a variable and asks what its pointer implements.
        parts.extend(self.pointer_with_methods(ty));
        parts.extend(self.interface_without_name(ty));
        parts
    }

    /// The underlying type of a named interface type: itabs are made for that one, and reflection has the named one.
    fn interface_without_name(&self, ty: Ty) -> Option<Ty> {
        let store = self.store;
        let named =
            store.has_name(ty) && matches!(store.kind(store.under(ty)), TyKind::Interface(_));
        named.then(|| store.canon(store.under(ty)))
    }

    /// The type of pointers to a type with a name or to a struct, if they have methods (a struct may embed them): its
    /// descriptor comes with the type's.
    fn pointer_with_methods(&self, ty: Ty) -> Option<Ty> {
        let store = self.store;
        let ptr = store.canon(store.pointer(ty));
        let may = store.has_name(ty) || matches!(store.kind(ty), TyKind::Struct(_));
        (may && !self.methods_of(ptr).is_empty()).then_some(ptr)
    }

    fn direct_parts(&mut self, ty: Ty) -> Vec<Ty> {
        let store = self.store;
        match store.kind(store.under(ty)) {
            TyKind::Pointer(t) | TyKind::Slice(t) | TyKind::Chan { elem: t, .. } => vec![*t],
            TyKind::Array { elem, .. } => vec![*elem, store.slice(*elem)],
            TyKind::Map { key, elem } => {
                self.hash_closure(*key);
                vec![*key, *elem, self.group_type(ty)]
            }
            TyKind::Struct(s) => s.fields.iter().map(|f| f.ty).collect(),
            TyKind::Signature(s) => s.params.iter().chain(&s.results).map(|p| p.ty).collect(),
            TyKind::Interface(_) => store.type_set(ty).methods.iter().map(|m| m.sig).collect(),
            _ => Vec::new(),
        }
    }

    /// The methods of a concrete type's method table.
    pub fn methods_of(&self, ty: Ty) -> Vec<MethodEntry> {
        // A pointer to an interface has no methods either.
        let base = self.store.deref(ty).unwrap_or(ty);
        if self.store.is_interface(base) {
            Vec::new()
        } else {
            self.store.method_set(ty)
        }
    }

    /// Write a descriptor.
    pub fn write_type(&mut self, ty: Ty) {
        let symbol = self.type_descriptor(ty);
        let methods = self.methods_of(ty);
        let named = self.store.has_name(ty);
        let uncommon = named || !methods.is_empty();
        let mut b = Blob::default();
        self.header(&mut b, ty, uncommon, named);
        let kind_size = kind_size(self.kind_number(ty));
        let fixed = kind_size as usize + if uncommon { 16 } else { 0 };
        let mut tail = Blob::default();
        self.kind_part(&mut b, &mut tail, &symbol, ty, fixed as u64);
        b.align(8);
        debug_assert_eq!(b.bytes.len(), kind_size as usize);
        if uncommon {
            self.uncommon(&mut b, ty, &methods, tail.bytes.len() as u32);
        }
        let base = b.bytes.len() as u32;
        b.bytes.extend(&tail.bytes);
        b.relocs.extend(
            tail.relocs
                .into_iter()
                .map(|(off, k, s, add)| (off + base, k, s, add)),
        );
        for m in &methods {
            self.method_record(&mut b, ty, m);
        }
        let unit = self.type_unit(ty);
        self.add_blob(unit, &symbol, Section::Rodata, 8, b);
    }

    fn header(&mut self, b: &mut Blob, ty: Ty, uncommon: bool, named: bool) {
        let store = self.store;
        let (size, align) = (store.size_of(ty) as u64, store.align_of(ty) as u8);
        let mut mask = Vec::new();
        let ptr_words = self.pointer_words(ty, &mut mask);
        let mut tflag = 0;
        for (on, bit) in [
            (uncommon, abi::TFLAG_UNCOMMON),
            (named, abi::TFLAG_NAMED),
            (self.is_plain_memory(ty), abi::TFLAG_REGULAR_MEMORY),
            (self.is_direct(ty), abi::TFLAG_DIRECT_IFACE),
            (ptr_words > MAX_MASK_WORDS, abi::TFLAG_GC_MASK_ON_DEMAND),
        ] {
            if on {
                tflag |= bit;
            }
        }
        b.u64(size);
        b.u64(ptr_words * 8);
        b.u32(self.type_hash(ty));
        b.u8(tflag);
        b.u8(align);
        b.u8(align);
        b.u8(self.kind_number(ty));
        b.addr(self.equal_closure(ty));
        let gc = self.gc_data(ty, ptr_words, &mask);
        b.addr(gc);
        let text = store.type_string(ty, Form::Reflect);
        // A pointer type without name is as exported as what it points to.
        let bearer = if named {
            ty
        } else {
            store.deref(ty).unwrap_or(ty)
        };
        let exported = store
            .named(bearer)
            .is_some_and(|n| store.obj(n.obj).name.is_exported());
        let name = self.name_data(&NameParts {
            name: &text,
            exported,
            ..NameParts::default()
        });
        b.off(Some(name));
        let ptr = store.canon(store.pointer(ty));
        let wanted = self.data.wanted.contains(&ptr) || self.pointer_with_methods(ty).is_some();
        let ptr_to_this = wanted.then(|| self.type_descriptor(ptr));
        b.off(ptr_to_this);
    }

    /// The kind number of internal/abi.
    fn kind_number(&self, ty: Ty) -> u8 {
        match self.store.kind(self.store.under(ty)) {
            TyKind::Basic(k) => basic_kind(*k),
            TyKind::Pointer(_) => kind::POINTER,
            TyKind::Slice(_) => kind::SLICE,
            TyKind::Array { .. } => kind::ARRAY,
            TyKind::Map { .. } => kind::MAP,
            TyKind::Chan { .. } => kind::CHAN,
            TyKind::Struct(_) => kind::STRUCT,
            TyKind::Signature(_) => kind::FUNC,
            TyKind::Interface(_) => kind::INTERFACE,
            _ => 0,
        }
    }

    /// What follows the header; variable parts go to `tail`, which lies `fixed` bytes after the start.
    fn kind_part(&mut self, b: &mut Blob, tail: &mut Blob, symbol: &str, ty: Ty, fixed: u64) {
        let store = self.store;
        match store.kind(store.under(ty)) {
            TyKind::Pointer(t) | TyKind::Slice(t) => {
                let s = self.type_descriptor(*t);
                b.addr(Some(s));
            }
            TyKind::Array { elem, len } => {
                let (e, s) = (
                    self.type_descriptor(*elem),
                    self.type_descriptor(store.slice(*elem)),
                );
                b.addr(Some(e));
                b.addr(Some(s));
                b.u64(*len as u64);
            }
            TyKind::Chan { dir, elem } => {
                let e = self.type_descriptor(*elem);
                b.addr(Some(e));
                b.u64(match dir {
                    ChanDir::Recv => 1,
                    ChanDir::Send => 2,
                    ChanDir::Both => 3,
                });
            }
            TyKind::Signature(s) => {
                b.u16(s.params.len() as u16);
                b.u16(s.results.len() as u16 | if s.variadic { 0x8000 } else { 0 });
                b.u32(0);
                for p in s.params.iter().chain(&s.results) {
                    let d = self.type_descriptor(p.ty);
                    tail.addr(Some(d));
                }
            }
            TyKind::Struct(s) => self.struct_part(b, tail, symbol, s, fixed),
            TyKind::Interface(_) => self.interface_part(b, tail, symbol, ty, fixed),
            TyKind::Map { .. } => self.map_part(b, ty),
            _ => {}
        }
    }

    fn struct_part(
        &mut self,
        b: &mut Blob,
        tail: &mut Blob,
        symbol: &str,
        s: &gort_types::types::StructType,
        fixed: u64,
    ) {
        let store = self.store;
        let pkg = s
            .fields
            .iter()
            .find(|f| !f.name.is_exported())
            .and_then(|f| f.pkg);
        let pkg = pkg.map(|p| store.package(p).path.to_string());
        let path = pkg.map(|p| self.path_name(&p));
        b.addr(path);
        self.slice_header(b, symbol, fixed, s.fields.len());
        for (f, off) in s.fields.iter().zip(store.offsets_of(s)) {
            let name = self.name_data(&NameParts {
                name: f.name.as_str(),
                tag: f.tag.as_str(),
                exported: f.name.is_exported(),
                embedded: f.embedded,
                pkg: None,
            });
            tail.addr(Some(name));
            let d = self.type_descriptor(f.ty);
            tail.addr(Some(d));
            tail.u64(off as u64);
        }
    }

    fn interface_part(&mut self, b: &mut Blob, tail: &mut Blob, symbol: &str, ty: Ty, fixed: u64) {
        let store = self.store;
        let own = store
            .named(ty)
            .and_then(|n| store.obj(n.obj).pkg)
            .map(|p| store.package(p).path.to_string());
        let path = own.as_deref().map(|p| self.path_name(p));
        b.addr(path);
        let methods = &store.type_set(ty).methods;
        self.slice_header(b, symbol, fixed, methods.len());
        for m in methods {
            let pkg = m
                .pkg
                .filter(|_| !m.name.is_exported())
                .map(|p| store.package(p).path.to_string());
            let pkg = pkg.filter(|p| own.as_ref() != Some(p));
            let n = self.method_name(m.name, pkg.as_deref());
            tail.off(Some(n));
            let d = self.type_descriptor(m.sig);
            tail.off(Some(d));
        }
    }

    fn method_name(&mut self, name: Symbol, pkg: Option<&str>) -> String {
        self.name_data(&NameParts {
            name: name.as_str(),
            exported: name.is_exported(),
            pkg,
            ..NameParts::default()
        })
    }

    /// A slice header that points into the descriptor itself.
    fn slice_header(&mut self, b: &mut Blob, symbol: &str, fixed: u64, n: usize) {
        let at = b.bytes.len() as u32;
        if n > 0 {
            b.relocs.push((
                at,
                gort_ir::RelocKind::Abs64,
                symbol.to_string(),
                fixed as i64,
            ));
        }
        b.u64(0);
        b.u64(n as u64);
        b.u64(n as u64);
    }

    fn uncommon(&mut self, b: &mut Blob, ty: Ty, methods: &[MethodEntry], tail: u32) {
        let store = self.store;
        let base = match store.kind(ty) {
            TyKind::Pointer(t)
            | TyKind::Slice(t)
            | TyKind::Array { elem: t, .. }
            | TyKind::Chan { elem: t, .. } => *t,
            _ => ty,
        };
        let pkg = store.named(base).and_then(|n| store.obj(n.obj).pkg);
        let mut path = pkg.map(|p| self.units[self.unit_of(Some(p))].path.clone());
        if matches!(store.kind(base), TyKind::Basic(BasicKind::UnsafePointer)) {
            path = Some("unsafe".into());
        }
        let path = path.map(|p| self.path_name(&p));
        b.off(path);
        b.u16(methods.len() as u16);
        b.u16(methods.iter().filter(|m| m.name.is_exported()).count() as u16);
        b.u32(16 + tail);
        let under = self
            .interface_without_name(ty)
            .map(|u| self.type_descriptor(u));
        b.off(under);
    }

    fn method_record(&mut self, b: &mut Blob, ty: Ty, m: &MethodEntry) {
        let store = self.store;
        let own = store.named(ty).and_then(|n| store.obj(n.obj).pkg);
        let pkg = m.pkg.filter(|p| !m.name.is_exported() && own != Some(*p));
        let pkg = pkg.map(|p| store.package(p).path.to_string());
        let name = self.method_name(m.name, pkg.as_deref());
        b.off(Some(name));
        // Where no interface has such a method, nothing can ask for its type.
        let wanted = self.data.wanted.contains(&store.canon(m.sig));
        let sig = wanted.then(|| self.type_descriptor(m.sig));
        b.off(sig);
        match self.method_reached(ty, m) {
            Some(code) => {
                b.off(Some(code.word.clone()));
                b.off(Some(code.func.unwrap_or(code.word)));
            }
            None => {
                // Pruned: no value of the type meets an interface whose method of this name is called.
                b.u32(u32::MAX);
                b.u32(u32::MAX);
            }
        }
    }
}

fn kind_size(k: u8) -> u32 {
    match k {
        kind::ARRAY => 72,
        kind::CHAN => 64,
        kind::FUNC | kind::POINTER | kind::SLICE => 56,
        kind::INTERFACE | kind::STRUCT => 80,
        kind::MAP => 136,
        _ => 48,
    }
}

fn basic_kind(k: BasicKind) -> u8 {
    use BasicKind::*;
    match k {
        Bool | UntypedBool => kind::BOOL,
        Int | UntypedInt => kind::INT,
        Int8 => kind::INT8,
        Int16 => kind::INT16,
        Int32 | UntypedRune => kind::INT32,
        Int64 => kind::INT64,
        Uint => kind::UINT,
        Uint8 => kind::UINT8,
        Uint16 => kind::UINT16,
        Uint32 => kind::UINT32,
        Uint64 => kind::UINT64,
        Uintptr => kind::UINTPTR,
        Float32 => kind::FLOAT32,
        Float64 | UntypedFloat => kind::FLOAT64,
        Complex64 => kind::COMPLEX64,
        Complex128 | UntypedComplex => kind::COMPLEX128,
        String | UntypedString => kind::STRING,
        UnsafePointer | UntypedNil => kind::UNSAFE_POINTER,
        Invalid => 0,
    }
}
