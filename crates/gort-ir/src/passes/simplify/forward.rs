//! Within a block, a load from a place that was just written or read gives the value that is known to be there, and a store
//! of that value is none: `s.buf = s.buf[:n]` writes a length alone, without a write barrier.
//!
//! What writes memory or runs other code by its [`effects`](crate::effects), and is no store, makes everything unknown: which
//! places a copy, a clear or an atomic operation leaves alone could be told, but they are rare between a store and its load.
//!
//! Above all this makes calls direct: the code word of a closure is stored where the closure is made, and
//! read where it is called.

use super::alias;
use crate::entity::Value;
use crate::func::Func;
use crate::inst::InstData;
use crate::types::Type;

/// What is known of a place.
struct Known {
    addr: Value,
    off: i32,
    ty: Type,
    value: Value,
}

/// Places remembered at a time.
const MAX: usize = 32;

/// Forward what can be. Says whether something changed.
pub fn run(func: &mut Func) -> bool {
    let mut changed = false;
    for b in 0..func.blocks.len() {
        let mut known: Vec<Known> = Vec::new();
        let mut insts = std::mem::take(&mut func.blocks[b].insts);
        insts.retain(|&inst| {
            match func.insts[inst.index()] {
                InstData::Load { ty, addr, off } => {
                    let (addr, result) = (func.resolve(addr), func.results[inst.index()][0]);
                    let place = known
                        .iter()
                        .find(|k| (k.addr, k.off, k.ty) == (addr, off, ty));
                    if let Some(k) = place {
                        let value = k.value;
                        alias(func, result, value);
                        changed = true;
                        return false;
                    }
                    remember(&mut known, addr, off, ty, result);
                }
                InstData::Store { val, addr, off, .. } => {
                    let (addr, val) = (func.resolve(addr), func.resolve(val));
                    let ty = func.ty(val);
                    let there =
                        |k: &Known| (k.addr, k.off, k.ty) == (addr, off, ty) && k.value == val;
                    if known.iter().any(there) {
                        changed = true;
                        return false;
                    }
                    known.retain(|k| apart(func, k, addr, off, ty));
                    remember(&mut known, addr, off, ty, val);
                }
                // Where something else wrote is not looked at.
                ref other => {
                    let effects = other.effects();
                    if effects.writes || effects.forgets() {
                        known.clear();
                    }
                }
            }
            true
        });
        func.blocks[b].insts = insts;
    }
    changed
}

fn remember(known: &mut Vec<Known>, addr: Value, off: i32, ty: Type, value: Value) {
    if known.len() == MAX {
        known.remove(0);
    }
    known.push(Known {
        addr,
        off,
        ty,
        value,
    });
}

/// Whether a store leaves a place alone.
fn apart(func: &Func, k: &Known, addr: Value, off: i32, ty: Type) -> bool {
    if k.addr == addr {
        let end = |off: i32, ty: Type| i64::from(off) + i64::from(ty.size());
        return end(k.off, k.ty) <= i64::from(off) || end(off, ty) <= i64::from(k.off);
    }
    match (func.definition(k.addr), func.definition(addr)) {
        (Some(InstData::Alloc { .. }), Some(InstData::Alloc { .. })) => true,
        (
            Some(InstData::SlotAddr { .. }),
            Some(InstData::Alloc { .. } | InstData::SymAddr { .. }),
        )
        | (
            Some(InstData::Alloc { .. } | InstData::SymAddr { .. }),
            Some(InstData::SlotAddr { .. }),
        )
        | (Some(InstData::Alloc { .. }), Some(InstData::SymAddr { .. }))
        | (Some(InstData::SymAddr { .. }), Some(InstData::Alloc { .. })) => true,
        (Some(InstData::SlotAddr { slot: a, .. }), Some(InstData::SlotAddr { slot: b, .. })) => {
            a != b
        }
        (Some(_) | None, Some(_) | None) => false,
    }
}
