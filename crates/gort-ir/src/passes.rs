//! Transformations of the IR. Each keeps the verifier's rules, which debug builds check after every one.
//!
//! Passes see the whole program: some look at functions of other packages, the rest work module by module.
//! The order is the list in [`PASSES`]; a pass can be switched off by name to measure what it brings.

pub mod checks;
pub mod escape;
pub mod split;

use crate::module::Module;
use crate::verify;
use rayon::prelude::*;

/// A pass: its name and what it does to the modules of a program.
pub struct Pass {
    /// The name that switches it off.
    pub name: &'static str,
    run: fn(&mut [Module]),
}

/// All passes, in the order in which they run.
pub const PASSES: &[Pass] = &[
    Pass {
        name: "escape",
        run: escape::run,
    },
    Pass {
        name: "checks",
        run: |modules| modules.par_iter_mut().for_each(checks::run),
    },
    Pass {
        name: "split",
        run: |modules| modules.par_iter_mut().for_each(split::run),
    },
];

/// Run all passes but those named in `off` on the modules of a program.
///
/// # Panics
/// In debug builds, if a module breaks a rule before the first pass or after one: a bug of the compiler.
pub fn run(modules: &mut [Module], off: &[String]) {
    check(modules, "lowering");
    for pass in PASSES {
        if !off.iter().any(|name| name == pass.name) {
            (pass.run)(modules);
            check(modules, pass.name);
        }
    }
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
