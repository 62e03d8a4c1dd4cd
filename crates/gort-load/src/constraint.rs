//! Build constraints: `//go:build` expressions and the `_GOOS_GOARCH` endings of file names.
//! The rules are those that `go help buildconstraint` states.

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

/// The tags that hold in a build.
#[derive(Clone, Debug, Default)]
pub struct Tags(pub BTreeSet<String>);

impl Tags {
    /// The tags of linux/amd64 under gort, plus the user's.
    pub fn new(extra: &[String]) -> Tags {
        let mut tags: BTreeSet<String> = [
            "linux",
            "unix",
            "amd64",
            "amd64.v1",
            "amd64.v2",
            "purego",
            "math_big_pure_go",
            "netgo",
            "osusergo",
            "gort",
            "gc",
        ]
        .map(String::from)
        .into();
        for experiment in EXPERIMENTS {
            tags.insert(format!("goexperiment.{experiment}"));
        }
        for minor in 1..=27 {
            tags.insert(format!("go1.{minor}"));
        }
        tags.extend(extra.iter().cloned());
        Tags(tags)
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

    /// Whether the `//go:build` line of the source, if any, is met.
    pub fn matches_source(&self, source: &[u8]) -> bool {
        build_line(source).is_none_or(|line| {
            Expr {
                text: line,
                at: 0,
                tags: self,
            }
            .or()
        })
    }

    fn holds(&self, tag: &str) -> bool {
        self.0.contains(tag)
    }
}

/// The goexperiments that are on in official Go 1.27 for linux/amd64, less those about gc's registers and assembly.
const EXPERIMENTS: &[&str] = &[
    "greenteagc",
    "randomizedheapbase64",
    "sizespecializedmalloc",
    "jsonv2",
    "goroutineleakprofile",
];

/// The text after `//go:build` in the lines before the package clause.
pub fn build_line(source: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(source).ok().or_else(|| {
        let ok = std::str::from_utf8(source).unwrap_err().valid_up_to();
        std::str::from_utf8(&source[..ok]).ok()
    })?;
    let mut in_comment = false;
    for line in text.lines() {
        let line = line.trim();
        if in_comment {
            in_comment = !line.contains("*/");
            continue;
        }
        if let Some(rest) = line.strip_prefix("//go:build")
            && rest.starts_with([' ', '\t'])
        {
            return Some(rest.trim());
        }
        if line.is_empty() || line.starts_with("//") {
            continue;
        }
        if line.starts_with("/*") {
            in_comment = !line.contains("*/");
            continue;
        }
        break;
    }
    None
}

struct Expr<'a> {
    text: &'a str,
    at: usize,
    tags: &'a Tags,
}

impl Expr<'_> {
    fn or(&mut self) -> bool {
        let mut v = self.and();
        while self.eat("||") {
            v |= self.and();
        }
        v
    }

    fn and(&mut self) -> bool {
        let mut v = self.not();
        while self.eat("&&") {
            v &= self.not();
        }
        v
    }

    fn not(&mut self) -> bool {
        if self.eat("!") {
            return !self.not();
        }
        if self.eat("(") {
            let v = self.or();
            self.eat(")");
            return v;
        }
        self.skip_blanks();
        let rest = &self.text[self.at..];
        let end = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
            .unwrap_or(rest.len());
        let tag = &rest[..end];
        self.at += end;
        self.tags.holds(tag)
    }

    fn eat(&mut self, token: &str) -> bool {
        self.skip_blanks();
        let found = self.text[self.at..].starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn skip_blanks(&mut self) {
        self.at = self.text.len() - self.text[self.at..].trim_start().len();
    }
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
            assert_eq!(tags.matches_source(source.as_bytes()), want, "{line}");
        }
        assert!(tags.matches_source(b"package p\n//go:build ignore\n"));
    }
}
