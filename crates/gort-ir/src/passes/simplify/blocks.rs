//! Jumps: to blocks that only jump on, along decided branches, through parameters that are always the same value.

use super::alias;
use crate::entity::{Block, Value};
use crate::func::Func;
use crate::inst::{BlockCall, InstData};

/// Simplify the graph once. Says whether something changed; the function needs a cleanup then.
pub fn run(func: &mut Func) -> bool {
    let mut changed = parameters(func);
    changed |= thread(func);
    changed |= merge(func);
    changed
}

/// Predecessors of each block: how many jumps lead there. The entry and the recovery block have one more.
fn predecessors(func: &Func) -> Vec<u32> {
    let mut count = vec![0; func.blocks.len()];
    count[0] = 1;
    if let Some(b) = func.recover_block {
        count[b.index()] += 1;
    }
    for b in 0..func.blocks.len() {
        for s in func
            .terminator(Block(b as u32))
            .into_iter()
            .flat_map(InstData::successors)
        {
            count[s.index()] += 1;
        }
    }
    count
}

/// Parameters whose argument is the same on all ways, but for the parameter itself: the same value, or constants that are
/// equal, of which the block gets one of its own.
fn parameters(func: &mut Func) -> bool {
    enum Seen {
        None,
        One(Value),
        Equal(Value),
        Many,
    }
    let mut seen: Vec<Vec<Seen>> = func
        .blocks
        .iter()
        .map(|b| b.params.iter().map(|_| Seen::None).collect())
        .collect();
    for b in 0..func.blocks.len() {
        let Some(&last) = func.blocks[b].insts.last() else {
            continue;
        };
        let mut data = std::mem::replace(&mut func.insts[last.index()], InstData::Unreachable);
        for call in data.block_calls_mut() {
            for (n, &arg) in call.args.iter().enumerate() {
                let arg = func.resolve(arg);
                if arg == func.blocks[call.block.index()].params[n] {
                    continue;
                }
                let s = &mut seen[call.block.index()][n];
                *s = match s {
                    Seen::None => Seen::One(arg),
                    Seen::One(v) | Seen::Equal(v) if *v == arg => continue,
                    Seen::One(v) | Seen::Equal(v) if equal(func, *v, arg) => Seen::Equal(*v),
                    Seen::One(_) | Seen::Equal(_) | Seen::Many => Seen::Many,
                };
            }
        }
        func.insts[last.index()] = data;
    }
    let mut changed = false;
    for (b, seen) in seen.iter().enumerate().skip(1) {
        for (n, s) in seen.iter().enumerate() {
            let param = func.blocks[b].params[n];
            if func.resolve(param) != param {
                continue;
            }
            let value = match *s {
                Seen::One(v) if func.resolve(v) != param => v,
                Seen::Equal(v) => constant_in(func, Block(b as u32), v),
                Seen::One(_) | Seen::None | Seen::Many => continue,
            };
            alias(func, param, value);
            changed = true;
        }
    }
    changed
}

/// Whether two values are the same constant.
fn equal(func: &Func, a: Value, b: Value) -> bool {
    match (func.definition(a), func.definition(b)) {
        (
            Some(
                a @ (InstData::Iconst { .. } | InstData::Fconst { .. } | InstData::SymAddr { .. }),
            ),
            Some(b),
        ) => a == b,
        _ => false,
    }
}

/// A constant once more, at the beginning of a block.
fn constant_in(func: &mut Func, block: Block, constant: Value) -> Value {
    match func.definition(constant).cloned() {
        Some(data) => {
            let first = func.blocks[block.index()].insts.first().copied();
            func.insert_constant(block, 0, (data, func.ty(constant)), first)
        }
        None => constant,
    }
}

/// Jumps to a block that only jumps or branches on its parameters go where that leads.
fn thread(func: &mut Func) -> bool {
    let local = local_params(func);
    let mut changed = false;
    for b in 0..func.blocks.len() {
        let Some(&last) = func.blocks[b].insts.last() else {
            continue;
        };
        let mut data = std::mem::replace(&mut func.insts[last.index()], InstData::Unreachable);
        for call in data.block_calls_mut() {
            // A cycle of empty blocks has no end.
            for _ in 0..8 {
                let Some(next) = beyond(func, call, &local) else {
                    break;
                };
                *call = next;
                changed = true;
            }
        }
        func.insts[last.index()] = data;
    }
    changed
}

/// Blocks with a single instruction, whose parameters nobody else uses.
fn local_params(func: &Func) -> Vec<bool> {
    let mut local: Vec<bool> = func.blocks.iter().map(|b| b.insts.len() == 1).collect();
    local[0] = false;
    if let Some(b) = func.recover_block {
        local[b.index()] = false;
    }
    let mut owner = vec![u32::MAX; func.values.len()];
    for (b, block) in func.blocks.iter().enumerate() {
        for &p in &block.params {
            owner[p.index()] = b as u32;
        }
    }
    for (b, block) in func.blocks.iter().enumerate() {
        for &inst in &block.insts {
            func.insts[inst.index()].for_each_use(|v| {
                let at = owner[func.resolve(v).index()];
                if at != u32::MAX && at != b as u32 {
                    local[at as usize] = false;
                }
            });
        }
    }
    local
}

/// Where a jump ends up if its target only passes on.
fn beyond(func: &Func, call: &BlockCall, local: &[bool]) -> Option<BlockCall> {
    if !local[call.block.index()] {
        return None;
    }
    let target = &func.blocks[call.block.index()];
    let argument = |v: Value| {
        let v = func.resolve(v);
        let at = target.params.iter().position(|&p| p == v);
        at.map_or(v, |n| call.args[n])
    };
    let next = match func.terminator(call.block)? {
        InstData::Jump(next) => next,
        InstData::Branch { cond, then, els } => {
            let cond = argument(*cond);
            match func.constant(func.resolve(cond))? as u8 {
                0 => els,
                _ => then,
            }
        }
        InstData::Switch { .. }
        | InstData::Return(_)
        | InstData::TailCall { .. }
        | InstData::Unreachable => return None,
        other => unreachable!("{other:?} ends no block"),
    };
    if next.block == call.block {
        return None;
    }
    Some(BlockCall {
        block: next.block,
        args: next.args.iter().map(|&v| argument(v)).collect(),
    })
}

/// A block with one predecessor, which only jumps there, becomes part of it.
fn merge(func: &mut Func) -> bool {
    let count = predecessors(func);
    let mut changed = false;
    for b in 0..func.blocks.len() {
        while let Some(&last) = func.blocks[b].insts.last() {
            let InstData::Jump(call) = &func.insts[last.index()] else {
                break;
            };
            let next = call.block;
            if next.index() == b || count[next.index()] != 1 {
                break;
            }
            let args = call.args.clone();
            let params = std::mem::take(&mut func.blocks[next.index()].params);
            for (param, arg) in params.into_iter().zip(args) {
                alias(func, param, arg);
            }
            func.blocks[b].insts.pop();
            let mut rest = std::mem::take(&mut func.blocks[next.index()].insts);
            func.blocks[b].insts.append(&mut rest);
            func.blocks[b].cold &= func.blocks[next.index()].cold;
            changed = true;
        }
    }
    changed
}
