//! Moves objects that do not leak to the frame, and drops barriers of stores that only reach the frame.

use super::known::Buffered;
use super::points::Points;
use super::program::{Site, View, module_of};
use super::reuse::Uses;
use super::sequence::Sequence;
use super::sets::Object;
use crate::entity::{Inst, Sym, Value};
use crate::func::Func;
use crate::inst::{Callee, InstData};
use crate::module::Module;
use crate::types::Type;
use gort_abi::types::{MAP_EMPTY_GROUP, MAP_GROUPS, MAP_SEED, MAP_SIZE};
use thin_vec::ThinVec;

/// Larger objects stay in the heap.
pub const MAX_OBJECT: u64 = 64 << 10;
/// All objects that move to one frame together are at most this large.
const MAX_FRAME: u64 = 128 << 10;
/// The native that gives a map its seed.
const RANDOM: &str = "runtime.fastrand";

/// What to change in a function.
pub struct Edit {
    /// Allocations that go to the frame, with size, alignment and the words to store there.
    moved: Vec<Moved>,
    /// Stores, copies and clearings without barrier.
    unbarred: Vec<Inst>,
}

struct Moved {
    inst: Inst,
    size: u32,
    align: u32,
    start: Start,
}

/// How an object in the frame comes to its contents.
#[derive(Clone, Copy)]
enum Start {
    Cleared,
    /// The arguments, of these sizes, one after the other.
    Words(&'static [u32]),
    /// An empty map, with a first group behind it if there is room for one.
    Map,
    /// By the call itself, for which it is a buffer that may be too small.
    Call(&'static Buffered),
}

/// Find out what can be changed in a function, given its analysis.
pub fn plan(program: &View<'_>, points: &Points<'_, '_>, id: usize) -> Option<Edit> {
    let func = program.func(id);
    if func.flags.nosplit {
        return None; // no check that the frame has room
    }
    let mut uses = None;
    let mut moved: Vec<Moved> = Vec::new();
    let mut total = 0;
    for &inst in func.blocks.iter().flat_map(|b| &b.insts) {
        let data = &func.insts[inst.index()];
        let Some(object) = object_of(program, id, inst, data) else {
            continue;
        };
        let size = u64::from(object.size);
        if size > MAX_OBJECT || total + size > MAX_FRAME || points.is_leaked(Object::Alloc(inst)) {
            continue;
        }
        let uses = uses.get_or_insert_with(|| Uses::of(func));
        if uses.reusable(func, points, inst) {
            total += size;
            moved.push(object);
        }
    }
    let in_frame = |v: Value| {
        let mut any = false;
        points.of_value(v).all(|o| {
            any = true;
            match o {
                Object::Slot(_) => true,
                Object::Alloc(inst) => moved
                    .iter()
                    .any(|m| m.inst == inst && !matches!(m.start, Start::Call(_))),
                _ => false,
            }
        }) && any
    };
    let mut unbarred = Vec::new();
    for &inst in func.blocks.iter().flat_map(|b| &b.insts) {
        if func.insts[inst.index()].barred().is_some_and(in_frame) {
            unbarred.push(inst);
        }
    }
    Some(Edit { moved, unbarred })
}

fn object_of(program: &View<'_>, id: usize, inst: Inst, data: &InstData) -> Option<Moved> {
    if let InstData::Alloc { size, align, .. } = *data {
        return Some(Moved {
            inst,
            size,
            align: align.max(8),
            start: Start::Cleared,
        });
    }
    let (size, start) = match program.site(id, data)? {
        Site::Slice(size) => (size, Start::Cleared),
        Site::Words(words) => (words.iter().sum(), Start::Words(words)),
        Site::Map(group) => (MAP_SIZE + group, Start::Map),
        Site::Buffered(how) => (how.size, Start::Call(how)),
    };
    Some(Moved {
        inst,
        size,
        align: 8,
        start,
    })
}

/// Change function `id` of a program.
pub fn apply(modules: &mut [Module], id: usize, edit: Edit) {
    let mut first = 0;
    let firsts: Vec<usize> = modules
        .iter()
        .map(|m| {
            first += m.funcs.len();
            first - m.funcs.len()
        })
        .collect();
    let m = module_of(&firsts, id);
    let callees: Vec<Option<Sym>> = edit
        .moved
        .iter()
        .map(|moved| match moved.start {
            Start::Call(how) => Some(modules[m].sym(how.callee)),
            Start::Map => Some(modules[m].sym(RANDOM)),
            Start::Cleared | Start::Words(_) => None,
        })
        .collect();
    let func = &mut modules[m].funcs[id - firsts[m]];
    for inst in edit.unbarred {
        func.insts[inst.index()].unbar();
    }
    for (moved, callee) in edit.moved.iter().zip(callees) {
        match (moved.start, callee) {
            (Start::Call(how), Some(callee)) => give_buffer(func, moved.inst, how, callee),
            (Start::Map, Some(random)) => map_in_frame(func, moved, random),
            _ => move_to_frame(func, moved),
        }
    }
}

/// Make a call use a buffer in the frame.
fn give_buffer(func: &mut Func, call: Inst, how: &Buffered, callee: Sym) {
    let InstData::Call { args, .. } = func.insts[call.index()].clone() else {
        return;
    };
    let buffer = func.add_slot(how.size, 8);
    let mut code = Sequence::of(func, call);
    let mut given = vec![code.slot_addr(buffer, 0)];
    if how.strings {
        let slot = code.func.add_slot(8 * args.len() as u32, 8);
        let strings = code.slot_addr(slot, 0);
        for (i, &val) in args.iter().enumerate() {
            code.store(val, strings, 8 * i as i32);
        }
        let count = code.constant(args.len() as i64 / 2);
        given.extend([strings, count]);
    } else {
        given.extend(args);
    }
    code.insert_before(call);
    func.insts[call.index()] = InstData::Call {
        callee: Callee::Native(callee),
        args: given.into(),
    };
}

/// Make a map in the frame: what `maps.NewEmptyMap` makes, and the group that it leaves to the first assignment.
fn map_in_frame(func: &mut Func, moved: &Moved, random: Sym) {
    let slot = func.add_slot(moved.size, moved.align);
    func.insts[moved.inst.index()] = InstData::SlotAddr { slot, off: 0 };
    let map = func.results[moved.inst.index()][0];
    let mut code = Sequence::of(func, moved.inst);
    code.effect(InstData::Clear {
        dst: map,
        size: moved.size,
        typ: None,
    });
    let random = InstData::Call {
        callee: Callee::Native(random),
        args: ThinVec::new(),
    };
    let seed = code.value(Type::I64, random);
    code.store(seed, map, MAP_SEED as i32);
    if moved.size > MAP_SIZE {
        let group = code.slot_addr(slot, MAP_SIZE as i32);
        code.store(group, map, MAP_GROUPS as i32);
        let empty = code.constant(MAP_EMPTY_GROUP as i64);
        code.store(empty, group, 0);
    }
    code.insert_after(moved.inst);
}

fn move_to_frame(func: &mut Func, moved: &Moved) {
    let slot = func.add_slot(moved.size, moved.align);
    let data = InstData::SlotAddr { slot, off: 0 };
    let old = std::mem::replace(&mut func.insts[moved.inst.index()], data);
    let addr = func.results[moved.inst.index()][0];
    let Some((block, at)) = place(func, moved.inst) else {
        return;
    };
    let filled = overwritten(func, block, at, addr, moved.size);
    let mut start = Sequence::of(func, moved.inst);
    if let (Start::Words(words), InstData::Call { args, .. }) = (moved.start, old) {
        let mut off = 0;
        for (&size, val) in words.iter().zip(args) {
            start.store(val, addr, off);
            off += size as i32;
        }
    } else if !filled {
        start.effect(InstData::Clear {
            dst: addr,
            size: moved.size,
            typ: None,
        });
    }
    start.insert_after(moved.inst);
}

fn place(func: &Func, inst: Inst) -> Option<(usize, usize)> {
    func.blocks.iter().enumerate().find_map(|(b, data)| {
        let at = data.insts.iter().position(|&i| i == inst)?;
        Some((b, at))
    })
}

/// Whether stores right behind an allocation fill all of it before anything could read it.
fn overwritten(func: &Func, block: usize, at: usize, object: Value, size: u32) -> bool {
    if size > 64 {
        return false;
    }
    let mut missing: u64 = if size == 64 { !0 } else { (1 << size) - 1 };
    for inst in &func.blocks[block].insts[at + 1..] {
        match &func.insts[inst.index()] {
            InstData::Store { val, addr, off, .. } if *addr == object && *val != object => {
                let bytes = func.ty(*val).size();
                if *off < 0 || *off as u32 + bytes > size {
                    return false;
                }
                let mask = if bytes == 64 { !0 } else { (1u64 << bytes) - 1 };
                missing &= !(mask << *off);
            }
            InstData::Load { addr, .. } if points_elsewhere(func, *addr, object) => {}
            other => {
                let effects = other.effects();
                if !effects.removable() || effects.reads || effects.allocates {
                    return missing == 0;
                }
            }
        }
        if missing == 0 {
            return true;
        }
    }
    false
}

/// Whether an address is surely not one in the object: it is a slot's or a symbol's.
fn points_elsewhere(func: &Func, addr: Value, object: Value) -> bool {
    addr != object
        && matches!(
            func.definition(addr),
            Some(InstData::SlotAddr { .. } | InstData::SymAddr { .. })
        )
}
