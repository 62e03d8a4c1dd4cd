//! Objects of Go's assembler, read and made into ELF.
//!
//! `cmd/asm` writes the object format of Go's own toolchain (the package `cmd/internal/goobj` of GOROOT describes it). Of
//! what such a file can hold, assembly uses little: functions of the convention ABI0, data, and references by name.
//! [`read`](mod@read) takes that out of the bytes and trusts none of them; [`tables`] decodes how code relates to lines and to
//! the stack pointer; [`elf`](mod@elf) writes an object that the linker takes as [`crate::Role::Assembly`].
//!
//! Why ELF in between, and not the linker's own structures: the linker borrows what it links from the bytes of its
//! inputs, and the runtime's and the compiler's objects already come that way.

pub mod elf;
mod read;
pub mod tables;

pub use read::read;

/// What functions call that find no room on the stack.
const MORESTACK: &str = "runtime.morestack_noctxt";

/// What an object defines and refers to.
#[derive(Debug, Default)]
pub struct Object {
    /// The definitions, in the order of the file.
    pub symbols: Vec<Symbol>,
    /// Names of source files, as the tables of functions number them.
    pub files: Vec<String>,
}

/// Something that an object defines.
#[derive(Debug)]
pub struct Symbol {
    /// Its name, `path.name`; of one that only its file knows (`name<>`), the bare name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Whether only its file knows it.
    pub local: bool,
    /// Whether others may define it too (`DUPOK`).
    pub dupok: bool,
    /// Alignment asked for; 0 leaves it to the linker.
    pub align: u32,
    /// Bytes in memory; more than there is data where it ends in zeros.
    pub size: u32,
    /// Contents.
    pub data: Vec<u8>,
    /// References in it.
    pub relocs: Vec<Reloc>,
    /// What is known of a function.
    pub func: Option<FuncMeta>,
}

/// What a symbol is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A function.
    Text,
    /// Read-only data.
    Rodata,
    /// Data; whether the collector would look for pointers in it (no `NOPTR`).
    Data { pointers: bool },
    /// Zeroed data.
    Bss { pointers: bool },
    /// What only Go's linker and debuggers look at.
    Other,
}

/// What an object says of a function.
#[derive(Clone, Debug, Default)]
pub struct FuncMeta {
    /// Line of its `TEXT`.
    pub start_line: u32,
    /// Whether it does not check the stack: `NOSPLIT`, or the assembler has seen that it need not.
    pub nosplit: bool,
    /// Whether it is in Go's register convention, which assembly outside of the runtime cannot be.
    pub internal: bool,
    /// File by pc: the end of each range, and the number of the file.
    pub files: Vec<(u32, i64)>,
    /// Line by pc.
    pub lines: Vec<(u32, i64)>,
    /// How far the stack pointer is below where it was on entry, by pc.
    pub depth: Vec<(u32, i64)>,
}

/// A reference.
#[derive(Clone, Debug)]
pub struct Reloc {
    /// Where.
    pub offset: u32,
    /// Bytes.
    pub size: u8,
    /// How.
    pub form: Form,
    /// Added to the address.
    pub addend: i64,
    /// To what.
    pub target: Target,
}

/// How a reference is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// An address.
    Addr,
    /// The operand of a call or jump.
    Call,
    /// A call through a register or memory: no bytes change.
    CallIndirect,
    /// The distance from the end of the reference.
    PcRel,
    /// The place of `g` in thread-local storage.
    Tls,
    /// Something that only Go's linker needs.
    None,
}

/// What a reference leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// A symbol of the object, by number.
    Own(usize),
    /// A symbol of that name, here or elsewhere.
    Named(String),
    /// Nothing.
    Nothing,
}

impl Symbol {
    /// Where a pc of a function is in the source: number of the file, line.
    pub fn line(&self, pc: u32) -> (i64, i64) {
        let at = |table: &[(u32, i64)]| table.iter().find(|r| pc < r.0).map_or(0, |r| r.1);
        let func = self.func.as_ref();
        func.map_or((0, 0), |f| (at(&f.files), at(&f.lines)))
    }

    /// The bytes that a function takes from the stack below its return address, which what it calls is pushed under.
    pub fn stack(&self) -> u32 {
        let func = self.func.as_ref();
        let deepest = func.and_then(|f| f.depth.iter().map(|r| r.1).max());
        u32::try_from(deepest.unwrap_or(0)).unwrap_or(u32::MAX)
    }

    /// The alignment in force: as asked for, else that of Go's linker.
    pub fn alignment(&self) -> u64 {
        if self.align > 0 {
            return u64::from(self.align);
        }
        match self.kind {
            Kind::Text => 32,
            _ => (1 << self.size.max(1).ilog2()).min(32),
        }
    }
}

impl Object {
    fn stack(&self, symbol: usize, above: &mut Vec<usize>) -> u32 {
        if above.contains(&symbol) {
            return u32::MAX;
        }
        above.push(symbol);
        let mut deepest = 0u32;
        for r in &self.symbols[symbol].relocs {
            if let (Form::Call, Target::Own(j)) = (r.form, &r.target)
                && self.symbols[*j].local
                && *j != symbol
            {
                deepest = deepest.max(self.stack(*j, above).saturating_add(8));
            }
        }
        above.pop();
        self.symbols[symbol].stack().saturating_add(deepest)
    }

    /// What a symbol refers to by name, through symbols that only this file knows; calls apart from the rest.
    pub fn references(&self, symbol: usize) -> References {
        let mut out = References {
            stack: self.stack(symbol, &mut Vec::new()),
            ..References::default()
        };
        let mut seen = vec![false; self.symbols.len()];
        let mut work = vec![symbol];
        while let Some(i) = work.pop() {
            if std::mem::replace(&mut seen[i], true) {
                continue;
            }
            for r in &self.symbols[i].relocs {
                out.indirect |= r.form == Form::CallIndirect;
                let name = match &r.target {
                    Target::Own(j) if self.symbols[*j].local => {
                        work.push(*j);
                        continue;
                    }
                    Target::Own(j) => self.symbols[*j].name.clone(),
                    Target::Named(name) => name.clone(),
                    Target::Nothing => continue,
                };
                let list = match r.form {
                    Form::Call => &mut out.calls,
                    _ => &mut out.other,
                };
                if !list.contains(&name) {
                    list.push(name);
                }
            }
        }
        out
    }
}

/// What a symbol refers to by name, and what it takes.
#[derive(Debug, Default)]
pub struct References {
    /// Bytes that a function takes from the stack, with those of the functions that only this file knows; `u32::MAX` if these
    /// call each other in a circle.
    pub stack: u32,
    /// Whether something is called through a register or memory.
    pub indirect: bool,
    /// Operands of calls and jumps.
    pub calls: Vec<String>,
    /// Others: variables, mostly.
    pub other: Vec<String>,
}
