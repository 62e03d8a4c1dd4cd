//! The command line of `gort test`: build flags, flags of the test executable (with or without `test.` in front),
//! packages, and what is passed on.

use crate::buildflags;
use crate::cmd::test::vetting::DEFAULT;
use crate::flags::{Error, Spec, switch, value};
use std::time::Duration;

/// A parsed command line.
#[derive(Debug, Default)]
pub struct TestFlags {
    /// Build flags and those of `gort test` itself, as they were given, for [`crate::flags::parse`].
    pub own: Vec<String>,
    /// Package patterns.
    pub packages: Vec<String>,
    /// Arguments of the executable: its flags with `-test.` in front.
    pub pass: Vec<String>,
    /// Arguments of the executable that are not flags of package testing.
    pub rest: Vec<String>,
    /// `-v`, in any form.
    pub verbose: bool,
    /// `-json`.
    pub json: bool,
    /// Whether benchmarks will run.
    pub bench: bool,
    /// Whether a fuzz target is fuzzed.
    pub fuzz: bool,
    /// Whether tests are listed only.
    pub list: bool,
    /// The checks of `-vet`: all if none is named, nothing if none are to run.
    pub vet: Option<Vec<String>>,
    /// `-timeout`, if given.
    pub timeout: Option<String>,
    /// Which of [`PROFILES`] are to be written.
    profiles: Vec<&'static str>,
}

/// Flags of `gort test` itself and of package testing.
pub const SPECS: &[Spec] = &[
    switch("c"),
    value("exec"),
    value("vet"),
    switch("benchmem"),
    switch("failfast"),
    switch("fullpath"),
    switch("short"),
    switch("artifacts"),
    Spec {
        optional: true,
        ..switch("v")
    },
    value("bench"),
    value("benchtime"),
    value("blockprofile"),
    value("blockprofilerate"),
    value("count"),
    value("coverprofile"),
    value("cpu"),
    value("cpuprofile"),
    value("fuzz"),
    value("fuzzminimizetime"),
    value("fuzztime"),
    value("list"),
    value("memprofile"),
    value("memprofilerate"),
    value("mutexprofile"),
    value("mutexprofilefraction"),
    value("outputdir"),
    value("parallel"),
    value("run"),
    value("shuffle"),
    value("skip"),
    value("timeout"),
    value("trace"),
];

/// Those of the command itself.
const OWN: &[&str] = &["c", "exec", "coverprofile"];

/// Flags that gort knows and refuses, with the reason.
const REFUSED: &[(&str, &str)] = &[
    ("cpuprofile", "CPU profiles"),
    ("trace", "execution traces"),
];

/// Flags that ask for a profile, in the order in which go names them in errors. The executable writes it, for one package
/// only, and stays beside it.
const PROFILES: &[&str] = &["blockprofile", "memprofile", "mutexprofile"];

/// Flags whose values are whole numbers, and those whose values are durations.
const NUMBERS: &[&str] = &[
    "count",
    "parallel",
    "blockprofilerate",
    "memprofilerate",
    "mutexprofilefraction",
];
const DURATIONS: &[&str] = &["timeout"];

/// Parse `args`; `before` are flags of the environment.
///
/// # Errors
/// A flag without its value or with a wrong one, or one that gort refuses.
pub fn parse(before: &[String], args: &[String]) -> Result<TestFlags, Error> {
    let mut out = TestFlags {
        vet: vet_list("").map_err(Error::Usage)?,
        ..TestFlags::default()
    };
    let mut args = before.iter().chain(args);
    // As with go: packages stand in a row. An argument after them is the value of an unknown flag in front of it, or else
    // all from there on is the tests' own.
    let (mut in_packages, mut packages_done, mut after_unknown) = (false, false, false);
    while let Some(arg) = args.next() {
        let may_be_value = std::mem::take(&mut after_unknown);
        let name = arg.strip_prefix("--").or_else(|| arg.strip_prefix('-'));
        let Some(name) = name.filter(|n| !n.is_empty()) else {
            match packages_done && !in_packages {
                false if arg != "--" => {
                    out.packages.push(arg.clone());
                    (in_packages, packages_done) = (true, true);
                    continue;
                }
                true if may_be_value && arg != "--" => {
                    out.rest.push(arg.clone());
                    continue;
                }
                _ => {}
            }
            out.rest.push(arg.clone());
            out.rest.extend(args.cloned());
            break;
        };
        in_packages = false;
        let (full, given) = match name.split_once('=') {
            Some((n, v)) => (n, Some(v.to_string())),
            None => (name, None),
        };
        let name = full.strip_prefix("test.").unwrap_or(full);
        if name == "args" {
            out.rest.extend(args.cloned());
            break;
        }
        if matches!(name, "h" | "help") {
            return Err(Error::Help);
        }
        if name == "C" {
            let folder = given.as_ref().or(args.next()).map_or("", String::as_str);
            let text = "-C flag must be first flag on command line";
            return Err(Error::Usage(format!(
                "invalid value {folder:?} for flag -C: {text}"
            )));
        }
        let Some(spec) = spec(name) else {
            // A flag of the tests' own; what follows may be its value.
            packages_done = true;
            after_unknown = given.is_none();
            out.rest.push(arg.clone());
            continue;
        };
        let value = match given {
            Some(v) => v,
            None if spec.value => {
                let next = args.next().cloned();
                next.ok_or_else(|| Error::Usage(format!("flag needs an argument: -{full}")))?
            }
            None => "true".to_string(),
        };
        let of_build = name != "v" && buildflags::SPECS.iter().any(|s| s.name == name);
        if of_build || OWN.contains(&name) {
            out.json |= name == "json" && value != "false";
            out.own.push(format!("-{name}={value}"));
        } else {
            out.testing(name, value)?;
        }
    }
    Ok(out)
}

impl TestFlags {
    /// A profile that is asked for, if there is one.
    pub fn profile(&self) -> Option<&'static str> {
        let asked = |name: &&&'static str| self.profiles.contains(name);
        PROFILES.iter().find(asked).copied()
    }

    /// Take a flag of package testing.
    fn testing(&mut self, name: &str, value: String) -> Result<(), Error> {
        if let Some((_, what)) = REFUSED.iter().find(|(n, _)| *n == name)
            && !value.is_empty()
        {
            let text = format!("gort does not support {what} yet: -{name}");
            return Err(Error::Refused(text));
        }
        let wrong = NUMBERS.contains(&name) && value.parse::<i64>().is_err()
            || DURATIONS.contains(&name) && duration(&value).is_none();
        if wrong {
            let text = format!("invalid value {value:?} for flag -{name}: parse error");
            return Err(Error::Usage(text));
        }
        match name {
            "v" => self.verbose = value != "false",
            "bench" => self.bench = true,
            "fuzz" => self.fuzz = !value.is_empty(),
            "list" => self.list = true,
            profile if let Some(known) = PROFILES.iter().find(|p| **p == profile) => {
                self.profiles.retain(|p| p != known);
                self.profiles.extend((!value.is_empty()).then_some(*known));
            }
            "timeout" => {
                self.timeout = Some(value);
                return Ok(());
            }
            "vet" => {
                self.vet = vet_list(&value).map_err(Error::Usage)?;
                return Ok(());
            }
            _ => {}
        }
        let to = match self.rest.is_empty() {
            true => &mut self.pass,
            false => &mut self.rest,
        };
        to.push(format!("-test.{name}={value}"));
        Ok(())
    }
}

/// The checks that there are; some have two names.
const CHECKS: &[&str] = &[
    "appends",
    "asmdecl",
    "assign",
    "atomic",
    "bool",
    "bools",
    "buildtag",
    "buildtags",
    "cgocall",
    "composites",
    "copylocks",
    "defers",
    "directive",
    "errorsas",
    "framepointer",
    "hostport",
    "httpresponse",
    "ifaceassert",
    "loopclosure",
    "lostcancel",
    "methods",
    "nilfunc",
    "printf",
    "rangeloops",
    "shift",
    "sigchanyzer",
    "slog",
    "stdmethods",
    "stdversion",
    "stringintconv",
    "structtag",
    "testinggoroutine",
    "tests",
    "timeformat",
    "unmarshal",
    "unreachable",
    "unsafeptr",
    "unusedresult",
    "waitgroup",
];

/// What `-vet` asks for.
fn vet_list(value: &str) -> Result<Option<Vec<String>>, String> {
    let owned = |list: &[&str]| Some(list.iter().map(|c| c.to_string()).collect());
    if value.is_empty() {
        return Ok(owned(DEFAULT));
    }
    let list: Vec<&str> = value.split(',').collect();
    let single = list.iter().find(|c| matches!(**c, "off" | "all"));
    let unknown = list
        .iter()
        .find(|c| !CHECKS.contains(c) && !matches!(**c, "off" | "all"));
    let wrong = match (single, unknown) {
        _ if value.contains('=') => "-vet argument cannot contain equal signs".to_string(),
        _ if value.contains(' ') => {
            "-vet argument is comma-separated list, cannot contain spaces".to_string()
        }
        (_, Some(&"")) => "-vet argument contains empty list element".to_string(),
        (_, Some(name)) => format!(
            "-vet argument must be a supported analyzer or a distinguished value; found {name}"
        ),
        (Some(&"off"), _) if list.len() == 1 => return Ok(None),
        (Some(_), _) if list.len() == 1 => return Ok(owned(&[])),
        (Some(name), _) => {
            format!("-vet does not accept {name:?} in a list with other analyzers")
        }
        (None, None) => {
            let list: Vec<&str> = list.iter().map(|c| check_name(c)).collect();
            return Ok(owned(&list));
        }
    };
    Err(format!("invalid value {value:?} for flag -vet: {wrong}"))
}

/// The name of a check that may have been called by its older one.
fn check_name(name: &str) -> &str {
    match name {
        "bool" => "bools",
        "buildtags" => "buildtag",
        "methods" => "stdmethods",
        "rangeloops" => "loopclosure",
        name => name,
    }
}

/// Go's form of durations: `1h30m`, `2.5s`, `300ms`, `0`.
pub fn duration(text: &str) -> Option<Duration> {
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

/// A flag of builds, of the command, or of package testing.
fn spec(name: &str) -> Option<&'static Spec> {
    let mut all = SPECS.iter().chain(buildflags::SPECS);
    all.find(|s| s.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(args: &[&str]) -> TestFlags {
        let args: Vec<String> = args.iter().map(|s| s.to_string()).collect();
        parse(&[], &args).unwrap()
    }

    #[test]
    fn goes_to_the_right_place() {
        let f = run(&[
            "-short", "-v", "-run", "X", "p/...", "q", "-count=2", "-mine", "7",
        ]);
        assert_eq!(f.packages, ["p/...", "q"]);
        assert_eq!(
            f.pass,
            [
                "-test.short=true",
                "-test.v=true",
                "-test.run=X",
                "-test.count=2"
            ]
        );
        assert_eq!(f.rest, ["-mine", "7"]);
        assert!(f.verbose && !f.bench);
        let f = run(&["-mine", "7", "-v", "x", "-short"]);
        assert_eq!(f.rest, ["-mine", "7", "-test.v=true", "x", "-short"]);
        assert!(f.verbose && f.packages.is_empty());
        let f = run(&["-o", "x", "-c", "-test.bench=.", ".", "-args", "-v"]);
        assert_eq!(f.own, ["-o=x", "-c=true"]);
        assert_eq!(f.rest, ["-v"]);
        assert!(f.bench && !f.verbose);
    }

    #[test]
    fn refuses_what_it_cannot_do() {
        let refused = |arg: &str| parse(&[], &[arg.to_string()]).unwrap_err();
        let text = "gort does not support CPU profiles yet: -cpuprofile";
        assert_eq!(refused("-cpuprofile=x"), Error::Refused(text.into()));
        let text = "invalid value \"printf,off\" for flag -vet: -vet does not accept \"off\" in a list with other analyzers";
        assert_eq!(refused("-vet=printf,off"), Error::Usage(text.into()));
        assert_eq!(run(&["-vet=off"]).vet, None);
        assert_eq!(run(&["-vet=all"]).vet, Some(Vec::new()));
        assert_eq!(run(&["-vet=assign"]).vet, Some(vec!["assign".into()]));
        let text = "invalid value \"bad\" for flag -timeout: parse error";
        assert_eq!(refused("-timeout=bad"), Error::Usage(text.into()));
        assert!(run(&["-vet=off", "-n"]).pass.is_empty());
    }

    #[test]
    fn durations() {
        assert_eq!(duration("1h30m"), Some(Duration::from_secs(5400)));
        assert_eq!(duration("2.5s"), Some(Duration::from_millis(2500)));
        assert_eq!(duration("300ms"), Some(Duration::from_millis(300)));
        assert_eq!(duration("0"), Some(Duration::ZERO));
        assert_eq!(duration(""), None);
        assert_eq!(duration("5"), None);
    }
}
