//! Drops bounds checks that cannot fail.
//!
//! A check of `a` against `b` is superfluous where a fact about `a` implies it. Facts are
//!
//! - constants;
//! - a check of the same `a` that has passed: it dominates;
//! - a loop: a block parameter is below `n` if every jump to its block is taken only when the argument is
//!   (`if x < n goto loop(x)`, which is how lowering turns loops), and it is not negative if each argument is
//!   a constant that is not, or the parameter plus one. One more than something below `n` does not wrap.

use crate::dominance::Dominators;
use crate::entity::{Block, Value};
use crate::func::Func;
use crate::inst::{BinaryOp, BlockCall, BoundsKind, InstData, IntCc};
use crate::module::Module;
use crate::types::Type;
use rustc_hash::FxHashMap;
use thin_vec::ThinVec;

/// Run on all functions.
pub fn run(module: &mut Module) {
    for func in &mut module.funcs {
        let has_checks = func
            .insts
            .iter()
            .any(|i| matches!(i, InstData::BoundsCheck { .. }));
        if has_checks && !func.blocks.is_empty() {
            drop_checks(func);
        }
    }
}

/// A bound: equal constants are equal however often they are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Bound {
    Const(i64),
    Value(Value),
}

/// From a place on, `0 <= a < bound`, or `<=` if not `strict`.
struct Fact {
    bound: Bound,
    strict: bool,
    block: Block,
    /// The fact holds after this instruction of the block.
    at: usize,
}

impl Fact {
    /// Whether it makes a check of `bound` superfluous, strict as that may be.
    fn implies(&self, bound: Bound, strict: bool) -> bool {
        match (self.bound, bound) {
            (Bound::Const(known), Bound::Const(b)) => {
                // a < known is a <= known - 1
                0 <= known && known - i64::from(self.strict) <= b.saturating_sub(i64::from(strict))
            }
            (known, bound) => known == bound && (self.strict || !strict),
        }
    }
}

type Facts = FxHashMap<Value, Vec<Fact>>;

fn drop_checks(func: &mut Func) {
    let dominators = Dominators::of(func);
    let mut facts = loop_facts(func);
    for &block in dominators.order() {
        let mut kept = Vec::with_capacity(func.blocks[block.index()].insts.len());
        for (at, &inst) in func.blocks[block.index()].insts.iter().enumerate() {
            if let InstData::BoundsCheck { kind, a, b, .. } = func.insts[inst.index()] {
                let (bound, strict) = (bound(func, b), kind == BoundsKind::Index);
                if let (Some(a), Bound::Const(b)) = (func.constant(a), bound)
                    && 0 <= a
                    && a <= b.saturating_sub(i64::from(strict))
                {
                    continue;
                }
                let known = facts.entry(a).or_default();
                let here = |f: &Fact| match f.block == block {
                    true => f.at <= at,
                    false => dominators.dominates(f.block, block),
                };
                if known.iter().any(|f| here(f) && f.implies(bound, strict)) {
                    continue;
                }
                known.push(Fact {
                    bound,
                    strict,
                    block,
                    at,
                });
            }
            kept.push(inst);
        }
        func.blocks[block.index()].insts = kept;
    }
}

fn bound(func: &Func, v: Value) -> Bound {
    func.constant(v).map_or(Bound::Value(v), Bound::Const)
}

/// What loops say about the parameters of their blocks.
fn loop_facts(func: &Func) -> Facts {
    let mut edges: FxHashMap<Block, Vec<Edge<'_>>> = FxHashMap::default();
    for b in 0..func.blocks.len() {
        let Some(terminator) = func.terminator(Block(b as u32)) else {
            continue;
        };
        match terminator {
            InstData::Branch { cond, then, els } if then.block != els.block => {
                edges.entry(then.block).or_default().push(Edge {
                    call: then,
                    cond: Some(*cond),
                });
                edges.entry(els.block).or_default().push(Edge {
                    call: els,
                    cond: None,
                });
            }
            InstData::Jump(call) => {
                edges
                    .entry(call.block)
                    .or_default()
                    .push(Edge { call, cond: None });
            }
            other => {
                for block in other.successors() {
                    // Nothing is known on such a way.
                    edges.entry(block).or_default().push(Edge {
                        call: NO_CALL,
                        cond: None,
                    });
                }
            }
        }
    }
    let mut facts = Facts::default();
    for (block, edges) in &edges {
        if block.0 == 0 || Some(*block) == func.recover_block {
            continue;
        }
        for (n, &param) in func.blocks[block.index()].params.iter().enumerate() {
            if func.ty(param) != Type::I64 {
                continue;
            }
            // Ways that nothing guards may bring a constant: it must be below the bound of the others.
            let (plain, guarded): (Vec<&Edge<'_>>, Vec<&Edge<'_>>) =
                edges.iter().partition(|e| e.cond.is_none());
            let start = |e: &&Edge<'_>| func.constant(*e.call.args.get(n)?);
            let starts: Option<Vec<i64>> = plain.iter().map(start).collect();
            let bounds: Option<Vec<Bound>> =
                guarded.iter().map(|e| below(func, e, n, param)).collect();
            if let (Some(starts), Some([first, rest @ ..])) = (starts, bounds.as_deref())
                && rest.iter().all(|b| b == first)
                && starts
                    .iter()
                    .all(|&c| matches!(first, Bound::Const(k) if (0..*k).contains(&c)))
            {
                let fact = Fact {
                    bound: *first,
                    strict: true,
                    block: *block,
                    at: 0,
                };
                facts.entry(param).or_default().push(fact);
            }
        }
    }
    facts
}

/// A way to a block; `cond` if it is taken only when that holds.
struct Edge<'a> {
    call: &'a BlockCall,
    cond: Option<Value>,
}

const NO_CALL: &BlockCall = &BlockCall {
    block: Block(u32::MAX),
    args: ThinVec::new(),
};

/// The bound below which argument `n` lies on a way, if it also keeps `param` from being negative.
fn below(func: &Func, edge: &Edge<'_>, n: usize, param: Value) -> Option<Bound> {
    let &arg = edge.call.args.get(n)?;
    let &InstData::Icmp {
        cc: IntCc::Slt,
        a,
        b,
    } = func.definition(edge.cond?)?
    else {
        return None;
    };
    if a != arg || b == param {
        return None;
    }
    let counts = match (func.constant(arg), func.definition(arg)) {
        (Some(c), _) => c >= 0,
        (
            None,
            Some(&InstData::Binary {
                op: BinaryOp::Iadd,
                a,
                b,
            }),
        ) => a == param && func.constant(b) == Some(1),
        (None, Some(_) | None) => false,
    };
    counts.then(|| bound(func, b))
}
