//! Drops the write barriers of stores into objects that are still new.
//!
//! The barrier hands what is overwritten to the collector ([`crate::inst::InstData::Store`]); where nil is overwritten there is
//! nothing to hand over. A new object is all nil, and as long as its address is known to this function alone, nobody but the
//! stores seen here changes that: the first store to each of its words needs no barrier, whether or not the collector
//! starts, or ends, between the allocation and the store.
//!
//! The address is known elsewhere once it is passed to a call or a block, stored, or computed with in any way but adding a constant.
//! What is known goes along edges to blocks that have no other predecessor.
//!
//! Not done: a store behind a test of the same place against nil. Another goroutine may have stored there between the two; the
//! program is wrong then, but the collector must not free what it still holds.

use crate::entity::{Block, Value};
use crate::func::Func;
use crate::inst::{BinaryOp, Callee, InstData};
use crate::module::Module;
use rustc_hash::FxHashMap;

/// Natives that make objects, all nil; their first result is the address.
const MAKERS: [&str; 2] = ["runtime.newobject", "runtime.makeslice"];

/// More parts of one object are not kept in mind.
const MAX_PARTS: usize = 32;

/// Drop what is not needed in all functions of a module.
pub fn run(module: &mut Module) {
    let makers = MAKERS.map(|name| module.symbols.iter().position(|s| s == name));
    let mut funcs = std::mem::take(&mut module.funcs);
    for func in &mut funcs {
        let barred = |data: &InstData| data.barred().is_some();
        if func.insts.iter().any(barred) {
            function(func, &makers);
        }
    }
    module.funcs = funcs;
}

/// The objects that are new, by the value that is their address, each with the parts that may hold something: offsets of
/// their first bytes and of those behind them.
type New = FxHashMap<Value, Vec<(i64, i64)>>;

fn function(func: &mut Func, makers: &[Option<usize>; 2]) {
    let mut predecessors = vec![0u32; func.blocks.len()];
    for n in 0..func.blocks.len() {
        for to in successors(func, Block(n as u32)) {
            predecessors[to.index()] += 1;
        }
    }
    predecessors[0] += 2; // entered from outside, too
    if let Some(recover) = func.recover_block {
        predecessors[recover.index()] += 2;
    }
    let starts = (0..func.blocks.len()).filter(|&n| predecessors[n] != 1);
    let mut work: Vec<(Block, New)> = starts.map(|n| (Block(n as u32), New::default())).collect();
    while let Some((block, mut new)) = work.pop() {
        for i in 0..func.blocks[block.index()].insts.len() {
            let inst = func.blocks[block.index()].insts[i];
            let data = &func.insts[inst.index()];
            if writes_nothing(func, data, &mut new) {
                func.insts[inst.index()].unbar();
            }
            let data = &func.insts[inst.index()];
            leave(func, data, &mut new);
            if makes(data, makers)
                && let Some(&v) = func.results[inst.index()].first()
            {
                new.insert(v, Vec::new());
            }
        }
        for to in successors(func, block) {
            if predecessors[to.index()] == 1 {
                work.push((to, new.clone()));
            }
        }
    }
}

fn successors(func: &Func, block: Block) -> impl Iterator<Item = Block> + use<> {
    let all = func.terminator(block).map(InstData::successors);
    all.unwrap_or_default().into_iter()
}

fn makes(data: &InstData, makers: &[Option<usize>; 2]) -> bool {
    if let InstData::Call {
        callee: Callee::Native(sym),
        ..
    } = data
    {
        return makers.contains(&Some(sym.index()));
    }
    matches!(data, InstData::Alloc { .. })
}

/// Takes note of what an instruction writes to a new object; whether all of it was nil.
fn writes_nothing(func: &Func, data: &InstData, new: &mut New) -> bool {
    let (addr, off, size) = if let InstData::Store { val, addr, off, .. } = *data {
        (addr, off, func.ty(val).size())
    } else if let InstData::Copy { dst, size, .. } | InstData::Clear { dst, size, .. } = *data {
        (dst, 0, size)
    } else {
        return false;
    };
    let (object, from) = base(func, addr);
    let Some(parts) = new.get_mut(&object) else {
        return false;
    };
    let from = from + i64::from(off);
    let to = from + i64::from(size);
    if parts.len() == MAX_PARTS {
        new.remove(&object);
        return false;
    }
    let nil = parts.iter().all(|&(a, b)| to <= a || b <= from);
    if !matches!(data, InstData::Clear { .. }) {
        parts.push((from, to));
    }
    nil
}

/// Forget the objects whose addresses an instruction makes known elsewhere.
fn leave(func: &Func, data: &InstData, new: &mut New) {
    if !new.is_empty() {
        data.for_each_use(|v| {
            if !keeps(func, data, v) {
                new.remove(&base(func, v).0);
            }
        });
    }
}

/// Whether an instruction that uses an address leaves it to this function alone.
fn keeps(func: &Func, data: &InstData, v: Value) -> bool {
    if let InstData::Store { val, .. } = *data {
        return val != v;
    }
    if let Some((a, _)) = sum(func, data) {
        return a == v;
    }
    matches!(
        data,
        InstData::Load { .. }
            | InstData::NilCheck { .. }
            | InstData::Icmp { .. }
            | InstData::Copy { .. }
            | InstData::Clear { .. }
    )
}

/// The value that an address is computed from, and what was added to it.
fn base(func: &Func, addr: Value) -> (Value, i64) {
    let (mut v, mut off) = (addr, 0i64);
    while let Some((a, n)) = func.definition(v).and_then(|data| sum(func, data)) {
        (v, off) = (a, off.wrapping_add(n));
    }
    (v, off)
}

/// A sum of a value and a constant.
fn sum(func: &Func, data: &InstData) -> Option<(Value, i64)> {
    if let InstData::Binary {
        op: BinaryOp::Iadd,
        a,
        b,
    } = *data
    {
        return Some((a, func.constant(b)?));
    }
    None
}
