#!/usr/bin/env python3
"""The cache: what has not changed is found, what has changed is noticed, and no damage shows.

    python3 tests/cache.py --gort PATH [--rounds N] [--filter TEXT]

Every build is compared, byte for byte, with one in the same place that the cache has no part in. `-x` says where an
executable came from. `--rounds` is how many builds are killed at random moments.
"""
import argparse
import os
import pty
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cache_functions  # noqa: F401, for its cases
import cache_good  # noqa: F401
import cache_lowered  # noqa: F401
import cache_vet  # noqa: F401
from cache_place import CASES, Place, case


@case
def unchanged(p):
    assert p.build(hit=False) == "one"
    assert p.build(hit=True) == "one"
    p.write("notes.txt", "of no interest")
    assert p.build(hit=True) == "one"
    p.build("-o", str(p.top / "elsewhere"), "-p", "1", "-v", hit=True, check=False)
    p.build("-a", hit=False)
    p.build(hit=True)
    done = p.gort_("run", ".")
    assert done.stderr.strip() == "one", done.stderr


@case
def sources(p):
    p.build(hit=False)
    file = p.dir / "text.go"
    before = file.stat()
    time.sleep(2.1)
    p.build(hit=True)
    # Same size, same time of change.
    p.text("two")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert p.build(hit=False) == "two"
    # To and fro.
    p.text("one")
    assert p.build(hit=True) == "one"
    p.text("two")
    assert p.build(hit=True) == "two"
    # The same again, written anew.
    p.text("two")
    p.build(hit=True)
    p.write("more.go", "package main\n\nfunc init() { print(\"more \") }\n")
    assert p.build(hit=False) == "more two"
    (p.dir / "more.go").rename(p.dir / "more_windows.go")
    assert p.build() == "two"
    (p.dir / "more_windows.go").unlink()
    assert p.build(hit=True) == "two"
    p.write("inner/inner.go", "package inner\n\nfunc F() { print(\"inner \") }\n")
    p.write("more.go", "package main\n\nimport \"m/inner\"\n\nfunc init() { inner.F() }\n")
    assert p.build(hit=False) == "inner two"
    p.write("inner/inner.go", "package inner\n\nfunc F() { print(\"other \") }\n")
    assert p.build(hit=False) == "other two"
    p.write("inner/go.mod", "module inner\n")
    assert p.gort_("build", ".").returncode == 1
    p.write("more.go", "package main\n\nfunc init() { syntax }\n")
    first = p.gort_("build", ".")
    assert first.returncode == 1 and p.gort_("build", ".").stderr == first.stderr


@case
def quick_edits(p):
    for i in range(8):
        p.text(f"n{i % 3}")
        assert p.build(check=False) == f"n{i % 3}"


@case
def embedded(p):
    p.write("more.go", "package main\n\nimport \"embed\"\n\n//go:embed *.txt d\nvar files embed.FS\n\n"
            "func init() {\n\te, _ := files.ReadDir(\".\")\n\tb, _ := files.ReadFile(\"a.txt\")\n\tprint(len(e), string(b), \" \")\n}\n")
    p.write("a.txt", "A")
    p.write("d/x", "x")
    assert p.build(hit=False) == "2A one"
    assert p.build(hit=True) == "2A one"
    p.write("c.dat", "c")
    assert p.build(hit=True) == "2A one"
    p.write("a.txt", "B")
    assert p.build(hit=False) == "2B one"
    p.write("b.txt", "b")
    assert p.build(hit=False) == "3B one"
    p.write("d/y", "y")
    assert p.build(hit=False) == "3B one"
    (p.dir / "b.txt").unlink()
    assert p.build(hit=False) == "2B one"


@case
def modules(p):
    p.write("dep/go.mod", "module example.com/dep\n")
    p.write("dep/dep.go", "package dep\n\nconst Text = \"dep\"\n")
    p.write("main.go", "package main\n\nimport \"example.com/dep\"\n\nfunc main() { print(text, dep.Text, \"\\n\") }\n")
    p.write("go.mod", "module m\n\ngo 1.27\n\nrequire example.com/dep v1.0.0\n\nreplace example.com/dep => ./dep\n")
    assert p.build(hit=False) == "onedep"
    assert p.build(hit=True) == "onedep"
    p.write("dep/dep.go", "package dep\n\nconst Text = \"new\"\n")
    assert p.build(hit=False) == "onenew"
    p.write("go.mod", (p.dir / "go.mod").read_text() + "\ngodebug panicnil=1\n")
    assert p.build(hit=False) == "onenew"
    p.write("vendor/modules.txt", "# example.com/dep v1.0.0 => ./dep\n## explicit\nexample.com/dep\n# example.com/dep => ./dep\n")
    p.write("vendor/example.com/dep/dep.go", "package dep\n\nconst Text = \"vendored\"\n")
    assert p.build(hit=False) == "onevendored"
    p.write("vendor/example.com/dep/dep.go", "package dep\n\nconst Text = \"Vendored\"\n")
    assert p.build(hit=False) == "oneVendored"
    assert p.build("-mod=mod", hit=False) == "onenew"
    shutil.rmtree(p.dir / "vendor")
    assert p.build() == "onenew"
    p.write("../go.work", "go 1.27\n\nuse ./m\nuse ./own\n")
    p.write("../own/go.mod", "module example.com/dep\n\ngo 1.27\n")
    p.write("../own/dep.go", "package dep\n\nconst Text = \"workspace\"\n")
    p.write("go.mod", "module m\n\ngo 1.27\n\nrequire example.com/dep v1.0.0\n")
    assert p.build(hit=False) == "oneworkspace"
    assert p.build(hit=True) == "oneworkspace"


@case
def flags_and_environment(p):
    p.write("tagged.go", "//go:build special\n\npackage main\n\nfunc init() { print(\"special \") }\n")
    assert p.build(hit=False) == "one"
    assert p.build("-tags", "special", hit=False) == "special one"
    assert p.build("-tags", "special", hit=True) == "special one"
    assert p.build(hit=True) == "one"
    assert p.build("-ldflags", "-X main.text=given", hit=False) == "given"
    assert p.build("-ldflags", "-X main.text=Given", hit=False) == "Given"
    assert p.build("-ldflags", "-s", hit=False) == "one"
    assert p.build("-trimpath", hit=False) == "one"
    assert p.build(env={"GOFLAGS": "-tags=special"}, hit=None) == "special one"
    assert p.build(env={"GOMAXPROCS": "1", "PATH": os.environ["PATH"] + ":/nowhere"}, hit=True) == "one"
    p.build(env={"GOWORK": "off"}, hit=False)
    for target in ("main.go text.go".split(), ["./..."]):
        first = p.gort_("build", "-x", "-o", str(p.top / "out"), *target)
        again = p.gort_("build", "-x", "-o", str(p.top / "out"), *target)
        assert first.returncode == again.returncode == 0, first.stderr + again.stderr
        assert "gort compile" not in again.stderr
    (p.dir / "none").mkdir()
    warned = [p.gort_("build", "./none/...", "./...").stderr for _ in range(2)]
    assert "matched no packages" in warned[0] and warned[0] == warned[1], warned


@case
def another_gort(p):
    gort = p.top / "gort"
    shutil.copy(p.gort, gort)
    p.build(gort=gort, hit=False)
    # The same in another place, then others in the same place.
    p.build(hit=True)
    for _ in range(2):
        with open(gort, "ab") as f:
            f.write(b"x")
        p.build(gort=gort, hit=False, check=False)
        p.build(gort=gort, hit=True, check=False)
    p.build(hit=True)


@case
def assembly(p):
    p.write("f.go", "package main\n\nfunc f() int\n\nfunc init() { print(f(), \" \") }\n")
    body = "#include \"textflag.h\"\n#include \"sub/n.h\"\n\nTEXT ·f(SB), NOSPLIT, $0-8\n\tMOVQ $N, ret+0(FP)\n\tRET\n"
    p.write("f_amd64.s", body)
    p.write("sub/n.h", "#include \"sub/m.h\"\n#define N M\n")
    p.write("sub/m.h", "#define M 1\n")
    assert p.build(hit=False) == "1 one"
    assert p.build(hit=True) == "1 one"
    p.write("sub/m.h", "#define M 2\n")
    assert p.build(hit=False) == "2 one"
    p.write("f_amd64.s", body.replace("$N", "$3"))
    assert p.build(hit=False) == "3 one"
    p.write("textflag.h", "#define NOSPLIT 4\n#define nothing\n")
    assert p.build(hit=False) == "3 one"


@case
def library(p):
    root = p.top / "goroot"
    (root / "src").mkdir(parents=True)
    for f in p.goroot.iterdir():
        if f.name != "src":
            (root / f.name).symlink_to(f)
    for f in (p.goroot / "src").iterdir():
        if f.name != "errors":
            (root / "src" / f.name).symlink_to(f)
    shutil.copytree(p.goroot / "src/errors", root / "src/errors")
    env = {"GOROOT": str(root)}
    p.write("main.go", "package main\n\nimport \"errors\"\n\nfunc main() { print(errors.New(\"e\").Error(), \"\\n\") }\n")
    assert p.build(env=env, hit=False) == "e"
    assert p.build(env=env, hit=True) == "e"
    file = root / "src/errors/errors.go"
    file.write_text(file.read_text().replace("return e.s", "return e.s + \"!\""))
    assert p.build(env=env, hit=False) == "e!"
    (root / "src/errors/more.go").write_text("package errors\n\nfunc init() { print(\"more \") }\n")
    assert p.build(env=env, hit=False) == "more e!"
    assert p.build(hit=False) == "e"


@case
def terminal(p):
    """What a long build is at shows on a terminal, is gone in the end, and is not in a file."""
    p.write("main.go", "package main\n\nimport \"net/http\"\n\nfunc main() { println(http.StatusText(200)) }\n")

    def on_terminal(*args):
        ours, theirs = pty.openpty()
        child = subprocess.Popen([p.gort, *args], cwd=p.dir, env={**p.env, "TERM": "xterm"}, stderr=theirs, stdout=theirs)
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 4096):
                shown += piece
        except OSError:
            pass
        os.close(ours)
        child.wait()
        return shown.decode()

    shown = on_terminal("run", ".")
    assert shown.startswith("\r\x1b[Kgort: ") and shown.endswith("\r\x1b[KOK\r\n"), shown
    assert on_terminal("run", ".") == "OK\r\n"
    p.write("main.go", (p.dir / "main.go").read_text() + "// more\n")
    done = p.gort_("build", "-o", "out", ".", env={"TERM": "xterm"})
    assert done.stdout + done.stderr == "", done.stderr


@case
def interrupted(p):
    """Temporary folders go, and what the program makes of the key is reported."""
    temp = p.top / "temp"
    temp.mkdir()
    env = {**p.env, "TMPDIR": str(temp)}

    def interrupt(args, wait):
        # Shells let what they start in the background ignore the key.
        default = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
        child = subprocess.Popen([p.gort, *args], cwd=p.dir, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                 start_new_session=True, preexec_fn=default)
        wait(child)
        os.killpg(child.pid, signal.SIGINT)
        out, err = child.communicate(timeout=60)
        assert not any(temp.iterdir()), list(temp.iterdir())
        return child.returncode, err

    p.write("main.go", "package main\n\nimport \"time\"\n\nfunc main() { print(text, \"\\n\"); time.Sleep(time.Minute) }\n")
    ended = interrupt(["run", "."], lambda child: child.stderr.readline())
    assert ended == (1, "signal: interrupt\n"), ended
    p.write("main.go", (p.dir / "main.go").read_text().replace("main() { ", "main() { c := make(chan os.Signal, 1); signal.Notify(c, os.Interrupt); ")
            .replace("time.Sleep(time.Minute)", "<-c").replace("import \"time\"", "import (\n\t\"os\"\n\t\"os/signal\"\n)"))
    ended = interrupt(["run", "."], lambda child: child.stderr.readline())
    assert ended == (0, ""), ended
    for i in range(20):
        p.text(f"i{i}")
        code, err = interrupt(["build", "-x", "-o", "out", "."], lambda child: time.sleep(random.uniform(0.02, 0.2)))
        assert code in (0, 1), (code, err)


@case
def together(p):
    start = lambda i: subprocess.Popen([p.gort, "build", "-o", str(p.top / f"o{i}"), "."], cwd=p.dir, env=p.env)
    for text in ("a", "b"):
        p.text(text)
        builds = [start(i) for i in range(4)]
        assert all(b.wait() == 0 for b in builds)
        assert len({(p.top / f"o{i}").read_bytes() for i in range(4)}) == 1
        assert p.build(hit=True) == text


@case
def killed(p):
    took = []
    for i in range(3):
        p.text(f"t{i}")
        start = time.time()
        p.build(check=False)
        took.append(time.time() - start)
    for i in range(p.rounds):
        p.text(f"k{i}")
        b = subprocess.Popen([p.gort, "build", "-o", str(p.top / "out"), "."], cwd=p.dir, env=p.env,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # Half of them near the end, where the cache is written.
        at = random.uniform(0.8, 1.05) if i % 2 else random.uniform(0, 1)
        time.sleep(at * min(took))
        b.kill()
        b.wait()
        assert p.build(check=i % 10 == 0) == f"k{i}"
        assert p.build(hit=True, check=False) == f"k{i}"


@case
def damaged(p):
    def damage(change):
        for f in [f for kind in "xmicplg" for f in p.entries(kind)]:
            f.chmod(0o755)
            f.write_bytes(change(bytearray(f.read_bytes())))

    def flip(data):
        if data:
            data[random.randrange(len(data))] ^= 1 << random.randrange(8)
        return data

    p.build(hit=False)
    ways = [flip] * 3 + [lambda d: d[:len(d) // 2], lambda d: b"", lambda d: d + b"x", lambda d: bytes(len(d))]
    for way in ways:
        damage(way)
        assert p.build(check=way is flip) == "one"
        assert p.build(hit=True, check=False) == "one"
        # Another program, for which the code of functions would be found.
        damage(way)
        p.text("other")
        assert p.build(check=way is flip) == "other"
        p.text("one")
        p.build(check=False)
        done = p.gort_("run", ".")
        assert done.stderr.strip() == "one", done.stderr
    for f in p.entries("x"):
        f.unlink()
    assert p.build(hit=False) == "one"
    for f in p.entries("m"):
        f.unlink()
        f.mkdir()
    assert p.build(hit=False) == "one"


@case
def no_room(p):
    # A file where the folder should be; a system that has no such folders.
    for cache in (p.write("../file", ""), Path("/proc/none")):
        for _ in range(2):
            assert p.build(hit=False, env={"GORT_CACHE": str(cache)}) == "one"
    shell = lambda mount: ["unshare", "-rm", "sh", "-c", f"{mount} && exec \"$0\" \"$@\""]
    small = p.top / "small"
    small.mkdir()
    mount = f"mount -t tmpfs -o size=64k none {small}"
    if subprocess.run(shell(mount) + ["true"], capture_output=True).returncode != 0:
        print("cache: no_room: mounts are not allowed here, so full and read-only file systems are left out")
        return
    assert p.build(hit=False, env={"GORT_CACHE": str(small)}, wrap=shell(mount)) == "one"
    p.build(hit=False)
    only_read = shell(f"mount --bind {p.cache} {p.cache} && mount -o remount,bind,ro {p.cache}")
    assert p.build(hit=True, wrap=only_read) == "one"
    p.text("two")
    for _ in range(2):
        assert p.build(hit=False, wrap=only_read) == "two"


@case
def results_of_tests(p):
    p.write("m_test.go", "package main\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc TestM(t *testing.T) {\n\tt.Log(os.Getenv(\"VAR\"), text)\n"
            "\tif b, _ := os.ReadFile(\"data\"); string(b) == \"bad\" {\n\t\tt.Fatal(\"bad\")\n\t}\n}\n")

    def test(*args, cached, ok=True, env={}):
        done = p.gort_("test", *args, env=env)
        assert (done.returncode == 0) == ok, done.stdout + done.stderr
        assert ("(cached)" in done.stdout) == cached, (args, env, done.stdout)
        return done.stdout.replace("(cached)", "")

    old = time.time() - 60
    test(".", cached=False)
    test(".", cached=True)
    test(cached=False)
    test("-count=1", ".", cached=False)
    first = test("-v", ".", cached=False)
    assert test("-v", ".", cached=True).split("\nok")[0] == first.split("\nok")[0]
    test("-run=M", "-short", ".", cached=False)
    test("-run=M", "-short", ".", cached=True)
    test("-run=None", ".", cached=False)
    assert "[no tests to run]" in test("-run=None", ".", cached=True)
    test(".", env={"VAR": "x"}, cached=False)
    test(".", env={"VAR": "x"}, cached=True)
    test(".", env={"GODEBUG": "panicnil=1"}, cached=False)
    p.write("data", "good")
    test(".", cached=False)
    os.utime(p.dir / "data", (old, old))
    test(".", cached=False)
    test(".", cached=True)
    p.write("data", "bad")
    os.utime(p.dir / "data", (old, old + 1))
    test(".", cached=False, ok=False)
    test(".", cached=False, ok=False)
    p.write("data", "good")
    os.utime(p.dir / "data", (old, old))
    test(".", cached=True)
    assert p.gort_("clean", "-testcache").returncode == 0
    test(".", cached=False)
    test(".", cached=True)
    for f in p.entries("t"):
        f.write_bytes(f.read_bytes()[:-1] + b"x")
    test(".", cached=False)
    p.text("two")
    test(".", cached=False)
    p.write("q/q.go", "package q\n")
    for name in "rst":
        p.write(f"{name}/{name}_test.go", f"package {name}\n\nimport \"testing\"\n\nfunc Test(t *testing.T) {{ t.Log(1) }}\n")
    lines = lambda out: [line.split("\t")[:2] for line in out.splitlines()]
    first = lines(test("./...", cached=True))
    assert first == [["ok  ", "m"], ["?   ", "m/q"], ["ok  ", "m/r"], ["ok  ", "m/s"], ["ok  ", "m/t"]], first
    assert p.gort_("test", "./...").stdout.count("(cached)") == 4
    p.write("s/s_test.go", (p.dir / "s/s_test.go").read_text().replace("Log(1)", "Fatal(2)"))
    again = p.gort_("test", "./...")
    assert again.returncode == 1 and again.stdout.count("(cached)") == 3
    assert lines(again.stdout)[:3] == first[:3] and lines(again.stdout)[-2:-1] == [["ok  ", "m/t"]], again.stdout
    shown = p.gort_("clean", "-cache", "-n").stdout
    assert shown.startswith(f"rm -rf {p.cache}/build/") and p.entries("m")
    done = p.gort_("clean", "-cache", ".")
    assert done.returncode == 1 and done.stderr == "go: clean -cache cannot be used with package arguments\n"
    assert p.gort_("clean", "-cache").returncode == 0 and not p.entries("m")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--gort", required=True)
    parser.add_argument("--rounds", type=int, default=8, help="builds to kill")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--filter", default="")
    args = parser.parse_args()
    gort = Path(args.gort).resolve()
    goroot = Path(subprocess.run([gort, "env", "GOROOT"], capture_output=True, text=True).stdout.strip())
    seed = args.seed if args.seed is not None else random.randrange(1 << 30)
    failed = 0
    cases = [f for f in CASES if args.filter in f.__name__]
    for f in cases:
        random.seed(seed)
        start = time.time()
        with tempfile.TemporaryDirectory() as scratch:
            place = Place(gort, goroot, scratch)
            place.rounds = args.rounds
            try:
                f(place)
                word = "ok  "
            except AssertionError as e:
                import traceback
                line = traceback.extract_tb(e.__traceback__)[1].lineno
                failed += 1
                word = f"FAIL line {line} (seed {seed}): {e}\n    "
        print(f"{word} {f.__name__} {time.time() - start:.1f}s", flush=True)
    print(f"cache: {len(cases)} cases, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
