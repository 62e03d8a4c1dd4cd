#!/usr/bin/env python3
"""Random Go programs, built and run by official Go and by gort; output and exit code must agree.

    fuzz.py --gort PATH [--go PATH] [--seed N] [--programs N] [--batch N] [--seconds N] [--keep FOLDER]

A batch is one package of many generated units whose outputs stand between markers, so that each compiler
runs once for all of them. Of a batch that differs, the unit is built alone, reduced, and kept in the folder
(default: fuzz/programs/found, which git ignores). The exit code is 1 if anything differed.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import reduce
from generator import PRELUDE, Unit, main_text

HERE = Path(__file__).resolve().parent


class Tool:
    def __init__(self, name, command, timeout):
        self.name, self.command, self.timeout = name, command, timeout

    def build(self, folder):
        """The executable, or the compiler's message."""
        exe = folder / f"{self.name}.exe"
        exe.unlink(missing_ok=True)
        try:
            done = subprocess.run([self.command, "build", "-o", str(exe), "."], cwd=folder, timeout=self.timeout * 5,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        except subprocess.TimeoutExpired:
            return None, "build takes too long"
        if done.returncode != 0 or not exe.exists():
            return None, done.stdout.decode(errors="replace")
        return exe, ""

    def run(self, exe):
        """Output, exit code, and the first line of the error output."""
        try:
            done = subprocess.run([str(exe)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=self.timeout)
        except subprocess.TimeoutExpired as e:
            return (e.stdout or b"").decode(errors="replace"), "timeout", ""
        err = done.stderr.decode(errors="replace").split("\n", 1)[0]
        return done.stdout.decode(errors="replace"), done.returncode, err


def write(folder, units, bare=False):
    for old in folder.glob("*.go"):
        old.unlink()
    (folder / "go.mod").write_text("module generated\n\ngo 1.27\n")
    (folder / "prelude.go").write_text(PRELUDE)
    (folder / "main.go").write_text(main_text([u.uid for u in units], bare))
    for u in units:
        (folder / f"unit{u.uid}.go").write_text(u.text)


def sections(output):
    """Output by unit."""
    parts = {}
    for part in output.split("#### ")[1:]:
        number, _, text = part.partition("\n")
        parts[int(number)] = text
    return parts


def compare(tools, folder):
    """None if both agree; else what differs: (kind, details by tool)."""
    exes = []
    for t in tools:
        exe, message = t.build(folder)
        if exe is None:
            return f"{t.name} does not build", message
        exes.append(exe)
    results = [t.run(e) for t, e in zip(tools, exes)]
    if results[0] == results[1]:
        return None
    return "results differ", results


def first_difference(details):
    """The first unit whose output is not the same."""
    a, b = (sections(out) for out, _, _ in details)
    for uid, text in a.items():
        if b.get(uid) != text:
            return uid
    return max(b, default=None)


def examine(tools, units, folder, keep, what, details, seed):
    """Find the unit that makes a batch differ, reduce it, and keep it."""
    kind = what
    if what == "results differ":
        uid = first_difference(details)
        suspects = [u for u in units if u.uid == uid]
    else:
        suspects = units
    for unit in suspects:
        write(folder, [unit])
        found = compare(tools, folder)
        if found is None:
            continue
        target = keep / f"{seed}_{unit.uid}"
        target.mkdir(parents=True, exist_ok=True)
        reduced = unit.text if found[0] == "go does not build" else reduce.reduce(unit.text, lambda text: still(tools, folder, unit, text, found[0]))
        unit.text = reduced
        write(target, [unit])
        write(folder, [unit])
        found = compare(tools, folder) or found
        (target / "difference.txt").write_text(f"{found[0]}\n{describe(tools, found[1])}\n")
        print(f"seed {seed} unit {unit.uid}: {found[0]}; kept in {target}", flush=True)
        return True
    print(f"seed {seed}: {kind}, but no unit does so alone: {str(details)[:1500]}", flush=True)
    return what != "results differ" or all(d[1] != "timeout" for d in details)


def describe(tools, details):
    if isinstance(details, str):
        return details
    return "\n".join(f"--- {t.name}: exit {code} {err}\n{out[-6000:]}" for t, (out, code, err) in zip(tools, details))


def still(tools, folder, unit, text, kind):
    """Whether a smaller text of a unit shows a difference of the same kind, and is a program at all."""
    (folder / f"unit{unit.uid}.go").write_text(text)
    found = compare(tools, folder)
    return found is not None and found[0] == kind and not (kind == "go does not build")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--gort", required=True)
    p.add_argument("--go", default=os.path.expanduser("~/.cache/gort/goroot/bin/go"))
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--programs", type=int, default=100)
    p.add_argument("--batch", type=int, default=50)
    p.add_argument("--seconds", type=float, default=0, help="begin no batch after this time")
    p.add_argument("--keep", default=str(HERE / "found"))
    p.add_argument("--stop", type=int, default=10, help="stop after so many differences")
    a = p.parse_args()
    go = a.go if os.path.exists(a.go) else shutil.which("go")
    if not go:
        print("generated programs: skipped, there is no official Go to compare with (--go PATH)")
        return 0
    begin, done, bad, seed = time.time(), 0, 0, a.seed
    with tempfile.TemporaryDirectory(prefix="gort-fuzz-") as tmp:
        folder = Path(tmp) / "generated"
        folder.mkdir()
        gort = shutil.copy(a.gort, tmp)  # it may be built anew meanwhile
        tools = [Tool("go", go, 20), Tool("gort", gort, 20)]
        try:
            while done < a.programs and bad < a.stop and not (a.seconds and time.time() - begin > a.seconds):
                units = [Unit(seed, n) for n in range(min(a.batch, a.programs - done))]
                write(folder, units, bare=seed % 3 == 0)
                found = compare(tools, folder)
                if found:
                    bad += bool(examine(tools, units, folder, Path(a.keep), *found, seed))
                done += len(units)
                seed += 1
        except KeyboardInterrupt:
            print("interrupted")
    print(f"{done} programs, {bad} differences, {time.time() - begin:.0f} s (seeds {a.seed} to {seed - 1})", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
