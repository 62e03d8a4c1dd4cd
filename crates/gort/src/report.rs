//! Failures, as the go command prints them and as its events of builds.

use crate::render;
use crate::request::Failure;
use gort_load::Problem;
use gort_syntax::{Diagnostic, FileSet};
use std::io::IsTerminal;

/// Print a failure as the go command does.
pub fn report(failure: &Failure, all: bool) {
    crate::interrupt::stop_if_interrupted();
    crate::progress::clear();
    let excerpts = std::io::stderr().is_terminal();
    for (_, text) in texts(failure, all, excerpts) {
        eprint!("{text}");
    }
}

/// The text of a failure, a piece for each package that has errors of its own.
pub fn texts(failure: &Failure, all: bool, excerpts: bool) -> Vec<(String, String)> {
    let block = |package: &str, diags: &[Diagnostic], files: &FileSet| {
        let head = match package {
            "" => String::new(),
            package => format!("# {package}\n"),
        };
        let text = render::text(files, diags, all, excerpts);
        (package.to_string(), head + &text)
    };
    match failure {
        Failure::Said(said) => said.clone(),
        Failure::Plain(text) => vec![(String::new(), format!("{text}\n"))],
        Failure::Source {
            package,
            diags,
            files,
        } => vec![block(package, diags, files)],
        Failure::Packages { packages, files } => {
            let blocks = packages.iter().map(|(p, diags)| block(p, diags, files));
            blocks.collect()
        }
        Failure::Load { problems, files } => {
            vec![(String::new(), render::problems(files, problems))]
        }
    }
}

/// A failure as `go help buildjson` describes it: the lines of each package, and an event that says that it failed.
pub fn build_events(failure: &Failure, all: bool) -> String {
    build_events_of(failure, "", all).0
}

/// The same, and the package that failed first. Without one, `path` is what failed, and the text gets its head.
pub fn build_events_of(failure: &Failure, path: &str, all: bool) -> (String, String) {
    let mut out = String::new();
    let mut first = None;
    for (package, text) in texts(failure, all, false) {
        let (package, text) = match package.as_str() {
            "" if path.is_empty() => (package, text),
            "" => (
                imported(failure).unwrap_or(path).to_string(),
                format!("# {path}\n{text}"),
            ),
            _ => (package, text),
        };
        let event = |action: &str, more: String| {
            let package = render::quote(&package);
            format!("{{\"ImportPath\":{package},\"Action\":\"{action}\"{more}}}\n")
        };
        for line in text.split_inclusive('\n') {
            let output = format!(",\"Output\":{}", render::quote(line));
            out.push_str(&event("build-output", output));
        }
        out.push_str(&event("build-fail", String::new()));
        first.get_or_insert(package);
    }
    (out, first.unwrap_or_default())
}

/// The path of the import that keeps packages from being loaded: it counts as what could not be built.
fn imported(failure: &Failure) -> Option<&str> {
    let Failure::Load { problems, .. } = failure else {
        return None;
    };
    match problems.first()? {
        Problem::Import(path, _) => Some(path),
        _ => None,
    }
}
