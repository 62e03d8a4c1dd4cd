//! Splits the base case off functions that call themselves at least twice.
//!
//! In a tree of calls at least half are leaves, which return at once: `if n < 2 { return n }`. Such a function
//! becomes a small one that decides, and returns or goes on to the rest by a tail call. Where the rest
//! calls the function, the decision is made in place, so that leaves of the tree are no calls at all.
//!
//! The rest is shown in tracebacks under the name of the function.

use crate::entity::{Block, Inst, Loc, Sym, Value};
use crate::func::{Func, ValueDef, cleanup};
use crate::inst::{BinaryOp, BlockCall, Callee, InstData};
use crate::module::Module;
use crate::types::Type;
use rustc_hash::FxHashMap;

/// Instructions that the decision may take.
const MAX_DECISION: usize = 12;
/// Calls at which the decision is copied.
const MAX_COPIES: usize = 4;

/// Split what can be split.
pub fn run(module: &mut Module) {
    for i in 0..module.funcs.len() {
        let Some(base) = base_case(&module.funcs[i]) else {
            continue;
        };
        let name = rest_name(module.name(module.funcs[i].name));
        let rest_name = module.sym(&name);
        let mut rest = split(&mut module.funcs[i], base, rest_name);
        copy_decision(&module.funcs[i], &mut rest);
        module.funcs.push(rest);
    }
}

/// The name of what is split off a function.
pub fn rest_name(function: &str) -> String {
    format!("{function}-rest")
}

/// The successor of the entry that returns at once, in functions worth splitting.
fn base_case(func: &Func) -> Option<Block> {
    if func.recover_block.is_some() || func.flags.nosplit || func.flags.wrapper {
        return None;
    }
    let calls = func.insts.iter().filter(|i| i.calls(func.name));
    if calls.count() < 2 {
        return None;
    }
    let InstData::Branch { then, els, .. } = func.terminator(Block(0))? else {
        return None;
    };
    let entry = &func.blocks[0].insts;
    if entry.len() > MAX_DECISION || !cheap(func, &entry[..entry.len() - 1]) {
        return None;
    }
    let reached = |block: Block| {
        let from = |b: &usize| {
            let t = func.terminator(Block(*b as u32));
            t.is_some_and(|t| t.successors().contains(&block))
        };
        (0..func.blocks.len()).filter(from).count()
    };
    let returns = |call: &BlockCall| {
        let insts = &func.blocks[call.block.index()].insts;
        matches!(func.terminator(call.block), Some(InstData::Return(_)))
            && insts.len() <= MAX_DECISION
            && cheap(func, &insts[..insts.len() - 1])
            && reached(call.block) == 1
    };
    let goes_on = |call: &BlockCall| call.block != Block(0);
    if reached(Block(0)) > 0 || then.block == els.block {
        return None;
    }
    match (returns(then) && goes_on(els), returns(els) && goes_on(then)) {
        (true, _) => Some(then.block),
        (_, true) => Some(els.block),
        _ => None,
    }
}

/// Whether all these are without effect and quick.
fn cheap(func: &Func, insts: &[Inst]) -> bool {
    insts.iter().all(|i| match &func.insts[i.index()] {
        InstData::Binary { op, .. } => {
            use BinaryOp::{Sdiv, Srem, Udiv, Urem};
            !matches!(op, Sdiv | Srem | Udiv | Urem)
        }
        other => {
            let effects = other.effects();
            // A slot of the frame is not that of the frame to which the decision is copied.
            let frame = effects.frame || matches!(other, InstData::SlotAddr { .. });
            effects.removable() && !effects.reads && !effects.allocates && !frame
        }
    })
}

/// Leave decision and base case in `func`; returns the rest.
fn split(func: &mut Func, base: Block, rest_name: Sym) -> Func {
    let last = |f: &Func| f.blocks[0].insts.last().copied();
    let mut rest = func.clone();
    rest.name = rest_name;
    rest.shown_name = Some(func.shown_name.unwrap_or(func.name));
    if let Some(branch) = last(func)
        && let InstData::Branch { cond, then, els } = func.insts[branch.index()].clone()
    {
        let (keep, other) = if then.block == base {
            (&then, &els)
        } else {
            (&els, &then)
        };
        rest.insts[branch.index()] = InstData::Jump(other.clone());
        cleanup::cleanup(&mut rest);
        let tail = func.add_block();
        let args = func.blocks[0].params.clone();
        let loc = func
            .inst_locs
            .get(branch.index())
            .copied()
            .unwrap_or(Loc(0));
        func.append(
            tail,
            InstData::TailCall {
                callee: Callee::Direct(rest_name),
                args: args.into(),
            },
            &[],
            loc,
        );
        let goto_rest = BlockCall::to(tail);
        let (then, els) = if then.block == base {
            (keep.clone(), goto_rest)
        } else {
            (goto_rest, keep.clone())
        };
        func.insts[branch.index()] = InstData::Branch { cond, then, els };
        cleanup::cleanup(func);
    }
    rest
}

/// Make the decision of `small` in `rest` at each call of it.
fn copy_decision(small: &Func, rest: &mut Func) {
    let mut copies = 0;
    let mut block = 0;
    while block < rest.blocks.len() && copies < MAX_COPIES {
        let is_call = |i: &Inst| {
            let data = &rest.insts[i.index()];
            data.calls(small.name) && !data.is_terminator()
        };
        if let Some(at) = rest.blocks[block].insts.iter().position(is_call) {
            copy_at(small, rest, Block(block as u32), at);
            copies += 1;
        }
        block += 1;
    }
    cleanup::cleanup(rest);
}

/// Replace the call at `at` in `block` by the decision; what follows goes to a block of its own.
fn copy_at(small: &Func, rest: &mut Func, block: Block, at: usize) {
    let after = rest.blocks[block.index()].insts.split_off(at + 1);
    let Some(call) = rest.blocks[block.index()].insts.pop() else {
        return;
    };
    let InstData::Call { args, .. } = rest.insts[call.index()].clone() else {
        return;
    };
    let loc = rest.inst_locs[call.index()];
    let next = rest.add_block();
    rest.blocks[next.index()].insts = after;
    for old in rest.results[call.index()].clone() {
        let new = rest.add_param(next, rest.ty(old));
        rest.values[old.index()].def = ValueDef::Alias(new);
    }
    let mut values: FxHashMap<Value, Value> = FxHashMap::default();
    values.extend(
        small.blocks[0]
            .params
            .iter()
            .copied()
            .zip(args.iter().copied()),
    );
    // The blocks of the small function: entry, base case, tail call; copied as they are met.
    let mut work = vec![(Block(0), block)];
    while let Some((from, to)) = work.pop() {
        for &inst in &small.blocks[from.index()].insts {
            let mut data = small.insts[inst.index()].clone();
            data.for_each_use_mut(|v| *v = values.get(v).copied().unwrap_or(*v));
            match data {
                InstData::Return(vals) => {
                    let jump = InstData::Jump(BlockCall {
                        block: next,
                        args: vals,
                    });
                    rest.append(to, jump, &[], loc);
                }
                InstData::TailCall { callee, args } => {
                    let call = rest.append(
                        to,
                        InstData::Call { callee, args },
                        &small.result_types,
                        loc,
                    );
                    let args = rest.results[call.index()].to_vec();
                    rest.append(
                        to,
                        InstData::Jump(BlockCall {
                            block: next,
                            args: args.into(),
                        }),
                        &[],
                        loc,
                    );
                }
                InstData::Branch {
                    cond,
                    mut then,
                    mut els,
                } => {
                    for target in [&mut then, &mut els] {
                        let from = target.block;
                        target.block = rest.add_block();
                        // The target has one predecessor: its parameters are the arguments.
                        let params = small.blocks[from.index()].params.iter().copied();
                        values.extend(params.zip(std::mem::take(&mut target.args)));
                        work.push((from, target.block));
                    }
                    rest.append(to, InstData::Branch { cond, then, els }, &[], loc);
                }
                data => {
                    let types: Vec<Type> = small.results[inst.index()]
                        .iter()
                        .map(|&v| small.ty(v))
                        .collect();
                    let copy = rest.append(to, data, &types, loc);
                    let results = small.results[inst.index()].iter().copied();
                    values.extend(results.zip(rest.results[copy.index()].iter().copied()));
                }
            }
        }
    }
}
