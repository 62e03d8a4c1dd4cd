//! Dominators: which blocks are passed on every way to a block.
//!
//! After Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm" (2001). The entry and the recovery
//! block hang off one common root.

use crate::entity::Block;
use crate::func::Func;

/// Dominators of the reachable blocks.
pub struct Dominators {
    /// Reachable blocks in reverse postorder.
    order: Vec<Block>,
    /// Place in reverse postorder, from 1; 0 is the common root, `None` unreachable.
    place: Vec<Option<usize>>,
    /// Immediate dominator by place.
    idom: Vec<usize>,
}

impl Dominators {
    /// Those of a function whose jumps are in range.
    pub fn of(f: &Func) -> Dominators {
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
        Dominators { order, place, idom }
    }

    /// Reachable blocks, each after those that dominate it.
    pub fn order(&self) -> &[Block] {
        &self.order
    }

    /// The block that dominates a block and is dominated by all others that do; `None` for roots and unreachable blocks.
    pub fn parent(&self, b: Block) -> Option<Block> {
        let place = self.place[b.index()]?;
        self.order.get(self.idom[place].checked_sub(1)?).copied()
    }

    /// Whether `a` dominates `b`; true if either is unreachable.
    pub fn dominates(&self, a: Block, b: Block) -> bool {
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
