#!/usr/bin/env python3
"""Programs that people use, built with official Go and with gort: the same output on the same input.

    modules_programs.py --gort PATH [--rounds N] [--filter NAME] [--gopls]

esbuild, gopher-lua's interpreter, Starlark, bbolt and gofmt, from Debian's packages and GOROOT (see modules_debian.py). Each
is run on input from there with both; printed is the least time of the processor among N runs of each (default 5), which
take turns. `--gopls` builds gopls as well, from Debian's source package, and starts it twice, with official Go and with gort as
its `go`: it must say the same of a module with errors.

Not here: hugo and caddy, which have no `-dev` package and were not tried otherwise; bbolt's own tool, which its `-dev` package
lacks.
"""
import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import goroot
import lsp
import modules_debian as debian

MODULES = [
    ("golang-github-evanw-esbuild-dev", "github.com/evanw/esbuild"),
    ("golang-github-yuin-gopher-lua-dev", "github.com/yuin/gopher-lua"),
    ("golang-starlark-dev", "go.starlark.net"),
    ("golang-github-coreos-bbolt-dev", "go.etcd.io/bbolt"),
    ("golang-golang-x-sys-dev", "golang.org/x/sys"),
]
# What gopls needs besides; its own sources come as a source package.
GOPLS = [
    ("golang-golang-x-tools-dev", "golang.org/x/tools"),
    ("golang-honnef-go-tools-dev", "honnef.co/go/tools"),
    ("golang-mvdan-gofumpt-dev", "mvdan.cc/gofumpt"),
    ("golang-mvdan-xurls-dev", "mvdan.cc/xurls"),
    ("golang-golang-x-vuln-dev", "golang.org/x/vuln"),
    ("golang-github-sergi-go-diff-dev", "github.com/sergi/go-diff"),
]

STARLARK = """//go:build go1.22

package main

import (
	"fmt"
	"os"

	"go.starlark.net/starlark"
)

func main() {
	for _, name := range os.Args[1:] {
		thread := &starlark.Thread{Print: func(_ *starlark.Thread, s string) { fmt.Println(s) }}
		globals, err := starlark.ExecFile(thread, name, nil, nil)
		fmt.Println(globals.Keys(), err)
	}
}
"""

BBOLT = """//go:build go1.22

package main

import (
	"crypto/sha256"
	"fmt"
	"os"

	bolt "go.etcd.io/bbolt"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	name := os.Args[1]
	os.Remove(name)
	db, err := bolt.Open(name, 0o600, &bolt.Options{NoSync: true})
	check(err)
	for round := range 20 {
		check(db.Update(func(tx *bolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists([]byte("b"))
			check(err)
			for i := range 5000 {
				k := fmt.Appendf(nil, "key %d", i*7919%10000)
				if (i+round)%3 == 0 {
					check(b.Delete(k))
				} else {
					check(b.Put(k, fmt.Appendf(nil, "%d %d", round, i)))
				}
			}
			return nil
		}))
	}
	check(db.View(func(tx *bolt.Tx) error {
		for err := range tx.Check() {
			check(err)
		}
		hash := sha256.New()
		check(tx.Bucket([]byte("b")).ForEach(func(k, v []byte) error {
			fmt.Fprintf(hash, "%s=%s\\n", k, v)
			return nil
		}))
		fmt.Printf("%x %+v\\n", hash.Sum(nil), tx.Bucket([]byte("b")).Stats())
		return nil
	}))
	check(db.Close())
	data, err := os.ReadFile(name)
	check(err)
	fmt.Println(len(data))
}
"""

LUA = """
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
print(fib(27))
local words, t = {}, {}
for w in string.gmatch(string.rep("the quick brown fox jumps over the lazy dog ", 2000), "%a+") do
  t[w] = (t[w] or 0) + 1
end
for w, n in pairs(t) do words[#words + 1] = string.format("%s=%d", w, n) end
table.sort(words)
print(table.concat(words, " "))
local co = coroutine.wrap(function() for i = 1, 10000 do coroutine.yield(i) end end)
local sum = 0
for i = 1, 10000 do sum = sum + co() end
print(sum, pcall(error, {1}), select("#", 1, nil))
"""

STAR = """
def primes(n):
    sieve = [True] * (n + 1)
    out = []
    for i in range(2, n + 1):
        if sieve[i]:
            out.append(i)
            for j in range(i * i, n + 1, i):
                sieve[j] = False
    return out

print(len(primes(300000)), primes(50))
big = 1
def power(n):
    x = 1
    for i in range(n):
        x = x * 3 + i
    return x
print(power(3000) % 1000000007)
counts = {}
def count(text):
    for w in text.split(" "):
        counts[w] = counts.get(w, 0) + 1
count("a b c a b a " * 20000)
print(sorted(counts.items()))
print(1 // 0)
"""

BROKEN = {
    "go.mod": "module example.com/m\n\ngo 1.20\n",
    "main.go": 'package main\n\nimport (\n\t"fmt"\n\t"os"\n\n\t"example.com/m/sub"\n)\n\nfunc main() {\n\tn := 1\n\tfmt.Printf("%d\\n", "x")\n'
    "\tvar s string = sub.N\n\tsub.Missing()\n}\n",
    "sub/sub.go": "package sub\n\nconst N = 3\n\nfunc F() {\n\treturn 1\n}\n\nfunc G() bool {\n\tx := []int{1}\n\tx = x\n\treturn true\n}\n",
}


class Program:
    """How to build it: module, package, or sources of our own; how to run it, in a folder with its files."""

    def __init__(self, name, folder, package, commands, files=None, main=None):
        self.name, self.folder, self.package, self.commands = name, folder, package, commands
        self.files, self.main = files or {}, main


def programs(root):
    web = root / "src/internal/trace/traceviewer/static/webcomponents.min.js"
    wasm = root / "lib/wasm/wasm_exec.js"
    lua = debian.SOURCES / "github.com/yuin/gopher-lua/_glua-tests"
    sources = [str(root / "src" / p) for p in ("fmt", "go/doc", "encoding", "text")]
    return [
        Program("esbuild", "github.com/evanw/esbuild", "./cmd/esbuild", [
            [str(web), "--minify", "--target=es2015"],
            [str(wasm), "--bundle", "--sourcemap=inline", "--format=esm"],
            ["x.ts", "--bundle", "--minify", "--metafile=meta.json", "--outfile=out.js"],
            ["wrong.ts"],
        ], {
            "x.ts": "import {f} from './y'\nenum E { A = 1, B = A << 2 }\nclass C<T> { #x?: T = null!; static { f(E.B) } }\nconsole.log(new C<number>(), <any>1)\n",
            "y.ts": "export const f = async <T,>(x: T) => { for await (const y of [x]) console.log(y ?? `${x}`) }\n",
            "wrong.ts": "let x: = 1\nconst y\n",
        }),
        Program("glua", "github.com/yuin/gopher-lua", "./cmd/glua", [["x.lua"], ["wrong.lua"]] + [[str(lua / n)] for n in ("base.lua", "strings.lua", "table.lua", "vm.lua", "math.lua")],
                {"x.lua": LUA, "wrong.lua": "local x = = 1\n"}),
        Program("starlark", "go.starlark.net", None, [["x.star", "wrong.star"]], {"x.star": STAR, "wrong.star": "def f(:\n  pass\n"}, STARLARK),
        Program("bbolt", "go.etcd.io/bbolt", None, [["data.db"]], {}, BBOLT),
        Program("gofmt", None, str(root / "src/cmd/gofmt"), [["-d", "-s", *sources], ["-d", "-r", "a[b:len(a)] -> a[b:]", *sources], ["-l", "wrong.go"]],
                {"wrong.go": "package p\nfunc f( {\n"}),
    ]


def build(tool, work, known, program, env, out):
    if program.folder is None:
        subprocess.run([tool, "build", "-o", out, "."], cwd=program.package, env=dict(env, GOFLAGS=""), check=True)
        return
    debian.write_go_mod(work, known, program.folder)
    cwd, package = work / program.folder, program.package
    if program.main:
        package = "./cmd/try"
        (cwd / package).mkdir(parents=True, exist_ok=True)
        (cwd / package / "main.go").write_text(program.main)
    subprocess.run([tool, "build", "-o", out, package], cwd=cwd, env=env, check=True)
    debian.write_bare(work, known, program.folder)


def run(exe, program, folder):
    """What the program prints and writes, and its time of the processor."""
    for name, text in program.files.items():
        (folder / name).write_text(text)
    said = []
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for command in program.commands:
        done = subprocess.run([exe, *command], cwd=folder, capture_output=True, timeout=300)
        # Times that esbuild prints.
        said.append((done.returncode, done.stdout, re.sub(rb"\d+(\.\d+)?m?s", b"TIME", done.stderr)))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    written = {p.name: p.read_bytes() for p in folder.iterdir() if p.suffix != ".db"}
    return said, written, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(program, executables, rounds, scratch):
    """Whether both do the same; the least times."""
    seen, least = [], [float("inf")] * 2
    for _ in range(rounds):
        for i, exe in enumerate(executables):
            # The same folder for both: its name is in what they print.
            folder = scratch / "run"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            said, written, seconds = run(exe, program, folder)
            least[i] = min(least[i], seconds)
            seen.append((said, written))
    return all(s == seen[0] for s in seen), least, seen


def gopls(work, known, root, gort, go, env, scratch):
    """The number of lines that gopls says of a module with errors, if they are the same in all combinations."""
    folder = "golang.org/x/tools/gopls"
    source = scratch / "source"
    source.mkdir()
    entry = re.sub("^deb ", "deb-src ", (Path("/etc/apt/sources.list").read_text() if Path("/etc/apt/sources.list").is_file() else ""), flags=re.M)
    for file in Path("/etc/apt/sources.list.d").glob("*.sources"):
        entry += file.read_text().replace("Types: deb\n", "Types: deb-src\n")
    name = "list.sources" if "Types:" in entry else "list"
    (source / "parts").mkdir()
    (source / "parts" / f"src.{name.removeprefix('list.')}").write_text(entry)
    (source / "lists/partial").mkdir(parents=True)
    options = ["-q", "-o", "Dir::Etc::sourcelist=/dev/null", "-o", f"Dir::Etc::sourceparts={source}/parts", "-o", f"Dir::State::lists={source}/lists",
               "-o", "APT::Sandbox::User=root"]
    quiet = {"cwd": source, "check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(["apt-get", *options, "update"], **quiet)
    subprocess.run(["apt-get", *options, "source", "golang-golang-x-tools"], **quiet)
    unpacked = next(p for p in source.iterdir() if (p / "gopls").is_dir())
    shutil.rmtree(work / "golang.org/x/tools")
    shutil.copytree(unpacked, work / "golang.org/x/tools")
    for module in ("golang.org/x/tools", folder):
        known[module] = module, "go 1.18"
        debian.write_bare(work, known, module)
    # Go 1.21 has given sizes another type, which this gopls takes for granted is the old one.
    file = work / folder / "internal/lsp/cache/analysis.go"
    file.write_text(file.read_text().replace("m.TypesSizes.(*types.StdSizes)", "&types.StdSizes{WordSize: 8, MaxAlign: 8}"))
    module = scratch / "m"
    for name, text in BROKEN.items():
        (module / name).parent.mkdir(parents=True, exist_ok=True)
        (module / name).write_text(text)
    path = scratch / "bin"
    path.mkdir()
    (path / "go").symlink_to(gort)
    seen = []
    for i, tool in enumerate((go, gort)):
        exe = scratch / f"gopls{i}"
        build(tool, work, known, Program("gopls", folder, ".", []), env, exe)
        for bin in (go.parent, path):
            around = dict(env, GOFLAGS="", PATH=f"{bin}:{os.environ['PATH']}")
            seen.append(lsp.said([exe], module, around, ["main.go", "sub/sub.go"])[0])
    if not seen[0] or any(s != seen[0] for s in seen):
        for s in seen:
            print("  gopls says:", *s, sep="\n    ")
        return 0
    return len(seen[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gort", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--filter", default="")
    parser.add_argument("--gopls", action="store_true")
    args = parser.parse_args()
    gort, root = Path(args.gort).resolve(), goroot.find().resolve()
    go = root / "bin/go"
    debian.install(MODULES + (GOPLS if args.gopls else []))
    passed = failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch).resolve()
        work = scratch / "modules"
        work.mkdir()
        known = debian.copy_modules(work)
        env = debian.environment(root, work)
        for program in programs(root):
            if args.filter not in program.name:
                continue
            executables = [scratch / f"{program.name}-{n}" for n in ("go", "gort")]
            for tool, exe in zip((go, gort), executables):
                build(tool, work, known, program, env, exe)
            same, (official, ours), seen = compare(program, executables, args.rounds, scratch)
            passed, failed = passed + same, failed + (not same)
            verdict = "the same output" if same else "DIFFERENT output"
            print(f"{program.name:9} {verdict}; processor {official:.2f} s, gort {ours:.2f} s: {ours / official:.2f}", flush=True)
            if not same:
                for command, a, b in zip(program.commands, seen[0][0], seen[1][0]):
                    if a != b:
                        print("  ", *command, "\n    go:  ", a[0], a[1][:300], a[2][:300], "\n    gort:", b[0], b[1][:300], b[2][:300])
        if args.gopls:
            lines = gopls(work, known, root, gort, go, env, scratch)
            passed, failed = passed + (lines > 0), failed + (lines == 0)
            print(f"gopls     {lines} lines of diagnostics, the same with official Go and gort" if lines else "gopls     DIFFERENT diagnostics")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
