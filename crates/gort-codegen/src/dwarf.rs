//! Debug information: lines, functions and frames of a package, as DWARF 4.
//!
//! `.debug_line` comes from the rows of the pc-line tables. `.debug_info` has a compile unit with a subprogram a
//! function. `.debug_frame` tells a debugger how to find the caller: by the stack pointer in the stack
//! check and up to `mov rbp, rsp`, by the frame pointer after it.

use crate::function::Compiled;
use gimli::write::{
    Address, AttributeValue, CallFrameInstruction, CommonInformationEntry, DwarfUnit, EndianVec,
    FrameDescriptionEntry, FrameTable, LineProgram, LineString, RelocateWriter, Relocation,
    RelocationTarget, Sections, UnitEntryId,
};
use gimli::{Encoding, Format, LineEncoding, LittleEndian, Register, SectionId, X86_64};
use gort_ir::Module;
use object::write::Object;
use object::{RelocationFlags, SectionKind, elf};

/// Length of `push rbp`, the first instruction of a body, and of `mov rbp, rsp` after it.
const PUSH: u32 = 1;
const SETUP: u32 = PUSH + 3;

const ENCODING: Encoding = Encoding {
    format: Format::Dwarf32,
    version: 4,
    address_size: 8,
};

/// A section with its relocations.
#[derive(Clone)]
struct Section {
    data: EndianVec<LittleEndian>,
    relocations: Vec<Relocation>,
}

impl RelocateWriter for Section {
    type Writer = EndianVec<LittleEndian>;

    fn writer(&self) -> &Self::Writer {
        &self.data
    }

    fn writer_mut(&mut self) -> &mut Self::Writer {
        &mut self.data
    }

    fn relocate(&mut self, relocation: Relocation) {
        self.relocations.push(relocation);
    }
}

/// Add the debug sections of a package whose functions have their entries at these offsets of the text.
pub fn write(
    object: &mut Object<'static>,
    text: object::write::SectionId,
    module: &Module,
    functions: &[Compiled],
    entries: &[u64],
) -> Result<(), String> {
    if functions.is_empty() {
        return Ok(());
    }
    let mut unit = DwarfUnit::new(ENCODING);
    let end = entries
        .iter()
        .zip(functions)
        .map(|(e, f)| e + u64::from(f.code.bytes.len() as u32 - f.code.entry));
    let high = end.max().unwrap_or(0);
    unit.unit.line_program = lines(module, functions, entries);
    describe_unit(&mut unit, module, high);
    for ((func, compiled), &entry) in module.funcs.iter().zip(functions).zip(entries) {
        let size = compiled.code.bytes.len() as u64 - u64::from(compiled.code.entry);
        let root = unit.unit.root();
        let id = unit.unit.add(root, gimli::DW_TAG_subprogram);
        let name = module.name(func.shown_name.unwrap_or(func.name));
        set(
            &mut unit,
            id,
            gimli::DW_AT_name,
            AttributeValue::String(name.into()),
        );
        set(
            &mut unit,
            id,
            gimli::DW_AT_low_pc,
            AttributeValue::Address(at(entry)),
        );
        set(
            &mut unit,
            id,
            gimli::DW_AT_high_pc,
            AttributeValue::Udata(size),
        );
        set(
            &mut unit,
            id,
            gimli::DW_AT_decl_line,
            AttributeValue::Udata(func.loc.line.into()),
        );
        set(
            &mut unit,
            id,
            gimli::DW_AT_external,
            AttributeValue::Flag(true),
        );
    }
    let empty = Section {
        data: EndianVec::new(LittleEndian),
        relocations: Vec::new(),
    };
    let mut sections = Sections::new(empty);
    unit.write(&mut sections).map_err(|e| e.to_string())?;
    frames(functions, entries)
        .write_debug_frame(&mut sections.debug_frame)
        .map_err(|e| e.to_string())?;
    append(object, text, &sections)
}

/// An offset in the text as an address.
fn at(offset: u64) -> Address {
    Address::Symbol {
        symbol: 0,
        addend: offset as i64,
    }
}

fn set(unit: &mut DwarfUnit, id: UnitEntryId, name: gimli::DwAt, value: AttributeValue) {
    unit.unit.get_mut(id).set(name, value);
}

fn describe_unit(unit: &mut DwarfUnit, module: &Module, high: u64) {
    let root = unit.unit.root();
    set(
        unit,
        root,
        gimli::DW_AT_name,
        AttributeValue::String(module.package.clone().into()),
    );
    set(
        unit,
        root,
        gimli::DW_AT_producer,
        AttributeValue::String(b"gort".to_vec()),
    );
    set(
        unit,
        root,
        gimli::DW_AT_language,
        AttributeValue::Language(gimli::DW_LANG_Go),
    );
    set(
        unit,
        root,
        gimli::DW_AT_comp_dir,
        AttributeValue::String(b".".to_vec()),
    );
    set(
        unit,
        root,
        gimli::DW_AT_low_pc,
        AttributeValue::Address(at(0)),
    );
    set(
        unit,
        root,
        gimli::DW_AT_high_pc,
        AttributeValue::Udata(high),
    );
    set(
        unit,
        root,
        gimli::DW_AT_stmt_list,
        AttributeValue::LineProgramRef,
    );
}

fn lines(module: &Module, functions: &[Compiled], entries: &[u64]) -> LineProgram {
    let name = |s: &str| {
        let bytes: Vec<u8> = s.bytes().filter(|b| *b != 0).collect();
        LineString::String(if bytes.is_empty() {
            b"?".to_vec()
        } else {
            bytes
        })
    };
    let mut program = LineProgram::new(
        ENCODING,
        LineEncoding::default(),
        name("."),
        None,
        name(&module.package),
        None,
    );
    let directory = program.default_directory();
    let files: Vec<_> = module
        .files
        .iter()
        .map(|f| program.add_file(name(f), directory, None))
        .collect();
    for ((func, compiled), &entry) in module.funcs.iter().zip(functions).zip(entries) {
        let Some(mut file) = files.get(func.loc.file as usize).copied() else {
            continue;
        };
        program.begin_sequence(Some(at(entry)));
        let mut from = 0;
        for (i, row) in compiled.rows.iter().enumerate() {
            file = files.get(row.file as usize).copied().unwrap_or(file);
            let line = program.row();
            line.address_offset = from;
            line.file = file;
            line.line = row.line.into();
            line.is_statement = true;
            program.generate_row();
            let body = u64::from(compiled.code.body.saturating_sub(compiled.code.entry));
            if i == 0 && !compiled.code.frameless && u64::from(row.pc) > body + u64::from(SETUP) {
                // A second row tells debuggers where the frame is set up: breakpoints go there.
                let line = program.row();
                line.address_offset = body + u64::from(SETUP);
                line.prologue_end = true;
                program.generate_row();
            }
            from = row.pc.into();
        }
        program.end_sequence(from);
    }
    program
}

fn frames(functions: &[Compiled], entries: &[u64]) -> FrameTable {
    let encoding = Encoding {
        version: 4,
        ..ENCODING
    };
    let mut cie = CommonInformationEntry::new(encoding, 1, -8, X86_64::RA);
    cie.add_instruction(CallFrameInstruction::Cfa(X86_64::RSP, 8));
    cie.add_instruction(CallFrameInstruction::Offset(X86_64::RA, -8));
    let mut table = FrameTable::default();
    let cie = table.add_cie(cie);
    let rbp: Register = X86_64::RBP;
    for (compiled, &entry) in functions.iter().zip(entries) {
        let size = compiled.code.bytes.len() as u32 - compiled.code.entry;
        let mut fde = FrameDescriptionEntry::new(at(entry), size);
        if !compiled.code.frameless {
            let body = compiled.code.body - compiled.code.entry;
            fde.add_instruction(body + PUSH, CallFrameInstruction::CfaOffset(16));
            fde.add_instruction(body + PUSH, CallFrameInstruction::Offset(rbp, -16));
            fde.add_instruction(body + SETUP, CallFrameInstruction::CfaRegister(rbp));
        }
        table.add_fde(cie, fde);
    }
    table
}

/// Put the sections into the object.
fn append(
    object: &mut Object<'static>,
    text: object::write::SectionId,
    sections: &Sections<Section>,
) -> Result<(), String> {
    let mut made: Vec<(SectionId, object::write::SectionId)> = Vec::new();
    sections.for_each(|id, section| {
        if !section.data.slice().is_empty() {
            let name = id.name().as_bytes().to_vec();
            let made_id = object.add_section(Vec::new(), name, SectionKind::Debug);
            object.append_section_data(made_id, section.data.slice(), 1);
            made.push((id, made_id));
        }
        Ok::<(), String>(())
    })?;
    let find = |id: SectionId| made.iter().find(|m| m.0 == id).map(|m| m.1);
    sections.for_each(|id, section| {
        let Some(place) = find(id) else { return Ok(()) };
        for r in &section.relocations {
            let target = match r.target {
                RelocationTarget::Symbol(_) => text,
                RelocationTarget::Section(id) => {
                    find(id).ok_or_else(|| format!("no section {}", id.name()))?
                }
            };
            let symbol = object.section_symbol(target);
            let r_type = if r.size == 8 {
                elf::R_X86_64_64
            } else {
                elf::R_X86_64_32
            };
            let flags = RelocationFlags::Elf { r_type };
            let (offset, addend) = (r.offset as u64, r.addend);
            object
                .add_relocation(
                    place,
                    object::write::Relocation {
                        offset,
                        symbol,
                        addend,
                        flags,
                    },
                )
                .map_err(|e| e.to_string())?;
        }
        Ok::<(), String>(())
    })
}
