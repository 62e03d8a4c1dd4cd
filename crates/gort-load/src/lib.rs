//! Finds and reads Go source: the only crate that opens source files.
//!
//! - [`constraint`]: `//go:build` and `// +build` lines, file name suffixes; [`assembly`]: files in assembly
//! - [`context`]: what the build is for: tags, GOROOT
//! - [`files`]: every look at the file system, and the record of them
//! - [`goroot`]: where the standard library's sources are
//! - [`modfile`]: the text form of go.mod and go.work; [`gomod`]: what they say; [`semver`]: versions
//! - [`godebugs`]: the settings of GODEBUG
//! - [`instrument`]: other files in place of a package's own
//! - [`mainmod`]: finds the main modules; [`modgraph`]: which version of each module a build uses
//! - [`modcache`]: the module cache; [`vendor`]: `vendor/modules.txt`
//! - [`recipe`]: what overlay.toml changes in packages of GOROOT
//! - [`modules`]: the modules of a build, and which of them has a package
//! - [`resolve`]: which folder an import path or a folder argument means; `internal`
//! - [`patterns`]: `./...`, `std` and the like
//! - [`gopath`]: the same without modules
//! - [`package`]: which files of a folder belong to a package
//! - [`parse`]: from files to a package with trees
//! - [`loader`]: the import closure of the named packages
//! - [`variants`]: packages with their tests
//! - [`linkname`]: which symbols of the library other modules may take
//! - [`order`]: imports before importers, import cycles
//! - [`loaded`]: the result

pub mod assembly;
pub mod constraint;
pub mod context;
pub mod godebugs;
pub mod gomod;
pub mod gopath;
pub mod goroot;
mod importcomment;
mod importing;
pub mod instrument;
pub mod linkname;
pub mod loaded;
pub mod loader;
pub mod mainmod;
pub mod modcache;
pub mod modfile;
pub mod modgraph;
pub mod modules;
mod order;
pub mod package;
mod parse;
pub mod patterns;
pub mod recipe;
pub mod resolve;
pub mod semver;
pub mod variants;
pub mod vendor;

pub mod embed;
pub mod files;
pub use context::{Context, Overlay};
pub use instrument::{Candidate, Instrument};
pub use loaded::{LoadError, Loaded, LoadedPackage, LoadedTests, Problem, Query};
pub use loader::{Options, list, load};
pub use parse::text;
pub use variants::{TestMain, load_tests};
