//! Test results: the output of a test that has passed stands for another run, as long as the executable, its arguments and
//! what it has read are the same. Two files: the log of the last run under the executable and its arguments, and the
//! output under these and what the log names.

use super::code::{Reader, Writer};
use super::{inputs, place, store};
use crate::testing::execute::Shown;
use gort_load::files::{self, Digest};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Flags of test executables with which results count, as `go help test` lists them; the others either do not pass here
/// or ask for more than an answer (`-count`, `-bench`).
const CACHEABLE: &[&str] = &[
    "benchtime",
    "coverprofile",
    "cpu",
    "failfast",
    "fullpath",
    "list",
    "outputdir",
    "parallel",
    "run",
    "short",
    "skip",
    "timeout",
    "v",
];

/// Where the time of `gort clean -testcache` is.
const EXPIRED: &str = "testexpire.txt";

/// The results of a test executable with its arguments.
pub struct Results {
    cache: PathBuf,
    id: Digest,
    /// The package's folder, and that of its module.
    dir: PathBuf,
    root: PathBuf,
}

impl Results {
    /// The results of an executable, if they may be kept at all: not with other flags than those, not for packages
    /// that are in no module. `args` are those of the executable; `more` is what else they depend on.
    pub fn new(
        executable: &Digest,
        args: &[String],
        dir: &Path,
        more: Option<&Digest>,
    ) -> Option<Results> {
        let cacheable = |arg: &String| {
            let name = arg.strip_prefix("-test.").and_then(|a| a.split_once('='));
            // Kept results need not be told that exits are to be noticed.
            arg == "-test.paniconexit0"
                || arg.starts_with("-test.gocoverdir=")
                || name.is_some_and(|(name, _)| CACHEABLE.contains(&name))
        };
        if !args.iter().all(cacheable) {
            return None;
        }
        let root = match gort_load::goroot::find() {
            Ok(goroot) if dir.starts_with(&goroot) => goroot,
            _ => gort_load::gomod::find_up(dir, "go.mod")?.parent()?.into(),
        };
        // Where files go changes no result.
        let places = [
            "-test.outputdir=",
            "-test.coverprofile=",
            "-test.gocoverdir=",
        ];
        let args = args
            .iter()
            .filter(|a| !places.iter().any(|p| a.starts_with(p)));
        let args: Vec<&String> = args.collect();
        let id = files::digest(format!("{executable:x?} {args:?} {dir:?} {more:x?}").as_bytes());
        Some(Results {
            cache: place::folder()?,
            id,
            dir: dir.to_path_buf(),
            root,
        })
    }

    fn log(&self) -> PathBuf {
        store::path(&self.cache, &self.id, store::RESULT)
    }

    fn output(&self, inputs: &Digest) -> PathBuf {
        let name = files::digest(&[self.id, *inputs].concat());
        store::path(&self.cache, &name, store::RESULT)
    }

    /// The output of a run that would be the same.
    pub fn find(&self) -> Option<Shown> {
        let log = store::read_checked(&self.log())?;
        let log = std::str::from_utf8(&log).ok()?;
        let path = self.output(&inputs::digest(log, &self.dir, &self.root)?);
        let kept = store::read_checked(&path)?;
        let mut r = Reader(&kept);
        let time = r.number()?;
        let shown = Shown {
            no_tests: r.number()? != 0,
            output: r.bytes()?.to_vec(),
            coverage: r.text()?,
            profile: r.bytes()?.to_vec(),
        };
        let expired = std::fs::read_to_string(self.cache.join(EXPIRED)).ok();
        let expired = expired.and_then(|t| t.trim().parse().ok()).unwrap_or(0);
        if time < expired {
            return None;
        }
        store::touch(&path);
        store::touch(&self.log());
        Some(shown)
    }

    /// Keep the output of a run that has passed, and what it has read.
    pub fn keep(&self, log: &Path, shown: &Shown) {
        let Ok(log) = std::fs::read_to_string(log) else {
            return;
        };
        if !log.ends_with('\n') {
            return;
        }
        let Some(inputs) = inputs::digest(&log, &self.dir, &self.root) else {
            return;
        };
        let mut w = Writer::default();
        w.number(now());
        w.number(u64::from(shown.no_tests));
        w.bytes(&shown.output);
        w.bytes(shown.coverage.as_bytes());
        w.bytes(&shown.profile);
        if store::write_checked(&self.output(&inputs), &w.0) {
            store::write_checked(&self.log(), log.as_bytes());
        }
        super::trim::trim_if_due(&self.cache);
    }
}

/// Nanoseconds since 1970.
fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |d| d.as_nanos() as u64)
}

/// No result from before now counts any more.
///
/// # Errors
/// When that cannot be noted in a folder that is there.
pub fn expire() -> Result<(), String> {
    let Some(cache) = place::folder().filter(|c| c.is_dir()) else {
        return Ok(());
    };
    let file = cache.join(EXPIRED);
    match store::write(&file, format!("{}\n", now()).as_bytes(), 0o666) {
        true => Ok(()),
        false => Err(format!("go: {} cannot be written", file.display())),
    }
}
