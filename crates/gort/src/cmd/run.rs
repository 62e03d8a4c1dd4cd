//! `gort run`

use crate::cmd::build::{SPECS, build_flags};
use crate::flags;
use crate::front::{self, Failure, Request};
use crate::pipeline::{self, BuildFlags, WorkFolder};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitCode, ExitStatus};

/// The help text.
pub const HELP: &str = "usage: gort run [build flags] package | file.go... [arguments...]

Run compiles and runs the named main package. If the program exits with another status than 0, run
prints that status and exits with 1. See 'gort help build' for the build flags.
";

/// Run the command.
pub fn main(args: &[String]) -> ExitCode {
    let parsed = match flags::parse(args, SPECS, false) {
        Ok(p) => p,
        Err(e) => {
            eprintln!(
                "{e}\nusage: gort run [build flags] package [arguments...]\nRun 'gort help run' for details."
            );
            return ExitCode::from(2);
        }
    };
    if parsed.args.is_empty() {
        eprintln!("gort run: no go files listed");
        return ExitCode::from(1);
    }
    let flags = match build_flags(&parsed) {
        Ok(f) => f,
        Err(e) => {
            eprintln!("{e}");
            return ExitCode::from(1);
        }
    };
    match run(&parsed.args, &flags) {
        Ok(code) => code,
        Err(failure) => {
            front::report(&failure, flags.e);
            ExitCode::from(1)
        }
    }
}

fn run(args: &[String], flags: &BuildFlags) -> Result<ExitCode, Failure> {
    let (query, used) = front::query(args).map_err(Failure::Plain)?;
    let checked = front::check(&Request::program(query, flags.tags.clone()))?;
    let root = &checked.loaded.packages[checked.loaded.root];
    if root.name != "main" {
        return Err(Failure::Plain(format!(
            "package {} is not a main package",
            root.path
        )));
    }
    let work = WorkFolder::new(flags)?;
    let bytes = pipeline::build(&checked, flags, work.as_ref())?;
    drop(work);
    let dir = std::env::temp_dir().join(format!("gort-run{}", std::process::id()));
    let io = |e: std::io::Error| Failure::Plain(format!("gort: {e}"));
    std::fs::create_dir_all(&dir).map_err(io)?;
    let name = root
        .names
        .first()
        .and_then(|n| Path::new(n).file_stem())
        .unwrap_or("main".as_ref());
    let exe = dir.join(name);
    let status = pipeline::write_executable(&exe, &bytes).and_then(|()| {
        pipeline::step(
            flags,
            &format!(
                "$WORK/b001/exe/{} {}",
                name.display(),
                args[used..].join(" ")
            ),
        );
        Command::new(&exe).args(&args[used..]).status().map_err(io)
    });
    let _ = std::fs::remove_dir_all(&dir);
    Ok(exit_code(status?))
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
