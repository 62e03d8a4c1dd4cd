//! Which symbols of the standard library other modules may take by `//go:linkname`, as official Go's linker has it: those
//! that a directive in the library marks or pushes for all, less some that are pushed for one package only.
//!
//! Official Go keeps the marks in its object files. gort's package runtime is its own and says nothing of what official
//! Go's keeps open, so the marks are read from the sources in GOROOT: only where a module takes something, which is rare.

use crate::files::{self, Which};
use crate::loaded::Loaded;
use gort_syntax::ast::{Decl, File};
use std::path::Path;

/// Symbols that the library pushes from one of its packages to another, and to nobody else: path, names.
const CLOSED: &[(&str, &str)] = &[
    ("crypto/fips140", "isBypassed setBypass unsetBypass"),
    ("crypto/internal/fips140", "fatal getIndicator setIndicator"),
    ("crypto/internal/rand", "SetTestingReader"),
    ("crypto/internal/sysrand", "fatal"),
    ("crypto/rand", "fatal"),
    ("crypto/subtle", "setDITEnabled setDITDisabled"),
    (
        "internal/cpu",
        "riscvHWProbe sysctlbynameBytes sysctlbynameInt32",
    ),
    ("internal/runtime/cgroup", "throw"),
    (
        "internal/runtime/maps",
        "errNilAssign fatal newarray newobject rand typedmemclr typedmemmove typeString",
    ),
    (
        "internal/sync",
        "fatal throw runtime_canSpin runtime_doSpin runtime_nanotime runtime_Semrelease runtime_SemacquireMutex",
    ),
    (
        "internal/synctest",
        "Run Wait acquire release inBubble IsInBubble associate disassociate isAssociated",
    ),
    ("net", "newWindowsFile"),
    (
        "runtime",
        "addmoduledata getStaticuint64s mapaccess1 mapaccess1_fast32 mapaccess1_fast64 mapaccess1_faststr mapdelete_fast32 mapdelete_fast64 mapdelete_faststr pprof_goroutineLeakProfileWithLabels",
    ),
    (
        "runtime/pprof",
        "runtime_goroutineLeakGC runtime_goroutineleakcount",
    ),
    (
        "runtime/secret",
        "appendSignalStacks count dec eraseSecrets getStack inc",
    ),
    (
        "runtime/trace",
        "runtime_readTrace runtime_traceClockUnitsPerSecond",
    ),
    ("sync", "runtime_SemacquireWaitGroup"),
    ("syscall", "rawsyscalln runtimeClearenv syscalln"),
    ("testing", "checkParallel"),
    ("testing/synctest", "testingSynctestTest"),
    ("time", "runtimeNow runtimeNano runtimeIsBubbled"),
    ("unique", "runtime_blockUntilEmptyCleanupQueue"),
];

/// Whether a package outside of the library may take a symbol. What nobody defines is not refused here.
pub fn is_open(loaded: &Loaded, goroot: Option<&Path>, symbol: &str) -> bool {
    let start = symbol.rfind('/').map_or(0, |i| i + 1);
    let Some(dot) = symbol[start..].find('.') else {
        return true;
    };
    let (path, name) = (&symbol[..start + dot], &symbol[start + dot + 1..]);
    let closed = CLOSED.iter().find(|(p, _)| *p == path);
    if closed.is_some_and(|(_, names)| names.split(' ').any(|n| n == name)) {
        return false;
    }
    let own = loaded.packages.iter().find(|p| p.path == path);
    let (Some(own), Some(goroot)) = (own.filter(|p| p.standard), goroot) else {
        return true;
    };
    let pushed = loaded.packages.iter().filter(|p| p.standard);
    if pushed.flat_map(|p| p.files).any(|f| pushes(f, symbol)) {
        return true;
    }
    let mut defined = own.files.iter().any(|f| declares(f, name));
    for folder in [path, "runtime"] {
        for text in sources(&goroot.join("src").join(folder)) {
            if marks(&text, symbol, name, folder == path) {
                return true;
            }
            defined |= folder == path && declares_text(&text, name);
        }
    }
    !defined
}

/// Whether a function with a body or a variable of a file is put under a symbol.
fn pushes(file: &File<'_>, symbol: &str) -> bool {
    let mut lines = file.directives.iter().map(|d| d.1);
    lines.any(|text| {
        let mut words = text.split_whitespace();
        let verb = words.next();
        let local = words.next().unwrap_or("");
        verb == Some("go:linkname") && words.next() == Some(symbol) && defines(file, local)
    })
}

fn defines(file: &File<'_>, name: &str) -> bool {
    file.decls.iter().any(|d| match d {
        Decl::Func(f) => f.recv.is_none() && f.name.name.as_str() == name && f.has_body(),
        _ => false,
    })
}

fn declares(file: &File<'_>, name: &str) -> bool {
    file.decls.iter().any(|d| match d {
        Decl::Func(f) => f.recv.is_none() && f.name.name.as_str() == name,
        Decl::Var(v) => v.names.iter().any(|n| n.name.as_str() == name),
        _ => false,
    })
}

/// The Go files of a folder, without tests.
fn sources(dir: &Path) -> Vec<String> {
    let entries = files::entries(dir, Which::Sources).unwrap_or_default();
    let names = entries.into_iter().map(|e| e.name);
    let names = names.filter(|n| n.ends_with(".go") && !n.ends_with("_test.go"));
    names
        .filter_map(|n| files::read_to_string(&dir.join(n)).ok())
        .collect()
}

/// Whether a source has a directive that opens a symbol: in its own package one that marks the name or gives it to
/// something else; in another, one that gives it to a function with a body.
fn marks(text: &str, symbol: &str, name: &str, own: bool) -> bool {
    let mut lines = text
        .lines()
        .filter_map(|l| l.strip_prefix("//go:linkname "));
    lines.any(|l| {
        let mut words = l.split_whitespace();
        let local = words.next().unwrap_or("");
        match words.next() {
            None => own && local == name,
            Some(target) => target == symbol && (own || has_body(text, local)),
        }
    })
}

fn has_body(text: &str, name: &str) -> bool {
    let start = format!("func {name}(");
    text.lines()
        .any(|l| l.starts_with(&start) && l.contains('{'))
}

fn declares_text(text: &str, name: &str) -> bool {
    let start = [format!("func {name}("), format!("var {name} ")];
    text.lines().any(|l| start.iter().any(|s| l.starts_with(s)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_opens_a_symbol() {
        let text = "//go:linkname a\nfunc a()\n//go:linkname b other.b\nfunc b() {}\n//go:linkname c other.c\nfunc c()\n//go:linknamestd d\n";
        assert!(marks(text, "own.a", "a", true));
        assert!(!marks(text, "other.a", "a", false));
        assert!(marks(text, "other.b", "b", false));
        assert!(!marks(text, "other.c", "c", false));
        assert!(!marks(text, "own.d", "d", true));
    }

    #[test]
    fn what_is_closed_stays_so() {
        let loaded = Loaded::default();
        assert!(!is_open(&loaded, None, "sync.runtime_SemacquireWaitGroup"));
        assert!(is_open(&loaded, None, "example.com/m.f"));
    }
}
