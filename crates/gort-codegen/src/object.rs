//! The object file of a package: text, func table, data, symbols.
//!
//! | section | contents |
//! | --- | --- |
//! | `.text` | functions with their stack checks |
//! | `functab` | one [`gort_abi::FuncInfo`] a function, in the order of the text |
//! | `.rodata` | read-only data, function and file names, pc-line tables |
//! | `.data`, `.bss` | variables |
//! | `types`, `itabs` | pointers to all type descriptors and itabs |
//! | `gcroots` | a [`gort_abi::Root`] for each part of a variable that may point to the heap |

use crate::function::{CodeReloc, Compiled, RelocForm, Target};
use crate::{CodegenError, Options, dwarf, lines};
use gort_abi::{
    FUNC_FRAMELESS, FUNC_WRAPPER, FileEntry, FuncInfo, INLINE_BYTES, InlineEntry, Root,
};
use gort_ir::{Data, Func, Module, Pointers, RelocKind, Section, Sym};
use object::write::{Object, Relocation, SectionId, Symbol, SymbolId, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, RelocationFlags, SectionKind, SymbolFlags, SymbolKind,
    SymbolScope, elf,
};
use rustc_hash::FxHashMap;
use std::mem::{offset_of, size_of};

/// Put the object together.
pub fn write(
    module: &Module,
    functions: &[Compiled],
    options: &Options,
) -> Result<Vec<u8>, CodegenError> {
    let mut writer = Writer::new(module);
    for data in &module.data {
        writer.data(data)?;
    }
    let mut placed = Vec::with_capacity(functions.len());
    for (func, compiled) in module.funcs.iter().zip(functions) {
        placed.push(writer.function(func, compiled)?);
    }
    let files = writer.file_table();
    for ((func, compiled), &place) in module.funcs.iter().zip(functions).zip(&placed) {
        writer.relocate(compiled, place)?;
        writer.func_info(func, compiled, place, files)?;
    }
    if options.debug_info {
        let entries = placed.iter().map(|p| p.entry).collect::<Vec<_>>();
        dwarf::write(&mut writer.object, writer.text, module, functions, &entries).map_err(
            |message| CodegenError {
                symbol: module.package.clone(),
                message: format!("debug information: {message}"),
            },
        )?;
    }
    writer.object.write().map_err(|e| CodegenError {
        symbol: module.package.clone(),
        message: format!("writing the object: {e}"),
    })
}

/// Where a function went.
#[derive(Clone, Copy)]
struct Place {
    /// Offset in the text of the first byte, stub included.
    start: u64,
    /// Offset in the text of the entry.
    entry: u64,
}

struct Writer<'a> {
    module: &'a Module,
    object: Object<'static>,
    text: SectionId,
    rodata: SectionId,
    functab: SectionId,
    /// Section `gcroots`, once there is a record.
    roots: Option<SectionId>,
    /// Data sections made so far.
    sections: FxHashMap<Section, SectionId>,
    symbols: FxHashMap<Sym, SymbolId>,
    runtime: FxHashMap<&'static str, SymbolId>,
    /// Offset in rodata of strings already there.
    strings: FxHashMap<String, u64>,
    /// Offset in rodata of stack maps already there: those of small functions are often the same.
    stack_maps: FxHashMap<Vec<u8>, u64>,
}

impl<'a> Writer<'a> {
    fn new(module: &'a Module) -> Writer<'a> {
        let mut object = Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
        let text = object.add_section(Vec::new(), b".text".to_vec(), SectionKind::Text);
        object.append_section_data(text, &[], 32);
        let rodata = object.add_section(Vec::new(), b".rodata".to_vec(), SectionKind::ReadOnlyData);
        let functab =
            object.add_section(Vec::new(), b"functab".to_vec(), SectionKind::ReadOnlyData);
        Writer {
            module,
            object,
            text,
            rodata,
            functab,
            roots: None,
            sections: FxHashMap::default(),
            symbols: FxHashMap::default(),
            runtime: FxHashMap::default(),
            strings: FxHashMap::default(),
            stack_maps: FxHashMap::default(),
        }
    }

    fn error(&self, symbol: Sym, message: impl Into<String>) -> CodegenError {
        CodegenError {
            symbol: self.module.name(symbol).to_string(),
            message: message.into(),
        }
    }

    fn undefined(name: &str) -> Symbol {
        Symbol {
            name: name.as_bytes().to_vec(),
            value: 0,
            size: 0,
            kind: SymbolKind::Unknown,
            scope: SymbolScope::Linkage,
            weak: false,
            section: SymbolSection::Undefined,
            flags: SymbolFlags::None,
        }
    }

    fn symbol(&mut self, sym: Sym) -> SymbolId {
        let (object, module) = (&mut self.object, self.module);
        *self
            .symbols
            .entry(sym)
            .or_insert_with(|| object.add_symbol(Self::undefined(module.name(sym))))
    }

    fn define(
        &mut self,
        sym: Sym,
        section: SectionId,
        value: u64,
        size: u64,
        kind: SymbolKind,
    ) -> bool {
        let id = self.symbol(sym);
        let symbol = self.object.symbol_mut(id);
        let fresh = symbol.section == SymbolSection::Undefined;
        symbol.section = SymbolSection::Section(section);
        (symbol.value, symbol.size, symbol.kind) = (value, size, kind);
        fresh
    }

    fn section(&mut self, section: Section) -> SectionId {
        let (name, kind): (&[u8], _) = match section {
            Section::Rodata => return self.rodata,
            Section::Data => (b".data", SectionKind::Data),
            Section::Bss => (b".bss", SectionKind::UninitializedData),
            Section::Types => (b"types", SectionKind::ReadOnlyData),
            Section::Itabs => (b"itabs", SectionKind::ReadOnlyData),
        };
        let object = &mut self.object;
        *self
            .sections
            .entry(section)
            .or_insert_with(|| object.add_section(Vec::new(), name.to_vec(), kind))
    }

    fn data(&mut self, data: &Data) -> Result<(), CodegenError> {
        let section = self.section(data.section);
        let align = u64::from(data.align.max(1));
        if !align.is_power_of_two() {
            return Err(self.error(data.name, format!("alignment {align} is no power of two")));
        }
        let offset = if data.section == Section::Bss {
            self.object.append_section_bss(section, data.size, align)
        } else if data.bytes.len() as u64 == data.size {
            self.object.append_section_data(section, &data.bytes, align)
        } else {
            return Err(self.error(data.name, "size differs from the number of bytes"));
        };
        if !self.define(data.name, section, offset, data.size, SymbolKind::Data) {
            return Err(self.error(data.name, "defined twice"));
        }
        for reloc in &data.relocs {
            let (r_type, size) = match reloc.kind {
                RelocKind::Abs64 => (elf::R_X86_64_64, 8),
                RelocKind::Abs32 => (elf::R_X86_64_32, 4),
            };
            if u64::from(reloc.offset) + size > data.size || data.section == Section::Bss {
                return Err(self.error(data.name, "relocation outside its bytes"));
            }
            let symbol = self.symbol(reloc.sym);
            let offset = offset + u64::from(reloc.offset);
            self.reloc(section, offset, symbol, reloc.addend, r_type)
                .map_err(|e| self.error(data.name, e))?;
        }
        for part in &data.pointers {
            self.root(data, part)
                .map_err(|e| self.error(data.name, e))?;
        }
        Ok(())
    }

    /// The record of a part of a variable that holds pointers.
    fn root(&mut self, data: &Data, part: &Pointers) -> Result<(), String> {
        let mut record = [0u8; size_of::<Root>()];
        for (at, value) in [
            (offset_of!(Root, words), part.words),
            (offset_of!(Root, stride), part.stride),
            (offset_of!(Root, count), part.count),
        ] {
            record[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }
        let section = *self.roots.get_or_insert_with(|| {
            let name = b"gcroots".to_vec();
            self.object
                .add_section(Vec::new(), name, SectionKind::ReadOnlyData)
        });
        let at = self.object.append_section_data(section, &record, 4);
        for (field, sym, addend) in [
            (offset_of!(Root, addr), data.name, i64::from(part.offset)),
            (offset_of!(Root, mask), part.mask, 0),
        ] {
            let symbol = self.symbol(sym);
            self.reloc(section, at + field as u64, symbol, addend, elf::R_X86_64_32)?;
        }
        Ok(())
    }

    fn reloc(
        &mut self,
        section: SectionId,
        offset: u64,
        symbol: SymbolId,
        addend: i64,
        r_type: u32,
    ) -> Result<(), String> {
        let flags = RelocationFlags::Elf { r_type };
        let relocation = Relocation {
            offset,
            symbol,
            addend,
            flags,
        };
        self.object
            .add_relocation(section, relocation)
            .map_err(|e| e.to_string())
    }

    fn function(&mut self, func: &Func, compiled: &Compiled) -> Result<Place, CodegenError> {
        // The body is aligned; what precedes it is not.
        let section = self.object.section_mut(self.text);
        let end = section.data().len() as u64;
        let body = (end + u64::from(compiled.code.body)).next_multiple_of(32);
        let start = body - u64::from(compiled.code.body);
        let padding = vec![0xcc; (start - end) as usize];
        section.append_data(&padding, 1);
        self.object
            .append_section_data(self.text, &compiled.code.bytes, 1);
        let entry = start + u64::from(compiled.code.entry);
        let size = compiled.code.bytes.len() as u64 - u64::from(compiled.code.entry);
        if !self.define(func.name, self.text, entry, size, SymbolKind::Text) {
            return Err(self.error(func.name, "defined twice"));
        }
        Ok(Place { start, entry })
    }

    fn relocate(&mut self, compiled: &Compiled, place: Place) -> Result<(), CodegenError> {
        for &CodeReloc {
            offset,
            kind,
            target,
            addend,
        } in &compiled.code.relocs
        {
            let symbol = match target {
                Target::Symbol(sym) => self.symbol(sym),
                Target::Runtime(name) => self.runtime_symbol(name),
            };
            let r_type = match kind {
                RelocForm::Call => elf::R_X86_64_PLT32,
                RelocForm::Pc => elf::R_X86_64_PC32,
                RelocForm::Abs => elf::R_X86_64_64,
            };
            self.reloc(
                self.text,
                place.start + u64::from(offset),
                symbol,
                addend,
                r_type,
            )
            .map_err(|message| CodegenError {
                symbol: self.module.package.clone(),
                message,
            })?;
        }
        Ok(())
    }

    /// A function of package runtime, which may be one of this very module.
    fn runtime_symbol(&mut self, name: &'static str) -> SymbolId {
        if let Some(&id) = self.runtime.get(name) {
            return id;
        }
        let known = self.module.symbols.iter().position(|s| s == name);
        let id = match known {
            Some(i) => self.symbol(Sym(i as u32)),
            None => self.object.add_symbol(Self::undefined(name)),
        };
        self.runtime.insert(name, id);
        id
    }

    /// Offset in rodata of a string.
    fn string(&mut self, text: &str) -> u64 {
        if let Some(&offset) = self.strings.get(text) {
            return offset;
        }
        let offset = self
            .object
            .append_section_data(self.rodata, text.as_bytes(), 1);
        self.strings.insert(text.to_string(), offset);
        offset
    }

    /// A pointer to an offset in rodata, at `offset` of a section.
    fn rodata_pointer(&mut self, section: SectionId, offset: u64, to: u64) -> Result<(), String> {
        let rodata = self.object.section_symbol(self.rodata);
        self.reloc(section, offset, rodata, to as i64, elf::R_X86_64_64)
    }

    /// The file names of the package, to which all its functions refer. Returns its offset in rodata.
    fn file_table(&mut self) -> u64 {
        let module = self.module;
        let names: Vec<(u64, usize)> = module
            .files
            .iter()
            .map(|f| (self.string(f), f.len()))
            .collect();
        let mut bytes = vec![0; names.len() * size_of::<FileEntry>()];
        for (record, (_, len)) in bytes.chunks_exact_mut(size_of::<FileEntry>()).zip(&names) {
            record[offset_of!(FileEntry, len)..][..8].copy_from_slice(&(*len as u64).to_le_bytes());
        }
        let table = self.object.append_section_data(self.rodata, &bytes, 8);
        for (i, (name, _)) in names.into_iter().enumerate() {
            let at = table + (i * size_of::<FileEntry>() + offset_of!(FileEntry, name)) as u64;
            // Offsets are within the section just written, so this cannot fail.
            let _ = self.rodata_pointer(self.rodata, at, name);
        }
        table
    }

    fn func_info(
        &mut self,
        func: &Func,
        compiled: &Compiled,
        place: Place,
        files: u64,
    ) -> Result<(), CodegenError> {
        let shown = self.module.name(func.shown_name.unwrap_or(func.name));
        let name = self.string(shown);
        let table = lines::encode(func.loc.line, &compiled.rows);
        let pctab = self.object.append_section_data(self.rodata, &table, 1);
        let mut record = [0u8; size_of::<FuncInfo>()];
        let mut flags = if func.flags.wrapper { FUNC_WRAPPER } else { 0 };
        if compiled.code.frameless {
            flags |= FUNC_FRAMELESS;
        }
        for (at, value) in [
            (
                offset_of!(FuncInfo, size),
                compiled.code.bytes.len() as u32 - compiled.code.entry,
            ),
            (offset_of!(FuncInfo, frame_size), compiled.code.frame_size),
            (offset_of!(FuncInfo, name_len), shown.len() as u32),
            (offset_of!(FuncInfo, flags), flags),
            (offset_of!(FuncInfo, pctab_len), table.len() as u32),
            (
                offset_of!(FuncInfo, recover_off),
                compiled.code.recover.unwrap_or(0),
            ),
            (offset_of!(FuncInfo, nfiles), self.module.files.len() as u32),
            (offset_of!(FuncInfo, start_line), func.loc.line),
            (offset_of!(FuncInfo, arg_words), compiled.code.arg_words),
            (
                offset_of!(FuncInfo, nunsafe),
                compiled.code.unsafe_ranges.len() as u32,
            ),
        ] {
            record[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }
        let inlined = compiled.inlined.len() as u32;
        let at = offset_of!(FuncInfo, ninl);
        record[at..at + 4].copy_from_slice(&inlined.to_le_bytes());
        let inltree = self.inline_tree(compiled);
        let ranges = self.unsafe_ranges(compiled);
        let at = self.object.append_section_data(self.functab, &record, 8);
        let text = self.object.section_symbol(self.text);
        let entry = at + offset_of!(FuncInfo, entry) as u64;
        self.reloc(
            self.functab,
            entry,
            text,
            place.entry as i64,
            elf::R_X86_64_64,
        )
        .and_then(|()| {
            self.rodata_pointer(self.functab, at + offset_of!(FuncInfo, name) as u64, name)
        })
        .and_then(|()| {
            self.rodata_pointer(self.functab, at + offset_of!(FuncInfo, pctab) as u64, pctab)
        })
        .and_then(|()| {
            self.rodata_pointer(self.functab, at + offset_of!(FuncInfo, files) as u64, files)
        })
        .and_then(|()| match inltree {
            Some(tree) => {
                let field = at + offset_of!(FuncInfo, inltree) as u64;
                self.rodata_pointer(self.functab, field, tree)
            }
            None => Ok(()),
        })
        .and_then(|()| match ranges {
            Some(ranges) => {
                let field = at + offset_of!(FuncInfo, unsafe_ranges) as u64;
                self.rodata_pointer(self.functab, field, ranges)
            }
            None => Ok(()),
        })
        .and_then(|()| self.stack_map(compiled, at + offset_of!(FuncInfo, stackmap) as u64))
        .map_err(|e| self.error(func.name, e))
    }

    /// The stack map, if there is one, and its address at `field` of the func table.
    fn stack_map(&mut self, compiled: &Compiled, field: u64) -> Result<(), String> {
        if compiled.code.stack_map.is_empty() {
            return Ok(());
        }
        let map = &compiled.code.stack_map;
        let known = self.stack_maps.get(map).copied();
        let at = known.unwrap_or_else(|| {
            let at = self.object.append_section_data(self.rodata, map, 1);
            self.stack_maps.insert(map.clone(), at);
            at
        });
        let rodata = self.object.section_symbol(self.rodata);
        self.reloc(self.functab, field, rodata, at as i64, elf::R_X86_64_32)
    }

    /// Where goroutines are not stopped; their offset in rodata.
    fn unsafe_ranges(&mut self, compiled: &Compiled) -> Option<u64> {
        let ranges = compiled.code.unsafe_ranges.as_flattened();
        let bytes: Vec<u8> = ranges.iter().flat_map(|o| o.to_le_bytes()).collect();
        let rodata = self.rodata;
        (!bytes.is_empty()).then(|| self.object.append_section_data(rodata, &bytes, 4))
    }

    /// The records of inlined calls; their offset in rodata.
    fn inline_tree(&mut self, compiled: &Compiled) -> Option<u64> {
        const SIZE: usize = size_of::<InlineEntry>();
        let calls = &compiled.inlined;
        if calls.is_empty() {
            return None;
        }
        let first = compiled.code.bytes.len() as u32
            - compiled.code.entry
            - calls.len() as u32 * INLINE_BYTES;
        let mut bytes = vec![0; calls.len() * SIZE];
        let mut names = Vec::with_capacity(calls.len());
        for ((n, call), record) in calls.iter().enumerate().zip(bytes.chunks_exact_mut(SIZE)) {
            let name = self.module.name(call.name);
            for (at, value) in [
                (offset_of!(InlineEntry, name_len), name.len() as u32),
                (offset_of!(InlineEntry, start_line), call.start_line),
                (
                    offset_of!(InlineEntry, parent_pc),
                    first + n as u32 * INLINE_BYTES,
                ),
                (
                    offset_of!(InlineEntry, flags),
                    if call.wrapper { FUNC_WRAPPER } else { 0 },
                ),
            ] {
                record[at..at + 4].copy_from_slice(&value.to_le_bytes());
            }
            names.push(self.string(name));
        }
        let tree = self.object.append_section_data(self.rodata, &bytes, 8);
        for (n, name) in names.into_iter().enumerate() {
            let at = tree + (n * SIZE + offset_of!(InlineEntry, name)) as u64;
            // Within the section just written, so this cannot fail.
            let _ = self.rodata_pointer(self.rodata, at, name);
        }
        Some(tree)
    }
}
