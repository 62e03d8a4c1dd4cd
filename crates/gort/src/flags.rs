//! Command lines as Go's flag package reads them: `-name value`, `-name=value`, one or two dashes, booleans
//! without a value, everything after the first other argument is left alone. (Crates for command lines read
//! `-work` as `-w -o -r -k`.)

use std::process::ExitCode;

/// A flag that a command knows.
#[derive(Clone, Copy)]
pub struct Spec {
    /// Its name, without dash.
    pub name: &'static str,
    /// Whether it takes a value.
    pub value: bool,
    /// Whether it takes one behind `=` only, which need not be true or false.
    pub optional: bool,
}

/// Why a command line is not taken.
#[derive(PartialEq, Eq, Debug)]
pub enum Error {
    /// `-h`: only the usage is shown.
    Help,
    /// Not a command line of this command: shown with its usage.
    Usage(String),
    /// Something that gort cannot do.
    Refused(String),
}

impl Error {
    /// The error of a text: a wrong value is one of usage.
    pub fn of(text: String) -> Error {
        match text.starts_with("invalid value") {
            true => Error::Usage(text),
            false => Error::Refused(text),
        }
    }

    /// Print it, with the usage where that helps; the exit status.
    pub fn report(&self, usage: &str) -> ExitCode {
        match self {
            Error::Help => eprintln!("{usage}"),
            Error::Usage(e) => eprintln!("{e}\n{usage}"),
            Error::Refused(e) => eprintln!("{e}"),
        }
        ExitCode::from(if matches!(self, Error::Refused(_)) {
            1
        } else {
            2
        })
    }
}

/// A parsed command line.
#[derive(Debug, Default)]
pub struct Parsed {
    flags: Vec<(&'static str, String)>,
    /// Arguments after the flags.
    pub args: Vec<String>,
}

/// A flag without a value.
pub const fn switch(name: &'static str) -> Spec {
    Spec {
        name,
        value: false,
        optional: false,
    }
}

/// A flag with a value.
pub const fn value(name: &'static str) -> Spec {
    Spec {
        name,
        value: true,
        optional: false,
    }
}

/// Parse `args`; `anywhere` allows flags after other arguments too.
///
/// # Errors
/// In the words of Go's flag package.
pub fn parse(args: &[String], specs: &[Spec], anywhere: bool) -> Result<Parsed, Error> {
    let mut parsed = Parsed::default();
    let mut i = 0;
    while i < args.len() {
        let arg = &args[i];
        i += 1;
        let name = arg.strip_prefix("--").or_else(|| arg.strip_prefix('-'));
        let Some(name) = name.filter(|n| !n.is_empty() || arg == "--") else {
            parsed.args.push(arg.clone());
            if anywhere {
                continue;
            }
            break;
        };
        if arg == "--" {
            break;
        }
        let (name, given) = match name.split_once('=') {
            Some((n, v)) => (n, Some(v.to_string())),
            None => (name, None),
        };
        let Some(spec) = specs.iter().find(|s| s.name == name) else {
            let value = given.as_ref().or(args.get(i)).map_or("", String::as_str);
            let first = "-C flag must be first flag on command line";
            return Err(match name {
                "h" | "help" => Error::Help,
                "C" => usage(&format!("invalid value {value:?} for flag -C: {first}")),
                name => usage(&format!("flag provided but not defined: -{name}")),
            });
        };
        let value = match (spec.value, given) {
            (false, None) => "true".to_string(),
            (_, Some(v)) => v,
            (true, None) => {
                let Some(v) = args.get(i) else {
                    return Err(usage(&format!("flag needs an argument: -{name}")));
                };
                i += 1;
                v.clone()
            }
        };
        let boolean = matches!(value.as_str(), "true" | "false" | "1" | "0" | "t" | "f");
        if !spec.value && !spec.optional && !boolean {
            let text = format!("invalid boolean value {value:?} for -{name}: parse error");
            return Err(usage(&text));
        }
        parsed.flags.push((spec.name, value));
    }
    parsed
        .args
        .extend(args[i.min(args.len())..].iter().cloned());
    Ok(parsed)
}

fn usage(text: &str) -> Error {
    Error::Usage(text.to_string())
}

/// Words separated by space; one that starts with a quote goes to the next such quote.
///
/// # Errors
/// A quote without end.
pub fn words(text: &str) -> Result<Vec<String>, String> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let (word, tail) = if c == '"' || c == '\'' {
            let rest = &rest[1..];
            rest.split_once(c)
                .ok_or_else(|| format!("unterminated {c} string"))?
        } else {
            rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len()))
        };
        out.push(word.to_string());
        rest = tail.trim_start();
    }
    Ok(out)
}

impl Parsed {
    /// Whether a switch is on.
    pub fn on(&self, name: &str) -> bool {
        matches!(self.get(name), Some("true" | "1" | "t"))
    }

    /// The last of some flags, with its value.
    pub fn last_of(&self, names: &[&str]) -> Option<(&'static str, &str)> {
        let mut flags = self.flags.iter().rev();
        let (name, value) = flags.find(|(n, _)| names.contains(n))?;
        Some((name, value))
    }

    /// The last value of a flag.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.flags
            .iter()
            .rev()
            .find(|(n, _)| *n == name)
            .map(|(_, v)| v.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(args: &[&str]) -> Result<Parsed, Error> {
        let args: Vec<String> = args.iter().map(|s| s.to_string()).collect();
        parse(&args, &[value("o"), switch("x")], false)
    }

    #[test]
    fn forms() {
        let p = run(&["-o", "a", "--x", "main.go", "-x"]).unwrap();
        assert_eq!((p.get("o"), p.on("x")), (Some("a"), true));
        assert_eq!(p.args, ["main.go", "-x"]);
        let p = run(&["-o=a=b", "-x=false", "--", "-o"]).unwrap();
        assert_eq!((p.get("o"), p.on("x")), (Some("a=b"), false));
        assert_eq!(p.args, ["-o"]);
    }

    #[test]
    fn errors() {
        assert_eq!(
            run(&["-y"]).unwrap_err(),
            usage("flag provided but not defined: -y")
        );
        assert_eq!(
            run(&["-o"]).unwrap_err(),
            usage("flag needs an argument: -o")
        );
        assert_eq!(run(&["-h"]).unwrap_err(), Error::Help);
    }
}
