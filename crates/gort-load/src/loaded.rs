//! What loading gives: packages with their trees, and what is wrong with them.

use crate::files::Digest;
use crate::gomod::{Module, Version};
use gort_syntax::ast::{Decl, File};
use gort_syntax::{Diagnostic, Pos};
use std::path::PathBuf;

/// What to load.
#[derive(Clone, Debug)]
pub enum Query {
    /// Go files as one package, named `command-line-arguments`.
    Files(Vec<PathBuf>),
    /// Package patterns: folders, import paths, `./...`, `std`; none means the working folder.
    Patterns(Vec<String>),
}

/// A package, parsed. Cheap to copy: trees live until the process ends.
#[derive(Clone, Debug)]
pub struct LoadedPackage {
    /// Import path; `command-line-arguments` for a list of files. The external tests of `p` are `p_test`.
    pub path: String,
    /// The package whose tests this one is part of or is built for: it then differs from the package of the same path
    /// that programs import.
    pub for_test: Option<String>,
    /// Name in the package clause.
    pub name: String,
    /// Folder of its files.
    pub dir: PathBuf,
    /// Parsed files, by name; test files after the others.
    pub files: &'static [File<'static>],
    /// File names as messages show them.
    pub names: Vec<String>,
    /// Digests of their texts.
    pub digests: Vec<Digest>,
    /// Paths of its imports, as written.
    pub imports: Vec<String>,
    /// What each import means: the path as written, and the index of its package in [`Loaded::packages`]. Imports that
    /// cannot be resolved are missing.
    pub deps: Vec<(String, usize)>,
    /// Syntax errors.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether it is of the Go distribution or the overlay.
    pub standard: bool,
    /// Whether it is of a main module, or named on the command line as files: the user's own.
    pub own: bool,
    /// Language version.
    pub go: (u32, u32),
    /// Whether its source may use maps.
    pub has_maps: bool,
    /// Its files in assembly.
    pub assembly: Vec<String>,
}

impl LoadedPackage {
    /// The path, with the package under test in brackets where it is built for a test: `a [b.test]`.
    pub fn id(&self) -> String {
        match &self.for_test {
            Some(t) => format!("{} [{t}.test]", self.path),
            None => self.path.clone(),
        }
    }

    /// Whether it holds test files.
    pub fn has_tests(&self) -> bool {
        self.names.iter().any(|n| n.ends_with("_test.go"))
    }
}

/// The result: packages so that each comes after its imports.
#[derive(Debug, Default)]
pub struct Loaded {
    /// All packages of the closure.
    pub packages: Vec<LoadedPackage>,
    /// Index of the first named package.
    pub root: usize,
    /// Indices of the named packages, with their tests if these were asked for.
    pub roots: Vec<usize>,
    /// The main module, if there is one.
    pub module: Option<Module>,
    /// The other modules that have packages among these, by path.
    pub deps: Vec<Dep>,
    /// Warnings, as `go` prints them.
    pub warnings: Vec<String>,
    /// Imports that cannot be resolved and folders without Go files, in the order of discovery.
    pub problems: Vec<Problem>,
}

/// A module that a program consists of, for the build information.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dep {
    /// Path and version.
    pub module: Version,
    /// Its hash in go.sum, if it has one.
    pub sum: String,
    /// What replaces it, with its hash.
    pub replace: Option<(Version, String)>,
}

/// A package with its tests, and their main package.
#[derive(Debug)]
pub struct LoadedTests {
    /// All that the test executable consists of; its root is the main package if there is one, else the package.
    pub loaded: Loaded,
    /// The package under test, with the test files of its own name. Only this form of it is among the packages.
    pub package: usize,
    /// The package of external tests, `p_test`.
    pub external: Option<usize>,
}

/// Something that keeps packages from being loaded.
#[derive(Clone, PartialEq, Debug)]
pub enum Problem {
    /// A message without position.
    Plain(String),
    /// A message at a position.
    At(Diagnostic),
    /// A message at an import of this path.
    Import(String, Diagnostic),
}

/// Why loading failed; shown in this order.
#[derive(Debug)]
pub struct LoadError(pub Vec<Problem>);

impl LoadError {
    /// One message without position.
    pub fn plain(text: impl Into<String>) -> LoadError {
        LoadError(vec![Problem::Plain(text.into())])
    }
}

/// An import of a file.
#[derive(Clone, Debug)]
pub struct Import {
    /// The path, without quotes.
    pub path: String,
    /// Position of the import: of its name, if it has one.
    pub pos: Pos,
    /// Name of the file, without folder.
    pub file: String,
}

/// The imports of a package's files but `unsafe`, the first of each path, by path; paths that are not valid literals are left to
/// the checker.
pub fn imports(files: &[File<'_>], names: &[String]) -> Vec<Import> {
    let mut out: Vec<Import> = Vec::new();
    for (f, name) in files.iter().zip(names) {
        for d in &f.decls {
            let Decl::Import(i) = d else { continue };
            let path = i.path.trim_matches(['"', '`']);
            if path == "unsafe" || path.is_empty() || out.iter().any(|o| o.path == path) {
                continue;
            }
            out.push(Import {
                path: path.to_string(),
                pos: i.pos,
                file: name.rsplit('/').next().unwrap_or(name).to_string(),
            });
        }
    }
    out.sort_by(|a, b| a.path.cmp(&b.path));
    out
}
