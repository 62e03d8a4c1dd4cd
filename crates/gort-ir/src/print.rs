//! The text form of modules, functions and instructions.
//!
//! ```text
//! func main.add(v0: i64, v1: i64) -> i64 {
//! block0(v0: i64, v1: i64):
//!     v2 = iadd v0, v1        ; main.go:3
//!     return v2
//! }
//! ```
//!
//! Symbols are written `@"name"` (bare `@name` where only letters, digits, `_ . / · -` occur);
//! everything after `;` is a comment except the location, which the reader takes back as `!file:line`.

use crate::entity::{Block, Inst, Sym};
use crate::func::{Func, LocData};
use crate::inst::{BlockCall, Callee, InstData};
use crate::module::{Data, Module};
use std::fmt::{self, Write};

/// The text of a module.
pub fn module(m: &Module) -> String {
    let mut s = String::new();
    writeln!(s, "module {:?}", m.package).unwrap();
    for (i, f) in m.files.iter().enumerate() {
        writeln!(s, "file {i} {f:?}").unwrap();
    }
    for d in &m.data {
        s.push('\n');
        data(m, d, &mut s).unwrap();
    }
    for f in &m.funcs {
        s.push('\n');
        s.push_str(&func(m, f));
    }
    s
}

/// The text of a function.
pub fn func(m: &Module, f: &Func) -> String {
    let mut s = String::new();
    write_func(m, f, &mut s).expect("writing to a string");
    s
}

/// Whether a character may stand in a symbol without quotes.
pub(crate) fn plain(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '/' | '·' | '-')
}

/// A symbol as the text form spells it.
pub fn symbol(m: &Module, sym: Sym) -> String {
    let name = m.name(sym);
    if !name.is_empty() && name.chars().all(plain) {
        format!("@{name}")
    } else {
        format!("@{name:?}")
    }
}

fn data(m: &Module, d: &Data, s: &mut String) -> fmt::Result {
    let section = format!("{:?}", d.section).to_lowercase();
    writeln!(
        s,
        "data {} {section} align {} size {} {{",
        symbol(m, d.name),
        d.align,
        d.size
    )?;
    for chunk in d.bytes.chunks(32) {
        s.push_str("    bytes ");
        for b in chunk {
            write!(s, "{b:02x}")?;
        }
        s.push('\n');
    }
    for r in &d.relocs {
        let kind = format!("{:?}", r.kind).to_lowercase();
        writeln!(
            s,
            "    reloc {} {kind} {} {}",
            r.offset,
            symbol(m, r.sym),
            r.addend
        )?;
    }
    for p in &d.pointers {
        writeln!(
            s,
            "    pointers {} {} words {} stride {} count {}",
            p.offset,
            symbol(m, p.mask),
            p.words,
            p.stride,
            p.count
        )?;
    }
    s.push_str("}\n");
    Ok(())
}

fn write_func(m: &Module, f: &Func, s: &mut String) -> fmt::Result {
    write!(s, "func {}", symbol(m, f.name))?;
    if !f.result_types.is_empty() {
        s.push_str(" -> ");
        list(s, &f.result_types)?;
    }
    for (on, word) in [
        (f.flags.wrapper, " wrapper"),
        (f.flags.nosplit, " nosplit"),
        (f.flags.noinline, " noinline"),
        (f.flags.closure, " closure"),
    ] {
        if on {
            s.push_str(word);
        }
    }
    if let Some(shown) = f.shown_name {
        write!(s, " shown {}", symbol(m, shown))?;
    }
    if let Some(b) = f.recover_block {
        write!(s, " recover {b}")?;
    }
    writeln!(s, " !{}:{} {{", f.loc.file, f.loc.line)?;
    for (i, slot) in f.slots.iter().enumerate() {
        writeln!(
            s,
            "    slot{i} = slot size {} align {}",
            slot.size, slot.align
        )?;
    }
    for (i, call) in f.inlines.iter().enumerate() {
        let wrapper = if call.wrapper { " wrapper" } else { "" };
        let (name, line) = (symbol(m, call.name), call.start_line);
        write!(
            s,
            "    inlined{} = inlined {name}{wrapper} line {line} ",
            i + 1
        )?;
        location(s, call.call)?;
        s.push('\n');
    }
    for i in 0..f.blocks.len() {
        write_block(m, f, Block(i as u32), s)?;
    }
    s.push_str("}\n");
    Ok(())
}

fn write_block(m: &Module, f: &Func, b: Block, s: &mut String) -> fmt::Result {
    let block = &f.blocks[b.index()];
    write!(s, "{b}")?;
    if !block.params.is_empty() {
        let params: Vec<String> = block
            .params
            .iter()
            .map(|&p| format!("{p}: {}", f.ty(p)))
            .collect();
        write!(s, "({})", params.join(", "))?;
    }
    s.push_str(if block.cold { " cold:\n" } else { ":\n" });
    for &i in &block.insts {
        s.push_str("    ");
        write_inst(m, f, i, s)?;
        let loc = f
            .locs
            .get(f.inst_locs[i.index()].index())
            .copied()
            .unwrap_or_default();
        s.push_str("  ");
        location(s, loc)?;
        s.push('\n');
    }
    Ok(())
}

fn location(s: &mut String, loc: LocData) -> fmt::Result {
    write!(s, "!{}:{}", loc.file, loc.line)?;
    if loc.inline != 0 {
        write!(s, ":{}", loc.inline)?;
    }
    Ok(())
}

fn list<T: fmt::Display>(s: &mut String, items: &[T]) -> fmt::Result {
    for (i, x) in items.iter().enumerate() {
        if i > 0 {
            s.push_str(", ");
        }
        write!(s, "{x}")?;
    }
    Ok(())
}

struct Target<'a>(&'a BlockCall);

impl fmt::Display for Target<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0.block)?;
        if !self.0.args.is_empty() {
            let args: Vec<String> = self.0.args.iter().map(|a| a.to_string()).collect();
            write!(out, "({})", args.join(", "))?;
        }
        Ok(())
    }
}

fn call(
    m: &Module,
    s: &mut String,
    word: &str,
    callee: &Callee,
    args: &[crate::Value],
) -> fmt::Result {
    match callee {
        Callee::Direct(sym) => write!(s, "{word} {}", symbol(m, *sym))?,
        Callee::Native(sym) => write!(s, "{word} native {}", symbol(m, *sym))?,
        Callee::Indirect(v) => write!(s, "{word} indirect {v}")?,
    }
    s.push('(');
    list(s, args)?;
    s.push(')');
    Ok(())
}

/// Append one instruction, results included, without location.
pub fn write_inst(m: &Module, f: &Func, inst: Inst, s: &mut String) -> fmt::Result {
    let results = &f.results[inst.index()];
    if !results.is_empty() {
        let rs: Vec<String> = results
            .iter()
            .map(|&r| format!("{r}: {}", f.ty(r)))
            .collect();
        write!(s, "{} = ", rs.join(", "))?;
    }
    let typ = |t: &Option<Sym>| t.map_or(String::new(), |t| format!(", type {}", symbol(m, t)));
    match &f.insts[inst.index()] {
        InstData::Iconst { imm, .. } => write!(s, "iconst {imm}"),
        InstData::Fconst { bits, .. } => write!(s, "fconst {bits:#x}"),
        InstData::Binary { op, a, b } => write!(s, "{} {a}, {b}", op),
        InstData::Unary { op, a } => write!(s, "{} {a}", op),
        InstData::Convert { op, a, .. } => write!(s, "{} {a}", op),
        InstData::Icmp { cc, a, b } => write!(s, "icmp {} {a}, {b}", cc),
        InstData::Fcmp { cc, a, b } => write!(s, "fcmp {} {a}, {b}", cc),
        InstData::Select { cond, a, b } => write!(s, "select {cond}, {a}, {b}"),
        InstData::Load { addr, off, .. } => write!(s, "load {addr}, {off}"),
        InstData::Store {
            val,
            addr,
            off,
            barrier,
        } => {
            write!(s, "store{} {val}, {addr}, {off}", barred(*barrier))
        }
        InstData::SlotAddr { slot, off } => write!(s, "slotaddr {slot}, {off}"),
        InstData::SymAddr { sym, off } => write!(s, "symaddr {}, {off}", symbol(m, *sym)),
        InstData::Copy {
            dst,
            src,
            size,
            typ: t,
        } => write!(s, "copy {dst}, {src}, {size}{}", typ(t)),
        InstData::Clear { dst, size, typ: t } => write!(s, "clear {dst}, {size}{}", typ(t)),
        InstData::Alloc { typ, size, align } => {
            write!(s, "alloc {}, size {size}, align {align}", symbol(m, *typ))
        }
        InstData::Call { callee, args } => call(m, s, "call", callee, args),
        InstData::BoundsCheck {
            kind,
            unsigned,
            a,
            b,
        } => {
            write!(
                s,
                "boundscheck {}{} {a}, {b}",
                kind,
                if *unsigned { " unsigned" } else { "" }
            )
        }
        InstData::NilCheck { ptr } => write!(s, "nilcheck {ptr}"),
        InstData::DecodeRune { text, len, at } => write!(s, "decoderune {text}, {len}, {at}"),
        InstData::ZeroCheck { a } => write!(s, "zerocheck {a}"),
        InstData::FramePointer => write!(s, "framepointer"),
        InstData::CurrentG => write!(s, "currentg"),
        InstData::AtomicLoad { addr, .. } => write!(s, "atomicload {addr}"),
        InstData::AtomicStore { val, addr, barrier } => {
            write!(s, "atomicstore{} {val}, {addr}", barred(*barrier))
        }
        InstData::AtomicRmw {
            op,
            addr,
            val,
            barrier,
        } => write!(s, "atomicrmw{} {op} {addr}, {val}", barred(*barrier)),
        InstData::AtomicCas {
            addr,
            old,
            new,
            barrier,
        } => write!(s, "atomiccas{} {addr}, {old}, {new}", barred(*barrier)),
        InstData::Jump(c) => write!(s, "jump {}", Target(c)),
        InstData::Branch { cond, then, els } => {
            write!(s, "branch {cond}, {}, {}", Target(then), Target(els))
        }
        InstData::Switch {
            val,
            cases,
            default,
        } => {
            write!(s, "switch {val} [")?;
            for (i, (k, c)) in cases.iter().enumerate() {
                write!(s, "{}{k}: {}", if i > 0 { ", " } else { "" }, Target(c))?;
            }
            write!(s, "], {}", Target(default))
        }
        InstData::Return(args) => {
            s.push_str("return");
            if !args.is_empty() {
                s.push(' ');
            }
            list(s, args)
        }
        InstData::TailCall { callee, args } => call(m, s, "tailcall", callee, args),
        InstData::Unreachable => write!(s, "unreachable"),
    }
}

/// What follows the name of an instruction with a write barrier.
fn barred(barrier: bool) -> &'static str {
    if barrier { ".barrier" } else { "" }
}
