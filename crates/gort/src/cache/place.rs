//! The folder of the cache, and which gort this is.
//!
//! `$GORT_CACHE`, else `~/.cache/gort`, holds four things: `goroot` (the library's sources, if they were fetched),
//! `tools` (tools of official Go, compiled), `fuzz` (inputs that fuzzing has found interesting) and `build`, which is the
//! cache.

use super::store;
use gort_load::files::{self, Digest, Stat};
use std::path::PathBuf;
use std::sync::OnceLock;

/// The folder of the cache.
pub fn folder() -> Option<PathBuf> {
    gort_load::goroot::cache_base().map(|base| base.join("build"))
}

/// What fuzzing has found interesting, a folder for each package.
pub fn folder_of_fuzzing() -> Option<PathBuf> {
    gort_load::goroot::cache_base().map(|base| base.join("fuzz"))
}

/// A digest of this executable, which has the compiler, the runtime and the overlay in it: another gort finds nothing of
/// this one's. Reading it takes longer than most builds that find something, so what it was is noted beside its
/// metadata.
pub fn gort_identity() -> Option<Digest> {
    static IDENTITY: OnceLock<Option<Digest>> = OnceLock::new();
    *IDENTITY.get_or_init(|| {
        let exe = std::fs::File::open("/proc/self/exe").ok()?;
        let stat = Stat::of(&exe.metadata().ok()?);
        let whole = || {
            std::fs::read("/proc/self/exe")
                .ok()
                .map(|bytes| files::digest(&bytes))
        };
        let Some(dir) = folder().filter(|_| stat.settled) else {
            return whole();
        };
        let path = std::env::current_exe().ok()?;
        let mut text = path.as_os_str().as_encoded_bytes().to_vec();
        text.extend(stat.words.iter().flat_map(|w| w.to_le_bytes()));
        let name = files::digest(&text);
        let file = store::path(&dir, &name, store::IDENTITY);
        if let Some(known) = store::read_checked(&file)
            && let Ok(known) = Digest::try_from(&*known)
        {
            store::touch(&file);
            return Some(known);
        }
        let identity = whole()?;
        store::write_checked(&file, &identity);
        Some(identity)
    })
}
