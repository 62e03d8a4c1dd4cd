//! Moves objects that do not leak to the frame, and drops barriers of stores that only reach the frame.

use super::points::Points;
use super::program::{Program, Site, module_of};
use super::reuse::Uses;
use super::sets::Object;
use crate::entity::{Inst, Value};
use crate::func::Func;
use crate::inst::InstData;
use crate::module::Module;

/// Larger objects stay in the heap.
pub const MAX_OBJECT: u64 = 64 << 10;
/// All objects that move to one frame together are at most this large.
const MAX_FRAME: u64 = 128 << 10;

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
    /// Sizes of the arguments that are the object's contents; without it starts cleared.
    words: Option<&'static [u32]>,
}

/// Find out what can be changed in a function, given its analysis.
pub fn plan(program: &Program<'_>, points: &Points<'_, '_>, id: usize) -> Option<Edit> {
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
                Object::Alloc(inst) => moved.iter().any(|m| m.inst == inst),
                _ => false,
            }
        }) && any
    };
    let mut unbarred = Vec::new();
    for &inst in func.blocks.iter().flat_map(|b| &b.insts) {
        match func.insts[inst.index()] {
            InstData::Store {
                addr: dst,
                barrier: true,
                ..
            }
            | InstData::Copy {
                dst, typ: Some(_), ..
            }
            | InstData::Zero {
                dst, typ: Some(_), ..
            } if in_frame(dst) => unbarred.push(inst),
            _ => {}
        }
    }
    Some(Edit { moved, unbarred })
}

fn object_of(program: &Program<'_>, id: usize, inst: Inst, data: &InstData) -> Option<Moved> {
    if let InstData::Alloc { size, align, .. } = *data {
        return Some(Moved {
            inst,
            size,
            align: align.max(8),
            words: None,
        });
    }
    let (size, words) = match program.site(id, data)? {
        Site::Slice(size) => (size, None),
        Site::Words(words) => (words.iter().sum(), Some(words)),
    };
    Some(Moved {
        inst,
        size,
        align: 8,
        words,
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
    let func = &mut modules[m].funcs[id - firsts[m]];
    for inst in edit.unbarred {
        match &mut func.insts[inst.index()] {
            InstData::Store { barrier, .. } => *barrier = false,
            InstData::Copy { typ, .. } | InstData::Zero { typ, .. } => *typ = None,
            _ => {}
        }
    }
    for moved in &edit.moved {
        move_to_frame(func, moved);
    }
}

fn move_to_frame(func: &mut Func, moved: &Moved) {
    let slot = func.add_slot(moved.size, moved.align);
    let data = InstData::SlotAddr { slot, off: 0 };
    let old = std::mem::replace(&mut func.insts[moved.inst.index()], data);
    let addr = func.results[moved.inst.index()][0];
    let Some((block, at)) = place(func, moved.inst) else {
        return;
    };
    let mut start = Vec::new();
    match (moved.words, old) {
        (Some(words), InstData::Call { args, .. }) => {
            let mut off = 0;
            for (&size, val) in words.iter().zip(args) {
                start.push(InstData::Store {
                    val,
                    addr,
                    off,
                    barrier: false,
                });
                off += size as i32;
            }
        }
        _ if overwritten(func, block, at, addr, moved.size) => {}
        _ => start.push(InstData::Zero {
            dst: addr,
            size: moved.size,
            typ: None,
        }),
    }
    let loc = func.inst_locs[moved.inst.index()];
    for (i, data) in start.into_iter().enumerate() {
        let inst = Inst(func.insts.len() as u32);
        func.insts.push(data);
        func.inst_locs.push(loc);
        func.results.push(Vec::new());
        func.blocks[block].insts.insert(at + 1 + i, inst);
    }
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
            InstData::Iconst { .. }
            | InstData::Fconst { .. }
            | InstData::SymAddr { .. }
            | InstData::SlotAddr { .. } => {}
            InstData::Binary { .. } | InstData::Convert { .. } | InstData::Icmp { .. } => {}
            InstData::Load { addr, .. } if points_elsewhere(func, *addr, object) => {}
            _ => return missing == 0,
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
            super::points::definition(func, addr),
            Some(InstData::SlotAddr { .. } | InstData::SymAddr { .. })
        )
}
