#!/usr/bin/env python3
"""Official Go's compiler, built by gort, must write the same objects as official Go's compiler built by itself.

    compiler.py --gort PATH [--go PATH] [PACKAGE...]

Builds cmd/compile of GOROOT with gort, then compiles packages of the standard library with both compilers, and compares
the objects byte for byte. Printed are wall time and peak memory of both.
"""
import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import goroot

PACKAGES = ["strconv", "fmt", "net/url", "text/template", "go/types", "net/http"]
EXPORTS = "{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}"
IMPORTS = "{{range $k, $v := .ImportMap}}importmap {{$k}}={{$v}}\n{{end}}"
FILES = "{{range .GoFiles}}{{$.Dir}}/{{.}}\n{{end}}"


def listed(go, package, form, *flags):
    """What `go list` says of a package."""
    done = subprocess.run([go, "list", *flags, "-f", form, package], check=True, capture_output=True, text=True)
    return done.stdout


def timed(command):
    """Wall time in seconds and peak memory in MB."""
    start = time.monotonic()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command[0]} ended with status {status}")
    return time.monotonic() - start, usage.ru_maxrss / 1024


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--gort", required=True)
    p.add_argument("packages", nargs="*", default=PACKAGES)
    a = p.parse_args()
    root = goroot.find()
    go = root / "bin/go" if root else None
    if not go or not os.access(go, os.X_OK):
        print("compiler: official Go is not there")
        return 0
    os.environ["GOROOT"] = str(root)
    official = next((root / "pkg/tool").glob("*/compile"))
    bad = 0
    with tempfile.TemporaryDirectory(prefix="gort-compiler-") as tmp:
        tmp = Path(tmp)
        ours = tmp / "compile"
        seconds = time.monotonic()
        subprocess.run([os.path.abspath(a.gort), "build", "-a", "-o", ours, "."], cwd=root / "src/cmd/compile", check=True)
        print(f"cmd/compile: built by gort in {time.monotonic() - seconds:.1f} s")
        for package in a.packages:
            config = tmp / "importcfg"
            config.write_text(listed(go, package, EXPORTS, "-export", "-deps") + listed(go, package, IMPORTS))
            files = listed(go, package, FILES).split()
            objects, costs = [], []
            for compiler in (official, ours):
                out = tmp / "object"
                costs.append(timed([compiler, "-std", "-p", package, "-c=2", "-importcfg", config, "-o", out, *files]))
                objects.append(out.read_bytes())
            same = objects[0] == objects[1]
            bad += not same
            figures = ", ".join(f"{name} {s:.2f} s {mb:.0f} MB" for name, (s, mb) in zip(("Go", "gort"), costs))
            print(f"{package}: {len(objects[0])} bytes, {'identical' if same else 'DIFFERENT'} ({figures})")
    print(f"compiler: {len(a.packages) - bad} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
