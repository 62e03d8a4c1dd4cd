//! Numbers that are read byte by byte are read at once.
//!
//! `uint32(b[0]) | uint32(b[1])<<8 | …`, the way in which Go programs read numbers, is a tree of ors whose leaves are loads of
//! neighbours. Where these stand in one block, with nothing that writes between them and the root, one load of the whole is the
//! same, its bytes swapped if they come from the top. All bytes were read before, so nothing faults that has not;
//! where a check stands between them the first load stays, for its fault to come before that check's panic.
//!
//! It comes behind the pass that drops checks, so that there are few of these between.

use super::simplify::{self, alias};
use crate::entity::{Block, Inst, Value};
use crate::func::{Func, ValueDef, cleanup};
use crate::inst::{BinaryOp, ConvertOp, InstData, UnaryOp};
use crate::types::Type;
use smallvec::SmallVec;

/// Parts of a tree at most: bytes of an I64.
const PARTS: usize = 8;

/// Run on a function.
pub fn function(func: &mut Func) {
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
        return;
    }
    let mut uses = uses(func);
    let mut changed = false;
    for b in 0..func.blocks.len() as u32 {
        // Halves that were put together can be put together.
        while loads(func, Block(b), &mut uses) {
            changed = true;
        }
    }
    if changed {
        simplify::unused(func);
        cleanup::tidy(func);
    }
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
        whole.put(func, block, at, root);
        *uses = self::uses(func);
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
        let first = Address::of(func, &parts[0]);
        let mut places: SmallVec<[(i64, &Part); PARTS]> = SmallVec::new();
        for part in parts {
            let address = Address::of(func, part);
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
    fn put(&self, func: &mut Func, block: Block, at: usize, root: Inst) {
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
    }
}

/// An address as a sum of values and a constant.
struct Address {
    terms: SmallVec<[Value; 4]>,
    off: i64,
}

impl Address {
    fn of(func: &Func, part: &Part) -> Address {
        let mut address = Address {
            terms: SmallVec::new(),
            off: part.off.into(),
        };
        address.add(func, part.addr, 4);
        address
    }

    fn add(&mut self, func: &Func, v: Value, depth: u32) {
        let v = func.resolve(v);
        if let Some(c) = func.constant(v) {
            self.off = self.off.wrapping_add(c);
        } else if depth > 0
            && let Some(&InstData::Binary {
                op: BinaryOp::Iadd,
                a,
                b,
            }) = func.definition(v)
        {
            self.add(func, a, depth - 1);
            self.add(func, b, depth - 1);
        } else {
            self.terms.push(v);
        }
    }

    fn same_base(&self, func: &Func, other: &Address) -> bool {
        let mut pairs = self.terms.iter().zip(&other.terms);
        self.terms.len() == other.terms.len() && pairs.all(|(&a, &b)| same(func, a, b, 3))
    }
}

/// Whether two values are the same, or computed alike from the same.
fn same(func: &Func, a: Value, b: Value, depth: u32) -> bool {
    let (a, b) = (func.resolve(a), func.resolve(b));
    if a == b {
        return true;
    }
    let (Some(x), Some(y)) = (func.definition(a), func.definition(b)) else {
        return false;
    };
    if depth == 0 || func.ty(a) != func.ty(b) {
        return false;
    }
    if let (InstData::Binary { op, a, b }, InstData::Binary { op: o, a: c, b: d }) = (x, y) {
        return op == o && same(func, *a, *c, depth - 1) && same(func, *b, *d, depth - 1);
    }
    if let (InstData::Convert { op, a, .. }, InstData::Convert { op: o, a: b, .. }) = (x, y) {
        return op == o && same(func, *a, *b, depth - 1);
    }
    matches!(x, InstData::Iconst { .. }) && x == y
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
