//! Ends the process when one input takes too long. Time is that of the processor, so that a busy machine does not count.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Seconds of processor time for one input. The rule is generous: what hangs, hangs for good.
const LIMIT: u64 = 10;

/// Ticks a second of the times in /proc: fixed on Linux.
const TICKS: u64 = 100;

#[derive(Default)]
struct State {
    /// The input at hand, and the ticks used before it.
    input: Option<(Vec<u8>, u64)>,
}

/// Watches one thread.
pub struct Watch {
    state: Arc<Mutex<State>>,
    stat: PathBuf,
}

impl Watch {
    /// Watch the calling thread. An input that takes too long is kept in `findings`.
    pub fn start(findings: &Path) -> Watch {
        let own = std::fs::read_link("/proc/thread-self").expect("/proc is mounted");
        let stat = Path::new("/proc").join(own).join("stat");
        let state: Arc<Mutex<State>> = Arc::default();
        let (watched, file) = (state.clone(), findings.join("hang.go"));
        let of = stat.clone();
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(Duration::from_millis(500));
                let state = watched
                    .lock()
                    .expect("the watched thread does not panic here");
                let Some((input, before)) = &state.input else {
                    continue;
                };
                if ticks(&of) - before > LIMIT * TICKS {
                    std::fs::write(&file, input).expect("writing a finding");
                    println!("no end after {LIMIT} s: {}", file.display());
                    std::process::exit(1);
                }
            }
        });
        Watch { state, stat }
    }

    /// An input is tried now.
    pub fn begin(&self, input: &[u8]) {
        let now = ticks(&self.stat);
        self.state.lock().expect("the watcher does not panic").input = Some((input.to_vec(), now));
    }

    /// It is done.
    pub fn end(&self) {
        self.state.lock().expect("the watcher does not panic").input = None;
    }
}

/// Processor time of a thread so far, user and system.
fn ticks(stat: &Path) -> u64 {
    let text = std::fs::read_to_string(stat).unwrap_or_default();
    // The name, in parentheses, may hold blanks; user and system time are the 12th and 13th field after it.
    let after = text.rsplit(')').next().unwrap_or("");
    let fields = after.split_whitespace().skip(11).take(2);
    fields.filter_map(|f| f.parse::<u64>().ok()).sum()
}
