//! Reads the text form back: modules, data, functions. What [`crate::print`] writes comes back the same.
//!
//! Values, blocks and slots keep their numbers; symbols are numbered as they are met. A `;` begins a
//! comment. Errors name the line.

mod cursor;
mod inst;

use crate::entity::{Block, Inst, Loc, Value};
use crate::func::{Func, InlineData, LocData, SlotData, ValueData, ValueDef};
use crate::module::{Data, Module, Pointers, Reloc, RelocKind, Section};
use crate::types::Type;
use cursor::Cursor;
use std::fmt;

/// Where and why a text is not IR.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadError {
    /// Line, from 1.
    pub line: u32,
    /// What was expected.
    pub message: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for ReadError {}

/// Values, blocks and slots beyond this number are refused.
const MAX_INDEX: u32 = 1 << 24;

/// Read a module.
///
/// # Errors
/// At the first thing that is not understood.
pub fn module(text: &str) -> Result<Module, ReadError> {
    let mut c = Cursor::new(text);
    let mut m = Module::default();
    read(&mut c, &mut m).map_err(|message| ReadError {
        line: c.line(),
        message,
    })?;
    Ok(m)
}

type Outcome<T> = Result<T, String>;

fn read(c: &mut Cursor<'_>, m: &mut Module) -> Outcome<()> {
    if c.eat("module") {
        m.package = c.string()?;
    }
    while c.eat("file") {
        let index = c.index(MAX_INDEX)?;
        if index as usize != m.files.len() {
            return Err(format!("expected file {}", m.files.len()));
        }
        let name = c.string()?;
        m.files.push(name);
    }
    while !c.at_end() {
        if c.eat("data") {
            let data = data(c, m)?;
            m.data.push(data);
        } else if c.eat("func") {
            let func = func(c, m)?;
            m.funcs.push(func);
        } else {
            return Err("expected data or func".into());
        }
    }
    Ok(())
}

fn data(c: &mut Cursor<'_>, m: &mut Module) -> Outcome<Data> {
    let name = c.symbol(m)?;
    let section = match c.word()? {
        "rodata" => Section::Rodata,
        "data" => Section::Data,
        "bss" => Section::Bss,
        "types" => Section::Types,
        "itabs" => Section::Itabs,
        other => return Err(format!("no section {other}")),
    };
    c.want("align")?;
    let align = c.index(1 << 20)?;
    c.want("size")?;
    let size = c.number()? as u64;
    c.want("{")?;
    let (mut bytes, mut relocs, mut pointers) = (Vec::new(), Vec::new(), Vec::new());
    while !c.eat("}") {
        if c.eat("bytes") {
            let digits = c.word()?;
            if digits.len() % 2 != 0 {
                return Err("odd number of hexadecimal digits".into());
            }
            for i in (0..digits.len()).step_by(2) {
                let byte = digits
                    .get(i..i + 2)
                    .and_then(|d| u8::from_str_radix(d, 16).ok());
                bytes.push(byte.ok_or("expected hexadecimal digits")?);
            }
            continue;
        }
        if c.eat("pointers") {
            pointers.push(data_pointers(c, m)?);
            continue;
        }
        c.want("reloc")?;
        let offset = c.index(u32::MAX)?;
        let kind = match c.word()? {
            "abs64" => RelocKind::Abs64,
            "abs32" => RelocKind::Abs32,
            other => return Err(format!("no relocation {other}")),
        };
        let sym = c.symbol(m)?;
        relocs.push(Reloc {
            offset,
            kind,
            sym,
            addend: c.number()?,
        });
    }
    Ok(Data {
        name,
        section,
        align,
        bytes,
        size,
        relocs,
        pointers,
    })
}

fn data_pointers(c: &mut Cursor<'_>, m: &mut Module) -> Outcome<Pointers> {
    let offset = c.index(u32::MAX)?;
    let mask = c.symbol(m)?;
    let mut field = |name| {
        c.want(name)?;
        c.index(u32::MAX)
    };
    Ok(Pointers {
        offset,
        mask,
        words: field("words")?,
        stride: field("stride")?,
        count: field("count")?,
    })
}

fn func(c: &mut Cursor<'_>, m: &mut Module) -> Outcome<Func> {
    let name = c.symbol(m)?;
    let mut results = Vec::new();
    if c.eat("->") {
        results.push(c.ty()?);
        while c.eat(",") {
            results.push(c.ty()?);
        }
    }
    let mut f = Func::new(name, results, LocData::default());
    loop {
        if c.eat("wrapper") {
            f.flags.wrapper = true;
        } else if c.eat("nosplit") {
            f.flags.nosplit = true;
        } else if c.eat("noinline") {
            f.flags.noinline = true;
        } else if c.eat("closure") {
            f.flags.closure = true;
        } else if c.eat("shown") {
            f.shown_name = Some(c.symbol(m)?);
        } else if c.eat("recover") {
            f.recover_block = Some(Block(c.entity("block", MAX_INDEX)?));
        } else {
            break;
        }
    }
    f.loc = c.location()?;
    f.locs.push(f.loc);
    c.want("{")?;
    while c.peek_entity("slot") {
        let n = c.entity("slot", MAX_INDEX)?;
        if n as usize != f.slots.len() {
            return Err(format!("expected slot{}", f.slots.len()));
        }
        c.want("=")?;
        c.want("slot")?;
        c.want("size")?;
        let size = c.index(u32::MAX)?;
        c.want("align")?;
        f.slots.push(SlotData {
            size,
            align: c.index(1 << 20)?,
        });
    }
    while c.peek_entity("inlined") {
        let n = c.entity("inlined", MAX_INDEX)? as usize;
        if n != f.inlines.len() + 1 {
            return Err(format!("expected inlined{}", f.inlines.len() + 1));
        }
        c.want("=")?;
        c.want("inlined")?;
        let name = c.symbol(m)?;
        let wrapper = c.eat("wrapper");
        c.want("line")?;
        let start_line = c.index(u32::MAX)?;
        let call = c.location()?;
        if call.inline as usize >= n {
            return Err(format!("inlined{n} lies in inlined{}", call.inline));
        }
        f.inlines.push(InlineData {
            name,
            start_line,
            wrapper,
            call,
        });
    }
    let mut reader = FuncReader {
        f,
        defined: Vec::new(),
    };
    while !c.eat("}") {
        reader.block(c, m)?;
    }
    Ok(reader.f)
}

/// A function being read.
struct FuncReader {
    f: Func,
    /// Which values have a definition.
    defined: Vec<bool>,
}

impl FuncReader {
    fn block(&mut self, c: &mut Cursor<'_>, m: &mut Module) -> Outcome<()> {
        let block = Block(c.entity("block", MAX_INDEX)?);
        if block.index() != self.f.blocks.len() {
            return Err(format!("expected block{}", self.f.blocks.len()));
        }
        self.f.add_block();
        if c.eat("(") {
            loop {
                let n = self.f.blocks[block.index()].params.len() as u32;
                let v = self.definition(c, ValueDef::Param(block, n))?;
                self.f.blocks[block.index()].params.push(v);
                if !c.eat(",") {
                    break;
                }
            }
            c.want(")")?;
        }
        self.f.blocks[block.index()].cold = c.eat("cold");
        c.want(":")?;
        while !c.peek("}") && !c.peek_entity("block") {
            self.inst(c, m, block)?;
        }
        Ok(())
    }

    /// `v3: i64`, a value's definition.
    fn definition(&mut self, c: &mut Cursor<'_>, def: ValueDef) -> Outcome<Value> {
        let v = Value(c.entity("v", MAX_INDEX)?);
        c.want(":")?;
        let ty = c.ty()?;
        self.reserve(v);
        if std::mem::replace(&mut self.defined[v.index()], true) {
            return Err(format!("{v} is defined twice"));
        }
        self.f.values[v.index()] = ValueData { ty, def };
        Ok(v)
    }

    /// Make room for a value that may be used before its definition is read.
    fn reserve(&mut self, v: Value) {
        if v.index() >= self.defined.len() {
            let nowhere = ValueData {
                ty: Type::I64,
                def: ValueDef::Param(Block(u32::MAX), 0),
            };
            self.f.values.resize(v.index() + 1, nowhere);
            self.defined.resize(v.index() + 1, false);
        }
    }

    fn inst(&mut self, c: &mut Cursor<'_>, m: &mut Module, block: Block) -> Outcome<()> {
        let inst = Inst(self.f.insts.len() as u32);
        let mut results = Vec::new();
        if c.peek_entity("v") {
            loop {
                let n = results.len() as u32;
                results.push(self.definition(c, ValueDef::Result(inst, n))?);
                if !c.eat(",") {
                    break;
                }
            }
            c.want("=")?;
        }
        let ty = results.first().map(|v| self.f.ty(*v));
        let data = inst::read(c, m, ty)?;
        data.for_each_use(|v| self.reserve(v));
        let loc = if c.peek("!") {
            c.location()?
        } else {
            LocData::default()
        };
        let loc = self.loc(loc);
        self.f.insts.push(data);
        self.f.results.push(results.into());
        self.f.inst_locs.push(loc);
        self.f.blocks[block.index()].insts.push(inst);
        Ok(())
    }

    fn loc(&mut self, loc: LocData) -> Loc {
        // Instructions of one place follow each other.
        let known = self.f.locs.iter().rposition(|l| *l == loc);
        Loc(known.unwrap_or_else(|| {
            self.f.locs.push(loc);
            self.f.locs.len() - 1
        }) as u32)
    }
}
