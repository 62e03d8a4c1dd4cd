//! Transformations of the IR. Each keeps the verifier's rules, which debug builds check after every one.

pub mod checks;
pub mod split;

use crate::module::Module;
use crate::verify;

/// Run all passes on a module.
///
/// # Panics
/// In debug builds, if the module breaks a rule before the first pass or after one: a bug of the compiler.
pub fn run(module: &mut Module) {
    check(module, "lowering");
    checks::run(module);
    check(module, "pass checks");
    split::run(module);
    check(module, "pass split");
}

fn check(module: &Module, after: &str) {
    if cfg!(debug_assertions) {
        let problems = verify::module(module);
        let count = problems.len();
        if let Some(first) = problems.first() {
            panic!(
                "{count} problems in the IR of {} after {after}: {first}",
                module.package
            );
        }
    }
}
