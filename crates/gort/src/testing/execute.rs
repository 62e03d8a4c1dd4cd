//! Running a test executable: what is shown of its output, and the line that says how it ended.

use super::events::Converter;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// What to run.
pub struct Run<'a> {
    /// The command, with its arguments.
    pub command: Vec<String>,
    /// How many of these, the last ones, are arguments of the test executable.
    pub arguments: usize,
    /// The package's folder, where it runs.
    pub dir: &'a Path,
    /// The package's import path.
    pub path: &'a str,
    /// Variables besides those that there are.
    pub variables: Vec<(&'static str, PathBuf)>,
    /// Whether the last line says how much was covered.
    pub coverage: bool,
    /// Whether all output is shown as it comes; else only that of failures.
    pub stream: bool,
    /// Whether output passes by without a look: the last line then does not say what was in it, and a status other than 0
    /// is shown in any case.
    pub direct: bool,
    /// Whether output becomes events.
    pub json: bool,
    /// When a hanging executable is killed, if ever.
    pub limit: Option<Duration>,
}

const NO_TESTS: &str = "testing: warning: no tests to run\n";

/// What came of a run.
pub struct Ended {
    /// Whether the tests passed.
    pub passed: bool,
    /// What was shown.
    pub shown: Shown,
}

/// What a run of tests that passed shows before its last line.
#[derive(Default)]
pub struct Shown {
    /// Whether there were no tests to run, which the last line says.
    pub no_tests: bool,
    /// The output, if it was not for failures only.
    pub output: Vec<u8>,
    /// What it says of coverage.
    pub coverage: String,
    /// The profile of coverage, if there is one.
    pub profile: Vec<u8>,
}

/// Run it.
///
/// # Errors
/// When it cannot be started.
pub fn run(run: &Run<'_>) -> std::io::Result<Ended> {
    crate::progress::clear();
    let start = Instant::now();
    let (reader, writer) = std::io::pipe()?;
    let mut command = Command::new(&run.command[0]);
    command
        .args(&run.command[1..])
        .current_dir(run.dir)
        .env("PWD", run.dir)
        .envs(run.variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer);
    crate::environ::prepare(&mut command);
    let mut child = command.spawn()?;
    drop(command);
    let mut sink = Sink::new(run);
    let (done, finished) = mpsc::channel();
    let mut killed = false;
    let status = std::thread::scope(|scope| {
        let sink = &mut sink;
        scope.spawn(move || {
            let mut reader = BufReader::new(reader);
            let mut line = Vec::new();
            while matches!(reader.read_until(b'\n', &mut line), Ok(n) if n > 0) {
                sink.take(&line);
                line.clear();
            }
            let _ = done.send(());
        });
        let status = wait(&mut child, run.limit, &mut killed);
        // What the tests left running may hold the pipe open for ever.
        let _ = finished.recv_timeout(Duration::from_secs(10));
        status
    })?;
    let seconds = start.elapsed().as_secs_f64();
    if let (true, Some(limit)) = (killed, run.limit) {
        sink.say(&format!(
            "*** Test killed: ran too long ({}m{}s).\n",
            limit.as_secs() / 60,
            limit.as_secs() % 60
        ));
    }
    sink.end(status, &format!("{seconds:.3}s"));
    Ok(Ended {
        passed: status.success(),
        shown: sink.shown,
    })
}

/// Show what a run has shown before.
pub fn replay(run: &Run<'_>, shown: &Shown) {
    let mut sink = Sink::new(run);
    let lines = shown.output.split_inclusive(|b| *b == b'\n');
    lines.for_each(|line| sink.take(line));
    sink.shown.no_tests = shown.no_tests;
    sink.shown.coverage = shown.coverage.clone();
    sink.end(ExitStatus::default(), "(cached)");
}

/// Wait for the end, and kill what goes on for longer than the limit.
fn wait(
    child: &mut Child,
    limit: Option<Duration>,
    killed: &mut bool,
) -> std::io::Result<ExitStatus> {
    let Some(limit) = limit else {
        return child.wait();
    };
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if start.elapsed() > limit {
            *killed = true;
            child.kill()?;
            return child.wait();
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// Where the output goes.
struct Sink<'a> {
    run: &'a Run<'a>,
    events: Option<Converter<std::io::Stdout>>,
    /// Output that is shown only if the tests fail.
    kept: Vec<u8>,
    /// What was shown already.
    shown: Shown,
    /// Whether there was output.
    said: bool,
}

impl<'a> Sink<'a> {
    fn new(run: &'a Run<'a>) -> Sink<'a> {
        Sink {
            run,
            events: run
                .json
                .then(|| Converter::new(std::io::stdout(), run.path)),
            kept: Vec::new(),
            shown: Shown::default(),
            said: false,
        }
    }

    fn take(&mut self, line: &[u8]) {
        self.shown.no_tests |= line == NO_TESTS.as_bytes();
        self.said = true;
        if self.run.coverage && self.shown.coverage.is_empty() {
            self.shown.coverage = coverage(line);
        }
        if self.run.stream || self.run.json {
            self.shown.output.extend(line);
        }
        if let Some(events) = &mut self.events {
            events.line(&String::from_utf8_lossy(line));
        } else if self.run.stream {
            let mut out = std::io::stdout().lock();
            let _ = out.write_all(line).and_then(|()| out.flush());
        } else {
            self.kept.extend(line);
        }
    }

    fn say(&mut self, text: &str) {
        match &mut self.events {
            Some(events) => events.line(text),
            None => print!("{text}"),
        }
    }

    fn end(&mut self, status: ExitStatus, time: &str) {
        let path = self.run.path;
        if status.success() {
            let none = if self.shown.no_tests && !self.run.direct {
                " [no tests to run]"
            } else {
                ""
            };
            let coverage = self.shown.coverage.clone();
            self.say(&format!("ok  \t{path}\t{time}{coverage}{none}\n"));
        } else {
            let _ = std::io::stdout().write_all(&self.kept);
            let silent = self.kept.is_empty() && !self.said;
            if silent || self.run.direct || status.code().is_none() {
                self.say(&format!("{}\n", describe(status)));
            } else if !self.kept.is_empty() && !self.kept.ends_with(b"\n") {
                self.say("\n");
            }
            // A mark, as package testing puts before its own lines.
            let mark = if self.run.json { "\u{16}" } else { "" };
            self.say(&format!("{mark}FAIL\t{path}\t{time}\n"));
        }
        if let Some(events) = &mut self.events {
            events.finish(status.success());
        }
    }
}

/// What a line says of coverage, as the last line has it.
fn coverage(line: &[u8]) -> String {
    let line = String::from_utf8_lossy(line);
    let text = line
        .strip_suffix('\n')
        .and_then(|l| l.split_once("coverage: "));
    text.map_or(String::new(), |(_, rest)| format!("\tcoverage: {rest}"))
}

/// How Go's os package words an exit status.
fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, signal) => format!(
            "signal: {}",
            crate::cmd::run::signal_name(signal.unwrap_or(0))
        ),
    }
}
