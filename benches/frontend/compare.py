#!/usr/bin/env python3
"""Speed of the front end against go/parser and go/types, interleaved.

    compare.py --go GO --check CHECKFILES [--rounds N] [PACKAGE]

GO is the official go command (GOROOT is asked of it), CHECKFILES the example of gort-types in release form.
Prints the best wall time and the peak memory of each, and the ratios (lower is better for gort).
"""
import argparse
import os
import subprocess
import tempfile
import time
from pathlib import Path


def run(cmd, env):
    start = time.monotonic()
    process = subprocess.Popen(cmd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{cmd[0]}: {out.decode()}")
    return time.monotonic() - start, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--go", required=True)
    parser.add_argument("--check", required=True)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("package", nargs="?", default="net/http")
    args = parser.parse_args()
    goroot = subprocess.run([args.go, "env", "GOROOT"], capture_output=True, text=True, check=True).stdout.strip()
    env = dict(os.environ, GOROOT=goroot, GO111MODULE="off", GOTOOLCHAIN="local")
    with tempfile.TemporaryDirectory() as scratch:
        control = Path(scratch, "control")
        source = Path(__file__).with_name("control.go")
        subprocess.run([args.go, "build", "-o", control, source], env=env, check=True)
        forms = {
            "go serial": [control, args.package],
            "go parallel": [control, "-p", args.package],
            "gort": [args.check, "--std", args.package],
        }
        best = {}
        for _ in range(args.rounds):
            for name, cmd in forms.items():
                t, mb = run(cmd, env)
                old = best.get(name, (t, mb))
                best[name] = (min(t, old[0]), min(mb, old[1]))
    for name, (t, mb) in best.items():
        print(f"{name:12} {t * 1000:8.0f} ms {mb:8.1f} MB")
    go = min((best[n] for n in forms if n != "gort"), key=lambda b: b[0])
    print(f"ratio        {best['gort'][0] / go[0]:8.2f}    {best['gort'][1] / go[1]:8.2f}")


if __name__ == "__main__":
    main()
