//! Where pointers are stored: a store without barrier is for objects of this very function.
//!
//! Only what the function itself shows is judged: what a parameter points to, and a variable of the package. Of an address that
//! was loaded, that a call returned, or that comes from several ways, escape analysis may know more.

use super::Verifier;
use crate::entity::{Block, Inst, Value};
use crate::func::ValueDef;
use crate::inst::{BinaryOp, InstData};
use crate::types::Type;

/// Sums and choices that are followed.
const MAX_DEPTH: u32 = 16;

impl Verifier<'_> {
    /// The barriers of an instruction.
    pub(super) fn barriers(&self, inst: Inst) -> Result<(), String> {
        let f = self.f;
        match f.insts[inst.index()] {
            InstData::Store {
                val,
                addr,
                barrier: false,
                ..
            } if f.ty(val) == Type::Ptr => match self.outside(addr, MAX_DEPTH) {
                Some(what) => Err(format!("a pointer is stored to {what} without barrier")),
                None => Ok(()),
            },
            InstData::Store { val, barrier, .. }
            | InstData::AtomicStore { val, barrier, .. }
            | InstData::AtomicRmw { val, barrier, .. }
            | InstData::AtomicCas {
                new: val, barrier, ..
            } if barrier && f.ty(val) != Type::Ptr => {
                Err(format!("{val} has a barrier and is no pointer"))
            }
            _ => Ok(()),
        }
    }

    /// What an address is of, if that is not this function's own.
    fn outside(&self, addr: Value, depth: u32) -> Option<&'static str> {
        let f = self.f;
        let depth = depth.checked_sub(1)?;
        let inst = match f.values[addr.index()].def {
            ValueDef::Param(Block(0), _) => return Some("what a parameter points to"),
            ValueDef::Param(..) | ValueDef::Alias(_) => return None,
            ValueDef::Result(inst, _) => inst,
        };
        match &f.insts[inst.index()] {
            InstData::SymAddr { .. } => Some("a variable"),
            InstData::Binary {
                op: BinaryOp::Iadd,
                a,
                ..
            } => self.outside(*a, depth),
            InstData::Select { a, b, .. } => {
                let both = [a, b].map(|v| self.outside(*v, depth));
                both.into_iter().flatten().next()
            }
            _ => None,
        }
    }
}
