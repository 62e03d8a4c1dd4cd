//! Stores of the parts of a number.
//!
//! In a row of stores to one object, without anything between that reads, writes or may panic, those of neighbouring parts of one
//! number, or of constants, become one. It stands where the last of them stood, and has the line of the first: that is
//! where all of them would fault.

use super::address::{Address, same};
use crate::entity::{Block, Inst, Value};
use crate::func::Func;
use crate::inst::{BinaryOp, ConvertOp, InstData, UnaryOp};
use crate::types::Type;

/// Stores of a row at most.
const ROW: usize = 64;

/// A store of a row.
struct Part {
    /// Its place in the block.
    at: usize,
    inst: Inst,
    addr: Value,
    off: i32,
    place: i64,
    size: u32,
    stored: Stored,
}

/// What a part stores.
#[derive(Clone, Copy)]
enum Stored {
    Const(u64),
    /// The bits of a number from here on.
    Bits(Value, u32),
}

/// Combine stores. Says whether something changed.
pub fn run(func: &mut Func) -> bool {
    let mut changed = false;
    for b in 0..func.blocks.len() as u32 {
        let stores = func.blocks[b as usize].insts.iter();
        let stores = stores.filter(|i| matches!(func.insts[i.index()], InstData::Store { .. }));
        if stores.count() > 1 {
            // Halves that were put together can be put together.
            while block(func, Block(b)) {
                changed = true;
            }
        }
    }
    changed
}

fn block(func: &mut Func, b: Block) -> bool {
    let insts = func.blocks[b.index()].insts.clone();
    let mut rows: Vec<Vec<Part>> = Vec::new();
    let (mut row, mut base): (Vec<Part>, Option<Address>) = (Vec::new(), None);
    for (at, &inst) in insts.iter().enumerate() {
        let data = &func.insts[inst.index()];
        let effects = data.effects();
        if !(effects.writes || effects.reads || effects.traps || effects.forgets() || effects.ends)
        {
            continue;
        }
        let next = part(func, at, inst);
        let fits = match (&next, &base) {
            (Some((_, address)), Some(base)) => row.len() < ROW && base.same_base(func, address),
            _ => false,
        };
        if !fits {
            rows.push(std::mem::take(&mut row));
            base = None;
        }
        if let Some((mut part, address)) = next {
            part.place = address.off;
            row.push(part);
            base.get_or_insert(address);
        }
    }
    rows.push(row);
    let mut new = Vec::new();
    for mut row in rows {
        row.sort_by_key(|p| p.place);
        // Where one store is over another their order counts.
        let apart = row
            .windows(2)
            .all(|w| w[0].place + i64::from(w[0].size) <= w[1].place);
        let mut from = 0;
        while apart && from + 1 < row.len() {
            let group = (2..=8.min(row.len() - from)).rev().find_map(|n| {
                let group = &row[from..from + n];
                Some((n, Whole::of(func, group)?))
            });
            match group {
                Some((n, whole)) => {
                    new.push((whole, row.drain(from..from + n).collect::<Vec<Part>>()));
                }
                None => from += 1,
            }
        }
    }
    let changed = !new.is_empty();
    // Later ones first: what is put in moves what follows.
    new.sort_by_key(|(_, group)| std::cmp::Reverse(group.iter().map(|p| p.at).max()));
    let mut gone = Vec::new();
    for (whole, group) in new {
        whole.put(func, b, &group);
        gone.extend(group.iter().map(|p| p.inst));
    }
    if changed {
        func.blocks[b.index()].insts.retain(|i| !gone.contains(i));
    }
    changed
}

/// A store as a part of a row, and where it goes.
fn part(func: &Func, at: usize, inst: Inst) -> Option<(Part, Address)> {
    let InstData::Store {
        val,
        addr,
        off,
        barrier: false,
    } = func.insts[inst.index()]
    else {
        return None;
    };
    let (val, addr) = (func.resolve(val), func.resolve(addr));
    let ty = func.ty(val);
    if ty.is_float() || ty.size() == 8 {
        return None;
    }
    let part = Part {
        at,
        inst,
        addr,
        off,
        place: 0,
        size: ty.size(),
        stored: stored(func, val),
    };
    Some((part, Address::of(func, addr, off)))
}

fn stored(func: &Func, val: Value) -> Stored {
    if let Some(n) = func.constant(val) {
        return Stored::Const(n as u64);
    }
    let Some(&InstData::Convert {
        op: ConvertOp::Itrunc,
        a,
        ..
    }) = func.definition(val)
    else {
        return Stored::Bits(val, 0);
    };
    let a = func.resolve(a);
    let shift = match func.definition(a) {
        Some(&InstData::Binary {
            op: BinaryOp::Lshr | BinaryOp::Ashr,
            a: x,
            b,
        }) => func.constant(func.resolve(b)).map(|n| (x, n)),
        Some(_) | None => None,
    };
    // No bits that are shifted in.
    let (x, n) = shift.unwrap_or((a, 0));
    let (x, bits) = (func.resolve(x), i64::from(func.ty(val).bits()));
    match n >= 0 && n + bits <= i64::from(func.ty(x).bits()) {
        true => Stored::Bits(x, n as u32),
        false => Stored::Bits(val, 0),
    }
}

/// One store in place of several.
struct Whole {
    ty: Type,
    stored: Stored,
    swapped: bool,
}

impl Whole {
    /// Of neighbours, in their order.
    fn of(func: &Func, parts: &[Part]) -> Option<Whole> {
        let size: u32 = parts.iter().map(|p| p.size).sum();
        let ty = match size {
            2 => Type::I16,
            4 => Type::I32,
            8 => Type::I64,
            _ => return None,
        };
        let (first, last) = (parts.first()?, parts.last()?);
        if last.place + i64::from(last.size) - first.place != i64::from(size) {
            return None;
        }
        let whole = |stored, swapped| {
            Some(Whole {
                ty,
                stored,
                swapped,
            })
        };
        match first.stored {
            Stored::Const(_) => {
                let mut all = 0;
                for p in parts.iter().rev() {
                    let Stored::Const(n) = p.stored else {
                        return None;
                    };
                    let bits = 8 * p.size;
                    all = all << bits | n & ((1 << bits) - 1);
                }
                whole(Stored::Const(all), false)
            }
            Stored::Bits(x, from) => {
                let Stored::Bits(_, least) = last.stored else {
                    return None;
                };
                let (mut upwards, mut downwards, mut bytes) = (true, true, 0);
                for p in parts {
                    match p.stored {
                        Stored::Bits(y, shift) if same(func, x, y, 3) => {
                            upwards &= shift == from + 8 * bytes;
                            bytes += p.size;
                            downwards &= p.size == 1 && shift == least + 8 * (size - bytes);
                        }
                        _ => return None,
                    }
                }
                match (upwards, downwards) {
                    (true, _) => whole(Stored::Bits(x, from), false),
                    (_, true) => whole(Stored::Bits(x, least), true),
                    _ => None,
                }
            }
        }
    }

    /// Put it behind the last of its parts.
    fn put(&self, func: &mut Func, block: Block, parts: &[Part]) {
        let Some(at) = parts.iter().map(|p| p.at).max() else {
            return;
        };
        let first = parts.iter().min_by_key(|p| p.at);
        let loc = first.map_or(crate::Loc(0), |p| func.inst_locs[p.inst.index()]);
        let rest = func.blocks[block.index()].insts.split_off(at + 1);
        let val = match self.stored {
            Stored::Const(n) => {
                let shift = 64 - self.ty.bits();
                let imm = (n << shift) as i64 >> shift;
                let inst = func.append(
                    block,
                    InstData::Iconst { ty: self.ty, imm },
                    &[self.ty],
                    loc,
                );
                func.results[inst.index()][0]
            }
            Stored::Bits(x, shift) => self.cut(func, block, x, shift, loc),
        };
        let store = InstData::Store {
            val,
            addr: parts[0].addr,
            off: parts[0].off,
            barrier: false,
        };
        func.append(block, store, &[], loc);
        func.blocks[block.index()].insts.extend(rest);
    }

    /// The bits of a number that are stored.
    fn cut(&self, func: &mut Func, block: Block, x: Value, shift: u32, loc: crate::Loc) -> Value {
        let ty = func.ty(x);
        let mut emit = |data, ty| {
            let inst = func.append(block, data, &[ty], loc);
            func.results[inst.index()][0]
        };
        let mut value = x;
        if shift != 0 {
            let by = InstData::Iconst {
                ty: Type::I64,
                imm: shift.into(),
            };
            let by = emit(by, Type::I64);
            let shifted = InstData::Binary {
                op: BinaryOp::Lshr,
                a: value,
                b: by,
            };
            value = emit(shifted, ty);
        }
        if ty != self.ty {
            let narrow = InstData::Convert {
                op: ConvertOp::Itrunc,
                ty: self.ty,
                a: value,
            };
            value = emit(narrow, self.ty);
        }
        if self.swapped {
            let swap = InstData::Unary {
                op: UnaryOp::Bswap,
                a: value,
            };
            value = emit(swap, self.ty);
        }
        value
    }
}
