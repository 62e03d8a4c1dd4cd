//! What a body costs, and which calls are worth it.
//!
//! The cost of a body is about the number of machine instructions that it adds. A call saves what surrounds it:
//! moving arguments and results, the stack check, and everything that constants at the call decide.

use crate::entity::{Block, Inst, Sym};
use crate::form::number;
use crate::form::read::Reader;
use crate::func::Func;
use crate::inst::{BinaryOp, InstData};

/// Bodies up to this are inlined wherever they are called; about Go's own bound.
const SMALL: u32 = 30;
/// In a loop.
const IN_LOOP: u32 = 45;
/// Where the code is cold, only what is no larger than the call.
const COLD: u32 = 6;
/// A function with a single call, whose own code goes away.
const ONLY: u32 = 120;
/// What a known function among the arguments is worth: calls of it become direct.
const KNOWN_FUNCTION: u32 = 40;
/// What another constant argument is worth.
const KNOWN: u32 = 3;
/// Bytes of slots that a body may bring; frames should stay small.
const SLOTS: u32 = 256;

/// What a finished function would cost its callers.
#[derive(Clone, Debug)]
pub struct Cost {
    size: u32,
    slots: u32,
    /// It calls nothing and has no slots, so that functions without a stack check can take it.
    plain: bool,
    /// The first parameters, a bit each, by which a switch decides: with a constant there most of the body goes.
    decide: u32,
}

/// What a call is like.
pub struct Site {
    /// It is rarely reached.
    pub cold: bool,
    /// It is in a loop.
    pub in_loop: bool,
    /// It is the only use of the callee.
    pub only: bool,
}

/// How large a function may still become.
pub struct Growth {
    left: u32,
    slots: u32,
}

impl Growth {
    /// For a function as it is before inlining.
    pub fn of(func: &Func) -> Growth {
        let size = size(func).unwrap_or(0);
        Growth {
            left: 400 + 3 * size.min(2000),
            slots: 2048,
        }
    }
}

/// Whether a function is inlined wherever it is called.
pub fn is_small(func: &Func) -> bool {
    size(func).is_some_and(|n| n <= SMALL)
}

impl Cost {
    /// That of a function, if it may be inlined at all. `gorecover` asks for its caller's frame.
    pub fn of(func: &Func, gorecover: Option<Sym>) -> Option<Cost> {
        let size = size(func)?;
        let slots = func.slots.iter().map(|s| s.size.next_multiple_of(8)).sum();
        if func.flags.noinline
            || func.recover_block.is_some()
            || size > ONLY + KNOWN_FUNCTION
            || slots > SLOTS
        {
            return None;
        }
        let (mut returns, mut plain) = (false, slots == 0);
        for block in &func.blocks {
            for &inst in &block.insts {
                let data = &func.insts[inst.index()];
                let effects = data.effects();
                if effects.frame
                    || effects.calls && effects.ends
                    || gorecover.is_some_and(|g| data.calls(g))
                {
                    return None;
                }
                plain &= !effects.calls && !effects.allocates;
                returns |= matches!(data, InstData::Return(_));
            }
        }
        // What never returns is not hurried.
        returns.then_some(Cost {
            size,
            slots,
            plain,
            decide: decide(func),
        })
    }

    /// Put it in bytes.
    pub fn write(&self, out: &mut Vec<u8>) {
        number(out, u64::from(self.size));
        number(out, u64::from(self.slots));
        out.push(u8::from(self.plain));
        number(out, u64::from(self.decide));
    }

    /// Read it again.
    pub fn read(r: &mut Reader<'_>) -> Option<Cost> {
        Some(Cost {
            size: r.number()?,
            slots: r.number()?,
            plain: r.byte()? != 0,
            decide: r.number()?,
        })
    }

    /// Whether the call is to be replaced; takes its share of the budget then.
    pub fn worth(&self, func: &Func, call: Inst, site: &Site, budget: &mut Growth) -> bool {
        let InstData::Call { args, .. } = &func.insts[call.index()] else {
            return false;
        };
        if func.flags.nosplit && !self.plain {
            return false;
        }
        let mut bonus = args.len() as u32;
        for (n, &arg) in args.iter().enumerate() {
            let known = func.definition(func.resolve(arg));
            if let Some(InstData::SymAddr { .. } | InstData::Alloc { .. }) = known {
                bonus += KNOWN_FUNCTION / 2;
            } else if let Some(InstData::Iconst { .. } | InstData::Fconst { .. }) = known {
                bonus += KNOWN;
                if n < 32 && self.decide >> n & 1 != 0 {
                    bonus += self.size / 2;
                }
            }
        }
        let bound = match site {
            // What a goroutine or deferred call starts with should stay a frame of its own.
            Site { only: true, .. } if !func.flags.wrapper => ONLY,
            Site { cold: true, .. } => COLD,
            Site { in_loop: true, .. } => IN_LOOP + bonus.min(KNOWN_FUNCTION),
            _ => SMALL + bonus.min(KNOWN_FUNCTION),
        };
        if self.size > bound || self.size > budget.left || self.slots > budget.slots {
            return false;
        }
        budget.left -= self.size;
        budget.slots -= self.slots;
        true
    }
}

/// The parameters that a switch looks at.
fn decide(func: &Func) -> u32 {
    let mut bits = 0;
    for block in &func.blocks {
        let last = block.insts.last().map(|i| &func.insts[i.index()]);
        let Some(&InstData::Switch { val, .. }) = last else {
            continue;
        };
        let place = func.blocks[0].params.iter().position(|&p| p == val);
        bits |= place.filter(|&n| n < 32).map_or(0, |n| 1 << n);
    }
    bits
}

/// The size of a function's code; `None` for one without.
fn size(func: &Func) -> Option<u32> {
    if func.blocks.is_empty() {
        return None;
    }
    let insts = func.blocks.iter().flat_map(|b| &b.insts);
    Some(insts.map(|i| weight(&func.insts[i.index()])).sum())
}

fn weight(data: &InstData) -> u32 {
    match data {
        InstData::Iconst { .. }
        | InstData::Fconst { .. }
        | InstData::SlotAddr { .. }
        | InstData::SymAddr { .. }
        | InstData::Jump(_)
        | InstData::Unreachable
        | InstData::Return(_) => 0,
        InstData::Call { args, .. } | InstData::TailCall { args, .. } => 4 + args.len() as u32,
        InstData::Alloc { .. } => 4,
        InstData::BoundsCheck { .. } | InstData::ZeroCheck { .. } | InstData::DecodeRune { .. } => {
            3
        }
        InstData::Copy { size, .. } | InstData::Clear { size, .. } => 2 + size.min(&128) / 8,
        InstData::Switch { cases, .. } => 2 * cases.len() as u32,
        InstData::AtomicRmw { .. } | InstData::AtomicCas { .. } => 3,
        // A length: see `checks`.
        InstData::Binary {
            op: BinaryOp::And | BinaryOp::Or,
            a,
            b,
        } if a == b => 0,
        InstData::Binary { .. }
        | InstData::Unary { .. }
        | InstData::Convert { .. }
        | InstData::Icmp { .. }
        | InstData::Fcmp { .. }
        | InstData::Select { .. }
        | InstData::Load { .. }
        | InstData::Store { .. }
        | InstData::NilCheck { .. }
        | InstData::AtomicLoad { .. }
        | InstData::AtomicStore { .. }
        | InstData::FramePointer
        | InstData::CurrentG
        | InstData::Branch { .. } => 1,
    }
}

/// Which blocks lie on a circle.
pub fn in_loops(func: &Func) -> Vec<bool> {
    // A block that is after another in reverse postorder and jumps back to it closes a circle; what lies
    // between is found from the jump backwards.
    let order = crate::dominance::Dominators::of(func).order().to_vec();
    let mut place = vec![usize::MAX; func.blocks.len()];
    let mut preds: Vec<Vec<Block>> = vec![Vec::new(); func.blocks.len()];
    for (n, b) in order.iter().enumerate() {
        place[b.index()] = n;
        for s in func
            .terminator(*b)
            .into_iter()
            .flat_map(InstData::successors)
        {
            preds[s.index()].push(*b);
        }
    }
    let mut inside = vec![false; func.blocks.len()];
    for &header in &order {
        let back = |b: &&Block| place[b.index()] >= place[header.index()];
        let mut work: Vec<Block> = preds[header.index()].iter().filter(back).copied().collect();
        let mut seen = vec![
            false;
            if work.is_empty() {
                0
            } else {
                func.blocks.len()
            }
        ];
        while let Some(b) = work.pop() {
            if std::mem::replace(&mut seen[b.index()], true)
                || place[b.index()] < place[header.index()]
            {
                continue;
            }
            inside[b.index()] = true;
            if b != header {
                work.extend_from_slice(&preds[b.index()]);
            }
        }
    }
    inside
}
