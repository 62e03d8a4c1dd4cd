//! Tests, benchmarks, fuzz targets and examples of a package's test files, by the rules of `go help testfunc`.

use super::comments::{Expected, expected_output};
use gort_load::LoadedPackage;
use gort_syntax::ast::{Decl, ExprKind, FuncDecl};
use gort_syntax::{Diagnostic, FileSet};
use std::path::Path;

/// An example that is run: its function and what it prints.
#[derive(Debug)]
pub struct Example {
    /// Name of the function.
    pub name: String,
    /// What it must print.
    pub expected: Expected,
}

/// What a package offers to the test main.
#[derive(Debug, Default)]
pub struct Found {
    /// `TestXxx(*testing.T)`.
    pub tests: Vec<String>,
    /// `BenchmarkXxx(*testing.B)`.
    pub benchmarks: Vec<String>,
    /// `FuzzXxx(*testing.F)`.
    pub fuzz: Vec<String>,
    /// Examples with expected output.
    pub examples: Vec<Example>,
    /// Whether there is a `TestMain(*testing.M)`.
    pub main: bool,
    /// Whether the main package has anything to import it for (a package with test files always has).
    pub needed: bool,
}

/// Look through the test files of a package.
///
/// # Errors
/// Functions with a test's name and another signature.
pub fn discover(package: &LoadedPackage, files: &FileSet) -> Result<Found, Vec<Diagnostic>> {
    let mut found = Found::default();
    let mut problems = Vec::new();
    for (file, name) in package.files.iter().zip(&package.names) {
        if !name.ends_with("_test.go") {
            continue;
        }
        found.needed = true;
        let base = Path::new(name).file_name().unwrap_or_default();
        let path = package.dir.join(base);
        let mut text = None;
        for decl in &file.decls {
            let Decl::Func(f) = decl else { continue };
            if f.recv.is_some() {
                continue;
            }
            let name = f.name.name.as_str();
            if let Some(expected) = example(f, files, &path, &mut text) {
                let name = name.to_string();
                found.examples.push(Example { name, expected });
                continue;
            }
            function(f, &mut found, &mut problems);
        }
    }
    if problems.is_empty() {
        Ok(found)
    } else {
        Err(problems)
    }
}

/// Whether the name is the prefix, or the prefix and something that does not start in lower case.
fn has_prefix(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix)
        .is_some_and(|rest| !rest.starts_with(char::is_lowercase))
}

fn function(f: &FuncDecl<'_>, found: &mut Found, problems: &mut Vec<Diagnostic>) {
    let name = f.name.name.as_str();
    if name == "TestMain" {
        // One with a *testing.T is a test like any other.
        if takes(f, 'M') {
            found.main = true;
            return;
        }
        if !takes(f, 'T') {
            problems.push(wrong_signature(f, 'M', "m"));
            return;
        }
    }
    let kinds = [
        ("Test", 'T', "t", &mut found.tests),
        ("Benchmark", 'B', "b", &mut found.benchmarks),
        ("Fuzz", 'F', "f", &mut found.fuzz),
    ];
    for (prefix, letter, param, list) in kinds {
        if has_prefix(name, prefix) {
            if takes(f, letter) {
                list.push(name.to_string());
            } else {
                problems.push(wrong_signature(f, letter, param));
            }
        }
    }
}

fn wrong_signature(f: &FuncDecl<'_>, letter: char, param: &str) -> Diagnostic {
    let name = f.name.name.as_str();
    Diagnostic::new(
        f.name.pos,
        "BadTestSignature",
        format!("wrong signature for {name}, must be: func {name}({param} *testing.{letter})"),
    )
}

/// Whether the only parameter is a pointer to a type of that name, qualified or not, and there is no result.
fn takes(f: &FuncDecl<'_>, letter: char) -> bool {
    let [param] = f.sig.params else { return false };
    if !f.sig.results.is_empty() || !f.sig.tparams.is_empty() {
        return false;
    }
    let ExprKind::Star(elem) = param.typ.kind else {
        return false;
    };
    let last = match elem.kind {
        ExprKind::Name(n) => n,
        ExprKind::Selector { sel, .. } => sel.name,
        _ => return false,
    };
    let mut buf = [0; 4];
    last.as_str() == letter.encode_utf8(&mut buf)
}

/// The expected output of an example function, if it is one that is run.
fn example(
    f: &FuncDecl<'_>,
    files: &FileSet,
    path: &Path,
    text: &mut Option<String>,
) -> Option<Expected> {
    let name = f.name.name.as_str();
    let plain = f.sig.params.is_empty() && f.sig.results.is_empty() && f.sig.tparams.is_empty();
    if !has_prefix(name, "Example") || !plain {
        return None;
    }
    let body = f.body()?;
    let file = files.file(body.lbrace)?;
    if text.is_none() {
        *text = gort_load::files::read_to_string(path).ok();
    }
    let offset = |pos: gort_syntax::Pos| (pos.0 - file.base) as usize;
    expected_output(
        text.as_deref()?
            .get(offset(body.lbrace)..offset(body.rbrace))?,
    )
}
