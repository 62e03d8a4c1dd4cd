//! The instructions.

use crate::entity::{Block, Slot, Sym, Value};
use crate::types::Type;
use smallvec::{SmallVec, smallvec};
use thin_vec::ThinVec;

/// Two-operand arithmetic. Operands and result have one type, except that a shift count is I64.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BinaryOp {
    /// Wrapping sum. `Ptr + I64` gives `Ptr`.
    Iadd,
    /// Wrapping difference.
    Isub,
    /// Wrapping product.
    Imul,
    /// High half of the unsigned product.
    Umulh,
    /// High half of the signed product.
    Smulh,
    /// Signed quotient as Go wants it: minInt / -1 is minInt. The divisor is not zero.
    Sdiv,
    /// Unsigned quotient; the divisor is not zero.
    Udiv,
    /// Signed remainder; minInt % -1 is 0. The divisor is not zero.
    Srem,
    /// Unsigned remainder; the divisor is not zero.
    Urem,
    /// Bitwise and.
    And,
    /// Bitwise or.
    Or,
    /// Bitwise exclusive or.
    Xor,
    /// Shift left; the count is below the width.
    Shl,
    /// Logical shift right; the count is below the width.
    Lshr,
    /// Arithmetic shift right; the count is below the width.
    Ashr,
    /// Rotate left; the count is taken modulo the width.
    Rotl,
    /// Float sum.
    Fadd,
    /// Float difference.
    Fsub,
    /// Float product.
    Fmul,
    /// Float quotient.
    Fdiv,
    /// Go's `min` of floats: NaN wins, -0 below +0.
    Fmin,
    /// Go's `max` of floats.
    Fmax,
}

/// One-operand arithmetic; operand and result have one type.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UnaryOp {
    /// Negation.
    Ineg,
    /// Bitwise complement.
    Inot,
    /// Leading zeros.
    Clz,
    /// Trailing zeros (the width for 0).
    Ctz,
    /// Ones.
    Popcnt,
    /// Bytes reversed.
    Bswap,
    /// Float negation (flips the sign of NaN and 0 too).
    Fneg,
    /// Absolute value.
    Fabs,
    /// Square root.
    Sqrt,
    /// Round up.
    Ceil,
    /// Round down.
    Floor,
    /// Round to zero.
    Trunc,
    /// Round to nearest, ties to even.
    Nearest,
}

/// Conversions between types.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ConvertOp {
    /// Sign-extend.
    Sext,
    /// Zero-extend.
    Zext,
    /// Drop high bits.
    Itrunc,
    /// Signed integer to float.
    SintToFloat,
    /// Unsigned integer to float.
    UintToFloat,
    /// Float to I64 as cvttsd2si does: out of range gives minInt64.
    FloatToSint,
    /// Float to unsigned I64 as gc does on amd64 (split at 2^63).
    FloatToUint,
    /// F32 to F64.
    Fpromote,
    /// F64 to F32.
    Fdemote,
    /// The same bits in another type of the same size (I64, Ptr, F64; I32, F32).
    Bitcast,
}

/// Conditions of integer comparison.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum IntCc {
    Eq,
    Ne,
    Slt,
    Sle,
    Sgt,
    Sge,
    Ult,
    Ule,
    Ugt,
    Uge,
}

/// Conditions of float comparison; all but `Ne` are false for NaN.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum FloatCc {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// Which check a [`InstData::BoundsCheck`] is; names the runtime function `panic…` that reports it.
///
/// `Index` passes when `0 <= a < b`, all others when `0 <= a <= b` (compared unsigned, which covers negative `a`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum BoundsKind {
    Index,
    SliceAlen,
    SliceAcap,
    SliceB,
    Slice3Alen,
    Slice3Acap,
    Slice3B,
    Slice3C,
    SliceConvert,
}

impl BoundsKind {
    /// All kinds, in order.
    pub const ALL: [BoundsKind; 9] = [
        BoundsKind::Index,
        BoundsKind::SliceAlen,
        BoundsKind::SliceAcap,
        BoundsKind::SliceB,
        BoundsKind::Slice3Alen,
        BoundsKind::Slice3Acap,
        BoundsKind::Slice3B,
        BoundsKind::Slice3C,
        BoundsKind::SliceConvert,
    ];

    /// The runtime function that raises the panic, for a signed or an unsigned `a`.
    /// It finds a and b, as I64, in the G.
    pub fn panic_function(self, unsigned: bool) -> &'static str {
        match (self, unsigned) {
            (BoundsKind::Index, false) => "runtime.panicIndex",
            (BoundsKind::Index, true) => "runtime.panicIndexU",
            (BoundsKind::SliceAlen, false) => "runtime.panicSliceAlen",
            (BoundsKind::SliceAlen, true) => "runtime.panicSliceAlenU",
            (BoundsKind::SliceAcap, false) => "runtime.panicSliceAcap",
            (BoundsKind::SliceAcap, true) => "runtime.panicSliceAcapU",
            (BoundsKind::SliceB, false) => "runtime.panicSliceB",
            (BoundsKind::SliceB, true) => "runtime.panicSliceBU",
            (BoundsKind::Slice3Alen, false) => "runtime.panicSlice3Alen",
            (BoundsKind::Slice3Alen, true) => "runtime.panicSlice3AlenU",
            (BoundsKind::Slice3Acap, false) => "runtime.panicSlice3Acap",
            (BoundsKind::Slice3Acap, true) => "runtime.panicSlice3AcapU",
            (BoundsKind::Slice3B, false) => "runtime.panicSlice3B",
            (BoundsKind::Slice3B, true) => "runtime.panicSlice3BU",
            (BoundsKind::Slice3C, false) => "runtime.panicSlice3C",
            (BoundsKind::Slice3C, true) => "runtime.panicSlice3CU",
            (BoundsKind::SliceConvert, _) => "runtime.panicSliceConvert",
        }
    }
}

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
    /// Clear `size` bytes.
    Zero {
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
    /// Integer divide panic if zero.
    ZeroCheck { a: Value },
    /// This function's frame pointer (rbp), I64.
    FramePointer,
    /// The G that runs this code: the offsets are `gort_abi::G_*`.
    CurrentG,
    /// Atomic load, sequentially consistent.
    AtomicLoad { ty: Type, addr: Value },
    /// Atomic store, sequentially consistent.
    AtomicStore { val: Value, addr: Value },
    /// Atomic read-modify-write; gives the old value.
    AtomicRmw { op: RmwOp, addr: Value, val: Value },
    /// Compare and swap; gives the old value.
    AtomicCas { addr: Value, old: Value, new: Value },
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

/// Atomic operations.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum RmwOp {
    Add,
    And,
    Or,
    Xchg,
}

impl InstData {
    /// Whether it ends a block.
    pub fn is_terminator(&self) -> bool {
        matches!(
            self,
            InstData::Jump(_)
                | InstData::Branch { .. }
                | InstData::Switch { .. }
                | InstData::Return(_)
                | InstData::TailCall { .. }
                | InstData::Unreachable
        )
    }

    /// Visit every value used, block arguments included.
    pub fn for_each_use(&self, mut f: impl FnMut(Value)) {
        match self {
            InstData::Iconst { .. }
            | InstData::Fconst { .. }
            | InstData::SlotAddr { .. }
            | InstData::SymAddr { .. }
            | InstData::Alloc { .. }
            | InstData::FramePointer
            | InstData::CurrentG
            | InstData::Unreachable => {}
            InstData::Unary { a, .. } | InstData::Convert { a, .. } | InstData::ZeroCheck { a } => {
                f(*a)
            }
            InstData::Binary { a, b, .. }
            | InstData::Icmp { a, b, .. }
            | InstData::Fcmp { a, b, .. }
            | InstData::BoundsCheck { a, b, .. } => [a, b].into_iter().for_each(|v| f(*v)),
            InstData::Select { cond, a, b } => [cond, a, b].into_iter().for_each(|v| f(*v)),
            InstData::Load { addr, .. } | InstData::AtomicLoad { addr, .. } => f(*addr),
            InstData::NilCheck { ptr } => f(*ptr),
            InstData::Store { val, addr, .. }
            | InstData::AtomicStore { val, addr }
            | InstData::AtomicRmw { val, addr, .. } => [val, addr].into_iter().for_each(|v| f(*v)),
            InstData::AtomicCas { addr, old, new } => {
                [addr, old, new].into_iter().for_each(|v| f(*v));
            }
            InstData::Copy { dst, src, .. } => [dst, src].into_iter().for_each(|v| f(*v)),
            InstData::Zero { dst, .. } => f(*dst),
            InstData::Call { callee, args } | InstData::TailCall { callee, args } => {
                if let Callee::Indirect(v) = callee {
                    f(*v);
                }
                args.iter().for_each(|v| f(*v));
            }
            InstData::Jump(c) => c.args.iter().for_each(|v| f(*v)),
            InstData::Branch { cond, then, els } => {
                f(*cond);
                then.args.iter().chain(&els.args).for_each(|v| f(*v));
            }
            InstData::Switch {
                val,
                cases,
                default,
            } => {
                f(*val);
                let calls = cases.iter().map(|(_, c)| c).chain([default]);
                calls.flat_map(|c| &c.args).for_each(|v| f(*v));
            }
            InstData::Return(args) => args.iter().for_each(|v| f(*v)),
        }
    }

    /// Visit every value used, block arguments included, to change it.
    pub fn for_each_use_mut(&mut self, mut f: impl FnMut(&mut Value)) {
        match self {
            InstData::Iconst { .. }
            | InstData::Fconst { .. }
            | InstData::SlotAddr { .. }
            | InstData::SymAddr { .. }
            | InstData::Alloc { .. }
            | InstData::FramePointer
            | InstData::CurrentG
            | InstData::Unreachable => {}
            InstData::Unary { a, .. } | InstData::Convert { a, .. } | InstData::ZeroCheck { a } => {
                f(a)
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
            InstData::Store { val, addr, .. }
            | InstData::AtomicStore { val, addr }
            | InstData::AtomicRmw { val, addr, .. } => {
                f(val);
                f(addr);
            }
            InstData::AtomicCas { addr, old, new } => {
                f(addr);
                f(old);
                f(new);
            }
            InstData::Copy { dst, src, .. } => {
                f(dst);
                f(src);
            }
            InstData::Zero { dst, .. } => f(dst),
            InstData::Call { callee, args } | InstData::TailCall { callee, args } => {
                if let Callee::Indirect(v) = callee {
                    f(v);
                }
                args.iter_mut().for_each(f);
            }
            InstData::Jump(c) => c.args.iter_mut().for_each(f),
            InstData::Branch { cond, then, els } => {
                f(cond);
                then.args.iter_mut().chain(&mut els.args).for_each(f);
            }
            InstData::Switch {
                val,
                cases,
                default,
            } => {
                f(val);
                for (_, c) in cases {
                    c.args.iter_mut().for_each(&mut f);
                }
                default.args.iter_mut().for_each(f);
            }
            InstData::Return(args) => args.iter_mut().for_each(f),
        }
    }

    /// The symbol named.
    pub fn symbol(&self) -> Option<Sym> {
        match self {
            InstData::SymAddr { sym, .. } | InstData::Alloc { typ: sym, .. } => Some(*sym),
            InstData::Copy { typ, .. } | InstData::Zero { typ, .. } => *typ,
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
            InstData::Copy { typ, .. } | InstData::Zero { typ, .. } => typ.as_mut(),
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

    /// Whether it does nothing but compute its result, so that it can go when nobody reads that.
    /// Loads are not pure: they may fault.
    pub fn is_pure(&self) -> bool {
        matches!(
            self,
            InstData::Iconst { .. }
                | InstData::Fconst { .. }
                | InstData::Binary { .. }
                | InstData::Unary { .. }
                | InstData::Convert { .. }
                | InstData::Icmp { .. }
                | InstData::Fcmp { .. }
                | InstData::Select { .. }
                | InstData::SlotAddr { .. }
                | InstData::SymAddr { .. }
                | InstData::Alloc { .. }
                | InstData::FramePointer
        )
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
