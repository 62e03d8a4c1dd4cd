//! Writes the executable: headers, contents, symbol table, section headers, build ID.

use crate::input::{Definition, ObjectFile};
use crate::layout::{BASE, BUILD_ID, HEADERS, Image, NOTE, Output, Part};
use crate::resolve::Globals;
use crate::{LinkError, LinkOptions, Linked, MapEntry, compress, relocate};
use object::elf;
use sha2::{Digest, Sha256};

/// Write the file that `image` describes.
pub fn write(
    objects: &[ObjectFile<'_>],
    globals: &Globals<'_>,
    mut image: Image,
    options: &LinkOptions,
) -> Result<Linked, LinkError> {
    let mut file = vec![0; image.end as usize];
    contents(objects, &image, &mut file);
    relocate::apply(objects, globals, &image, &mut file)?;
    for (&(o, s), &slot) in &image.got {
        let value = image.address(objects, globals, o, s).unwrap_or(0);
        put(&mut file, file_offset(&image, slot), &value.to_le_bytes());
    }
    let entry = globals
        .get(options.entry.as_str())
        .and_then(|&(o, s)| image.address(objects, globals, o, s))
        .ok_or_else(|| LinkError::new(format!("the entry {} has no address", options.entry)))?;
    compress::debug_sections(&mut file, &mut image);
    let map = map(objects, &image);
    let mut headers = SectionHeaders::new(&image);
    if !options.strip_symbols {
        let (symtab, strtab) = symbols(&image, &map);
        headers.symbols(&mut file, &symtab, &strtab);
    }
    headers.names(&mut file);
    let table = headers.append(&mut file);
    program_headers(&image, &mut file);
    elf_header(&mut file, entry, table, headers.count());
    let build_id = build_id(&mut file, &image, options);
    Ok(Linked {
        bytes: file,
        map,
        build_id,
    })
}

fn put(file: &mut [u8], at: u64, bytes: &[u8]) {
    file[at as usize..][..bytes.len()].copy_from_slice(bytes);
}

/// Where an address is in the file.
fn file_offset(image: &Image, address: u64) -> u64 {
    let section = image
        .loaded
        .iter()
        .rev()
        .find(|s| s.address <= address && s.part != Part::Bss);
    section.map_or(0, |s| s.offset + (address - s.address))
}

fn contents(objects: &[ObjectFile<'_>], image: &Image, file: &mut [u8]) {
    for s in objects.iter().flat_map(|o| &o.sections) {
        let output = match s.output {
            None | Some(Part::Bss | Part::Note) => continue,
            Some(Part::Debug(i)) => Some(&image.debug[i]),
            Some(part) => image.loaded.iter().find(|l| l.part == part),
        };
        if let Some(o) = output {
            put(file, o.offset + (s.address - o.address), s.data);
        }
    }
}

/// Named symbols of live sections, by address. Assembler and section labels are left out.
fn map(objects: &[ObjectFile<'_>], image: &Image) -> Vec<MapEntry> {
    let mut map = Vec::new();
    for object in objects {
        for s in &object.symbols {
            let Definition::Section(i, value) = s.definition else {
                continue;
            };
            let section = &object.sections[i];
            let Some(part) = section.output.filter(|p| !matches!(p, Part::Debug(_))) else {
                continue;
            };
            let label = s.name.starts_with(".L") || s.name.is_empty();
            if label || matches!(s.kind, elf::STT_SECTION | elf::STT_FILE) {
                continue;
            }
            map.push(MapEntry {
                address: section.address + value,
                size: s.size,
                name: s.name.to_string(),
                section: part.name(),
                input: object.name.clone(),
            });
        }
    }
    for o in image.loaded.iter().filter(|o| o.part != Part::Note) {
        let name = o.name.trim_start_matches('.');
        for (symbol, address) in [("start", o.address), ("stop", o.address + o.size)] {
            map.push(MapEntry {
                address,
                size: 0,
                name: format!("__{symbol}_{name}"),
                section: o.part.name(),
                input: "linker".into(),
            });
        }
    }
    map.sort_by(|a, b| (a.address, &a.name).cmp(&(b.address, &b.name)));
    map
}

/// The symbol table and its strings. As in official Go, read-only data is not in it: nothing there has a name in the source.
fn symbols(image: &Image, map: &[MapEntry]) -> (Vec<u8>, Vec<u8>) {
    let named = |e: &&MapEntry| e.section != Part::Rodata.name();
    let mut symtab = vec![0; 24];
    let mut strtab = vec![0];
    for entry in map.iter().filter(named) {
        let section = image
            .loaded
            .iter()
            .position(|o| o.part.name() == entry.section);
        let code = matches!(entry.section, ".text" | ".rttext");
        let kind = if code { elf::STT_FUNC } else { elf::STT_OBJECT };
        symtab.extend((strtab.len() as u32).to_le_bytes());
        symtab.extend([elf::STB_GLOBAL << 4 | kind, elf::STV_DEFAULT]);
        symtab.extend((section.map_or(0, |i| i + 1) as u16).to_le_bytes());
        symtab.extend(entry.address.to_le_bytes());
        symtab.extend(entry.size.to_le_bytes());
        strtab.extend(entry.name.as_bytes());
        strtab.push(0);
    }
    (symtab, strtab)
}

/// Section headers under construction: null, the image's sections, symbol table, strings.
struct SectionHeaders {
    bytes: Vec<u8>,
    names: Vec<u8>,
}

impl SectionHeaders {
    fn new(image: &Image) -> SectionHeaders {
        let mut h = SectionHeaders {
            bytes: vec![0; 64],
            names: vec![0],
        };
        for o in image.loaded.iter().chain(&image.debug) {
            let (kind, flags) = match o.part {
                Part::Debug(_) if o.compressed => (elf::SHT_PROGBITS, elf::SHF_COMPRESSED),
                Part::Debug(_) => (elf::SHT_PROGBITS, 0),
                Part::Note => (elf::SHT_NOTE, elf::SHF_ALLOC),
                Part::Bss => (elf::SHT_NOBITS, elf::SHF_ALLOC | elf::SHF_WRITE),
                Part::Data => (elf::SHT_PROGBITS, elf::SHF_ALLOC | elf::SHF_WRITE),
                Part::Text | Part::RtText => {
                    (elf::SHT_PROGBITS, elf::SHF_ALLOC | elf::SHF_EXECINSTR)
                }
                _ => (elf::SHT_PROGBITS, elf::SHF_ALLOC),
            };
            h.add(
                &o.name,
                kind,
                u64::from(flags),
                o.address,
                (o.offset, o.size),
                o.align,
            );
        }
        h
    }

    fn count(&self) -> u16 {
        (self.bytes.len() / 64) as u16
    }

    fn add(
        &mut self,
        name: &str,
        kind: u32,
        flags: u64,
        address: u64,
        place: (u64, u64),
        align: u64,
    ) {
        let name_offset = self.names.len() as u32;
        self.names.extend(name.as_bytes());
        self.names.push(0);
        let b = &mut self.bytes;
        b.extend(name_offset.to_le_bytes());
        b.extend(kind.to_le_bytes());
        for v in [flags, address, place.0, place.1] {
            b.extend(v.to_le_bytes());
        }
        // link, info, entry size: only the symbol table has them
        let symtab = kind == elf::SHT_SYMTAB;
        let strings = (b.len() / 64 + 1) as u32; // the next section
        b.extend(if symtab { strings } else { 0 }.to_le_bytes());
        b.extend(u32::from(symtab).to_le_bytes());
        b.extend(align.to_le_bytes());
        b.extend(if symtab { 24u64 } else { 0 }.to_le_bytes());
    }

    /// Append the symbol table and its strings to the file.
    fn symbols(&mut self, file: &mut Vec<u8>, symtab: &[u8], strtab: &[u8]) {
        file.resize(file.len().next_multiple_of(8), 0);
        let place = (file.len() as u64, symtab.len() as u64);
        self.add(".symtab", elf::SHT_SYMTAB, 0, 0, place, 8);
        file.extend(symtab);
        let place = (file.len() as u64, strtab.len() as u64);
        self.add(".strtab", elf::SHT_STRTAB, 0, 0, place, 1);
        file.extend(strtab);
    }

    /// Append the names of the sections.
    fn names(&mut self, file: &mut Vec<u8>) {
        let length = self.names.len() + ".shstrtab".len() + 1;
        let place = (file.len() as u64, length as u64);
        self.add(".shstrtab", elf::SHT_STRTAB, 0, 0, place, 1);
        file.extend(&self.names);
    }

    /// Append the headers themselves; returns their offset.
    fn append(&self, file: &mut Vec<u8>) -> u64 {
        file.resize(file.len().next_multiple_of(8), 0);
        let offset = file.len() as u64;
        file.extend(&self.bytes);
        offset
    }
}

fn program_headers(image: &Image, file: &mut [u8]) {
    let mut at = 64;
    let mut header = |kind: u32, flags: u32, place: [u64; 4], align: u64| {
        let [offset, address, in_file, in_memory] = place;
        let mut bytes = Vec::with_capacity(56);
        bytes.extend(kind.to_le_bytes());
        bytes.extend(flags.to_le_bytes());
        for v in [offset, address, address, in_file, in_memory, align] {
            bytes.extend(v.to_le_bytes());
        }
        put(file, at, &bytes);
        at += 56;
    };
    let segment = |first: Part, last: Part| {
        let part = |p| {
            image
                .loaded
                .iter()
                .find(|o| o.part == p)
                .expect("all parts are laid out")
        };
        let (a, b): (&Output, &Output) = (part(first), part(last));
        let memory = b.address + b.size - a.address;
        let in_file = if last == Part::Bss {
            b.address - a.address
        } else {
            memory
        };
        [a.offset, a.address, in_file.min(memory), memory]
    };
    let note = segment(Part::Note, Part::Note);
    header(
        elf::PT_LOAD,
        elf::PF_R,
        [0, BASE, HEADERS + NOTE, HEADERS + NOTE],
        4096,
    );
    header(
        elf::PT_LOAD,
        elf::PF_R | elf::PF_X,
        segment(Part::Text, Part::RtText),
        4096,
    );
    header(
        elf::PT_LOAD,
        elf::PF_R,
        segment(Part::Rodata, Part::GcRoots),
        4096,
    );
    let mut data = segment(Part::Data, Part::Bss);
    // Padding before .bss is not in the file.
    data[2] = image
        .loaded
        .iter()
        .find(|o| o.part == Part::Data)
        .map_or(0, |o| o.size);
    header(elf::PT_LOAD, elf::PF_R | elf::PF_W, data, 4096);
    header(elf::PT_NOTE, elf::PF_R, note, 4);
    header(elf::PT_GNU_STACK, elf::PF_R | elf::PF_W, [0; 4], 16);
}

fn elf_header(file: &mut [u8], entry: u64, sections: u64, count: u16) {
    let mut h = Vec::with_capacity(64);
    h.extend(elf::ELFMAG);
    h.extend([
        elf::ELFCLASS64,
        elf::ELFDATA2LSB,
        elf::EV_CURRENT,
        elf::ELFOSABI_NONE,
    ]);
    h.extend([0; 8]);
    h.extend(elf::ET_EXEC.to_le_bytes());
    h.extend(elf::EM_X86_64.to_le_bytes());
    h.extend(1u32.to_le_bytes());
    for v in [entry, 64, sections] {
        h.extend(v.to_le_bytes());
    }
    h.extend(0u32.to_le_bytes());
    for v in [64, 56, 6, 64, count, count - 1] {
        h.extend(u16::to_le_bytes(v));
    }
    put(file, 0, &h);
}

/// Fill in the build ID: a hash of the file with the ID left blank, and of what else it covers.
fn build_id(file: &mut [u8], image: &Image, options: &LinkOptions) -> Vec<u8> {
    let note = image.loaded[0].offset;
    let mut head = Vec::new();
    head.extend(4u32.to_le_bytes());
    head.extend((BUILD_ID as u32).to_le_bytes());
    head.extend(elf::NT_GNU_BUILD_ID.to_le_bytes());
    head.extend(b"GNU\0");
    put(file, note, &head);
    let mut hash = Sha256::new();
    hash.update(&options.build_id_inputs);
    hash.update(&*file);
    let id = hash.finalize()[..BUILD_ID].to_vec();
    put(file, note + head.len() as u64, &id);
    id
}
