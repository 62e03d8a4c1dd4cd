//! Transformations of the IR. Each keeps the verifier's rules.

pub mod split;

use crate::module::Module;

/// Run all passes on a module.
pub fn run(module: &mut Module) {
    split::run(module);
}
