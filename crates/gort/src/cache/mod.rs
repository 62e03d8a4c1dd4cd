//! What was built stays, and is found again by what it was made from: an unchanged build reads its manifest, asks the
//! file system for some hundreds of stats, and copies an executable. docs/internals/cache.md says what is trusted and why.
//!
//! - [`place`]: the folder, and which gort this is
//! - [`key`]: what a command asks for, as a digest
//! - [`outcome`]: what came of it
//! - [`manifest`]: what was seen meanwhile, and whether it is still so
//! - [`store`]: files that are written whole or not at all, and contents that are what their names say
//! - [`known`]: which files of the library need not be read whole
//! - [`lowered`]: what lowering makes of functions and data, for programs that have changed
//! - [`packs`]: machine code of functions, and their IR behind the passes, for programs that have changed
//! - [`code`]: how numbers and texts are written in them
//! - [`trim`]: age and size; `gort clean`
//! - [`types`]: the names of what vet keeps of imports
//! - [`results`]: test results; [`inputs`]: what tests have read
//!
//! Nothing here fails: a cache that cannot be read or written is none, and what is damaged is built again.
//!
//! Rejected: one object a package in the cache, as official Go has it. Here the passes see the whole program, and what a
//! package becomes depends on its importers.

mod code;
mod inputs;
mod key;
mod known;
mod lowered;
mod manifest;
mod outcome;
mod packs;
mod place;
pub mod results;
mod store;
pub mod trim;
mod types;

pub use known::KnownFiles;
pub use lowered::{LoweredPacks, Settings, package_keys};
pub use manifest::remember_stats;
pub use outcome::Outcome;
pub use packs::Packs;
pub use place::{folder, folder_of_fuzzing, gort_identity};
pub use store::hex;
pub use types::TypeNames;

use crate::pipeline::BuildFlags;
use gort_load::Query;
use gort_load::files::{self, Digest};
use manifest::{Manifest, Variant};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a file beside the cache is there; if so, it counts as used now.
pub fn is_used(path: &Path) -> bool {
    store::touch(path).is_some()
}

/// What a command asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// A package, as an executable if it is a main package.
    Program,
    /// That several packages compile.
    Packages,
    /// A package's test executable.
    Test,
}

/// Set where something was printed that is not an error: it would not be printed again.
static SAID: AtomicBool = AtomicBool::new(false);

/// Take note that warnings have been printed: what comes of this command is not kept.
pub fn has_warned() {
    SAID.store(true, Ordering::Relaxed);
}

/// A question to the cache.
pub struct Asked {
    /// The cache and the key, if the cache is to be used.
    at: Option<(PathBuf, Digest)>,
    /// Whether what is there counts.
    look: bool,
}

impl Asked {
    /// Ask for something; from now on, what is read is noted.
    pub fn new(what: What, query: &Query, flags: &BuildFlags) -> Asked {
        // What these print and write is not kept.
        let wanted = !flags.n && flags.dump_ir.is_none() && flags.assembler.words.is_empty();
        let at = place::folder().filter(|_| wanted);
        let at = at.and_then(|dir| {
            let key = key::key(what, query, flags)?;
            Some((dir, key))
        });
        if at.is_some() {
            files::record();
        }
        Asked {
            at,
            look: !flags.all,
        }
    }

    /// What came of it before, if nothing that mattered has changed since.
    pub fn find(&self) -> Option<Found> {
        let (dir, key) = self.at.as_ref().filter(|_| self.look)?;
        let mut manifest = Manifest::read(dir, key)?;
        let (outcome, changed) = manifest.current()?;
        let found = Found {
            dir: dir.clone(),
            outcome,
        };
        if let Some(executable) = &found.outcome.executable {
            // What is not there any more is not found; whether it is whole shows when it is read.
            store::touch(&store::path(dir, executable, store::EXECUTABLE))?;
        }
        match changed {
            true => manifest.write(dir, key),
            false => _ = store::touch(&store::path(dir, key, store::MANIFEST)),
        }
        Some(found)
    }

    /// Keep what came of it.
    pub fn keep(&self, mut outcome: Outcome, executable: Option<&[u8]>) -> Outcome {
        outcome.executable = executable.map(store::name);
        let Some((dir, key)) = &self.at else {
            return outcome;
        };
        if SAID.load(Ordering::Relaxed) {
            return outcome;
        }
        let Some(seen) = files::recorded() else {
            return outcome;
        };
        if let (Some(bytes), Some(name)) = (executable, &outcome.executable)
            && !store::put_executable(dir, name, bytes)
        {
            return outcome;
        }
        let mut manifest = Manifest::read(dir, key).unwrap_or_default();
        manifest.add(Variant::new(outcome.clone(), seen));
        manifest.write(dir, key);
        trim::trim_if_due(dir);
        outcome
    }
}

/// Something that was found.
pub struct Found {
    dir: PathBuf,
    /// What came of it.
    pub outcome: Outcome,
}

impl Found {
    /// The executable, if it is whole.
    pub fn executable(&self) -> Option<Vec<u8>> {
        store::executable(&self.dir, self.outcome.executable.as_ref()?)
    }

    /// Where the executable is.
    pub fn place(&self) -> Option<PathBuf> {
        let name = self.outcome.executable.as_ref()?;
        Some(store::path(&self.dir, name, store::EXECUTABLE))
    }
}
