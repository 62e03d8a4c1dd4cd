//! Instructions of the text form.

use super::cursor::Cursor;
use super::{MAX_INDEX, Outcome};
use crate::entity::{Block, Slot, Sym, Value};
use crate::inst::{
    BinaryOp, BlockCall, BoundsKind, Callee, ConvertOp, FloatCc, InstData, IntCc, RmwOp, UnaryOp,
};
use crate::module::Module;
use crate::types::Type;
use std::fmt::Debug;

/// The one of `all` whose name is `word`.
fn named<T: Copy + Debug>(all: &[T], word: &str) -> Option<T> {
    all.iter()
        .copied()
        .find(|x| format!("{x:?}").eq_ignore_ascii_case(word))
}

fn binary_op(word: &str) -> Option<BinaryOp> {
    use BinaryOp::*;
    let all = [
        Iadd, Isub, Imul, Umulh, Smulh, Sdiv, Udiv, Srem, Urem, And, Or, Xor, Shl, Lshr, Ashr,
        Rotl, Fadd, Fsub, Fmul, Fdiv, Fmin, Fmax,
    ];
    named(&all, word)
}

fn unary_op(word: &str) -> Option<UnaryOp> {
    use UnaryOp::*;
    let all = [
        Ineg, Inot, Clz, Ctz, Popcnt, Bswap, Fneg, Fabs, Sqrt, Ceil, Floor, Trunc, Nearest,
    ];
    named(&all, word)
}

fn convert_op(word: &str) -> Option<ConvertOp> {
    use ConvertOp::*;
    let all = [
        Sext,
        Zext,
        Itrunc,
        SintToFloat,
        UintToFloat,
        FloatToSint,
        FloatToUint,
        Fpromote,
        Fdemote,
        Bitcast,
    ];
    named(&all, word)
}

fn int_cc(word: &str) -> Outcome<IntCc> {
    use IntCc::*;
    let all = [Eq, Ne, Slt, Sle, Sgt, Sge, Ult, Ule, Ugt, Uge];
    named(&all, word).ok_or_else(|| format!("no condition {word}"))
}

fn float_cc(word: &str) -> Outcome<FloatCc> {
    use FloatCc::*;
    named(&[Eq, Ne, Lt, Le, Gt, Ge], word).ok_or_else(|| format!("no condition {word}"))
}

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

/// Read an instruction whose first result has type `ty`.
pub fn read(c: &mut Cursor<'_>, m: &mut Module, ty: Option<Type>) -> Outcome<InstData> {
    let word = c.word()?;
    let result = || ty.ok_or_else(|| format!("{word} needs a result"));
    if let Some(op) = binary_op(word) {
        let (a, b) = c.pair()?;
        return Ok(InstData::Binary { op, a, b });
    }
    if let Some(op) = unary_op(word) {
        return Ok(InstData::Unary { op, a: c.value()? });
    }
    if let Some(op) = convert_op(word) {
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
            let cc = int_cc(c.word()?)?;
            let (a, b) = c.pair()?;
            InstData::Icmp { cc, a, b }
        }
        "fcmp" => {
            let cc = float_cc(c.word()?)?;
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
            InstData::Zero { dst, size, typ }
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
            let word = c.word()?;
            let kind = named(&BoundsKind::ALL, word).ok_or_else(|| format!("no check {word}"))?;
            let unsigned = c.eat("unsigned");
            let (a, b) = c.pair()?;
            InstData::BoundsCheck {
                kind,
                unsigned,
                a,
                b,
            }
        }
        "nilcheck" => InstData::NilCheck { ptr: c.value()? },
        "zerocheck" => InstData::ZeroCheck { a: c.value()? },
        "framepointer" => InstData::FramePointer,
        "currentg" => InstData::CurrentG,
        "atomicload" => InstData::AtomicLoad {
            ty: result()?,
            addr: c.value()?,
        },
        "atomicstore" => {
            let (val, addr) = c.pair()?;
            InstData::AtomicStore { val, addr }
        }
        "atomicrmw" => {
            let word = c.word()?;
            let op = named(&[RmwOp::Add, RmwOp::And, RmwOp::Or, RmwOp::Xchg], word)
                .ok_or_else(|| format!("no operation {word}"))?;
            let (addr, val) = c.pair()?;
            InstData::AtomicRmw { op, addr, val }
        }
        "atomiccas" => {
            let (addr, old) = c.pair()?;
            InstData::AtomicCas {
                addr,
                old,
                new: c.next_value()?,
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
