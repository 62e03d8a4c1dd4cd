#!/usr/bin/env python3
"""Does everything that could run get its turn, and is what was used given back? Programs of tests/fairness, with gort and, where it is
installed, official Go beside it; and of tests/soak.

    python3 tests/fairness.py --gort PATH [--long | --soak SECONDS] [--filter TEXT]

A program measures and prints lines: name, value, `max` or `min`, bound. The bounds say what no scheduler may do, not
what a good one reaches, and hold for gort; the figures of official Go are there to compare. On a busy machine somebody else may have had the
processors: what is out of bounds is measured again, twice as long each time, and fails the third time. What starves does so
each time, however long one looks.

Without --long: half a minute, at the machine's GOMAXPROCS. With it: four seconds each at GOMAXPROCS 1, 2, 4 and 8. With --soak: the
programs of tests/soak with gort alone, so many seconds each (they end sooner if they are done).
"""
import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from programs import official_go

HERE = Path(__file__).resolve().parent
OVERLOADS = ("loops", "pingpong", "timers", "connections", "spawn", "yields")
# Program and arguments.
CASES = [("share",), *(("starve", o) for o in OVERLOADS), ("mixed",), ("stops",)]
SOAK = [("procs",), ("waves",), ("peak",)]
TRIES = 3


def measure(exe, case, seconds, procs):
    """Figures by name: value, `max` or `min`, bound."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("GOMAXPROCS", "GODEBUG"))}
    if procs:
        env["GOMAXPROCS"] = str(procs)
    done = subprocess.run([exe, *case[1:], str(seconds)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300 + 20 * seconds,
                          env=env, text=True, errors="replace")
    if done.returncode != 0:
        sys.exit(f"{' '.join(case)}: exit {done.returncode}\n{done.stdout}")
    lines = (line.split() for line in done.stdout.splitlines())
    return {name: (float(value), side, float(bound)) for name, value, side, bound in lines}


def is_within(value, side, bound):
    return value <= bound if side == "max" else value >= bound


def run(exes, case, args, procs):
    """Measures a case; prints it. Whether it is within its bounds."""
    first = args.soak or (4.0 if args.long else 1.0)
    out, figures, tries = None, {}, 0
    while out is None or out and tries < TRIES:
        got = measure(exes["gort"], case, first * 2**tries, procs)
        figures |= {n: f for n, f in got.items() if out is None or n in out}
        out = {n for n, f in figures.items() if not is_within(*f)}
        tries += 1
    beside = measure(exes["go"], case, first, procs) if "go" in exes else {}
    at = f", GOMAXPROCS={procs}" if procs else ""
    again = "" if tries == 1 else f", measured {tries} times"
    print(f"{' '.join(case)}{at}{again}")
    for name, (value, side, bound) in sorted(figures.items()):
        other = f"  official Go {beside[name][0]:g}" if name in beside else ""
        print(f"  {'    ' if name not in out else 'FAIL'} {name:24} {value:g}  ({side} {bound:g}){other}", flush=True)
    return not out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gort", required=True, help="the gort executable")
    parser.add_argument("--go", default=official_go(), help="official go (default: of the GOROOT found)")
    parser.add_argument("--no-go", action="store_true", help="gort alone")
    parser.add_argument("--long", action="store_true", help="longer, and at several GOMAXPROCS")
    parser.add_argument("--soak", type=float, metavar="SECONDS", help="the programs of tests/soak")
    parser.add_argument("--filter", default="", help="only cases with this text")
    args = parser.parse_args()
    tools = {"gort": str(Path(args.gort).resolve())}
    folder, cases = (HERE / "soak", SOAK) if args.soak else (HERE / "fairness", CASES)
    if args.go and not args.no_go and not args.soak:
        tools["go"] = args.go
    failed = ran = 0
    with tempfile.TemporaryDirectory() as scratch:
        for procs in (1, 2, 4, 8) if args.long else (None,):
            for case in cases:
                if args.filter not in " ".join(case):
                    continue
                exes = {}
                for tool, path in tools.items():
                    exes[tool] = f"{scratch}/{case[0]}.{tool}"
                    if not os.path.exists(exes[tool]):
                        subprocess.run([path, "build", "-o", exes[tool], f"{case[0]}.go"], cwd=folder, check=True)
                failed += not run(exes, case, args, procs)
                ran += 1
    print(f"fairness: {ran - failed} of {ran} within their bounds")
    return 1 if failed or not ran else 0


if __name__ == "__main__":
    sys.exit(main())
