"""Commands that official Go's own cmd/go does, compiled by gort: what they print and change is official Go's.

Usage: upstream.py --gort PATH [--no-go]
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import goroot

FILES = {
    "go.mod": "module example.com/m\n\ngo 1.27\n\nrequire example.com/dep v1.0.0\n\nreplace example.com/dep => ./dep\n",
    "main.go": "package main\n\nimport (\n\t\"fmt\"\n\n\t\"example.com/dep\"\n)\n\n//go:generate echo made\n\nfunc main() { fmt.Println(dep.N) }\n",
    "ugly.go": "package main\n\nfunc  ugly( ) {\n x:=1\n  _ = x }\n",
    "dep/go.mod": "module example.com/dep\n\ngo 1.27\n",
    "dep/dep.go": "// Package dep has a number.\npackage dep\n\n// N is a number.\nconst N = 7\n",
    "wrong/wrong.go": 'package wrong\n\nimport "fmt"\n\nfunc F() { fmt.Printf("%d\\n", "text") }\n\nvar X interface{}\n',
}

# Each with what it must print where there is no official Go to ask; those with None are then left out.
COMMANDS = [
    (["list", "./..."], "example.com/m\nexample.com/m/wrong\n"),
    (["list", "-json", "."], None),
    (["list", "-deps", "-f", "{{.ImportPath}} {{.Standard}}", "."], None),
    (["list", "-m", "all"], "example.com/m\nexample.com/dep v1.0.0 => ./dep\n"),
    (["list", "nosuch/package"], None),
    (["mod", "graph"], None),
    (["mod", "why", "example.com/dep"], None),
    (["mod", "edit", "-require=example.com/other@v1.2.3", "-print"], None),
    (["mod", "tidy", "-v"], ""),
    (["mod", "verify"], None),
    (["mod", "nosuch"], None),
    (["fmt", "./..."], "ugly.go\n"),
    (["doc", "example.com/dep"], None),
    (["doc", "strings.Builder"], None),
    (["generate", "./..."], "made\n"),
    (["work", "init", ".", "./dep"], ""),
    (["work", "edit", "-print"], None),
    (["list", "-m"], "example.com/m\nexample.com/dep\n"),
    (["help", "mod", "tidy"], None),
    (["mod", "vendor"], None),
    (["list", "-C", "dep", "."], "example.com/dep\n"),
    # Of gort's own commands, what only official Go's does.
    (["env", "GOPROXY", "GONOSUMDB"], None),
    (["env", "-json", "GOPRIVATE"], None),
    (["env", "-w", "GOPRIVATE=example.com"], None),
    (["env", "-u", "GOPRIVATE"], None),
    (["env", "-w", "NOSUCH=1"], None),
    (["env", "GO111MODULE", "GOFLAGS"], "\n\n"),
    (["version", "main.go"], None),
    (["version", "-m", "."], None),
    (["clean", "-x", "-n", "./..."], None),
    (["clean", "-n", "-modcache", "-cache", "x"], None),
    (["clean", "-nosuch"], None),
    (["telemetry"], None),
    (["help", "modules"], None),
    (["help", "nosuch"], None),
]
# With a GOROOT that has no executables: what these commands need is compiled, which takes a minute.
CHECKS = [
    (["vet", "./..."], None),
    (["vet", "."], ""),
    (["vet", "-p=1", "-json", "./..."], None),
    (["vet", "-c=1", "./..."], None),
    (["vet", "-printf=false", "./..."], ""),
    (["vet", "-copylocks", "./..."], ""),
    (["vet", "-tags=x", "-printf.funcs=F", "./nosuch"], None),
    (["vet", "-nosuch"], None),
    (["vet", "-vettool=/nosuch", "."], None),
    (["vet", "fmt"], ""),
    (["list", "-export", "-deps", "-f", "{{if .Export}}{{.ImportPath}} {{.Stale}}{{end}}", "./..."], None),
    (["list", "-export", "-e", "-json=ImportPath,Error", "./..."], None),
    (["fix", "-diff", "./..."], None),
    (["fix", "-omitzero=false", "./..."], ""),
    (["tool", "nosuch"], None),
    (["tool", "pprof", "nosuch"], None),
    (["tool", "dist", "list"], None),
    (["tool", "nm", "main.go"], None),
]
# With a GOROOT that is none.
LOST = [(["env", "-json", "GOROOT"], None), (["list", "std"], None)]


def module(folder):
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def snapshot(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def run(tool, args, folder, env):
    done = subprocess.run([tool, *args], cwd=folder, env=env, capture_output=True, text=True, timeout=900)
    return done.returncode, done.stdout, done.stderr


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gort", required=True)
    parser.add_argument("--no-go", action="store_true", help="compare with what is written here only")
    a = parser.parse_args()
    root = pathlib.Path(goroot.find())
    go = root / "bin/go"
    official = None if a.no_go or not go.exists() else str(go)
    bare = goroot.bare(root)
    env = {k: v for k, v in os.environ.items() if not k.startswith("GO") or k.startswith("GORT")}
    env |= {"GOROOT": str(root), "GOTOOLCHAIN": "local", "GOFLAGS": "", "GOPROXY": "off", "GOENV": "off"}
    # Where GOROOT is none, the sources of tools are found by way of `go`.
    env["PATH"] = f"{root}/bin:{env['PATH']}"
    passed = failed = left_out = 0
    with tempfile.TemporaryDirectory(prefix="gort-upstream-") as tmp:
        tmp = pathlib.Path(tmp)
        ours, theirs = tmp / "m", tmp / "official" / "m"
        env["GOENV"] = str(ours / "settings")
        # One after the other in the same place: folders are in what they print.
        cases = [(*c, {}, {}) for c in COMMANDS] + [(*c, {"GOROOT": "/nosuch"}, {}) for c in LOST]
        # What official Go has left in its cache would be taken.
        lacking = {"GOROOT": str(bare), "GOCACHE": str(bare.parent / "gocache")}
        cases += [(*c, {}, lacking) for c in CHECKS]
        for args, text, more, less in cases:
            if not official and text is None:
                left_out += 1
                continue
            if not ours.exists():
                module(ours)
            shutil.copytree(ours, theirs, dirs_exist_ok=True)
            got = run(os.path.abspath(a.gort), args, ours, env | more | less)
            after = snapshot(ours)
            want = (0, text, got[2])
            if official:
                shutil.rmtree(ours)
                shutil.copytree(theirs, ours)
                want = run(official, args, ours, env | more)
                if snapshot(ours) != after:
                    print("files differ after", *args)
                    failed += 1
                    continue
            shutil.rmtree(theirs)
            if got != want:
                print("differs:", *args, "\n gort:", got, "\n want:", want)
                failed += 1
            else:
                passed += 1
    print(f"upstream: {passed} passed, {failed} failed" + (f", {left_out} left out: there is no official Go to compare with" if left_out else ""))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
