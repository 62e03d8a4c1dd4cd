//! Leaves a built function with reachable blocks and live values only, numbered in order.

use super::{BlockData, Func, LocData, ValueDef};
use crate::entity::{Block, Inst, Loc, Value};
use crate::inst::InstData;
use rustc_hash::FxHashMap;

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

/// Leave a function as code generation gets it, whatever way it came: without what is not used, and with locations numbered
/// by their first use. Code generation may prefer the lower of two numbers.
pub fn finish(func: &mut Func) {
    tidy(func);
    let mut numbers: FxHashMap<LocData, Loc> = FxHashMap::default();
    let mut new: Vec<Option<Loc>> = vec![None; func.locs.len()];
    let mut locs = Vec::new();
    for inst in func.blocks.iter().flat_map(|b| &b.insts) {
        let place = &mut func.inst_locs[inst.index()];
        // An index that is none stays one, for those who look at it to refuse.
        let Some(number) = new.get_mut(place.index()) else {
            continue;
        };
        let data = func.locs[place.index()];
        *place = *number.get_or_insert_with(|| {
            *numbers.entry(data).or_insert_with(|| {
                locs.push(data);
                Loc(locs.len() as u32 - 1)
            })
        });
    }
    func.locs = locs;
}

/// Clean up, unless there is nothing to do.
pub fn tidy(func: &mut Func) {
    let insts: usize = func.blocks.iter().map(|b| b.insts.len()).sum();
    let params: usize = func.blocks.iter().map(|b| b.params.len()).sum();
    let results: usize = func.results.iter().map(|r| r.len()).sum();
    let mut next = (0..func.insts.len()).map(|i| Inst(i as u32));
    let in_order = func
        .blocks
        .iter()
        .flat_map(|b| &b.insts)
        .all(|&i| next.next() == Some(i));
    if insts != func.insts.len() || params + results != func.values.len() || !in_order {
        cleanup(func);
    }
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
