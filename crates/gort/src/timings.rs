//! What a command is at, for messages about gort's own faults and for `-timings`: the steps of a build with the time that
//! each took, and the processor time of all threads in it.

use std::sync::Mutex;
use std::time::{Duration, Instant};

struct Step {
    name: &'static str,
    start: Instant,
    cpu: Duration,
}

/// The steps so far.
static STEPS: Mutex<Vec<Step>> = Mutex::new(Vec::new());

/// A step begins, and the one before ends.
pub fn step(name: &'static str) {
    if !name.is_empty() {
        crate::progress::show(name);
    }
    let mut steps = STEPS.lock().unwrap_or_else(|e| e.into_inner());
    steps.push(Step {
        name,
        start: Instant::now(),
        cpu: processor_time(),
    });
}

/// The step that is under way.
pub fn current() -> Option<&'static str> {
    STEPS.try_lock().ok()?.last().map(|s| s.name)
}

/// Print what the steps took, and no more than that: those of the same name together.
pub fn print() {
    step("");
    let steps = STEPS.lock().unwrap_or_else(|e| e.into_inner());
    let mut sums: Vec<(&str, Duration, Duration)> = Vec::new();
    for pair in steps.windows(2) {
        let (wall, cpu) = (pair[1].start - pair[0].start, pair[1].cpu - pair[0].cpu);
        match sums.iter_mut().find(|s| s.0 == pair[0].name) {
            Some(s) => {
                s.1 += wall;
                s.2 += cpu;
            }
            None => sums.push((pair[0].name, wall, cpu)),
        }
    }
    let total = |of: fn(&(&str, Duration, Duration)) -> Duration| sums.iter().map(of).sum();
    sums.push(("all", total(|s| s.1), total(|s| s.2)));
    for (name, wall, cpu) in sums {
        let millis = |d: Duration| d.as_secs_f64() * 1e3;
        eprintln!(
            "{:9.1} ms {:9.1} ms of processors  {name}",
            millis(wall),
            millis(cpu)
        );
    }
}

/// Of this process, user and system.
fn processor_time() -> Duration {
    // SAFETY: a record of numbers, for which zeros are values, and which the call fills.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    let of = |t: libc::timeval| Duration::new(t.tv_sec as u64, t.tv_usec as u32 * 1000);
    of(usage.ru_utime) + of(usage.ru_stime)
}
