//! Definitions dominate uses.

use super::Verifier;
use crate::dominance::Dominators;
use crate::entity::{Block, Inst, Value};
use crate::func::{Func, ValueDef};

impl Verifier<'_> {
    pub(super) fn dominance(&mut self) {
        let f = self.f;
        let dominators = Dominators::of(f);
        let mut home: Vec<Option<(Block, usize)>> = vec![None; f.insts.len()];
        for (b, block) in f.blocks.iter().enumerate() {
            for (at, inst) in block.insts.iter().enumerate() {
                home[inst.index()] = Some((Block(b as u32), at));
            }
        }
        for (b, block) in f.blocks.iter().enumerate() {
            for (at, &inst) in block.insts.iter().enumerate() {
                let here = (Block(b as u32), at);
                let mut bad: Vec<Value> = Vec::new();
                f.insts[inst.index()].for_each_use(|v| {
                    if !available(f, &dominators, &home, v, here) {
                        bad.push(v);
                    }
                });
                for v in bad {
                    self.inst_problem(inst, format!("{v} is not defined on every way to its use"));
                }
            }
        }
    }
}

fn available(
    f: &Func,
    dominators: &Dominators,
    home: &[Option<(Block, usize)>],
    v: Value,
    (block, at): (Block, usize),
) -> bool {
    match f.values[v.index()].def {
        ValueDef::Param(def, _) => def.index() < f.blocks.len() && dominators.dominates(def, block),
        ValueDef::Result(inst, _) => defined_before(home, inst, (block, at), dominators),
        ValueDef::Alias(_) => false,
    }
}

fn defined_before(
    home: &[Option<(Block, usize)>],
    inst: Inst,
    (block, at): (Block, usize),
    dominators: &Dominators,
) -> bool {
    match home.get(inst.index()).copied().flatten() {
        Some((def, place)) if def == block => place < at,
        Some((def, _)) => dominators.dominates(def, block),
        None => false,
    }
}
