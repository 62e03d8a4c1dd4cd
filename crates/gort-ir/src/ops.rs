//! Operations of instructions: each with its word in the text form, which printer and reader share.

use std::fmt;

/// An enum of operations, the list of them, and their words.
macro_rules! ops {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum $name {
            $($(#[$vmeta])* $variant,)*
        }

        impl $name {
            /// All of them, in order.
            pub const ALL: &[$name] = &[$($name::$variant),*];

            /// The word for it.
            pub fn word(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)*
                }
            }

            /// The one with that word.
            pub fn named(word: &str) -> Option<$name> {
                Self::ALL.iter().copied().find(|op| op.word() == word)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

ops! {
    /// Two-operand arithmetic. Operands and result have one type, except that a shift count is I64.
    BinaryOp {
        /// Wrapping sum. `Ptr + I64` gives `Ptr`.
        Iadd "iadd",
        /// Wrapping difference.
        Isub "isub",
        /// Wrapping product.
        Imul "imul",
        /// High half of the unsigned product.
        Umulh "umulh",
        /// High half of the signed product.
        Smulh "smulh",
        /// Signed quotient as Go wants it: minInt / -1 is minInt. The divisor is not zero.
        Sdiv "sdiv",
        /// Unsigned quotient; the divisor is not zero.
        Udiv "udiv",
        /// Signed remainder; minInt % -1 is 0. The divisor is not zero.
        Srem "srem",
        /// Unsigned remainder; the divisor is not zero.
        Urem "urem",
        /// Bitwise and.
        And "and",
        /// Bitwise or.
        Or "or",
        /// Bitwise exclusive or.
        Xor "xor",
        /// Shift left; the count is below the width.
        Shl "shl",
        /// Logical shift right; the count is below the width.
        Lshr "lshr",
        /// Arithmetic shift right; the count is below the width.
        Ashr "ashr",
        /// Rotate left; the count is taken modulo the width.
        Rotl "rotl",
        /// Float sum.
        Fadd "fadd",
        /// Float difference.
        Fsub "fsub",
        /// Float product.
        Fmul "fmul",
        /// Float quotient.
        Fdiv "fdiv",
        /// Go's `min` of floats: NaN wins, -0 below +0.
        Fmin "fmin",
        /// Go's `max` of floats.
        Fmax "fmax",
    }
}

ops! {
    /// One-operand arithmetic; operand and result have one type.
    UnaryOp {
        /// Negation.
        Ineg "ineg",
        /// Bitwise complement.
        Inot "inot",
        /// Leading zeros.
        Clz "clz",
        /// Trailing zeros (the width for 0).
        Ctz "ctz",
        /// Ones.
        Popcnt "popcnt",
        /// Bytes reversed.
        Bswap "bswap",
        /// Float negation (flips the sign of NaN and 0 too).
        Fneg "fneg",
        /// Absolute value.
        Fabs "fabs",
        /// Square root.
        Sqrt "sqrt",
        /// Round up.
        Ceil "ceil",
        /// Round down.
        Floor "floor",
        /// Round to zero.
        Trunc "trunc",
        /// Round to nearest, ties to even.
        Nearest "nearest",
    }
}

ops! {
    /// Conversions between types.
    ConvertOp {
        /// Sign-extend.
        Sext "sext",
        /// Zero-extend.
        Zext "zext",
        /// Drop high bits.
        Itrunc "itrunc",
        /// Signed integer to float.
        SintToFloat "sinttofloat",
        /// Unsigned integer to float.
        UintToFloat "uinttofloat",
        /// Float to I64, or to I32 and below by way of it, as cvttsd2si does: out of range gives its least integer.
        FloatToSint "floattosint",
        /// Float to unsigned I64 as gc does on amd64: split at 2^63, and 2^63 for what does not fit.
        FloatToUint "floattouint",
        /// F32 to F64.
        Fpromote "fpromote",
        /// F64 to F32.
        Fdemote "fdemote",
        /// The same bits in another type of the same size (I64, Ptr, F64; I32, F32).
        Bitcast "bitcast",
    }
}

ops! {
    /// Conditions of integer comparison.
    #[allow(missing_docs)]
    IntCc {
        Eq "eq",
        Ne "ne",
        Slt "slt",
        Sle "sle",
        Sgt "sgt",
        Sge "sge",
        Ult "ult",
        Ule "ule",
        Ugt "ugt",
        Uge "uge",
    }
}

ops! {
    /// Conditions of float comparison; all but `Ne` are false for NaN.
    #[allow(missing_docs)]
    FloatCc {
        Eq "eq",
        Ne "ne",
        Lt "lt",
        Le "le",
        Gt "gt",
        Ge "ge",
    }
}

ops! {
    /// Which check a [`crate::InstData::BoundsCheck`] is; names the runtime function `panic…` that reports it.
    ///
    /// `Index` passes when `0 <= a < b`, all others when `0 <= a <= b` (compared unsigned, which covers negative `a`).
    #[allow(missing_docs)]
    BoundsKind {
        Index "index",
        SliceAlen "slicealen",
        SliceAcap "sliceacap",
        SliceB "sliceb",
        Slice3Alen "slice3alen",
        Slice3Acap "slice3acap",
        Slice3B "slice3b",
        Slice3C "slice3c",
        SliceConvert "sliceconvert",
    }
}

impl BoundsKind {
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

ops! {
    /// Atomic operations.
    #[allow(missing_docs)]
    RmwOp {
        Add "add",
        And "and",
        Or "or",
        Xchg "xchg",
    }
}
