//! The files in `tests/ir`: IR text with directives in comments.
//!
//! `; test run` or `; test verify` says what the file is for. Every file must come back the same when printed
//! and read again. In `run` files each `; run FUNCTION(ARGUMENTS) -> RESULT` (or `faults KIND`) is done by
//! the interpreter and by machine code; `; checks FUNCTION COUNT` says how many bounds checks the passes leave,
//! `; left INSTRUCTION FUNCTION COUNT` how many instructions of any kind, and `; inlined FUNCTION NAME…`
//! which calls they have inlined; `; kept ROOT SYMBOL…` and `; gone ROOT SYMBOL…` which functions and data they keep and
//! drop if only the root is needed from outside. In `verify` files the `; error` lines are the verifier's problems.

mod support;

use gort_ir::func::LocData;
use gort_ir::interp::{Fault, Interp};
use gort_ir::{Callee, Func, InstData, Module, Type, passes, print, reader, verify};
use std::path::{Path, PathBuf};
use support::{BOUNDS, DIVIDE, build, function, run};

fn files() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/ir");
    let entries = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path());
    let mut files: Vec<PathBuf> = entries
        .filter(|p| p.extension().is_some_and(|e| e == "ir"))
        .collect();
    files.sort();
    files
}

fn directives<'a>(text: &'a str, word: &str) -> Vec<&'a str> {
    let prefix = format!("; {word} ");
    text.lines()
        .filter_map(|l| l.strip_prefix(prefix.as_str()))
        .map(str::trim)
        .collect()
}

#[test]
fn all_files() {
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let module = reader::module(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        let printed = print::module(&module);
        let again = reader::module(&printed).unwrap_or_else(|e| panic!("{name}, printed: {e}"));
        assert_eq!(print::module(&again), printed, "{name}");
        let problems: Vec<String> = verify::module(&module)
            .iter()
            .map(|p| p.to_string())
            .collect();
        assert_eq!(problems, directives(&text, "error"), "{name}");
        for line in directives(&text, "checks") {
            check_count(&name, &module, line);
        }
        for line in directives(&text, "left") {
            left_count(&name, &module, line);
        }
        for line in directives(&text, "inlined") {
            check_inlined(&name, &module, line);
        }
        for (word, expected) in [("kept", true), ("gone", false)] {
            for line in directives(&text, word) {
                check_kept(&name, &module, line, expected);
            }
        }
        for line in directives(&text, "run") {
            check_run(&name, &module, line);
            let mut optimised = module.clone();
            passes::run(std::slice::from_mut(&mut optimised), &Default::default());
            assert!(
                verify::module(&optimised).is_empty(),
                "{name} after the passes"
            );
            check_run(&name, &optimised, line);
        }
    }
}

/// `FUNCTION COUNT`: how many bounds checks are left after the passes.
fn check_count(file: &str, module: &Module, line: &str) {
    let (name, count) = line.split_once(' ').expect("a function and a number");
    let mut module = module.clone();
    passes::run(std::slice::from_mut(&mut module), &Default::default());
    let func = module
        .funcs
        .iter()
        .find(|f| module.name(f.name) == name)
        .expect(name);
    let insts = func.blocks.iter().flat_map(|b| &b.insts);
    let left = insts.filter(|i| matches!(func.insts[i.index()], InstData::BoundsCheck { .. }));
    assert_eq!(left.count().to_string(), count, "{file}: {line}");
}

/// A function's text after the passes.
fn optimised(module: &Module, name: &str) -> String {
    let mut module = module.clone();
    passes::run(std::slice::from_mut(&mut module), &Default::default());
    let func = module.funcs.iter().find(|f| module.name(f.name) == name);
    print::func(&module, func.expect(name))
}

/// `INSTRUCTION FUNCTION COUNT`: how many instructions of that name are left after the passes; `store.barrier` is
/// a store with a barrier.
fn left_count(file: &str, module: &Module, line: &str) {
    let [word, name, count] = line.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{file}: {line}: an instruction, a function and a number");
    };
    let body = optimised(module, name);
    let (word, end) = match word.split_once('.') {
        Some((word, end)) => (word, format!(".{end}")),
        None => (word, String::new()),
    };
    let is_it = |l: &&str| {
        let code = l.split("  !").next().unwrap_or_default().trim();
        let code = code.split_once(" = ").map_or(code, |c| c.1);
        code.split([' ', '.']).next() == Some(word) && code.contains(end.as_str())
    };
    let left = body.lines().filter(is_it).count();
    assert_eq!(left.to_string(), count, "{file}: {line}\n{body}");
}

/// `ROOT SYMBOL…`: whether the passes keep these functions and data.
fn check_kept(file: &str, module: &Module, line: &str, expected: bool) {
    let mut words = line.split(' ').map(str::to_string);
    let roots: Vec<String> = words.next().into_iter().collect();
    let mut module = module.clone();
    let plan = passes::Plan {
        roots: &roots,
        ..Default::default()
    };
    passes::run(std::slice::from_mut(&mut module), &plan);
    for word in words {
        let funcs = module.funcs.iter().map(|f| f.name);
        let mut names = funcs.chain(module.data.iter().map(|d| d.name));
        let kept = names.any(|n| module.name(n) == word);
        assert_eq!(kept, expected, "{file}: {line}: {word}");
    }
}

/// `FUNCTION NAME…`: the calls that were inlined, in order.
fn check_inlined(file: &str, module: &Module, line: &str) {
    let words: Vec<&str> = line.split(' ').collect();
    let text = optimised(module, words[0]);
    let calls = text
        .lines()
        .filter_map(|l| l.split(" = inlined @").nth(1)?.split(' ').next());
    assert_eq!(
        calls.collect::<Vec<_>>(),
        words[1..],
        "{file}: {line}\n{text}"
    );
}

/// `FUNCTION(ARGUMENTS) -> RESULT` or `FUNCTION(ARGUMENTS) faults KIND`
fn check_run(file: &str, module: &Module, line: &str) {
    let (name, rest) = line.split_once('(').expect("a function");
    let (args, expected) = rest.split_once(')').expect("arguments");
    let args: Vec<i64> = args.split(',').map(|a| a.trim().parse().unwrap()).collect();
    let expected = expected.trim();
    let expected = match expected.strip_prefix("-> ") {
        Some(value) => Ok(value.parse().unwrap()),
        None => Err(expected
            .strip_prefix("faults ")
            .expect("a result")
            .to_string()),
    };
    let no_natives = |_: &str, _: &[u64], _: &mut gort_ir::interp::Memory| None;
    let bits: Vec<u64> = args.iter().map(|&a| a as u64).collect();
    let interpreted = Interp::new(module, &no_natives).unwrap().call(name, &bits);
    let interpreted = interpreted
        .map(|r| r[0] as i64)
        .map_err(|fault| match fault {
            Fault::Bounds(..) => "bounds".to_string(),
            other => other.to_string(),
        });
    assert_eq!(interpreted, expected, "{file}: {line}, interpreted");
    // Machine code that allocates would need the runtime: what the passes leave of it is not run.
    let mut module = module.clone();
    let allocates = |f: &Func| f.insts.iter().any(|i| matches!(i, InstData::Alloc { .. }));
    let called = module.funcs.iter().find(|f| module.name(f.name) == name);
    if called.is_some_and(allocates) {
        return;
    }
    module.funcs.retain(|f| !allocates(f));
    function(&mut module, "main.test", &[Type::I64], |m, b| {
        b.set_loc(LocData {
            file: 0,
            line: 1,
            inline: 0,
        });
        let args: Vec<_> = args.iter().map(|&a| b.iconst(Type::I64, a)).collect();
        let f = Callee::Direct(m.sym(name));
        let r = b.call(f, &args, &[Type::I64]);
        b.ret(&r);
    });
    let compiled = run(&build(&module)).map_err(|status| match status {
        BOUNDS => "bounds".to_string(),
        DIVIDE => "divide".to_string(),
        other => format!("status {other}"),
    });
    assert_eq!(compiled, expected, "{file}: {line}, compiled");
}

#[test]
fn bad_text_is_refused() {
    for (text, line) in [
        ("func", 1),
        ("func @f {", 1),
        ("func @f !0:1 {\nblock1:\n}", 2),
        ("func @f !0:1 {\nblock0:\n    v0: i65 = iconst 1\n}", 3),
        ("func @f !0:1 {\nblock0:\n    frobnicate\n}", 3),
        ("func @f !0:1 {\nblock0:\n    jump block99999999999\n}", 3),
        ("data @d rodata align 8 size 1 {\n bytes 0\n}", 2),
        ("func @f !0:1 {\nblock0(v0: i8, v0: i8):\n    return\n}", 2),
    ] {
        let error = reader::module(text).expect_err(text);
        assert_eq!(error.line, line, "{text}: {error}");
    }
}
