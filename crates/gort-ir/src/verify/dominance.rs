//! Definitions dominate uses.
//!
//! Immediate dominators after Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm" (2001).

use super::Verifier;
use crate::entity::{Block, Inst, Value};
use crate::func::{Func, ValueDef};

/// Dominators of the reachable blocks.
struct Dominators {
    /// Place in reverse postorder, from 1; 0 is the common root, `None` unreachable.
    place: Vec<Option<usize>>,
    /// Immediate dominator by place.
    idom: Vec<usize>,
}

impl Dominators {
    fn of(f: &Func) -> Dominators {
        let order = reverse_postorder(f);
        let mut place = vec![None; f.blocks.len()];
        for (i, b) in order.iter().enumerate() {
            place[b.index()] = Some(i + 1);
        }
        let mut preds = vec![Vec::new(); order.len() + 1];
        for (i, b) in order.iter().enumerate() {
            for s in f.terminator(*b).map(|t| t.successors()).unwrap_or_default() {
                if let Some(p) = place[s.index()] {
                    preds[p].push(i + 1);
                }
            }
        }
        for root in [Some(Block(0)), f.recover_block].into_iter().flatten() {
            if let Some(p) = place[root.index()] {
                preds[p].push(0);
            }
        }
        const UNKNOWN: usize = usize::MAX;
        let mut idom = vec![UNKNOWN; order.len() + 1];
        idom[0] = 0;
        let mut changed = true;
        while changed {
            changed = false;
            for b in 1..idom.len() {
                let known = preds[b].iter().copied().filter(|&p| idom[p] != UNKNOWN);
                let new = known.reduce(|mut x, mut y| {
                    while x != y {
                        while x > y {
                            x = idom[x];
                        }
                        while y > x {
                            y = idom[y];
                        }
                    }
                    x
                });
                if let Some(new) = new
                    && idom[b] != new
                {
                    idom[b] = new;
                    changed = true;
                }
            }
        }
        Dominators { place, idom }
    }

    /// Whether `a` dominates `b`; both reachable.
    fn dominates(&self, a: Block, b: Block) -> bool {
        let (Some(a), Some(mut b)) = (self.place[a.index()], self.place[b.index()]) else {
            return true;
        };
        while b > a {
            b = self.idom[b];
        }
        a == b
    }
}

fn reverse_postorder(f: &Func) -> Vec<Block> {
    let mut seen = vec![false; f.blocks.len()];
    let mut postorder = Vec::new();
    for root in f.recover_block.into_iter().chain([Block(0)]) {
        if std::mem::replace(&mut seen[root.index()], true) {
            continue;
        }
        let successors = |b: Block| f.terminator(b).map(|t| t.successors()).unwrap_or_default();
        let mut stack = vec![(root, successors(root))];
        while let Some((block, rest)) = stack.last_mut() {
            match rest.pop() {
                Some(next) if !std::mem::replace(&mut seen[next.index()], true) => {
                    stack.push((next, successors(next)));
                }
                Some(_) => {}
                None => {
                    postorder.push(*block);
                    stack.pop();
                }
            }
        }
    }
    postorder.reverse();
    postorder
}

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
