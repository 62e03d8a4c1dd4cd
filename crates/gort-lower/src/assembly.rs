//! Functions of packages whose bodies are assembly in the runtime, in Go's own calling convention, and the
//! functions of reflect that stand between a call and the code it means. Also those that must not be split. Assembly of
//! modules is another matter: `abi0.rs`.

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
