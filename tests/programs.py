#!/usr/bin/env python3
"""Build and run Go programs with gort and compare with what is expected, and with official Go if it is there.

Programs are tests/run/*.go and examples/*.go, and folders there with a go.mod; a file `flags` in such a folder
has more options for the build. What is expected stands beside each in a file NAME.out:
standard output and standard error together, then a line `exit N`. Addresses (0x…, +0x…) and the numbers of
goroutines other than 1 are masked on both sides, and the path of the program is cut to its name.
`--bless` writes the expected files from official Go; `--bless-gort` from gort where Go is not the judge.
tests/errors/*.go must be refused: the expected file has the messages of `gort build`.
A program with a line `// Not with NAME.` is left out where `--env` has an option of GODEBUG of that name.

Other folders can be compared with official Go alone:  programs.py --gort PATH --go PATH FOLDER...
"""
import argparse
import difflib
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import goroot

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT = 120
# Variables that the programs get; official Go's, too, which passes over what only gort knows.
ENV = {}


def mask(text, program):
    text = text.replace(str(program.resolve()), program.name)
    text = re.sub(r"\+0x[0-9a-f]+", "+0xOFF", text)
    text = re.sub(r"0x[0-9a-f]+", "0xADDR", text)
    text = re.sub(r"(goroutine )(?!1\b)\d+", r"\1N", text)
    # Frames of the runtime itself are each implementation's own.
    text = re.sub(r"panic\(.*\)\n\t\S*/runtime/panic\.go:\d+ .*", "panic(...)\n\truntime", text)
    return text


def sort_goroutines(text):
    """Goroutines after the first come in an order of the scheduler's."""
    head, *rest = re.split(r"\n\n(?=goroutine N )", text)
    tail = rest[-1].split("\nexit ", 1)[1] if rest and "\nexit " in rest[-1] else None
    if tail is not None:
        rest[-1] = rest[-1].split("\nexit ", 1)[0].rstrip("\n")
        return "\n\n".join([head, *sorted(r.rstrip("\n") for r in rest)]) + "\nexit " + tail
    return text


def run(exe, program):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("GOMAXPROCS", "GODEBUG", "GOTRACEBACK"))}
    env |= ENV
    try:
        done = subprocess.run([exe], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT, env=env)
    except subprocess.TimeoutExpired:
        return "timeout\n"
    text = done.stdout.decode(errors="replace")
    code = f"exit {done.returncode}" if done.returncode >= 0 else f"signal {-done.returncode}"
    return sort_goroutines(mask(text, program) + f"\n{code}\n")


def build(tool, program, exe):
    what, cwd = [program.name], program.parent
    if program.is_dir():
        flags = program / "flags"
        what, cwd = [*(shlex.split(flags.read_text()) if flags.exists() else []), "."], program
    # A session of its own, as `go` leaves its compiler behind when it is killed alone.
    process = subprocess.Popen([tool, "build", "-o", exe, *what], cwd=cwd, start_new_session=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        output, _ = process.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return "timeout", ""
    return process.returncode, output.decode(errors="replace")


def outcome(tool, program):
    with tempfile.TemporaryDirectory() as scratch:
        exe = Path(scratch) / "a.out"
        code, text = build(tool, program, exe)
        if code != 0:
            return f"{text}build exit {code}\n"
        return run(exe, program)


def compare(program, args, is_error):
    expected = program.with_suffix(".out")
    if args.bless:
        expected.write_text(outcome(args.go, program))
        return ""
    if args.bless_gort:
        expected.write_text(outcome(args.gort, program))
        return ""
    got = outcome(args.gort, program)
    sides = []
    if args.folders:
        sides = [("official Go", outcome(args.go, program))]
    else:
        if not expected.exists():
            return f"{program}: no expected file {expected.name}"
        sides = [(expected.name, expected.read_text())]
        main = program / "main.go" if program.is_dir() else program
        gort_only = main.exists() and "// gort only" in main.read_text()
        if args.go and not is_error and not gort_only:
            sides.append(("official Go", outcome(args.go, program)))
    for name, want in sides:
        if got != want:
            diff = difflib.unified_diff(want.splitlines(), got.splitlines(), name, "gort", lineterm="")
            return f"--- {program}\n" + "\n".join(list(diff)[:40])
    return ""


def official_go():
    root = goroot.find()
    go = root / "bin/go" if root else None
    return str(go) if go and os.access(go, os.X_OK) else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gort", required=True, help="the gort executable")
    parser.add_argument("--go", default=official_go(), help="official go (default: of the GOROOT found)")
    parser.add_argument("--no-go", action="store_true", help="compare with expected files only")
    parser.add_argument("--bless", action="store_true", help="write expected files from official Go")
    parser.add_argument("--bless-gort", action="store_true", help="write expected files from gort")
    parser.add_argument("--filter", default="", help="only programs whose name matches this")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE", help="a variable for the programs")
    parser.add_argument("-j", type=int, default=os.cpu_count())
    parser.add_argument("folders", nargs="*", type=Path, help="folders to compare with official Go")
    args = parser.parse_args()
    ENV.update(e.split("=", 1) for e in args.env)
    args.gort = str(Path(args.gort).resolve())
    if args.no_go:
        args.go = None
    if args.folders and not args.go:
        parser.error("comparing folders needs official Go")
    folders = args.folders or [ROOT / "tests/run", ROOT / "examples", ROOT / "tests/errors"]
    on = {option.split("=")[0] for option in ENV.get("GODEBUG", "").split(",")}
    programs = [(p, f.name == "errors") for f in folders for p in sorted([*f.glob("*.go"), *(m.parent for m in f.glob("*/go.mod"))])]
    programs = [(p, e) for p, e in programs if p.is_dir() or not on.intersection(re.findall(r"^// Not with (\w+)\.$", p.read_text(), re.M))]
    programs = [(p, e) for p, e in programs if re.search(args.filter, p.name)]
    with ThreadPoolExecutor(args.j) as pool:
        results = list(pool.map(lambda pe: compare(pe[0], args, pe[1]), programs))
    # Some programs measure time: what failed while others ran gets one more chance alone.
    for i, (p, e) in enumerate(programs):
        if results[i]:
            results[i] = compare(p, args, e)
    failed = [r for r in results if r]
    for r in failed:
        print(r)
    against = "expected files and official Go" if args.go else "expected files"
    print(f"programs: compared with {against}")
    print(f"{len(results) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
