//! Loads of the parts of a number.
//!
//! A tree of ors whose leaves are loads of neighbours, shifted to where they belong, all in one block, with nothing that
//! writes between them and the root, is one load of the whole, its bytes swapped if they come from the top. All bytes were
//! read before, so nothing faults that has not; where a check stands between them the first load stays, for its fault to come
//! before that check's panic.

use super::address::Address;
use crate::entity::{Block, Inst, Value};
use crate::func::{Func, ValueDef};
use crate::inst::{BinaryOp, ConvertOp, InstData, UnaryOp};
use crate::passes::simplify::alias;
use crate::types::Type;
use smallvec::SmallVec;

/// Parts of a tree at most: bytes of an I64.
const PARTS: usize = 8;

/// Combine loads. Says whether something changed.
pub fn run(func: &mut Func) -> bool {
    let is_or = |i: &InstData| {
        matches!(
            i,
            InstData::Binary {
                op: BinaryOp::Or,
                ..
            }
        )
    };
    if !func.insts.iter().any(is_or) {
        return false;
    }
    let mut uses = uses(func);
    let mut changed = false;
    for b in 0..func.blocks.len() as u32 {
        // Halves that were put together can be put together.
        while loads(func, Block(b), &mut uses) {
            changed = true;
        }
    }
    changed
}

/// How often each value is used.
fn uses(func: &Func) -> Vec<u32> {
    let mut uses = vec![0; func.values.len()];
    for inst in func.blocks.iter().flat_map(|b| &b.insts) {
        func.insts[inst.index()].for_each_use(|v| uses[func.resolve(v).index()] += 1);
    }
    uses
}

/// A load that is a part of a number.
struct Part {
    inst: Inst,
    addr: Value,
    off: i32,
    /// Bytes.
    size: u32,
    /// Bits by which it is shifted.
    shift: u32,
}

/// Combine the loads of a block, the largest trees first.
fn loads(func: &mut Func, block: Block, uses: &mut Vec<u32>) -> bool {
    let mut changed = false;
    let mut at = func.blocks[block.index()].insts.len();
    while at > 0 {
        at -= 1;
        let root = func.blocks[block.index()].insts[at];
        let InstData::Binary {
            op: BinaryOp::Or, ..
        } = func.insts[root.index()]
        else {
            continue;
        };
        let mut parts = SmallVec::new();
        let result = func.results[root.index()][0];
        if !collect(func, uses, result, 0, true, &mut parts) || parts.len() < 2 {
            continue;
        }
        let Some(whole) = Whole::of(func, &parts) else {
            continue;
        };
        let Some(first) = undisturbed(func, block, at, &parts) else {
            continue;
        };
        changed = true;
        // What the parts were is not read any more.
        for part in &parts {
            if first != Some(part.inst) {
                let ty = func.ty(func.results[part.inst.index()][0]);
                func.insts[part.inst.index()] = InstData::Iconst { ty, imm: 0 };
            }
        }
        let value = whole.put(func, block, at, root);
        let of_root = uses[result.index()];
        uses.resize(func.values.len(), 1);
        uses[value.index()] = of_root;
    }
    changed
}

/// The loads of which a value is put together. Those in between must have no other use.
fn collect(
    func: &Func,
    uses: &[u32],
    v: Value,
    shift: u32,
    root: bool,
    parts: &mut SmallVec<[Part; PARTS]>,
) -> bool {
    let v = func.resolve(v);
    if !root && uses[v.index()] != 1 || parts.len() > PARTS {
        return false;
    }
    let ValueDef::Result(inst, _) = func.values[v.index()].def else {
        return false;
    };
    let data = &func.insts[inst.index()];
    if let InstData::Binary { op, a, b } = *data {
        return match (op, func.constant(func.resolve(b))) {
            (BinaryOp::Or, _) => {
                collect(func, uses, a, shift, false, parts)
                    && collect(func, uses, b, shift, false, parts)
            }
            (BinaryOp::Shl, Some(n @ 0..=56)) => {
                collect(func, uses, a, shift + n as u32, false, parts)
            }
            _ => false,
        };
    }
    if let InstData::Convert {
        op: ConvertOp::Zext,
        a,
        ..
    } = *data
    {
        // What is shifted out of a narrower number is lost: only a load is taken whole.
        let load = func.definition(func.resolve(a));
        return matches!(load, Some(InstData::Load { .. }))
            && collect(func, uses, a, shift, false, parts);
    }
    let InstData::Load { ty, addr, off } = *data else {
        return false;
    };
    if ty.is_float() || ty == Type::Ptr {
        return false;
    }
    parts.push(Part {
        inst,
        addr: func.resolve(addr),
        off,
        size: ty.size(),
        shift,
    });
    true
}

/// One load in place of several.
struct Whole {
    ty: Type,
    addr: Value,
    off: i32,
    swapped: bool,
}

impl Whole {
    /// The load that reads what the parts read, if that is all of a number and nothing else.
    fn of(func: &Func, parts: &[Part]) -> Option<Whole> {
        let first = Address::of(func, parts[0].addr, parts[0].off);
        let mut places: SmallVec<[(i64, &Part); PARTS]> = SmallVec::new();
        for part in parts {
            let address = Address::of(func, part.addr, part.off);
            if !first.same_base(func, &address) {
                return None;
            }
            places.push((address.off.wrapping_sub(first.off), part));
        }
        places.sort_unstable_by_key(|p| p.0);
        let size: u32 = parts.iter().map(|p| p.size).sum();
        let ty = match size {
            2 => Type::I16,
            4 => Type::I32,
            8 => Type::I64,
            _ => return None,
        };
        let (low, lowest) = (places[0].0, places[0].1);
        let mut bytes = 0;
        let (mut upwards, mut downwards) = (true, true);
        for &(at, part) in &places {
            if at - low != i64::from(bytes) {
                return None;
            }
            upwards &= part.shift == 8 * bytes;
            bytes += part.size;
            // Bytes alone can come from the top.
            downwards &= part.size == 1 && part.shift == 8 * (size - bytes);
        }
        (upwards || downwards).then_some(Whole {
            ty,
            addr: lowest.addr,
            off: lowest.off,
            swapped: !upwards,
        })
    }

    /// Put it in place of the instruction at `at`.
    fn put(&self, func: &mut Func, block: Block, at: usize, root: Inst) -> Value {
        let loc = func.inst_locs[root.index()];
        let ty = func.ty(func.results[root.index()][0]);
        let rest = func.blocks[block.index()].insts.split_off(at + 1);
        func.blocks[block.index()].insts.pop();
        let mut emit = |data, ty| {
            let inst = func.append(block, data, &[ty], loc);
            func.results[inst.index()][0]
        };
        let load = InstData::Load {
            ty: self.ty,
            addr: self.addr,
            off: self.off,
        };
        let mut value = emit(load, self.ty);
        if self.swapped {
            let swap = InstData::Unary {
                op: UnaryOp::Bswap,
                a: value,
            };
            value = emit(swap, self.ty);
        }
        if self.ty != ty {
            let extend = InstData::Convert {
                op: ConvertOp::Zext,
                ty,
                a: value,
            };
            value = emit(extend, ty);
        }
        func.blocks[block.index()].insts.extend(rest);
        alias(func, func.results[root.index()][0], value);
        value
    }
}

/// Whether the parts stand in the block before `at`, and nothing writes between. If something may panic there: the first of
/// them, which has to stay.
fn undisturbed(func: &Func, block: Block, at: usize, parts: &[Part]) -> Option<Option<Inst>> {
    let insts = &func.blocks[block.index()].insts[..at];
    let mut left = parts.len();
    let mut traps = false;
    for &inst in insts.iter().rev() {
        if parts.iter().any(|p| p.inst == inst) {
            left -= 1;
            if left == 0 {
                return Some(traps.then_some(inst));
            }
            continue;
        }
        let effects = func.insts[inst.index()].effects();
        if effects.writes || effects.forgets() {
            return None;
        }
        traps |= effects.traps;
    }
    None
}
