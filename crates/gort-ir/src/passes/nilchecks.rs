//! Drops nil checks that say nothing new.
//!
//! A check of `p` goes where `p` has been read, written or checked before on every way to it (in its own block
//! [`super::simplify`] has done that already), and where the next thing in its block that anybody could notice is a read or a write
//! at `p` in the same line: that one faults in its place. Offsets below a page fault like the address itself.
//!
//! As in official Go the address that the panic names is then that of the access, not 0.

use crate::dominance::Dominators;
use crate::entity::{Block, Inst, Value};
use crate::func::Func;
use crate::inst::InstData;
use crate::module::Module;
use rustc_hash::{FxHashMap, FxHashSet};

/// Where a pointer was touched is remembered this often.
const PLACES: usize = 8;

/// Run on all functions.
pub fn run(module: &mut Module) {
    for func in &mut module.funcs {
        let pointers: FxHashSet<Value> = func
            .blocks
            .iter()
            .flat_map(|b| &b.insts)
            .filter_map(|i| checked(&func.insts[i.index()]))
            .collect();
        if !pointers.is_empty() {
            before_the_access(func);
            dominated(func, &pointers);
        }
    }
}

/// The pointer that an instruction checks.
fn checked(data: &InstData) -> Option<Value> {
    let &InstData::NilCheck { ptr } = data else {
        return None;
    };
    Some(ptr)
}

/// Drop checks which the access behind them makes.
fn before_the_access(func: &mut Func) {
    for b in 0..func.blocks.len() {
        // From the end: what will fault next, and in which line.
        let mut next: Option<(Value, Inst)> = None;
        let mut insts = std::mem::take(&mut func.blocks[b].insts);
        for n in (0..insts.len()).rev() {
            let inst = insts[n];
            let data = &func.insts[inst.index()];
            if let (Some(ptr), Some((p, access))) = (checked(data), next)
                && p == ptr
                && func.inst_locs[access.index()] == func.inst_locs[inst.index()]
            {
                insts.remove(n);
                continue;
            }
            if let InstData::Load { addr, .. } = *data
                && func.never_nil(addr)
            {
                continue;
            }
            if let Some(p) = data.faults_at_nil() {
                next = Some((p, inst));
            } else if !data.effects().removable() {
                next = None;
            }
        }
        func.blocks[b].insts = insts;
    }
}

/// Drop checks of what was touched in a dominating block.
fn dominated(func: &mut Func, pointers: &FxHashSet<Value>) {
    let dominators = Dominators::of(func);
    let mut places: FxHashMap<Value, Vec<Block>> = FxHashMap::default();
    for &block in dominators.order() {
        let mut insts = std::mem::take(&mut func.blocks[block.index()].insts);
        insts.retain(|&inst| {
            let data = &func.insts[inst.index()];
            let Some(p) = data.faults_at_nil().filter(|p| pointers.contains(p)) else {
                return true;
            };
            let places = places.entry(p).or_default();
            let known = places.iter().any(|&b| dominators.dominates(b, block));
            if !known && places.len() < PLACES {
                places.push(block);
            }
            !(known && checked(data).is_some())
        });
        func.blocks[block.index()].insts = insts;
    }
}
