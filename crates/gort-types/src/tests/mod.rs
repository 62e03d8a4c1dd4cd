//! Small programs with the errors that they must give, in Go's own style: `// ERROR "part of the message"` at
//! the end of a line, one for each error of the line.

mod api;
mod consts;
mod decls;
mod exprs;
mod generics;
mod stmts;

use crate::{Config, Importer, Info, PackageInput, PkgId, TypeStore, check_package};
use bumpalo::Bump;
use gort_syntax::ast::File;
use gort_syntax::{Diagnostic, FileSet, Mode};

struct OnlyUnsafe;

impl Importer for OnlyUnsafe {
    fn import(&self, path: &str) -> Result<PkgId, String> {
        if path == "unsafe" {
            Ok(PkgId::UNSAFE)
        } else {
            Err("package not found".into())
        }
    }
}

/// Check one file and look at the result.
fn with_package<R>(
    src: &str,
    config: &Config,
    f: impl FnOnce(&TypeStore, &FileSet, PkgId, &Info<'_>, &[Diagnostic], &[File<'_>]) -> R,
) -> R {
    let arena = Bump::new();
    let fset = FileSet::new();
    let store = TypeStore::new();
    let (file, syntax) = gort_syntax::parse_file(&arena, &fset, "t.go", src.as_bytes(), Mode::Full);
    assert_eq!(syntax, [], "syntax errors in a test");
    let files = [file];
    let input = PackageInput {
        path: "p",
        files: &files,
        importer: &OnlyUnsafe,
        config,
    };
    let (pkg, info, diags) = check_package(&store, &fset, input);
    f(&store, &fset, pkg, &info, &diags, &files)
}

/// Check a file against its ERROR comments.
fn check(src: &str) {
    check_version(src, (1, 27));
}

fn check_version(src: &str, go_version: (u32, u32)) {
    let config = Config {
        go_version,
        ..Config::default()
    };
    with_package(src, &config, |_, fset, _, _, diags, _| {
        let mut left: Vec<(u32, String)> = vec![];
        for (i, line) in src.lines().enumerate() {
            let parts: Vec<&str> = line.split("// ERROR ").skip(1).collect();
            for p in parts {
                left.push((i as u32 + 1, p.trim().trim_matches('"').to_string()));
            }
        }
        for d in diags {
            let line = fset.position(d.pos).map_or(0, |p| p.line);
            let hit = left
                .iter()
                .position(|(l, want)| *l == line && d.msg.contains(want));
            match hit {
                Some(i) => {
                    left.remove(i);
                }
                None => panic!("line {line}: unexpected error: {}\n{src}", d.msg),
            }
        }
        assert!(left.is_empty(), "missing errors: {left:?}\n{src}");
    });
}

/// Check statements inside a function.
fn check_body(body: &str) {
    check(&format!("package p\nfunc _() {{\n{body}\n}}\n"));
}
