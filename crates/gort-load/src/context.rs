//! What the build is for.

use crate::constraint::Tags;
use std::path::PathBuf;

/// A Go file of the overlay, which replaces packages of GOROOT: (path below `goroot/`, contents).
pub type Overlay = &'static [(&'static str, &'static [u8])];

/// The settings of a build.
#[derive(Clone, Debug)]
pub struct Context {
    /// GOROOT.
    pub goroot: PathBuf,
    /// Tags in force.
    pub tags: Tags,
    /// Packages that gort brings itself.
    pub overlay: Overlay,
    /// Working folder; file names in messages are relative to it, as `go` prints them.
    pub cwd: PathBuf,
}
