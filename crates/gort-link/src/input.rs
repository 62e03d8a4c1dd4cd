//! Reads objects: the parts of ELF that linking needs, checked once.

use crate::{Input, LinkError, Role};
use object::read::archive::ArchiveFile;
use object::read::elf::ElfFile64;
use object::{
    LittleEndian, Object, ObjectSection, ObjectSymbol, RelocationFlags, RelocationTarget,
    SectionFlags, SectionIndex, SymbolSection, elf,
};

/// An object file.
pub struct ObjectFile<'a> {
    /// Name for messages; members of archives are `archive(member)`.
    pub name: String,
    /// Whose it is.
    pub role: Role,
    /// Sections by their ELF index.
    pub sections: Vec<Section<'a>>,
    /// Symbols by their ELF index.
    pub symbols: Vec<Symbol<'a>>,
}

/// An input section.
#[derive(Default)]
pub struct Section<'a> {
    pub name: &'a str,
    /// `SHF_*`
    pub flags: u64,
    /// `SHT_*`
    pub kind: u32,
    pub align: u64,
    pub size: u64,
    /// Empty for sections without contents.
    pub data: &'a [u8],
    pub relocs: Vec<Reloc>,
    /// Whether it goes into the executable.
    pub live: bool,
    /// Its address (for debug sections the offset in the output section), once laid out.
    pub address: u64,
    /// Its output section, once laid out.
    pub output: Option<crate::layout::Part>,
}

/// A relocation.
#[derive(Clone, Copy)]
pub struct Reloc {
    pub offset: u64,
    pub kind: u32,
    /// Index in [`ObjectFile::symbols`].
    pub symbol: usize,
    pub addend: i64,
}

/// Where a symbol is defined.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Definition {
    /// Elsewhere.
    #[default]
    Undefined,
    /// At an offset in a section.
    Section(usize, u64),
    /// It is a number.
    Absolute(u64),
}

/// A symbol.
#[derive(Default)]
pub struct Symbol<'a> {
    pub name: &'a str,
    pub definition: Definition,
    pub global: bool,
    pub weak: bool,
    pub size: u64,
    /// `STT_*`
    pub kind: u8,
}

/// Read all inputs, archives member by member.
pub fn read<'a>(inputs: &[Input<'a>]) -> Result<Vec<ObjectFile<'a>>, LinkError> {
    let mut objects = Vec::new();
    for input in inputs {
        let problem = |e: &dyn std::fmt::Display| LinkError::new(format!("{}: {e}", input.name));
        if !input.bytes.starts_with(b"!<arch>\n") {
            objects.push(object(input.name.to_string(), input.bytes, input.role)?);
            continue;
        }
        let archive = ArchiveFile::parse(input.bytes).map_err(|e| problem(&e))?;
        for member in archive.members() {
            let member = member.map_err(|e| problem(&e))?;
            let bytes = member.data(input.bytes).map_err(|e| problem(&e))?;
            if bytes.starts_with(&elf::ELFMAG) {
                let name = format!("{}({})", input.name, String::from_utf8_lossy(member.name()));
                objects.push(object(name, bytes, input.role)?);
            }
        }
    }
    Ok(objects)
}

fn object(name: String, bytes: &[u8], role: Role) -> Result<ObjectFile<'_>, LinkError> {
    parse(bytes, role)
        .map(|(sections, symbols)| ObjectFile {
            name: name.clone(),
            role,
            sections,
            symbols,
        })
        .map_err(|problem| LinkError::new(format!("{name}: {problem}")))
}

type Parsed<'a> = (Vec<Section<'a>>, Vec<Symbol<'a>>);

fn parse(bytes: &[u8], role: Role) -> Result<Parsed<'_>, String> {
    let text = |e: object::Error| e.to_string();
    let file = ElfFile64::<LittleEndian>::parse(bytes).map_err(text)?;
    if file.elf_header().e_machine.get(LittleEndian) != elf::EM_X86_64 {
        return Err("not for x86-64".into());
    }
    let mut symbols = Vec::new();
    for s in file.symbols() {
        let index = s.index().0;
        if symbols.len() <= index {
            symbols.resize_with(index + 1, Symbol::default);
        }
        let name = s.name().map_err(text)?;
        let definition = match s.section() {
            SymbolSection::Undefined => Definition::Undefined,
            SymbolSection::Section(i) => Definition::Section(i.0, s.address()),
            SymbolSection::Absolute => Definition::Absolute(s.address()),
            SymbolSection::Common => return Err(format!("common symbol {name} is not supported")),
            _ => Definition::Undefined,
        };
        let kind = s.elf_symbol().st_info & 15;
        symbols[index] = Symbol {
            name,
            definition,
            global: s.is_global(),
            weak: s.is_weak(),
            size: s.size(),
            kind,
        };
    }
    let mut sections: Vec<Section> = Vec::new();
    for s in file.sections() {
        let SectionIndex(index) = s.index();
        if sections.len() <= index {
            sections.resize_with(index + 1, Section::default);
        }
        let header = s.elf_section_header();
        let SectionFlags::Elf { sh_flags, .. } = s.flags() else {
            continue;
        };
        let kind = header.sh_type.get(LittleEndian);
        let nobits = kind == elf::SHT_NOBITS;
        let name = s.name().map_err(text)?;
        if sh_flags & u64::from(elf::SHF_TLS) != 0 && s.size() > 0 {
            return Err(format!("thread-local section {name} is not supported"));
        }
        let wanted = sh_flags & u64::from(elf::SHF_ALLOC) != 0
            || role == Role::Go && name.starts_with(".debug_");
        let mut relocs = Vec::new();
        if wanted {
            for (offset, r) in s.relocations() {
                let RelocationFlags::Elf { r_type } = r.flags() else {
                    continue;
                };
                let RelocationTarget::Symbol(symbol) = r.target() else {
                    return Err(format!("{name}: relocation at {offset:#x} without symbol"));
                };
                if symbol.0 >= symbols.len() {
                    return Err(format!(
                        "{name}: relocation at {offset:#x} with a bad symbol"
                    ));
                }
                relocs.push(Reloc {
                    offset,
                    kind: r_type,
                    symbol: symbol.0,
                    addend: r.addend(),
                });
            }
        }
        sections[index] = Section {
            name,
            flags: sh_flags,
            kind,
            align: s.align().max(1),
            size: s.size(),
            data: if nobits { &[] } else { s.data().map_err(text)? },
            relocs,
            ..Section::default()
        };
    }
    for s in &symbols {
        if let Definition::Section(i, _) = s.definition
            && i >= sections.len()
        {
            return Err(format!(
                "symbol {} is in a section that does not exist",
                s.name
            ));
        }
    }
    Ok((sections, symbols))
}

impl ObjectFile<'_> {
    /// The function or variable that covers an offset in a section, for messages.
    pub fn enclosing(&self, section: usize, offset: u64) -> &str {
        let covers = |s: &&Symbol| match s.definition {
            Definition::Section(i, value) => {
                i == section && value <= offset && offset < value + s.size.max(1)
            }
            _ => false,
        };
        let named = self.symbols.iter().filter(|s| !s.name.is_empty());
        named
            .filter(covers)
            .map(|s| s.name)
            .next()
            .unwrap_or(self.sections[section].name)
    }
}
