//! The instructions.

use crate::entity::{Block, Slot, Sym, Value};
pub use crate::ops::{BinaryOp, BoundsKind, ConvertOp, FloatCc, IntCc, RmwOp, UnaryOp};
use crate::types::Type;
use smallvec::{SmallVec, smallvec};
use thin_vec::ThinVec;

/// What a call calls.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Callee {
    /// A Go function by symbol (Tail convention).
    Direct(Sym),
    /// A native function by symbol (SystemV convention).
    Native(Sym),
    /// A Go function by code address (Tail convention); a closure pointer, if any, is the first argument.
    Indirect(Value),
}

/// A jump to a block with arguments for its parameters.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct BlockCall {
    /// The target.
    pub block: Block,
    /// One argument a parameter.
    pub args: ThinVec<Value>,
}

impl BlockCall {
    /// To a block without parameters.
    pub fn to(block: Block) -> BlockCall {
        BlockCall {
            block,
            args: ThinVec::new(),
        }
    }
}

/// An instruction. Results are kept by the function, see [`crate::func::Func::results`].
#[derive(Clone, PartialEq, Debug)]
pub enum InstData {
    /// An integer or pointer constant, sign-extended from its type.
    Iconst { ty: Type, imm: i64 },
    /// A float constant by its bits (those of an F32 in the low half).
    Fconst { ty: Type, bits: u64 },
    /// Arithmetic.
    Binary { op: BinaryOp, a: Value, b: Value },
    /// Arithmetic.
    Unary { op: UnaryOp, a: Value },
    /// Conversion to `ty`.
    Convert { op: ConvertOp, ty: Type, a: Value },
    /// Comparison of integers or pointers, gives I8 0 or 1.
    Icmp { cc: IntCc, a: Value, b: Value },
    /// Comparison of floats, gives I8 0 or 1.
    Fcmp { cc: FloatCc, a: Value, b: Value },
    /// `cond != 0 ? a : b`
    Select { cond: Value, a: Value, b: Value },
    /// Load from `addr + off`; faults on nil.
    Load { ty: Type, addr: Value, off: i32 },
    /// Store to `addr + off`; faults on nil. `barrier` marks the store of a pointer to memory
    /// that may be in the heap or a global: the write barrier goes there.
    Store {
        val: Value,
        addr: Value,
        off: i32,
        barrier: bool,
    },
    /// Address of a frame slot plus an offset.
    SlotAddr { slot: Slot, off: i32 },
    /// Address of a symbol plus an offset.
    SymAddr { sym: Sym, off: i64 },
    /// Copy `size` bytes; the areas are equal or do not overlap. `typ` is the type descriptor if
    /// the destination may be in the heap and holds pointers.
    Copy {
        dst: Value,
        src: Value,
        size: u32,
        typ: Option<Sym>,
    },
    /// Make `size` bytes zero.
    Clear {
        dst: Value,
        size: u32,
        typ: Option<Sym>,
    },
    /// A fresh zeroed object of the type (its descriptor symbol): `runtime.newobject`, unless a pass finds
    /// that it does not escape.
    Alloc { typ: Sym, size: u32, align: u32 },
    /// A call. Argument and result types are the signature.
    Call {
        callee: Callee,
        args: ThinVec<Value>,
    },
    /// Panic as `kind` says unless the check passes. Both I64.
    BoundsCheck {
        kind: BoundsKind,
        unsigned: bool,
        a: Value,
        b: Value,
    },
    /// Fault as a load through `ptr` would.
    NilCheck { ptr: Value },
    /// The rune of more than one byte that starts at offset `at` of the `len` bytes at `text`, of which it is one: I64, the rune
    /// in its lower half and the bytes that it takes in its upper. Ill-formed ones are U+FFFD and take one.
    DecodeRune { text: Value, len: Value, at: Value },
    /// Integer divide panic if zero.
    ZeroCheck { a: Value },
    /// This function's frame pointer (rbp), I64.
    FramePointer,
    /// The G that runs this code: the offsets are `gort_abi::G_*`.
    CurrentG,
    /// Atomic load, sequentially consistent.
    AtomicLoad { ty: Type, addr: Value },
    /// Atomic store, sequentially consistent. `barrier` as in a store.
    AtomicStore {
        val: Value,
        addr: Value,
        barrier: bool,
    },
    /// Atomic read-modify-write; gives the old value.
    AtomicRmw {
        op: RmwOp,
        addr: Value,
        val: Value,
        barrier: bool,
    },
    /// Compare and swap; gives the old value.
    AtomicCas {
        addr: Value,
        old: Value,
        new: Value,
        barrier: bool,
    },
    /// Go to a block.
    Jump(BlockCall),
    /// Go to `then` if `cond` is not 0, else to `els`.
    Branch {
        cond: Value,
        then: BlockCall,
        els: BlockCall,
    },
    /// Multiway branch on an integer.
    Switch {
        val: Value,
        cases: ThinVec<(i64, BlockCall)>,
        default: BlockCall,
    },
    /// Return.
    Return(ThinVec<Value>),
    /// Call and return what it returns, without a frame of our own.
    TailCall {
        callee: Callee,
        args: ThinVec<Value>,
    },
    /// Not reached: follows a call that does not return.
    Unreachable,
}

/// Call a closure for the values that an instruction uses, which `$iter` goes through.
macro_rules! visit_uses {
    ($data:expr, $iter:ident, $visit:expr) => {{
        let mut f = $visit;
        match $data {
            InstData::Iconst { .. }
            | InstData::Fconst { .. }
            | InstData::SlotAddr { .. }
            | InstData::SymAddr { .. }
            | InstData::Alloc { .. }
            | InstData::FramePointer
            | InstData::CurrentG
            | InstData::Unreachable => {}
            InstData::Unary { a, .. } | InstData::Convert { a, .. } | InstData::ZeroCheck { a } => {
                f(a);
            }
            InstData::Binary { a, b, .. }
            | InstData::Icmp { a, b, .. }
            | InstData::Fcmp { a, b, .. }
            | InstData::BoundsCheck { a, b, .. } => {
                f(a);
                f(b);
            }
            InstData::Select { cond, a, b } => {
                f(cond);
                f(a);
                f(b);
            }
            InstData::Load { addr, .. } | InstData::AtomicLoad { addr, .. } => f(addr),
            InstData::NilCheck { ptr } => f(ptr),
            InstData::DecodeRune { text, len, at } => {
                f(text);
                f(len);
                f(at);
            }
            InstData::Store { val, addr, .. }
            | InstData::AtomicStore { val, addr, .. }
            | InstData::AtomicRmw { val, addr, .. } => {
                f(val);
                f(addr);
            }
            InstData::AtomicCas { addr, old, new, .. } => {
                f(addr);
                f(old);
                f(new);
            }
            InstData::Copy { dst, src, .. } => {
                f(dst);
                f(src);
            }
            InstData::Clear { dst, .. } => f(dst),
            InstData::Call { callee, args } | InstData::TailCall { callee, args } => {
                if let Callee::Indirect(v) = callee {
                    f(v);
                }
                args.$iter().for_each(f);
            }
            InstData::Jump(c) => c.args.$iter().for_each(f),
            InstData::Branch { cond, then, els } => {
                f(cond);
                then.args.$iter().for_each(&mut f);
                els.args.$iter().for_each(f);
            }
            InstData::Switch {
                val,
                cases,
                default,
            } => {
                f(val);
                for (_, c) in cases.$iter() {
                    c.args.$iter().for_each(&mut f);
                }
                default.args.$iter().for_each(f);
            }
            InstData::Return(args) => args.$iter().for_each(f),
        }
    }};
}

impl InstData {
    /// Whether it ends a block.
    pub fn is_terminator(&self) -> bool {
        self.effects().ends
    }

    /// Visit every value used, block arguments included.
    pub fn for_each_use(&self, mut f: impl FnMut(Value)) {
        visit_uses!(self, iter, |v: &Value| f(*v));
    }

    /// Visit every value used, block arguments included, to change it.
    pub fn for_each_use_mut(&mut self, f: impl FnMut(&mut Value)) {
        visit_uses!(self, iter_mut, f);
    }

    /// The symbol named.
    pub fn symbol(&self) -> Option<Sym> {
        match self {
            InstData::SymAddr { sym, .. } | InstData::Alloc { typ: sym, .. } => Some(*sym),
            InstData::Copy { typ, .. } | InstData::Clear { typ, .. } => *typ,
            InstData::Call { callee, .. } | InstData::TailCall { callee, .. } => match callee {
                Callee::Direct(sym) | Callee::Native(sym) => Some(*sym),
                Callee::Indirect(_) => None,
            },
            _ => None,
        }
    }

    /// The symbol named, to change it.
    pub fn symbol_mut(&mut self) -> Option<&mut Sym> {
        match self {
            InstData::SymAddr { sym, .. } | InstData::Alloc { typ: sym, .. } => Some(sym),
            InstData::Copy { typ, .. } | InstData::Clear { typ, .. } => typ.as_mut(),
            InstData::Call { callee, .. } | InstData::TailCall { callee, .. } => match callee {
                Callee::Direct(sym) | Callee::Native(sym) => Some(sym),
                Callee::Indirect(_) => None,
            },
            _ => None,
        }
    }

    /// The function of package runtime, written in Go, that code for this instruction calls.
    pub fn runtime_function(&self) -> Option<&'static str> {
        match self {
            InstData::ZeroCheck { .. } => Some("runtime.panicdivide"),
            InstData::BoundsCheck { kind, unsigned, .. } => Some(kind.panic_function(*unsigned)),
            _ => None,
        }
    }

    /// The jumps of a terminator.
    pub fn block_calls_mut(&mut self) -> SmallVec<[&mut BlockCall; 2]> {
        match self {
            InstData::Jump(c) => smallvec![c],
            InstData::Branch { then, els, .. } => smallvec![then, els],
            InstData::Switch { cases, default, .. } => {
                cases.iter_mut().map(|(_, c)| c).chain([default]).collect()
            }
            _ => SmallVec::new(),
        }
    }

    /// The blocks a terminator may go to.
    pub fn successors(&self) -> SmallVec<[Block; 2]> {
        match self {
            InstData::Jump(c) => smallvec![c.block],
            InstData::Branch { then, els, .. } => smallvec![then.block, els.block],
            InstData::Switch { cases, default, .. } => cases
                .iter()
                .map(|(_, c)| c.block)
                .chain([default.block])
                .collect(),
            _ => SmallVec::new(),
        }
    }
}
