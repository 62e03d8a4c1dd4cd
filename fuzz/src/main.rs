//! Mutated and truncated Go files against the parser and the checker. For every input there must be no panic, no hang,
//! and no more memory than 100 times the input and a constant.
//!
//! `gort-fuzz parser|checker [-seconds N] [-seed N] [-findings FOLDER] [-replay] FOLDER...`
//!
//! Seeds are the Go files below the folders. Inputs that break a rule are kept in the folder of findings, and make the
//! exit status 1; `-replay` tries the files as they are, once. The input at hand is in the file `current` there, should
//! the process be killed.

mod heap;
mod mutate;
mod target;
mod watch;

use mutate::{Random, Seeds};
use std::collections::BTreeSet;
use std::os::unix::fs::FileExt;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use target::Target;

/// Memory for one input: so many bytes for each of its own, and so many besides (tables, and errors up to their limit).
const PER_BYTE: usize = 100;
const BESIDES: usize = 8 << 20;

/// Where the last panic was.
static PANIC: Mutex<String> = Mutex::new(String::new());

struct Options {
    target: Target,
    seconds: u64,
    seed: u64,
    findings: PathBuf,
    folders: Vec<PathBuf>,
    /// Try the files as they are, once.
    replay: bool,
}

fn options() -> Result<Options, String> {
    let mut args = std::env::args().skip(1);
    let target = match args.next().as_deref() {
        Some("parser") => Target::Parser,
        Some("checker") => Target::Checker,
        other => return Err(format!("unknown target {other:?}: parser or checker")),
    };
    let mut o = Options {
        target,
        seconds: 30,
        seed: 1,
        findings: std::env::temp_dir().join("gort-fuzz"),
        folders: Vec::new(),
        replay: false,
    };
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("{arg} needs a value"));
        let number = |v: String| v.parse().map_err(|_| format!("not a number: {v}"));
        match arg.as_str() {
            "-seconds" => o.seconds = number(value()?)?,
            "-seed" => o.seed = number(value()?)?,
            "-replay" => o.replay = true,
            "-findings" => o.findings = value()?.into(),
            _ => o.folders.push(arg.into()),
        }
    }
    Ok(o)
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(o) => o,
        Err(e) => {
            eprintln!("gort-fuzz: {e}");
            return ExitCode::from(2);
        }
    };
    std::panic::set_hook(Box::new(|info| {
        *PANIC.lock().unwrap_or_else(|e| e.into_inner()) = info.to_string();
    }));
    // The checker asks for 32 MB of stack.
    let thread = std::thread::Builder::new().stack_size(32 << 20);
    let run = thread
        .spawn(move || run(&options))
        .expect("starting a thread");
    match run.join() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(_) => ExitCode::from(2),
    }
}

/// Try inputs until the time is over; the number of findings.
fn run(o: &Options) -> usize {
    let seeds = Seeds::read(&o.folders);
    if seeds.is_empty() {
        eprintln!("gort-fuzz: no Go files in {:?}", o.folders);
        return 1;
    }
    std::fs::create_dir_all(&o.findings).expect("making the folder of findings");
    let current = o.findings.join("current");
    let file = std::fs::File::create(&current).expect("making the file of the input");
    let mut rng = Random::new(o.seed);
    let mut findings = BTreeSet::new();
    let inputs = std::cell::Cell::new(0u64);
    let (mut bytes, mut worst) = (0u64, 0usize);
    let start = Instant::now();
    let watch = watch::Watch::start(&o.findings);
    let mut next = || match o.replay {
        true => seeds
            .text(inputs.get() as usize)
            .map(|t| t.as_bytes().to_vec()),
        false if start.elapsed() < Duration::from_secs(o.seconds) => {
            Some(mutate::input(&mut rng, &seeds))
        }
        false => None,
    };
    while let Some(input) = next() {
        // The file stays open: closing it after each input would wait for the disk.
        let written = file
            .write_all_at(&input, 0)
            .and_then(|()| file.set_len(input.len() as u64));
        written.expect("writing the input");
        watch.begin(&input);
        let mut used = 0;
        let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| used = o.target.memory(&input)));
        watch.end();
        inputs.set(inputs.get() + 1);
        bytes += input.len() as u64;
        if outcome.is_err() {
            let text = PANIC.lock().unwrap_or_else(|e| e.into_inner()).clone();
            let place = text.lines().next().unwrap_or("").to_string();
            if findings.insert(place) {
                keep(&o.findings, "panic", findings.len(), &input);
                println!("{text}");
            }
        }
        // Names are kept for good, and their table doubles now and then: only what comes again belongs to the input.
        let limit = PER_BYTE * input.len() + BESIDES;
        if used > limit && outcome.is_ok() {
            used = o.target.memory(&input);
        }
        worst = worst.max(used.saturating_sub(BESIDES) / input.len().max(1));
        if used > limit && outcome.is_ok() {
            let text = format!("{used} bytes of memory for {} bytes of source", input.len());
            println!("{text}");
            findings.insert(text);
            keep(&o.findings, "memory", findings.len(), &input);
        }
    }
    let _ = std::fs::remove_file(&current);
    println!(
        "{} inputs, {bytes} bytes, of {} seeds in {} s; at most {worst} bytes of memory a byte of source above {BESIDES}; {} findings",
        inputs.get(),
        seeds.len(),
        start.elapsed().as_secs(),
        findings.len()
    );
    findings.len()
}

fn keep(folder: &Path, what: &str, n: usize, input: &[u8]) {
    let file = folder.join(format!("{what}{n}.go"));
    println!("{what}: {}", file.display());
    std::fs::write(file, input).expect("writing a finding");
}
