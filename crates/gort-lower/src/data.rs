//! Data objects: strings, type descriptors, itabs, equality functions, the tables that list them.

mod equal;
mod fixed;
mod hash;
mod image;
mod initial;
mod itab;
mod maptype;
mod name;
mod pointers;
mod typedesc;

pub use fixed::Scope;
pub use initial::Initial;

use crate::expr::Known;
use crate::program::Cx;
use gort_ir::{Data, Reloc, RelocKind, Section};
use gort_types::Ty;
use rustc_hash::{FxHashMap, FxHashSet};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Data made so far.
#[derive(Default)]
pub struct DataState {
    strings: FxHashMap<Vec<u8>, String>,
    /// Unique names of types.
    pub type_names: FxHashMap<Ty, String>,
    /// Types whose descriptors are wanted, in order of request.
    types: Vec<Ty>,
    wanted: FxHashSet<Ty>,
    scanned: usize,
    itabs: Vec<(String, Ty, Ty)>,
    itab_names: FxHashMap<(Ty, Ty), String>,
}

/// A data object under construction.
#[derive(Default)]
pub struct Blob {
    bytes: Vec<u8>,
    relocs: Vec<(u32, RelocKind, String, i64)>,
}

impl Blob {
    fn u8(&mut self, v: u8) {
        self.bytes.push(v);
    }
    fn u16(&mut self, v: u16) {
        self.bytes.extend(v.to_le_bytes());
    }
    fn u32(&mut self, v: u32) {
        self.bytes.extend(v.to_le_bytes());
    }
    fn u64(&mut self, v: u64) {
        self.bytes.extend(v.to_le_bytes());
    }
    /// An 8-byte address.
    fn addr(&mut self, symbol: Option<String>) {
        if let Some(s) = symbol {
            self.relocs
                .push((self.bytes.len() as u32, RelocKind::Abs64, s, 0));
        }
        self.u64(0);
    }
    /// A 4-byte address.
    fn off(&mut self, symbol: Option<String>) {
        if let Some(s) = symbol {
            self.relocs
                .push((self.bytes.len() as u32, RelocKind::Abs32, s, 0));
        }
        self.u32(0);
    }
    fn align(&mut self, n: usize) {
        while !self.bytes.len().is_multiple_of(n) {
            self.bytes.push(0);
        }
    }
}

/// A name for data that goes by its contents. A number would change with what else the program has, and with it every
/// function that refers to the data.
fn named_by(prefix: &str, contents: &[u8]) -> String {
    let digest = Sha256::digest(contents);
    digest[..16].iter().fold(prefix.to_string(), |mut name, b| {
        let _ = write!(name, "{b:02x}");
        name
    })
}

impl Cx<'_> {
    /// Add a data object to a unit.
    pub fn add_blob(
        &mut self,
        unit: usize,
        symbol: &str,
        section: Section,
        align: u32,
        blob: Blob,
    ) {
        let m = &mut self.modules[unit];
        let name = m.sym(symbol);
        let relocs = blob
            .relocs
            .into_iter()
            .map(|(offset, kind, s, addend)| Reloc {
                offset,
                kind,
                sym: m.sym(&s),
                addend,
            })
            .collect();
        let size = blob.bytes.len() as u64;
        m.data.push(Data {
            name,
            section,
            align,
            bytes: blob.bytes,
            size,
            relocs,
            pointers: Vec::new(),
        });
    }

    /// Add the data object of a variable that the program may write to, or of what one points to.
    pub fn add_variable(&mut self, unit: usize, symbol: &str, align: u32, blob: Blob, ty: Ty) {
        let pointers = self.pointers(unit, ty);
        self.add_blob(unit, symbol, Section::Data, align, blob);
        let data = self.modules[unit].data.last_mut();
        data.expect("just added").pointers = pointers;
    }

    /// The symbol of a string's bytes.
    pub fn string_data(&mut self, bytes: &[u8]) -> String {
        let known = self.data.strings.get(bytes).cloned();
        let symbol = known.unwrap_or_else(|| {
            let symbol = named_by("go:str.", bytes);
            self.data.strings.insert(bytes.to_vec(), symbol.clone());
            symbol
        });
        if self.request(&symbol) {
            let blob = Blob {
                bytes: bytes.to_vec(),
                ..Blob::default()
            };
            let unit = self.runtime_unit();
            self.add_blob(unit, &symbol, Section::Rodata, 1, blob);
        }
        symbol
    }

    /// The symbol of read-only data of this size with these scalars at these offsets, in ascending order.
    pub fn known_data(&mut self, size: usize, align: u32, fields: Vec<(u32, Known)>) -> String {
        let mut blob = Blob::default();
        for (off, known) in &fields {
            blob.bytes.resize(*off as usize, 0);
            match known {
                Known::Addr(symbol) => blob.addr(Some(symbol.clone())),
                Known::Bits(ty, bits) => {
                    let bytes = &bits.to_le_bytes()[..ty.size() as usize];
                    blob.bytes.extend(bytes);
                }
            }
        }
        blob.bytes.resize(size, 0);
        let mut contents = blob.bytes.clone();
        for (off, _, symbol, addend) in &blob.relocs {
            contents.extend(off.to_le_bytes());
            contents.extend(addend.to_le_bytes());
            contents.extend(symbol.as_bytes());
        }
        contents.extend(align.to_le_bytes());
        let symbol = named_by("go:known.", &contents);
        if self.request(&symbol) {
            let unit = self.runtime_unit();
            self.add_blob(unit, &symbol, Section::Rodata, align.max(8), blob);
        }
        symbol
    }

    /// Ask for what the types and itabs seen so far refer to; whether that was anything new.
    pub fn scan_data(&mut self) -> bool {
        let before = self.data.scanned;
        while self.data.scanned < self.data.types.len() {
            let ty = self.data.types[self.data.scanned];
            self.data.scanned += 1;
            self.scan_type(ty);
        }
        before != self.data.scanned
    }
}

/// Write all descriptors, itabs and their tables.
pub fn finish(cx: &mut Cx<'_>) {
    // The strings of different types may be the same; symbols are not. The numbers of types depend on which thread of the
    // checker came first.
    let mut keyed: Vec<(String, String, Ty)> = Vec::new();
    for ty in cx.data.types.clone() {
        let shown = cx.store.type_string(ty, gort_types::Form::Reflect);
        keyed.push((shown, cx.type_descriptor(ty), ty));
    }
    keyed.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    let mut list = Blob::default();
    for (_, symbol, ty) in keyed {
        cx.write_type(ty);
        list.addr(Some(symbol));
    }
    let unit = cx.runtime_unit();
    cx.add_blob(unit, "runtime..types", Section::Types, 8, list);
    let mut list = Blob::default();
    let mut itabs = std::mem::take(&mut cx.data.itabs);
    itabs.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    for (symbol, ty, iface) in itabs {
        cx.write_itab(&symbol, ty, iface);
        list.addr(Some(symbol));
    }
    cx.add_blob(unit, "runtime..itabs", Section::Itabs, 8, list);
    let mut bytes = Blob::default();
    (0..256).for_each(|i| bytes.u64(i));
    cx.add_blob(unit, "runtime.staticuint64s", Section::Rodata, 8, bytes);
    let m = &mut cx.modules[unit];
    let name = m.sym("runtime.zerobase");
    m.data.push(Data {
        name,
        section: Section::Bss,
        align: 8,
        bytes: Vec::new(),
        size: 8,
        relocs: Vec::new(),
        pointers: Vec::new(),
    });
}
