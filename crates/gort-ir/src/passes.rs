//! Transformations of the IR. Each keeps the verifier's rules, which debug builds check after every one.
//!
//! Passes see the whole program: some look at functions of other packages, the rest work module by module.
//! The order is that of [`all`]; a pass can be switched off by name to measure what it brings.

pub mod again;
pub mod barriers;
pub mod checks;
pub mod combine;
pub mod deadcode;
pub mod escape;
pub mod inline;
pub mod nilchecks;
pub mod promote;
pub mod simplify;
pub mod split;

use crate::func::{Func, LocData, cleanup};
use crate::module::Module;
use crate::verify;
use again::{Earlier, Lowered};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// A pass: its name and what it does to the modules of a program.
pub struct Pass {
    /// The name that switches it off.
    pub name: &'static str,
    run: fn(&mut [Module], &Plan<'_>),
}

/// What is asked of the passes.
#[derive(Clone, Copy, Default)]
pub struct Plan<'a> {
    /// Names of passes to leave out.
    pub off: &'a [String],
    /// Symbols that others refer to. If there are none, all functions and data are kept.
    pub roots: &'a [String],
    /// What earlier builds have made of functions; not asked if passes are left out.
    pub earlier: Option<&'a dyn Earlier>,
    /// What is known of functions before the passes, by name; nothing if `earlier` is not asked.
    pub lowered: Option<&'a FxHashMap<String, Lowered<'a>>>,
}

impl Pass {
    /// The pass of a name.
    pub fn named(name: &str) -> Option<&'static Pass> {
        all().find(|p| p.name == name)
    }

    /// Run this pass alone.
    ///
    /// # Panics
    /// As [`run`] does.
    pub fn run(&self, modules: &mut [Module], plan: &Plan<'_>) {
        (self.run)(modules, plan);
        check(modules, self.name);
    }
}

impl Plan<'_> {
    fn is_off(&self, name: &str) -> bool {
        self.off.iter().any(|n| n == name)
    }
}

const PROMOTE: Pass = Pass {
    name: "promote",
    run: |modules, _| {
        each(modules, |f| {
            promote::function(f);
        })
    },
};

const SIMPLIFY: Pass = Pass {
    name: "simplify",
    run: |modules, _| each(modules, |f| simplify::function(f, &|_, _| None)),
};

/// The passes up to escape analysis, in the order in which they run.
const UP_TO_ESCAPE: &[Pass] = &[
    Pass {
        name: "inline",
        run: |modules, plan| {
            let beside = inline::Beside {
                promote: !plan.is_off("promote"),
                checks: !plan.is_off("checks"),
                combine: !plan.is_off("combine"),
            };
            inline::run(modules, beside);
        },
    },
    Pass {
        name: "deadcode",
        run: |modules, plan| deadcode::run(modules, plan.roots),
    },
    Pass {
        name: "escape",
        run: |modules, _| escape::run(modules),
    },
];

/// The passes behind it. They look at nothing but the function that they work on.
const BEHIND_ESCAPE: &[Pass] = &[
    // Objects that have come into the frame.
    PROMOTE,
    SIMPLIFY,
    Pass {
        name: "checks",
        run: |modules, _| modules.par_iter_mut().for_each(checks::run),
    },
    Pass {
        name: "combine",
        run: |modules, _| each(modules, combine::function),
    },
    Pass {
        name: "nilchecks",
        run: |modules, _| modules.par_iter_mut().for_each(nilchecks::run),
    },
    Pass {
        name: "barriers",
        run: |modules, _| modules.par_iter_mut().for_each(barriers::run),
    },
    Pass {
        name: "split",
        run: |modules, _| modules.par_iter_mut().for_each(split::run),
    },
];

/// All passes, in the order in which they run.
pub fn all() -> impl Iterator<Item = &'static Pass> {
    UP_TO_ESCAPE.iter().chain(BEHIND_ESCAPE)
}

/// Run the passes on the modules of a program.
///
/// # Panics
/// In debug builds, if a module breaks a rule before the first pass or after one: a bug of the compiler.
pub fn run(modules: &mut [Module], plan: &Plan<'_>) {
    check(modules, "lowering");
    match plan.earlier.filter(|_| plan.off.is_empty()) {
        Some(earlier) => again::run(modules, plan, earlier),
        None => {
            for pass in all().filter(|pass| !plan.is_off(pass.name)) {
                pass.run(modules, plan);
            }
            each(modules, cleanup::finish);
        }
    }
    modules.par_iter_mut().for_each(number_files);
}

/// Leaves the files of a module that its functions speak of, in the order in which they do.
fn number_files(module: &mut Module) {
    fn each(func: &mut Func, mut f: impl FnMut(&mut LocData)) {
        f(&mut func.loc);
        if func.unread.is_some() {
            // Its locations are in the order of their first use.
            func.locs.iter_mut().for_each(&mut f);
            return func.inlines.iter_mut().for_each(|call| f(&mut call.call));
        }
        let insts = func.blocks.iter().flat_map(|b| &b.insts);
        let mut places: Vec<usize> = insts.map(|i| func.inst_locs[i.index()].index()).collect();
        let mut seen = vec![false; func.locs.len()];
        places.retain(|&p| p < seen.len() && !std::mem::replace(&mut seen[p], true));
        for p in places {
            f(&mut func.locs[p]);
        }
        func.inlines.iter_mut().for_each(|call| f(&mut call.call));
    }
    let old = std::mem::take(&mut module.files);
    let mut numbers = vec![None; old.len()];
    let mut files = Vec::with_capacity(old.len());
    for func in &mut module.funcs {
        each(func, |loc| {
            let Some(number) = numbers.get_mut(loc.file as usize) else {
                return;
            };
            // What has no line may have any file.
            if loc.line == 0 {
                loc.file = 0;
                return;
            }
            loc.file = *number.get_or_insert_with(|| {
                files.push(old[loc.file as usize].clone());
                files.len() as u32 - 1
            });
        });
    }
    if files.is_empty() {
        files.push(GENERATED.to_string());
    }
    module.files = files;
}

/// The file of functions that are written nowhere, as official Go names it.
const GENERATED: &str = "<autogenerated>";

/// Do something to every function.
fn each(modules: &mut [Module], f: impl Fn(&mut crate::Func) + Sync) {
    modules
        .par_iter_mut()
        .for_each(|m| m.funcs.par_iter_mut().for_each(&f));
}

fn check(modules: &[Module], after: &str) {
    if cfg!(debug_assertions) {
        for module in modules {
            let problems = verify::module(module);
            let count = problems.len();
            if let Some(first) = problems.first() {
                let package = &module.package;
                panic!("{count} problems in the IR of {package} after {after}: {first}");
            }
        }
    }
}
