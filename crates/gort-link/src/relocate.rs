//! Relocations of x86-64.

use crate::LinkError;
use crate::input::{ObjectFile, Reloc};
use crate::layout::{Image, Part};
use crate::resolve::Globals;
use object::elf;

/// References through the global offset table that cannot be made direct: the instruction is none of
/// those that [`relax`] knows. Each gets a slot in read-only data.
pub fn got_slots(objects: &[ObjectFile<'_>], _globals: &Globals<'_>) -> Vec<(usize, usize)> {
    let mut slots = Vec::new();
    for (o, object) in objects.iter().enumerate() {
        for s in object.sections.iter().filter(|s| s.live) {
            for r in s.relocs.iter().filter(|r| is_got(r.kind)) {
                if relax(s.data, r).is_none() && !slots.contains(&(o, r.symbol)) {
                    slots.push((o, r.symbol));
                }
            }
        }
    }
    slots
}

fn is_got(kind: u32) -> bool {
    matches!(
        kind,
        elf::R_X86_64_GOTPCREL | elf::R_X86_64_GOTPCRELX | elf::R_X86_64_REX_GOTPCRELX
    )
}

/// A replacement of the two bytes before the displacement, and what to add to the displacement's place.
struct Relaxed {
    bytes: [u8; 2],
    /// The displacement moves one byte to the left and a nop follows it.
    shift: bool,
}

/// The direct form of an instruction that goes through the table.
fn relax(data: &[u8], r: &Reloc) -> Option<Relaxed> {
    let at = usize::try_from(r.offset).ok()?;
    let &[op, modrm] = data.get(at.checked_sub(2)?..at)? else {
        return None;
    };
    match (op, modrm) {
        // mov reg, [rip + x] becomes lea reg, [rip + x]
        (0x8b, _) if modrm & 0xc7 == 0x05 => Some(Relaxed {
            bytes: [0x8d, modrm],
            shift: false,
        }),
        // call [rip + x] becomes addr32 call x
        (0xff, 0x15) => Some(Relaxed {
            bytes: [0x67, 0xe8],
            shift: false,
        }),
        // jmp [rip + x] becomes jmp x; nop
        (0xff, 0x25) => Some(Relaxed {
            bytes: [0xe9, 0],
            shift: true,
        }),
        _ => None,
    }
}

/// Apply the relocations of every section to its copy in `file`.
pub fn apply(
    objects: &[ObjectFile<'_>],
    globals: &Globals<'_>,
    image: &Image,
    file: &mut [u8],
) -> Result<(), LinkError> {
    let mut problems = Vec::new();
    for (o, object) in objects.iter().enumerate() {
        for (i, s) in object.sections.iter().enumerate() {
            let Some(part) = s.output.filter(|&p| p != Part::Bss && p != Part::Note) else {
                continue;
            };
            let output = match part {
                Part::Debug(n) => &image.debug[n],
                part => match image.loaded.iter().find(|l| l.part == part) {
                    Some(output) => output,
                    None => continue,
                },
            };
            let start = (output.offset + (s.address - output.address)) as usize;
            let bytes = &mut file[start..start + s.size as usize];
            for r in &s.relocs {
                let symbol = image.address(objects, globals, o, r.symbol);
                let slot = image.got.get(&(o, r.symbol)).copied();
                let result = match symbol {
                    Some(value) => one(bytes, r, s.address, value, slot),
                    // Debug information may speak of what was dropped.
                    None if matches!(part, Part::Debug(_)) => Ok(()),
                    None => Err("undefined".into()),
                };
                if let Err(e) = result {
                    let (name, place) =
                        (object.symbols[r.symbol].name, object.enclosing(i, r.offset));
                    problems.push(format!(
                        "{}: {place}: reference to {name}: {e}",
                        object.name
                    ));
                }
            }
        }
    }
    problems.truncate(20);
    LinkError::check(problems)
}

/// Apply one relocation to `bytes`, which will be at `address`.
fn one(
    bytes: &mut [u8],
    r: &Reloc,
    address: u64,
    value: u64,
    slot: Option<u64>,
) -> Result<(), String> {
    let place = address.wrapping_add(r.offset);
    let absolute = value.wrapping_add(r.addend as u64);
    let relative = absolute.wrapping_sub(place) as i64;
    match r.kind {
        elf::R_X86_64_NONE => Ok(()),
        elf::R_X86_64_64 => put(bytes, r.offset, &absolute.to_le_bytes()),
        elf::R_X86_64_PC64 => put(bytes, r.offset, &relative.to_le_bytes()),
        elf::R_X86_64_32 => {
            let v = u32::try_from(absolute).map_err(|_| overflow(absolute as i64))?;
            put(bytes, r.offset, &v.to_le_bytes())
        }
        elf::R_X86_64_32S => put_i32(bytes, r.offset, absolute as i64),
        elf::R_X86_64_PC32 | elf::R_X86_64_PLT32 => put_i32(bytes, r.offset, relative),
        kind if is_got(kind) => match (relax(bytes, r), slot) {
            (Some(relaxed), _) => {
                let at = r.offset - 2;
                if relaxed.shift {
                    put(bytes, at, &relaxed.bytes[..1])?;
                    put_i32(bytes, at + 1, relative + 1)?;
                    put(bytes, at + 5, &[0x90])
                } else {
                    put(bytes, at, &relaxed.bytes)?;
                    put_i32(bytes, r.offset, relative)
                }
            }
            (None, Some(slot)) => {
                let relative = slot.wrapping_add(r.addend as u64).wrapping_sub(place) as i64;
                put_i32(bytes, r.offset, relative)
            }
            (None, None) => Err("no slot in the global offset table".into()),
        },
        kind => Err(format!("relocation type {kind} is not supported")),
    }
}

fn overflow(value: i64) -> String {
    format!("{value:#x} does not fit 32 bits")
}

fn put_i32(bytes: &mut [u8], offset: u64, value: i64) -> Result<(), String> {
    let v = i32::try_from(value).map_err(|_| overflow(value))?;
    put(bytes, offset, &v.to_le_bytes())
}

fn put(bytes: &mut [u8], offset: u64, value: &[u8]) -> Result<(), String> {
    let at = usize::try_from(offset).ok();
    let target = at.and_then(|at| bytes.get_mut(at..at.checked_add(value.len())?));
    target.ok_or("outside its section")?.copy_from_slice(value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Apply a relocation to `bytes` at 0x1000; the symbol is at 0x2000.
    fn check(kind: u32, bytes: &[u8], offset: u64, addend: i64, expected: &[u8]) {
        let mut bytes = bytes.to_vec();
        let r = Reloc {
            offset,
            kind,
            symbol: 0,
            addend,
        };
        one(&mut bytes, &r, 0x1000, 0x2000, None).unwrap();
        assert_eq!(bytes, expected);
    }

    #[test]
    fn kinds() {
        check(elf::R_X86_64_64, &[0; 8], 0, 8, &0x2008u64.to_le_bytes());
        check(elf::R_X86_64_32, &[0; 4], 0, 0, &0x2000u32.to_le_bytes());
        check(
            elf::R_X86_64_PLT32,
            &[0xe8, 0, 0, 0, 0],
            1,
            -4,
            &[0xe8, 0xfb, 0x0f, 0, 0],
        );
    }

    #[test]
    fn table_references_become_direct() {
        let got = elf::R_X86_64_REX_GOTPCRELX;
        check(
            got,
            &[0x48, 0x8b, 0x05, 0, 0, 0, 0],
            3,
            -4,
            &[0x48, 0x8d, 0x05, 0xf9, 0x0f, 0, 0],
        );
        let got = elf::R_X86_64_GOTPCRELX;
        check(
            got,
            &[0xff, 0x15, 0, 0, 0, 0],
            2,
            -4,
            &[0x67, 0xe8, 0xfa, 0x0f, 0, 0],
        );
        check(
            got,
            &[0xff, 0x25, 0, 0, 0, 0],
            2,
            -4,
            &[0xe9, 0xfb, 0x0f, 0, 0, 0x90],
        );
    }

    #[test]
    fn misfits_are_errors() {
        let r = Reloc {
            offset: 0,
            kind: elf::R_X86_64_32S,
            symbol: 0,
            addend: 0,
        };
        assert!(one(&mut [0; 4], &r, 0, 1 << 31, None).is_err());
        assert!(one(&mut [0; 3], &r, 0, 1, None).is_err());
        let r = Reloc {
            kind: elf::R_X86_64_TPOFF32,
            ..r
        };
        assert!(one(&mut [0; 4], &r, 0, 1, None).is_err());
    }
}
