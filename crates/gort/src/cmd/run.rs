//! `gort run`

use super::download;
use super::outside::{Outside, has_version};
use super::program::{Program, program};
use crate::buildflags::{SPECS, build_flags};
use crate::cache::Outcome;
use crate::environ;
use crate::flags::{Error, Parsed, Spec, value};
use crate::front;
use crate::interrupt::{self, Folder};
use crate::pipeline::{self, BuildFlags};
use crate::progress;
use crate::report;
use crate::request::Failure;
use crate::timings;
use gort_load::Query;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitCode, ExitStatus};

/// The help text.
pub const HELP: &str = "usage: gort run [build flags] [-exec xprog] package | file.go... [arguments...]

Run compiles and runs the named main package, through xprog if -exec names a program. If the program exits with another status than 0, run
prints that status and exits with 1. See 'gort help build' for the build flags.
";

const USAGE: &str = "usage: gort run [build flags] [-exec xprog] package [arguments...]\nRun 'gort help run' for details.";

/// Run the command.
pub fn main(args: &[String]) -> ExitCode {
    let mut specs: Vec<Spec> = SPECS.iter().filter(|s| s.name != "o").copied().collect();
    specs.push(value("exec"));
    let parsed = match environ::parse(args, &specs, false) {
        Ok(p) => p,
        Err(e) => return e.report(USAGE),
    };
    if parsed.args.is_empty() {
        eprintln!("gort run: no go files listed");
        return ExitCode::from(1);
    }
    let flags = match build_flags(&parsed) {
        Ok(f) => f,
        Err(e) => return Error::of(e).report(USAGE),
    };
    let again = |failure| match front::query(&parsed.args) {
        Ok((_, used)) if !parsed.args[..used].iter().any(|a| has_version(a)) => {
            download::or_start_over(failure, &parsed.args[..used], &parsed)
        }
        _ => failure,
    };
    match run(&parsed, &flags).map_err(again) {
        Ok(code) => code,
        Err(failure) => {
            report::report(&failure, flags.e);
            ExitCode::from(1)
        }
    }
}

fn run(parsed: &Parsed, flags: &BuildFlags) -> Result<ExitCode, Failure> {
    let args = parsed.args.as_slice();
    let exec = parsed.get("exec").unwrap_or("");
    let (query, used) = front::query(args).map_err(Failure::Plain)?;
    if let Query::Files(files) = &query
        && let Some(test) = files
            .iter()
            .find(|f| f.to_string_lossy().ends_with("_test.go"))
    {
        let text = format!("go: cannot run *_test.go files ({})", test.display());
        return Err(Failure::Plain(text));
    }
    let query = only(query, flags)?;
    let admit = |outcome: &Outcome| match outcome.is_main() {
        true => Ok(()),
        false => Err(Failure::Plain(format!(
            "package {} is not a main package",
            outcome.path
        ))),
    };
    let program = match &query {
        Query::Patterns(list) if list.iter().any(|p| has_version(p)) => {
            let outside = Outside::enter(list, parsed.on("modcacherw"))?;
            let mains = outside.mains.clone();
            if mains.len() > 1 {
                let text = format!("go: pattern {} matches multiple packages", list[0]);
                return Err(Failure::Plain(text));
            }
            let program = program(Query::Patterns(mains), flags, &admit);
            outside.leave()?;
            program?
        }
        _ => program(query, flags, &admit)?,
    };
    if flags.n {
        return Ok(ExitCode::SUCCESS);
    }
    if flags.timings {
        timings::print();
    }
    let dir = environ::temp_dir().join(format!("gort-run{}", std::process::id()));
    let io = |e: std::io::Error| Failure::Plain(format!("gort: {e}"));
    let dir = Folder::new(dir).map_err(io)?;
    let name = &program.outcome.stem;
    let exe = dir.path().join(name);
    pipeline::step(
        flags,
        &format!("$WORK/b001/exe/{name} {}", args[used..].join(" ")),
    );
    let mut command = crate::flags::words(exec).map_err(Failure::Plain)?;
    command.push(exe.display().to_string());
    let status = place(&exe, &program).and_then(|()| {
        let mut run = Command::new(&command[0]);
        run.args(&command[1..]).args(&args[used..]);
        progress::clear();
        environ::prepare(&mut run);
        interrupt::while_running(|| run.status()).map_err(io)
    });
    Ok(exit_code(status?))
}

/// What a pattern means, which must be one package.
fn only(query: Query, flags: &BuildFlags) -> Result<Query, Failure> {
    let pattern = match &query {
        Query::Patterns(list) if front::may_be_several(&query) => list[0].clone(),
        _ => return Ok(query),
    };
    if has_version(&pattern) {
        return Ok(query);
    }
    let names = front::names(&query, &flags.tags)?;
    let text = match names.len() {
        0 => format!("go: no packages loaded from {pattern}"),
        1 => return Ok(Query::Patterns(names)),
        _ => {
            let names = names.join("\n\t");
            format!("go: pattern {pattern} matches multiple packages:\n\t{names}")
        }
    };
    Err(Failure::Plain(text))
}

/// Put the executable where it is run. The one of the cache need not be copied if it can be linked: nobody can write to a
/// program that runs.
fn place(exe: &Path, program: &Program) -> Result<(), Failure> {
    let link = |cached: &Path| {
        let mode = cached.metadata().map(|m| m.permissions().mode());
        mode.is_ok_and(|m| m & 0o100 != 0) && std::fs::hard_link(cached, exe).is_ok()
    };
    match program.cached.as_deref().is_some_and(link) {
        true => Ok(()),
        false => pipeline::write_executable(exe, &program.executable),
    }
}

/// What `go run` does with a program's status: other than 0 is printed, and becomes 1.
fn exit_code(status: ExitStatus) -> ExitCode {
    match (status.code(), status.signal()) {
        (Some(0), _) => ExitCode::SUCCESS,
        (Some(n), _) => {
            eprintln!("exit status {n}");
            ExitCode::from(1)
        }
        (None, signal) => {
            eprintln!("signal: {}", signal_name(signal.unwrap_or(0)));
            ExitCode::from(1)
        }
    }
}

/// Names of signals as Go's syscall package gives them.
pub fn signal_name(n: i32) -> String {
    match n {
        1 => "hangup".into(),
        2 => "interrupt".into(),
        3 => "quit".into(),
        4 => "illegal instruction".into(),
        5 => "trace/breakpoint trap".into(),
        6 => "aborted".into(),
        7 => "bus error".into(),
        8 => "floating point exception".into(),
        9 => "killed".into(),
        11 => "segmentation fault".into(),
        13 => "broken pipe".into(),
        15 => "terminated".into(),
        n => format!("signal {n}"),
    }
}
