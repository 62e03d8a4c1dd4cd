//! What an instruction comes to by its operands.

use super::{Words, address, direct};
use crate::entity::Value;
use crate::func::{Func, ValueDef};
use crate::inst::{BinaryOp, BlockCall, BoundsKind, ConvertOp, InstData, IntCc};
use crate::interp::eval;
use crate::types::Type;

/// What becomes of an instruction.
pub enum Folded {
    /// It stays.
    No,
    /// Another instruction.
    To(InstData),
    /// Its result is another value.
    Value(Value),
    /// It has no effect.
    Nothing,
}

/// Fold one instruction, whose operands are resolved.
pub fn fold(func: &Func, data: &InstData, words: Words<'_>) -> Folded {
    let to = |new: Option<InstData>| new.map_or(Folded::No, Folded::To);
    match data {
        InstData::Binary { op, a, b } => binary(func, *op, *a, *b),
        InstData::Unary { op, a } => {
            let ty = func.ty(*a);
            let known = bits(func, *a).filter(|_| !ty.is_float());
            to(known.map(|x| constant(ty, eval::unary(*op, ty, x))))
        }
        InstData::Convert { op, ty, a } => convert(func, *op, *ty, *a),
        InstData::Icmp { cc, a, b } => icmp(func, *cc, *a, *b),
        InstData::Fcmp { cc, a, b } => {
            let ty = func.ty(*a);
            let known = bits(func, *a).zip(bits(func, *b));
            to(known.map(|(x, y)| constant(Type::I8, eval::fcmp(*cc, ty, x, y).into())))
        }
        InstData::Select { cond, a, b } => match bits(func, *cond) {
            Some(0) => Folded::Value(*b),
            Some(_) => Folded::Value(*a),
            None if a == b => Folded::Value(*a),
            None => Folded::No,
        },
        InstData::Load { ty, addr, off } => {
            let held = address(func, *addr).filter(|_| *ty == Type::Ptr);
            let held = held.and_then(|(sym, at)| words(sym, at + i64::from(*off)));
            to(held.map(|(sym, off)| InstData::SymAddr { sym, off }))
        }
        InstData::BoundsCheck { kind, a, b, .. } => match (bits(func, *a), bits(func, *b)) {
            (Some(a), Some(b)) if a < b || a == b && *kind != BoundsKind::Index => Folded::Nothing,
            _ => Folded::No,
        },
        InstData::ZeroCheck { a } => match bits(func, *a) {
            Some(a) if a != 0 => Folded::Nothing,
            _ => Folded::No,
        },
        InstData::NilCheck { ptr } if has_address(func, *ptr) => Folded::Nothing,
        InstData::Call { callee, args } => to(direct(func, callee).map(|callee| InstData::Call {
            callee,
            args: args.clone(),
        })),
        InstData::TailCall { callee, args } => {
            to(direct(func, callee).map(|callee| InstData::TailCall {
                callee,
                args: args.clone(),
            }))
        }
        InstData::Branch { cond, then, els } => branch(func, *cond, then, els),
        InstData::Switch {
            val,
            cases,
            default,
        } => {
            let ty = func.ty(*val);
            to(bits(func, *val).map(|x| {
                let same = |(k, _): &&(i64, BlockCall)| eval::truncate(ty, *k as u64) == x;
                let call = cases.iter().find(same).map_or(default, |(_, call)| call);
                InstData::Jump(call.clone())
            }))
        }
        // Constants, and what operands say nothing about.
        InstData::Iconst { .. }
        | InstData::Fconst { .. }
        | InstData::SlotAddr { .. }
        | InstData::SymAddr { .. }
        | InstData::Alloc { .. }
        | InstData::FramePointer
        | InstData::CurrentG
        | InstData::NilCheck { .. }
        | InstData::DecodeRune { .. }
        | InstData::Store { .. }
        | InstData::Copy { .. }
        | InstData::Clear { .. }
        | InstData::AtomicLoad { .. }
        | InstData::AtomicStore { .. }
        | InstData::AtomicRmw { .. }
        | InstData::AtomicCas { .. }
        | InstData::Jump(_)
        | InstData::Return(_)
        | InstData::Unreachable => Folded::No,
    }
}

/// Whether a pointer is the address of something, and so not nil.
fn has_address(func: &Func, v: Value) -> bool {
    matches!(
        func.definition(v),
        Some(InstData::SlotAddr { .. } | InstData::SymAddr { .. } | InstData::Alloc { .. })
    )
}

/// The bits of a constant.
fn bits(func: &Func, v: Value) -> Option<u64> {
    let (ty, bits) = match func.definition(v) {
        Some(&InstData::Iconst { ty, imm }) => (ty, imm as u64),
        Some(&InstData::Fconst { ty, bits }) => (ty, bits),
        Some(_) | None => return None,
    };
    Some(eval::truncate(ty, bits))
}

fn constant(ty: Type, bits: u64) -> InstData {
    if ty.is_float() {
        return InstData::Fconst { ty, bits };
    }
    InstData::Iconst {
        ty,
        imm: eval::signed(ty, bits),
    }
}

fn binary(func: &Func, op: BinaryOp, a: Value, b: Value) -> Folded {
    let ty = func.ty(a);
    let (x, y) = (bits(func, a), bits(func, b));
    if let (Some(x), Some(y)) = (x, y) {
        // The bits of a NaN that an operation makes are the processor's business.
        if !ty.is_float()
            && let Some(z) = eval::binary(op, ty, x, y)
        {
            return Folded::To(constant(ty, z));
        }
        return Folded::No;
    }
    if op == BinaryOp::Isub {
        // A slice `s[i : i+n]` has the length `i+n - i`.
        if a == b {
            return Folded::To(constant(ty, 0));
        }
        if let Some(&InstData::Binary {
            op: BinaryOp::Iadd,
            a: x,
            b: y,
        }) = func.definition(a)
        {
            for (x, y) in [(x, y), (y, x)] {
                if func.resolve(x) == b {
                    return Folded::Value(func.resolve(y));
                }
            }
        }
    }
    if op == BinaryOp::Fmul {
        let two = match ty {
            Type::F32 => u64::from(2f32.to_bits()),
            _ => 2f64.to_bits(),
        };
        // A sum needs no constant in a register.
        let twice = |v| {
            Folded::To(InstData::Binary {
                op: BinaryOp::Fadd,
                a: v,
                b: v,
            })
        };
        return match (x, y) {
            (Some(x), _) if x == two => twice(b),
            (_, Some(y)) if y == two => twice(a),
            _ => Folded::No,
        };
    }
    match (op, x, y) {
        // The way in which Go code hides where a pointer comes from: escape analysis must not see through it.
        (BinaryOp::Xor, _, Some(0)) if is_address(func, a) => Folded::No,
        (
            BinaryOp::Iadd
            | BinaryOp::Isub
            | BinaryOp::Or
            | BinaryOp::Xor
            | BinaryOp::Shl
            | BinaryOp::Lshr
            | BinaryOp::Ashr
            | BinaryOp::Rotl,
            _,
            Some(0),
        ) => offset(func, a, 0),
        (BinaryOp::Iadd, Some(0), _) if func.ty(b) == ty => Folded::Value(b),
        (BinaryOp::Imul | BinaryOp::Sdiv | BinaryOp::Udiv, _, Some(1)) => Folded::Value(a),
        (BinaryOp::Imul | BinaryOp::And, _, Some(0)) => Folded::To(constant(ty, 0)),
        (BinaryOp::Iadd, _, Some(y)) if ty == Type::Ptr => offset(func, a, y as i64),
        _ => Folded::No,
    }
}

/// Whether an integer was made of a pointer just before.
fn is_address(func: &Func, v: Value) -> bool {
    let def = match func.values[v.index()].def {
        ValueDef::Result(inst, _) => &func.insts[inst.index()],
        _ => return false,
    };
    matches!(*def, InstData::Convert { op: ConvertOp::Bitcast, a, .. } if func.ty(a) == Type::Ptr)
}

/// A pointer plus a constant: known for symbols and slots.
fn offset(func: &Func, a: Value, by: i64) -> Folded {
    if by == 0 {
        return Folded::Value(a);
    }
    let sum = match func.definition(a) {
        Some(&InstData::SymAddr { sym, off }) => Some(InstData::SymAddr {
            sym,
            off: off.wrapping_add(by),
        }),
        Some(&InstData::SlotAddr { slot, off }) => i32::try_from(by)
            .ok()
            .and_then(|by| off.checked_add(by))
            .map(|off| InstData::SlotAddr { slot, off }),
        Some(_) | None => None,
    };
    sum.map_or(Folded::No, Folded::To)
}

fn convert(func: &Func, op: ConvertOp, ty: Type, a: Value) -> Folded {
    let from = func.ty(a);
    if let Some(x) = bits(func, a)
        && !ty.is_float()
        && !from.is_float()
    {
        return Folded::To(constant(ty, eval::convert(op, from, ty, x)));
    }
    // There and back between an integer and a pointer.
    if let (
        ConvertOp::Bitcast,
        Some(&InstData::Convert {
            op: ConvertOp::Bitcast,
            a: b,
            ..
        }),
    ) = (op, func.definition(a))
        && func.ty(b) == ty
    {
        return Folded::Value(b);
    }
    if op == ConvertOp::Bitcast && from == ty {
        return Folded::Value(a);
    }
    Folded::No
}

fn icmp(func: &Func, cc: IntCc, a: Value, b: Value) -> Folded {
    let ty = func.ty(a);
    let truth = |t: bool| Folded::To(constant(Type::I8, t.into()));
    match (bits(func, a), bits(func, b)) {
        (Some(x), Some(y)) => return truth(eval::icmp(cc, ty, x, y)),
        // What has an address is not nil.
        (_, Some(0)) if ty == Type::Ptr && matches!(cc, IntCc::Eq | IntCc::Ne) => {
            return match has_address(func, a) {
                true => truth(cc == IntCc::Ne),
                false => Folded::No,
            };
        }
        // A condition compared with 0 or 1.
        (_, Some(y)) if ty == Type::I8 && y < 2 && is_truth(func, a) => {
            match (cc, y) {
                (IntCc::Ne, 0) | (IntCc::Eq, 1) => return Folded::Value(a),
                (IntCc::Eq, 0) | (IntCc::Ne, 1) => {
                    if let Some(&InstData::Icmp { cc, a, b }) = func.definition(a) {
                        return Folded::To(InstData::Icmp {
                            cc: inverse(cc),
                            a,
                            b,
                        });
                    }
                }
                _ => {}
            }
            return Folded::No;
        }
        _ => {}
    }
    if a == b {
        return truth(eval::icmp(cc, ty, 0, 0));
    }
    Folded::No
}

fn is_truth(func: &Func, v: Value) -> bool {
    matches!(
        func.definition(v),
        Some(InstData::Icmp { .. } | InstData::Fcmp { .. })
    )
}

/// The condition that holds when `cc` does not.
pub fn inverse(cc: IntCc) -> IntCc {
    match cc {
        IntCc::Eq => IntCc::Ne,
        IntCc::Ne => IntCc::Eq,
        IntCc::Slt => IntCc::Sge,
        IntCc::Sle => IntCc::Sgt,
        IntCc::Sgt => IntCc::Sle,
        IntCc::Sge => IntCc::Slt,
        IntCc::Ult => IntCc::Uge,
        IntCc::Ule => IntCc::Ugt,
        IntCc::Ugt => IntCc::Ule,
        IntCc::Uge => IntCc::Ult,
    }
}

fn branch(func: &Func, cond: Value, then: &BlockCall, els: &BlockCall) -> Folded {
    if then == els {
        return Folded::To(InstData::Jump(then.clone()));
    }
    match bits(func, cond) {
        Some(0) => return Folded::To(InstData::Jump(els.clone())),
        Some(_) => return Folded::To(InstData::Jump(then.clone())),
        None => {}
    }
    match func.definition(cond) {
        // `if !c`
        Some(&InstData::Icmp {
            cc: cc @ (IntCc::Eq | IntCc::Ne),
            a,
            b,
        }) if func.ty(a) == Type::I8 && bits(func, b) == Some(0) => {
            let (then, els) = match cc {
                IntCc::Ne => (then, els),
                _ => (els, then),
            };
            Folded::To(InstData::Branch {
                cond: a,
                then: then.clone(),
                els: els.clone(),
            })
        }
        Some(_) | None => Folded::No,
    }
}
