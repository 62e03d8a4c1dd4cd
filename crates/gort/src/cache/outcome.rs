//! What comes of a load and a build besides the executable: what the commands do next depends on it.

use super::code::{Reader, Writer};
use gort_load::LoadedPackage;
use gort_load::files::Digest;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What came of a command.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// Import path of the named package.
    pub path: String,
    /// Its name.
    pub name: String,
    /// Its folder.
    pub dir: PathBuf,
    /// Its first file without `.go`, from which the executable of `gort run` has its name.
    pub stem: String,
    /// Whether it has tests.
    pub has_tests: bool,
    /// The main packages among several.
    pub mains: Vec<String>,
    /// The name of the executable in the cache.
    pub executable: Option<Digest>,
}

impl Outcome {
    /// Of a package that has been loaded.
    pub fn of(package: &LoadedPackage) -> Outcome {
        let stem = package.names.first().and_then(|n| Path::new(n).file_stem());
        let stem = stem.map_or("main".into(), |s| s.to_string_lossy().into_owned());
        Outcome {
            path: package.path.clone(),
            name: package.name.clone(),
            dir: package.dir.clone(),
            stem,
            ..Outcome::default()
        }
    }

    /// Whether it is a program.
    pub fn is_main(&self) -> bool {
        self.name == "main"
    }

    pub(super) fn write(&self, w: &mut Writer) {
        w.bytes(self.path.as_bytes());
        w.bytes(self.name.as_bytes());
        w.bytes(self.dir.as_os_str().as_bytes());
        w.bytes(self.stem.as_bytes());
        w.number(u64::from(self.has_tests));
        w.number(self.mains.len() as u64);
        self.mains.iter().for_each(|m| w.bytes(m.as_bytes()));
        w.bytes(self.executable.as_ref().map_or(&[], |d| d));
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Option<Outcome> {
        Some(Outcome {
            path: r.text()?,
            name: r.text()?,
            dir: OsStr::from_bytes(r.bytes()?).into(),
            stem: r.text()?,
            has_tests: r.number()? != 0,
            mains: (0..r.number()?).map(|_| r.text()).collect::<Option<_>>()?,
            executable: match r.bytes()? {
                [] => None,
                digest => Some(digest.try_into().ok()?),
            },
        })
    }
}
