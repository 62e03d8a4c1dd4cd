//! Reads an executable back, for `gort inspect`: what `readelf -h -l -S` shows, and what each part is for.

use object::read::elf::{FileHeader, ProgramHeader, SectionHeader};
use object::{LittleEndian, Object, ObjectSymbol, elf};
use std::fmt;

/// What an executable says about itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inspection {
    /// `executable`, `relocatable object`, …
    pub kind: &'static str,
    /// `x86-64`, or the number.
    pub machine: String,
    /// Address where the kernel starts it.
    pub entry: u64,
    /// The symbol there.
    pub entry_symbol: Option<String>,
    /// File offset of the program headers and how many.
    pub program_headers: (u64, usize),
    /// File offset of the section headers and how many.
    pub section_headers: (u64, usize),
    /// Segments.
    pub segments: Vec<Segment>,
    /// Sections, without the empty first.
    pub sections: Vec<SectionInfo>,
    /// The build ID.
    pub build_id: Option<Vec<u8>>,
}

/// A segment: what the kernel maps.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Segment {
    /// `LOAD`, `NOTE`, …
    pub kind: String,
    /// `r`, `w`, `x` or `-` each.
    pub flags: String,
    /// Offset in the file.
    pub offset: u64,
    /// Address.
    pub address: u64,
    /// Bytes in the file.
    pub file_size: u64,
    /// Bytes in memory.
    pub memory_size: u64,
    /// Names of the sections in it.
    pub sections: Vec<String>,
    /// What it is for.
    pub purpose: &'static str,
}

/// A section.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SectionInfo {
    /// Name.
    pub name: String,
    /// `PROGBITS`, …
    pub kind: String,
    /// `A`, `W`, `X`.
    pub flags: String,
    /// Address, 0 if not loaded.
    pub address: u64,
    /// Offset in the file.
    pub offset: u64,
    /// Bytes.
    pub size: u64,
    /// Alignment.
    pub align: u64,
    /// What it is for.
    pub purpose: &'static str,
}

fn section_purpose(name: &str) -> &'static str {
    match name {
        ".note.gnu.build-id" => "identity of this build",
        ".text" => "compiled Go code",
        ".rttext" => "the runtime's own code: entry point, scheduler, allocator",
        ".rodata" => "constants, type descriptors, names, pc-line tables",
        "functab" => {
            "one record a Go function: name, frame, lines, recovery; for tracebacks and panics"
        }
        "types" => "pointers to all type descriptors",
        "itabs" => "pointers to all method tables of interfaces",
        ".go.buildinfo" => "where the Go version and the modules stand, for `go version -m`",
        "gcroots" => "one record a variable that may point to the heap, for the collector",
        ".data" => "initialised variables",
        ".bss" => "zeroed variables, not in the file",
        ".symtab" => "symbols, for debuggers",
        ".strtab" => "names of the symbols",
        ".shstrtab" => "names of the sections",
        name if name.starts_with(".debug_") => "debug information (DWARF), not loaded",
        _ => "",
    }
}

fn segment_purpose(kind: u32, flags: u32) -> &'static str {
    match (kind, flags) {
        (elf::PT_LOAD, f) if f & elf::PF_X != 0 => "code",
        (elf::PT_LOAD, f) if f & elf::PF_W != 0 => "variables",
        (elf::PT_LOAD, _) => "headers and constants",
        (elf::PT_NOTE, _) => "build ID",
        (elf::PT_GNU_STACK, _) => "the kernel's stack is not executable",
        _ => "",
    }
}

/// Read an ELF file.
///
/// # Errors
/// If it is not a 64-bit little-endian ELF file, or malformed.
pub fn inspect(bytes: &[u8]) -> Result<Inspection, String> {
    let text = |e: object::Error| e.to_string();
    let e = LittleEndian;
    let header = elf::FileHeader64::<LittleEndian>::parse(bytes).map_err(text)?;
    let raw = header.section_headers(e, bytes).map_err(text)?;
    let table = header.sections(e, bytes).map_err(text)?;
    let mut sections = Vec::new();
    for s in raw.iter().skip(1) {
        let name = String::from_utf8_lossy(table.section_name(e, s).map_err(text)?).into_owned();
        let flags = s.sh_flags(e);
        let letters = [
            (elf::SHF_ALLOC, 'A'),
            (elf::SHF_WRITE, 'W'),
            (elf::SHF_EXECINSTR, 'X'),
        ];
        sections.push(SectionInfo {
            kind: section_kind(s.sh_type(e)),
            flags: letters
                .iter()
                .filter(|l| flags & u64::from(l.0) != 0)
                .map(|l| l.1)
                .collect(),
            address: s.sh_addr(e),
            offset: s.sh_offset(e),
            size: s.sh_size(e),
            align: s.sh_addralign(e),
            purpose: section_purpose(&name),
            name,
        });
    }
    let mut segments = Vec::new();
    for p in header.program_headers(e, bytes).map_err(text)? {
        let (kind, flags) = (p.p_type(e), p.p_flags(e));
        let (address, memory_size) = (p.p_vaddr(e), p.p_memsz(e));
        let inside = |s: &&SectionInfo| {
            s.flags.contains('A')
                && s.size > 0
                && address <= s.address
                && s.address < address + memory_size
        };
        let letters = [(elf::PF_R, 'r'), (elf::PF_W, 'w'), (elf::PF_X, 'x')];
        segments.push(Segment {
            kind: segment_kind(kind),
            flags: letters
                .iter()
                .map(|l| if flags & l.0 != 0 { l.1 } else { '-' })
                .collect(),
            offset: p.p_offset(e),
            address,
            file_size: p.p_filesz(e),
            memory_size,
            sections: sections
                .iter()
                .filter(inside)
                .map(|s| s.name.clone())
                .collect(),
            purpose: segment_purpose(kind, flags),
        });
    }
    let file = object::read::elf::ElfFile64::<LittleEndian>::parse(bytes).map_err(text)?;
    let entry = header.e_entry(e);
    let at_entry = file
        .symbols()
        .filter(|s| s.address() == entry && s.is_definition());
    let entry_symbol = at_entry
        .filter_map(|s| s.name().ok())
        .find(|n| !n.starts_with("__"))
        .map(String::from);
    let kind = match header.e_type(e) {
        elf::ET_EXEC => "executable",
        elf::ET_DYN => "position-independent executable or shared object",
        elf::ET_REL => "relocatable object",
        _ => "other",
    };
    let machine = match header.e_machine(e) {
        elf::EM_X86_64 => "x86-64".to_string(),
        other => format!("machine {other}"),
    };
    Ok(Inspection {
        kind,
        machine,
        entry,
        entry_symbol,
        program_headers: (header.e_phoff(e), segments.len()),
        section_headers: (header.e_shoff(e), raw.len()),
        segments,
        sections,
        build_id: file.build_id().map_err(text)?.map(<[u8]>::to_vec),
    })
}

fn section_kind(kind: u32) -> String {
    match kind {
        elf::SHT_PROGBITS => "PROGBITS".into(),
        elf::SHT_NOBITS => "NOBITS".into(),
        elf::SHT_NOTE => "NOTE".into(),
        elf::SHT_SYMTAB => "SYMTAB".into(),
        elf::SHT_STRTAB => "STRTAB".into(),
        elf::SHT_RELA => "RELA".into(),
        other => format!("{other:#x}"),
    }
}

fn segment_kind(kind: u32) -> String {
    match kind {
        elf::PT_LOAD => "LOAD".into(),
        elf::PT_NOTE => "NOTE".into(),
        elf::PT_GNU_STACK => "GNU_STACK".into(),
        elf::PT_INTERP => "INTERP".into(),
        elf::PT_DYNAMIC => "DYNAMIC".into(),
        other => format!("{other:#x}"),
    }
}

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "ELF64 {}, {}, little-endian", self.kind, self.machine)?;
        let symbol = self.entry_symbol.as_deref().unwrap_or("no symbol");
        writeln!(f, "entry      {:#x} <{symbol}>", self.entry)?;
        if let Some(id) = &self.build_id {
            let hex: String = id.iter().map(|b| format!("{b:02x}")).collect();
            writeln!(f, "build ID   {hex}")?;
        }
        let (offset, count) = self.program_headers;
        writeln!(f, "\n{count} program headers at {offset:#x}")?;
        writeln!(
            f,
            "  {:<10}{:<5}{:>9} {:>10} {:>10} {:>10}  for",
            "kind", "flags", "offset", "address", "file", "memory"
        )?;
        for s in &self.segments {
            write!(
                f,
                "  {:<10}{:<5}{:>#9x} {:>#10x}",
                s.kind, s.flags, s.offset, s.address
            )?;
            write!(
                f,
                " {:>#10x} {:>#10x}  {}",
                s.file_size, s.memory_size, s.purpose
            )?;
            let names = s.sections.join(" ");
            writeln!(f, "{}{names}", if names.is_empty() { "" } else { ": " })?;
        }
        let (offset, count) = self.section_headers;
        writeln!(f, "\n{count} section headers at {offset:#x}")?;
        writeln!(
            f,
            "  {:<20}{:<10}{:<6}{:>10} {:>9} {:>9} {:>5}  for",
            "name", "kind", "flags", "address", "offset", "size", "align"
        )?;
        for s in &self.sections {
            write!(
                f,
                "  {:<20}{:<10}{:<6}{:>#10x}",
                s.name, s.kind, s.flags, s.address
            )?;
            writeln!(
                f,
                " {:>#9x} {:>#9x} {:>5}  {}",
                s.offset, s.size, s.align, s.purpose
            )?;
        }
        Ok(())
    }
}
