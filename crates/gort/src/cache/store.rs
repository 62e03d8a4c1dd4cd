//! The files of the cache: `build/ab/abcdef….kind`. Each is written beside its place and renamed, so it is there whole or
//! not at all, whoever else is at it; each says itself whether it is what was written.

use gort_load::files::{self, Digest};
use memmap2::Mmap;
use std::fs::File;
use std::io::{Read, Write};
use std::ops::Deref;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};
use twox_hash::XxHash3_128;

/// Executables: the name is that of the contents.
pub const EXECUTABLE: &str = "x";
/// What was read for what was built.
pub const MANIFEST: &str = "m";
/// Machine code of a package's functions.
pub const CODE: &str = "c";
/// Which files of the library are known to have no errors in their syntax.
pub const KNOWN: &str = "g";
/// What lowering made of a package's functions and data.
pub const LOWERED: &str = "l";
/// What the passes over the IR made of a package's functions.
pub const PASSES: &str = "p";
/// Test results.
pub const RESULT: &str = "t";
/// Which gort an executable is.
pub const IDENTITY: &str = "i";

/// Files being written end in this, behind the number of the process.
pub const UNFINISHED: &str = "tmp";

/// How old the time of a file's last use may be before it is set again.
const TOUCH: Duration = Duration::from_secs(60 * 60);

/// Where a file is.
pub fn path(dir: &Path, name: &Digest, kind: &str) -> PathBuf {
    let hex = hex(name);
    dir.join(&hex[..2]).join(format!("{hex}.{kind}"))
}

/// A digest as names of files have it.
pub fn hex(name: &Digest) -> String {
    use std::fmt::Write;
    name.iter().fold(String::with_capacity(64), |mut s, b| {
        let _ = write!(s, "{b:02x}");
        s
    })
}

/// Write a file as a whole; whether that worked.
pub fn write(path: &Path, bytes: &[u8], mode: u32) -> bool {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    // Processes on other machines, or in other containers, may have the same number.
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.unwrap_or_default().as_nanos();
    let name = format!("{}-{n}-{now:x}.{UNFINISHED}", std::process::id());
    let beside = path.with_extension(name);
    let open = || {
        let mut options = File::options();
        options
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&beside)
    };
    let opened = open().or_else(|_| {
        std::fs::create_dir_all(path.parent().unwrap_or(path))?;
        open()
    });
    let written = opened.and_then(|mut file| {
        file.write_all(bytes)?;
        std::fs::rename(&beside, path)
    });
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written.is_ok()
}

/// What a file holds that [`write_checked`] has written.
pub struct Checked {
    file: Memory,
    len: usize,
}

enum Memory {
    Read(Vec<u8>),
    Mapped(Mmap),
}

/// Files from this size on are mapped: no memory is filled with what the system has already.
const MAPPED: u64 = 64 << 10;

impl Deref for Checked {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.file[..self.len]
    }
}

impl Deref for Memory {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Memory::Read(bytes) => bytes,
            Memory::Mapped(map) => map,
        }
    }
}

/// Tells what was written from what is there after some accident. Nobody chooses the contents, so it need not be one of those that
/// withstand who does: SHA-256 of all that a build with net/http takes was a twentieth of that build.
fn checksum(bytes: &[u8]) -> [u8; 16] {
    XxHash3_128::oneshot(bytes).to_le_bytes()
}

/// Write a file with a checksum of its contents at the end.
pub fn write_checked(path: &Path, bytes: &[u8]) -> bool {
    let all = [bytes, &checksum(bytes)].concat();
    write(path, &all, 0o666)
}

/// What [`write_checked`] has written, if it is still so.
pub fn read_checked(path: &Path) -> Option<Checked> {
    let mut file = File::open(path).ok()?;
    let memory = if file.metadata().ok()?.len() < MAPPED {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).ok()?;
        Memory::Read(bytes)
    } else {
        // SAFETY: files of the cache are renamed to their place and never written there, so this one stays as it is, also when
        // another takes its place or it is removed.
        Memory::Mapped(unsafe { Mmap::map(&file) }.ok()?)
    };
    let sum: [u8; 16] = *memory.last_chunk()?;
    let all = Checked {
        len: memory.len() - sum.len(),
        file: memory,
    };
    if checksum(&all) != sum {
        let _ = std::fs::remove_file(path);
        return None;
    }
    Some(all)
}

/// The name of an executable: what its checksum and its length come to.
pub fn name(executable: &[u8]) -> Digest {
    let len = executable.len().to_le_bytes();
    files::digest(&[&checksum(executable)[..], &len].concat())
}

/// Keep an executable under its name; whether it is there.
pub fn put_executable(dir: &Path, name: &Digest, bytes: &[u8]) -> bool {
    let path = path(dir, name, EXECUTABLE);
    // One that is there may be damaged, which a look at its length does not show: it is written again.
    let done = write(&path, bytes, 0o777);
    if done {
        super::trim::grown(dir, bytes.len() as u64);
    }
    done
}

/// The executable of a name. What is damaged goes.
pub fn executable(dir: &Path, of: &Digest) -> Option<Vec<u8>> {
    let path = path(dir, of, EXECUTABLE);
    let bytes = std::fs::read(&path).ok()?;
    if name(&bytes) != *of {
        let _ = std::fs::remove_file(&path);
        return None;
    }
    Some(bytes)
}

/// A file is used: what is not, for long, goes. Nothing if it is not there.
pub fn touch(path: &Path) -> Option<()> {
    let used = path.metadata().ok()?.modified().ok()?;
    let now = SystemTime::now();
    if now.duration_since(used).is_ok_and(|age| age > TOUCH)
        && let Ok(file) = File::options().append(true).open(path)
    {
        let _ = file.set_modified(now);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_noticed() {
        let dir = std::env::temp_dir().join(format!("gort-store-{}", std::process::id()));
        let name = name(b"contents");
        assert!(put_executable(&dir, &name, b"contents"));
        assert_eq!(executable(&dir, &name).as_deref(), Some(&b"contents"[..]));
        std::fs::write(path(&dir, &name, EXECUTABLE), b"Contents").unwrap();
        assert_eq!(executable(&dir, &name), None);
        assert!(!path(&dir, &name, EXECUTABLE).exists());
        let file = dir.join("a/b.m");
        for size in [4, MAPPED as usize] {
            let more = vec![b'm'; size];
            assert!(write_checked(&file, &more));
            assert_eq!(read_checked(&file).as_deref(), Some(&more[..]));
            let mut bad = std::fs::read(&file).unwrap();
            bad[1] ^= 1;
            std::fs::write(&file, bad).unwrap();
            assert!(read_checked(&file).is_none());
        }
        for damaged in [&b""[..], b"short", &[0; 40]] {
            std::fs::write(&file, damaged).unwrap();
            assert!(read_checked(&file).is_none());
        }
        std::fs::remove_dir_all(dir).unwrap();
    }
}
