//! Other files in place of a package's own: how code for coverage gets into a build.
//!
//! Who writes them is the command's business. They come in where files are parsed, so all that follows sees nothing but
//! them. A file among them whose name starts with an underscore is no source of a user's, and may import what is internal.

use crate::package::Source;
use crate::resolve::Place;

/// A package that has been found and has no errors in its syntax.
pub struct Candidate<'c> {
    /// Its import path, folder and owner.
    pub place: &'c Place,
    /// Its name.
    pub name: &'c str,
    /// Whether it is of a main module, or files named on the command line.
    pub own: bool,
    /// Whether the command line names it.
    pub named: bool,
    /// Whether it consists of files named on the command line.
    pub files: bool,
    /// Its files, but for tests.
    pub sources: &'c [Source],
}

/// Writes the files that stand in for a package's own; nothing where these stay.
pub type Instrument<'f> = dyn Fn(&Candidate<'_>) -> Result<Option<Vec<Source>>, String> + Sync + 'f;
