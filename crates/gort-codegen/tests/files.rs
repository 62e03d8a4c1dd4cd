//! The functions that the files in `tests/ir` run, as machine code, before and after the passes. Everything else about
//! these files is tested in gort-ir.

mod support;

use gort_ir::filetest::{File, Outcome, Run};
use gort_ir::func::LocData;
use gort_ir::{Callee, Func, Module, Type};
use std::path::{Path, PathBuf};
use support::{BOUNDS, DIVIDE, build, function, run};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("tests/ir") {
        let path = entry.expect("an entry of tests/ir").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|e| e == "ir") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn machine_code_does_what_the_files_say() {
    for path in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/ir")) {
        let name = path.display();
        let text = std::fs::read_to_string(&path).expect("a file");
        let file = File::parse(text).unwrap_or_else(|e| panic!("{name}: {e}"));
        let runs = file.runs();
        if runs.is_empty() {
            continue;
        }
        let after = file.optimised().unwrap_or_else(|e| panic!("{name}: {e}"));
        for (module, when) in [(&file.module, "before"), (&after, "after")] {
            for run in &runs {
                for barrier in [false, true] {
                    let Some(outcome) = outcome(module, run, barrier) else {
                        continue;
                    };
                    let function = &run.function;
                    assert_eq!(
                        outcome, run.expected,
                        "{name}: {function}, {when} the passes, write barrier {barrier}"
                    );
                }
            }
        }
    }
}

/// Run a function; `None` if it allocates, for which the runtime would be needed.
fn outcome(module: &Module, wanted: &Run, barrier: bool) -> Option<Outcome> {
    let allocates = |f: &Func| {
        let mut insts = f.blocks.iter().flat_map(|b| &b.insts);
        insts.any(|i| {
            let effects = f.insts[i.index()].effects();
            effects.allocates && !effects.calls
        })
    };
    let called = module
        .funcs
        .iter()
        .find(|f| module.name(f.name) == wanted.function)?;
    if allocates(called) {
        return None;
    }
    let mut module = module.clone();
    module.funcs.retain(|f| !allocates(f));
    function(&mut module, "main.test", &[Type::I64], |m, b| {
        b.set_loc(LocData {
            file: 0,
            line: 1,
            inline: 0,
        });
        let args: Vec<_> = wanted
            .args
            .iter()
            .map(|&a| b.iconst(Type::I64, a))
            .collect();
        let f = Callee::Direct(m.sym(&wanted.function));
        let r = b.call(f, &args, &[Type::I64]);
        b.ret(&r);
    });
    Some(
        run(&build(&module, barrier)).map_err(|status| match status {
            BOUNDS => "bounds".to_string(),
            DIVIDE => "divide".to_string(),
            other => format!("status {other}"),
        }),
    )
}
