#!/usr/bin/env python3
"""Time and peak memory of building large programs (shapes.py), gort's over official Go's; the programs must print the same.

    compare.py --gort PATH [--go PATH] [--seeds N] [--lines N] [--shapes NAME,LIST]

Time is processor time of the command and its children, memory the largest of its processes. Go has compiled its library before.
The exit code is 1 where gort takes more than 3 times Go's time or 2 times its memory, or where a build or an output differs.
"""
import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from shapes import SHAPES, program

TIME, MEMORY = 3, 2
SECONDS, BYTES = 120, 8_000_000 << 10
# Deep expressions have some twenty operations a line.
SHORTER = {"expressions": 5}


def measured(command, folder):
    """Processor time and peak memory in MB; nothing if the command failed or came to a bound."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(["timeout", str(SECONDS)] + command, cwd=folder, stdout=said, stderr=said, preexec_fn=limit)
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            said.seek(0)
            print(f"{command[0]} in {folder.name}: status {status}: {said.read(500).decode(errors='replace')}")
            return None
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def output(exe):
    try:
        done = subprocess.run([str(exe)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20)
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired:
        return "timeout", b""


def compare(tools, folder, shape, seed, lines):
    """Whether all is as it should be."""
    folder = folder / f"{shape}-{seed}"
    folder.mkdir()
    text = program(shape, seed, lines)
    (folder / "go.mod").write_text("module large\n\ngo 1.27\n")
    # The text is new each time, so that Go does not find the package in its cache.
    (folder / "main.go").write_text(text + f"// {os.urandom(8).hex()}\n")
    took = {name: measured([tool, "build", "-o", name, "."], folder) for name, tool in tools.items()}
    if None in took.values():
        return False
    (go_time, go_memory), (time, memory) = took["go"], took["gort"]
    same = output(folder / "go") == output(folder / "gort")
    good = same and time <= TIME * go_time and memory <= MEMORY * go_memory
    print(f"{shape:12} {seed} {text.count(chr(10)):6} lines: {time:6.2f} s / {go_time:6.2f} s = {time / go_time:4.2f}, "
          f"{memory:5.0f} MB / {go_memory:5.0f} MB = {memory / go_memory:4.2f}{'' if good else '  WORSE' if same else '  DIFFERENT'}", flush=True)
    return good


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--gort", required=True)
    p.add_argument("--go", default=os.path.expanduser("~/.cache/gort/goroot/bin/go"))
    p.add_argument("--seeds", type=int, default=4)
    p.add_argument("--lines", type=int, default=5000)
    p.add_argument("--shapes", default=",".join(SHAPES))
    a = p.parse_args()
    tools = {"go": os.path.abspath(a.go), "gort": os.path.abspath(a.gort)}
    bad = 0
    with tempfile.TemporaryDirectory(prefix="gort-large-") as tmp:
        for shape in a.shapes.split(","):
            for seed in range(1, a.seeds + 1):
                bad += not compare(tools, Path(tmp), shape, seed, a.lines // SHORTER.get(shape, 1))
    print(f"{bad} of {len(a.shapes.split(',')) * a.seeds} programs beyond {TIME} times the time or {MEMORY} times the memory, or different")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
