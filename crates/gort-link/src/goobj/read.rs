//! Takes an object apart. Every offset and number in it is checked: a file that is cut or was made by another version of
//! Go is an error.

use super::{Form, FuncMeta, Kind, Object, Reloc, Symbol, Target, tables};

const HEAD: &[u8] = b"go object linux amd64 ";
const MAGIC: &[u8] = b"\x00go120ld";

/// Blocks of the file, by their place in the list of offsets.
#[derive(Clone, Copy)]
enum Block {
    Files = 2,
    Defs = 3,
    Hashed64 = 4,
    Hashed = 5,
    NonPkg = 6,
    NonPkgRefs = 7,
    RelocIndex = 11,
    AuxIndex = 12,
    DataIndex = 13,
    Relocs = 14,
    Aux = 15,
    Data = 16,
    End = 18,
}
const BLOCKS: usize = 19;
const SYMBOL: usize = 21;
const RELOC: usize = 23;
const AUX: usize = 9;

/// What stands in the place of a package's number in a reference.
const NONE: u32 = (1 << 31) - 1;
const HASHED64: u32 = NONE - 1;
const HASHED: u32 = NONE - 2;
const BUILTIN: u32 = NONE - 3;
const SELF: u32 = NONE - 4;

const STATIC: u16 = u16::MAX;
const ABI_INTERNAL: u16 = 1;
const DUPOK: u8 = 1;
const NOSPLIT: u8 = 1 << 4;

/// Kinds of what an object adds to a function.
const AUX_FUNC: u8 = 1;
const AUX_DEPTH: u8 = 7;
const AUX_FILES: u8 = 8;
const AUX_LINES: u8 = 9;

/// Read an object of `cmd/asm`.
///
/// # Errors
/// What is wrong with it.
pub fn read(bytes: &[u8]) -> Result<Object, String> {
    if !bytes.starts_with(HEAD) {
        return Err("is no object of Go's assembler for linux/amd64".into());
    }
    let end = bytes.windows(3).position(|w| w == b"\n!\n");
    let body = &bytes[end.ok_or("has no end of its header")? + 3..];
    Reader::new(body)?.object()
}

struct Reader<'a> {
    bytes: &'a [u8],
    blocks: [usize; BLOCKS],
    /// Number of symbols of each kind of definition, in the order of the file.
    counts: [usize; 4],
    refs: usize,
}

const CUT: &str = "is cut off or malformed";

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Result<Reader<'a>, String> {
        if !bytes.starts_with(MAGIC) {
            return Err("is of another version of Go's object format".into());
        }
        let mut r = Reader {
            bytes,
            blocks: [0; BLOCKS],
            counts: [0; 4],
            refs: 0,
        };
        for i in 0..BLOCKS {
            r.blocks[i] = r.u32(MAGIC.len() + 12 + 4 * i)? as usize;
        }
        if !r.blocks.is_sorted() || r.blocks[Block::End as usize] > bytes.len() {
            return Err(CUT.into());
        }
        let count = |b: Block| r.length(b) / SYMBOL;
        let counts = [Block::Defs, Block::Hashed64, Block::Hashed, Block::NonPkg].map(count);
        r.refs = count(Block::NonPkgRefs);
        r.counts = counts;
        Ok(r)
    }

    fn length(&self, block: Block) -> usize {
        self.blocks[block as usize + 1] - self.blocks[block as usize]
    }

    fn at(&self, offset: usize, len: usize) -> Result<&'a [u8], String> {
        let end = offset.checked_add(len).ok_or(CUT)?;
        Ok(self.bytes.get(offset..end).ok_or(CUT)?)
    }

    fn u32(&self, offset: usize) -> Result<u32, String> {
        let b = self.at(offset, 4)?;
        Ok(u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
    }

    fn string(&self, offset: usize) -> Result<String, String> {
        let (len, at) = (self.u32(offset)? as usize, self.u32(offset + 4)? as usize);
        Ok(String::from_utf8_lossy(self.at(at, len)?).into_owned())
    }

    fn object(&self) -> Result<Object, String> {
        let files = (0..self.length(Block::Files) / 8)
            .map(|i| self.string(self.blocks[Block::Files as usize] + 8 * i))
            .collect::<Result<Vec<_>, _>>()?;
        let total: usize = self.counts.iter().sum();
        let mut symbols = Vec::with_capacity(total);
        for i in 0..total {
            symbols.push(self.symbol(i)?);
        }
        for i in 0..total {
            if symbols[i].kind == Kind::Text {
                self.function(&mut symbols, i)?;
            }
        }
        Ok(Object { symbols, files })
    }

    /// Where the record of symbol number `i` of all definitions is.
    fn record(&self, i: usize) -> usize {
        // The four blocks of definitions lie one behind the other.
        self.blocks[Block::Defs as usize] + SYMBOL * i
    }

    /// An index block has an entry for each definition, and one more for the end.
    fn range(&self, index: Block, i: usize) -> Result<std::ops::Range<usize>, String> {
        let at = self.blocks[index as usize] + 4 * i;
        let (from, to) = (self.u32(at)? as usize, self.u32(at + 4)? as usize);
        if from > to {
            Err(CUT.into())
        } else {
            Ok(from..to)
        }
    }

    fn symbol(&self, i: usize) -> Result<Symbol, String> {
        let at = self.record(i);
        let b = self.at(at, SYMBOL)?;
        let abi = u16::from_le_bytes([b[8], b[9]]);
        let kind = match b[10] {
            1 | 2 => Kind::Text,
            3 | 4 => Kind::Rodata,
            5 | 6 => Kind::Data { pointers: false },
            7 | 8 => Kind::Data { pointers: true },
            9 => Kind::Bss { pointers: true },
            10 => Kind::Bss { pointers: false },
            11 => return Err(format!("{}: TLSBSS is not supported", self.string(at)?)),
            _ => Kind::Other,
        };
        let data = self.range(Block::DataIndex, i)?;
        let data = self.at(self.blocks[Block::Data as usize] + data.start, data.len())?;
        let size = self.u32(at + 13)?;
        if data.len() > size as usize {
            return Err(CUT.into());
        }
        let mut relocs = Vec::new();
        // Debug information has kinds of its own, and is not read.
        let range = self.range(Block::RelocIndex, i)?;
        for n in range.filter(|_| kind != Kind::Other) {
            let at = n.checked_mul(RELOC).ok_or(CUT)?;
            relocs.push(self.reloc(self.blocks[Block::Relocs as usize] + at)?);
        }
        let hashed = self.counts[0]..self.counts[0] + self.counts[1] + self.counts[2];
        Ok(Symbol {
            name: unescape(&self.string(at)?),
            kind,
            local: abi == STATIC || hashed.contains(&i),
            dupok: b[11] & DUPOK != 0,
            align: self.u32(at + 17)?,
            size,
            data: data.to_vec(),
            relocs,
            func: (kind == Kind::Text).then(|| FuncMeta {
                nosplit: b[11] & NOSPLIT != 0,
                internal: abi == ABI_INTERNAL,
                ..FuncMeta::default()
            }),
        })
    }

    fn reloc(&self, at: usize) -> Result<Reloc, String> {
        let b = self.at(at, RELOC)?;
        let form = match u16::from_le_bytes([b[5], b[6]]) {
            1 => Form::Addr,
            7 => Form::Call,
            10 => Form::CallIndirect,
            14 => Form::PcRel,
            15 => Form::Tls,
            // Marks for Go's linker: what is used, and that it be kept.
            21..=25 | 27 => Form::None,
            other => return Err(format!("relocation type {other} is not supported")),
        };
        let addend = u64::from(self.u32(at + 7)?) | u64::from(self.u32(at + 11)?) << 32;
        Ok(Reloc {
            offset: self.u32(at)?,
            size: b[4],
            form,
            addend: addend as i64,
            target: self.target(form, self.u32(at + 15)?, self.u32(at + 19)?)?,
        })
    }

    fn target(&self, form: Form, package: u32, symbol: u32) -> Result<Target, String> {
        let n = symbol as usize;
        let [defs, hashed64, hashed, nonpkg] = self.counts;
        let own = |start: usize, count: usize| match n < count {
            true => Ok(Target::Own(start + n)),
            false => Err(CUT.to_string()),
        };
        match package {
            0 if symbol == 0 => Ok(Target::Nothing),
            SELF => own(0, defs),
            HASHED64 => own(defs, hashed64),
            HASHED => own(defs + hashed64, hashed),
            NONE if n < nonpkg => own(defs + hashed64 + hashed, nonpkg),
            NONE if n - nonpkg < self.refs => {
                let name = self.string(self.record(defs + hashed64 + hashed + n))?;
                Ok(Target::Named(unescape(&name)))
            }
            // Functions and variables of package runtime that Go's compiler knows by number. Of the functions, assembly calls
            // only the one for more stack.
            BUILTIN if form == Form::Call => Ok(Target::Named(super::MORESTACK.into())),
            BUILTIN => Err(
                "refers to a variable of official Go's runtime, which gort's does not have".into(),
            ),
            _ => Err(CUT.into()),
        }
    }

    /// What other symbols say of function number `i`.
    fn function(&self, symbols: &mut [Symbol], i: usize) -> Result<(), String> {
        let mut meta = symbols[i].func.take().unwrap_or_default();
        for n in self.range(Block::AuxIndex, i)? {
            let at = self.blocks[Block::Aux as usize] + n.checked_mul(AUX).ok_or(CUT)?;
            let kind = self.at(at, 1)?[0];
            let Target::Own(other) =
                self.target(Form::None, self.u32(at + 1)?, self.u32(at + 5)?)?
            else {
                continue;
            };
            let other = &mut symbols[other];
            other.kind = Kind::Other;
            let table = || tables::decode(&other.data).ok_or(CUT);
            match kind {
                AUX_FUNC => {
                    let line = other.data.get(12..16).ok_or(CUT)?;
                    meta.start_line = u32::from_le_bytes([line[0], line[1], line[2], line[3]]);
                }
                AUX_DEPTH => meta.depth = table()?,
                AUX_FILES => meta.files = table()?,
                AUX_LINES => meta.lines = table()?,
                _ => {}
            }
        }
        symbols[i].func = Some(meta);
        Ok(())
    }
}

/// Import paths have some bytes as `%` and two digits in symbols.
fn unescape(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(i) = rest.find('%') {
        out.push_str(&rest[..i]);
        let byte = rest
            .get(i + 1..i + 3)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte.filter(u8::is_ascii) {
            Some(b) => {
                out.push(char::from(b));
                rest = &rest[i + 3..];
            }
            None => {
                out.push('%');
                rest = &rest[i + 1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_source() {
        assert_eq!(unescape("gopkg.in/yaml%2ev3.f"), "gopkg.in/yaml.v3.f");
        assert_eq!(unescape("a%b%2"), "a%b%2");
    }

    #[test]
    fn other_files_are_refused() {
        assert!(read(b"\x7fELF").is_err());
        assert!(read(b"go object linux amd64 go1.27\n!\n").is_err());
        let mut cut = b"go object linux amd64 go1.27\n!\n\x00go120ld".to_vec();
        cut.resize(cut.len() + 60, 0);
        assert!(read(&cut).is_err());
        cut.resize(cut.len() + 60, 0xff);
        assert!(read(&cut).is_err());
    }
}
