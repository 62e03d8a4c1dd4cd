//! Slots of the IR whose address is computed somewhere: the frame's objects.
//!
//! What lies in one may be read through any pointer to it, so the collector looks into those to which something leads that
//! is needed itself. Besides, one is needed where the code further down computes its address again or reads it, and has
//! touched it before: until then it holds what earlier calls have left there.

use super::Frame;
use super::decode::{Flow, Inst};
use super::flow::Code;

/// The slots that have an address.
pub struct Objects {
    /// First byte and end of each, from the bottom of the frame, ascending.
    slots: Vec<(u32, u32)>,
    /// `rbp - rsp`.
    size: u32,
    /// An address is computed that lies in none of them: it may be the base of any.
    pub vague: bool,
}

/// A set of slots.
type Set = Vec<bool>;

impl Objects {
    /// Those of a function.
    pub fn find(code: &Code, frame: &Frame) -> Objects {
        let mut all = Objects {
            slots: frame.slots.iter().map(|s| (s.0, s.0 + s.1)).collect(),
            size: frame.size,
            vague: false,
        };
        all.slots.retain(|s| s.0 < s.1);
        all.slots.sort_unstable();
        let mut keep = vec![false; all.slots.len()];
        for (_, inst) in &code.insts {
            if let Some((from_fp, off)) = inst.taken {
                match all.slot_at(from_fp, off) {
                    Some(i) => keep[i] = true,
                    None => all.vague = true,
                }
            }
        }
        if !all.vague {
            let mut keep = keep.into_iter();
            all.slots.retain(|_| keep.next() == Some(true));
        }
        all
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// First word and number of words of each, ascending.
    pub fn words(&self) -> impl Iterator<Item = (usize, usize)> {
        self.slots.iter().map(|&(from, to)| {
            let first = from as usize / 8;
            (first, to.div_ceil(8) as usize - first)
        })
    }

    fn place(&self, from_fp: bool, off: i32) -> i64 {
        i64::from(off) + if from_fp { i64::from(self.size) } else { 0 }
    }

    /// The slot in which a place of the frame lies.
    pub fn slot_at(&self, from_fp: bool, off: i32) -> Option<usize> {
        let at = u32::try_from(self.place(from_fp, off)).ok()?;
        let i = self.slots.partition_point(|s| s.0 <= at).checked_sub(1)?;
        (at < self.slots[i].1).then_some(i)
    }

    /// What an instruction touches.
    fn step(&self, inst: &Inst, touched: &mut [bool]) {
        if let Some((from_fp, off)) = inst.taken {
            match self.slot_at(from_fp, off) {
                Some(i) => touched[i] = true,
                None => touched.fill(true),
            }
        }
        if let Some(a) = inst.access {
            let from = self.place(a.from_fp, a.off);
            let to = from + i64::from(a.fills.max(a.reads));
            for (slot, touched) in self.slots.iter().zip(touched) {
                *touched |= i64::from(slot.0) < to && i64::from(slot.1) > from;
            }
        }
    }

    /// What may have been touched at the head of each part.
    fn solve(&self, code: &Code, recover: Option<usize>) -> Vec<Set> {
        let mut heads = vec![vec![false; self.slots.len()]; code.parts.len()];
        if let Some(r) = recover {
            heads[r].fill(true);
        }
        let mut work: Vec<usize> = (0..code.parts.len()).rev().collect();
        while let Some(i) = work.pop() {
            let part = &code.parts[i];
            let mut touched = heads[i].clone();
            for (_, inst) in &code.insts[part.insts.clone()] {
                self.step(inst, &mut touched);
            }
            for &next in code.next(part) {
                let there = &mut heads[next as usize];
                let mut more = false;
                for (a, b) in there.iter_mut().zip(&touched) {
                    more |= *b && !*a;
                    *a |= b;
                }
                if more {
                    work.push(next as usize);
                }
            }
        }
        heads
    }

    /// Calls back for each call: its number among the instructions, and which slots may have been touched before.
    pub fn at_calls(
        &self,
        code: &Code,
        recover: Option<usize>,
        mut call: impl FnMut(usize, &[bool]),
    ) {
        let heads = self.solve(code, recover);
        for (part, mut touched) in code.parts.iter().zip(heads) {
            for i in part.insts.clone() {
                let inst = &code.insts[i].1;
                if inst.flow == Flow::Call {
                    call(i, &touched);
                }
                self.step(inst, &mut touched);
            }
        }
    }
}
