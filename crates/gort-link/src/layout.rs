//! Output sections and addresses.
//!
//! | segment | sections |
//! | --- | --- |
//! | R | headers, `.note.gnu.build-id` |
//! | RX | `.text` (Go), `.rttext` (runtime) |
//! | R | `.rodata`, `functab`, `types`, `itabs`, `.go.buildinfo`, `gcroots` |
//! | RW | `.data`, `.bss` |
//!
//! Nothing is both writable and executable. Inputs keep their order, so `functab` is in text order.

use crate::input::ObjectFile;
use crate::resolve::{Globals, Resolved, resolve};
use crate::{LinkError, LinkOptions, Role};
use object::elf;
use rustc_hash::FxHashMap;

/// Address of the first byte of the file.
pub const BASE: u64 = 0x40_0000;
/// Page size, for segments.
pub const PAGE: u64 = 4096;
/// Bytes of the ELF header and the program headers: four segments, note, stack.
pub const HEADERS: u64 = 64 + 6 * 56;
/// Bytes of the build ID.
pub const BUILD_ID: usize = 20;
/// Bytes of the build ID's note: three words, `GNU\0`, the ID.
pub const NOTE: u64 = 16 + BUILD_ID as u64;

/// An output section.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum Part {
    Note,
    Text,
    RtText,
    Rodata,
    Functab,
    Types,
    Itabs,
    BuildInfo,
    GcRoots,
    Data,
    Bss,
    /// A debug section, by its place in [`Image::debug`].
    Debug(usize),
}

impl Part {
    /// Those in memory, in order.
    pub const LOADED: [Part; 11] = [
        Part::Note,
        Part::Text,
        Part::RtText,
        Part::Rodata,
        Part::Functab,
        Part::Types,
        Part::Itabs,
        Part::BuildInfo,
        Part::GcRoots,
        Part::Data,
        Part::Bss,
    ];

    /// The section's name in the executable.
    pub fn name(self) -> &'static str {
        match self {
            Part::Note => ".note.gnu.build-id",
            Part::Text => ".text",
            Part::RtText => ".rttext",
            Part::Rodata => ".rodata",
            Part::Functab => "functab",
            Part::Types => "types",
            Part::Itabs => "itabs",
            Part::BuildInfo => ".go.buildinfo",
            Part::GcRoots => "gcroots",
            Part::Data => ".data",
            Part::Bss => ".bss",
            Part::Debug(_) => ".debug",
        }
    }

    /// `PF_*` of its segment.
    pub fn segment(self) -> u32 {
        match self {
            Part::Text | Part::RtText => elf::PF_R | elf::PF_X,
            Part::Data | Part::Bss => elf::PF_R | elf::PF_W,
            _ => elf::PF_R,
        }
    }
}

/// An output section's place.
#[derive(Clone, Debug)]
pub struct Output {
    pub part: Part,
    pub name: String,
    pub address: u64,
    /// Offset in the file.
    pub offset: u64,
    pub size: u64,
    pub align: u64,
    pub compressed: bool,
}

/// The executable to be.
pub struct Image {
    /// Sections in memory, in the order of [`Part::LOADED`].
    pub loaded: Vec<Output>,
    /// Debug sections, address 0.
    pub debug: Vec<Output>,
    /// Symbols that need a slot with their address, and the address of the slot.
    pub got: FxHashMap<(usize, usize), u64>,
    /// Size of the file up to the symbol table.
    pub end: u64,
}

/// Sort live sections into parts and give them addresses.
pub fn place<'a>(
    objects: &mut [ObjectFile<'a>],
    globals: &Globals<'a>,
    options: &LinkOptions,
) -> Result<Image, LinkError> {
    let mut debug_names: Vec<String> = Vec::new();
    let mut problems = Vec::new();
    for object in objects.iter_mut() {
        for s in &mut object.sections {
            if s.live {
                match part_of(object.role, s.name, s.flags, s.kind) {
                    Ok(part) => s.output = Some(part),
                    Err(e) => problems.push(format!("{}: {e}", object.name)),
                }
            } else if object.role == Role::Go
                && s.name.starts_with(".debug_")
                && !options.strip_debug
            {
                let known = debug_names.iter().position(|n| n == s.name);
                let i = known.unwrap_or_else(|| {
                    debug_names.push(s.name.to_string());
                    debug_names.len() - 1
                });
                s.output = Some(Part::Debug(i));
            }
        }
    }
    LinkError::check(problems)?;
    let got_slots = crate::relocate::got_slots(objects, globals);
    let mut got = FxHashMap::default();
    let mut loaded: Vec<Output> = Vec::new();
    let (mut address, mut offset) = (BASE + HEADERS, HEADERS);
    for part in Part::LOADED {
        // A new segment begins on a new page.
        if loaded
            .last()
            .is_some_and(|l| l.part.segment() != part.segment() || l.part == Part::Note)
        {
            address = address.next_multiple_of(PAGE);
            offset = offset.next_multiple_of(PAGE);
        }
        let mut align = if part == Part::Note { 4 } else { 16 };
        for s in objects
            .iter()
            .flat_map(|o| &o.sections)
            .filter(|s| s.output == Some(part))
        {
            align = align.max(s.align);
        }
        let start = address.next_multiple_of(align);
        offset += start - address;
        address = start;
        if part == Part::Note {
            address += NOTE;
        }
        for s in objects
            .iter_mut()
            .flat_map(|o| &mut o.sections)
            .filter(|s| s.output == Some(part))
        {
            s.address = address.next_multiple_of(s.align);
            address = s.address + s.size;
        }
        if part == Part::Rodata {
            address = address.next_multiple_of(8);
            for &slot in &got_slots {
                got.insert(slot, address);
                address += 8;
            }
        }
        let size = address - start;
        loaded.push(Output {
            part,
            name: part.name().into(),
            address: start,
            offset,
            size,
            align,
            compressed: false,
        });
        if part != Part::Bss {
            offset += size;
        }
    }
    if address > 1 << 31 {
        return Err(LinkError::new(format!(
            "the program is too large: it ends at {address:#x}"
        )));
    }
    let mut debug = Vec::new();
    for (i, name) in debug_names.into_iter().enumerate() {
        let part = Part::Debug(i);
        let mut size: u64 = 0;
        for s in objects
            .iter_mut()
            .flat_map(|o| &mut o.sections)
            .filter(|s| s.output == Some(part))
        {
            s.address = size.next_multiple_of(s.align);
            size = s.address + s.size;
        }
        debug.push(Output {
            part,
            name,
            address: 0,
            offset,
            size,
            align: 1,
            compressed: false,
        });
        offset += size;
    }
    Ok(Image {
        loaded,
        debug,
        got,
        end: offset,
    })
}

fn part_of(role: Role, name: &str, flags: u64, kind: u32) -> Result<Part, String> {
    let has = |flag| flags & u64::from(flag) != 0;
    if has(elf::SHF_EXECINSTR) {
        if has(elf::SHF_WRITE) {
            return Err(format!("section {name} is both writable and executable"));
        }
        return Ok(match role {
            Role::Go | Role::Assembly => Part::Text,
            Role::Runtime => Part::RtText,
        });
    }
    Ok(match name {
        "functab" => Part::Functab,
        "types" => Part::Types,
        "itabs" => Part::Itabs,
        ".go.buildinfo" => Part::BuildInfo,
        "gcroots" => Part::GcRoots,
        _ if kind == elf::SHT_NOBITS => Part::Bss,
        _ if matches!(
            kind,
            elf::SHT_INIT_ARRAY | elf::SHT_FINI_ARRAY | elf::SHT_PREINIT_ARRAY
        ) =>
        {
            return Err(format!("section {name}: initializers are not supported"));
        }
        _ if has(elf::SHF_WRITE) => Part::Data,
        _ => Part::Rodata,
    })
}

impl Image {
    /// The address of a symbol, `None` if it has none.
    pub fn address(
        &self,
        objects: &[ObjectFile<'_>],
        globals: &Globals<'_>,
        object: usize,
        symbol: usize,
    ) -> Option<u64> {
        match resolve(objects, globals, object, symbol) {
            Resolved::Section(o, i, value) => Some(objects[o].sections[i].address + value),
            Resolved::Absolute(value) => Some(value),
            Resolved::Bound(name) => self.bound(name),
            Resolved::Undefined => None,
        }
    }

    /// The value of `__start_NAME` or `__stop_NAME`; a leading dot of the section is left out of NAME.
    pub fn bound(&self, symbol: &str) -> Option<u64> {
        let (name, stop) = match symbol.strip_prefix("__start_") {
            Some(name) => (name, false),
            None => (symbol.strip_prefix("__stop_")?, true),
        };
        let section = self
            .loaded
            .iter()
            .find(|o| o.name.trim_start_matches('.') == name)?;
        Some(section.address + if stop { section.size } else { 0 })
    }
}
