"""Modules that a build needs and that are not there: the same commands with gort and with official Go, from a module proxy in a
folder. Compared are exit code, output, and the files of the module after it.

Usage: download.py --gort PATH [--no-go]
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

import goroot

# module@version: files.
MODULES = {
    "example.com/dep@v1.0.0": {
        "go.mod": "module example.com/dep\n\ngo 1.27\n\nrequire example.com/deeper v1.1.0\n",
        "dep.go": 'package dep\n\nimport "example.com/deeper"\n\nconst N = deeper.N + 1\n',
    },
    "example.com/deeper@v1.1.0": {"go.mod": "module example.com/deeper\n\ngo 1.27\n", "deeper.go": "package deeper\n\nconst N = 6\n"},
    "example.com/fortest@v1.0.0": {"go.mod": "module example.com/fortest\n\ngo 1.27\n", "fortest.go": "package fortest\n\nconst N = 7\n"},
}
HERE = {
    "go.mod": "module example.com/here\n\ngo 1.27\n\nrequire (\n\texample.com/dep v1.0.0\n\texample.com/fortest v1.0.0\n)\n\nrequire example.com/deeper v1.1.0 // indirect\n",
    "main.go": 'package main\n\nimport (\n\t"fmt"\n\n\t"example.com/dep"\n)\n\nfunc main() { fmt.Println("here", dep.N) }\n',
    "main_test.go": 'package main\n\nimport (\n\t"testing"\n\n\t"example.com/dep"\n\t"example.com/fortest"\n)\n\nfunc TestN(t *testing.T) {\n\tif dep.N != fortest.N {\n\t\tt.Fatal(dep.N)\n\t}\n}\n',
    "lost/lost.go": 'package main\n\nimport _ "example.com/nosuch"\n\nfunc main() {}\n',
    "sub/sub.go": "package sub\n",
}
# Arguments, whether go.sum is there, and what must be printed, exit status last, where there is no official Go to ask.
CASES = [
    ("build -o out .", True, "0"),
    ("run .", True, "here 7\n0"),
    ("run -C sub ..", True, "here 7\n0"),
    ("test .", True, "ok  \texample.com/here\tTIME\n0"),
    ("test . ./sub", True, "ok  \texample.com/here\tTIME\n?   \texample.com/here/sub\t[no test files]\n0"),
    ("run -mod=mod .", False, "here 7\n0"),
    ("build .", False, None),
    ("build ./lost", True, None),
    ("build -mod=mod ./lost", True, None),
    ("test ./lost", True, None),
]


def proxy(folder):
    for name, files in MODULES.items():
        path, version = name.split("@")
        at = folder / path / "@v"
        at.mkdir(parents=True, exist_ok=True)
        (at / "list").write_text(version + "\n")
        (at / f"{version}.info").write_text(f'{{"Version":"{version}","Time":"2026-01-01T00:00:00Z"}}')
        (at / f"{version}.mod").write_text(files["go.mod"])
        with zipfile.ZipFile(at / f"{version}.zip", "w") as z:
            for file, text in files.items():
                z.writestr(zipfile.ZipInfo(f"{name}/{file}"), text)


def run(tool, line, sums, top, env):
    """What is printed, the exit code, and the files after it."""
    work = top / "m"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    for name, text in (HERE | ({"go.sum": sums} if sums else {})).items():
        (work / name).parent.mkdir(exist_ok=True)
        (work / name).write_text(text)
    env = env | {"GOMODCACHE": str(top / "modcache")}
    done = subprocess.run([tool, *line.split()], cwd=work, env=env, capture_output=True, text=True, timeout=300)
    subprocess.run([tool, "clean", "-modcache"], env=env, check=True)
    # Packages are looked for at the same time, in any order.
    said = re.sub(r"\t(\d+\.\d+s|\(cached\))", "\tTIME", done.stdout), sorted(done.stderr.replace(str(top), "TOP").splitlines())
    files = {p.name: p.read_bytes() for p in sorted(work.rglob("*")) if p.is_file() and p.name not in ("out", "here")}
    return (*said, done.returncode, files)


def sums_of(gort, top, env):
    """The go.sum of the module."""
    *_, files = run(gort, "mod tidy -e", "", top, env)
    return files["go.sum"].decode()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gort", required=True)
    parser.add_argument("--no-go", action="store_true", help="compare with what is written here only")
    a = parser.parse_args()
    gort = os.path.abspath(a.gort)
    root = pathlib.Path(goroot.find())
    go = root / "bin/go"
    official = None if a.no_go or not go.exists() else str(go)
    env = {k: v for k, v in os.environ.items() if not k.startswith("GO") or k.startswith("GORT")}
    failed = compared = 0
    with tempfile.TemporaryDirectory(prefix="gort-download-") as scratch:
        top = pathlib.Path(scratch).resolve()
        proxy(top / "proxy")
        env |= {"GOROOT": str(root), "GOTOOLCHAIN": "local", "GOPROXY": f"file://{top}/proxy", "GOSUMDB": "off", "GOENV": "off", "CGO_ENABLED": "0",
                "GOFLAGS": ""}
        sums = sums_of(gort, top, env)
        for line, with_sums, text in CASES:
            if not official and text is None:
                continue
            compared += 1
            given = sums if with_sums else ""
            got = run(gort, line, given, top, env)
            if text is not None and got[0] + str(got[2]) != text:
                print("differs:", line, "\n gort:", got[:3], "\n want:", text)
                failed += 1
            if official and (want := run(official, line, given, top, env)) != got:
                print("differs:", line, "\n gort:", got, "\n go:  ", want)
                failed += 1
    print(f"download: {compared} commands, {failed} differences")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
