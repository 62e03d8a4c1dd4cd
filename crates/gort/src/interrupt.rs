//! What a command that is interrupted leaves in temporary folders: nothing. And while a program or a test runs, keys that
//! interrupt are for it alone, as with `go`: what it makes of them is reported.
//!
//! A handler can do next to nothing, so it writes to a pipe, and a thread reads that. (Signals blocked for `sigwait` would
//! be blocked in the programs that are started, too.)

use std::io::{PipeWriter, Read};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Mutex, OnceLock};

/// The pipe's end that handlers write to.
static PIPE: AtomicI32 = AtomicI32::new(-1);
static FOLDERS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
static RUNNING: AtomicBool = AtomicBool::new(false);
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

extern "C" fn handler(signal: i32) {
    // Asked here, not by the thread, for which it may be over by then.
    if is_key(signal) && RUNNING.load(Ordering::Relaxed) {
        return;
    }
    let byte = signal as u8;
    // SAFETY: writes one byte of this frame to a descriptor that stays open.
    unsafe { libc::write(PIPE.load(Ordering::Relaxed), (&raw const byte).cast(), 1) };
}

/// Begin to watch. What is ignored from outside (`nohup`) stays so.
pub fn watch() {
    static KEPT: OnceLock<PipeWriter> = OnceLock::new();
    let Ok((mut reader, writer)) = std::io::pipe() else {
        return;
    };
    PIPE.store(writer.as_raw_fd(), Ordering::Relaxed);
    let _ = KEPT.set(writer);
    let thread = std::thread::Builder::new().stack_size(256 << 10);
    let watching = thread.spawn(move || {
        let mut signal = [0];
        while reader.read_exact(&mut signal).is_ok() {
            arrived(i32::from(signal[0]));
        }
    });
    if watching.is_err() {
        return;
    }
    for signal in [libc::SIGINT, libc::SIGQUIT, libc::SIGTERM, libc::SIGHUP] {
        // SAFETY: the records are zeroed, for which zeros are values; the handler does what handlers may.
        unsafe {
            let mut old: libc::sigaction = std::mem::zeroed();
            libc::sigaction(signal, std::ptr::null(), &mut old);
            if old.sa_sigaction == libc::SIG_IGN {
                continue;
            }
            let mut new: libc::sigaction = std::mem::zeroed();
            new.sa_sigaction = handler as *const () as usize;
            new.sa_flags = libc::SA_RESTART;
            libc::sigaction(signal, &new, std::ptr::null_mut());
        }
    }
}

fn is_key(signal: i32) -> bool {
    matches!(signal, libc::SIGINT | libc::SIGQUIT)
}

fn arrived(signal: i32) {
    INTERRUPTED.store(true, Ordering::Relaxed);
    let folders = FOLDERS.lock().unwrap_or_else(|e| e.into_inner());
    for folder in folders.iter() {
        // Other threads may put something in while it goes; they do not make it again.
        let gone = |_: &u32| {
            let _ = std::fs::remove_dir_all(folder);
            !folder.exists()
        };
        (0..100).find(gone);
    }
    crate::progress::clear();
    // SAFETY: ends the process, at once or by the signal's own action.
    unsafe {
        if is_key(signal) {
            libc::_exit(1);
        }
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
    }
}

/// What fails once the command has been interrupted fails for that: nothing is said of it, the process is about to end.
pub fn stop_if_interrupted() {
    while INTERRUPTED.load(Ordering::Relaxed) {
        std::thread::park();
    }
}

/// Keys are for what is run meanwhile.
pub fn while_running<T>(run: impl FnOnce() -> T) -> T {
    RUNNING.store(true, Ordering::Relaxed);
    let out = run();
    RUNNING.store(false, Ordering::Relaxed);
    out
}

/// A temporary folder. It goes when this does, or when the command is interrupted.
pub struct Folder(PathBuf);

impl Folder {
    /// Make one, with the folders above it.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new(path: PathBuf) -> std::io::Result<Folder> {
        let mut folders = FOLDERS.lock().unwrap_or_else(|e| e.into_inner());
        std::fs::create_dir_all(&path)?;
        folders.push(path.clone());
        Ok(Folder(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Let it stay.
    pub fn keep(&self) {
        let mut folders = FOLDERS.lock().unwrap_or_else(|e| e.into_inner());
        folders.retain(|f| *f != self.0);
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let mut folders = FOLDERS.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(at) = folders.iter().position(|f| *f == self.0) {
            folders.swap_remove(at);
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}
