//! What the build is for.

use crate::constraint::Tags;
use crate::recipe::Recipe;
use std::collections::HashMap;
use std::path::PathBuf;

/// A Go file of the overlay, which replaces packages of GOROOT: (path below `goroot/`, contents).
pub type Overlay = &'static [(&'static str, &'static [u8])];

/// The settings of a build.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// GOROOT, if there is one: programs that import nothing but what the overlay has do without.
    pub goroot: Option<PathBuf>,
    /// Tags in force for modules.
    pub tags: Tags,
    /// Tags in force for the library.
    pub library: Tags,
    /// What overlay.toml changes in packages of GOROOT, by import path.
    pub recipes: HashMap<String, Recipe>,
    /// Packages that gort brings itself.
    pub overlay: Overlay,
    /// Working folder; file names in messages are relative to it, as `go` prints them.
    pub cwd: PathBuf,
    /// The `-mod` flag: `mod`, `readonly` or `vendor`.
    pub mod_flag: Option<String>,
    /// The `-modfile` flag: what is read in place of go.mod, and with another ending in place of go.sum.
    pub mod_file: Option<PathBuf>,
}

impl Context {
    /// The folder of the standard library's packages; `$GOROOT/src` by name if there is none.
    pub fn src(&self) -> PathBuf {
        self.goroot
            .clone()
            .unwrap_or_else(|| PathBuf::from("$GOROOT"))
            .join("src")
    }
}
