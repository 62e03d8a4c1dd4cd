//! What a command saw of the file system, in a file under its key: the last few ways it went, newest first. Where one
//! still holds, its outcome does. (Several, because people go to and fro between two branches.)

use super::code::{Reader, Writer};
use super::outcome::Outcome;
use super::store;
use gort_load::files::{self, Ask, Digest, Seen, Stat, Which};
use rustc_hash::FxHashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// So many ways are kept of each command.
const VARIANTS: usize = 4;

/// One way: what was seen, and what came of it.
pub struct Variant {
    outcome: Outcome,
    paths: Vec<Looked>,
}

/// All that was asked of a path.
struct Looked {
    path: PathBuf,
    stat: Option<Stat>,
    asks: Vec<(Ask, Digest)>,
}

/// The ways of a command, each written out.
#[derive(Default)]
pub struct Manifest(Vec<Vec<u8>>);

impl Variant {
    /// Of a record, which is sorted by path.
    pub fn new(outcome: Outcome, seen: Vec<Seen>) -> Variant {
        let mut paths: Vec<Looked> = Vec::new();
        for s in seen {
            match paths.last_mut().filter(|l| l.path == s.path) {
                Some(l) => {
                    // Of two looks the older one: what changed in between then shows.
                    l.stat = l.stat.or(s.stat);
                    l.asks.push((s.ask, s.answer));
                }
                None => paths.push(Looked {
                    path: s.path,
                    stat: s.stat,
                    asks: vec![(s.ask, s.answer)],
                }),
            }
        }
        // What changes is not in GOROOT: it is looked at first.
        let goroot = gort_load::goroot::find().unwrap_or_default();
        paths.sort_by_key(|l| l.path.starts_with(&goroot));
        Variant { outcome, paths }
    }

    fn write(&self) -> Vec<u8> {
        let mut w = Writer::default();
        self.outcome.write(&mut w);
        w.number(self.paths.len() as u64);
        for l in &self.paths {
            w.bytes(l.path.as_os_str().as_bytes());
            match &l.stat {
                None => w.number(0),
                Some(s) => {
                    w.number(if s.settled { 2 } else { 1 });
                    s.words.iter().for_each(|n| w.number(*n));
                }
            }
            w.number(l.asks.len() as u64);
            for (ask, answer) in &l.asks {
                let (tag, more) = tag(ask);
                w.number(tag);
                w.bytes(more.as_bytes());
                w.raw(answer);
            }
        }
        w.0
    }

    fn read(bytes: &[u8]) -> Option<Variant> {
        let mut r = Reader(bytes);
        let outcome = Outcome::read(&mut r)?;
        let paths = (0..r.number()?).map(|_| Looked::read(&mut r));
        let paths = paths.collect::<Option<Vec<Looked>>>()?;
        r.0.is_empty().then_some(Variant { outcome, paths })
    }

    /// Whether all holds; whether the file should be written again, because metadata have changed.
    fn holds(&mut self) -> Option<bool> {
        let mut changed = false;
        for l in &mut self.paths {
            changed |= l.holds()?;
        }
        Some(changed)
    }
}

impl Looked {
    fn read(r: &mut Reader<'_>) -> Option<Looked> {
        let path = OsStr::from_bytes(r.bytes()?).into();
        let stat = match r.number()? {
            0 => None,
            state => Some(Stat {
                words: [r.number()?, r.number()?, r.number()?, r.number()?],
                settled: state == 2,
            }),
        };
        let asks = (0..r.number()?).map(|_| {
            let ask = ask(r.number()?, r.text()?)?;
            Some((ask, r.raw()?))
        });
        let asks = asks.collect::<Option<_>>()?;
        Some(Looked { path, stat, asks })
    }

    /// Whether the answers hold; whether the metadata have been brought up to date.
    fn holds(&mut self) -> Option<bool> {
        let (now, kind) = look(&self.path);
        let same = match (&self.stat, &now) {
            (Some(then), Some(now)) => then.settled && then.words == now.words,
            _ => false,
        };
        let mut fresh = None;
        for (ask, answer) in &self.asks {
            let good = match ask {
                Ask::Content | Ask::Names(_) if same => true,
                Ask::Kind => kind == *answer,
                _ => {
                    let mut seen = Seen {
                        path: self.path.clone(),
                        ask: ask.clone(),
                        answer: *answer,
                        stat: None,
                    };
                    let good = seen.holds();
                    fresh = fresh.or(seen.stat);
                    good
                }
            };
            if !good {
                return None;
            }
        }
        let changed = fresh.is_some() && fresh != self.stat;
        if changed {
            self.stat = fresh;
        }
        Some(changed)
    }
}

type Look = (Option<Stat>, Digest);

/// What was found out about paths by a process that asks for much of the same again and again.
static LOOKS: Mutex<Option<FxHashMap<PathBuf, Look>>> = Mutex::new(None);

/// From now on, look at each path once: for commands that look for many results.
pub fn remember_stats() {
    let mut looks = LOOKS.lock().unwrap_or_else(|e| e.into_inner());
    looks.get_or_insert_default();
}

/// The metadata of a path and the digest of its kind.
fn look(path: &Path) -> Look {
    let fresh = || {
        let meta = std::fs::metadata(path);
        (meta.as_ref().ok().map(Stat::of), files::kind_digest(meta))
    };
    let mut looks = LOOKS.lock().unwrap_or_else(|e| e.into_inner());
    let Some(looks) = looks.as_mut() else {
        return fresh();
    };
    match looks.get(path) {
        Some(look) => *look,
        None => *looks.entry(path.to_path_buf()).or_insert_with(fresh),
    }
}

fn tag(ask: &Ask) -> (u64, &str) {
    match ask {
        Ask::Content => (0, ""),
        Ask::Kind => (1, ""),
        Ask::LinkKind => (2, ""),
        Ask::Target => (3, ""),
        Ask::Names(Which::All) => (4, ""),
        Ask::Names(Which::Sources) => (5, ""),
        Ask::Names(Which::Tree) => (6, ""),
        Ask::Names(Which::Matching(pattern)) => (7, pattern),
    }
}

fn ask(tag: u64, more: String) -> Option<Ask> {
    Some(match tag {
        0 => Ask::Content,
        1 => Ask::Kind,
        2 => Ask::LinkKind,
        3 => Ask::Target,
        4 => Ask::Names(Which::All),
        5 => Ask::Names(Which::Sources),
        6 => Ask::Names(Which::Tree),
        7 => Ask::Names(Which::Matching(more)),
        _ => return None,
    })
}

impl Manifest {
    /// The ways of a command that have been kept.
    pub fn read(dir: &Path, key: &Digest) -> Option<Manifest> {
        let bytes = store::read_checked(&store::path(dir, key, store::MANIFEST))?;
        let mut r = Reader(&bytes);
        let variants = (0..r.number()?).map(|_| Some(r.bytes()?.to_vec()));
        Some(Manifest(variants.collect::<Option<_>>()?))
    }

    /// Write it, if that is possible.
    pub fn write(&self, dir: &Path, key: &Digest) {
        let mut w = Writer::default();
        w.number(self.0.len() as u64);
        self.0.iter().for_each(|v| w.bytes(v));
        store::write_checked(&store::path(dir, key, store::MANIFEST), &w.0);
    }

    /// The outcome of the way that holds; whether the manifest should be written again.
    pub fn current(&mut self) -> Option<(Outcome, bool)> {
        for i in 0..self.0.len() {
            let Some(mut variant) = Variant::read(&self.0[i]) else {
                continue;
            };
            let Some(changed) = variant.holds() else {
                continue;
            };
            let mut bytes = self.0.remove(i);
            if changed {
                bytes = variant.write();
            }
            self.0.insert(0, bytes);
            return Some((variant.outcome, changed || i > 0));
        }
        None
    }

    /// Add the newest way.
    pub fn add(&mut self, variant: Variant) {
        let bytes = variant.write();
        self.0.retain(|v| *v != bytes);
        self.0.insert(0, bytes);
        self.0.truncate(VARIANTS);
    }
}
