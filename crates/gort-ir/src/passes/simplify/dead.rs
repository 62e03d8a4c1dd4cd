//! Removes results that nobody uses, and loads that nobody reads where they cannot be the first to fault.

use crate::entity::{Inst, Value};
use crate::func::{Func, ValueDef};
use crate::inst::InstData;
use rustc_hash::FxHashSet;

/// Remove what is not used. Says whether there was something.
pub fn run(func: &mut Func) -> bool {
    let used = used(func);
    let mut changed = false;
    for b in 0..func.blocks.len() {
        // Addresses that this block has read or written already.
        let mut touched: FxHashSet<Value> = FxHashSet::default();
        let mut insts = std::mem::take(&mut func.blocks[b].insts);
        let before = insts.len();
        insts.retain(|&inst| {
            let data = &func.insts[inst.index()];
            let read = func.results[inst.index()].iter().any(|r| used[r.index()]);
            let at_nil = data.faults_at_nil();
            let known = at_nil.is_some_and(|p| touched.contains(&p));
            match *data {
                InstData::Load { addr, .. } if !read && (known || func.never_nil(addr)) => {
                    return false;
                }
                InstData::NilCheck { .. } if known => return false,
                InstData::Load { .. } | InstData::Store { .. } | InstData::NilCheck { .. } => {}
                ref other => return read || !other.effects().removable(),
            }
            touched.extend(at_nil);
            true
        });
        changed |= insts.len() != before;
        func.blocks[b].insts = insts;
    }
    changed
}

/// Values that something with an effect needs, directly or through other values.
fn used(func: &Func) -> Vec<bool> {
    let mut used = vec![false; func.values.len()];
    let mut work: Vec<Inst> = Vec::new();
    let mut need = |v: Value, work: &mut Vec<Inst>| {
        if !std::mem::replace(&mut used[v.index()], true)
            && let ValueDef::Result(inst, _) = func.values[v.index()].def
        {
            work.push(inst);
        }
    };
    for block in &func.blocks {
        for &inst in &block.insts {
            let data = &func.insts[inst.index()];
            if !data.effects().removable() {
                data.for_each_use(|v| need(func.resolve(v), &mut work));
            }
        }
    }
    while let Some(inst) = work.pop() {
        func.insts[inst.index()].for_each_use(|v| need(func.resolve(v), &mut work));
    }
    used
}
