//! The flags that build, run and test share, all of those that `go help build` names: what gort does with each, and which
//! values it refuses by name. None is accepted and then forgotten.

use crate::cover::Cover;
use crate::flags::{Parsed, Spec, switch, value, words};
use crate::front;
use crate::pipeline::{AssemblerFlags, BuildFlags, Strip};
use crate::progress;
use gort_ir::passes::{self, Pass};

/// The flags.
pub const SPECS: &[Spec] = &[
    value("o"),
    switch("a"),
    switch("n"),
    value("p"),
    switch("race"),
    switch("msan"),
    switch("asan"),
    switch("cover"),
    value("covermode"),
    value("coverpkg"),
    switch("v"),
    switch("work"),
    switch("x"),
    switch("e"),
    switch("json"),
    value("asmflags"),
    value("buildmode"),
    optional("buildvcs"),
    value("compiler"),
    value("gccgoflags"),
    value("gcflags"),
    value("installsuffix"),
    value("ldflags"),
    switch("linkshared"),
    value("mod"),
    switch("modcacherw"),
    value("modfile"),
    value("overlay"),
    value("pgo"),
    value("pkgdir"),
    value("tags"),
    switch("trimpath"),
    value("toolexec"),
    // gort's own
    value("dump-ir"),
    value("passes-off"),
    switch("timings"),
];

/// What gort does not have, whatever the value but false or nothing.
const REFUSED: &[(&str, &str)] = &[
    ("race", "the race detector"),
    ("msan", "the memory sanitizer"),
    ("asan", "the address sanitizer"),
    ("gccgoflags", "gccgo"),
    ("linkshared", "shared libraries"),
    ("overlay", "overlays of source files"),
    ("pkgdir", "folders of installed packages"),
    ("toolexec", "wrappers of tools"),
];

/// Flags of which gort has some values only. Without shared libraries, a profile or a stamp these say what gort
/// does in any case; so does `-installsuffix`, since no packages are installed.
const VALUES: &[(&str, &[&str], &str)] = &[
    (
        "buildmode",
        &["exe", "default"],
        "build modes other than exe",
    ),
    (
        "buildvcs",
        &["false", "auto"],
        "stamping version control information",
    ),
    ("compiler", &["gc"], "other compilers"),
    ("pgo", &["off", "auto"], "profile-guided optimization"),
];

/// Compiler flags that change nothing that a program can see: how fast it is, how fast it is compiled.
const COMPILER: &[&str] = &["-N", "-l", "-dwarf", "-nolocalimports", "-w"];

/// A switch with a value of more than two kinds.
const fn optional(name: &'static str) -> Spec {
    Spec {
        optional: true,
        ..switch(name)
    }
}

/// The build flags of a command line.
///
/// # Errors
/// What gort does not have.
pub fn build_flags(parsed: &Parsed) -> Result<BuildFlags, String> {
    refuse(parsed)?;
    if let Some(tags) = parsed.get("tags")
        && tags.contains(',')
        && tags.contains([' ', '\t'])
    {
        return Err("go: -tags space-separated list contains comma".into());
    }
    front::set_module_flags(parsed);
    front::start_workers(parsed.get("p"))?;
    progress::start();
    if ["x", "n", "v", "work", "json", "timings"]
        .iter()
        .any(|f| parsed.on(f))
    {
        progress::off();
    }
    let list = |flag| {
        let names = parsed.get(flag).unwrap_or("").split([',', ' ']);
        names.filter(|n| !n.is_empty()).map(String::from).collect()
    };
    let link = link_flags(parsed.get("ldflags").unwrap_or(""))?;
    let assembler = assembler_flags(parsed.get("asmflags").unwrap_or(""))?;
    let all_errors = compiler_flags(parsed.get("gcflags").unwrap_or(""))?;
    let passes_off: Vec<String> = list("passes-off");
    if let Some(unknown) = passes_off.iter().find(|n| Pass::named(n).is_none()) {
        let known: Vec<&str> = passes::all().map(|p| p.name).collect();
        let known = known.join(" ");
        return Err(format!(
            "-passes-off: there is no pass {unknown}; there are {known}"
        ));
    }
    Ok(BuildFlags {
        variables: link.variables,
        strip: link.strip,
        check_linkname: link.check_linkname,
        trimpath: parsed.on("trimpath"),
        x: parsed.on("x") || parsed.on("n"),
        n: parsed.on("n"),
        all: parsed.on("a"),
        json: parsed.on("json"),
        work: parsed.on("work"),
        v: parsed.on("v"),
        timings: parsed.on("timings"),
        e: parsed.on("e") || all_errors,
        tags: list("tags"),
        dump_ir: parsed.get("dump-ir").map(String::from),
        assembler,
        vet: None,
        cover: Cover::of(parsed)?,
        passes_off,
    })
}

fn refuse(parsed: &Parsed) -> Result<(), String> {
    for (name, what) in REFUSED {
        if parsed
            .get(name)
            .is_some_and(|v| !matches!(v, "" | "false" | "0" | "f"))
        {
            return Err(format!("gort does not support {what} yet: -{name}"));
        }
    }
    for (name, values, what) in VALUES {
        if let Some(v) = parsed.get(name)
            && !values.contains(&v)
        {
            return Err(format!("gort does not support {what} yet: -{name}={v}"));
        }
    }
    Ok(())
}

/// Whether the compiler flags ask for all errors; a pattern of packages may stand in front. All but those that change
/// nothing are refused.
fn compiler_flags(text: &str) -> Result<bool, String> {
    let mut all_errors = false;
    for word in words(without_pattern(text))? {
        let flag = word
            .strip_prefix('-')
            .map(|f| format!("-{}", f.trim_start_matches('-')));
        let flag = flag.as_deref().unwrap_or(&word);
        let name = flag.split('=').next().unwrap_or(flag);
        match name {
            "-e" => all_errors = !flag.ends_with("=false") && !flag.ends_with("=0"),
            "-c" | "-d"
                if matches!(flag, "-d=checkptr=0") || name == "-c" && flag.contains('=') => {}
            _ if COMPILER.contains(&name) => {}
            _ => return Err(format!("gort does not support the compiler flag {word:?}")),
        }
    }
    Ok(all_errors)
}

/// The flags for the assembler: those for the named packages, or behind `all=` for all.
fn assembler_flags(text: &str) -> Result<AssemblerFlags, String> {
    let flags = without_pattern(text);
    let pattern = text.strip_suffix(flags).unwrap_or("");
    if !matches!(pattern, "" | "all=") {
        return Err(format!(
            "gort does not support -asmflags for the packages of a pattern: {pattern}"
        ));
    }
    Ok(AssemblerFlags {
        all: !pattern.is_empty(),
        words: words(flags)?,
    })
}

/// Flags for a tool, without the pattern of packages that may stand before them.
fn without_pattern(text: &str) -> &str {
    match text.split_once('=') {
        Some((pattern, flags)) if !pattern.starts_with(['-', '"', '\'']) => flags,
        _ => text,
    }
}

/// What the linker's flags say.
struct LinkFlags {
    /// `-X package.name=value`
    variables: Vec<(String, String)>,
    /// `-s` and `-w`
    strip: Strip,
    /// `-checklinkname`
    check_linkname: bool,
}

/// The linker flags. Words may be quoted.
fn link_flags(text: &str) -> Result<LinkFlags, String> {
    let mut out = LinkFlags {
        variables: Vec::new(),
        strip: Strip::default(),
        check_linkname: true,
    };
    let mut words = words(without_pattern(text))?.into_iter();
    while let Some(word) = words.next() {
        let flag = word.strip_prefix("--").or(word.strip_prefix('-'));
        let definition = match flag {
            // Executables are static, without an external linker, and have no build ID of Go's kind.
            Some("buildid=" | "linkmode=internal" | "linkmode=auto") => continue,
            Some("extldflags") => {
                words.next().ok_or("flag needs an argument: -extldflags")?;
                continue;
            }
            Some(f) if f.starts_with("extldflags=") => continue,
            Some("s" | "s=1" | "s=true") => {
                out.strip = Strip {
                    debug: true,
                    symbols: true,
                };
                continue;
            }
            Some("w" | "w=1" | "w=true") => {
                out.strip.debug = true;
                continue;
            }
            Some("w=0" | "w=false") => {
                out.strip.debug = false;
                continue;
            }
            Some("checklinkname" | "checklinkname=1" | "checklinkname=true") => continue,
            Some("checklinkname=0" | "checklinkname=false") => {
                out.check_linkname = false;
                continue;
            }
            Some("X") => words.next().ok_or("flag needs an argument: -X")?,
            Some(f) if f.starts_with("X=") => f[2..].to_string(),
            _ => return Err(format!("gort does not support the linker flag {word:?}")),
        };
        let parts = definition.split_once('=').and_then(|(name, value)| {
            name.rfind('.').filter(|&dot| dot > 0)?;
            Some((name.to_string(), value.to_string()))
        });
        out.variables.push(parts.ok_or_else(|| {
            format!(
                "-X flag requires argument of the form importpath.name=value, not {definition:?}"
            )
        })?);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flags::parse;

    fn flags(args: &[&str]) -> Result<BuildFlags, String> {
        let args: Vec<String> = args.iter().map(|s| s.to_string()).collect();
        build_flags(&parse(&args, SPECS, false).map_err(|e| format!("{e:?}"))?)
    }

    #[test]
    fn what_changes_nothing_is_accepted() {
        let args = [
            "-a",
            "-buildvcs=false",
            "-buildmode=exe",
            "-compiler",
            "gc",
            "-pgo=off",
            "-race=false",
        ];
        assert!(flags(&args).is_ok());
        assert!(flags(&["-gcflags=all=-N -l"]).is_ok_and(|f| !f.e));
        assert!(flags(&["-gcflags", "-e"]).is_ok_and(|f| f.e));
        let asm = flags(&["-asmflags=all=-D X=1"]).unwrap().assembler;
        assert!(asm.all && asm.words == ["-D", "X=1"]);
        let asm = flags(&["-asmflags=-D=X=1"]).unwrap().assembler;
        assert!(!asm.all && asm.words == ["-D=X=1"]);
        let link = "-ldflags=all=-s -w -buildid= -extldflags '-static' -X main.a=b";
        assert!(flags(&[link]).is_ok_and(|f| f.strip.symbols && f.variables.len() == 1));
    }

    #[test]
    fn the_rest_is_refused_by_name() {
        for (arg, text) in [
            (
                "-race",
                "gort does not support the race detector yet: -race",
            ),
            (
                "-buildmode=pie",
                "gort does not support build modes other than exe yet: -buildmode=pie",
            ),
            (
                "-buildvcs",
                "gort does not support stamping version control information yet: -buildvcs=true",
            ),
            (
                "-gcflags=-B",
                "gort does not support the compiler flag \"-B\"",
            ),
            (
                "-ldflags=-linkmode=external",
                "gort does not support the linker flag \"-linkmode=external\"",
            ),
        ] {
            assert_eq!(flags(&[arg]).err().as_deref(), Some(text));
        }
    }
}
