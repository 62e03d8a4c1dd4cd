//! What each instruction asks of its operands and results.

use super::Verifier;
use crate::entity::{Block, Inst, Value};
use crate::func::ValueDef;
use crate::inst::{BinaryOp, BlockCall, Callee, ConvertOp, InstData, UnaryOp};
use crate::types::Type;

impl Verifier<'_> {
    pub(super) fn rules(&mut self) {
        let f = self.f;
        for (b, block) in f.blocks.iter().enumerate() {
            for (n, &p) in block.params.iter().enumerate() {
                if f.values[p.index()].def != ValueDef::Param(Block(b as u32), n as u32) {
                    self.problem(
                        Block(b as u32).to_string(),
                        format!("{p} is not its parameter {n}"),
                    );
                }
            }
            for &inst in &block.insts {
                for (n, &r) in f.results[inst.index()].iter().enumerate() {
                    if f.values[r.index()].def != ValueDef::Result(inst, n as u32) {
                        self.inst_problem(inst, format!("{r} is not its result {n}"));
                    }
                }
                if let Err(message) = self.rule(inst).and_then(|()| self.barriers(inst)) {
                    self.inst_problem(inst, message);
                }
            }
        }
    }

    fn rule(&self, inst: Inst) -> Result<(), String> {
        let f = self.f;
        let ty = |v: &Value| f.ty(*v);
        let results: Vec<Type> = f.results[inst.index()].iter().map(ty).collect();
        let gives = |wanted: &[Type]| same("results", &results, wanted);
        let int = |v: &Value| when(!ty(v).is_float(), || format!("{v} must be an integer"));
        let float = |v: &Value| when(ty(v).is_float(), || format!("{v} must be a float"));
        let is = |v: &Value, t: Type| when(ty(v) == t, || format!("{v} must be {t}, is {}", ty(v)));
        // An address may be computed as an integer.
        let address = |v: &Value| {
            when(matches!(ty(v), Type::Ptr | Type::I64), || {
                format!("{v} must be ptr")
            })
        };
        match &f.insts[inst.index()] {
            InstData::Iconst { ty, .. } => {
                when(!ty.is_float(), || "iconst of a float".into())?;
                gives(&[*ty])
            }
            InstData::Fconst { ty, .. } => {
                when(ty.is_float(), || "fconst of an integer".into())?;
                gives(&[*ty])
            }
            InstData::Binary { op, a, b } => {
                gives(&[ty(a)])?;
                match op {
                    BinaryOp::Shl | BinaryOp::Lshr | BinaryOp::Ashr | BinaryOp::Rotl => {
                        int(a)?;
                        is(b, Type::I64)
                    }
                    BinaryOp::Iadd | BinaryOp::Isub if ty(a) == Type::Ptr => address(b),
                    BinaryOp::Fadd
                    | BinaryOp::Fsub
                    | BinaryOp::Fmul
                    | BinaryOp::Fdiv
                    | BinaryOp::Fmin
                    | BinaryOp::Fmax => {
                        float(a)?;
                        is(b, ty(a))
                    }
                    _ => {
                        int(a)?;
                        is(b, ty(a))
                    }
                }
            }
            InstData::Unary { op, a } => {
                gives(&[ty(a)])?;
                match op {
                    UnaryOp::Ineg
                    | UnaryOp::Inot
                    | UnaryOp::Clz
                    | UnaryOp::Ctz
                    | UnaryOp::Popcnt
                    | UnaryOp::Bswap => int(a),
                    _ => float(a),
                }
            }
            InstData::Convert { op, ty: to, a } => {
                gives(&[*to])?;
                let from = ty(a);
                let fine = match op {
                    ConvertOp::Sext | ConvertOp::Zext => {
                        !from.is_float() && !to.is_float() && from.size() <= to.size()
                    }
                    ConvertOp::Itrunc => {
                        !from.is_float() && !to.is_float() && from.size() >= to.size()
                    }
                    ConvertOp::SintToFloat | ConvertOp::UintToFloat => {
                        !from.is_float() && to.is_float()
                    }
                    ConvertOp::FloatToSint | ConvertOp::FloatToUint => {
                        from.is_float() && !to.is_float()
                    }
                    ConvertOp::Fpromote => (from, *to) == (Type::F32, Type::F64),
                    ConvertOp::Fdemote => (from, *to) == (Type::F64, Type::F32),
                    ConvertOp::Bitcast => from.size() == to.size(),
                };
                when(fine, || format!("no conversion from {from} to {to}"))
            }
            InstData::Icmp { a, b, .. } => {
                int(a)?;
                is(b, ty(a))?;
                gives(&[Type::I8])
            }
            InstData::Fcmp { a, b, .. } => {
                float(a)?;
                is(b, ty(a))?;
                gives(&[Type::I8])
            }
            InstData::Select { cond, a, b } => {
                int(cond)?;
                is(b, ty(a))?;
                gives(&[ty(a)])
            }
            InstData::Load { ty, addr, .. } | InstData::AtomicLoad { ty, addr } => {
                address(addr)?;
                gives(&[*ty])
            }
            InstData::Store { addr, .. } | InstData::AtomicStore { addr, .. } => {
                address(addr)?;
                gives(&[])
            }
            InstData::SlotAddr { .. } | InstData::SymAddr { .. } | InstData::Alloc { .. } => {
                gives(&[Type::Ptr])
            }
            InstData::Copy { dst, src, .. } => {
                address(dst)?;
                address(src)?;
                gives(&[])
            }
            InstData::Clear { dst, .. } => {
                address(dst)?;
                gives(&[])
            }
            InstData::Call { callee, .. } => match callee {
                Callee::Indirect(code) => address(code),
                _ => Ok(()),
            },
            InstData::BoundsCheck { a, b, .. } => {
                is(a, Type::I64)?;
                is(b, Type::I64)?;
                gives(&[])
            }
            InstData::NilCheck { ptr } => {
                address(ptr)?;
                gives(&[])
            }
            InstData::DecodeRune { text, len, at } => {
                address(text)?;
                is(len, Type::I64)?;
                is(at, Type::I64)?;
                gives(&[Type::I64])
            }
            InstData::ZeroCheck { a } => {
                int(a)?;
                gives(&[])
            }
            InstData::FramePointer => gives(&[Type::I64]),
            InstData::CurrentG => gives(&[Type::Ptr]),
            InstData::AtomicRmw { addr, val, .. } => {
                address(addr)?;
                int(val)?;
                gives(&[ty(val)])
            }
            InstData::AtomicCas { addr, old, new, .. } => {
                address(addr)?;
                is(new, ty(old))?;
                gives(&[ty(old)])
            }
            InstData::Jump(call) => self.jump(call),
            InstData::Branch { cond, then, els } => {
                int(cond)?;
                self.jump(then)?;
                self.jump(els)
            }
            InstData::Switch {
                val,
                cases,
                default,
            } => {
                int(val)?;
                cases.iter().try_for_each(|(_, call)| self.jump(call))?;
                self.jump(default)
            }
            InstData::Return(vals) => {
                let types: Vec<Type> = vals.iter().map(ty).collect();
                same("returned values", &types, &f.result_types)
            }
            InstData::TailCall { callee, .. } => {
                gives(&[])?;
                match callee {
                    Callee::Indirect(code) => address(code),
                    _ => Ok(()),
                }
            }
            InstData::Unreachable => gives(&[]),
        }
    }

    fn jump(&self, call: &BlockCall) -> Result<(), String> {
        let params = &self.f.blocks[call.block.index()].params;
        let wanted: Vec<Type> = params.iter().map(|&v| self.f.ty(v)).collect();
        let given: Vec<Type> = call.args.iter().map(|&v| self.f.ty(v)).collect();
        same(&format!("arguments of {}", call.block), &given, &wanted)
    }
}

fn when(fine: bool, message: impl FnOnce() -> String) -> Result<(), String> {
    if fine { Ok(()) } else { Err(message()) }
}

fn same(what: &str, given: &[Type], wanted: &[Type]) -> Result<(), String> {
    when(given == wanted, || {
        let list = |types: &[Type]| {
            let names: Vec<String> = types.iter().map(Type::to_string).collect();
            names.join(", ")
        };
        format!("{what} are ({}), should be ({})", list(given), list(wanted))
    })
}
