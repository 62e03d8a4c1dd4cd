#!/usr/bin/env python3
"""What each pass over the IR brings: the table of docs/internals/passes.md.

    table.py --gort PATH [--rounds N] [--size FILE.go] FILE.go...

Each program is built with all passes, and once more for each pass with that pass switched off
(`gort build -passes-off NAME`). All executables of a program run interleaved; what counts is the least processor time
of N rounds. Printed is the time without the pass divided by the time with all, as a Markdown table; above 1.00
the pass pays. `--size` names a program of which the size of the text section is given in the same way.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "crates/gort-ir/src/passes.rs"


def passes():
    """The names of all passes, in order, each once: written out in the list, or as a constant's name."""
    text = LIST.read_text()
    text = text[text.index("pub const PASSES"):]
    found = re.findall(r'^ +(?:name: "(\w+)"|([A-Z]+)),$', text[:text.index("];")], re.M)
    return list(dict.fromkeys(a or b.lower() for a, b in found))


def build(gort, source, out, off):
    command = [gort, "build", "-o", out] + (["-passes-off", off] if off else []) + [source]
    subprocess.run(command, check=True)


def seconds(exe):
    """Processor time of one run, user and system."""
    quiet = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)]
    pid = os.posix_spawn(exe, [exe], os.environ, file_actions=quiet)
    _, status, usage = os.wait4(pid, 0)
    if status:
        sys.exit(f"{exe} ended with status {status}")
    return usage.ru_utime + usage.ru_stime


def text_size(exe):
    """Bytes of the sections with compiled Go code."""
    out = subprocess.run(["size", "-A", exe], check=True, capture_output=True, text=True).stdout
    return int(re.search(r"^\.text\s+(\d+)", out, re.M)[1])


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--gort", required=True)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--size")
    p.add_argument("programs", nargs="+")
    a = p.parse_args()
    names = passes()
    columns = []
    with tempfile.TemporaryDirectory(prefix="gort-passes-") as tmp:
        for source in a.programs:
            exes = {off: f"{tmp}/{off or 'all'}" for off in [None, *names]}
            for off, exe in exes.items():
                build(a.gort, source, exe, off)
            best = {off: min(t) for off, t in zip(exes, zip(*[[seconds(e) for e in exes.values()] for _ in range(a.rounds)]))}
            columns.append((Path(source).stem, {n: f"{best[n] / best[None]:.2f}" for n in names}, f"{best[None]:.2f} s"))
            print(columns[-1], file=sys.stderr, flush=True)
        if a.size:
            sizes = {}
            for off in [None, *names]:
                build(a.gort, a.size, f"{tmp}/size", off)
                sizes[off] = text_size(f"{tmp}/size")
            name = f"text of {Path(a.size).stem}"
            columns.append((name, {n: f"{sizes[n] / sizes[None]:.2f}" for n in names}, f"{sizes[None] // 1000} kB"))
    print("| without | " + " | ".join(c[0] for c in columns) + " |")
    print("| --- |" + " --- |" * len(columns))
    for n in names:
        print(f"| {n} | " + " | ".join(c[1][n] for c in columns) + " |")
    print("| (all on) | " + " | ".join(c[2] for c in columns) + " |")


if __name__ == "__main__":
    main()
