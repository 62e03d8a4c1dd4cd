//! Which version of each module a build uses: the highest that anything asks for, by minimal version selection over
//! the go.mod files in the module cache.
//!
//! A module of Go 1.17 or newer lists all that its packages need, so the lists of what it requires are not followed
//! further ("pruning"); older modules are followed to the end.

use crate::files;
use crate::gomod::{self, ModFile, Replace, Version};
use crate::{modcache, semver};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::path::PathBuf;

/// From this version on, a go.mod lists indirect requirements too.
const COMPLETE: (u32, u32) = (1, 17);

/// What decides where modules come from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// All `replace` lines in force, the more important ones first.
    pub replace: Vec<Replace>,
    /// Versions that are passed over.
    pub exclude: Vec<Version>,
    /// What the lines of go.sum have for `path version` and `path version/go.mod`.
    pub sums: HashMap<String, String>,
    /// Under `-mod=mod` go.sum need not have a module that is in the cache: `go` would add it. gort writes no go.sum.
    pub sums_may_lack: bool,
}

impl Sources {
    /// The line that replaces a module.
    pub fn replacement(&self, m: &Version) -> Option<&Replace> {
        let of = |version: &str| {
            let mut lines = self.replace.iter();
            lines.find(|r| r.old.path == m.path && r.old.version == version)
        };
        of(&m.version).or_else(|| of(""))
    }

    /// The folder that replaces a module.
    pub fn folder(&self, m: &Version) -> Option<(PathBuf, &Replace)> {
        let r = self.replacement(m).filter(|r| r.new.version.is_empty())?;
        Some((crate::resolve::clean(&r.base.join(&r.new.path)), r))
    }

    /// The module whose source is used for another one.
    fn actual(&self, m: &Version) -> Version {
        self.replacement(m)
            .map_or_else(|| m.clone(), |r| r.new.clone())
    }

    /// Where a module's source is.
    ///
    /// # Errors
    /// In the words of `go`, or what to run where `go` would go to the network.
    pub fn place(&self, m: &Version) -> Result<PathBuf, String> {
        if let Some((dir, r)) = self.folder(m) {
            return match files::is_folder(&dir) {
                true => Ok(dir),
                false => {
                    let path = &r.new.path;
                    Err(format!("{m}: replacement directory {path} does not exist"))
                }
            };
        }
        let actual = self.actual(m);
        let dir = modcache::source(&actual);
        match files::is_folder(&dir) {
            true => self.check(&actual).map(|()| dir),
            false => Err(not_cached(&actual)),
        }
    }

    /// Compare the hash of what was downloaded, which the module cache keeps, with that in go.sum.
    fn check(&self, m: &Version) -> Result<(), String> {
        let downloaded = files::read_to_string(&modcache::hash(m)).unwrap_or_default();
        let downloaded = downloaded.trim();
        match downloaded {
            "" => Ok(()),
            hash => self.compare(m, hash),
        }
    }

    /// Compare a hash with that in go.sum, if that has one.
    fn compare(&self, m: &Version, hash: &str) -> Result<(), String> {
        match self.sum(m) {
            Some(sum) if sum != hash => Err(format!(
                "verifying {m}: checksum mismatch\n\tdownloaded: {hash}\n\tgo.sum:     {sum}{SECURITY}"
            )),
            _ => Ok(()),
        }
    }

    /// The hash of a module's source in go.sum.
    pub fn sum(&self, m: &Version) -> Option<&str> {
        let sum = self.sums.get(&format!("{} {}", m.path, m.version));
        sum.map(String::as_str)
    }

    /// Whether go.sum vouches for a module's source; folders need no voucher.
    pub fn has_sum(&self, m: &Version) -> bool {
        let actual = self.actual(m);
        actual.version.is_empty() || self.vouched(format!("{} {}", actual.path, actual.version))
    }

    fn vouched(&self, entry: String) -> bool {
        self.sums_may_lack || self.sums.contains_key(&entry)
    }

    /// The go.mod of a dependency; empty if it has none.
    fn read(&self, m: &Version) -> Result<ModFile, String> {
        if let Some((dir, r)) = self.folder(m) {
            let path = &r.new.path;
            if !files::is_folder(&dir) {
                return Err(format!("{m}: replacement directory {path} does not exist"));
            }
            let shown = dir.join("go.mod");
            let short = path.strip_prefix("./").unwrap_or(path);
            return gomod::read(&shown, &shown.display().to_string(), false)
                .map_err(|e| format!("module {path}: reading {short}/go.mod: {e}"));
        }
        let actual = self.actual(m);
        if !self.vouched(format!("{} {}/go.mod", actual.path, actual.version)) {
            return Err(format!(
                "go: {actual}: missing go.sum entry for go.mod file; to add it:\n\tgo mod download {}",
                actual.path
            ));
        }
        let file = modcache::go_mod(&actual);
        if !files::is_file(&file) {
            return Err(format!("go: {}", not_cached(&actual)));
        }
        let of_file = Version {
            path: actual.path.clone(),
            version: format!("{}/go.mod", actual.version),
        };
        let text = files::read(&file).unwrap_or_default();
        self.compare(&of_file, &modcache::hash_of_go_mod(&text))?;
        gomod::read(&file, &file.display().to_string(), false)
            .map_err(|e| format!("go: {actual}: {e}"))
    }

    /// Language version that a dependency's go.mod states.
    pub fn language(&self, m: &Version) -> (u32, u32) {
        self.read(m).map_or(gomod::UNSTATED, |f| f.language())
    }
}

/// Said under hashes that differ.
const SECURITY: &str = "\n\nSECURITY ERROR\nThis download does NOT match an earlier download recorded in go.sum.\nThe bits may have been replaced on the origin server, or an attacker may\nhave intercepted the download attempt.\n\nFor more information, see 'go help module-auth'.";

/// The loader does not go to the network; whoever calls it may.
fn not_cached(m: &Version) -> String {
    format!("{m}: module is not in the module cache; to download it:\n\tgo mod download {m}")
}

/// The version of each module, by path, that what the main modules require leads to.
///
/// # Errors
/// A go.mod file that cannot be read.
pub fn select(mains: &[ModFile], sources: &Sources) -> Result<BTreeMap<String, String>, String> {
    let is_main = |path: &str| mains.iter().any(|m| m.path == path);
    let mut selected: BTreeMap<String, String> = BTreeMap::new();
    // Modules to read, and whether what they require is followed too.
    let mut queue: VecDeque<(Version, bool)> = VecDeque::new();
    for m in mains {
        let follow = m.language() < COMPLETE;
        queue.extend(m.require.iter().map(|r| (r.clone(), follow)));
    }
    let mut seen: HashSet<(Version, bool)> = HashSet::new();
    while let Some((m, follow)) = queue.pop_front() {
        if is_main(&m.path) || sources.exclude.contains(&m) || !seen.insert((m.clone(), follow)) {
            continue;
        }
        let best = selected
            .entry(m.path.clone())
            .or_insert_with(|| m.version.clone());
        if semver::compare(&m.version, best).is_gt() {
            best.clone_from(&m.version);
        }
        let file = sources.read(&m)?;
        let follow = follow || file.language() < COMPLETE;
        for r in file.require {
            if follow {
                queue.push_back((r, true));
            } else if !is_main(&r.path) && !sources.exclude.contains(&r) {
                let best = selected.entry(r.path).or_insert_with(|| r.version.clone());
                if semver::compare(&r.version, best).is_gt() {
                    *best = r.version;
                }
            }
        }
    }
    Ok(selected)
}
