//! What callers must know of a function: where the things its parameters point to may go.

use super::sets::DEEPEST;
use crate::form::number;
use crate::form::read::Reader;
use crate::func::Func;
use crate::types::Type;
use rustc_hash::FxHashSet;

/// What flows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Source {
    /// A pointer that the caller knows nothing about.
    Unknown,
    /// A pointer that is parameter number `.0` (level 0), or that is found in what it points to (1), or below (2).
    Param(u32, u8),
}

/// Where to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Target {
    /// To memory that the caller knows nothing about: it leaks.
    Heap,
    /// To a result.
    Result(u32),
    /// To the object that a parameter points to (level 0), or to one that this holds a pointer to (1), or below.
    Param(u32, u8),
}

/// The flows of a function, sorted.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Summary {
    /// Each only once.
    pub flows: Vec<(Source, Target)>,
    /// Parameters, with their level as in [`Source::Param`], that are called as closures before the function returns.
    /// What the closures are given leaks and is not listed; what they return is unknown to the function.
    pub calls: Vec<(u32, u8)>,
    /// Parameter 0 is a closure that is called, and kept until the caller returns.
    pub defers: bool,
}

impl Summary {
    /// With these flows.
    pub fn new(mut flows: Vec<(Source, Target)>) -> Summary {
        flows.sort_unstable();
        flows.dedup();
        merge_leaked(&mut flows);
        Summary {
            flows,
            calls: Vec::new(),
            defers: false,
        }
    }

    /// The same for a function that calls these closures. Those that leak are forgotten: with them leaks all that they
    /// could be given or could change.
    pub fn calling(mut self, calls: Vec<(u32, u8)>) -> Summary {
        self.calls = calls;
        let leaks = |&(i, level): &(u32, u8)| {
            let leak = (Source::Param(i, level), Target::Heap);
            self.flows.binary_search(&leak).is_ok()
        };
        self.calls.retain(|call| !leaks(call));
        self.calls.sort_unstable();
        self
    }

    /// Put it in bytes.
    pub fn write(&self, out: &mut Vec<u8>) {
        let place = |out: &mut Vec<u8>, (i, level): (u32, u8)| {
            number(out, u64::from(i));
            out.push(level);
        };
        number(out, self.flows.len() as u64);
        for &(source, target) in &self.flows {
            match source {
                Source::Unknown => out.push(0),
                Source::Param(i, level) => {
                    out.push(1);
                    place(out, (i, level));
                }
            }
            match target {
                Target::Heap => out.push(0),
                Target::Result(j) => {
                    out.push(1);
                    number(out, u64::from(j));
                }
                Target::Param(k, level) => {
                    out.push(2);
                    place(out, (k, level));
                }
            }
        }
        number(out, self.calls.len() as u64);
        self.calls.iter().for_each(|&call| place(out, call));
        out.push(u8::from(self.defers));
    }

    /// Read it again.
    pub fn read(r: &mut Reader<'_>) -> Option<Summary> {
        let flow = |r: &mut Reader<'_>| {
            let source = match r.byte()? {
                0 => Source::Unknown,
                _ => Source::Param(r.number()?, r.byte()?),
            };
            let target = match r.byte()? {
                0 => Target::Heap,
                1 => Target::Result(r.number()?),
                _ => Target::Param(r.number()?, r.byte()?),
            };
            Some((source, target))
        };
        Some(Summary {
            flows: r.list(flow)?,
            calls: r.list(|r| Some((r.number()?, r.byte()?)))?,
            defers: r.byte()? != 0,
        })
    }

    /// That of a function that may do anything with its parameters.
    pub fn unknown(func: &Func) -> Summary {
        let mut flows = Vec::new();
        if let Some(entry) = func.blocks.first() {
            for (i, &p) in entry.params.iter().enumerate() {
                if func.ty(p) == Type::Ptr {
                    for level in 0..=DEEPEST {
                        flows.push((Source::Param(i as u32, level), Target::Heap));
                    }
                }
            }
        }
        let results = 0..func.result_types.len() as u32;
        flows.extend(results.map(|j| (Source::Unknown, Target::Result(j))));
        Summary::new(flows)
    }
}

/// What leaks is like any pointer that the caller knows nothing about, wherever else it goes, and what is stored in
/// it leaks. Where much leaks, this leaves few flows of many.
fn merge_leaked(flows: &mut Vec<(Source, Target)>) {
    loop {
        let leaks: FxHashSet<Source> = flows
            .iter()
            .filter(|(_, target)| *target == Target::Heap)
            .map(|&(source, _)| source)
            .collect();
        if leaks.is_empty() {
            return;
        }
        let mut changed = false;
        for (source, target) in flows.iter_mut() {
            if *target == Target::Heap {
                continue;
            }
            if let Target::Param(k, level) = *target
                && leaks.contains(&Source::Param(k, level))
            {
                *target = Target::Heap;
                changed = true;
            } else if leaks.contains(source) {
                *source = Source::Unknown;
                changed = true;
            }
        }
        // Nothing is said by an unknown pointer that leaks.
        flows.retain(|&flow| flow != (Source::Unknown, Target::Heap));
        flows.sort_unstable();
        flows.dedup();
        if !changed {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaked_sources_are_unknown() {
        use Source::{Param, Unknown};
        let result = Target::Result(0);
        let summary = Summary::new(vec![
            (Param(0, 0), Target::Heap),
            (Param(0, 0), result),
            (Param(1, 0), Target::Param(0, 0)),
            (Param(1, 0), result),
            (Param(2, 0), result),
        ]);
        let mut expected = vec![
            (Unknown, result),
            (Param(0, 0), Target::Heap),
            (Param(1, 0), Target::Heap),
            (Param(2, 0), result),
        ];
        expected.sort_unstable();
        assert_eq!(summary.flows, expected);
    }
}
