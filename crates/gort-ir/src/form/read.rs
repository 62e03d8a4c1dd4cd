//! A form, read: the function whose form it is. What does not fit is nothing.

use crate::func::{BlockData, FuncFlags, LocData, Results, SlotData, ValueData, ValueDef};
use crate::ops::{BinaryOp, BoundsKind, ConvertOp, FloatCc, IntCc, RmwOp, UnaryOp};
use crate::{Block, BlockCall, Callee, Func, Inst, InstData, Loc, Slot, Sym, Type, Value};

/// What is left to read.
pub struct Reader<'b>(pub &'b [u8]);

impl<'b> Reader<'b> {
    /// So many bytes.
    pub fn take(&mut self, n: usize) -> Option<&'b [u8]> {
        let (bytes, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(bytes)
    }

    /// A byte.
    pub fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(byte)
    }

    /// A number of up to 64 bits.
    pub fn long(&mut self) -> Option<u64> {
        let mut n = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            n |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(n);
            }
        }
        None
    }

    /// A number.
    pub fn number(&mut self) -> Option<u32> {
        self.long()?.try_into().ok()
    }

    /// A number of things that take a byte at least.
    pub fn count(&mut self) -> Option<usize> {
        let n = self.number()? as usize;
        (n <= self.0.len()).then_some(n)
    }

    /// A list of things that take a byte at least.
    pub fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let n = self.count()?;
        let mut list = Vec::with_capacity(n);
        for _ in 0..n {
            list.push(one(self)?);
        }
        Some(list)
    }

    fn signed(&mut self) -> Option<i64> {
        let n = self.long()?;
        Some((n >> 1) as i64 ^ -((n & 1) as i64))
    }

    fn offset(&mut self) -> Option<i32> {
        self.signed()?.try_into().ok()
    }

    fn flag(&mut self) -> Option<bool> {
        Some(self.byte()? != 0)
    }

    fn op<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        all.get(usize::from(self.byte()?)).copied()
    }

    fn ty(&mut self) -> Option<Type> {
        self.op(Type::ALL)
    }

    fn value(&mut self) -> Option<Value> {
        self.number().map(Value)
    }

    fn values<L: FromIterator<Value>>(&mut self) -> Option<L> {
        let n = self.count()?;
        (0..n).map(|_| self.value()).collect()
    }

    fn symbol(&mut self, symbols: &[Sym]) -> Option<Sym> {
        symbols.get(self.number()? as usize).copied()
    }

    fn symbol_if(&mut self, symbols: &[Sym]) -> Option<Option<Sym>> {
        match self.byte()? {
            0 => Some(None),
            _ => self.symbol(symbols).map(Some),
        }
    }

    fn callee(&mut self, symbols: &[Sym]) -> Option<Callee> {
        Some(match self.byte()? {
            0 => Callee::Direct(self.symbol(symbols)?),
            1 => Callee::Native(self.symbol(symbols)?),
            2 => Callee::Indirect(self.value()?),
            _ => return None,
        })
    }

    fn jump(&mut self) -> Option<BlockCall> {
        Some(BlockCall {
            block: Block(self.number()?),
            args: self.values()?,
        })
    }

    fn inst(&mut self, symbols: &[Sym]) -> Option<InstData> {
        let inst = self.byte()?;
        // Behind it an operation or a type; of all others a flag, or a zero.
        let flag = match inst {
            0..=6 | 8 | 16 | 21 | 23 => false,
            _ => self.flag()?,
        };
        Some(match inst {
            0 => InstData::Iconst {
                ty: self.ty()?,
                imm: self.signed()?,
            },
            1 => InstData::Fconst {
                ty: self.ty()?,
                bits: u64::from_le_bytes(self.take(8)?.try_into().ok()?),
            },
            2 => InstData::Binary {
                op: self.op(BinaryOp::ALL)?,
                a: self.value()?,
                b: self.value()?,
            },
            3 => InstData::Unary {
                op: self.op(UnaryOp::ALL)?,
                a: self.value()?,
            },
            4 => InstData::Convert {
                op: self.op(ConvertOp::ALL)?,
                ty: self.ty()?,
                a: self.value()?,
            },
            5 => InstData::Icmp {
                cc: self.op(IntCc::ALL)?,
                a: self.value()?,
                b: self.value()?,
            },
            6 => InstData::Fcmp {
                cc: self.op(FloatCc::ALL)?,
                a: self.value()?,
                b: self.value()?,
            },
            7 => InstData::Select {
                cond: self.value()?,
                a: self.value()?,
                b: self.value()?,
            },
            8 => InstData::Load {
                ty: self.ty()?,
                addr: self.value()?,
                off: self.offset()?,
            },
            9 => InstData::Store {
                val: self.value()?,
                addr: self.value()?,
                off: self.offset()?,
                barrier: flag,
            },
            10 => InstData::SlotAddr {
                slot: Slot(self.number()?),
                off: self.offset()?,
            },
            11 => InstData::SymAddr {
                sym: self.symbol(symbols)?,
                off: self.signed()?,
            },
            12 => InstData::Copy {
                dst: self.value()?,
                src: self.value()?,
                size: self.number()?,
                typ: self.symbol_if(symbols)?,
            },
            13 => InstData::Clear {
                dst: self.value()?,
                size: self.number()?,
                typ: self.symbol_if(symbols)?,
            },
            14 => InstData::Alloc {
                typ: self.symbol(symbols)?,
                size: self.number()?,
                align: self.number()?,
            },
            15 => InstData::Call {
                callee: self.callee(symbols)?,
                args: self.values()?,
            },
            16 => InstData::BoundsCheck {
                kind: self.op(BoundsKind::ALL)?,
                unsigned: self.flag()?,
                a: self.value()?,
                b: self.value()?,
            },
            17 => InstData::NilCheck { ptr: self.value()? },
            18 => InstData::ZeroCheck { a: self.value()? },
            19 => InstData::FramePointer,
            20 => InstData::CurrentG,
            21 => InstData::AtomicLoad {
                ty: self.ty()?,
                addr: self.value()?,
            },
            22 => InstData::AtomicStore {
                val: self.value()?,
                addr: self.value()?,
                barrier: flag,
            },
            23 => InstData::AtomicRmw {
                op: self.op(RmwOp::ALL)?,
                barrier: self.flag()?,
                addr: self.value()?,
                val: self.value()?,
            },
            24 => InstData::AtomicCas {
                barrier: flag,
                addr: self.value()?,
                old: self.value()?,
                new: self.value()?,
            },
            25 => InstData::Jump(self.jump()?),
            26 => InstData::Branch {
                cond: self.value()?,
                then: self.jump()?,
                els: self.jump()?,
            },
            27 => {
                let val = self.value()?;
                let n = self.count()?;
                let case = |_| Some((self.signed()?, self.jump()?));
                let cases = (0..n).map(case).collect::<Option<_>>()?;
                InstData::Switch {
                    val,
                    cases,
                    default: self.jump()?,
                }
            }
            28 => InstData::Return(self.values()?),
            29 => InstData::TailCall {
                callee: self.callee(symbols)?,
                args: self.values()?,
            },
            30 => InstData::Unreachable,
            31 => InstData::DecodeRune {
                text: self.value()?,
                len: self.value()?,
                at: self.value()?,
            },
            _ => return None,
        })
    }
}

/// The function of a form. `symbols` and `locs` are what its numbers mean.
pub fn function(
    bytes: &[u8],
    name: Sym,
    loc: LocData,
    symbols: &[Sym],
    locs: Vec<LocData>,
) -> Option<Func> {
    let mut r = Reader(bytes);
    let flags = FuncFlags {
        wrapper: r.flag()?,
        nosplit: r.flag()?,
        noinline: r.flag()?,
        closure: r.flag()?,
    };
    let mut f = Func::new(name, r.list(Reader::ty)?, loc);
    f.flags = flags;
    // A value that nothing defines is one that nothing uses.
    let nowhere = |n: usize| ValueDef::Alias(Value(n as u32));
    let types = r.list(Reader::ty)?.into_iter().enumerate();
    let value = |(n, ty)| ValueData {
        ty,
        def: nowhere(n),
    };
    f.values = types.map(value).collect();
    f.slots = r.list(|r| {
        Some(SlotData {
            size: r.number()?,
            align: r.number()?,
        })
    })?;
    f.recover_block = r.number()?.checked_sub(1).map(Block);
    let blocks = r.count()?;
    for b in 0..blocks {
        let mut block = BlockData {
            cold: r.flag()?,
            params: r.values()?,
            insts: Vec::new(),
        };
        for (n, v) in block.params.iter().enumerate() {
            f.values.get_mut(v.index())?.def = ValueDef::Param(Block(b as u32), n as u32);
        }
        let count = r.count()?;
        block.insts.reserve_exact(count);
        for _ in 0..count {
            let inst = Inst(f.insts.len() as u32);
            let place = r.number()?;
            let results: Results = r.values()?;
            for (n, v) in results.iter().enumerate() {
                f.values.get_mut(v.index())?.def = ValueDef::Result(inst, n as u32);
            }
            f.inst_locs.push(Loc(place));
            f.results.push(results);
            f.insts.push(r.inst(symbols)?);
            block.insts.push(inst);
        }
        f.blocks.push(block);
    }
    f.locs = locs;
    r.0.is_empty().then_some(f)
}
