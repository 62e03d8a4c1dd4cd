#!/usr/bin/env python3
"""The alarms ring: faults that a build or tidy must notice are put into a copy of the repository, one at a time.

    python3 tests/alarms.py [--filter TEXT]

Each fault is a replacement of one text by another, the command that must fail, and a word of its message. The same command
passes on the untouched copy, or the test would say nothing.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()

TIDY = ["cargo", "run", "-q", "--release", "--offline", "-p", "xtask", "--", "tidy"]
RUNTIME = "runtime"  # the runtime and its contract, compiled as the build script does, without code
IR = ["cargo", "check", "-q", "--release", "--offline", "-p", "gort-ir"]
RUST = ["rustc", "--edition=2024", "-Cpanic=abort", "-Crelocation-model=static", "-Ctarget-cpu=x86-64-v2", "-Awarnings"]

FAULTS = [
    ("a native takes fewer bits than Go passes", TIDY, "does not fit native setmaxstack",
     "crates/gort-rt/src/api/debug.rs", "fn rt_setmaxstack(n: usize) -> usize {", "fn rt_setmaxstack(n: u32) -> usize { let n = n as usize;"),
    ("Go declares a native with another width", TIDY, "its table says",
     "goroot/runtime/std_signal.go", "func sigenable(sig uint32)", "func sigenable(sig uint64)"),
    ("a native of a name that is in no table", TIDY, "no native",
     "goroot/runtime/std_debug.go", "func setmaxthreads(n int) int", "func setmaxthreads(n int) int\n\nfunc setmaxnothing(n int) int"),
    ("the compiler calls what the runtime lacks", TIDY, "the runtime has no makechannel",
     "crates/gort-lower/src/expr/builtin.rs", 'rt("makechan"', 'rt("makechannel"'),
    ("a field of a Go struct moves", TIDY, "struct _defer is",
     "goroot/runtime/panic.go", "\tlink *_defer\n\tfn   func()\n", "\tfn   func()\n\tlink *_defer\n"),
    ("a field of its Rust twin moves", RUNTIME, "evaluation panicked: now",
     "crates/gort-rt/src/gmp/bubble.rs", "    /// Its number, from 1.\n    pub id: Cell<u64>,", "    /// Its number, from 1.\n    pub id: Cell<u64>,\n    pub more: Cell<u64>,"),
    ("a park on nothing", RUNTIME, "mismatched types",
     "crates/gort-rt/src/wait/notify.rs", "Waiting::Cond(Object::of(l))", "Waiting::Cond(0)"),
    ("a park that does not say what for", RUNTIME, "takes 2 arguments",
     "crates/gort-rt/src/wait/notify.rs", "gopark(Waiting::Cond(Object::of(l)), ", "gopark("),
    ("an instruction without effects", IR, "gort-ir/src/effects.rs",
     "crates/gort-ir/src/inst.rs", "pub enum InstData {", "pub enum InstData {\n    /// New.\n    Novel,"),
    ("a pass with an arm for all other instructions", TIDY, "name them, or ask effects()",
     "crates/gort-ir/src/passes/checks.rs", "", "\nfn silent(d: &InstData) -> bool {\n    match d {\n        InstData::CurrentG => true,\n        _ => false,\n    }\n}\n"),
    ("a page names a file that is not there", TIDY, "there is no crates/gort-rt/src/sched/nowhere.rs",
     "docs/style.md", "# Style\n", "# Style\n\nSee `crates/gort-rt/src/sched/nowhere.rs`.\n"),
    ("the loader looks past the record", TIDY, "goes past crates/gort-load/src/files.rs",
     "crates/gort-load/src/gomod.rs", "crate::files::is_file(f)", "f.is_file()"),
    ("an arrow up inside the runtime", TIDY, "gmp may not use wait",
     "crates/gort-rt/src/gmp/watch.rs", "", "\nuse crate::wait::netpoll;\n"),
]


def copy(to):
    shutil.copytree(ROOT, to, ignore=shutil.ignore_patterns(".git", "target", "__pycache__"))


def run(tree, what, scratch):
    """Exit code and output of a command on the tree."""
    env = dict(os.environ, CARGO_TARGET_DIR=str(TARGET / "alarms"))
    if what is not RUNTIME:
        done = subprocess.run(what, cwd=tree, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
        return done.returncode, done.stdout.decode(errors="replace")
    abi = f"{scratch}/libgort_abi.rlib"
    for args in (["--crate-type=rlib", "--crate-name=gort_abi", "-o", abi, "crates/gort-abi/src/lib.rs"],
                 ["--crate-type=rlib", "--crate-name=gort_rt", "--emit=metadata", "-o", f"{scratch}/libgort_rt.rmeta",
                  "crates/gort-rt/src/lib.rs", "--extern", f"gort_abi={abi}"]):
        done = subprocess.run([*RUST, *args], cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
        if done.returncode:
            break
    return done.returncode, done.stdout.decode(errors="replace")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--filter", default="", help="only faults whose name contains this")
    args = parser.parse_args()
    faults = [f for f in FAULTS if args.filter in f[0]]
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch) / "tree"
        copy(tree)
        for what in (TIDY, RUNTIME, IR):
            if any(f[1] is what for f in faults):
                code, text = run(tree, what, scratch)
                if code != 0:
                    print(f"without a fault: {what} fails\n{text[-3000:]}")
                    return 1
        for name, what, word, file, old, new in faults:
            path = tree / file
            text = path.read_text()
            if old not in text:
                print(f"{name}: {file} no longer has {old!r}")
                failed += 1
                continue
            path.write_text(text.replace(old, new, 1) if old else text + new)
            code, out = run(tree, what, scratch)
            path.write_text(text)
            if code == 0 or word not in out:
                print(f"{name}: exit {code}, no {word!r} in\n{out[-2000:]}")
                failed += 1
    print(f"alarms: {len(faults) - failed} passed, {failed} failed")
    return 1 if failed or not faults else 0


if __name__ == "__main__":
    sys.exit(main())
