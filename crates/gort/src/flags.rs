//! Command lines as Go's flag package reads them: `-name value`, `-name=value`, one or two dashes, booleans
//! without a value, everything after the first other argument is left alone. (Crates for command lines read
//! `-work` as `-w -o -r -k`.)

/// A flag that a command knows.
pub struct Spec {
    /// Its name, without dash.
    pub name: &'static str,
    /// Whether it takes a value.
    pub value: bool,
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
    Spec { name, value: false }
}

/// A flag with a value.
pub const fn value(name: &'static str) -> Spec {
    Spec { name, value: true }
}

/// Parse `args`; `anywhere` allows flags after other arguments too.
///
/// # Errors
/// In the words of Go's flag package.
pub fn parse(args: &[String], specs: &[Spec], anywhere: bool) -> Result<Parsed, String> {
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
            return Err(format!("flag provided but not defined: -{name}"));
        };
        let value = match (spec.value, given) {
            (false, None) => "true".to_string(),
            (_, Some(v)) => v,
            (true, None) => {
                let Some(v) = args.get(i) else {
                    return Err(format!("flag needs an argument: -{name}"));
                };
                i += 1;
                v.clone()
            }
        };
        if !spec.value && !matches!(value.as_str(), "true" | "false" | "1" | "0" | "t" | "f") {
            return Err(format!(
                "invalid boolean value {value:?} for -{name}: parse error"
            ));
        }
        parsed.flags.push((spec.name, value));
    }
    parsed
        .args
        .extend(args[i.min(args.len())..].iter().cloned());
    Ok(parsed)
}

impl Parsed {
    /// Whether a switch is on.
    pub fn on(&self, name: &str) -> bool {
        matches!(self.get(name), Some("true" | "1" | "t"))
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

    fn run(args: &[&str]) -> Result<Parsed, String> {
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
            "flag provided but not defined: -y"
        );
        assert_eq!(run(&["-o"]).unwrap_err(), "flag needs an argument: -o");
    }
}
