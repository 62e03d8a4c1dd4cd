//! Whether an allocation in a loop may use the same memory each time: only if nothing can reach the
//! object that the loop made before.
//!
//! That object is out of reach if no value that may point to it is used by the allocation or after it (before it is
//! computed anew), and no memory that is itself in reach may hold a pointer to it. By the allocation: a call that joins
//! strings reads them while it writes its buffer, so that none of them may lie there.

use super::points::Points;
use super::sets::Object;
use crate::entity::{Block, Inst, Value};
use crate::func::{Func, ValueDef};
use rustc_hash::{FxHashMap, FxHashSet};

/// The uses of a function's values and its edges backwards.
pub struct Uses {
    /// Blocks and positions at which each value is used.
    uses: FxHashMap<Value, Vec<(Block, usize)>>,
    preds: Vec<Vec<Block>>,
    place: Vec<(Block, usize)>,
    /// Blocks that can come again.
    loops: Vec<bool>,
}

impl Uses {
    /// Those of a function.
    pub fn of(func: &Func) -> Uses {
        let mut uses: FxHashMap<Value, Vec<(Block, usize)>> = FxHashMap::default();
        let mut preds = vec![Vec::new(); func.blocks.len()];
        let mut place = vec![(Block(0), 0); func.insts.len()];
        for (b, data) in func.blocks.iter().enumerate() {
            let block = Block(b as u32);
            for (at, &inst) in data.insts.iter().enumerate() {
                place[inst.index()] = (block, at);
                func.insts[inst.index()]
                    .for_each_use(|v| uses.entry(v).or_default().push((block, at)));
            }
            for next in func
                .terminator(block)
                .map(|t| t.successors())
                .unwrap_or_default()
            {
                preds[next.index()].push(block);
            }
        }
        let loops = (0..func.blocks.len())
            .map(|b| comes_again(&preds, Block(b as u32)))
            .collect();
        Uses {
            uses,
            preds,
            place,
            loops,
        }
    }

    /// Whether a value computed before an instruction may be used by it or after it.
    fn live_after(&self, func: &Func, v: Value, inst: Inst) -> bool {
        let (block, at) = self.place[inst.index()];
        let Some(uses) = self.uses.get(&v) else {
            return false;
        };
        if uses.contains(&(block, at)) {
            return true;
        }
        let (def_block, def_at) = match func.values[v.index()].def {
            ValueDef::Result(i, _) => {
                let (b, at) = self.place[i.index()];
                (b, Some(at))
            }
            ValueDef::Param(b, _) => (b, None),
            ValueDef::Alias(_) => return true,
        };
        if def_block == block && def_at.is_some_and(|d| d >= at) {
            return false; // what is used is computed after the allocation
        }
        if uses.iter().any(|&(b, p)| b == block && p > at) {
            return true;
        }
        // Blocks at whose start it is live, from its uses backwards.
        let mut live = FxHashSet::default();
        let mut work: Vec<Block> = uses
            .iter()
            .map(|u| u.0)
            .filter(|&b| b != def_block)
            .collect();
        while let Some(b) = work.pop() {
            if live.insert(b) {
                for &p in &self.preds[b.index()] {
                    if p == block {
                        return true; // live at the end of the allocation's block
                    }
                    if p != def_block {
                        work.push(p);
                    }
                }
            }
        }
        false
    }

    /// Whether the object that an instruction makes may lie where the one before it lay.
    pub fn reusable(&self, func: &Func, points: &Points<'_, '_>, inst: Inst) -> bool {
        if !self.loops[self.place[inst.index()].0.index()] {
            return true;
        }
        let mut seen = FxHashSet::default();
        let mut work = vec![Object::Alloc(inst)];
        while let Some(object) = work.pop() {
            if !seen.insert(object) {
                continue;
            }
            if !matches!(object, Object::Alloc(_)) {
                return false;
            }
            for v in self.uses.keys() {
                let own = func.values[v.index()].def == ValueDef::Result(inst, 0);
                if !own && points.may_point(*v, object) && self.live_after(func, *v, inst) {
                    return false;
                }
            }
            work.extend(points.holders(object));
        }
        true
    }
}

/// Whether a way leads from a block back to it.
fn comes_again(preds: &[Vec<Block>], block: Block) -> bool {
    let mut seen = vec![false; preds.len()];
    let mut work = preds[block.index()].clone();
    while let Some(b) = work.pop() {
        if b == block {
            return true;
        }
        if !std::mem::replace(&mut seen[b.index()], true) {
            work.extend(&preds[b.index()]);
        }
    }
    false
}
