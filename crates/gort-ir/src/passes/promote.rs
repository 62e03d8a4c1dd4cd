//! Keeps in values what is in memory only by form: frame slots and fresh objects that nobody else can see.
//!
//! An object can be promoted if its address is used for nothing but loads, stores and clears at known offsets, each
//! part always with one type. Inlining makes such objects: closures that are called where they are made,
//! the boxes of variables that they capture, results that were returned through memory.
//!
//! SSA form is built over the finished graph: liveness says where a part needs a block parameter, one
//! walk in reverse postorder gives the values, and parameters that turn out useless are simplified away.

use crate::dominance::Dominators;
use crate::entity::{Block, Inst, Slot, Value};
use crate::func::{Func, ValueDef, cleanup};
use crate::inst::InstData;
use crate::types::Type;
use rustc_hash::{FxHashMap, FxHashSet};

/// An object: a slot, or the result of an allocation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
enum Object {
    Slot(Slot),
    Alloc(Value),
}

/// A part of an object that becomes a variable.
struct Part {
    object: Object,
    off: i32,
    ty: Type,
}

/// Parts times blocks at most: what the tables take. Larger functions are initialisers.
const MAX_TABLE: usize = 1 << 20;

/// Promote what can be. Says whether something changed.
pub fn function(func: &mut Func) -> bool {
    if func.blocks.is_empty() || enters(func, Block(0)) {
        return false;
    }
    let parts = parts(func);
    if parts.is_empty() || parts.len() * func.blocks.len() > MAX_TABLE {
        return false;
    }
    Promotion::new(func, parts).run();
    cleanup::cleanup(func);
    true
}

/// Whether a jump leads to the block.
fn enters(func: &Func, block: Block) -> bool {
    (0..func.blocks.len()).any(|b| {
        let terminator = func.terminator(Block(b as u32));
        terminator.is_some_and(|t| t.successors().contains(&block))
    })
}

/// The object and offset that an address is.
fn object(func: &Func, addr: Value) -> Option<(Object, i32)> {
    let data = func.definition(addr)?;
    if let InstData::SlotAddr { slot, off } = *data {
        return Some((Object::Slot(slot), off));
    }
    let fresh = |v| matches!(func.definition(v), Some(InstData::Alloc { .. }));
    if fresh(addr) {
        return Some((Object::Alloc(addr), 0));
    }
    let InstData::Binary {
        op: crate::inst::BinaryOp::Iadd,
        a,
        b,
    } = *data
    else {
        return None;
    };
    let off = i32::try_from(func.constant(b)?).ok()?;
    fresh(a).then_some((Object::Alloc(a), off))
}

/// The parts of all objects that can be promoted.
fn parts(func: &Func) -> Vec<Part> {
    let mut fields: FxHashMap<Object, FxHashMap<i32, Type>> = FxHashMap::default();
    let mut clears: Vec<(Object, i32, u32)> = Vec::new();
    let mut lost: FxHashSet<Object> = FxHashSet::default();
    let recovery = after_recovery(func);
    for (b, block) in func.blocks.iter().enumerate() {
        for &inst in &block.insts {
            let data = &func.insts[inst.index()];
            let place = if let InstData::Load { ty, addr, off } = *data {
                Some((addr, off, ty))
            } else if let InstData::Store { val, addr, off, .. } = *data {
                lost.extend(object(func, val).map(|o| o.0));
                Some((addr, off, func.ty(val)))
            } else if let InstData::Clear { dst, size, .. } = *data {
                if let Some((o, at)) = object(func, dst) {
                    clears.push((o, at, size));
                    if recovery[b] {
                        lost.insert(o);
                    }
                }
                continue;
            } else if let InstData::Binary { .. } = *data
                && let [sum] = func.results[inst.index()][..]
                && object(func, sum).is_some()
            {
                continue; // the sum is judged where it is used
            } else if let InstData::NilCheck { .. } = *data {
                continue;
            } else {
                None // whatever else uses an address keeps the object in memory
            };
            match place {
                Some((addr, off, ty)) => {
                    if let Some((o, at)) = object(func, addr) {
                        let known = fields.entry(o).or_default().entry(at + off).or_insert(ty);
                        if *known != ty || recovery[b] {
                            lost.insert(o);
                        }
                    }
                }
                None => data.for_each_use(|v| lost.extend(object(func, v).map(|o| o.0))),
            }
        }
    }
    let mut parts = Vec::new();
    for (&o, fields) in &fields {
        let mut offsets: Vec<(i32, Type)> = fields.iter().map(|(&off, &ty)| (off, ty)).collect();
        offsets.sort_unstable_by_key(|f| f.0);
        let apart = offsets
            .windows(2)
            .all(|w| w[0].0 + w[0].1.size() as i32 <= w[1].0);
        // A clear covers a part or leaves it alone.
        let clean = clears.iter().filter(|c| c.0 == o).all(|&(_, from, size)| {
            offsets.iter().all(|&(off, ty)| {
                let (end, to) = (off + ty.size() as i32, from + size as i32);
                end <= from || to <= off || from <= off && end <= to
            })
        });
        if apart && clean && !lost.contains(&o) {
            parts.extend(offsets.iter().map(|&(off, ty)| Part { object: o, off, ty }));
        }
    }
    parts.sort_unstable_by_key(|p| (p.object, p.off));
    parts
}

/// Blocks that are reached from the recovery block: what they read must be in memory.
fn after_recovery(func: &Func) -> Vec<bool> {
    let mut seen = vec![false; func.blocks.len()];
    let mut work: Vec<Block> = func.recover_block.into_iter().collect();
    while let Some(b) = work.pop() {
        if !std::mem::replace(&mut seen[b.index()], true)
            && let Some(t) = func.terminator(b)
        {
            work.extend(t.successors());
        }
    }
    seen
}

/// What an instruction does to parts.
enum Effect {
    None,
    Read(usize),
    Write(usize, Value),
    /// These become zero.
    Clear(Vec<usize>),
}

struct Promotion<'a> {
    func: &'a mut Func,
    parts: Vec<Part>,
    by_place: FxHashMap<(Object, i32), usize>,
    by_object: FxHashMap<Object, Vec<usize>>,
    /// Parts that are live where a block begins.
    live: Vec<Vec<bool>>,
    /// Values of the parts at the end of each block.
    out: Vec<Vec<Value>>,
    /// Parts for which a block has parameters, in order.
    added: Vec<Vec<usize>>,
}

impl Promotion<'_> {
    fn new(func: &mut Func, parts: Vec<Part>) -> Promotion<'_> {
        let mut by_place = FxHashMap::default();
        let mut by_object: FxHashMap<Object, Vec<usize>> = FxHashMap::default();
        for (n, p) in parts.iter().enumerate() {
            by_place.insert((p.object, p.off), n);
            by_object.entry(p.object).or_default().push(n);
        }
        let blocks = func.blocks.len();
        Promotion {
            func,
            parts,
            by_place,
            by_object,
            live: Vec::new(),
            out: vec![Vec::new(); blocks],
            added: vec![Vec::new(); blocks],
        }
    }

    fn effect(&self, inst: Inst) -> Effect {
        let at = |addr, off| {
            let (o, at) = object(self.func, addr)?;
            self.by_place.get(&(o, at + off)).copied()
        };
        let data = &self.func.insts[inst.index()];
        if let InstData::Load { addr, off, .. } = *data {
            at(addr, off).map_or(Effect::None, Effect::Read)
        } else if let InstData::Store { val, addr, off, .. } = *data {
            at(addr, off).map_or(Effect::None, |n| Effect::Write(n, val))
        } else if let InstData::Alloc { .. } = *data {
            let o = Object::Alloc(self.func.results[inst.index()][0]);
            let parts = self.by_object.get(&o);
            parts.map_or(Effect::None, |p| Effect::Clear(p.clone()))
        } else if let InstData::Clear { dst, size, .. } = *data {
            let Some((o, from)) = object(self.func, dst) else {
                return Effect::None;
            };
            let Some(parts) = self.by_object.get(&o) else {
                return Effect::None;
            };
            let inside = |&&n: &&usize| {
                let off = self.parts[n].off;
                from <= off && off < from + size as i32
            };
            Effect::Clear(parts.iter().filter(inside).copied().collect())
        } else {
            Effect::None // what others touch is not promoted
        }
    }

    fn run(&mut self) {
        let order = Dominators::of(self.func).order().to_vec();
        let mut preds: Vec<Vec<Block>> = vec![Vec::new(); self.func.blocks.len()];
        for &b in &order {
            let successors = self.func.terminator(b).map(InstData::successors);
            for s in successors.into_iter().flatten() {
                preds[s.index()].push(b);
            }
        }
        self.liveness(&order);
        // Unwritten parts are zero. The constants stand in the entry, and in the recovery block's part.
        let zeros: Vec<Value> = (0..self.parts.len())
            .map(|n| self.zero(Block(0), n, 0))
            .collect();
        for &b in &order {
            let mut values: Vec<Value> = match preds[b.index()][..] {
                [] => zeros.clone(),
                [p] if !self.out[p.index()].is_empty() => self.out[p.index()].clone(),
                _ => {
                    let mut values = zeros.clone();
                    for (n, value) in values.iter_mut().enumerate() {
                        if self.live[b.index()][n] {
                            let ty = self.parts[n].ty;
                            *value = self.func.add_param(b, ty);
                            self.added[b.index()].push(n);
                        }
                    }
                    values
                }
            };
            self.block(b, &mut values);
            self.out[b.index()] = values;
        }
        for &b in &order {
            let Some(&last) = self.func.blocks[b.index()].insts.last() else {
                continue;
            };
            let data = &mut self.func.insts[last.index()];
            for call in data.block_calls_mut() {
                for &n in &self.added[call.block.index()] {
                    call.args.push(self.out[b.index()][n]);
                }
            }
        }
    }

    /// A zero of a part's type at a place in a block.
    fn zero(&mut self, block: Block, part: usize, at: usize) -> Value {
        let ty = self.parts[part].ty;
        let data = if ty.is_float() {
            InstData::Fconst { ty, bits: 0 }
        } else {
            InstData::Iconst { ty, imm: 0 }
        };
        let first = self.func.blocks[block.index()].insts.first().copied();
        self.func.insert_constant(block, at, (data, ty), first)
    }

    /// Rewrite a block; `values` are the parts' at its start, then at its end.
    fn block(&mut self, b: Block, values: &mut [Value]) {
        let mut at = 0;
        while let Some(&inst) = self.func.blocks[b.index()].insts.get(at) {
            match self.effect(inst) {
                Effect::None => {
                    at += 1;
                    continue;
                }
                Effect::Read(n) => {
                    let result = self.func.results[inst.index()][0];
                    self.func.values[result.index()].def = ValueDef::Alias(values[n]);
                }
                Effect::Write(n, val) => values[n] = self.func.resolve(val),
                Effect::Clear(parts) => {
                    let is_alloc = matches!(self.func.insts[inst.index()], InstData::Alloc { .. });
                    for n in parts {
                        values[n] = self.zero(b, n, at);
                        at += 1;
                    }
                    // The allocation goes when nobody uses it; a clear that covers only parts goes at once.
                    if is_alloc {
                        at += 1;
                        continue;
                    }
                }
            }
            self.func.blocks[b.index()].insts.remove(at);
        }
    }

    fn liveness(&mut self, order: &[Block]) {
        let (blocks, parts) = (self.func.blocks.len(), self.parts.len());
        // What a block reads before it writes, and what it writes.
        let mut reads = vec![vec![false; parts]; blocks];
        let mut writes = vec![vec![false; parts]; blocks];
        for &b in order {
            let insts = self.func.blocks[b.index()].insts.clone();
            for inst in insts {
                match self.effect(inst) {
                    Effect::None => {}
                    Effect::Read(n) => reads[b.index()][n] |= !writes[b.index()][n],
                    Effect::Write(n, _) => writes[b.index()][n] = true,
                    Effect::Clear(parts) => parts.iter().for_each(|&n| writes[b.index()][n] = true),
                }
            }
        }
        self.live = reads;
        let mut changed = true;
        while changed {
            changed = false;
            for &b in order.iter().rev() {
                let successors = self.func.terminator(b).map(InstData::successors);
                for s in successors.into_iter().flatten() {
                    for (n, written) in writes[b.index()].iter().enumerate() {
                        if self.live[s.index()][n] && !written && !self.live[b.index()][n] {
                            self.live[b.index()][n] = true;
                            changed = true;
                        }
                    }
                }
            }
        }
    }
}
