//! Instructions of the text form.

use super::cursor::Cursor;
use super::{MAX_INDEX, Outcome};
use crate::entity::{Block, Slot, Sym, Value};
use crate::inst::{
    BinaryOp, BlockCall, BoundsKind, Callee, ConvertOp, FloatCc, InstData, IntCc, RmwOp, UnaryOp,
};
use crate::module::Module;
use crate::types::Type;

impl Cursor<'_> {
    fn value(&mut self) -> Outcome<Value> {
        Ok(Value(self.entity("v", MAX_INDEX)?))
    }

    /// `, v`
    fn next_value(&mut self) -> Outcome<Value> {
        self.want(",")?;
        self.value()
    }

    fn pair(&mut self) -> Outcome<(Value, Value)> {
        Ok((self.value()?, self.next_value()?))
    }

    /// Values separated by commas up to `)`, whose opening is consumed.
    fn values(&mut self) -> Outcome<Vec<Value>> {
        let mut list = Vec::new();
        while !self.eat(")") {
            if !list.is_empty() {
                self.want(",")?;
            }
            list.push(self.value()?);
        }
        Ok(list)
    }

    fn target(&mut self) -> Outcome<BlockCall> {
        let block = Block(self.entity("block", MAX_INDEX)?);
        let args = if self.eat("(") {
            self.values()?
        } else {
            Vec::new()
        };
        Ok(BlockCall {
            block,
            args: args.into(),
        })
    }

    fn callee(&mut self, m: &mut Module) -> Outcome<Callee> {
        Ok(if self.eat("native") {
            Callee::Native(self.symbol(m)?)
        } else if self.eat("indirect") {
            Callee::Indirect(self.value()?)
        } else {
            Callee::Direct(self.symbol(m)?)
        })
    }

    fn call(&mut self, m: &mut Module) -> Outcome<(Callee, Vec<Value>)> {
        let callee = self.callee(m)?;
        self.want("(")?;
        Ok((callee, self.values()?))
    }

    /// `, size` and perhaps `, type @T`
    fn extent(&mut self, m: &mut Module) -> Outcome<(u32, Option<Sym>)> {
        self.want(",")?;
        let size = self.index(u32::MAX)?;
        let mut typ = None;
        if self.eat(",") {
            self.want("type")?;
            typ = Some(self.symbol(m)?);
        }
        Ok((size, typ))
    }
}

/// The operation that the next word names.
fn one_of<T>(c: &mut Cursor<'_>, what: &str, named: fn(&str) -> Option<T>) -> Outcome<T> {
    let word = c.word()?;
    named(word).ok_or_else(|| format!("no {what} {word}"))
}

/// Read an instruction whose first result has type `ty`.
pub fn read(c: &mut Cursor<'_>, m: &mut Module, ty: Option<Type>) -> Outcome<InstData> {
    let word = c.word()?;
    let result = || ty.ok_or_else(|| format!("{word} needs a result"));
    if let Some(op) = BinaryOp::named(word) {
        let (a, b) = c.pair()?;
        return Ok(InstData::Binary { op, a, b });
    }
    if let Some(op) = UnaryOp::named(word) {
        return Ok(InstData::Unary { op, a: c.value()? });
    }
    if let Some(op) = ConvertOp::named(word) {
        return Ok(InstData::Convert {
            op,
            ty: result()?,
            a: c.value()?,
        });
    }
    Ok(match word {
        "iconst" => InstData::Iconst {
            ty: result()?,
            imm: c.number()?,
        },
        "fconst" => InstData::Fconst {
            ty: result()?,
            bits: c.number()? as u64,
        },
        "icmp" => {
            let cc = one_of(c, "condition", IntCc::named)?;
            let (a, b) = c.pair()?;
            InstData::Icmp { cc, a, b }
        }
        "fcmp" => {
            let cc = one_of(c, "condition", FloatCc::named)?;
            let (a, b) = c.pair()?;
            InstData::Fcmp { cc, a, b }
        }
        "select" => {
            let cond = c.value()?;
            InstData::Select {
                cond,
                a: c.next_value()?,
                b: c.next_value()?,
            }
        }
        "load" => {
            let addr = c.value()?;
            c.want(",")?;
            InstData::Load {
                ty: result()?,
                addr,
                off: c.offset()?,
            }
        }
        "store" | "store.barrier" => {
            let (val, addr) = c.pair()?;
            c.want(",")?;
            InstData::Store {
                val,
                addr,
                off: c.offset()?,
                barrier: word == "store.barrier",
            }
        }
        "slotaddr" => {
            let slot = Slot(c.entity("slot", MAX_INDEX)?);
            c.want(",")?;
            InstData::SlotAddr {
                slot,
                off: c.offset()?,
            }
        }
        "symaddr" => {
            let sym = c.symbol(m)?;
            c.want(",")?;
            InstData::SymAddr {
                sym,
                off: c.number()?,
            }
        }
        "copy" => {
            let (dst, src) = c.pair()?;
            let (size, typ) = c.extent(m)?;
            InstData::Copy {
                dst,
                src,
                size,
                typ,
            }
        }
        "clear" => {
            let dst = c.value()?;
            let (size, typ) = c.extent(m)?;
            InstData::Clear { dst, size, typ }
        }
        "alloc" => {
            let typ = c.symbol(m)?;
            c.want(",")?;
            c.want("size")?;
            let size = c.index(u32::MAX)?;
            c.want(",")?;
            c.want("align")?;
            InstData::Alloc {
                typ,
                size,
                align: c.index(1 << 20)?,
            }
        }
        "call" => {
            let (callee, args) = c.call(m)?;
            InstData::Call {
                callee,
                args: args.into(),
            }
        }
        "tailcall" => {
            let (callee, args) = c.call(m)?;
            InstData::TailCall {
                callee,
                args: args.into(),
            }
        }
        "boundscheck" => {
            let kind = one_of(c, "check", BoundsKind::named)?;
            let unsigned = c.eat("unsigned");
            let (a, b) = c.pair()?;
            InstData::BoundsCheck {
                kind,
                unsigned,
                a,
                b,
            }
        }
        "decoderune" => {
            let (text, len) = c.pair()?;
            let at = c.next_value()?;
            InstData::DecodeRune { text, len, at }
        }
        "nilcheck" => InstData::NilCheck { ptr: c.value()? },
        "zerocheck" => InstData::ZeroCheck { a: c.value()? },
        "framepointer" => InstData::FramePointer,
        "currentg" => InstData::CurrentG,
        "atomicload" => InstData::AtomicLoad {
            ty: result()?,
            addr: c.value()?,
        },
        "atomicstore" | "atomicstore.barrier" => {
            let (val, addr) = c.pair()?;
            InstData::AtomicStore {
                val,
                addr,
                barrier: word == "atomicstore.barrier",
            }
        }
        "atomicrmw" | "atomicrmw.barrier" => {
            let op = one_of(c, "operation", RmwOp::named)?;
            let (addr, val) = c.pair()?;
            InstData::AtomicRmw {
                op,
                addr,
                val,
                barrier: word == "atomicrmw.barrier",
            }
        }
        "atomiccas" | "atomiccas.barrier" => {
            let (addr, old) = c.pair()?;
            InstData::AtomicCas {
                addr,
                old,
                new: c.next_value()?,
                barrier: word == "atomiccas.barrier",
            }
        }
        "jump" => InstData::Jump(c.target()?),
        "branch" => {
            let cond = c.value()?;
            c.want(",")?;
            let then = c.target()?;
            c.want(",")?;
            InstData::Branch {
                cond,
                then,
                els: c.target()?,
            }
        }
        "switch" => {
            let val = c.value()?;
            c.want("[")?;
            let mut cases = Vec::new();
            while !c.eat("]") {
                if !cases.is_empty() {
                    c.want(",")?;
                }
                let key = c.number()?;
                c.want(":")?;
                cases.push((key, c.target()?));
            }
            c.want(",")?;
            InstData::Switch {
                val,
                cases: cases.into(),
                default: c.target()?,
            }
        }
        "return" => {
            let mut vals = Vec::new();
            if c.peek_entity("v") && !c.begins_definition() {
                vals.push(c.value()?);
                while c.eat(",") {
                    vals.push(c.value()?);
                }
            }
            InstData::Return(vals.into())
        }
        "unreachable" => InstData::Unreachable,
        other => return Err(format!("no instruction {other}")),
    })
}

impl Cursor<'_> {
    /// Whether `v3:` is next: not an operand but the start of another instruction.
    fn begins_definition(&self) -> bool {
        self.peek_entity("v") && self.after_word_is(':')
    }
}
