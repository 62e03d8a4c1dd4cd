//! Writes an object of Go's assembler as ELF, each symbol in a section of its own, so that the linker keeps what is used.
//!
//! Functions are `path.name.abi0`: `path.name` is the wrapper that Go code calls. A call of a Go function goes to a stub
//! that the object has itself, which takes the address of the arguments and continues in `runtime.abi0enter`. Records of
//! the func table lie in the order of the code; a reference of type NONE from the code to its record keeps both or none.

use super::{Form, Kind, Object, Reloc, Symbol as Defined, Target};
use gort_abi::pctab::{Encoder, Row};
use gort_abi::{ABI0_SUFFIX, FUNC_ASSEMBLY, FUNC_NOPREEMPT, FileEntry, FuncInfo, M_ABI0_G};
use object::write::{Object as Elf, Relocation, SectionId, Symbol, SymbolId, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, RelocationFlags, SectionKind, SymbolFlags, SymbolKind,
    SymbolScope, elf,
};
use rustc_hash::FxHashMap;
use std::mem::{offset_of, size_of};

/// What names mean that an object refers to.
pub struct Names<'a> {
    /// Whether some object in assembly defines the function.
    pub is_assembly: &'a dyn Fn(&str) -> bool,
    /// The code that a stub for a Go function enters: it takes the address of the arguments.
    pub entries: &'a FxHashMap<String, String>,
}

/// Make ELF of an object.
///
/// # Errors
/// What in it cannot be, with the function and the line.
pub fn write(object: &Object, names: &Names<'_>) -> Result<Vec<u8>, String> {
    let mut w = Writer::new(object, names);
    for (i, s) in object.symbols.iter().enumerate() {
        w.define(i, s);
    }
    for i in 0..object.symbols.len() {
        w.references(i)?;
        w.func_info(i);
    }
    w.elf.write().map_err(|e| e.to_string())
}

struct Writer<'a> {
    object: &'a Object,
    names: &'a Names<'a>,
    elf: Elf<'static>,
    /// The symbol of each definition, and its section.
    defined: Vec<Option<(SymbolId, SectionId)>>,
    undefined: FxHashMap<String, SymbolId>,
    stubs: FxHashMap<String, SymbolId>,
}

impl<'a> Writer<'a> {
    fn new(object: &'a Object, names: &'a Names<'a>) -> Writer<'a> {
        Writer {
            object,
            names,
            elf: Elf::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little),
            defined: Vec::new(),
            undefined: FxHashMap::default(),
            stubs: FxHashMap::default(),
        }
    }

    fn define(&mut self, i: usize, s: &Defined) {
        let (prefix, kind) = match s.kind {
            Kind::Text => (".text", SectionKind::Text),
            Kind::Rodata => (".rodata", SectionKind::ReadOnlyData),
            Kind::Data { .. } => (".data", SectionKind::Data),
            Kind::Bss { .. } => (".bss", SectionKind::UninitializedData),
            Kind::Other => return self.defined.push(None),
        };
        let name = match (s.local, s.kind) {
            (true, _) => format!("{}<>", s.name),
            (false, Kind::Text) => format!("{}{ABI0_SUFFIX}", s.name),
            (false, _) => s.name.clone(),
        };
        let section = format!("{prefix}.{name}.{i}").into_bytes();
        let section = self.elf.add_section(Vec::new(), section, kind);
        let align = s.alignment();
        if matches!(s.kind, Kind::Bss { .. }) {
            self.elf
                .append_section_bss(section, u64::from(s.size), align);
        } else {
            let mut data = s.data.clone();
            data.resize(s.size as usize, 0);
            self.elf.append_section_data(section, &data, align);
        }
        let symbol = self.elf.add_symbol(Symbol {
            name: name.into_bytes(),
            value: 0,
            size: u64::from(s.size),
            kind: match s.kind {
                Kind::Text => SymbolKind::Text,
                _ => SymbolKind::Data,
            },
            scope: match s.local {
                true => SymbolScope::Compilation,
                false => SymbolScope::Linkage,
            },
            weak: s.dupok && !s.local,
            section: SymbolSection::Section(section),
            flags: SymbolFlags::None,
        });
        self.defined.push(Some((symbol, section)));
    }

    fn references(&mut self, i: usize) -> Result<(), String> {
        let Some((_, section)) = self.defined[i] else {
            return Ok(());
        };
        for r in &self.object.symbols[i].relocs {
            self.reference(section, i, r).map_err(|e| {
                let s = &self.object.symbols[i];
                let (file, line) = s.line(r.offset);
                match self.object.files.get(file as usize) {
                    Some(file) if s.kind == Kind::Text => format!("{file}:{line}: {}: {e}", s.name),
                    _ => format!("{}: {e}", s.name),
                }
            })?;
        }
        Ok(())
    }

    fn reference(&mut self, section: SectionId, i: usize, r: &Reloc) -> Result<(), String> {
        let s = &self.object.symbols[i];
        if r.form == Form::Tls {
            return self.thread_local(section, s, r);
        }
        let (r_type, shift) = match (r.form, r.size) {
            (Form::CallIndirect | Form::None, _) => return Ok(()),
            (Form::Addr, 8) => (elf::R_X86_64_64, 0),
            (Form::Addr, 4) if s.kind == Kind::Text => (elf::R_X86_64_32S, 0),
            (Form::Addr, 4) => (elf::R_X86_64_32, 0),
            (Form::Call, 4) => (elf::R_X86_64_PLT32, -4),
            (Form::PcRel, 4) => (elf::R_X86_64_PC32, -4),
            (form, size) => return Err(format!("a reference {form:?} of {size} bytes")),
        };
        let symbol = match &r.target {
            Target::Own(j) => self.defined[*j].ok_or("refers to debug information")?.0,
            Target::Named(name) => self.named(name),
            Target::Nothing => return Err("refers to nothing".into()),
        };
        self.reloc(
            section,
            u64::from(r.offset),
            symbol,
            r.addend + shift,
            r_type,
        )
    }

    /// The check of the stack with which the assembler begins functions that are not NOSPLIT loads `g` from thread-local
    /// storage. It is given one that always has room: the wrapper has checked for all. Nothing else may ask for `g`.
    fn thread_local(&mut self, section: SectionId, s: &Defined, r: &Reloc) -> Result<(), String> {
        let check = s.func.as_ref().is_some_and(|f| !f.nosplit);
        if !check || r.offset > 8 || r.size != 4 {
            return Err("(TLS) is not supported: g is not there in gort's runtime".into());
        }
        let at = r.offset as usize;
        let data = self.elf.section_mut(section).data_mut();
        let place = data.get_mut(at..at + 4).ok_or("outside its function")?;
        place.copy_from_slice(&(M_ABI0_G as u32).to_le_bytes());
        Ok(())
    }

    fn named(&mut self, name: &str) -> SymbolId {
        if (self.names.is_assembly)(name) {
            return self.undefined(format!("{name}{ABI0_SUFFIX}"));
        }
        match self.names.entries.get(name) {
            Some(code) => self.stub(name, code),
            None => self.undefined(name.to_string()),
        }
    }

    fn undefined(&mut self, name: String) -> SymbolId {
        if let Some(&id) = self.undefined.get(&name) {
            return id;
        }
        let id = self.elf.add_symbol(Symbol {
            name: name.clone().into_bytes(),
            value: 0,
            size: 0,
            kind: SymbolKind::Unknown,
            scope: SymbolScope::Linkage,
            weak: false,
            section: SymbolSection::Undefined,
            flags: SymbolFlags::None,
        });
        self.undefined.insert(name, id);
        id
    }

    /// The stub through which a Go function is called: `lea rdi, [rsp + 8]; mov eax, code; jmp runtime.abi0enter`.
    fn stub(&mut self, name: &str, code: &str) -> SymbolId {
        if let Some(&id) = self.stubs.get(name) {
            return id;
        }
        const CODE: [u8; 15] = [
            0x48, 0x8d, 0x7c, 0x24, 8, 0xb8, 0, 0, 0, 0, 0xe9, 0, 0, 0, 0,
        ];
        let name = name.to_string();
        let section = format!(".text.{name}.entry").into_bytes();
        let section = self.elf.add_section(Vec::new(), section, SectionKind::Text);
        self.elf.append_section_data(section, &CODE, 16);
        let id = self.elf.add_symbol(Symbol {
            name: format!("{name}{ABI0_SUFFIX}").into_bytes(),
            value: 0,
            size: CODE.len() as u64,
            kind: SymbolKind::Text,
            scope: SymbolScope::Compilation,
            weak: false,
            section: SymbolSection::Section(section),
            flags: SymbolFlags::None,
        });
        self.stubs.insert(name, id);
        let code = self.undefined(code.to_string());
        let enter = self.undefined("runtime.abi0enter".into());
        for (at, symbol, addend, r_type) in [
            (6, code, 0, elf::R_X86_64_32),
            (11, enter, -4, elf::R_X86_64_PLT32),
        ] {
            // Within the section just written, so this cannot fail.
            let _ = self.reloc(section, at, symbol, addend, r_type);
        }
        id
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
        self.elf
            .add_relocation(section, relocation)
            .map_err(|e| e.to_string())
    }

    /// The record of a function in the func table.
    fn func_info(&mut self, i: usize) {
        let s = &self.object.symbols[i];
        let (Some((code, text)), Some(func)) = (self.defined[i], s.func.as_ref()) else {
            return;
        };
        let mut used: Vec<i64> = Vec::new();
        let mut rows: Vec<Row> = Vec::new();
        let ends = func.lines.iter().chain(&func.files).map(|r| r.0);
        let mut ends: Vec<u32> = ends.filter(|&e| e <= s.size).collect();
        ends.sort_unstable();
        ends.dedup();
        for pc in ends {
            let (file, line) = s.line(pc - 1);
            let n = used.iter().position(|&f| f == file).unwrap_or_else(|| {
                used.push(file);
                used.len() - 1
            });
            rows.push(Row {
                pc,
                file: n as u32,
                line: line as u32,
                inl: 0,
            });
        }
        let mut table = Vec::new();
        let mut encoder = Encoder::new(func.start_line, |b| table.push(b));
        rows.iter().for_each(|&r| encoder.row(r));
        // Names, file names and the table, then the records of the files.
        let mut bytes = s.name.clone().into_bytes();
        let pctab = bytes.len() as u64;
        bytes.extend(&table);
        let mut places = Vec::new();
        for &f in &used {
            let name = self
                .object
                .files
                .get(f as usize)
                .map_or("?", String::as_str);
            places.push((bytes.len() as i64, name.len() as u64));
            bytes.extend(name.as_bytes());
        }
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        let files = bytes.len() as u64;
        for &(_, len) in &places {
            bytes.extend(0u64.to_le_bytes());
            bytes.extend(len.to_le_bytes());
        }
        let info = format!(".rodata.funcinfo.{i}").into_bytes();
        let info = self
            .elf
            .add_section(Vec::new(), info, SectionKind::ReadOnlyData);
        self.elf.append_section_data(info, &bytes, 8);
        let info_start = self.elf.section_symbol(info);
        let mut record = [0u8; size_of::<FuncInfo>()];
        for (at, value) in [
            (offset_of!(FuncInfo, size), s.size),
            (offset_of!(FuncInfo, name_len), s.name.len() as u32),
            (offset_of!(FuncInfo, flags), FUNC_NOPREEMPT | FUNC_ASSEMBLY),
            (offset_of!(FuncInfo, pctab_len), table.len() as u32),
            (offset_of!(FuncInfo, nfiles), used.len() as u32),
            (offset_of!(FuncInfo, start_line), func.start_line),
        ] {
            record[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }
        let functab = b"functab".to_vec();
        let functab = self
            .elf
            .add_section(Vec::new(), functab, SectionKind::ReadOnlyData);
        self.elf.append_section_data(functab, &record, 8);
        let functab_start = self.elf.section_symbol(functab);
        let mut relocs = vec![
            (functab, offset_of!(FuncInfo, entry), code, 0),
            (functab, offset_of!(FuncInfo, name), info_start, 0),
            (
                functab,
                offset_of!(FuncInfo, pctab),
                info_start,
                pctab as i64,
            ),
            (
                functab,
                offset_of!(FuncInfo, files),
                info_start,
                files as i64,
            ),
        ];
        for (n, &(place, _)) in places.iter().enumerate() {
            let at = files as usize + n * size_of::<FileEntry>() + offset_of!(FileEntry, name);
            relocs.push((info, at, info_start, place));
        }
        for (section, at, symbol, addend) in relocs {
            // Within the sections just written, so this cannot fail.
            let _ = self.reloc(section, at as u64, symbol, addend, elf::R_X86_64_64);
        }
        let _ = self.reloc(text, 0, functab_start, 0, elf::R_X86_64_NONE);
    }
}
