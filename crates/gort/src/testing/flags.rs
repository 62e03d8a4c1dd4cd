//! The command line of `gort test`: build flags, flags of the test executable (with or without `test.` in front),
//! packages, and what is passed on.

use crate::cmd::build;

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
    /// Whether tests are listed only.
    pub list: bool,
    /// `-timeout`, if given.
    pub timeout: Option<String>,
}

/// Flags of package testing without value.
const SWITCHES: &[&str] = &["benchmem", "failfast", "fullpath", "short", "artifacts"];

/// Flags of package testing with a value.
const VALUES: &[&str] = &[
    "bench",
    "benchtime",
    "blockprofile",
    "blockprofilerate",
    "count",
    "cpu",
    "cpuprofile",
    "fuzz",
    "fuzzminimizetime",
    "fuzztime",
    "list",
    "memprofile",
    "memprofilerate",
    "mutexprofile",
    "mutexprofilefraction",
    "outputdir",
    "parallel",
    "run",
    "shuffle",
    "skip",
    "timeout",
    "trace",
];

/// Flags of `gort test` itself: name, and whether it has a value.
pub const OWN: &[(&str, bool)] = &[("c", false), ("exec", true), ("vet", true), ("p", true)];

/// Flags that gort knows and refuses, with the reason.
const REFUSED: &[(&str, &str)] = &[
    ("cover", "coverage"),
    ("covermode", "coverage"),
    ("coverpkg", "coverage"),
    ("coverprofile", "coverage"),
    ("race", "the race detector"),
    ("msan", "the memory sanitizer"),
    ("asan", "the address sanitizer"),
];

/// Parse `args`.
///
/// # Errors
/// A flag without its value, or one that gort refuses.
pub fn parse(args: &[String]) -> Result<TestFlags, String> {
    let mut out = TestFlags::default();
    let mut args = args.iter();
    let mut packages_done = false;
    while let Some(arg) = args.next() {
        let name = arg.strip_prefix("--").or_else(|| arg.strip_prefix('-'));
        let Some(name) = name.filter(|n| !n.is_empty()) else {
            if packages_done {
                out.rest.push(arg.clone());
                out.rest.extend(args.cloned());
                break;
            }
            out.packages.push(arg.clone());
            continue;
        };
        let (full, given) = match name.split_once('=') {
            Some((n, v)) => (n, Some(v.to_string())),
            None => (name, None),
        };
        let name = full.strip_prefix("test.").unwrap_or(full);
        packages_done = packages_done || !out.packages.is_empty();
        if name == "args" {
            out.rest.extend(args.cloned());
            break;
        }
        if let Some((_, what)) = REFUSED.iter().find(|(n, _)| *n == name)
            && given.as_deref() != Some("false")
        {
            return Err(format!("gort does not support {what} yet: -{name}"));
        }
        let mut value = || match &given {
            Some(v) => Ok(v.clone()),
            None => {
                let next = args.next().cloned();
                next.ok_or_else(|| format!("flag needs an argument: -{full}"))
            }
        };
        if name == "v" {
            let value = given.clone().unwrap_or("true".into());
            out.verbose = value != "false";
            out.pass.push(format!("-test.v={value}"));
        } else if name == "json" {
            out.json = given.as_deref() != Some("false");
        } else if SWITCHES.contains(&name) {
            let value = given.clone().unwrap_or("true".into());
            out.pass.push(format!("-test.{name}={value}"));
        } else if VALUES.contains(&name) {
            let value = value()?;
            match name {
                "bench" => out.bench = true,
                "list" => out.list = true,
                "timeout" => out.timeout = Some(value.clone()),
                "fuzz" if !value.is_empty() => {
                    return Err(
                        "gort does not support fuzzing beyond the seed corpus yet: -fuzz".into(),
                    );
                }
                _ => {}
            }
            if name != "timeout" {
                out.pass.push(format!("-test.{name}={value}"));
            }
        } else if let Some(takes) = own(name) {
            match given {
                Some(v) => out.own.push(format!("-{name}={v}")),
                None if takes => out.own.push(format!("-{name}={}", value()?)),
                None => out.own.push(format!("-{name}")),
            }
        } else {
            // A flag of the tests' own. Whether the next argument is its value is not known: go stops here too.
            out.rest.push(arg.clone());
            out.rest.extend(args.cloned());
            break;
        }
    }
    Ok(out)
}

/// Whether a flag of the command itself takes a value; `None` if there is no such flag.
fn own(name: &str) -> Option<bool> {
    let spec = build::SPECS.iter().find(|s| s.name == name);
    spec.map(|s| s.value)
        .or_else(|| OWN.iter().find(|(n, _)| *n == name).map(|(_, v)| *v))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(args: &[&str]) -> TestFlags {
        let args: Vec<String> = args.iter().map(|s| s.to_string()).collect();
        parse(&args).unwrap()
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
        let f = run(&["-o", "x", "-c", "-test.bench=.", ".", "-args", "-v"]);
        assert_eq!(f.own, ["-o=x", "-c"]);
        assert_eq!(f.rest, ["-v"]);
        assert!(f.bench && !f.verbose);
    }

    #[test]
    fn refuses_what_it_cannot_do() {
        let refused = parse(&["-race".to_string()]).unwrap_err();
        assert_eq!(
            refused,
            "gort does not support the race detector yet: -race"
        );
        assert!(parse(&["-cover=false".to_string()]).is_ok());
    }
}
