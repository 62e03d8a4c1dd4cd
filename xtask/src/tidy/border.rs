//! The border between Go, assembly, Rust and the compiler: declarations without a body in the overlay and definitions
//! in the runtime against the table of natives, structs of the overlay against the table of layouts, and the names of
//! runtime functions in the compiler against what there is.

use super::golang::{self, Func};
use gort_abi::layouts::{LAYOUTS, SEMA_KINDS};
use gort_abi::natives::{self, Class, Kind, NATIVES};
use std::collections::HashSet;
use std::path::Path;

/// Bodies that are assembly in Go's own calling convention, or that other packages push.
const ELSEWHERE: &[&str] = &[
    "reflect.callSmall",
    "reflect.callLarge",
    "main.main",
    "internal/runtime/syscall/linux.Syscall6",
];

/// What GOROOT's internal/runtime/maps pushes into package runtime: the overlay need not have it.
const OF_MAPS: &[&str] = &[
    "mapaccess1",
    "mapaccess2",
    "mapassign",
    "mapdelete",
    "mapaccess1_fast32",
    "mapaccess1_fast64",
    "mapaccess1_faststr",
    "mapaccess2_fast32",
    "mapaccess2_fast64",
    "mapaccess2_faststr",
    "mapassign_fast32",
    "mapassign_fast64",
    "mapassign_fast64ptr",
    "mapassign_faststr",
    "mapdelete_fast32",
    "mapdelete_fast64",
    "mapdelete_faststr",
];

/// Symbols of package runtime that are no Go declaration: data and assembly.
const SYMBOLS: &[&str] = &["zerobase", "morestack", "morestack_noctxt", "lessstack"];

/// Check everything.
pub fn check(root: &Path, problems: &mut Vec<String>) {
    let funcs = golang::functions(root);
    go_side(&funcs, problems);
    rust_side(root, problems);
    layouts(root, problems);
    compiler(root, &funcs, problems);
}

fn go_side(funcs: &[Func], problems: &mut Vec<String>) {
    let bodies: HashSet<&str> = funcs
        .iter()
        .filter(|f| f.body)
        .map(|f| &*f.symbol)
        .collect();
    for f in funcs.iter().filter(|f| !f.body) {
        let Some(name) = f.symbol.strip_prefix("runtime.") else {
            continue; // pulled from another package, whose own business it is
        };
        if bodies.contains(&*f.symbol) || ELSEWHERE.contains(&&*f.symbol) || OF_MAPS.contains(&name)
        {
            continue;
        }
        let Some(native) = natives::find(name) else {
            problems.push(format!(
                "{}: no native {name} in gort-abi/src/natives.rs",
                f.place
            ));
            continue;
        };
        match f.classes() {
            None => problems.push(format!(
                "{}: a type of {name} that natives cannot take",
                f.place
            )),
            Some((params, results)) => {
                if params != native.params || results != native.results {
                    problems.push(format!(
                        "{}: {name} takes {params:?} and returns {results:?}, its table says {:?} and {:?}",
                        f.place, native.params, native.results
                    ));
                }
            }
        }
    }
}

/// Definitions `extern "C" fn rt_…` in the runtime.
fn rust_side(root: &Path, problems: &mut Vec<String>) {
    let mut defined = HashSet::new();
    for path in super::walk(&root.join("crates/gort-rt/src")) {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let shown = path
            .strip_prefix(root)
            .unwrap_or(&path)
            .display()
            .to_string();
        for part in text.split("extern \"C\" fn rt_").skip(1) {
            let Some(head) = part.split('{').next() else {
                continue;
            };
            let Some((name, rest)) = head.split_once('(') else {
                continue;
            };
            let name = format!("rt_{name}");
            let Some((params, results)) = rest.rsplit_once(')') else {
                continue;
            };
            let results = results.trim().trim_start_matches("->").trim();
            let mut found = false;
            for n in NATIVES.iter().filter(|n| n.rust == name) {
                found = true;
                let takes: Option<Vec<Class>> = params
                    .split(',')
                    .map(str::trim)
                    .filter(|p| !p.is_empty())
                    .map(|p| word(p.split_once(':')?.1.trim()))
                    .collect();
                let gives = out(results);
                let same = |a: Class, b: Class| a == b || width(a) == 8 && width(b) == 8;
                let wide = |rust: Class, table: Class| {
                    same(rust, table) || width(rust) == 8 && width(table) < 8
                };
                let fits = takes.as_ref().is_some_and(|t| {
                    t.len() == n.params.len() && t.iter().zip(n.params).all(|(&a, &b)| same(a, b))
                }) && gives.as_ref().is_some_and(|g| {
                    g.len() >= n.results.len() && g.iter().zip(n.results).all(|(&a, &b)| wide(a, b))
                });
                if !fits {
                    problems.push(format!(
                        "{shown}: {name}({params}) -> {results} does not fit native {} {:?} -> {:?}",
                        n.name, n.params, n.results
                    ));
                }
            }
            if !found {
                problems.push(format!("{shown}: {name} is no native's function"));
            }
            defined.insert(name);
        }
    }
    for n in NATIVES {
        if (n.kind == Kind::Direct) != (n.rust == "asm") {
            problems.push(format!("native {}: only direct ones are assembly", n.name));
        } else if n.kind != Kind::Direct && !defined.contains(n.rust) {
            problems.push(format!("native {}: the runtime has no {}", n.name, n.rust));
        }
    }
}

fn width(c: Class) -> usize {
    match c {
        Class::W64 | Class::Ptr => 8,
        Class::W32 => 4,
        Class::W16 => 2,
        Class::W8 => 1,
        Class::F32 | Class::F64 => 0,
    }
}

/// The class of a Rust parameter.
fn word(t: &str) -> Option<Class> {
    Some(match t {
        "usize" | "isize" | "u64" | "i64" => Class::W64,
        "u32" | "i32" => Class::W32,
        "u16" | "i16" => Class::W16,
        "u8" | "bool" => Class::W8,
        "f32" => Class::F32,
        "f64" => Class::F64,
        t if t.starts_with(['&', '*']) || t.starts_with("Option<&") => Class::Ptr,
        _ => return None,
    })
}

/// The classes of a Rust result.
fn out(t: &str) -> Option<Vec<Class>> {
    Some(match t {
        "" => vec![],
        // Never returns: whatever it should.
        "!" => vec![Class::W64; 2],
        "GoStr" | "PtrCap" | "Bytes" => vec![Class::Ptr, Class::W64],
        "Selected" | "Recv" => vec![Class::W64; 2],
        t => vec![word(t)?],
    })
}

fn layouts(root: &Path, problems: &mut Vec<String>) {
    for l in LAYOUTS {
        let Some(fields) = golang::fields(root, l.go) else {
            problems.push(format!(
                "goroot/runtime: no struct {} as gort-abi/src/layouts.rs has it",
                l.go
            ));
            continue;
        };
        let table: Vec<_> = l
            .fields
            .iter()
            .map(|f| (f.name.to_string(), f.offset, f.size))
            .collect();
        if fields != table {
            problems.push(format!(
                "goroot/runtime: struct {} is {fields:?}, its table says {table:?}",
                l.go
            ));
        }
    }
    let kinds = golang::constants(root, SEMA_KINDS[0]);
    if kinds != SEMA_KINDS {
        problems.push(format!(
            "goroot/runtime: the kinds of semaphores are {kinds:?}, gort-abi says {SEMA_KINDS:?}"
        ));
    }
}

/// Names in the compiler: `rt("name"`, `rt_noreturn("name"` and `"runtime.name"`.
fn compiler(root: &Path, funcs: &[Func], problems: &mut Vec<String>) {
    let there: HashSet<&str> = funcs
        .iter()
        .filter_map(|f| f.symbol.strip_prefix("runtime."))
        .chain(NATIVES.iter().map(|n| n.name))
        .chain(OF_MAPS.iter().chain(SYMBOLS).copied())
        .collect();
    let text = |p: &Path| std::fs::read_to_string(p).unwrap_or_default();
    let go: String = super::walk(&root.join("goroot/runtime"))
        .iter()
        .map(|p| text(p))
        .collect();
    for krate in ["gort-lower", "gort-ir", "gort-codegen"] {
        for path in super::walk(&root.join("crates").join(krate).join("src")) {
            let all = text(&path);
            // Unit tests make up names of their own.
            let code = all.split("#[cfg(test)]").next().unwrap_or("");
            let shown = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .display()
                .to_string();
            for mark in ["rt(\"", "rt_noreturn(\"", "\"runtime."] {
                for part in code.split(mark).skip(1) {
                    let Some(name) = part.split('"').next() else {
                        continue;
                    };
                    let plain =
                        !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
                    // Methods, types and variables are named, too.
                    let known = there.contains(name)
                        || go.contains(&format!("type {name} "))
                        || go.contains(&format!("var {name} "))
                        || go.contains(&format!("func {name}["));
                    if plain && !known {
                        problems.push(format!("{shown}: the runtime has no {name}"));
                    }
                }
            }
        }
    }
}
