//! Functions of packages whose bodies are assembly in the runtime, in Go's own calling convention, and the
//! functions of reflect that stand between a call and the code it means.

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
