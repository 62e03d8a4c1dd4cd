"""gort install and gort run of packages with and without a version: the same commands with gort and with official Go, from
a module proxy in a folder.

Usage: install.py --gort PATH [--no-go]

Each case is a command, run in a folder with a module or in an empty one. Compared are exit code, output, and what is
installed: its name, what it prints, and the module that it says it is of.
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
    "example.com/tool@v1.0.0": {
        "go.mod": "module example.com/tool\n\ngo 1.27\n\nrequire example.com/dep v1.1.0\n",
        "main.go": 'package main\n\nimport (\n\t"fmt"\n\t"runtime/debug"\n\n\t"example.com/dep"\n)\n\nfunc main() {\n\tinfo, _ := debug.ReadBuildInfo()\n'
        '\tfmt.Println("tool 1", dep.N, info.Path, info.Main.Path, info.Main.Version, info.Main.Sum)\n\tfor _, d := range info.Deps {\n'
        '\t\tfmt.Println(d.Path, d.Version, d.Sum)\n\t}\n}\n',
        "cmd/other/other.go": 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("other") }\n',
        "lib/lib.go": "package lib\n",
    },
    "example.com/tool@v1.2.0": {
        "go.mod": "module example.com/tool\n\ngo 1.27\n",
        "main.go": 'package main\n\nimport (\n\t"fmt"\n\t"os"\n)\n\nfunc main() {\n\tdir, _ := os.Getwd()\n\tfmt.Println("tool 2", os.Args[1:], dir)\n}\n',
    },
    "example.com/dep@v1.1.0": {
        "go.mod": "module example.com/dep\n\ngo 1.27\n",
        "dep.go": "package dep\n\nconst N = 11\n",
    },
    "example.com/replaces@v1.0.0": {
        "go.mod": "module example.com/replaces\n\ngo 1.27\n\nreplace example.com/dep => ../dep\n",
        "main.go": "package main\n\nfunc main() {}\n",
    },
    "example.com/major/v2@v2.0.1": {
        "go.mod": "module example.com/major/v2\n\ngo 1.27\n",
        "main.go": 'package main\n\nfunc main() { print("major\\n") }\n',
    },
}

HERE = {
    "go.mod": "module example.com/here\n\ngo 1.27\n",
    "main.go": 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("here") }\n',
    "a/a.go": 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("a") }\n',
    "lib/lib.go": "package lib\n\nfunc F() int { return 1 }\n",
    "bad/bad.go": "package main\n\nfunc main() { x := 1 }\n",
    "one.go": "//go:build ignore\n\npackage main\n\nfunc main() { println(1) }\n",
    "here": "left from before\n",
}

# Arguments, whether there is a module, further environment.
CASES = [
    ("install", True, {}),
    ("install ./a ./lib", True, {}),
    ("install example.com/here/a", True, {"GOBIN": ""}),
    ("install ./a ./bad", True, {}),
    ("install ./lib", True, {}),
    ("install ./nosuch", True, {}),
    ("install one.go", True, {}),
    ("install .", True, {"GOBIN": "relative"}),
    ("install -n -nosuch", True, {}),
    ("install example.com/tool", False, {}),
    ("install example.com/tool@v1.0.0", False, {}),
    ("install example.com/tool@v1.0.0", True, {"GOFLAGS": "-trimpath"}),
    ("install example.com/tool@latest", True, {}),
    ("install example.com/tool/...@v1.0.0", False, {}),
    ("install example.com/tool/lib@v1.0.0", False, {}),
    ("install example.com/major/v2@latest", False, {}),
    ("install example.com/replaces@v1.0.0", False, {}),
    ("install example.com/nosuch@v1.0.0", False, {}),
    ("install example.com/tool@v9.9.9", False, {}),
    ("install example.com/tool/nosuch@v1.0.0", False, {}),
    ("install ./a@v1.0.0", True, {}),
    ("install ./...", True, {}),
    ("install example.com/tool@v1.0.0 example.com/tool@v1.2.0", False, {}),
    ("install fmt@v1.0.0", False, {}),
    ("install all@v1.0.0", False, {}),
    ("install example.com/tool@", False, {}),
    ("run example.com/tool@v1.2.0 x y", True, {}),
    ("run example.com/tool@v1.0.0", False, {}),
    ("run example.com/tool/lib@v1.0.0", False, {}),
]
# Of gort's own, with what it says.
OWN = [
    ("install cmd/asm", "gort does not install commands of the distribution: cmd/asm"),
    ("install -modfile=x.mod example.com/tool@v1.0.0", "gort does not support -modfile=x.mod for packages with a version"),
]


def proxy(folder):
    for name, files in MODULES.items():
        path, version = name.split("@")
        at = folder / path / "@v"
        at.mkdir(parents=True, exist_ok=True)
        with (at / "list").open("a") as f:
            f.write(version + "\n")
        (at / f"{version}.info").write_text(f'{{"Version":"{version}","Time":"2026-01-01T00:00:00Z"}}')
        (at / f"{version}.mod").write_text(files["go.mod"])
        with zipfile.ZipFile(at / f"{version}.zip", "w") as z:
            for file, text in files.items():
                z.writestr(f"{name}/{file}", text)


def run(tool, line, module, more, top, env):
    """Exit code, output, and what has been installed."""
    shutil.rmtree(top / "w", ignore_errors=True)
    work = top / "w/m"
    work.mkdir(parents=True)
    if module:
        for name, text in HERE.items():
            file = work / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)
        (work / "here").chmod(0o755)
    env = env | {"GOPATH": str(top / "w/path"), "GOMODCACHE": str(top / "w/cache"), "GOBIN": str(top / "w/bin")} | more
    done = subprocess.run([tool, *line.split()], cwd=work, env=env, capture_output=True, text=True, timeout=300)
    installed = {}
    for folder in (top / "w/bin", top / "w/path/bin"):
        for exe in sorted(folder.glob("*")):
            said = subprocess.run([exe], cwd=work, capture_output=True, text=True)
            installed[f"{folder.name} {exe.name}"] = (said.returncode, said.stdout + said.stderr)
    subprocess.run(["chmod", "-R", "u+w", top / "w"])
    text = done.stdout + done.stderr
    # go prints what it downloads in no order.
    lines = [l for l in text.splitlines() if not l.startswith("go: downloading")]
    downloads = sorted(l for l in text.splitlines() if l.startswith("go: downloading"))
    return done.returncode, downloads, "\n".join(lines), installed, (work / "here").exists()


def shown(result, name):
    """A tool's name for itself is its own."""
    code, downloads, text, installed, left = result
    text = re.sub(r"^usage: .*\n(Run '.*)?", "usage", text, flags=re.M)
    return code, downloads, text.replace(f"Run '{name} ", "Run 'go "), installed, left


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gort", required=True)
    parser.add_argument("--no-go", action="store_true", help="only what is gort's own")
    a = parser.parse_args()
    root = pathlib.Path(goroot.find())
    go = root / "bin/go"
    gort = os.path.abspath(a.gort)
    env = {k: v for k, v in os.environ.items() if not k.startswith("GO") or k.startswith("GORT")}
    env |= {"GOROOT": str(root), "GOTOOLCHAIN": "local", "GOSUMDB": "off", "GOENV": "off", "CGO_ENABLED": "0"}
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="gort-install-") as tmp:
        top = pathlib.Path(tmp)
        proxy(top / "proxy")
        env["GOPROXY"] = (top / "proxy").as_uri()
        cases = CASES if go.exists() and not a.no_go else []
        for line, module, more in cases:
            got = shown(run(gort, line, module, more, top, env), "gort")
            want = shown(run(str(go), line, module, more, top, env), "go")
            if got == want:
                passed += 1
                continue
            failed += 1
            print("differs:", line, "" if module else "(no module)", more)
            for g, w in zip(got, want):
                if g != w:
                    print(" gort:", g, "\n want:", w)
        for line, text in OWN:
            code, _, got, installed, _ = run(gort, line, False, {}, top, env)
            if (code, got, installed) == (1, text, {}):
                passed += 1
            else:
                failed += 1
                print("differs:", line, "\n gort:", code, got, installed, "\n want:", text)
    print(f"install: {passed} passed, {failed} failed" + ("" if cases else "; there is no official Go to compare with"))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
