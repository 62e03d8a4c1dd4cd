//! The `gort` command: build, run, check and inspect Go programs.
//!
//! - [`flags`]: command lines as Go's flag package reads them (`-o x`, `-o=x`, `--o x`)
//! - [`buildflags`]: the flags of builds; [`environ`]: environment variables
//! - [`request`]: what is asked of the front end; [`front`]: what the arguments name, loaded and checked
//! - [`cache`]: what was built is found again
//! - [`checking`]: packages in parallel, bodies on demand
//! - [`cover`]: counting which statements run
//! - [`excerpt`]: the source line of an error
//! - [`godebug`]: GODEBUG defaults of an executable
//! - [`initial`]: embedded files, `-X`, build information
//! - [`interrupt`]: temporary folders, and commands that are interrupted
//! - [`pipeline`]: lower, compile, link; the steps that `-x` prints
//! - [`progress`]: what a long build is at
//! - [`render`]: diagnostics for people and for tools; [`report`]: failures
//! - [`timings`]: what a command is at, and for how long
//! - [`testing`]: what `gort test` is made of
//! - [`cmd`]: one module a command
//! - [`embedded`]: the runtime and the Go overlay that the executable carries

mod asmheader;
mod asminclude;
mod assembling;
mod buildflags;
mod cache;
mod checking;
mod cmd;
mod cover;
mod embedded;
mod environ;
mod excerpt;
mod flags;
mod front;
mod godebug;
mod initial;
mod interrupt;
mod memory;
mod pipeline;
mod progress;
mod render;
mod report;
mod request;
mod testing;
mod timings;
mod tools;

use std::process::ExitCode;

/// A compiler makes many small objects on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str = "gort is a Go toolchain and runtime.

Usage:

	gort <command> [arguments]

The commands are:

	build       compile packages and dependencies
	check       parse and type-check Go files or a package
	clean       remove cached files
	completion  print a script that completes commands and flags
	env         print Go environment information
	inspect     show what an executable is made of
	install     compile and install packages and dependencies
	run         compile and run Go program
	test        test packages
	version     print gort version

and, done by official Go's own command, which gort compiles when one of them is first used:

	doc         show documentation for package or symbol
	fix         apply fixes suggested by static checkers
	fmt         gofmt (reformat) package sources
	generate    generate Go files by processing source
	get         add dependencies to current module and install them
	list        list packages or modules
	mod         module maintenance
	telemetry   manage telemetry data and settings
	tool        run specified go tool
	vet         report likely mistakes in packages
	work        workspace maintenance

Use \"gort help <command>\" for more information about a command.
";

/// `mi_option_purge_delay`, whose number the binding does not name.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;

fn main() -> ExitCode {
    memory::small_pages();
    // Memory stays with us: fetching a page from the system again costs more than anything we do with it.
    // SAFETY: sets a number that the allocator reads.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, -1) };
    // As `go` does, end quietly when who reads our output has gone (`gort test | head`).
    // SAFETY: sets a signal's action to the default; no handler of ours is involved.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    environ::init();
    interrupt::watch();
    std::panic::set_hook(Box::new(internal_error));
    let args: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|a| a.to_string_lossy().into_owned())
        .collect();
    // Deeply nested sources recurse deeply: run on a thread with room. It is only set aside.
    let run = move || dispatch(&args);
    let thread = std::thread::Builder::new()
        .stack_size(1 << 30)
        .spawn(run)
        .expect("starting a thread");
    thread.join().unwrap_or(ExitCode::from(70))
}

fn dispatch(args: &[String]) -> ExitCode {
    let Some(command) = args.first() else {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    };
    let upstream = |name: &str| cmd::upstream::COMMANDS.contains(&name);
    match (command.as_str(), args.get(1)) {
        (name, _) if upstream(name) => return cmd::upstream::main(args),
        ("help", Some(name)) if upstream(name) => return cmd::upstream::main(args),
        _ => {}
    }
    if let Some(text) = gort_load::gopath::problem() {
        eprintln!("{text}");
        return ExitCode::from(2);
    }
    let rest = match change_folder(&args[1..]) {
        Ok(rest) => rest,
        Err(e) => {
            eprintln!("{e}");
            return ExitCode::from(1);
        }
    };
    cmd::download::remember(command, rest);
    match command.as_str() {
        "build" => cmd::build::main(rest),
        "check" => cmd::check::main(rest),
        "clean" => cmd::clean::main(rest),
        "completion" => cmd::completion::main(rest),
        "env" => cmd::env::main(rest),
        "inspect" => cmd::inspect::main(rest),
        "install" => cmd::install::main(rest),
        "run" => cmd::run::main(rest),
        "test" => cmd::test::main(rest),
        cmd::upstream::TOOL_PATH => cmd::upstream::tool_path(rest),
        "version" => cmd::version::main(rest),
        "help" | "-h" | "--help" | "-help" => help(rest),
        other => {
            eprintln!("gort {other}: unknown command\nRun 'gort help' for usage.");
            ExitCode::from(2)
        }
    }
}

/// Do what `-C` asks for, which must be the first flag; the other arguments.
fn change_folder(args: &[String]) -> Result<&[String], String> {
    let Some(first) = args.first() else {
        return Ok(args);
    };
    let flag = first.strip_prefix("--").or_else(|| first.strip_prefix('-'));
    let (folder, rest) = match (flag, args.get(1)) {
        (Some("C"), Some(folder)) => (folder.as_str(), &args[2..]),
        (Some("C"), None) => return Err("flag needs an argument: -C".into()),
        (Some(flag), _) if flag.starts_with("C=") => (&flag[2..], &args[1..]),
        _ => return Ok(args),
    };
    let text =
        |e: std::io::Error| format!("go: chdir {folder}: {}", gort_load::package::io_text(&e));
    std::env::set_current_dir(folder).map_err(text)?;
    Ok(rest)
}

fn help(args: &[String]) -> ExitCode {
    let text = match args.first().map(String::as_str) {
        None => USAGE,
        Some("build") => cmd::build::HELP,
        Some("check") => cmd::check::HELP,
        Some("clean") => cmd::clean::HELP,
        Some("completion") => cmd::completion::HELP,
        Some("env") => cmd::env::HELP,
        Some("inspect") => cmd::inspect::HELP,
        Some("install") => cmd::install::HELP,
        Some("run") => cmd::run::HELP,
        Some("test") => cmd::test::HELP,
        Some("version") => cmd::version::HELP,
        // Topics: modules, buildconstraint, …
        Some(_) => return cmd::upstream::instead("help", args, |_| {}),
    };
    print!("{text}");
    ExitCode::SUCCESS
}

/// A panic in the compiler is gort's fault: say so, and what was being compiled.
fn internal_error(info: &std::panic::PanicHookInfo<'_>) {
    progress::clear();
    eprintln!("gort: internal error: {info}");
    if let Some(what) = timings::current() {
        eprintln!("gort: while {what}");
    }
    eprintln!(
        "gort: this is a bug in gort, not in your program; please report it with the source that caused it"
    );
}
