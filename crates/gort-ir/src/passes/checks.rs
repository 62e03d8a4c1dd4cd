//! Drops checks that cannot fail: of indices, of the bounds of slices, and of divisors. Divisions of numbers that are not
//! negative become cheaper ones on the way ([`divisions`]).
//!
//! A walk over the tree of dominators carries what is known ([`facts`]): in which range a number lies ([`range`]), and which
//! numbers are below which others ([`proof`]). It comes from branches that were taken, from checks that have passed, and where
//! ways meet from all of them ([`merges`]), which around a loop is an induction.
//!
//! # Lengths
//!
//! What an index or a slice bound is checked against is the length or capacity of something, so it is not negative and no
//! larger than memory, wherever the same value is used. To keep that true lowering makes a value of its own (`and n, n`) of
//! any number that becomes a length; what has elements without size, of which there may be more than memory has bytes, it checks
//! against `or n, n`.
//!
//! # Tried and rejected
//!
//! Facts about constant indices, equal indices and simple loops alone, each by pattern: `_ = b[7]` said nothing of
//! `b[6]`, nor `len(b) >= 8`, nor `i & 15` of an array of sixteen.

mod divisions;
mod facts;
mod merges;
mod proof;
mod range;

use crate::dominance::Dominators;
use crate::entity::{Block, Value};
use crate::func::Func;
use crate::inst::{BlockCall, InstData};
use crate::module::Module;
use facts::Facts;
use merges::Merges;

/// Run on all functions.
pub fn run(module: &mut Module) {
    for func in &mut module.funcs {
        function(func);
    }
}

/// Run on a function.
pub fn function(func: &mut Func) {
    let is_check = |i: &InstData| {
        let check = matches!(i, InstData::BoundsCheck { .. } | InstData::ZeroCheck { .. });
        check || divisions::is_signed(i)
    };
    if func.blocks.is_empty() || !func.insts.iter().any(is_check) {
        return;
    }
    let found = Walk::of(func).run();
    if found.superfluous.iter().any(|&s| s) {
        for block in &mut func.blocks {
            block.insts.retain(|i| !found.superfluous[i.index()]);
        }
    }
    divisions::rewrite(func, &found.unsigned);
}

/// What a walk finds, by instruction.
struct Found {
    /// Checks that pass.
    superfluous: Vec<bool>,
    /// Divisions of numbers that are not negative by such.
    unsigned: Vec<bool>,
}

/// A jump from a block, and when it is taken.
#[derive(Clone, Copy)]
struct Edge<'f> {
    from: Block,
    call: &'f BlockCall,
    when: When,
}

/// When a jump is taken.
#[derive(Clone, Copy)]
enum When {
    /// Nothing is known.
    Any,
    /// A condition holds, or does not.
    Cond(Value, bool),
    /// A number is this one.
    Is(Value, i64),
}

/// The jumps to each block.
fn edges(func: &Func) -> Vec<Vec<Edge<'_>>> {
    let mut edges: Vec<Vec<Edge<'_>>> = vec![Vec::new(); func.blocks.len()];
    for b in 0..func.blocks.len() {
        let from = Block(b as u32);
        let mut add = |call, when| edges[call_block(call)].push(Edge { from, call, when });
        match func.terminator(from) {
            Some(InstData::Jump(call)) => add(call, When::Any),
            Some(InstData::Branch { cond, then, els }) => {
                add(then, When::Cond(*cond, true));
                add(els, When::Cond(*cond, false));
            }
            Some(InstData::Switch {
                val,
                cases,
                default,
            }) => {
                for (n, call) in cases {
                    add(call, When::Is(*val, *n));
                }
                add(default, When::Any);
            }
            // What else ends a block leaves the function.
            Some(_) | None => {}
        }
    }
    edges
}

fn call_block(call: &BlockCall) -> usize {
    call.block.index()
}

/// The walk.
struct Walk<'f> {
    func: &'f Func,
    edges: Vec<Vec<Edge<'f>>>,
    out: Vec<Vec<Edge<'f>>>,
    /// The blocks below each in the tree of dominators, in the order of the walk.
    below: Vec<Vec<Block>>,
    roots: Vec<Block>,
    facts: Facts<'f>,
    merges: Merges<'f>,
    found: Found,
}

impl<'f> Walk<'f> {
    fn of(func: &'f Func) -> Walk<'f> {
        let dominators = Dominators::of(func);
        let edges = edges(func);
        let mut out = vec![Vec::new(); func.blocks.len()];
        for edge in edges.iter().flatten() {
            out[edge.from.index()].push(*edge);
        }
        let (mut below, mut roots) = (vec![Vec::new(); func.blocks.len()], Vec::new());
        for &b in dominators.order() {
            match dominators.parent(b) {
                Some(parent) => below[parent.index()].push(b),
                None => roots.push(b),
            }
        }
        let facts = Facts::of(func, dominators.order(), &edges);
        let merges = Merges::of(func, &dominators, &edges, &facts);
        Walk {
            func,
            edges,
            out,
            below,
            roots,
            facts,
            merges,
            found: Found {
                superfluous: vec![false; func.insts.len()],
                unsigned: vec![false; func.insts.len()],
            },
        }
    }

    fn run(mut self) -> Found {
        enum Step {
            Enter(Block),
            Leave(usize),
        }
        let mut steps: Vec<Step> = self.roots.iter().rev().map(|&b| Step::Enter(b)).collect();
        while let Some(step) = steps.pop() {
            match step {
                Step::Leave(mark) => self.facts.forget(mark),
                Step::Enter(b) => {
                    steps.push(Step::Leave(self.facts.mark()));
                    self.block(b);
                    // Those that others lead to come after these.
                    steps.extend(self.below[b.index()].iter().rev().map(|&b| Step::Enter(b)));
                }
            }
        }
        self.found
    }

    fn block(&mut self, b: Block) {
        let enters_here = b.0 == 0 || self.func.recover_block == Some(b);
        match self.edges[b.index()][..] {
            [edge] if !enters_here => self.facts.assume_edge(&edge),
            _ => self.merges.enter(b, &mut self.facts),
        }
        for &inst in &self.func.blocks[b.index()].insts {
            let data = &self.func.insts[inst.index()];
            if self.facts.passes(data) {
                self.found.superfluous[inst.index()] = true;
            } else {
                self.facts.assume_passed(data);
            }
            self.found.unsigned[inst.index()] = divisions::is_unsigned(data, &self.facts);
        }
        for edge in std::mem::take(&mut self.out[b.index()]) {
            if self.merges.wants(edge.call.block) {
                let mark = self.facts.mark();
                self.facts.assume_edge(&edge);
                self.merges.arrive(edge.call, &self.facts);
                self.facts.forget(mark);
            }
        }
        self.merges.left(b);
    }
}
