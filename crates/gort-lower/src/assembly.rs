//! Functions of packages whose bodies are assembly in the runtime, in Go's own calling convention, and the
//! functions of reflect that stand between a call and the code it means. Also those that must not be split, and the
//! functions of modules in assembly whose work the library can do.

/// A function that the runtime has in assembly.
pub struct Assembly {
    /// Its symbol.
    pub symbol: &'static str,
    /// The Go function that it calls, in the same package.
    pub enters: Option<&'static str>,
}

const fn plain(symbol: &'static str) -> Assembly {
    Assembly {
        symbol,
        enters: None,
    }
}

const ASSEMBLY: &[Assembly] = &[
    plain("internal/runtime/syscall/linux.Syscall6"),
    plain("syscall.rawVforkSyscall"),
    plain("reflect.callSmall"),
    plain("reflect.callLarge"),
    Assembly {
        symbol: "reflect.makeFuncStub",
        enters: Some("makeFuncCall"),
    },
    Assembly {
        symbol: "reflect.methodValueCall",
        enters: Some("methodCall"),
    },
];

/// The assembly behind a symbol.
pub fn find(symbol: &str) -> Option<&'static Assembly> {
    ASSEMBLY.iter().find(|a| a.symbol == symbol)
}

/// Functions of well-known modules whose bodies are assembly, by the end of their package's path (modules are copied
/// into `vendor/` folders), and the functions of the library that do the same.
const MODULES: &[(&str, &[(&str, &str)])] = &[
    (
        "golang.org/x/sys/unix",
        &[
            ("Syscall", "syscall.Syscall"),
            ("Syscall6", "syscall.Syscall6"),
            ("RawSyscall", "syscall.RawSyscall"),
            ("RawSyscall6", "syscall.RawSyscall6"),
            ("SyscallNoError", "runtime.open_SyscallNoError"),
            ("RawSyscallNoError", "syscall.rawSyscallNoError"),
            ("gettimeofday", "syscall.gettimeofday"),
        ],
    ),
    (
        "golang.org/x/sys/cpu",
        &[
            ("cpuid", "runtime.open_cpuid"),
            ("xgetbv", "runtime.open_xgetbv"),
        ],
    ),
];

/// Whether the library has the bodies of a package's functions in assembly.
pub fn is_known_module(path: &str) -> bool {
    functions(path).is_some()
}

/// The function of the library that does what a function in a module's assembly does.
pub fn of_module(symbol: &str) -> Option<&'static str> {
    let (path, name) = crate::linkname::split(symbol)?;
    let found = functions(path)?.iter().find(|(n, _)| *n == name);
    found.map(|(_, target)| *target)
}

fn functions(path: &str) -> Option<&'static [(&'static str, &'static str)]> {
    let is = |end: &str| {
        path.strip_suffix(end)
            .is_some_and(|p| p.is_empty() || p.ends_with('/'))
    };
    MODULES
        .iter()
        .find(|(end, _)| is(end))
        .map(|(_, list)| *list)
}

/// Whether a function only passes a call on: recover looks through it, tracebacks leave it out.
pub fn passes_on(symbol: &str) -> bool {
    matches!(
        symbol,
        "reflect.callReflect"
            | "reflect.callMethod"
            | "runtime.reflectcall"
            | "reflect.makeFuncCall"
            | "reflect.methodCall"
    )
}

/// Whether `//go:nosplit` is a need and not a wish: what runs between `entersyscall` and `exitsyscall`, where no P is
/// there to schedule if the check finds a preemption request.
///
/// Everywhere else the pragma changes nothing here. In official Go it saves the check and with it a point at which
/// the goroutine may be stopped; but the linker proves that the frames of a chain of such functions fit below the guard,
/// and below ours is only room for a small one.
pub fn unsplit(symbol: &str) -> bool {
    matches!(symbol, "syscall.RawSyscall" | "syscall.RawSyscall6")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_known_by_the_end_of_their_path() {
        let call = Some("syscall.Syscall");
        assert_eq!(of_module("golang.org/x/sys/unix.Syscall"), call);
        assert_eq!(of_module("cmd/vendor/golang.org/x/sys/unix.Syscall"), call);
        assert_eq!(of_module("notgolang.org/x/sys/unix.Syscall"), None);
        assert_eq!(of_module("golang.org/x/sys/unix.Getpid"), None);
        assert!(is_known_module("vendor/golang.org/x/sys/cpu"));
    }
}
