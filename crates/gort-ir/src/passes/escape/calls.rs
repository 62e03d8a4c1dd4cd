//! What calls do: the summary of what is called is applied to the arguments.
//!
//! A closure that a function is given and only calls is no leak. The function's summary says that it calls it, and the
//! summary of the closure's own code is applied where the closure is made: there its code is known. By then the arguments
//! of that call are forgotten, and so is where its results go; both are taken for pointers into memory that nobody knows.

use super::known::Makes;
use super::points::Points;
use super::program::Site;
use super::sets::{Object, Pointer, Set};
use super::summary::{Source, Summary, Target};
use crate::entity::{Inst, Value};
use crate::inst::{Callee, InstData};
use crate::types::Type;

/// What a summary's parameters stand for.
enum Given<'a> {
    Args(&'a [Value]),
    /// A closure, which is the first parameter; the others are unknown pointers.
    Closure(Set),
}

/// Where results go.
#[derive(Clone, Copy)]
enum Results {
    /// To those of an instruction.
    Of(Inst),
    /// To this function's own.
    Tail,
    /// To memory that nobody knows.
    Unknown,
    Dropped,
}

impl Results {
    fn of(inst: Option<Inst>) -> Results {
        inst.map_or(Results::Tail, Results::Of)
    }
}

impl Points<'_, '_> {
    /// A call; without an instruction it is a tail call.
    pub(super) fn call(&mut self, inst: Option<Inst>, callee: Callee, args: &[Value]) {
        let results = Results::of(inst);
        match callee {
            Callee::Direct(sym) | Callee::Native(sym) => {
                let program = self.program;
                let symbol = program.symbol(self.module, sym);
                if let (Some(inst), Some(known)) = (inst, symbol.known)
                    && let Some(makes) = known.makes
                {
                    if matches!(makes, Makes::Buffered(_)) {
                        self.apply(&known.summary, results, &Given::Args(args));
                    }
                    return self.making(inst, args);
                }
                let summary = match (symbol.known, symbol.func) {
                    (Some(known), _) => Some(&known.summary),
                    (None, Some(f)) => (self.summaries)(f as usize),
                    (None, None) => None,
                };
                self.apply_or_leak(summary, results, args);
            }
            Callee::Indirect(code) => self.indirect(code, results, args),
        }
    }

    fn indirect(&mut self, code: Value, results: Results, args: &[Value]) {
        let targets = self.values[code.index()].clone();
        if targets.is_empty() && !self.last {
            return; // not known yet
        }
        let mut all = !targets.is_empty();
        for p in targets.iter() {
            match self.objects[p.object() as usize] {
                Object::Code(f) => {
                    let summary = (self.summaries)(f as usize);
                    self.apply_or_leak(summary, results, args);
                }
                _ => all = false,
            }
        }
        if all {
            return;
        }
        match args.split_first() {
            // The code is the first word of the first argument, which therefore is a closure.
            Some((&closure, args))
                if matches!(
                    self.func.definition(code),
                    Some(InstData::Load { addr, off: 0, .. }) if *addr == closure
                ) && !targets.is_empty() =>
            {
                self.apply_or_leak(None, results, args);
                let set = self.pointer_set(closure);
                self.closures(&set, Results::Unknown);
            }
            _ => self.apply_or_leak(None, results, args),
        }
    }

    /// A call that makes an object of known size, or one that we cannot place.
    fn making(&mut self, inst: Inst, args: &[Value]) {
        let (program, id, func) = (self.program, self.id, self.func);
        let site = *self
            .sites
            .entry(inst)
            .or_insert_with(|| program.site(id, &func.insts[inst.index()]));
        match site {
            None => self.give(self.result(inst, 0), &Set::one(Pointer::HEAP)),
            Some(site) => {
                self.made(inst);
                if let Site::Words(_) = site {
                    let made = self.values[self.result(inst, 0).index()].clone();
                    for (i, &a) in args.iter().enumerate() {
                        let set = self.values[a.index()].clone();
                        self.store(&made, 8 * i as i32, &set);
                    }
                }
            }
        }
    }

    fn apply_or_leak(&mut self, summary: Option<&Summary>, results: Results, args: &[Value]) {
        match summary {
            Some(summary) => self.apply(summary, results, &Given::Args(args)),
            None => {
                for &a in args {
                    let set = self.pointer_set(a);
                    self.leak(&set);
                }
                let count = match results {
                    Results::Of(inst) => self.func.results[inst.index()].len(),
                    Results::Tail => self.results.len(),
                    Results::Unknown | Results::Dropped => 0,
                };
                for j in 0..count {
                    self.give_result(results, j, &Set::one(Pointer::HEAP));
                }
            }
        }
    }

    /// What an argument points to; integers count for nothing.
    fn pointer_set(&self, v: Value) -> Set {
        match self.func.ty(v) {
            Type::Ptr => self.values[v.index()].clone(),
            _ => Set::default(),
        }
    }

    fn give_result(&mut self, results: Results, j: usize, set: &Set) {
        match results {
            Results::Of(inst) => {
                if let Some(&v) = self.func.results[inst.index()].get(j)
                    && self.func.ty(v) == Type::Ptr
                {
                    self.give(v, set);
                }
            }
            Results::Tail => {
                if let Some(result) = self.results.get_mut(j)
                    && self.func.result_types[j] == Type::Ptr
                {
                    self.changed |= result.union(set);
                }
            }
            Results::Unknown => self.leak(set),
            Results::Dropped => {}
        }
    }

    fn apply(&mut self, summary: &Summary, results: Results, given: &Given<'_>) {
        if summary.defers {
            self.defer(&self.level(given, 0, 0));
        }
        self.flow(summary, results, given);
        for &(i, level) in &summary.calls {
            let set = self.level(given, i, level);
            self.closures(&set, Results::Unknown);
        }
    }

    fn flow(&mut self, summary: &Summary, results: Results, given: &Given<'_>) {
        for &(source, target) in &summary.flows {
            let set = match source {
                Source::Unknown => Set::one(Pointer::HEAP),
                Source::Param(i, level) => self.level(given, i, level),
            };
            match target {
                Target::Heap => self.leak(&set),
                Target::Result(j) => self.give_result(results, j as usize, &set.blurred()),
                Target::Param(k, level) => {
                    let dst = self.level(given, k, level).blurred();
                    self.store(&dst, 0, &set.blurred());
                }
            }
        }
    }

    /// The objects at a level of an argument.
    fn level(&self, given: &Given<'_>, i: u32, level: u8) -> Set {
        let top = match given {
            Given::Args(args) => match args.get(i as usize) {
                Some(&arg) => self.pointer_set(arg),
                None => Set::default(),
            },
            Given::Closure(set) if i == 0 => set.clone(),
            Given::Closure(_) => Set::one(Pointer::HEAP),
        };
        match level {
            0 => top,
            1 => self.held(&top),
            _ => {
                let below = self.held(&self.held(&top));
                self.reachable(&below)
            }
        }
    }

    /// The closures of a set are called with arguments that are nobody's, now or before this function returns.
    fn closures(&mut self, set: &Set, results: Results) {
        let mut seen = Set::default();
        let mut work: Vec<(Pointer, Results)> = set.iter().map(|p| (p, results)).collect();
        while let Some((p, results)) = work.pop() {
            if !seen.insert(p) {
                continue;
            }
            let closure = Set::one(p);
            match self.objects[p.object() as usize] {
                // Nothing of ours is in these, and code alone is no closure.
                Object::Heap | Object::Code(_) | Object::Data(..) => {}
                Object::Param(i, level) => {
                    if !self.called.contains(&(i, level)) {
                        self.called.push((i, level));
                    }
                }
                Object::Alloc(_) | Object::Slot(_) | Object::Deferred => {
                    let code = self.load(&closure, 0);
                    if code.is_empty() && self.last && !self.is_plain(p) {
                        self.leak(&closure);
                    }
                    for c in code.iter() {
                        let summary = match self.objects[c.object() as usize] {
                            Object::Code(f) => (self.summaries)(f as usize),
                            Object::Heap | Object::Param(..) => None,
                            _ => continue, // no code: not a closure, but found where one is
                        };
                        let Some(summary) = summary else {
                            self.leak(&closure);
                            continue;
                        };
                        let given = Given::Closure(closure.clone());
                        self.flow(summary, results, &given);
                        for &(i, level) in &summary.calls {
                            let more = self.level(&given, i, level);
                            work.extend(more.iter().map(|p| (p, Results::Unknown)));
                        }
                    }
                }
            }
        }
    }

    /// Whether an object is of a type without pointers. Closures that capture pointers are not.
    fn is_plain(&self, p: Pointer) -> bool {
        let Object::Alloc(inst) = self.objects[p.object() as usize] else {
            return false;
        };
        let InstData::Alloc { typ, .. } = self.func.insts[inst.index()] else {
            return false;
        };
        self.program.is_plain(self.module, typ)
    }

    /// Closures are called when this function returns, and held until then; what they return goes nowhere.
    fn defer(&mut self, set: &Set) {
        let held = self.object(Object::Deferred);
        self.put(held, true, true, set);
        self.closures(set, Results::Dropped);
    }
}
