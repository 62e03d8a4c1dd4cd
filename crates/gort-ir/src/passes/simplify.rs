//! Cleans up what lowering and inlining leave: constants, known branches, copies, empty blocks, unused results.
//!
//! Cranelift does the arithmetic again and better. What counts here is what it cannot do: branches that are
//! decided go with all that they lead to, calls through known addresses become direct, loads that nobody
//! reads vanish although they might fault, if something else would fault there before.
//!
//! - `fold`: one instruction by its operands
//! - `blocks`: jumps, parameters and chains of blocks
//! - `forward`: loads of what was just written
//! - `dead`: what is not used

mod blocks;
mod dead;
mod fold;
mod forward;

use crate::dominance::Dominators;
use crate::entity::{Sym, Value};
use crate::func::{Func, ValueDef, cleanup};
use crate::inst::{Callee, InstData};

/// What read-only data holds: the address at an offset of a symbol.
pub type Words<'a> = &'a dyn Fn(Sym, i64) -> Option<(Sym, i64)>;

/// How often the whole is repeated at most; each time finds less.
const ROUNDS: usize = 4;

/// Simplify a function.
pub fn function(func: &mut Func, words: Words<'_>) {
    if func.blocks.is_empty() {
        return;
    }
    for _ in 0..ROUNDS {
        let mut changed = instructions(func, words);
        changed |= forward::run(func);
        changed |= blocks::run(func);
        changed |= dead::run(func);
        if !changed {
            break;
        }
        cleanup::cleanup(func);
    }
}

/// Drop what is not used.
pub fn unused(func: &mut Func) {
    if dead::run(func) {
        cleanup::cleanup(func);
    }
}

/// Fold instructions, definitions before uses.
fn instructions(func: &mut Func, words: Words<'_>) -> bool {
    let order = Dominators::of(func).order().to_vec();
    let mut changed = false;
    for block in order {
        let insts = std::mem::take(&mut func.blocks[block.index()].insts);
        let mut kept = Vec::with_capacity(insts.len());
        for inst in insts {
            let mut data = std::mem::replace(&mut func.insts[inst.index()], InstData::Unreachable);
            data.for_each_use_mut(|v| *v = func.resolve(*v));
            let folded = fold::fold(func, &data, words);
            func.insts[inst.index()] = data;
            match folded {
                fold::Folded::No => kept.push(inst),
                fold::Folded::To(new) => {
                    func.insts[inst.index()] = new;
                    kept.push(inst);
                    changed = true;
                }
                fold::Folded::Value(v) => {
                    alias(func, func.results[inst.index()][0], v);
                    changed = true;
                }
                fold::Folded::Nothing => changed = true,
            }
        }
        func.blocks[block.index()].insts = kept;
    }
    changed
}

/// Let `v` be another value from now on.
pub fn alias(func: &mut Func, v: Value, to: Value) {
    let to = func.resolve(to);
    if to != v {
        func.values[v.index()].def = ValueDef::Alias(to);
    }
}

/// The address that a value is: symbol and offset.
fn address(func: &Func, v: Value) -> Option<(Sym, i64)> {
    let InstData::SymAddr { sym, off } = *func.definition(v)? else {
        return None;
    };
    Some((sym, off))
}

/// Calls that become direct because their address is known.
fn direct(func: &Func, callee: &Callee) -> Option<Callee> {
    match *callee {
        Callee::Indirect(v) => match address(func, v)? {
            (sym, 0) => Some(Callee::Direct(sym)),
            _ => None,
        },
        _ => None,
    }
}
