//! Finds and reads Go source: the only crate that opens source files.
//!
//! - [`constraint`]: `//go:build` lines and file name suffixes
//! - [`context`]: what the build is for: tags, GOROOT
//! - [`goroot`]: where the standard library's sources are
//! - [`gomod`]: go.mod as far as it decides import paths and the language version
//! - [`recipe`]: what overlay.toml changes in packages of GOROOT
//! - [`package`]: which files of a folder belong to a package
//! - [`loader`]: the import closure of the named packages, parsed, in dependency order

pub mod constraint;
pub mod context;
pub mod gomod;
pub mod goroot;
pub mod loader;
pub mod package;
pub mod recipe;

pub use context::{Context, Overlay};
pub use loader::{LoadError, Loaded, LoadedPackage, Query, load};
