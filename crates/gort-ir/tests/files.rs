//! The files in `tests/ir`, a test each: text that comes back the same, the verifier, single passes, all passes, and what the
//! interpreter makes of functions before and after them. What the lines of a file mean is in [`gort_ir::filetest`]. Code
//! generation runs the same functions as machine code.
//!
//! `BLESS=1 cargo test -p gort-ir` writes the `; expect` blocks anew.

use gort_ir::filetest::{File, Outcome, Run};
use gort_ir::interp::{Fault, Interp, Memory};
use gort_ir::{Func, InstData, Module, passes, print, reader, verify};
use std::path::{Path, PathBuf};

/// A test for each file, and one that says which files have none.
macro_rules! files {
    ($($name:ident: $path:literal,)*) => {
        $(
            #[test]
            fn $name() {
                check($path);
            }
        )*

        #[test]
        fn every_file_has_a_test() {
            assert_eq!(found(""), [$($path),*]);
        }
    };
}

files! {
    arith: "arith.ir",
    barrier: "barrier.ir",
    buffered: "buffered.ir",
    called: "called.ir",
    checks: "checks.ir",
    control: "control.ir",
    deadcode: "deadcode.ir",
    deferred: "deferred.ir",
    escape: "escape.ir",
    forward: "forward.ir",
    inline: "inline.ir",
    memory: "memory.ir",
    pass_barriers: "passes/barriers.ir",
    pass_checks: "passes/checks.ir",
    pass_deadcode: "passes/deadcode.ir",
    pass_escape: "passes/escape.ir",
    pass_inline: "passes/inline.ir",
    pass_nilchecks: "passes/nilchecks.ir",
    pass_promote: "passes/promote.ir",
    pass_simplify: "passes/simplify.ir",
    pass_split: "passes/split.ir",
    split: "split.ir",
    verify_rules: "verify.ir",
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/ir")
}

/// The files below a folder, sorted.
fn found(folder: &str) -> Vec<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root().join(folder)).expect("tests/ir") {
        let entry = entry.expect("an entry of tests/ir");
        let name = format!("{folder}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            names.extend(found(&format!("{name}/")));
        } else if name.ends_with(".ir") {
            names.push(name);
        }
    }
    names.sort();
    names
}

fn check(path: &str) {
    let text = std::fs::read_to_string(root().join(path)).expect(path);
    let file = File::parse(text).unwrap_or_else(|e| panic!("{path}: {e}"));
    let printed = print::module(&file.module);
    let again = reader::module(&printed).unwrap_or_else(|e| panic!("{path}, printed: {e}"));
    assert_eq!(print::module(&again), printed, "{path}, printed and read");
    let problems = verify::module(&file.module);
    let problems: Vec<String> = problems.iter().map(|p| p.to_string()).collect();
    assert_eq!(problems, file.directives("error"), "{path}, verified");
    if file.header == ["verify"] {
        return;
    }
    for run in file.runs() {
        assert_eq!(
            interpret(&file.module, &run),
            run.expected,
            "{path}: {} before the passes",
            run.function
        );
    }
    let after = file.optimised().unwrap_or_else(|e| panic!("{path}: {e}"));
    let problems = verify::module(&after);
    assert!(
        problems.is_empty(),
        "{path}, after the passes: {}",
        problems[0]
    );
    for run in file.runs() {
        assert_eq!(
            interpret(&after, &run),
            run.expected,
            "{path}: {} after the passes\n{}",
            run.function,
            print::module(&after)
        );
    }
    counts(path, &file, &after);
    if !file.passes().unwrap_or_default().is_empty() {
        expected(path, &file, &after);
    }
}

/// The `; expect` block.
fn expected(path: &str, file: &File, after: &Module) {
    let wanted = file.with_expected(after);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(root().join(path), wanted).expect(path);
    } else {
        assert_eq!(
            file.text, wanted,
            "{path}: BLESS=1 writes what the passes leave now"
        );
    }
}

fn interpret(module: &Module, run: &Run) -> Outcome {
    let no_natives = |_: &str, _: &[u64], _: &mut Memory| None;
    let bits: Vec<u64> = run.args.iter().map(|&a| a as u64).collect();
    let mut interp = Interp::new(module, &no_natives).expect("a module that can be run");
    match interp.call(&run.function, &bits) {
        Ok(results) => Ok(results[0] as i64),
        Err(Fault::Bounds(..)) => Err("bounds".to_string()),
        Err(other) => Err(other.to_string()),
    }
}

/// What all passes leave of instructions, calls, functions and data.
fn counts(path: &str, file: &File, after: &Module) {
    for line in file.directives("checks") {
        let [name, count] = words(path, line);
        let func = function(after, name);
        let insts = func.blocks.iter().flat_map(|b| &b.insts);
        let left = insts.filter(|i| matches!(func.insts[i.index()], InstData::BoundsCheck { .. }));
        assert_eq!(left.count().to_string(), count, "{path}: {line}");
    }
    for line in file.directives("left") {
        let [word, name, count] = words(path, line);
        let body = print::func(after, function(after, name));
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
        assert_eq!(left.to_string(), count, "{path}: {line}\n{body}");
    }
    for line in file.directives("inlined") {
        let words: Vec<&str> = line.split(' ').collect();
        let body = print::func(after, function(after, words[0]));
        let name = |l: &'_ str| {
            Some(
                l.split(" = inlined @")
                    .nth(1)?
                    .split(' ')
                    .next()?
                    .to_string(),
            )
        };
        let calls: Vec<String> = body.lines().filter_map(name).collect();
        assert_eq!(calls, words[1..], "{path}: {line}\n{body}");
    }
    for (word, wanted) in [("kept", true), ("gone", false)] {
        for line in file.directives(word) {
            let mut words = line.split(' ').map(str::to_string);
            let roots: Vec<String> = words.next().into_iter().collect();
            let mut module = file.module.clone();
            let plan = passes::Plan {
                roots: &roots,
                ..Default::default()
            };
            passes::run(std::slice::from_mut(&mut module), &plan);
            for word in words {
                let funcs = module.funcs.iter().map(|f| f.name);
                let mut names = funcs.chain(module.data.iter().map(|d| d.name));
                let kept = names.any(|n| module.name(n) == word);
                assert_eq!(kept, wanted, "{path}: {line}: {word}");
            }
        }
    }
}

fn words<'l, const N: usize>(path: &str, line: &'l str) -> [&'l str; N] {
    let words: Vec<&str> = line.split(' ').collect();
    let count = words.len();
    words
        .try_into()
        .unwrap_or_else(|_| panic!("{path}: {line}: {N} words, not {count}"))
}

fn function<'m>(module: &'m Module, name: &str) -> &'m Func {
    let func = module.funcs.iter().find(|f| module.name(f.name) == name);
    func.unwrap_or_else(|| panic!("no function {name}"))
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
