//! Which files the build constraints admit: `//go:build` and `// +build` lines, and the `_GOOS_GOARCH` endings of file
//! names, by the rules that `go help buildconstraint` and package go/build state.

use gort_syntax::constraint::Constraint;
use std::collections::BTreeSet;

/// Operating systems that a file name can end in.
const GOOS: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "wasip1",
    "windows",
    "zos",
];

/// Architectures that a file name can end in.
const GOARCH: &[&str] = &[
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "arm64",
    "arm64be",
    "armbe",
    "loong64",
    "mips",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "mipsle",
    "ppc",
    "ppc64",
    "ppc64le",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
];

/// The tags that hold for the files of a package.
#[derive(Clone, Debug, Default)]
pub struct Tags(pub BTreeSet<String>);

/// The goexperiments that are on in official Go 1.27 for linux/amd64.
const EXPERIMENTS: &[&str] = &[
    "regabiwrappers",
    "regabiargs",
    "dwarf5",
    "jsonv2",
    "greenteagc",
    "randomizedheapbase64",
    "sizespecializedmalloc",
];

/// Those that the library is compiled with: without those about gc's registers and assembly.
const LIBRARY_EXPERIMENTS: &[&str] = &[
    "greenteagc",
    "randomizedheapbase64",
    "sizespecializedmalloc",
    "jsonv2",
    "goroutineleakprofile",
];

/// Tags of the library alone: its portable bodies, and what gort's overlay has.
const LIBRARY: &[&str] = &[
    "amd64.v2",
    "purego",
    "math_big_pure_go",
    "netgo",
    "osusergo",
    "gort",
];

impl Tags {
    /// The tags of linux/amd64 as official Go has them without cgo, plus the user's.
    pub fn new(extra: &[String]) -> Tags {
        Tags::with(EXPERIMENTS, extra)
    }

    /// The tags for the files of the standard library.
    pub fn library(extra: &[String]) -> Tags {
        Tags::with(LIBRARY_EXPERIMENTS, extra).and(LIBRARY)
    }

    fn with(experiments: &[&str], extra: &[String]) -> Tags {
        let mut tags = Tags::default().and(&["linux", "unix", "amd64", "amd64.v1", "gc"]);
        let experiments = experiments.iter().map(|e| format!("goexperiment.{e}"));
        let releases = (1..=crate::gomod::NEWEST.1).map(|minor| format!("go1.{minor}"));
        tags.0.extend(experiments.chain(releases));
        tags.0.extend(extra.iter().cloned());
        tags
    }

    /// The same with more tags.
    pub fn and(&self, more: &[&str]) -> Tags {
        let more = more.iter().map(|t| t.to_string());
        Tags(self.0.iter().cloned().chain(more).collect())
    }

    /// Whether a file of this name may be used at all (`_test` is judged elsewhere).
    pub fn matches_name(&self, file: &str) -> bool {
        let stem = file.split('.').next().unwrap_or(file);
        let stem = stem.strip_suffix("_test").unwrap_or(stem);
        // A name without underscore is no constraint: linux.go is for all systems.
        let Some((_, rest)) = stem.split_once('_') else {
            return true;
        };
        let parts: Vec<&str> = rest.split('_').collect();
        match parts.as_slice() {
            [.., os, arch] if GOOS.contains(os) && GOARCH.contains(arch) => {
                self.holds(os) && self.holds(arch)
            }
            [.., one] if GOOS.contains(one) || GOARCH.contains(one) => self.holds(one),
            _ => true,
        }
    }

    /// Whether the constraints of a source are met: those of its `//go:build` line, or without one, all its `// +build`
    /// lines.
    ///
    /// # Errors
    /// In the words of go/build.
    pub fn matches_source(&self, source: &[u8]) -> Result<bool, String> {
        let header = header(source);
        let holds = |c: &Constraint| c.eval(&|tag| self.holds(tag));
        match header.go_build.as_slice() {
            [] => Ok(header.plus_build.iter().all(holds)),
            [Ok(c)] => Ok(holds(c)),
            [Err(e)] => Err(format!("parsing //go:build line: {e}")),
            _ => Err("multiple //go:build comments".into()),
        }
    }

    fn holds(&self, tag: &str) -> bool {
        self.0.contains(tag)
    }
}

/// The constraints of a source.
#[derive(Default)]
struct Header {
    go_build: Vec<Result<Constraint, String>>,
    plus_build: Vec<Constraint>,
}

/// Reads the comments before the package clause. `// +build` lines count only where a blank line follows them, before
/// anything but line comments.
fn header(source: &[u8]) -> Header {
    let mut header = Header::default();
    let text = match std::str::from_utf8(source) {
        Ok(text) => text,
        Err(e) => std::str::from_utf8(&source[..e.valid_up_to()]).unwrap_or(""),
    };
    let mut pending = Vec::new();
    let (mut comments_only, mut in_comment) = (true, false);
    for line in text.lines() {
        let mut line = line.trim();
        if line.is_empty() {
            if comments_only {
                header.plus_build.append(&mut pending);
            }
            continue;
        }
        comments_only &= line.starts_with("//");
        if !in_comment {
            header.go_build.extend(Constraint::parse(line));
        }
        if comments_only {
            pending.extend(Constraint::parse_plus(line));
        }
        loop {
            if in_comment {
                let Some(end) = line.find("*/") else { break };
                in_comment = false;
                line = line[end + 2..].trim_start();
            }
            match line.strip_prefix("/*") {
                Some(rest) => (in_comment, line) = (true, rest),
                None => break,
            }
        }
        if !in_comment && !line.is_empty() && !line.starts_with("//") {
            break;
        }
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let tags = Tags::new(&[]);
        for (name, want) in [
            ("linux.go", true),
            ("x_linux.go", true),
            ("x_windows.go", false),
            ("x_linux_amd64.go", true),
            ("x_linux_arm64.go", false),
            ("x_amd64_test.go", true),
            ("x_unix.go", true),
            ("arm.go", true),
            ("a_b_arm.go", false),
        ] {
            assert_eq!(tags.matches_name(name), want, "{name}");
        }
    }

    #[test]
    fn expressions() {
        let tags = Tags::new(&["mine".into()]);
        for (line, want) in [
            ("linux && !arm64", true),
            ("(windows || mine) && amd64", true),
            ("!(linux || windows)", false),
            ("go1.27 && !go1.28", true),
            ("ignore", false),
        ] {
            let source = format!("// c\n\n//go:build {line}\n\npackage p\n");
            assert_eq!(tags.matches_source(source.as_bytes()), Ok(want), "{line}");
        }
        assert_eq!(
            tags.matches_source(b"package p\n//go:build ignore\n"),
            Ok(true)
        );
    }

    #[test]
    fn old_form() {
        let tags = Tags::new(&[]);
        for (head, want) in [
            ("// +build windows\n\n", false),
            ("//+build linux,amd64 windows\n\n", true),
            ("// +build linux\n// +build !amd64\n\n", false),
            ("// +build windows\n", true),
            ("/* c */\n// +build windows\n\n", true),
            ("// +build ignore\n\n// Package p.\n", false),
            ("// +build windows\n\n//go:build linux\n\n", true),
            ("// +builds windows\n\n", true),
        ] {
            let source = format!("{head}package p\n");
            assert_eq!(tags.matches_source(source.as_bytes()), Ok(want), "{head}");
        }
    }

    #[test]
    fn the_library_has_tags_of_its_own() {
        let source = b"//go:build purego\n\npackage p\n";
        assert_eq!(Tags::new(&[]).matches_source(source), Ok(false));
        assert_eq!(Tags::library(&[]).matches_source(source), Ok(true));
    }
}
