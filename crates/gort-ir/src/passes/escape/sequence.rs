//! New instructions around one of a function.

use crate::entity::{Inst, Loc, Slot, Value};
use crate::func::{Func, ValueDef};
use crate::inst::InstData;
use crate::types::Type;

/// Instructions that belong to the line of another one, in order.
pub struct Sequence<'a> {
    pub func: &'a mut Func,
    loc: Loc,
    insts: Vec<Inst>,
}

impl<'a> Sequence<'a> {
    /// None yet, for the line of `inst`.
    pub fn of(func: &'a mut Func, inst: Inst) -> Sequence<'a> {
        let loc = func.inst_locs[inst.index()];
        Sequence {
            func,
            loc,
            insts: Vec::new(),
        }
    }

    /// One without result.
    pub fn effect(&mut self, data: InstData) {
        self.push(data);
        self.func.results.push(Default::default());
    }

    /// One with a result.
    pub fn value(&mut self, ty: Type, data: InstData) -> Value {
        let inst = self.push(data);
        let value = self.func.add_value(ty, ValueDef::Result(inst, 0));
        self.func.results.push([value].into_iter().collect());
        value
    }

    pub fn constant(&mut self, imm: i64) -> Value {
        let ty = Type::I64;
        self.value(ty, InstData::Iconst { ty, imm })
    }

    pub fn slot_addr(&mut self, slot: Slot, off: i32) -> Value {
        self.value(Type::Ptr, InstData::SlotAddr { slot, off })
    }

    /// To memory that needs no barrier.
    pub fn store(&mut self, val: Value, addr: Value, off: i32) {
        self.effect(InstData::Store {
            val,
            addr,
            off,
            barrier: false,
        });
    }

    /// Put them before an instruction of the function.
    pub fn insert_before(self, inst: Inst) {
        self.insert(inst, 0);
    }

    /// Put them behind an instruction of the function.
    pub fn insert_after(self, inst: Inst) {
        self.insert(inst, 1);
    }

    fn insert(self, inst: Inst, behind: usize) {
        for block in &mut self.func.blocks {
            if let Some(at) = block.insts.iter().position(|&i| i == inst) {
                let at = at + behind;
                block.insts.splice(at..at, self.insts);
                return;
            }
        }
    }

    fn push(&mut self, data: InstData) -> Inst {
        let inst = Inst(self.func.insts.len() as u32);
        self.func.insts.push(data);
        self.func.inst_locs.push(self.loc);
        self.insts.push(inst);
        inst
    }
}
