//! Every look at the file system that loading takes, and the record of them: what was asked of which path, and a digest of
//! the answer.
//!
//! What a command builds follows from its command line, its environment, gort itself and these answers. A cache keeps
//! the record with the result, and [`Seen::holds`] says later whether an answer would still be the same. So no list of
//! inputs can miss one: what is not asked here cannot have been seen. A question is as narrow as what is done with its
//! answer (the Go files of a folder, not all its names), for a folder gets other files too, the executable for one.
//!
//! A file whose [`Stat`] is the same is taken to be the same, unless it was young when it was looked at: clocks of file
//! systems tick coarsely, and a file changed twice within a tick looks like one changed once.

use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// SHA-256 of something.
pub type Digest = [u8; 32];

/// How old a change must be to be told from the next one by its time: FAT has two seconds, others much less.
const SETTLED: Duration = Duration::from_secs(2);

/// What is asked of a path.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Ask {
    /// What a file holds.
    Content,
    /// Which names of a folder there are, of some.
    Names(Which),
    /// What a path leads to.
    Kind,
    /// What a path is itself, a link if it is one.
    LinkKind,
    /// The path without links.
    Target,
}

/// Of the names in a folder, those that matter to whoever asks.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Which {
    /// All.
    All,
    /// Those of files in Go and in assembly.
    Sources,
    /// Those of files in Go, and of folders.
    Tree,
    /// Those that match a pattern of `//go:embed`.
    Matching(String),
}

/// What a path is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A device, a link that is not followed, and so on.
    Other,
}

/// A name in a folder.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Entry {
    /// The name.
    pub name: String,
    /// Whether it is a folder, and no link to one.
    pub folder: bool,
}

/// What tells a file from what it was before, as far as its metadata can.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stat {
    /// Size, inode, and the two times in nanoseconds: when its contents and when anything about it changed.
    pub words: [u64; 4],
    /// Whether it was old enough that any later change shows.
    pub settled: bool,
}

impl Stat {
    /// Of metadata that has been read just now.
    pub fn of(meta: &std::fs::Metadata) -> Stat {
        let nanos = |s: i64, ns: i64| {
            (s as u64)
                .wrapping_mul(1_000_000_000)
                .wrapping_add(ns as u64)
        };
        let (changed, touched) = (
            nanos(meta.mtime(), meta.mtime_nsec()),
            nanos(meta.ctime(), meta.ctime_nsec()),
        );
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let limit = now.saturating_sub(SETTLED).as_nanos() as u64;
        Stat {
            words: [meta.size(), meta.ino(), changed, touched],
            settled: changed < limit && touched < limit,
        }
    }
}

/// A question that was asked, with its answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// What of.
    pub path: PathBuf,
    /// The question.
    pub ask: Ask,
    /// The digest of the answer.
    pub answer: Digest,
    /// What the path was when it was asked, where metadata say whether the answer can have changed.
    pub stat: Option<Stat>,
}

static RECORDING: AtomicBool = AtomicBool::new(false);
static RECORD: Mutex<Record> = Mutex::new(Record {
    seen: BTreeMap::new(),
    changed: false,
});

struct Record {
    seen: BTreeMap<(PathBuf, Ask), (Digest, Option<Stat>)>,
    /// Whether an answer has changed while it was kept here.
    changed: bool,
}

/// From now on, keep a record.
pub fn record() {
    RECORDING.store(true, Ordering::Relaxed);
}

/// What has been seen so far, by path; nothing if no record is kept, or if files changed meanwhile.
pub fn recorded() -> Option<Vec<Seen>> {
    let record = RECORD.lock().unwrap_or_else(|e| e.into_inner());
    if record.changed || !RECORDING.load(Ordering::Relaxed) {
        return None;
    }
    let seen = record
        .seen
        .iter()
        .map(|((path, ask), (answer, stat))| Seen {
            path: path.clone(),
            ask: ask.clone(),
            answer: *answer,
            stat: *stat,
        });
    Some(seen.collect())
}

fn note(path: &Path, ask: Ask, answer: impl FnOnce() -> Digest, stat: Option<Stat>) {
    if !RECORDING.load(Ordering::Relaxed) {
        return;
    }
    let answer = answer();
    let mut record = RECORD.lock().unwrap_or_else(|e| e.into_inner());
    let known = record
        .seen
        .entry((path.to_path_buf(), ask))
        .or_insert((answer, stat));
    record.changed |= known.0 != answer;
}

impl Seen {
    /// Whether the answer is still the same. Brings the metadata up to date if it is.
    pub fn holds(&mut self) -> bool {
        let (answer, stat) = match &self.ask {
            Ask::Content => {
                let (read, stat) = read_file(&self.path);
                (content(&read), stat)
            }
            Ask::Names(which) => {
                let (read, stat) = read_names(&self.path, which);
                (names(&read), stat)
            }
            Ask::Kind => (kind_digest(std::fs::metadata(&self.path)), None),
            Ask::LinkKind => (kind_digest(std::fs::symlink_metadata(&self.path)), None),
            Ask::Target => (target(&self.path.canonicalize()), None),
        };
        if answer == self.answer {
            self.stat = stat;
        }
        answer == self.answer
    }
}

/// SHA-256 of bytes.
pub fn digest(bytes: &[u8]) -> Digest {
    Sha256::digest(bytes).into()
}

fn error_digest(e: &io::Error) -> Digest {
    digest(format!("error {:?}", e.kind()).as_bytes())
}

fn content(read: &io::Result<Vec<u8>>) -> Digest {
    match read {
        Ok(bytes) => digest(bytes),
        Err(e) => error_digest(e),
    }
}

fn names(read: &io::Result<Vec<Entry>>) -> Digest {
    match read {
        Ok(entries) => {
            let line = |e: &Entry| format!("{}/{}\n", e.name, u8::from(e.folder));
            digest(entries.iter().map(line).collect::<String>().as_bytes())
        }
        Err(e) => error_digest(e),
    }
}

/// The digest of what metadata say of the kind of a path.
pub fn kind_digest(meta: io::Result<std::fs::Metadata>) -> Digest {
    // Errors need not be told from each other here, for nobody is told them.
    let mut out = [0; 32];
    out[0] = meta.map_or(0, |m| 1 + kind_of(&m) as u8);
    out
}

fn target(read: &io::Result<PathBuf>) -> Digest {
    match read {
        Ok(path) => digest(path.as_os_str().as_encoded_bytes()),
        Err(e) => error_digest(e),
    }
}

fn kind_of(meta: &std::fs::Metadata) -> Kind {
    match meta {
        m if m.is_file() => Kind::File,
        m if m.is_dir() => Kind::Folder,
        _ => Kind::Other,
    }
}

/// The metadata are those from before reading: a change in between shows as one after.
fn read_file(path: &Path) -> (io::Result<Vec<u8>>, Option<Stat>) {
    let mut file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(e) => return (Err(e), None),
    };
    let meta = file.metadata();
    let mut bytes = Vec::with_capacity(meta.as_ref().map_or(0, |m| m.len() as usize + 1));
    let read = file.read_to_end(&mut bytes).map(|_| bytes);
    (read, meta.ok().map(|m| Stat::of(&m)))
}

fn read_names(dir: &Path, which: &Which) -> (io::Result<Vec<Entry>>, Option<Stat>) {
    let stat = std::fs::metadata(dir).ok().map(|m| Stat::of(&m));
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) => return (Err(e), stat),
    };
    let mut found: Vec<Entry> = Vec::new();
    for e in entries.flatten() {
        let Ok(name) = e.file_name().into_string() else {
            continue;
        };
        let folder = || e.file_type().is_ok_and(|t| t.is_dir());
        let wanted = match which {
            Which::All => true,
            Which::Sources => name.ends_with(".go") || name.ends_with(".s"),
            Which::Tree => name.ends_with(".go") || folder(),
            Which::Matching(pattern) => crate::embed::glob(pattern.as_bytes(), name.as_bytes()),
        };
        if wanted {
            let folder = folder();
            found.push(Entry { name, folder });
        }
    }
    found.sort();
    (Ok(found), stat)
}

/// What a file holds.
///
/// # Errors
/// As `std::fs::read`.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let (read, stat) = read_file(path);
    note(path, Ask::Content, || content(&read), stat);
    read
}

/// The text of a file.
///
/// # Errors
/// As `std::fs::read_to_string`.
pub fn read_to_string(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?).map_err(|_| io::ErrorKind::InvalidData.into())
}

/// Names in a folder, sorted; those that are not UTF-8 are left out.
///
/// # Errors
/// As `std::fs::read_dir`.
pub fn entries(dir: &Path, which: Which) -> io::Result<Vec<Entry>> {
    let (read, stat) = read_names(dir, &which);
    note(dir, Ask::Names(which), || names(&read), stat);
    read
}

/// What a path leads to, if there is anything.
pub fn kind(path: &Path) -> Option<Kind> {
    let meta = std::fs::metadata(path);
    let kind = meta.as_ref().ok().map(kind_of);
    note(path, Ask::Kind, || kind_digest(meta), None);
    kind
}

/// What a path is itself.
///
/// # Errors
/// As `std::fs::symlink_metadata`.
pub fn link_kind(path: &Path) -> io::Result<Kind> {
    let meta = std::fs::symlink_metadata(path);
    let kind = meta.as_ref().map(kind_of).map_err(|e| e.kind().into());
    note(path, Ask::LinkKind, || kind_digest(meta), None);
    kind
}

/// Whether a path leads to a file.
pub fn is_file(path: &Path) -> bool {
    kind(path) == Some(Kind::File)
}

/// Whether a path leads to a folder.
pub fn is_folder(path: &Path) -> bool {
    kind(path) == Some(Kind::Folder)
}

/// A path without links.
///
/// # Errors
/// As `Path::canonicalize`.
pub fn canonical(path: &Path) -> io::Result<PathBuf> {
    let found = path.canonicalize();
    note(path, Ask::Target, || target(&found), None);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(path: &Path, ask: Ask) -> Seen {
        let mut s = Seen {
            path: path.to_path_buf(),
            ask,
            answer: [0; 32],
            stat: None,
        };
        s.answer = match &s.ask {
            Ask::Content => content(&read_file(path).0),
            Ask::Names(w) => names(&read_names(path, w).0),
            Ask::Kind => kind_digest(std::fs::metadata(path)),
            Ask::LinkKind => kind_digest(std::fs::symlink_metadata(path)),
            Ask::Target => target(&path.canonicalize()),
        };
        s
    }

    #[test]
    fn answers_hold_until_they_change() {
        let dir = std::env::temp_dir().join(format!("gort-files-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let (a, b) = (dir.join("a.go"), dir.join("b.txt"));
        std::fs::write(&a, "one").unwrap();
        let mut of_a = seen(&a, Ask::Content);
        let mut none = seen(&b, Ask::Content);
        let mut kind = seen(&b, Ask::Kind);
        let mut sources = seen(&dir, Ask::Names(Which::Sources));
        let mut texts = seen(&dir, Ask::Names(Which::Matching("*.txt".into())));
        for s in [&mut of_a, &mut none, &mut kind, &mut sources, &mut texts] {
            assert!(s.holds(), "{s:?}");
        }
        // A file written just now may change again without a sign.
        assert!(of_a.stat.is_some_and(|s| !s.settled));
        std::fs::write(&b, "two").unwrap();
        assert!(of_a.holds() && sources.holds());
        assert!(!none.holds() && !kind.holds() && !texts.holds());
        std::fs::write(&a, "six").unwrap();
        assert!(!of_a.holds() && sources.holds());
        std::fs::remove_file(&a).unwrap();
        assert!(!sources.holds());
        std::fs::remove_dir_all(dir).unwrap();
    }
}
