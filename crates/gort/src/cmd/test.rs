//! `gort test`

use crate::buildflags::{self, build_flags};
use crate::cache::results::Results;
use crate::cache::{self, Asked, KnownFiles, Outcome, What};
use crate::cover::instrument::Instrumenter;
use crate::cover::profile::Profile;
use crate::environ;
use crate::flags::{self, Error, Parsed, Spec};
use crate::front;
use crate::interrupt::{self, Folder};
use crate::pipeline::{self, BuildFlags, WorkFolder};
use crate::progress;
use crate::report;
use crate::request::{Failure, Request};
use crate::testing::discover::{Found, discover};
use crate::testing::events::Converter;
use crate::testing::execute::{self, Run, Shown, replay};
use crate::testing::flags::{SPECS, TestFlags, duration};
use crate::testing::main_source::main_source;
use crate::timings;
use gort_load::files::Digest;
use gort_load::{Candidate, Context, Instrument, LoadedPackage, Query};
use gort_syntax::{Diagnostic, FileSet};
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// The help text.
pub const HELP: &str = "usage: gort test [build/test flags] [packages] [build/test flags & test binary flags]

Test compiles each named package together with its _test.go files and runs the tests. It prints a line
a package: ok, FAIL, or ? for a package without test files. With no package named, it tests the one in
the working folder and shows all output; otherwise it shows the output of packages that fail, or of all
with -v, -bench or -json.

	-cover, -covermode set|count|atomic, -coverpkg pattern,list
		count which statements the tests run: those of the package, or of the packages that the patterns mean
	-coverprofile file
		write what was counted to this file
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
	-parallel n, -run regexp, -short, -shuffle off|on|n, -skip regexp, -timeout d and -v
	are those of package testing.

Results of packages named on the command line are kept, and shown again, with (cached) in place of the time, as long as
the executable, its flags, and the files and variables that the tests have read are the same: with the flags that 'go help
test' calls cacheable. -count=1 runs the tests in any case.

	-vet off|all|name,list
		which checks of vet run before the tests; else those that are hardly ever wrong. Not of packages of GOROOT

	-fuzz regexp, -fuzztime t, -fuzzminimizetime t
		fuzz the one target that matches; what fails is written to testdata/fuzz. Code is not instrumented for it, so
		inputs are not chosen by what they reach; what was found interesting is kept in $GORT_CACHE/fuzz

	-blockprofile file, -memprofile file, -mutexprofile file, -outputdir dir
		write a profile to this file when all tests have run, for 'gort tool pprof'; the executable is kept
	-blockprofilerate n, -memprofilerate n, -mutexprofilefraction n
		how much of it is counted

-race, -cpuprofile and -trace are refused. See 'gort help build' for the build flags.
";

use vetting::Vetting;

mod covering;
pub mod several;
pub mod vetting;

/// What one package's test needs to know.
struct Job<'a> {
    flags: &'a TestFlags,
    own: &'a Parsed,
    build: BuildFlags,
    /// The file of `-coverprofile`.
    profile: Option<RefCell<Profile>>,
}

/// A package with its tests, built.
struct Made {
    outcome: Outcome,
    executable: Vec<u8>,
    /// What there is to say of it if it has no tests.
    untested: Option<String>,
}

const USAGE: &str = "usage: gort test [build/test flags] [packages] [build/test flags & test binary flags]\nRun 'gort help test' for details.";

/// What goes where of the command line, and the flags of the build.
fn command_line(args: &[String]) -> Result<(TestFlags, Parsed), Error> {
    environ::check().map_err(Error::Refused)?;
    let specs: Vec<Spec> = SPECS.iter().chain(buildflags::SPECS).copied().collect();
    let before = environ::goflags(&specs, &[crate::cmd::check::SPECS]).map_err(Error::Refused)?;
    let test = crate::testing::flags::parse(&before, args)?;
    let own = flags::parse(&test.own, &specs, false)?;
    Ok((test, own))
}

/// Run the command.
pub fn main(args: &[String]) -> ExitCode {
    let (test, own) = match command_line(args) {
        Ok(p) => p,
        Err(e) => return e.report(USAGE),
    };
    let build = match build_flags(&own) {
        Ok(b) => b,
        Err(e) => return Error::of(e).report(USAGE),
    };
    let build = BuildFlags {
        vet: test.vet.clone(),
        ..build
    };
    let mut job = Job {
        flags: &test,
        own: &own,
        build,
        profile: None,
    };
    let done = job.all(args);
    if job.build.timings {
        timings::print();
    }
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(failure) => {
            super::download::start_over_for_tests(&failure, &test.packages, &own);
            report::report(&failure, job.build.e);
            ExitCode::from(1)
        }
    }
}

impl Job<'_> {
    /// Test all named packages; whether all passed.
    fn all(&mut self, args: &[String]) -> Result<bool, Failure> {
        // The cache must know what the context is made from.
        gort_load::files::record();
        let context = front::context(&self.build.tags)?;
        let query = front::queries(&self.flags.packages).map_err(Failure::Plain)?;
        let mut passed = true;
        let mut found = Vec::new();
        if let Query::Patterns(_) = &query {
            let files: &'static FileSet = Box::leak(Box::default());
            let matches =
                gort_load::list(&context, &query).map_err(|e| front::load_failure(e, files))?;
            front::warn(&matches.warnings);
            if matches.packages.is_empty() && matches.errors.is_empty() {
                eprintln!("no packages to test");
                return Ok(false);
            }
            for (pattern, e) in matches.errors {
                passed = self.not_built(&pattern, "setup failed", &Failure::Plain(e))?;
            }
            found.extend(matches.packages.into_iter().map(|m| m.place.path));
        }
        self.may_fuzz(found.len())?;
        if let Some(profile) = self.flags.profile()
            && found.len() > 1
        {
            let text = format!("cannot use -{profile} flag with multiple packages");
            return Err(Failure::Plain(text));
        }
        let _folder = self.begin_coverage(&context, &query)?;
        passed &= match found.as_slice() {
            [] if !passed => true,
            [] => self.one(&context, &query)?,
            [path] => self.one(&context, &Query::Patterns(vec![path.clone()]))?,
            several => self.several(args, several)?,
        };
        let part = std::env::var_os(several::PART).is_some();
        if !passed
            && !self.flags.json
            && !self.flags.fuzz
            && !part
            && !self.flags.packages.is_empty()
            && !self.own.on("c")
        {
            println!("FAIL");
        }
        Ok(passed)
    }

    /// Refuse what cannot be fuzzed.
    fn may_fuzz(&self, packages: usize) -> Result<(), Failure> {
        let covers = !self.own.get("coverprofile").unwrap_or("").is_empty();
        let profile = covers.then_some("coverprofile").or(self.flags.profile());
        let text = match (self.flags.fuzz, profile) {
            (true, _) if packages > 1 => "cannot use -fuzz flag with multiple packages".into(),
            (true, Some(profile)) => format!("cannot use -{profile} flag with -fuzz flag"),
            _ => return Ok(()),
        };
        Err(Failure::Plain(text))
    }

    /// Test one package.
    fn one(&self, context: &Context, query: &Query) -> Result<bool, Failure> {
        timings::step("looking into the cache");
        let asked = Asked::new(What::Test, query, &self.build);
        if let Some(found) = asked.find() {
            if let Some(kept) = self.kept(&found) {
                return self.show(&kept);
            }
            if let Some(bytes) = found.executable() {
                WorkFolder::new(&self.build)?;
                return self.execute(&found.outcome, &bytes);
            }
        }
        let made = self.make(context, query, &asked);
        progress::clear();
        match made? {
            None => Ok(false),
            Some(m) if !m.outcome.has_tests => {
                self.without_tests(&m.outcome.path, m.untested.as_deref())
            }
            Some(_) if self.build.n => Ok(true),
            Some(m) => self.execute(&m.outcome, &m.executable),
        }
    }

    /// Load and build a package with its tests; nothing if that fails, which then has been said.
    fn make(
        &self,
        context: &Context,
        query: &Query,
        asked: &Asked,
    ) -> Result<Option<Made>, Failure> {
        let covered = Instrumenter::new(&self.build)?;
        timings::step("loading packages");
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
                self.main_coverage().as_ref(),
            )
        };
        let put_in = covered.as_ref();
        let put_in = put_in.map(|i| move |c: &Candidate<'_>| i.instrument(c));
        let instrument = put_in.as_ref().map(|i| i as &Instrument<'_>);
        let always = &["runtime"];
        let known = KnownFiles::open();
        let is_known = |file: &Digest| known.as_ref().is_some_and(|k| k.has(file));
        let options = gort_load::Options {
            always,
            instrument,
            known: Some(&is_known),
            ..Default::default()
        };
        let loaded = gort_load::load_tests(context, files, query, Some(&write), options);
        let loaded = match loaded {
            Ok(loaded) => loaded,
            Err(e) => {
                let failure = front::load_failure(e, files);
                return self.failed(&name_of(query), "setup failed", &failure);
            }
        };
        let package = &loaded.loaded.packages[loaded.package];
        let path = package.path.clone();
        if self.flags.fuzz && !package.own {
            // What is found would be written to its testdata.
            let text = "cannot use -fuzz flag on package outside the main module";
            return Err(Failure::Plain(text.into()));
        }
        let mut outcome = Outcome::of(package);
        if !problems.borrow().is_empty() {
            let diags = problems.take();
            let failure = Failure::Source {
                package: path.clone(),
                diags,
                files,
            };
            return self.failed(&path, "setup failed", &failure);
        }
        let has_tests = package.has_tests() || loaded.external.is_some();
        outcome.has_tests = has_tests;
        let vetting = Vetting::start(&loaded, &self.build)?;
        let request = Request::program(query.clone(), self.build.tags.clone());
        let built = crate::checking::check_loaded(&request, files, loaded.loaded, known).and_then(
            |checked| {
                if !has_tests {
                    return Ok(Vec::new());
                }
                let work = WorkFolder::new(&self.build)?;
                pipeline::build(&checked, &self.build, work.as_ref())
            },
        );
        let bytes = match built {
            Ok(b) => b,
            Err(failure @ Failure::Load { .. }) => {
                return self.failed(&path, "setup failed", &failure);
            }
            Err(failure) => return self.failed(&path, "build failed", &failure),
        };
        timings::step("waiting for vet");
        if let Some(Err(failure)) = vetting.map(Vetting::end) {
            return self.failed(&path, "build failed", &failure);
        }
        timings::step("writing to the cache");
        let outcome = asked.keep(outcome, has_tests.then_some(bytes.as_slice()));
        let untested = match has_tests {
            true => None,
            false => self.untested(&path, covered.as_ref())?,
        };
        Ok(Some(Made {
            outcome,
            executable: bytes,
            untested,
        }))
    }

    fn failed<T>(&self, path: &str, why: &str, failure: &Failure) -> Result<Option<T>, Failure> {
        self.not_built(path, why, failure).map(|_| None)
    }

    /// Run a test executable, or show what it said when nothing was other than now; keep it if that is asked for.
    fn execute(&self, outcome: &Outcome, bytes: &[u8]) -> Result<bool, Failure> {
        let Outcome { path, dir, .. } = outcome;
        let name = format!("{}.test", path.rsplit('/').next().unwrap_or(path));
        let kept = self.kept_executable(&name);
        if let Some(exe) = &kept {
            pipeline::install_executable(exe, bytes)?;
        }
        if self.own.on("c") {
            return Ok(true);
        }
        let folder = environ::temp_dir().join(format!("gort-test{}", std::process::id()));
        let exe = folder.join("b001").join(&name);
        let mut run = self.run_of(&exe, path, dir)?;
        let results = self.results(outcome, &run);
        if let Some(output) = results.as_ref().and_then(|r| self.result(r)) {
            replay(&run, &output);
            self.add_to_profile(&output.profile)?;
            return Ok(true);
        }
        timings::step("running tests");
        let log = folder.join("b001/testlog.txt");
        if results.is_some() {
            let at = run.command.len() - run.arguments;
            let flag = format!("-test.testlogfile={}", log.display());
            run.command.insert(at, flag);
        }
        let io = |e: std::io::Error| Failure::Plain(format!("gort: {e}"));
        let folder = Folder::new(folder).map_err(io)?;
        let work = folder.path().join("b001");
        std::fs::create_dir(&work).map_err(io)?;
        self.prepare_coverage(&work).map_err(io)?;
        let mut ended = pipeline::write_executable(&exe, bytes)
            .and_then(|()| interrupt::while_running(|| execute::run(&run)).map_err(io));
        if let Ok(ended) = &mut ended {
            ended.shown.profile = self.part_of_profile(&work);
            self.add_to_profile(&ended.shown.profile)?;
        }
        if let (Some(results), Ok(ended)) = (results, &ended)
            && ended.passed
        {
            results.keep(&log, &ended.shown);
        }
        ended.map(|e| e.passed)
    }

    /// The results that are kept of a test executable, under official Go's rules: not where no package is named, or files
    /// are, or another program runs it.
    fn results(&self, outcome: &Outcome, run: &Run<'_>) -> Option<Results> {
        let named = !self.flags.packages.is_empty() && outcome.path != "command-line-arguments";
        let executable = outcome.executable.as_ref()?;
        if !named || self.own.get("exec").is_some() {
            return None;
        }
        let args = &run.command[run.command.len() - run.arguments..];
        let cover = self.build.cover.as_ref();
        let more = cover.and_then(|c| Some(&c.selected.as_ref()?.digest));
        Results::new(executable, args, &outcome.dir, more)
    }

    /// What has been kept, if all is there that is asked for.
    fn result(&self, results: &Results) -> Option<Shown> {
        let shown = results.find()?;
        (self.profile.is_none() || !shown.profile.is_empty()).then_some(shown)
    }

    /// The file that `-c`, `-o` and profiles ask for.
    fn kept_executable(&self, name: &str) -> Option<PathBuf> {
        match self.own.get("o") {
            Some(o) if o.ends_with('/') || Path::new(o).is_dir() => Some(Path::new(o).join(name)),
            Some(o) => Some(PathBuf::from(o)),
            None => (self.own.on("c") || self.flags.profile().is_some()).then(|| name.into()),
        }
    }

    fn run_of<'r>(&self, exe: &Path, path: &'r str, dir: &'r Path) -> Result<Run<'r>, Failure> {
        let timeout = self.flags.timeout.as_deref().unwrap_or("10m");
        let limit = duration(timeout).expect("looked at by the parser");
        let mut command: Vec<String> = Vec::new();
        if let Some(exec) = self.own.get("exec") {
            command.extend(flags::words(exec).map_err(Failure::Plain)?);
        }
        command.push(exe.display().to_string());
        let here = std::env::current_dir().unwrap_or_default();
        let before = command.len();
        let work = exe.parent().unwrap_or(exe);
        command.push("-test.paniconexit0".into());
        if let Some(folder) = cache::folder_of_fuzzing().filter(|_| self.flags.fuzz) {
            command.push(format!(
                "-test.fuzzcachedir={}",
                folder.join(path).display()
            ));
        }
        command.extend(self.coverage_arguments(work));
        command.push(format!("-test.timeout={timeout}"));
        let pass = self.flags.pass.iter();
        command.extend(
            pass.filter(|a| !self.flags.json || !a.starts_with("-test.v"))
                .cloned(),
        );
        let mut given = false;
        for argument in &mut command[before..] {
            if let Some(dir) = argument.strip_prefix("-test.outputdir=") {
                // Of this command's working folder, not of the test's.
                *argument = format!("-test.outputdir={}", here.join(dir).display());
                given = true;
            }
        }
        let artifacts = self.flags.pass.iter().any(|a| a == "-test.artifacts=true");
        if !given && (artifacts || self.flags.profile().is_some()) {
            command.push(format!("-test.outputdir={}", here.display()));
        }
        if self.flags.json {
            command.push("-test.v=test2json".into());
        }
        command.extend(self.flags.rest.iter().cloned());
        let f = self.flags;
        let direct = f.packages.is_empty() || f.bench || f.fuzz;
        Ok(Run {
            arguments: command.len() - before,
            command,
            dir,
            path,
            variables: self.coverage_variables(work),
            coverage: self.build.cover.is_some() && !direct,
            stream: direct || f.verbose || f.list,
            direct,
            json: f.json,
            // A minute more than the tests give themselves. Benchmarks and fuzzing take what they take.
            limit: (!limit.is_zero() && !f.bench && !f.fuzz)
                .then(|| limit + Duration::from_secs(60)),
        })
    }

    /// What is to be tested cannot be built: the errors, and the line of the package or pattern.
    fn not_built(&self, path: &str, why: &str, failure: &Failure) -> Result<bool, Failure> {
        super::download::start_over_for_tests(failure, &self.flags.packages, self.own);
        progress::clear();
        let mut of = path.to_string();
        if self.flags.json {
            let (events, package) = report::build_events_of(failure, path, self.build.e);
            print!("{events}");
            of = package;
        } else {
            if matches!(failure, Failure::Load { .. } | Failure::Plain(_)) {
                eprintln!("# {path}");
            }
            report::report(failure, self.build.e);
        }
        let line = format!("FAIL\t{path} [{why}]\n");
        if self.own.on("c") && why == "build failed" {
            return Ok(false);
        }
        if self.flags.json {
            let mut events = Converter::new(std::io::stdout(), path);
            events.line(&line);
            events.not_built(&of);
        } else {
            print!("{line}");
        }
        Ok(false)
    }
}

/// What a query is called where nothing has been found that has a name.
fn name_of(query: &Query) -> String {
    match query {
        Query::Files(_) => "command-line-arguments".into(),
        Query::Patterns(list) => list.first().cloned().unwrap_or(".".into()),
    }
}
