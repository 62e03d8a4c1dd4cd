#!/usr/bin/env python3
"""How fast gort compiles, and what a small program's build costs, beside official Go.

    speed.py --gort PATH [--go PATH] [--rounds N] [--units N]

Lines: N units of the program generator (fuzz/programs), which reach all that they declare, as one package; lines of source by
wall time of `build`, best of the rounds. Hello: a program that prints with fmt. gort keeps nothing between
builds; Go has everything cached but the package itself, whose text changes each time, and once (`cold`) nothing at all.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "fuzz/programs"))

from generator import PRELUDE, Unit, main_text  # noqa: E402

HELLO = 'package main\n\nimport "fmt"\n\nfunc main() {{\n\tfmt.Println("hello {}")\n}}\n'


def timed(command, folder, env=None):
    """Wall time, processor time in seconds, and peak memory in MB of one command."""
    start = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, env=env)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    if status:
        sys.exit(f"{command} ended with status {status}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def best(samples):
    return tuple(min(column) for column in zip(*samples))


def generated(folder, units):
    """A package of many units; its number of lines."""
    made = [Unit(4711, i) for i in range(units)]
    (folder / "go.mod").write_text("module generated\n\ngo 1.27\n")
    (folder / "prelude.go").write_text(PRELUDE)
    (folder / "main.go").write_text(main_text([u.uid for u in made], False))
    for u in made:
        (folder / f"unit{u.uid}.go").write_text(u.text)
    return sum(p.read_text().count("\n") for p in folder.glob("*.go"))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--gort", required=True)
    p.add_argument("--go", default=os.path.expanduser("~/.cache/gort/goroot/bin/go"))
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--units", type=int, default=500)
    a = p.parse_args()
    tools = {"go": os.path.abspath(a.go), "gort": os.path.abspath(a.gort)}
    with tempfile.TemporaryDirectory(prefix="gort-build-") as tmp:
        tmp = Path(tmp)
        lines = generated(tmp, a.units)
        samples = {name: [] for name in tools}
        for i in range(a.rounds):
            for name, tool in tools.items():
                with (tmp / "main.go").open("a") as f:
                    f.write("//\n")
                samples[name].append(timed([tool, "build", "-o", str(tmp / name), "."], tmp))
        for name, taken in samples.items():
            wall, cpu, memory = best(taken)
            print(f"{name}: {lines} lines in {wall:.2f} s ({lines / wall:.0f} lines a second), {cpu:.2f} s of processor time, {memory:.0f} MB")
    with tempfile.TemporaryDirectory(prefix="gort-build-") as tmp:
        tmp = Path(tmp)
        samples = {name: [] for name in tools}
        for i in range(a.rounds):
            for name, tool in tools.items():
                (tmp / "hello.go").write_text(HELLO.format(f"{name} {i}"))
                samples[name].append(timed([tool, "build", "-o", str(tmp / name), "hello.go"], tmp))
        for name, taken in samples.items():
            wall, cpu, memory = best(taken)
            middle = sorted(t[0] for t in taken)[len(taken) // 2]
            size = (tmp / name).stat().st_size
            print(f"{name}: hello in {wall:.3f} s (median {middle:.3f}), {cpu:.2f} s of processor time, {memory:.0f} MB; {size} bytes")
        env = dict(os.environ, GOCACHE=str(tmp / "cache"))
        wall, cpu, memory = timed([tools["go"], "build", "-o", str(tmp / "go"), "hello.go"], tmp, env)
        print(f"go, cold: hello in {wall:.2f} s, {cpu:.2f} s of processor time, {memory:.0f} MB")
        shutil.rmtree(tmp / "cache", ignore_errors=True)


if __name__ == "__main__":
    main()
