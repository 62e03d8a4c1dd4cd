//! Files in assembly. Those in languages that only cgo could call are left out, as with CGO_ENABLED=0.

use crate::constraint::Tags;
use std::path::Path;

/// The files in assembly among `names` that the tags admit.
pub fn files(tags: &Tags, dir: &Path, names: &[String]) -> Vec<String> {
    let mut names: Vec<&String> = names.iter().filter(|n| n.ends_with(".s")).collect();
    names.retain(|n| !n.starts_with(['_', '.']) && tags.matches_name(n));
    let admitted = |n: &&String| {
        let bytes = crate::files::read(&dir.join(n));
        bytes.is_ok_and(|b| tags.matches_source(&b) == Ok(true))
    };
    names.into_iter().filter(admitted).cloned().collect()
}
