//! Debug sections are compressed, as official Go's linker does: ELF's own format (`SHF_COMPRESSED`, zlib), which debuggers read.

use crate::layout::Image;
use miniz_oxide::deflate::compress_to_vec_zlib;
use object::elf;

/// Fast; higher levels gain little on line tables.
const LEVEL: u8 = 1;

/// Compress the debug sections, which are the last thing in the file, and move them together.
pub fn debug_sections(file: &mut Vec<u8>, image: &mut Image) {
    let Some(first) = image.debug.first() else {
        return;
    };
    let start = first.offset as usize;
    let tail = file.split_off(start);
    for section in &mut image.debug {
        let from = section.offset as usize - start;
        let contents = &tail[from..from + section.size as usize];
        let mut packed = header(section.size, section.align);
        packed.extend(compress_to_vec_zlib(contents, LEVEL));
        section.compressed = packed.len() < contents.len();
        if section.compressed {
            // The header in front has words of eight bytes.
            section.align = 8;
            file.resize(file.len().next_multiple_of(8), 0);
        }
        section.offset = file.len() as u64;
        let bytes = if section.compressed {
            &packed[..]
        } else {
            contents
        };
        section.size = bytes.len() as u64;
        file.extend_from_slice(bytes);
    }
}

/// `Elf64_Chdr`.
fn header(size: u64, align: u64) -> Vec<u8> {
    let mut h = Vec::with_capacity(24);
    h.extend(elf::ELFCOMPRESS_ZLIB.to_le_bytes());
    h.extend(0u32.to_le_bytes());
    h.extend(size.to_le_bytes());
    h.extend(align.to_le_bytes());
    h
}
