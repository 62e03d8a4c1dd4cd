//! Calls of closures that are made in the same function become direct, wherever in it they stand.
//!
//! Nothing writes to a closure once it is made: what its first word is where it is made it stays, whoever was given the
//! closure in between. So a loop over a function, whose body the iterator calls in a loop of its own, has the body in place
//! once the iterator is. [`forward`](crate::passes::simplify) alone does not get there: it looks at one block.
//!
//! What is a closure is seen by the call: only of a closure is the first word called with the closure itself in front.

use crate::entity::{Sym, Value};
use crate::func::Func;
use crate::inst::{Callee, InstData};
use rustc_hash::FxHashMap;

/// Make calls direct. Says whether something changed.
pub fn run(func: &mut Func) -> bool {
    let calls = calls(func);
    if calls.is_empty() {
        return false;
    }
    let codes = codes(func);
    let mut changed = false;
    for (inst, closure) in calls {
        let Some(&Some(code)) = codes.get(&closure) else {
            continue;
        };
        let (InstData::Call { callee, .. } | InstData::TailCall { callee, .. }) =
            &mut func.insts[inst]
        else {
            continue;
        };
        *callee = Callee::Direct(code);
        changed = true;
    }
    changed
}

/// How many calls of a function there are.
pub fn sites(func: &Func, sym: Sym) -> usize {
    let insts = func.blocks.iter().flat_map(|b| &b.insts);
    insts.filter(|i| func.insts[i.index()].calls(sym)).count()
}

/// The calls through the first word of an object that is made here, and the object.
fn calls(func: &Func) -> Vec<(usize, Value)> {
    let mut calls = Vec::new();
    for inst in func.blocks.iter().flat_map(|b| &b.insts) {
        let (InstData::Call { callee, args } | InstData::TailCall { callee, args }) =
            &func.insts[inst.index()]
        else {
            continue;
        };
        let (&Callee::Indirect(code), Some(&first)) = (callee, args.first()) else {
            continue;
        };
        let first = func.resolve(first);
        let made = matches!(func.definition(first), Some(InstData::Alloc { .. }));
        if let Some(&InstData::Load { addr, off: 0, .. }) = func.definition(func.resolve(code))
            && made
            && func.resolve(addr) == first
        {
            calls.push((inst.index(), first));
        }
    }
    calls
}

/// The functions whose addresses are stored in the first words of objects that are made here; `None` if there are several.
fn codes(func: &Func) -> FxHashMap<Value, Option<Sym>> {
    let mut codes = FxHashMap::default();
    for inst in func.blocks.iter().flat_map(|b| &b.insts) {
        let InstData::Store {
            val, addr, off: 0, ..
        } = func.insts[inst.index()]
        else {
            continue;
        };
        let code = match func.definition(func.resolve(val)) {
            Some(&InstData::SymAddr { sym, off: 0 }) => Some(sym),
            Some(_) | None => None,
        };
        codes
            .entry(func.resolve(addr))
            .and_modify(|old| *old = None)
            .or_insert(code);
    }
    codes
}
