//! Leaves a built function with reachable blocks and live values only, numbered in order.

use super::{BlockData, Func, ValueDef};
use crate::entity::{Block, Value};
use crate::inst::InstData;

/// Drop unreachable blocks, follow aliases, remove aliased block parameters with their arguments,
/// and renumber blocks, instructions and values in the order of the blocks.
pub fn cleanup(func: &mut Func) {
    let order = reachable(func);
    let mut old = Func {
        blocks: std::mem::take(&mut func.blocks),
        values: std::mem::take(&mut func.values),
        insts: std::mem::take(&mut func.insts),
        results: std::mem::take(&mut func.results),
        inst_locs: std::mem::take(&mut func.inst_locs),
        ..Func::new(func.name, Vec::new(), func.loc)
    };
    // Room for all that was there, and no more.
    func.blocks.reserve_exact(order.len());
    func.values.reserve_exact(old.values.len());
    func.insts.reserve_exact(old.insts.len());
    func.results.reserve_exact(old.insts.len());
    func.inst_locs.reserve_exact(old.insts.len());
    let mut block_map = vec![None; old.blocks.len()];
    for (n, b) in order.iter().enumerate() {
        block_map[b.index()] = Some(Block(n as u32));
    }
    let kept: Vec<Vec<bool>> = old
        .blocks
        .iter()
        .map(|b| {
            let live = |p: &Value| !matches!(old.values[p.index()].def, ValueDef::Alias(_));
            b.params.iter().map(live).collect()
        })
        .collect();
    // Values are numbered where they are defined, in block order.
    let mut value_map = vec![Value(u32::MAX); old.values.len()];
    for &b in &order {
        let new_block = block_map[b.index()].unwrap();
        let block = &old.blocks[b.index()];
        func.blocks.push(BlockData {
            cold: block.cold,
            ..BlockData::default()
        });
        for (i, &p) in block.params.iter().enumerate() {
            if kept[b.index()][i] {
                value_map[p.index()] = func.add_param(new_block, old.values[p.index()].ty);
            }
        }
        for &i in &block.insts {
            let types: Vec<_> = old.results[i.index()]
                .iter()
                .map(|r| old.values[r.index()].ty)
                .collect();
            let data = std::mem::replace(&mut old.insts[i.index()], InstData::Unreachable);
            let new = func.append(new_block, data, &types, old.inst_locs[i.index()]);
            for (r, n) in old.results[i.index()]
                .iter()
                .zip(&func.results[new.index()])
            {
                value_map[r.index()] = *n;
            }
        }
    }
    for i in 0..func.insts.len() {
        let mut data = std::mem::replace(&mut func.insts[i], InstData::Unreachable);
        for call in data.block_calls_mut() {
            let keep = &kept[call.block.index()];
            let mut n = 0;
            call.args.retain(|_| {
                n += 1;
                keep[n - 1]
            });
            call.block = block_map[call.block.index()].unwrap();
        }
        data.for_each_use_mut(|v| *v = value_map[old.resolve(*v).index()]);
        func.insts[i] = data;
    }
    func.recover_block = func.recover_block.and_then(|b| block_map[b.index()]);
}

/// Reachable blocks in order of number, from the entry and the recovery block.
fn reachable(func: &Func) -> Vec<Block> {
    let mut seen = vec![false; func.blocks.len()];
    let mut work = vec![Block(0)];
    work.extend(func.recover_block);
    while let Some(b) = work.pop() {
        if !std::mem::replace(&mut seen[b.index()], true)
            && let Some(t) = func.terminator(b)
        {
            work.extend(t.successors());
        }
    }
    (0..func.blocks.len() as u32)
        .map(Block)
        .filter(|b| seen[b.index()])
        .collect()
}
