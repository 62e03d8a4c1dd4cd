//! Coverage: `-cover`, `-covermode`, `-coverpkg`, `-coverprofile`.
//!
//! - [`Cover`]: what the flags say
//! - [`instrument`]: sources with counters, which official Go's `cmd/cover` writes
//! - [`selected`]: the packages that `-coverpkg` means in tests of several packages
//! - [`profile`]: the file of `-coverprofile`; what there is to say of packages without tests
//!
//! With official Go compiler and linker have a hand in it: they gather the counters of all packages in a section, and
//! add the registration to each package's initialisation. Here both are Go source, which is added to what `cmd/cover`
//! writes (`goroot/internal/coverage/rtcov`). Rejected: a section of counters. It would need a mark on variables through
//! all phases, for a list that is as short in Go.

pub mod instrument;
pub mod profile;
pub mod selected;

use crate::flags::Parsed;
use gort_load::Candidate;
use gort_load::patterns;
use selected::Selected;
use std::path::Path;

/// Flags that ask for coverage.
const FLAGS: &[&str] = &["cover", "covermode", "coverpkg", "coverprofile"];

/// Besides `internal/runtime/...`, the runtime and what it consists of: counters there would count before the process can
/// give out memory, and gort's runtime is not the one that a report would show.
const RUNTIME: &[&str] = &[
    "internal/abi",
    "internal/asan",
    "internal/bytealg",
    "internal/byteorder",
    "internal/chacha8rand",
    "internal/coverage/rtcov",
    "internal/cpu",
    "internal/goarch",
    "internal/godebugs",
    "internal/goexperiment",
    "internal/goos",
    "internal/msan",
    "internal/profilerecord",
    "internal/race",
    "internal/strconv",
    "internal/stringslite",
    "runtime",
];

/// What is covered, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cover {
    /// `set`, `count` or `atomic`.
    pub mode: String,
    /// The patterns of `-coverpkg`; none for the packages that are named, and in builds all of the main module.
    pub patterns: Vec<String>,
    /// Whether it is for tests.
    pub tests: bool,
    /// What `-coverpkg` has been found to mean in tests.
    pub selected: Option<Selected>,
}

impl Cover {
    /// What the flags say; as with `go`, the last of them decides whether there is coverage.
    ///
    /// # Errors
    /// A mode that there is not.
    pub fn of(parsed: &Parsed) -> Result<Option<Cover>, String> {
        let on = match parsed.last_of(FLAGS) {
            None => false,
            Some(("cover", _)) => parsed.on("cover"),
            Some(_) => true,
        };
        let mode = parsed.get("covermode").unwrap_or("set");
        if !matches!(mode, "set" | "count" | "atomic") {
            return Err(format!(
                "invalid value {mode:?} for flag -covermode: valid modes are \"set\", \"count\", or \"atomic\""
            ));
        }
        let patterns = parsed.get("coverpkg").unwrap_or("").split(',');
        Ok(on.then(|| Cover {
            mode: mode.into(),
            patterns: patterns
                .map(|p| p.trim().to_string())
                .filter(|p| !p.is_empty())
                .collect(),
            tests: false,
            selected: None,
        }))
    }

    /// Whether a package is covered.
    ///
    /// # Errors
    /// One that should be and cannot.
    pub fn covers(&self, c: &Candidate<'_>, here: &Path) -> Result<bool, String> {
        let path = c.place.path.as_str();
        let wanted = match (&self.selected, self.patterns.as_slice()) {
            (Some(selected), _) => selected.packages.iter().any(|p| p == path),
            (None, []) => c.named || !self.tests && c.own,
            (None, list) => list.iter().any(|p| patterns::means(p, here, c.place)),
        };
        if !wanted || written(c) {
            return Ok(false);
        }
        if !c.place.owner.is_goroot() {
            return Ok(true);
        }
        // The counters themselves are kept with these.
        if self.mode == "atomic" && matches!(path, "sync/atomic" | "internal/runtime/atomic") {
            return Ok(false);
        }
        match RUNTIME.contains(&path) || path.starts_with("internal/runtime/") {
            true => Err(format!(
                "gort does not support coverage of the runtime's packages: {path}"
            )),
            false => Ok(true),
        }
    }
}

/// Whether gort has written a package itself: the main package of a test.
fn written(c: &Candidate<'_>) -> bool {
    let name = |s: &gort_load::package::Source| s.path.file_name().map(|n| n.to_owned());
    let first = c.sources.first().and_then(name);
    first.is_some_and(|n| n.to_string_lossy().starts_with('_'))
}
