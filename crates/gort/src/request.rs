//! What a command asks of the front end, and what it gets instead of an answer.

use gort_load::{Problem, Query};
use gort_syntax::{Diagnostic, FileSet};

/// Why there is nothing to go on with.
pub enum Failure {
    /// Errors in a package's source.
    Source {
        package: String,
        diags: Vec<Diagnostic>,
        files: &'static FileSet,
    },
    /// Errors in the sources of several packages.
    Packages {
        packages: Vec<(String, Vec<Diagnostic>)>,
        files: &'static FileSet,
    },
    /// Packages that cannot be found or read.
    Load {
        problems: Vec<Problem>,
        files: &'static FileSet,
    },
    /// What a tool says of packages, with their heads: the name of each, and the text.
    Said(Vec<(String, String)>),
    /// Anything else.
    Plain(String),
}

/// What to check, and how.
pub struct Request {
    /// The packages.
    pub query: Query,
    /// Additional build tags.
    pub tags: Vec<String>,
    /// Language version instead of the module's.
    pub lang: Option<(u32, u32)>,
    /// Check types even after syntax errors.
    pub keep_going: bool,
    /// Predeclare `assert` and `trace`.
    pub test_builtins: bool,
    /// Load package runtime too, for programs that will be compiled.
    pub runtime: bool,
    /// Check the tests of the packages too.
    pub tests: bool,
    /// Check packages even if some of their imports cannot be found.
    pub missing_imports: bool,
}

impl Request {
    /// A request for a program with defaults.
    pub fn program(query: Query, tags: Vec<String>) -> Request {
        Request {
            query,
            tags,
            lang: None,
            keep_going: false,
            test_builtins: false,
            runtime: true,
            tests: false,
            missing_imports: false,
        }
    }
}
