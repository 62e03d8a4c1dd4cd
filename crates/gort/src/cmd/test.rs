//! `gort test`

use crate::cmd::build::{SPECS, build_flags};
use crate::flags::{self, Parsed, Spec};
use crate::front::{self, Failure, Request};
use crate::pipeline::{self, BuildFlags, WorkFolder};
use crate::testing::discover::{Found, discover};
use crate::testing::execute::{Run, run};
use crate::testing::flags::{OWN, TestFlags};
use crate::testing::main_source::main_source;
use gort_load::{Context, LoadedPackage, Query};
use gort_syntax::{Diagnostic, FileSet};
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

/// The help text.
pub const HELP: &str = "usage: gort test [build/test flags] [packages] [build/test flags & test binary flags]

Test compiles each named package together with its _test.go files and runs the tests. It prints a line
a package: ok, FAIL, or ? for a package without test files. With no package named, it tests the one in
the working folder and shows all output; otherwise it shows the output of packages that fail, or of all
with -v, -bench or -json.

	-args
		pass all that follows to the test executable
	-c
		compile to pkg.test, but do not run it
	-exec cmd
		run the test executable through cmd
	-json
		print events as JSON
	-o file
		write the test executable to this file
	-p n
		test up to n packages at a time

	-bench regexp, -benchmem, -benchtime t, -count n, -cpu list, -failfast, -fullpath, -list regexp,
	-parallel n, -run regexp, -short, -shuffle off|on|n, -skip regexp, -timeout d, -v and the profile
	flags are those of package testing.

gort does not instrument code: -cover, -race and -fuzz are refused. It does not run vet. See 'gort help build' for
the build flags.
";

/// What one package's test needs to know.
struct Job<'a> {
    flags: &'a TestFlags,
    own: &'a Parsed,
    build: BuildFlags,
}

/// Run the command.
pub fn main(args: &[String]) -> ExitCode {
    let usage = |e: String| {
        eprintln!(
            "{e}\nusage: gort test [build/test flags] [packages] [build/test flags & test binary flags]\nRun 'gort help test' for details."
        );
        ExitCode::from(2)
    };
    let parsed = crate::testing::flags::parse(args).and_then(|test| {
        let mut specs: Vec<Spec> = OWN
            .iter()
            .map(|&(name, value)| Spec { name, value })
            .collect();
        specs.extend(SPECS.iter().map(|s| Spec {
            name: s.name,
            value: s.value,
        }));
        let own = flags::parse(&test.own, &specs, false)?;
        Ok((test, own))
    });
    let (test, own) = match parsed {
        Ok(p) => p,
        Err(e) => return usage(e),
    };
    let build = match build_flags(&own) {
        Ok(b) => b,
        Err(e) => return usage(e),
    };
    let job = Job {
        flags: &test,
        own: &own,
        build,
    };
    match job.all(args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(failure) => {
            front::report(&failure, job.build.e);
            ExitCode::from(1)
        }
    }
}

impl Job<'_> {
    /// Test all named packages; whether all passed.
    fn all(&self, args: &[String]) -> Result<bool, Failure> {
        let context = front::context(&self.build.tags)?;
        let query = front::queries(&self.flags.packages).map_err(Failure::Plain)?;
        if let Query::Patterns(_) = &query {
            let files: &'static FileSet = Box::leak(Box::default());
            let found =
                gort_load::list(&context, &query).map_err(|e| front::load_failure(e, files))?;
            found.warnings.iter().for_each(|w| eprintln!("{w}"));
            if !found.errors.is_empty() {
                return Err(Failure::Plain(found.errors.join("\n")));
            }
            if found.packages.is_empty() {
                eprintln!("no packages to test");
                return Ok(false);
            }
            if found.packages.len() > 1 {
                let paths = found.packages.iter().map(|m| m.place.path.as_str());
                return self.several(args, &paths.collect::<Vec<_>>());
            }
        }
        let passed = self.one(&context, &query)?;
        if !passed && !self.flags.json && std::env::var_os(PART).is_none() && !self.own.on("c") {
            println!("FAIL");
        }
        Ok(passed)
    }

    /// Test packages in processes of their own: what a build keeps in memory, it keeps until its process ends.
    fn several(&self, args: &[String], paths: &[&str]) -> Result<bool, Failure> {
        if self.own.on("c") && self.own.get("o").is_some_and(|o| !Path::new(o).is_dir()) {
            return Err(Failure::Plain(
                "with multiple packages, -o must refer to a directory or /dev/null".into(),
            ));
        }
        let io = |e: std::io::Error| Failure::Plain(format!("gort: {e}"));
        let exe = std::env::current_exe().map_err(io)?;
        // What stands before and after the packages.
        let first = args
            .iter()
            .position(|a| self.flags.packages.first() == Some(a));
        let first = first.unwrap_or(args.len());
        let after = (first + self.flags.packages.len()).min(args.len());
        let start = |path: &str| {
            Command::new(&exe)
                .arg("test")
                .args(&args[..first])
                .arg(path)
                .args(&args[after..])
                .env(PART, "1")
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped())
                .spawn()
        };
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
        let width = self
            .own
            .get("p")
            .and_then(|p| p.parse().ok())
            .unwrap_or(cores);
        let mut passed = true;
        let mut running = std::collections::VecDeque::new();
        let mut next = paths.iter();
        loop {
            while running.len() < width.max(1) {
                let Some(path) = next.next() else { break };
                let child = start(path).map_err(io)?;
                running.push_back(std::thread::spawn(move || child.wait_with_output()));
            }
            let Some(oldest) = running.pop_front() else {
                break;
            };
            let Ok(output) = oldest.join() else { continue };
            let output = output.map_err(io)?;
            print!("{}", String::from_utf8_lossy(&output.stdout));
            eprint!("{}", String::from_utf8_lossy(&output.stderr));
            passed &= output.status.success();
        }
        if !passed && !self.flags.json {
            println!("FAIL");
        }
        Ok(passed)
    }

    /// Test one package.
    fn one(&self, context: &Context, query: &Query) -> Result<bool, Failure> {
        let files: &'static FileSet = Box::leak(Box::default());
        let problems: RefCell<Vec<Diagnostic>> = RefCell::default();
        let write = |package: &LoadedPackage, external: Option<&LoadedPackage>| {
            let look = |p: &LoadedPackage| {
                discover(p, files).unwrap_or_else(|e| {
                    problems.borrow_mut().extend(e);
                    Found::default()
                })
            };
            let module = gort_load::gomod::module_path(&package.dir).unwrap_or_default();
            main_source(
                &package.path,
                &module,
                &look(package),
                external.map(look).as_ref(),
            )
        };
        let loaded = gort_load::load_tests(context, files, query, &["runtime"], Some(&write))
            .map_err(|e| front::load_failure(e, files))?;
        let package = &loaded.loaded.packages[loaded.package];
        let (path, dir) = (package.path.clone(), package.dir.clone());
        if !problems.borrow().is_empty() {
            let diags = problems.take();
            let failure = Failure::Source {
                package: path.clone(),
                diags,
                files,
            };
            return self.setup_failed(&path, "setup failed", failure);
        }
        if !package.has_tests() && loaded.external.is_none() {
            return self.without_tests(&path);
        }
        let request = Request::program(query.clone(), self.build.tags.clone());
        let built =
            crate::checking::check_loaded(&request, files, loaded.loaded).and_then(|checked| {
                let work = WorkFolder::new(&self.build)?;
                pipeline::build(&checked, &self.build, work.as_ref())
            });
        let bytes = match built {
            Ok(b) => b,
            Err(failure) => return self.setup_failed(&path, "build failed", failure),
        };
        let name = format!("{}.test", path.rsplit('/').next().unwrap_or(&path));
        let kept = self.kept_executable(&name);
        if let Some(exe) = &kept {
            pipeline::write_executable(exe, &bytes)?;
        }
        if self.own.on("c") {
            return Ok(true);
        }
        let folder = std::env::temp_dir().join(format!("gort-test{}", std::process::id()));
        let exe = folder.join("b001").join(&name);
        let io = |e: std::io::Error| Failure::Plain(format!("gort: {e}"));
        std::fs::create_dir_all(folder.join("b001")).map_err(io)?;
        let passed = pipeline::write_executable(&exe, &bytes)
            .and_then(|()| run(&self.run_of(&exe, &path, &dir)?).map_err(io));
        let _ = std::fs::remove_dir_all(&folder);
        passed
    }

    /// The file that `-c` and `-o` ask for.
    fn kept_executable(&self, name: &str) -> Option<PathBuf> {
        match self.own.get("o") {
            Some(o) if o.ends_with('/') || Path::new(o).is_dir() => Some(Path::new(o).join(name)),
            Some(o) => Some(PathBuf::from(o)),
            None => self.own.on("c").then(|| PathBuf::from(name)),
        }
    }

    fn run_of<'r>(&self, exe: &Path, path: &'r str, dir: &'r Path) -> Result<Run<'r>, Failure> {
        let timeout = self.flags.timeout.as_deref().unwrap_or("10m");
        let limit = parse_duration(timeout).ok_or_else(|| {
            Failure::Plain(format!(
                "invalid value {timeout:?} for flag -timeout: parse error"
            ))
        })?;
        let mut command: Vec<String> = Vec::new();
        if let Some(exec) = self.own.get("exec") {
            command.extend(exec.split_whitespace().map(String::from));
        }
        command.push(exe.display().to_string());
        command.push("-test.paniconexit0".into());
        command.push(format!("-test.timeout={timeout}"));
        let pass = self.flags.pass.iter();
        command.extend(
            pass.filter(|a| !self.flags.json || !a.starts_with("-test.v"))
                .cloned(),
        );
        if self.flags.json {
            command.push("-test.v=test2json".into());
        }
        command.extend(self.flags.rest.iter().cloned());
        let f = self.flags;
        Ok(Run {
            command,
            dir,
            path,
            stream: f.packages.is_empty() || f.verbose || f.bench || f.list,
            json: f.json,
            // A minute more than the tests give themselves.
            limit: (!limit.is_zero()).then(|| limit + Duration::from_secs(60)),
        })
    }

    fn without_tests(&self, path: &str) -> Result<bool, Failure> {
        let line = format!("?   \t{path}\t[no test files]\n");
        self.only_line(path, &line, true);
        Ok(true)
    }

    /// The tests cannot be built: the errors, and the package's line.
    fn setup_failed(&self, path: &str, why: &str, failure: Failure) -> Result<bool, Failure> {
        front::report(&failure, self.build.e);
        self.only_line(path, &format!("FAIL\t{path} [{why}]\n"), false);
        Ok(false)
    }

    fn only_line(&self, path: &str, line: &str, passed: bool) {
        if self.flags.json {
            let mut events = crate::testing::events::Converter::new(std::io::stdout(), path);
            events.line(line);
            events.finish(passed);
        } else {
            print!("{line}");
        }
    }
}

/// Set for the process that tests one package of several: the last line is its parent's.
const PART: &str = "GORT_TEST_PART";

/// Go's form of durations: `1h30m`, `2.5s`, `300ms`, `0`.
fn parse_duration(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let mut rest = text;
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let units = [
            ("ns", 1e-9),
            ("us", 1e-6),
            ("µs", 1e-6),
            ("ms", 1e-3),
            ("s", 1.0),
            ("m", 60.0),
            ("h", 3600.0),
        ];
        let (unit, scale) = units.iter().find(|(u, _)| {
            rest.strip_prefix(u)
                .is_some_and(|r| !r.starts_with(|c: char| c.is_alphabetic()))
        })?;
        total += number * scale;
        rest = &rest[unit.len()..];
    }
    Duration::try_from_secs_f64(total)
        .ok()
        .filter(|_| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::parse_duration;
    use std::time::Duration;

    #[test]
    fn durations() {
        assert_eq!(parse_duration("1h30m"), Some(Duration::from_secs(5400)));
        assert_eq!(parse_duration("2.5s"), Some(Duration::from_millis(2500)));
        assert_eq!(parse_duration("300ms"), Some(Duration::from_millis(300)));
        assert_eq!(parse_duration("0"), Some(Duration::ZERO));
        assert_eq!(parse_duration(""), None);
        assert_eq!(parse_duration("5"), None);
    }
}
