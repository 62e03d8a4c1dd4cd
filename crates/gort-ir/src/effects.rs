//! What instructions do besides computing their results. Passes ask here rather than keep lists of their own, so that a
//! new instruction is a decision in one place: without it, nothing compiles.

use crate::entity::Value;
use crate::inst::{Callee, InstData};

/// The effects of an instruction.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Effects {
    /// It reads memory that something else may write.
    pub reads: bool,
    /// It writes memory that something else may read: memory other than a new object of its own.
    pub writes: bool,
    /// It may fault or panic.
    pub traps: bool,
    /// It runs code that is not seen here, which may do anything.
    pub calls: bool,
    /// It makes an object.
    pub allocates: bool,
    /// Its result is about the frame of the function that it stands in.
    pub frame: bool,
    /// Other threads see what was before it and what comes after it in this order.
    pub orders: bool,
    /// It ends a block.
    pub ends: bool,
}

impl Effects {
    /// Whether it can go where nobody wants its results.
    pub fn removable(self) -> bool {
        !(self.writes || self.traps || self.calls || self.orders || self.ends)
    }

    /// Whether what memory held before it is unknown after it, but for the memory that it says it writes.
    pub fn forgets(self) -> bool {
        self.calls || self.orders
    }
}

/// Those of an instruction that only computes.
pub const NONE: Effects = Effects {
    reads: false,
    writes: false,
    traps: false,
    calls: false,
    allocates: false,
    frame: false,
    orders: false,
    ends: false,
};

/// Offsets below this fault like the address itself when that is nil.
const NIL_PAGE: i32 = 4096;

impl InstData {
    /// The pointer at which it faults if that is nil: it loads or stores there, less than a page behind, or checks it.
    pub fn faults_at_nil(&self) -> Option<Value> {
        match *self {
            InstData::Load { addr, off, .. } | InstData::Store { addr, off, .. } => {
                (0..NIL_PAGE).contains(&off).then_some(addr)
            }
            InstData::NilCheck { ptr } => Some(ptr),
            _ => None,
        }
    }

    /// What it does besides computing its results.
    pub fn effects(&self) -> Effects {
        match self {
            InstData::Iconst { .. }
            | InstData::Fconst { .. }
            | InstData::Unary { .. }
            | InstData::Convert { .. }
            | InstData::Icmp { .. }
            | InstData::Fcmp { .. }
            | InstData::Select { .. }
            | InstData::SlotAddr { .. }
            | InstData::SymAddr { .. }
            | InstData::CurrentG => NONE,
            // The divisor of a division is known not to be zero.
            InstData::Binary { .. } => NONE,
            InstData::FramePointer => Effects {
                frame: true,
                ..NONE
            },
            InstData::Alloc { .. } => Effects {
                allocates: true,
                ..NONE
            },
            InstData::Load { .. } => Effects {
                reads: true,
                traps: true,
                ..NONE
            },
            InstData::DecodeRune { .. } => Effects {
                reads: true,
                ..NONE
            },
            InstData::Store { .. } | InstData::Clear { .. } => Effects {
                writes: true,
                traps: true,
                ..NONE
            },
            InstData::Copy { .. } => Effects {
                reads: true,
                writes: true,
                traps: true,
                ..NONE
            },
            InstData::BoundsCheck { .. }
            | InstData::NilCheck { .. }
            | InstData::ZeroCheck { .. } => Effects {
                traps: true,
                ..NONE
            },
            InstData::AtomicLoad { .. } => Effects {
                reads: true,
                traps: true,
                orders: true,
                ..NONE
            },
            InstData::AtomicStore { .. }
            | InstData::AtomicRmw { .. }
            | InstData::AtomicCas { .. } => Effects {
                reads: true,
                writes: true,
                traps: true,
                orders: true,
                ..NONE
            },
            InstData::Call { .. } => CALL,
            InstData::TailCall { .. } => Effects { ends: true, ..CALL },
            InstData::Jump(_)
            | InstData::Branch { .. }
            | InstData::Switch { .. }
            | InstData::Return(_)
            | InstData::Unreachable => Effects { ends: true, ..NONE },
        }
    }

    /// The address at which it writes pointers with the collector's barrier, if it does.
    pub fn barred(&self) -> Option<Value> {
        match *self {
            InstData::Store {
                addr,
                barrier: true,
                ..
            }
            | InstData::AtomicStore {
                addr,
                barrier: true,
                ..
            }
            | InstData::AtomicRmw {
                addr,
                barrier: true,
                ..
            }
            | InstData::AtomicCas {
                addr,
                barrier: true,
                ..
            } => Some(addr),
            InstData::Copy {
                dst, typ: Some(_), ..
            }
            | InstData::Clear {
                dst, typ: Some(_), ..
            } => Some(dst),
            _ => None,
        }
    }

    /// Let it write without a barrier.
    pub fn unbar(&mut self) {
        match self {
            InstData::Store { barrier, .. }
            | InstData::AtomicStore { barrier, .. }
            | InstData::AtomicRmw { barrier, .. }
            | InstData::AtomicCas { barrier, .. } => *barrier = false,
            InstData::Copy { typ, .. } | InstData::Clear { typ, .. } => *typ = None,
            _ => {}
        }
    }

    /// Whether it calls the function of a symbol by name.
    pub fn calls(&self, function: crate::Sym) -> bool {
        matches!(
            self,
            InstData::Call { callee: Callee::Direct(sym), .. }
            | InstData::TailCall { callee: Callee::Direct(sym), .. } if *sym == function
        )
    }
}

const CALL: Effects = Effects {
    reads: true,
    writes: true,
    traps: true,
    calls: true,
    allocates: true,
    ..NONE
};
