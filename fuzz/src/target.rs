//! What is tried with an input.

use crate::heap;
use bumpalo::Bump;
use gort_syntax::{Diagnostic, FileSet, Mode, parse_file};
use gort_types::{Config, Importer, PackageCheck, PackageInput, PkgId, TypeStore, check_package};

/// A phase of the front end.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// Scanner and parser.
    Parser,
    /// The type checker, whole packages and bodies on demand.
    Checker,
}

/// Only `unsafe` can be imported.
struct NoImports;

impl Importer for NoImports {
    fn import(&self, path: &str) -> Result<PkgId, String> {
        match path {
            "unsafe" => Ok(PkgId::UNSAFE),
            _ => Err("no imports".into()),
        }
    }
}

impl Target {
    /// Try an input; the most bytes of memory that were in use at once for it.
    pub fn memory(self, input: &[u8]) -> usize {
        let before = heap::reset_peak();
        self.run(input);
        heap::peak().saturating_sub(before)
    }

    /// Try an input. Positions of all messages must be in the file.
    fn run(self, input: &[u8]) {
        let (arena, files) = (Bump::new(), FileSet::new());
        let (file, mut diags) = parse_file(&arena, &files, "x.go", input, Mode::Full);
        if matches!(self, Target::Checker) {
            let store = TypeStore::new();
            let trees = [file];
            // The choices follow the input, so that it alone decides what happens.
            let sum = input
                .iter()
                .fold(0u32, |s, &b| s.wrapping_mul(31).wrapping_add(b as u32));
            let config = Config {
                go_version: if sum % 5 == 0 {
                    (1, 17 + sum / 5 % 11)
                } else {
                    (1, 27)
                },
                test_builtins: sum % 7 == 0,
                ..Config::default()
            };
            let input = PackageInput {
                path: "p",
                files: &trees,
                importer: &NoImports,
                config: &config,
            };
            if sum % 3 == 0 {
                let mut check = PackageCheck::new(&store, &files, input);
                let funcs: Vec<_> = check.info().funcs.iter().map(|f| f.obj).collect();
                funcs.into_iter().for_each(|f| check.check_body(f));
                known(&files, check.diagnostics());
            } else {
                diags.extend(check_package(&store, &files, input).2);
            }
        }
        known(&files, &diags);
    }
}

/// Every message has a position in a file.
fn known(files: &FileSet, diags: &[Diagnostic]) {
    for d in diags {
        assert!(files.position(d.pos).is_some(), "no position: {}", d.msg);
    }
}
