//! Loads that must not become an operand of an instruction of another line.
//!
//! On x86-64 Cranelift makes a load that is used once part of the instruction that uses it. If it faults there, the trap
//! has that instruction's line. A sequence point behind the load keeps it where it is; it is no code. It also counts as a
//! fence for Cranelift's alias analysis, so only the loads get one that could move to another line and are the first in
//! their block at an address: what follows them there does not fault.

use gort_ir::func::LocData;
use gort_ir::{Func, Inst, InstData, Value};
use rustc_hash::FxHashSet;

/// Of each instruction of a function, whether it is such a load.
pub fn pinned(func: &Func, uses: &[u32]) -> Vec<bool> {
    let mut pinned = vec![false; func.insts.len()];
    let first = first_accesses(func);
    let place = |i: Inst| -> LocData { func.locs[func.inst_locs[i.index()].index()] };
    for block in &func.blocks {
        for &user in &block.insts {
            let data = &func.insts[user.index()];
            if !takes_memory_operands(data) {
                continue;
            }
            data.for_each_use(|v| {
                if uses[v.index()] == 1
                    && let Some(load) = loaded_by(func, v)
                    && first[load.index()]
                    && place(load) != place(user)
                {
                    pinned[load.index()] = true;
                }
            });
        }
    }
    pinned
}

/// Of each instruction, whether it is a load from an address at which its block has loaded, stored or checked nothing
/// before.
fn first_accesses(func: &Func) -> Vec<bool> {
    let mut first = vec![false; func.insts.len()];
    let mut touched: FxHashSet<Value> = FxHashSet::default();
    for block in &func.blocks {
        touched.clear();
        for &inst in &block.insts {
            let data = &func.insts[inst.index()];
            let at_nil = data.faults_at_nil();
            if let InstData::Load { .. } = data {
                first[inst.index()] = at_nil.is_none_or(|p| !touched.contains(&p));
            }
            touched.extend(at_nil);
        }
    }
    first
}

/// The load whose result a value is, if it may fault.
fn loaded_by(func: &Func, v: Value) -> Option<Inst> {
    let gort_ir::func::ValueDef::Result(inst, _) = func.values[v.index()].def else {
        return None;
    };
    let InstData::Load { addr, .. } = func.insts[inst.index()] else {
        return None;
    };
    (!func.never_nil(addr)).then_some(inst)
}

/// Whether an instruction may be one of machine code with an operand in memory. Calls, jumps and returns
/// want their operands in registers.
fn takes_memory_operands(data: &InstData) -> bool {
    match data {
        InstData::Binary { .. }
        | InstData::Unary { .. }
        | InstData::Convert { .. }
        | InstData::Icmp { .. }
        | InstData::Fcmp { .. }
        | InstData::Select { .. }
        | InstData::BoundsCheck { .. }
        | InstData::ZeroCheck { .. }
        | InstData::Branch { .. }
        | InstData::Switch { .. }
        | InstData::Load { .. }
        | InstData::Store { .. }
        | InstData::NilCheck { .. } => true,
        InstData::Iconst { .. }
        | InstData::Fconst { .. }
        | InstData::SlotAddr { .. }
        | InstData::SymAddr { .. }
        | InstData::Copy { .. }
        | InstData::Clear { .. }
        | InstData::Alloc { .. }
        | InstData::Call { .. }
        | InstData::FramePointer
        | InstData::CurrentG
        | InstData::DecodeRune { .. }
        | InstData::AtomicLoad { .. }
        | InstData::AtomicStore { .. }
        | InstData::AtomicRmw { .. }
        | InstData::AtomicCas { .. }
        | InstData::Jump(_)
        | InstData::Return(_)
        | InstData::TailCall { .. }
        | InstData::Unreachable => false,
    }
}
