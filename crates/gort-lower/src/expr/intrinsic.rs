//! Functions of the standard library that become instructions: atomics, math/bits, roots and rounding.
//!
//! The list follows std-contract's intrinsics of amd64. Where a function has no Go body, a real function is made
//! too, so that it can be used as a value.

use crate::conv::Conv;
use crate::func::FuncLower;
use crate::program::Cx;
use crate::value::Val;
use gort_ir::inst::RmwOp;
use gort_ir::{BinaryOp, ConvertOp, InstData, IntCc, Type, UnaryOp, Value};

/// What an atomic function does.
#[derive(Clone, Copy)]
enum Atomic {
    Load,
    Store,
    /// A store of a pointer that the collector is not to know about.
    StoreNoBarrier,
    /// Gives the old value, or (`true`) the new one.
    Rmw(RmwOp, bool),
    Cas,
}

/// The meaning of an atomic function's name.
fn atomic(symbol: &str) -> Option<Atomic> {
    let (name, std) = match symbol.strip_prefix("sync/atomic.") {
        Some(name) => (name, true),
        None => (symbol.strip_prefix("internal/runtime/atomic.")?, false),
    };
    if !name.starts_with(char::is_uppercase) || name.contains('(') || name.contains('.') {
        return None;
    }
    let prefixes: &[(&str, Atomic)] = &[
        ("CompareAndSwap", Atomic::Cas),
        ("Cas", Atomic::Cas),
        ("Load", Atomic::Load),
        ("StorepNoWB", Atomic::StoreNoBarrier),
        ("Store", Atomic::Store),
        ("Swap", Atomic::Rmw(RmwOp::Xchg, false)),
        ("Xchg", Atomic::Rmw(RmwOp::Xchg, false)),
        ("Xadd", Atomic::Rmw(RmwOp::Add, true)),
        ("Add", Atomic::Rmw(RmwOp::Add, true)),
        ("And", Atomic::Rmw(RmwOp::And, false)),
        ("Or", Atomic::Rmw(RmwOp::Or, false)),
    ];
    let (prefix, op) = prefixes.iter().find(|(p, _)| name.starts_with(p))?;
    let rest = &name[prefix.len()..];
    let kinds: &[&str] = if std {
        &["Int32", "Int64", "Uint32", "Uint64", "Uintptr", "Pointer"]
    } else {
        &[
            "",
            "p",
            "p1",
            "8",
            "32",
            "64",
            "Acq",
            "Acq64",
            "Acquintptr",
            "Rel",
            "Rel64",
            "Reluintptr",
            "uint",
            "uintptr",
            "int32",
            "int64",
        ]
    };
    kinds.contains(&rest).then_some(*op)
}

/// Whether a function becomes instructions.
pub fn is_intrinsic(symbol: &str) -> bool {
    if atomic(symbol).is_some() {
        return true;
    }
    let Some((pkg, name)) = symbol.rsplit_once('.') else {
        return false;
    };
    match pkg {
        "math/bits" | "internal/runtime/sys" => {
            let stems = [
                "TrailingZeros",
                "LeadingZeros",
                "Len",
                "OnesCount",
                "ReverseBytes",
                "RotateLeft",
                "Bswap",
            ];
            let bare = name.trim_end_matches(|c: char| c.is_ascii_digit());
            stems.contains(&bare)
                || matches!(
                    name,
                    "Mul"
                        | "Mul64"
                        | "Add"
                        | "Add64"
                        | "Sub"
                        | "Sub64"
                        | "Prefetch"
                        | "PrefetchStreamed"
                )
                || matches!(name, "GetCallerPC" | "GetCallerSP" | "GetClosurePtr")
        }
        "internal/runtime/math" => matches!(name, "Mul64" | "Add64"),
        "math" => matches!(
            name,
            "sqrt" | "Sqrt" | "Abs" | "Floor" | "Ceil" | "Trunc" | "RoundToEven"
        ),
        "runtime" => name == "getg",
        "crypto/internal/constanttime" => name == "boolToUint8",
        "internal/abi" => name == "EscapeNonString",
        _ => false,
    }
}

impl<'a> Cx<'a> {
    /// A real function for an intrinsic without a body.
    pub fn intrinsic_function(&mut self, symbol: &str, conv: Conv, unit: usize) {
        self.need_made(unit, symbol, move |cx, unit, symbol| {
            let mut f = FuncLower::new(
                cx,
                unit,
                symbol,
                conv.register_results(),
                gort_syntax::Pos::NONE,
            );
            let args: Vec<Val> = conv.params.iter().map(|&p| f.incoming(p)).collect();
            let results = f.intrinsic(symbol, &args, &conv).expect("an intrinsic");
            let flat: Vec<Value> = results.iter().flat_map(|v| v.scalars().to_vec()).collect();
            f.b.ret(&flat);
            f.finish();
        });
    }
}

impl FuncLower<'_, '_> {
    /// The results of an intrinsic call; `None` if the function is none.
    pub fn intrinsic(&mut self, symbol: &str, args: &[Val], conv: &Conv) -> Option<Vec<Val>> {
        if let Some(op) = atomic(symbol) {
            return Some(self.atomic(op, args, conv));
        }
        if !is_intrinsic(symbol) {
            return None;
        }
        let (_, name) = symbol.rsplit_once('.')?;
        let arg = |i: usize| args[i].at(0);
        Some(match name {
            "EscapeNonString" | "Prefetch" | "PrefetchStreamed" => Vec::new(),
            "GetCallerPC" | "GetCallerSP" | "GetClosurePtr" => {
                vec![Val::one(self.b.iconst(Type::I64, 0))]
            }
            "getg" => vec![Val::one(self.current_g())],
            "boolToUint8" => vec![Val::one(arg(0))],
            "sqrt" | "Sqrt" => vec![Val::one(self.b.unary(UnaryOp::Sqrt, arg(0)))],
            "Abs" => vec![Val::one(self.b.unary(UnaryOp::Fabs, arg(0)))],
            "Floor" => vec![Val::one(self.b.unary(UnaryOp::Floor, arg(0)))],
            "Ceil" => vec![Val::one(self.b.unary(UnaryOp::Ceil, arg(0)))],
            "Trunc" => vec![Val::one(self.b.unary(UnaryOp::Trunc, arg(0)))],
            "RoundToEven" => vec![Val::one(self.b.unary(UnaryOp::Nearest, arg(0)))],
            "Mul" | "Mul64" => {
                let hi = self.b.binary(BinaryOp::Umulh, arg(0), arg(1));
                let lo = self.b.binary(BinaryOp::Imul, arg(0), arg(1));
                vec![Val::one(hi), Val::one(lo)]
            }
            "Add" | "Add64" => {
                let sum = self.b.binary(BinaryOp::Iadd, arg(0), arg(1));
                let c1 = self.b.icmp(IntCc::Ult, sum, arg(0));
                let total = self.b.binary(BinaryOp::Iadd, sum, arg(2));
                let c2 = self.b.icmp(IntCc::Ult, total, sum);
                let carry = self.b.binary(BinaryOp::Or, c1, c2);
                let carry = self.b.convert(ConvertOp::Zext, Type::I64, carry);
                vec![Val::one(total), Val::one(carry)]
            }
            "Sub" | "Sub64" => {
                let diff = self.b.binary(BinaryOp::Isub, arg(0), arg(1));
                let b1 = self.b.icmp(IntCc::Ult, arg(0), arg(1));
                let total = self.b.binary(BinaryOp::Isub, diff, arg(2));
                let b2 = self.b.icmp(IntCc::Ult, diff, arg(2));
                let borrow = self.b.binary(BinaryOp::Or, b1, b2);
                let borrow = self.b.convert(ConvertOp::Zext, Type::I64, borrow);
                vec![Val::one(total), Val::one(borrow)]
            }
            _ => vec![Val::one(self.bit_intrinsic(name, args))],
        })
    }

    fn bit_intrinsic(&mut self, name: &str, args: &[Val]) -> Value {
        let x = args[0].at(0);
        let ty = self.b.func.ty(x);
        let wide = |f: &mut Self, v| f.int_to_int(v, true, Type::I64);
        match name.trim_end_matches(|c: char| c.is_ascii_digit()) {
            "TrailingZeros" => {
                let n = self.b.unary(UnaryOp::Ctz, x);
                wide(self, n)
            }
            "LeadingZeros" => {
                let n = self.b.unary(UnaryOp::Clz, x);
                wide(self, n)
            }
            "Len" => {
                let n = self.b.unary(UnaryOp::Clz, x);
                let n = wide(self, n);
                let bits = self.b.iconst(Type::I64, ty.bits() as i64);
                self.b.binary(BinaryOp::Isub, bits, n)
            }
            "OnesCount" => {
                let n = self.b.unary(UnaryOp::Popcnt, x);
                wide(self, n)
            }
            "ReverseBytes" | "Bswap" => self.b.unary(UnaryOp::Bswap, x),
            _ => {
                // RotateLeft: a negative count rotates right, which is the same modulo the width.
                let last = self.b.iconst(Type::I64, ty.bits() as i64 - 1);
                let n = self.b.binary(BinaryOp::And, args[1].at(0), last);
                self.b.binary(BinaryOp::Rotl, x, n)
            }
        }
    }

    fn atomic(&mut self, op: Atomic, args: &[Val], conv: &Conv) -> Vec<Val> {
        let addr = args[0].at(0);
        match op {
            Atomic::Load => {
                let ty = self.repr(conv.results[0]).types()[0];
                vec![Val::one(
                    self.emit_one(InstData::AtomicLoad { ty, addr }, ty),
                )]
            }
            Atomic::Store | Atomic::StoreNoBarrier => {
                let val = args[1].at(0);
                let barrier = matches!(op, Atomic::Store) && self.b.func.ty(val) == Type::Ptr;
                self.b
                    .emit(InstData::AtomicStore { val, addr, barrier }, &[]);
                Vec::new()
            }
            Atomic::Cas => {
                let (old, new) = (args[1].at(0), args[2].at(0));
                let ty = self.b.func.ty(old);
                let barrier = ty == Type::Ptr;
                let data = InstData::AtomicCas {
                    addr,
                    old,
                    new,
                    barrier,
                };
                let seen = self.emit_one(data, ty);
                vec![Val::one(self.b.icmp(IntCc::Eq, seen, old))]
            }
            Atomic::Rmw(op, want_new) => {
                let val = args[1].at(0);
                let ty = self.b.func.ty(val);
                let barrier = ty == Type::Ptr;
                let data = InstData::AtomicRmw {
                    op,
                    addr,
                    val,
                    barrier,
                };
                let old = self.emit_one(data, ty);
                if conv.results.is_empty() {
                    return Vec::new();
                }
                vec![Val::one(if want_new {
                    self.b.binary(BinaryOp::Iadd, old, val)
                } else {
                    old
                })]
            }
        }
    }

    fn emit_one(&mut self, data: InstData, ty: Type) -> Value {
        let inst = self.b.emit(data, &[ty]);
        self.b.func.results[inst.index()][0]
    }
}
