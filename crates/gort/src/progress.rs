//! What a long build is at, on the last line of a terminal. It is taken away again before anything else is printed, and
//! is not there where steps or names are printed anyway, or nobody looks: standard error is no terminal.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

/// Builds that are over by then say nothing.
const QUIET: Duration = Duration::from_millis(700);

static START: OnceLock<Instant> = OnceLock::new();
static OFF: AtomicBool = AtomicBool::new(false);
/// Time from one change of the line to the next.
const PAUSE: Duration = Duration::from_millis(50);

/// A longer line might take two.
const WIDTH: usize = 79;

/// When the line was written, if it is there.
static SHOWN: Mutex<Option<Instant>> = Mutex::new(None);

/// Begin to count the time.
pub fn start() {
    let dumb = std::env::var_os("TERM").is_none_or(|t| t.is_empty() || t == "dumb");
    OFF.store(dumb || !std::io::stderr().is_terminal(), Ordering::Relaxed);
    let _ = START.set(Instant::now());
}

/// Say nothing: other things are printed.
pub fn off() {
    OFF.store(true, Ordering::Relaxed);
}

/// Say what is done now, if it has taken long already.
pub fn show(what: &str) {
    let early = START.get().is_none_or(|s| s.elapsed() < QUIET);
    if OFF.load(Ordering::Relaxed) || early {
        return;
    }
    let mut shown = SHOWN.lock().unwrap_or_else(|e| e.into_inner());
    if shown.is_some_and(|then| then.elapsed() < PAUSE) {
        return;
    }
    let line: String = format!("gort: {what}").chars().take(WIDTH).collect();
    let _ = write!(std::io::stderr(), "\r\x1b[K{line}");
    *shown = Some(Instant::now());
}

/// Take the line away.
pub fn clear() {
    let mut shown = SHOWN.lock().unwrap_or_else(|e| e.into_inner());
    if shown.take().is_some() {
        let _ = write!(std::io::stderr(), "\r\x1b[K");
    }
}
