//! Checks the rules of the IR: one terminator a block, operands of the right types, definitions before uses.
//!
//! A use is legal if its definition dominates it. The entry and the recovery block hang off one common root,
//! so what is defined in one is not available in the other: the recovery block's rule needs no check
//! of its own.

mod barriers;
mod dominance;
mod rules;

use crate::entity::{Block, Inst};
use crate::func::Func;
use crate::module::{Data, Module, Pointers, Section};
use crate::print::write_inst;
use std::fmt;

/// A rule that is broken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The function.
    pub func: String,
    /// The instruction as text, or the block.
    pub place: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.func, self.place, self.message)
    }
}

/// Check all functions of a module.
pub fn module(m: &Module) -> Vec<Problem> {
    let data = m.data.iter().flat_map(|d| self::data(m, d));
    data.chain(m.funcs.iter().flat_map(|f| func(m, f)))
        .collect()
}

/// Check the records of a data object: where its pointers are.
fn data(m: &Module, d: &Data) -> Vec<Problem> {
    let problem = |part: &Pointers| {
        let end = u64::from(part.offset) + u64::from(part.stride) * u64::from(part.count);
        match d.section {
            Section::Data | Section::Bss if !(part.offset | part.stride).is_multiple_of(8) => {
                Some("pointers that are not aligned")
            }
            Section::Data | Section::Bss if part.words == 0 || part.words > part.stride / 8 => {
                Some("a mask of no words, or of more than an element has")
            }
            Section::Data | Section::Bss if end > d.size => Some("pointers outside the object"),
            Section::Data | Section::Bss => None,
            _ => Some("pointers to the heap in data that is read-only"),
        }
    };
    let name = m.name(d.name);
    let problems = d.pointers.iter().filter_map(problem);
    problems
        .map(|message| Problem {
            func: name.to_string(),
            place: "data".to_string(),
            message: message.to_string(),
        })
        .collect()
}

/// Check a function.
pub fn func(m: &Module, f: &Func) -> Vec<Problem> {
    let mut v = Verifier {
        m,
        f,
        problems: Vec::new(),
    };
    if f.blocks.is_empty() {
        v.problem("function".into(), "it has no blocks");
        return v.problems;
    }
    // Later checks rely on what earlier ones found right.
    v.structure();
    if v.problems.is_empty() {
        v.rules();
        v.dominance();
    }
    v.problems
}

struct Verifier<'a> {
    m: &'a Module,
    f: &'a Func,
    problems: Vec<Problem>,
}

impl Verifier<'_> {
    fn problem(&mut self, place: String, message: impl Into<String>) {
        let func = self.m.name(self.f.name).to_string();
        self.problems.push(Problem {
            func,
            place,
            message: message.into(),
        });
    }

    fn inst_problem(&mut self, inst: Inst, message: impl Into<String>) {
        let mut text = String::new();
        if write_inst(self.m, self.f, inst, &mut text).is_err() {
            text = inst.to_string();
        }
        self.problem(text, message);
    }

    /// Indices in range, and terminators where they belong.
    fn structure(&mut self) {
        let f = self.f;
        for (i, block) in f.blocks.iter().enumerate() {
            let b = Block(i as u32);
            let Some((last, body)) = block.insts.split_last() else {
                self.problem(b.to_string(), "it has no instructions");
                continue;
            };
            for &inst in body {
                if f.insts[inst.index()].is_terminator() {
                    self.inst_problem(inst, "terminator inside a block");
                }
            }
            if !f.insts[last.index()].is_terminator() {
                self.inst_problem(*last, "the block does not end in a terminator");
            }
            for &inst in &block.insts {
                self.indices(inst);
            }
        }
        if let Some(b) = f.recover_block {
            match f.blocks.get(b.index()) {
                None => self.problem(b.to_string(), "the recovery block does not exist"),
                Some(block) if !block.params.is_empty() => {
                    self.problem(b.to_string(), "the recovery block has parameters");
                }
                Some(_) => {}
            }
        }
    }

    fn indices(&mut self, inst: Inst) {
        let f = self.f;
        let data = &f.insts[inst.index()];
        let mut bad = Vec::new();
        data.for_each_use(|v| {
            if v.index() >= f.values.len() {
                bad.push(format!("{v} does not exist"));
            }
        });
        for b in data.successors() {
            if b.index() >= f.blocks.len() {
                bad.push(format!("{b} does not exist"));
            }
        }
        if let crate::InstData::SlotAddr { slot, .. } = data
            && slot.index() >= f.slots.len()
        {
            bad.push(format!("{slot} does not exist"));
        }
        for message in bad {
            let place = inst.to_string();
            self.problem(place, message);
        }
    }
}
