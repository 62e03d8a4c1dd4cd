#!/usr/bin/env python3
"""Run channel and select programs again and again at GOMAXPROCS 1, 2 and 8, and report hangs and crashes.

    python3 tests/stress.py --gort PATH [--minutes 20] [--jobs 2] [--filter TEXT] [--chaos N] [FOLDER or FILE...]

Without folders: the programs of tests/run and examples that use channels. Each is built once. Its first run at
GOMAXPROCS=1 tells what it prints and how it exits; later runs must exit the same way (its text may differ where
goroutines race, so that only the number of lines is compared with --lines). A run that takes longer than
--timeout seconds is a hang: it gets SIGQUIT, and its dump is shown. With --chaos N the runtime delays its threads at
one of N places where they meet; that needs a gort of the profile `checked`.
"""
import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROCS = (1, 2, 8)


def programs(args):
    for place in args.places or [ROOT / "tests/run", ROOT / "examples"]:
        place = Path(place)
        for file in sorted(place.rglob("*.go")) if place.is_dir() else [place]:
            text = file.read_text(errors="replace")
            if "chan " in text and "func main()" in text and args.filter in file.name:
                yield file


def run(exe, procs, timeout, chaos=0):
    """Exit code (None: hang), output."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("GOMAXPROCS", "GODEBUG", "GOTRACEBACK"))}
    env["GOMAXPROCS"] = str(procs)
    if chaos:
        env["GODEBUG"] = f"gortchaos={chaos}"
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen([exe], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=env)
        try:
            code = child.wait(timeout)
        except subprocess.TimeoutExpired:
            code = None
            child.send_signal(signal.SIGQUIT)
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        out.seek(0)
        return code, out.read(1 << 20).decode(errors="replace")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--gort", required=True)
    p.add_argument("--minutes", type=float, default=20)
    p.add_argument("--jobs", type=int, default=os.cpu_count())
    p.add_argument("--timeout", type=float, default=60)
    p.add_argument("--filter", default="", help="only files whose name contains this")
    p.add_argument("--skip", action="append", default=[], help="not files whose name contains this")
    p.add_argument("--chaos", type=int, default=0, metavar="N", help="GODEBUG=gortchaos=N")
    p.add_argument("--lines", action="store_true", help="also compare the number of lines")
    p.add_argument("places", nargs="*")
    args = p.parse_args()
    gort = Path(args.gort).resolve()

    with tempfile.TemporaryDirectory() as scratch:
        jobs, refused = [], 0
        for i, file in enumerate(programs(args)):
            if any(s in file.name for s in args.skip):
                continue
            exe = f"{scratch}/{i}-{file.stem}"
            built = subprocess.run([gort, "build", "-o", exe, file.name], cwd=file.parent,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if built.returncode != 0:
                refused += 1
                print(f"not built: {file.name}: {built.stdout.decode(errors='replace').splitlines()[:1]}")
                continue
            code, text = run(exe, 1, args.timeout)
            if code is None:
                print(f"hang in the first run: {file.name}\n{text[-4000:]}")
                return 1
            jobs.append((file.name, exe, code, text.count("\n")))
        print(f"{len(jobs)} programs, {refused} not built; {args.minutes} minutes, {args.jobs} at a time", flush=True)

        end = time.monotonic() + args.minutes * 60
        counts, bad = dict.fromkeys(PROCS, 0), []

        def worker(seed):
            choose = random.Random(seed)
            while time.monotonic() < end:
                name, exe, want, lines = choose.choice(jobs)
                procs = choose.choice(PROCS)
                code, text = run(exe, procs, args.timeout)
                counts[procs] += 1
                if code is None:
                    what = "hang"
                elif code != want:
                    what = f"exit {code} instead of {want}"
                elif args.lines and text.count("\n") != lines:
                    what = f"{text.count(chr(10))} lines instead of {lines}"
                else:
                    continue
                bad.append(name)
                print(f"{name} at GOMAXPROCS={procs}: {what}\n{text[-3000:]}", flush=True)

        with ThreadPoolExecutor(args.jobs) as pool:
            list(pool.map(worker, range(args.jobs)))
    print(f"{sum(counts.values())} runs ({', '.join(f'{n} at {p}' for p, n in counts.items())}), {len(bad)} bad")
    return 1 if bad or not jobs else 0


if __name__ == "__main__":
    sys.exit(main())
